"""Signatures, addresses, ways to sign in, secrecy of calls to a shop."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.marketplaces.woocommerce import WooCommerce
from connectors.marketplaces.woocommerce.client import site_root
from connectors.marketplaces.woocommerce.signing import oauth_signature, webhook_signature
from tests.connectors.contract_kit import EVERYWHERE, assert_silent
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.woocommerce.papers import MAIL, NO, PHONE, an_order, error_body
from tests.connectors.marketplaces.woocommerce.stage import SECRETS, SITE, Stage

ORDER = f"GET orders/{NO}"
MEMO = "Frau Blau wants blue"


@pytest.mark.parametrize("secret", ['s&cret"quote', "s&amp;cret&quot;quote"])
def test_webhook_signature_equals_the_worked_example_however_the_secret_is_written(secret: str):
    body = b'{"id":801,"status":"processing","total":"49.20"}'
    assert webhook_signature(secret, body) == "/SwNHHiGx+4AQtgEeA7KCifMZwfjooEoAcF585FDBaI="


def test_oauth_signature_equals_one_reckoned_by_openssl():
    params = {
        "oauth_consumer_key": "ck_1",
        "oauth_timestamp": "1772424000",
        "oauth_nonce": "n0nce",
        "oauth_signature_method": "HMAC-SHA256",
        "modified_after": "2026-03-02T03:59:59",
        "search": "a b&c~",
    }
    url = "http://shop.example.invalid/wp-json/wc/v3/orders"
    assert oauth_signature("GET", url, params, "cs_1") == "VNNteYEQj2el1yc9hc9wprreLMfOfxXLNwZEsaJtID0="


@pytest.mark.parametrize(
    "typed", [SITE, SITE + "/", SITE + "/wp-json", SITE + "/wp-json/wc/v3/", SITE + "/?rest_route=/wc/v3"]
)
def test_the_site_is_found_in_whatever_address_was_typed(typed: str):
    assert site_root(typed) == SITE


def test_a_site_in_a_folder_keeps_it():
    assert site_root("https://example.invalid/shop/wp-json/wc/v3") == "https://example.invalid/shop"


def test_keys_go_into_the_header():
    with Stage() as stage:
        stage.answers[ORDER] = 200, an_order()
        stage.woo.get_order(NO)
        request = stage.platform.calls[0].request
    assert request.url == f"{SITE}/wp-json/wc/v3/orders/{NO}"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"ck_stage:cs_stage").decode()


def test_keys_go_into_the_query_where_a_host_drops_the_header():
    with Stage(auth="query") as stage:
        stage.answers[ORDER] = 200, an_order()
        stage.woo.get_order(NO)
        assert "Authorization" not in stage.platform.calls[0].request.headers
    assert stage.sent[0][1] == {"consumer_key": "ck_stage", "consumer_secret": "cs_stage"}


def test_without_tls_the_query_is_signed_and_the_secret_stays_here():
    with Stage(auth="oauth") as stage:
        stage.answers["GET orders"] = 200, []
        stage.woo.count_orders(NOW - timedelta(hours=1), NOW)
    query = stage.sent[0][1]
    sign = query.pop("oauth_signature")
    assert query["oauth_timestamp"] == str(int(NOW.timestamp()))
    assert "cs_stage" not in "".join(query.values())
    assert sign == oauth_signature("GET", f"{SITE}/wp-json/wc/v3/orders", query, "cs_stage")


def test_a_site_with_plain_permalinks_gets_the_route_in_the_query():
    woo = WooCommerce(Account({"permalinks": "plain"}, SECRETS, gateway=SITE), clock=lambda: NOW)
    with responses.RequestsMock() as platform:
        platform.add(responses.GET, f"{SITE}/", json=an_order())
        woo.get_order(NO)
        assert platform.calls[0].request.params == {"rest_route": f"/wc/v3/orders/{NO}"}


def test_an_order_number_that_is_no_id_is_refused_without_a_call():
    with Stage() as stage:
        with pytest.raises(Refused, match="not the number buyers see"):
            stage.woo.get_order("WEB-2026/7")
        assert not stage.sent


def test_another_order_than_asked_for_is_not_taken():
    with Stage() as stage:
        stage.answers[ORDER] = 200, an_order(id=1)
        with pytest.raises(Retryable):
            stage.woo.get_order(NO)


def test_words_of_people_are_not_repeated():
    with Stage() as stage:
        stage.answers[f"GET orders/{NO}/notes"] = 200, []
        error = error_body("rest_invalid_param", f"note '{MEMO}' of {MAIL}, {PHONE}")
        stage.answers[f"POST orders/{NO}/notes"] = 400, error
        with pytest.raises(Refused) as caught:
            stage.woo.set_memo(NO, MEMO, "")
    assert_silent(caught.value, (MEMO, MAIL, PHONE))


def test_a_refused_key_without_tls_says_which_way_to_sign_in():
    woo = WooCommerce(Account({}, SECRETS, gateway="http://shop.example.invalid"), clock=lambda: NOW)
    with responses.RequestsMock() as platform:
        platform.add(responses.GET, EVERYWHERE, body=error_body("woocommerce_rest_cannot_view"), status=401)
        with pytest.raises(AuthFailed, match="oauth"):
            woo.get_order(NO)


def test_a_page_after_a_write_leaves_the_outcome_unknown():
    with Stage() as stage:
        stage.answers[ORDER] = 200, an_order()
        stage.answers[f"PUT orders/{NO}"] = 200, b"<br />Notice: ..."
        with pytest.raises(OutcomeUnknown):
            stage.woo.cancel_order(NO, "asked by the buyer")


def test_the_account_s_gateway_goes_before_the_site():
    assert WooCommerce(Account({"site": SITE}, {}, gateway="http://127.0.0.1:9")).gateway == "http://127.0.0.1:9"
    assert WooCommerce(Account({"site": SITE}, {})).gateway == SITE


def test_a_write_is_not_followed_through_a_redirect():
    with Stage() as stage:
        stage.answers[ORDER] = 301, b""
        with pytest.raises(Refused, match="redirects"):
            stage.woo.get_order(NO)
        assert len(stage.sent) == 1
