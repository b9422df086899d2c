"""Tokens, headers, error bodies and faults at the front door."""

from __future__ import annotations

import pytest

from tests.sandbox.amazon.caller import ORDERS, Caller, iso
from tests.sandbox.amazon.conftest import MakeCaller


def test_a_refresh_token_buys_access_tokens(shop: Caller) -> None:
    told = shop.grant()
    assert (told["token_type"], told["expires_in"]) == ("bearer", 3600)
    assert told["access_token"].startswith("Atza|")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": ""}, "invalid_request"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"refresh_token": "Atzr|wrong"}, "invalid_grant"),
        ({"refresh_token": ""}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "all"}, "invalid_scope"),
        ({"grant_type": "authorization_code", "code": "wrong"}, "invalid_grant"),
    ],
)
def test_a_wrong_grant_is_refused(shop: Caller, form: dict[str, str], error: str) -> None:
    told = shop.grant(**form)
    assert set(told) == {"error", "error_description"}
    assert told["error"] == error


def test_the_owner_is_sent_back_with_a_code_that_buys_once(shop: Caller) -> None:
    query = {"application_id": shop.twin.keys["application_id"], "state": "s1", "redirect_uri": "http://hub.invalid/back"}
    back = shop.client.get("/apps/authorize/consent", query_string=query).headers["Location"]
    assert "state=s1" in back
    assert "selling_partner_id=" in back
    code = back.split("spapi_oauth_code=")[1]
    assert shop.grant(grant_type="authorization_code", code=code)["refresh_token"].startswith("Atzr|")
    assert shop.grant(grant_type="authorization_code", code=code)["error"] == "invalid_grant"


@pytest.mark.parametrize(("token", "words"), [("", "missing"), ("Atza|no", "malformed")])
def test_a_call_without_a_good_token_is_forbidden(shop: Caller, token: str, words: str) -> None:
    status, code, details = shop.refused("GET", f"{ORDERS}?lastUpdatedAfter={iso(60)}", token=token)
    assert (status, code) == (403, "Unauthorized")
    assert words in details


def test_an_expired_token_is_forbidden(start: MakeCaller) -> None:
    shop = start(expires_in=0)
    assert shop.refused("GET", ORDERS) == (403, "Unauthorized", "The access token you provided has expired.")


def test_every_answer_names_its_request_and_rate(shop: Caller) -> None:
    answer = shop.send("GET", ORDERS, query_string={"lastUpdatedAfter": iso(60)})
    assert answer.headers["x-amzn-RateLimit-Limit"] == "0.336"  # The documented 0.0056, sixty times faster.
    assert answer.headers["x-amzn-RequestId"]


def test_a_rate_limit_has_the_header_or_not(shop: Caller) -> None:
    for seconds, header in ((5, "0.2"), (0, None)):
        shop.faults({"kind": "rate_limit", "seconds": seconds, "max_times": 1})
        answer = shop.send("GET", ORDERS)
        assert answer.status_code == 429
        assert answer.get_json()["errors"][0]["code"] == "QuotaExceeded"
        assert answer.headers.get("x-amzn-RateLimit-Limit") == header
        assert "Retry-After" not in answer.headers


def test_the_documented_rates_hold_when_they_are_set(start: MakeCaller) -> None:
    shop = start(limits=True)
    shop.twin.buckets.speed = 0.001
    query = {"lastUpdatedAfter": iso(60)}
    statuses = [shop.send("GET", ORDERS, query_string=query).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]


def test_an_expired_session_is_told_in_each_endpoints_words(shop: Caller) -> None:
    shop.faults({"kind": "expired_session"})
    assert shop.refused("GET", ORDERS)[:2] == (403, "Unauthorized")
    assert shop.grant()["error"] == "invalid_grant"


def test_a_restricted_token_opens_personal_fields(shop: Caller) -> None:
    number = shop.one()
    path = f"/orders/v0/orders/{number}/address"
    assert "Name" not in shop.get(path)["payload"]["ShippingAddress"]
    body = {"restrictedResources": [{"method": "GET", "path": path}]}
    token = shop.post("/tokens/2021-03-01/restrictedDataToken", body)["restrictedDataToken"]
    told = shop.send("GET", path, token=token).get_json()["payload"]["ShippingAddress"]
    assert told["Name"]
    assert told["Phone"]
    assert shop.refused("GET", f"{ORDERS}/{number}", token=token)[0] == 403


def test_a_restricted_token_needs_resources(shop: Caller) -> None:
    body = {"restrictedResources": [{"method": "", "path": "/x"}]}
    refused = shop.refused("POST", "/tokens/2021-03-01/restrictedDataToken", json=body)
    assert refused == (400, "InvalidRequest", "Resource not provided.")


def test_a_twin_goes_on_where_it_stopped(start: MakeCaller) -> None:
    first = start()
    number, token = first.one(), first.token
    first.twin.close()
    again = start()
    again.token = token
    assert again.order(number)["orderId"] == number
    assert again.one() != number


def test_a_page_is_cut_in_half(shop: Caller) -> None:
    shop.one()
    shop.faults({"kind": "broken_page", "match": "searchOrders"})
    assert shop.send("GET", ORDERS, query_string={"lastUpdatedAfter": iso(60)}).get_json(silent=True) is None
