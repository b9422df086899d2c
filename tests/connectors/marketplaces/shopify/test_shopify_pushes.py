"""Webhooks of Shopify: genuine, forged, old, of another shop, signed by a rotated secret; what they hint at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadSignature
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint, PushRequest
from connectors.marketplaces.shopify import Shopify
from connectors.marketplaces.shopify.pushes import sign
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.shopify.papers import ORDER, REFUND, RETURN

SECRET = "hush_shopify_client_secret"
SHOP = Shopify(Account({"shop": "lamps"}, {"client_secret": SECRET, "old_client_secret": "before"}))
PUBLISHED = (
    '{"id":6100000000042,"admin_graphql_api_id":"gid://shopify/Order/6100000000042",'
    '"updated_at":"2026-10-19T04:30:02-04:00","note":"café ☕"}'
).encode()


def a_push(topic: str, body: Any, secret: str = SECRET, **headers: str) -> PushRequest:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    told = {"x-shopify-topic": topic, "x-shopify-hmac-sha256": sign(secret, raw), "x-shopify-webhook-id": "d1"}
    return PushRequest("POST", "/push", {}, told | headers, raw, NOW)


def hints(topic: str, body: Any) -> tuple[Any, ...]:
    return SHOP.parse_push_reports(a_push(topic, body))


def test_the_published_body_has_the_published_signature():
    assert sign(SECRET, PUBLISHED) == "GbArKz7MqvPKz1uxqHtrozFbJze3GoE3bkMz+WBTq7o="


def test_a_body_written_anew_has_another_signature():
    again = (
        b'{"id": 6100000000042, "admin_graphql_api_id": "gid://shopify/Order/6100000000042", '
        b'"updated_at": "2026-10-19T04:30:02-04:00", "note": "caf\\u00e9 \\u2615"}'
    )
    assert orjson.loads(again) == orjson.loads(PUBLISHED)
    assert sign(SECRET, again) == "4hCNmMrxpp8gwdU79V+VNbD6QpLULunkLlXTHsUO0bU="
    with pytest.raises(BadSignature):
        SHOP.verify_push(replace(a_push("orders/updated", PUBLISHED), body=again))


def test_a_secret_before_rotation_still_signs_and_a_strange_one_does_not():
    assert SHOP.verify_push(a_push("orders/updated", PUBLISHED, "before")).topic == "orders/updated"
    with pytest.raises(BadSignature):
        SHOP.verify_push(a_push("orders/updated", PUBLISHED, "strange"))


@pytest.mark.parametrize("header", ["", "not base64!", "Zm9v"])
def test_a_header_that_is_no_signature_is_refused(header: str):
    with pytest.raises(BadSignature):
        SHOP.verify_push(a_push("orders/updated", PUBLISHED, **{"x-shopify-hmac-sha256": header}))


def test_an_account_without_a_secret_verifies_nothing():
    empty = Shopify(Account({"shop": "lamps"}, {"client_secret": ""}))
    with pytest.raises(BadSignature):
        empty.verify_push(a_push("orders/updated", PUBLISHED, ""))


@pytest.mark.parametrize(
    ("age", "good"), [(timedelta(days=1), True), (timedelta(days=4), False), (-timedelta(hours=1), False)]
)
def test_a_day_late_is_good_and_much_later_is_a_replay(age: timedelta, good: bool):
    push = a_push("orders/updated", PUBLISHED, **{"x-shopify-triggered-at": (NOW - age).isoformat()})
    if good:
        assert SHOP.verify_push(push).answer.status == 200
    else:
        with pytest.raises(BadSignature, match="too long ago"):
            SHOP.verify_push(push)


def test_a_push_of_another_shop_of_the_same_app_is_refused():
    with pytest.raises(BadSignature, match="another shop"):
        SHOP.verify_push(a_push("orders/updated", PUBLISHED, **{"x-shopify-shop-domain": "rugs.myshopify.com"}))
    ours = a_push("orders/updated", PUBLISHED, **{"x-shopify-shop-domain": "Lamps.myshopify.com"})
    assert SHOP.verify_push(ours).key


def test_a_retry_has_the_same_key_and_a_forged_body_another():
    first, retry = (SHOP.verify_push(a_push("orders/updated", PUBLISHED)).key for _ in range(2))
    other = SHOP.verify_push(a_push("orders/updated", PUBLISHED + b" ")).key
    assert first == retry
    assert first != other


def test_an_order_s_webhook_hints_at_it_with_the_stamp_in_utc():
    stamp = datetime(2026, 10, 19, 8, 30, 2, tzinfo=UTC)
    assert hints("orders/updated", PUBLISHED) == (ChangeHint("order", "gid://shopify/Order/6100000000042", stamp),)
    assert hints("orders/delete", {"id": 5001}) == (ChangeHint("order", ORDER),)


def test_a_refund_s_webhook_hints_at_its_return_where_it_has_one():
    alone = {"id": 951, "admin_graphql_api_id": REFUND, "order_id": 5001}
    assert hints("refunds/create", alone) == (ChangeHint("case", REFUND), ChangeHint("order", ORDER))
    returned = alone | {"return": {"id": 901, "admin_graphql_api_id": RETURN}}
    assert hints("refunds/create", returned)[0] == ChangeHint("case", RETURN)


def test_a_return_s_webhook_hints_at_it_and_its_order():
    body = {"id": 901, "admin_graphql_api_id": RETURN, "order": {"id": 5001, "admin_graphql_api_id": ORDER}}
    assert hints("returns/request", body) == (ChangeHint("case", RETURN), ChangeHint("order", ORDER))


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("fulfillments/create", {"id": 851, "order_id": 5001}),
        ("fulfillment_orders/placed_on_hold", {"fulfillment_order": {"id": "gid://x", "order_id": 5001}}),
    ],
)
def test_webhooks_about_goods_hint_at_their_order(topic: str, body: dict[str, Any]):
    assert hints(topic, body) == (ChangeHint("order", ORDER),)


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}", {"id": None}, {"id": True}, {"id": []}])
def test_a_webhook_that_tells_nothing_hints_at_nothing(body: Any):
    for topic in ("orders/updated", "refunds/create", "returns/request", "inventory_levels/update", "app/uninstalled"):
        assert hints(topic, body) == ()


def test_a_genuine_push_without_hints_parses_to_none():
    assert SHOP.parse_push(a_push("app/uninstalled", {"id": 1})) is None
