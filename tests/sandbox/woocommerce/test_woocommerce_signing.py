"""Who may call: keys by header, address or signature, and what WordPress answers to everybody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qsl, quote

import pytest

from connectors.sandbox.woocommerce.deliveries import signature

from .caller import V3, Caller, oauth_address, refused

ORDERS = f"{V3}/orders"


def test_keys_are_taken_by_header_and_by_address(shop: Caller) -> None:
    keys = shop.twin.keys
    query = {"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret}
    assert shop.call("GET", "/orders").status_code == 200
    assert shop.client.get(ORDERS, query_string=query).status_code == 200
    wrong = shop.client.get(ORDERS, query_string={**query, "consumer_secret": "cs_wrong"})
    assert refused(wrong) == (401, "woocommerce_rest_authentication_error")


def test_nobody_and_unknown_keys_see_nothing(shop: Caller) -> None:
    assert refused(shop.client.get(ORDERS)) == (401, "woocommerce_rest_cannot_view")
    assert refused(shop.client.get(ORDERS, auth=("ck_other", "cs_other"))) == (401, "woocommerce_rest_cannot_view")
    posted = shop.client.post(f"{V3}/webhooks", json={})
    assert refused(posted) == (401, "woocommerce_rest_cannot_create")
    assert shop.client.get("/wp-json/").json["namespaces"].count("wc/v3") == 1


@pytest.mark.parametrize("digest", ["SHA1", "SHA256"])
def test_a_signed_call_is_answered_once(shop: Caller, digest: str) -> None:
    address = oauth_address("GET", ORDERS, {"per_page": "5", "search": "中 文+x"}, digest=digest)
    assert shop.client.get(address).status_code == 200
    again = shop.client.get(address)
    assert refused(again) == (401, "woocommerce_rest_authentication_error")
    assert "nonce" in again.json["message"]


def test_a_signature_is_taken_from_the_header_too(shop: Caller) -> None:
    query = parse_qsl(oauth_address("GET", ORDERS, {}).partition("?")[2])
    header = "OAuth " + ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in query)
    assert shop.client.get(ORDERS, headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"secret": "cs_wrong"}, "provided signature does not match"),
        ({"oauth_consumer_key": "ck_other"}, "Consumer key is invalid"),
        ({"oauth_timestamp": str(int(time.time()) - 3600)}, "Invalid timestamp"),
        ({"oauth_signature_method": "PLAINTEXT"}, "signature method is invalid"),
    ],
)
def test_wrong_signatures_are_refused(shop: Caller, changes: dict[str, str], message: str) -> None:
    response = shop.client.get(oauth_address("GET", ORDERS, {}, **changes))
    assert refused(response) == (401, "woocommerce_rest_authentication_error")
    assert message in response.json["message"]


@pytest.mark.parametrize("name", ["oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature_method"])
def test_every_signing_parameter_is_required(shop: Caller, name: str) -> None:
    response = shop.client.get(oauth_address("GET", ORDERS, {}, **{name: ""}))
    assert refused(response) == (401, "woocommerce_rest_authentication_missing_parameter")
    assert response.json["message"] == f"Missing OAuth parameter {name}"


def test_plain_keys_are_worth_nothing_without_https(start: Callable[..., Caller]) -> None:
    shop = start(https=False)
    assert refused(shop.call("GET", "/orders")) == (401, "woocommerce_rest_cannot_view")
    assert shop.client.get(oauth_address("GET", ORDERS, {})).status_code == 200


def test_a_reading_key_writes_nothing(start: Callable[..., Caller]) -> None:
    shop = start(permissions="read")
    response = shop.call("PUT", f"/orders/{shop.make()}", {"status": "completed"})
    assert refused(response) == (401, "woocommerce_rest_authentication_error")
    assert "write permissions" in response.json["message"]


def test_a_webhook_secret_signs_with_its_entities_decoded() -> None:
    body = b'{"id":801,"status":"processing","total":"49.20"}'
    assert signature('s&cret"quote', body) == "/SwNHHiGx+4AQtgEeA7KCifMZwfjooEoAcF585FDBaI="
    assert signature("s&amp;cret&quot;quote", body) == signature('s&cret"quote', body)


def test_a_damaged_body_and_an_unknown_route_are_named(shop: Caller) -> None:
    number = shop.make()
    broken = shop.client.put(f"{ORDERS}/{number}", data="{", content_type="application/json", headers=shop.basic)
    assert refused(broken) == (400, "rest_invalid_json")
    assert refused(shop.call("GET", "/tombstones")) == (404, "rest_no_route")
    assert refused(shop.call("DELETE", "/products")) == (404, "rest_no_route")
