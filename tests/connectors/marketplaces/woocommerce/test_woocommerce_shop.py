"""Notes, cancelling, stock, listings, and what webhooks hint at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord, BadSignature, Refused
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint, PushRequest, StockLevel
from connectors.marketplaces.woocommerce import WooCommerce
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.woocommerce.papers import NO, a_push, an_order, error_body
from tests.connectors.marketplaces.woocommerce.stage import NO_ROUTE, SECRETS, SITE, Stage

NOTES = f"orders/{NO}/notes"


def test_a_memo_becomes_a_private_note_once():
    with Stage() as stage:
        notes: list[dict[str, Any]] = []
        stage.answers[f"GET {NOTES}"] = lambda query, payload: (200, notes)
        stage.answers[f"POST {NOTES}"] = lambda query, payload: (201, notes.append(dict(payload)) or {"id": 5})
        assert stage.woo.set_memo(NO, "Tom & Co first", "red").reference == "5"
        notes[0]["note"] = "Tom &amp; Co first"
        stage.woo.set_memo(NO, "Tom & Co first", "")
        stage.woo.set_memo(NO, "", "red")
        assert stage.writes() == [(f"POST {NOTES}", {"note": "Tom & Co first", "customer_note": False})]


def test_an_open_order_is_cancelled_a_cancelled_one_is_left_a_shipped_one_is_refused():
    with Stage() as stage:
        stage.answers[f"PUT orders/{NO}"] = 200, an_order(status="cancelled")
        for status, expected in (("processing", 1), ("cancelled", 1)):
            stage.answers[f"GET orders/{NO}"] = 200, an_order(status=status)
            stage.woo.cancel_order(NO, "asked by the buyer")
            assert len(stage.writes()) == expected
        stage.answers[f"GET orders/{NO}"] = 200, an_order(status="completed")
        with pytest.raises(Refused, match="pay it back"):
            stage.woo.cancel_order(NO, "asked by the buyer")
    assert stage.writes() == [(f"PUT orders/{NO}", {"status": "cancelled"})]


def test_stock_is_set_in_batches_variations_by_their_product():
    with Stage() as stage:
        stage.answers["POST products/batch"] = lambda query, payload: (200, payload)
        stage.answers["POST products/7/variations/batch"] = lambda query, payload: (200, payload)
        levels = [StockLevel(str(100 + i), "", i) for i in range(120)] + [StockLevel("7", "8", -3)]
        assert stage.woo.push_stock(levels).done == 121
        sizes = [(name, len(payload["update"])) for name, payload in stage.writes()]
    assert sizes == [("POST products/batch", 100), ("POST products/batch", 20), ("POST products/7/variations/batch", 1)]
    assert stage.writes()[-1][1]["update"] == [{"id": 8, "manage_stock": True, "stock_quantity": 0}]


def test_single_levels_are_refused_and_the_others_go_on():
    with Stage() as stage:
        failed = {"id": 2, "error": {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."}}
        stage.answers["POST products/batch"] = 200, {"update": [{"id": 1}, failed]}
        stage.answers["POST products/9/variations/batch"] = 404, error_body("woocommerce_rest_invalid", "No product.")
        levels = (StockLevel("1", "", 1), StockLevel("2", "", 1), StockLevel("9", "91", 1), StockLevel("x", "", 1))
        answer = stage.woo.push_stock(levels)
    assert answer.done == 1
    assert answer.refused["2", ""] == "Invalid ID."
    assert answer.refused["9", "91"] == "No product."
    assert ("x", "") in answer.refused


def test_listings_are_read_with_their_variations():
    with Stage() as stage:
        plain = {
            "id": 1,
            "name": "Cup &amp; saucer",
            "sku": "CUP",
            "price": "9.50",
            "status": "publish",
            "variations": [],
        }
        variable = {"id": 2, "name": "Hoodie", "sku": "H", "status": "publish", "variations": [3], "attributes": []}
        blue = {
            "id": 3,
            "sku": "H-BLU",
            "price": "40.00",
            "status": "publish",
            "manage_stock": True,
            "stock_quantity": 4,
            "global_unique_id": "8712345678906",
            "attributes": [{"id": 1, "name": "Colour", "option": "Blue"}],
        }
        stage.answers |= {
            "GET data/currencies/current": (200, {"code": "EUR"}),
            "GET products": (200, [plain | {"attributes": []}, variable]),
            "GET products/2/variations": (200, [blue]),
        }
        page = stage.woo.pull_listings("")
    first, second = page.listings
    assert not page.more
    assert (first.listing_no, first.variant_no, first.title, first.price, first.units) == (
        "1",
        "",
        "Cup & saucer",
        950,
        None,
    )
    assert (second.listing_no, second.variant_no, second.seller_code, second.variant) == (
        "2",
        "3",
        "H-BLU",
        "Colour: Blue",
    )
    assert (second.units, second.barcode, second.currency, second.is_on_sale) == (4, "8712345678906", "EUR", True)


def test_listings_go_on_page_by_page_and_without_a_currency_have_no_price():
    with Stage() as stage:
        rows = [{"id": i, "name": "x", "price": "1.00", "status": "draft"} for i in range(1, 21)]
        stage.answers["GET products"] = lambda query, payload: (200, rows if query["page"] == "1" else [])
        first = stage.woo.pull_listings("")
        second = stage.woo.pull_listings(first.cursor)
        assert stage.answers.get("GET data/currencies/current", NO_ROUTE) == NO_ROUTE
    assert (first.more, second.more) == (True, False)
    assert (first.listings[0].price, first.listings[0].is_on_sale) == (None, False)
    with pytest.raises(BadRecord, match="start anew"):
        stage.woo.pull_listings("nonsense")


# ---- pushes ----------------------------------------------------------------------------------


def shop(secret: str = "hush") -> WooCommerce:
    return WooCommerce(Account({}, SECRETS | {"webhook_secret": secret}, gateway=SITE), clock=lambda: NOW)


def test_an_order_s_delivery_hints_at_the_order():
    push = a_push(orjson.dumps(an_order()), "hush")
    envelope = shop().verify_push(push)
    assert (envelope.topic, envelope.number, envelope.answer.status) == ("order.updated", NO, 200)
    assert shop().parse_push_reports(push) == (ChangeHint("order", NO, datetime(2026, 3, 2, 3, 30, tzinfo=UTC)),)


def test_deleting_and_refunding_hint_at_the_order_too():
    deleted = a_push(b'{"id":4711}', "hush", "order.deleted")
    refunded = a_push(b'{"action":"woocommerce_order_refunded","arg":4711}', "hush", "action.woocommerce_order_refunded")
    assert shop().parse_push(deleted) == shop().parse_push(refunded) == ChangeHint("order", NO)


def test_other_topics_hint_at_nothing():
    assert shop().parse_push(a_push(b'{"id":71}', "hush", "product.updated")) is None


def test_the_ping_that_tries_an_address_is_answered_though_it_is_not_signed():
    ping = PushRequest("POST", "/push", {}, {}, b"webhook_id=17", NOW)
    assert shop("").verify_push(ping).answer.status == 200
    assert shop().parse_push(ping) is None
    with pytest.raises(BadSignature):
        shop().verify_push(replace(ping, body=b"webhook_id=17&order=1"))


def test_header_names_may_come_in_any_case():
    push = a_push(orjson.dumps(an_order()), "hush")
    shouted = replace(push, headers={name.upper(): value for name, value in push.headers.items()})
    assert shop().verify_push(shouted) == shop().verify_push(push)


def test_a_delivery_sent_again_has_its_first_key_and_a_second_refund_another():
    again = {"X-WC-Webhook-Delivery-ID": "d2"}
    body, action = orjson.dumps(an_order()), b'{"action":"woocommerce_order_refunded","arg":4711}'
    assert shop().verify_push(a_push(body, "hush")).key == shop().verify_push(a_push(body, "hush", headers=again)).key
    topic = "action.woocommerce_order_refunded"
    first, second = a_push(action, "hush", topic), a_push(action, "hush", topic, headers=again)
    assert shop().verify_push(first).key != shop().verify_push(second).key


def test_without_a_secret_nothing_is_genuine():
    with pytest.raises(BadSignature, match="into the account"):
        shop("").verify_push(a_push(b"{}", ""))


def test_a_refusal_is_told_with_its_status():
    assert shop().refuse_push("not genuine").status == 401
