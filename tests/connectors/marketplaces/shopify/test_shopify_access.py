"""Access to a shop: the owner's page, the signed way back, tokens and their renewal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import responses

from connectors.contract.errors import AuthFailed, Retryable
from connectors.contract.manifest import Account
from connectors.marketplaces.shopify import Shopify
from connectors.marketplaces.shopify.access import domain_of, sign_query
from tests.connectors.contract_suite import NOW

TOKEN_URL = "https://lamps.myshopify.com/admin/oauth/access_token"
ACCOUNT = Account({"shop": "lamps", "client_id": "app-1"}, {"client_secret": "stage-client"})


@pytest.fixture
def platform() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def a_shop(**secrets: str) -> Shopify:
    return Shopify(replace(ACCOUNT, secrets={**ACCOUNT.secrets, **secrets}), clock=lambda: NOW)


def way_back(**changes: str) -> dict[str, str]:
    query = {"code": "c0de", "shop": "lamps.myshopify.com", "state": "s1", "timestamp": "1772424000"} | changes
    return {"hmac": sign_query(query, "stage-client"), **query}


def test_the_documented_way_back_has_the_documented_signature():
    query = {
        "code": "0907a61c0c8d55e99db179b68161bc00",
        "shop": "some-shop.myshopify.com",
        "state": "0.6784241404160823",
        "timestamp": "1337178173",
        "hmac": "left out",
    }
    assert sign_query(query, "hush") == "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"


@pytest.mark.parametrize("shop", ["lamps", "Lamps.myshopify.com", "https://lamps.myshopify.com/"])
def test_a_shop_is_named_in_any_way(shop: str):
    assert domain_of(Account({"shop": shop})) == "lamps.myshopify.com"


def test_the_owner_s_page_asks_for_the_scopes():
    page = urlsplit(a_shop().authorise_url("https://hub.example/back", "s1"))
    asked = parse_qs(page.query)
    assert (page.netloc, page.path) == ("lamps.myshopify.com", "/admin/oauth/authorize")
    assert (asked["client_id"], asked["redirect_uri"], asked["state"]) == (
        ["app-1"],
        ["https://hub.example/back"],
        ["s1"],
    )
    assert {"read_orders", "write_returns", "write_inventory"} <= set(asked["scope"][0].split(","))


def test_a_code_brings_tokens_that_run_out(platform: responses.RequestsMock):
    granted = {"access_token": "new", "refresh_token": "again", "expires_in": 3600, "refresh_token_expires_in": 86400}
    platform.add(responses.POST, TOKEN_URL, json=granted)
    found = a_shop().exchange_code(way_back(), "https://hub.example/back")
    assert found.secrets == {"access_token": "new", "refresh_token": "again"}
    assert (found.expires_at, found.ends_at) == (NOW + timedelta(hours=1), NOW + timedelta(days=1))
    sent = dict(parse_qsl(platform.calls[0].request.body))
    assert sent == {"client_id": "app-1", "client_secret": "stage-client", "code": "c0de", "expiring": "1"}


@pytest.mark.parametrize(
    "query",
    [
        {**way_back(), "code": "forged"},
        {**way_back(), "hmac": ""},
        way_back(shop="other.myshopify.com"),
        way_back(code=""),
    ],
)
def test_a_way_back_that_is_not_genuine_asks_nobody(query: dict[str, str], platform: responses.RequestsMock):
    with pytest.raises(AuthFailed):
        a_shop().exchange_code(query, "https://hub.example/back")
    assert not platform.calls


def test_a_public_app_renews_by_its_refresh_token(platform: responses.RequestsMock):
    platform.add(responses.POST, TOKEN_URL, json={"access_token": "new", "refresh_token": "next", "expires_in": 3600})
    found = a_shop(refresh_token="old").refresh()
    assert found.secrets == {"access_token": "new", "refresh_token": "next"}
    sent = dict(parse_qsl(platform.calls[0].request.body))
    assert (sent["grant_type"], sent["refresh_token"]) == ("refresh_token", "old")


def test_a_shop_s_own_app_renews_by_its_client_credentials(platform: responses.RequestsMock):
    platform.add(responses.POST, TOKEN_URL, json={"access_token": "day", "scope": "x", "expires_in": 86399})
    found = a_shop().refresh()
    assert (found.secrets, found.ends_at) == ({"access_token": "day"}, None)
    assert found.expires_at == NOW + timedelta(seconds=86399)
    assert dict(parse_qsl(platform.calls[0].request.body))["grant_type"] == "client_credentials"


def test_a_refused_renewal_asks_for_the_owner_and_tells_no_secret(platform: responses.RequestsMock):
    platform.add(responses.POST, TOKEN_URL, status=400, json={"error_description": "old-token stage-client is invalid"})
    with pytest.raises(AuthFailed, match="authorise the shop again") as caught:
        a_shop(refresh_token="old-token").refresh()
    assert not caught.value.expired
    assert "old-token" not in str(caught.value)
    assert "stage-client" not in str(caught.value)


def test_an_answer_without_a_token_is_asked_again_later(platform: responses.RequestsMock):
    platform.add(responses.POST, TOKEN_URL, body=b"<html>")
    with pytest.raises(Retryable):
        a_shop().refresh()


def test_a_shop_without_a_token_wants_to_be_refreshed_first(platform: responses.RequestsMock):
    with pytest.raises(AuthFailed) as caught:
        a_shop().get_order("1")
    assert caught.value.expired
    assert not platform.calls
