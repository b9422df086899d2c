"""Granting access, tokens and their renewal, restricted tokens, errors and their words, notifications, statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from connectors.contract.errors import AuthFailed, BadSignature, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint
from connectors.marketplaces.amazon import Amazon
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.amazon.papers import NAME, NO, STREET, a_notification, a_push, error_body
from tests.connectors.marketplaces.amazon.stage import SECRETS, Stage

TOKEN = "POST /auth/o2/token"
ORDER = f"GET /orders/2026-01-01/orders/{NO}"
TRANSACTIONS = "GET /finances/2024-06-19/transactions"


def form_of(stage: Stage) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(stage.payloads(TOKEN)[-1]).items()}


@pytest.mark.parametrize(
    ("settings", "host", "version"),
    [
        ({}, "sellercentral.amazon.com", None),
        ({"region": "eu"}, "sellercentral-europe.amazon.com", None),
        (
            {"consent_page": "https://sellercentral.amazon.sg/", "app_is_draft": "yes"},
            "sellercentral.amazon.sg",
            ["beta"],
        ),
    ],
)
def test_the_seller_is_sent_to_the_consent_page(settings: dict[str, str], host: str, version: list[str] | None):
    amazon = Amazon(Account({"application_id": "amzn1.sp.solution.1", **settings}))
    parts = urlsplit(amazon.authorise_url("https://hub.example/back", "s-1"))
    asked = parse_qs(parts.query)
    assert (parts.netloc, parts.path) == (host, "/apps/authorize/consent")
    assert asked["application_id"] == ["amzn1.sp.solution.1"]
    assert (asked["state"], asked["redirect_uri"], asked.get("version")) == (
        ["s-1"],
        ["https://hub.example/back"],
        version,
    )


def test_a_code_becomes_tokens_and_the_seller_s_number():
    with Stage() as stage:
        stage.answers[TOKEN] = (200, {"access_token": "Atza|new", "refresh_token": "Atzr|new", "expires_in": 3600})
        query = {"spapi_oauth_code": "code-1", "selling_partner_id": "A9", "state": "s"}
        found = stage.amazon.exchange_code(query, "https://hub.example/back")
        assert (found.secrets, found.settings) == (
            {"access_token": "Atza|new", "refresh_token": "Atzr|new"},
            {"seller_id": "A9"},
        )
        assert form_of(stage)["grant_type"] == "authorization_code"
        assert form_of(stage)["code"] == "code-1"


def test_a_seller_who_did_not_agree_is_asked_again():
    with Stage() as stage, pytest.raises(AuthFailed, match="start again"):
        stage.amazon.exchange_code({"state": "s"}, "https://hub.example/back")


def test_an_access_token_is_renewed_for_an_hour():
    with Stage() as stage:
        stage.answers[TOKEN] = (200, {"access_token": "Atza|new", "token_type": "bearer", "expires_in": 3600})
        found = stage.amazon.refresh()
        assert found.secrets == {"access_token": "Atza|new"}
        assert found.expires_at == NOW + timedelta(hours=1)
        assert form_of(stage) == {
            "grant_type": "refresh_token",
            "refresh_token": SECRETS["refresh_token"],
            "client_id": "amzn1.client",
            "client_secret": SECRETS["client_secret"],
        }


def test_a_revoked_grant_needs_the_seller_and_tells_no_token():
    with Stage() as stage:
        words = f"the request has an invalid grant: {SECRETS['refresh_token']}"
        stage.answers[TOKEN] = (400, {"error": "invalid_grant", "error_description": words})
        with pytest.raises(AuthFailed, match="authorise the seller again") as caught:
            stage.amazon.refresh()
        assert caught.value.expired is False
        assert SECRETS["refresh_token"] not in str(caught.value)


def test_without_a_refresh_token_nothing_is_asked():
    with pytest.raises(AuthFailed, match="authorise the seller"):
        Amazon(Account()).refresh()


@pytest.mark.parametrize("answer", [{}, {"access_token": 7}])
def test_an_answer_without_a_token_is_asked_for_again(answer: dict[str, Any]):
    with Stage() as stage:
        stage.answers[TOKEN] = (200, answer)
        with pytest.raises(Retryable):
            stage.amazon.refresh()


def test_a_receiver_is_opened_with_a_restricted_token_for_that_address_alone():
    path = f"/orders/v0/orders/{NO}/address"
    with Stage() as stage:
        stage.answers["POST /tokens/2021-03-01/restrictedDataToken"] = (200, {"restrictedDataToken": "Atz.sprdt|1"})
        address = {"Name": NAME, "AddressLine1": STREET, "CountryCode": "US", "County": "Multnomah"}
        stage.answers[f"GET {path}"] = (200, {"payload": {"ShippingAddress": address}})
        receiver = stage.amazon.decrypt_receiver(NO, {}, "label")
        assert (receiver.name, receiver.address, receiver.district) == (NAME, STREET, "Multnomah")
        assert stage.sent[0][2] == {"restrictedResources": [{"method": "GET", "path": path}]}
        assert stage.tokens == [SECRETS["access_token"], "Atz.sprdt|1"]


def test_without_an_access_token_the_hub_is_told_to_renew_it_first():
    with pytest.raises(AuthFailed) as caught:
        Amazon(Account()).get_order(NO)
    assert caught.value.expired


def test_every_call_says_who_and_when():
    with Stage() as stage:
        stage.answers[ORDER] = (200, {"order": {"orderId": NO}})
        stage.amazon.get_order(NO)
        headers = stage.platform.calls[0].request.headers
        assert headers["x-amz-access-token"] == SECRETS["access_token"]
        assert headers["x-amz-date"] == "20260302T040000Z"
        assert headers["User-Agent"].startswith("OrderHub/")


def test_a_refusal_carries_the_number_amazon_s_support_asks_for():
    with Stage() as stage:
        stage.headers = {"x-amzn-RequestId": "req-42"}
        stage.answers[ORDER] = (400, error_body("InvalidInput", "Order is odd", "orderId"))
        with pytest.raises(Refused) as caught:
            stage.amazon.get_order(NO)
        assert caught.value.words == "Order is odd. orderId (request req-42)"
        assert caught.value.code == "InvalidInput"


def test_a_role_that_is_lacking_for_statements_does_not_pause_the_account():
    with Stage(since="2026-03-01T00:00:00Z") as stage:
        stage.answers[TRANSACTIONS] = (403, error_body("Unauthorized", "Access to requested resource is denied."))
        with pytest.raises(Refused, match="role"):
            stage.amazon.pull_statements("")
        stage.answers[TRANSACTIONS] = (403, error_body("Unauthorized", "denied", "The access token has expired."))
        with pytest.raises(AuthFailed) as caught:
            stage.amazon.pull_statements("")
        assert caught.value.expired


@pytest.mark.parametrize(
    ("region", "host"),
    [("na", "sellingpartnerapi-na"), ("eu", "sellingpartnerapi-eu"), ("fe", "sellingpartnerapi-fe")],
)
def test_each_region_has_its_gateway(region: str, host: str):
    assert Amazon(Account({"region": region})).gateway == f"https://{host}.amazon.com"


# ---- notifications -----------------------------------------------------------------------------


def test_a_notification_hints_at_its_order_and_is_keyed_by_its_number():
    amazon = Amazon(Account({"seller_id": "A1SELLER"}, SECRETS))
    push = a_push(a_notification(), SECRETS["push_secret"])
    assert amazon.verify_push(push).key == "note-1"
    at = datetime(2026, 3, 2, 3, 59, 0, 284000, tzinfo=UTC)
    assert amazon.parse_push_reports(push) == (ChangeHint("order", NO, at),)


def test_a_notification_inside_eventbridge_s_envelope_is_read():
    wrapped = orjson.dumps({"detail-type": "ORDER_CHANGE", "detail": orjson.loads(a_notification())})
    push = a_push(wrapped, SECRETS["push_secret"])
    amazon = Amazon(Account({}, SECRETS))
    assert amazon.verify_push(push).topic == "ORDER_CHANGE"
    assert amazon.parse_push(push) == amazon.parse_push(a_push(a_notification(), "any"))


def test_a_notification_of_another_seller_or_time_is_refused():
    amazon = Amazon(Account({"seller_id": "A2OTHER"}, SECRETS))
    push = a_push(a_notification(), SECRETS["push_secret"])
    with pytest.raises(BadSignature, match="another seller"):
        amazon.verify_push(push)
    with pytest.raises(BadSignature, match="too long ago"):
        amazon.verify_push(replace(push, received_at=NOW + timedelta(hours=1)))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", a_notification(kind="FEED_PROCESSING_FINISHED"), b'{"detail":7}'])
def test_notifications_about_no_order_hint_at_nothing(content: bytes):
    assert Amazon(Account()).parse_push_reports(a_push(content, "any")) == ()


# ---- statements --------------------------------------------------------------------------------


def cents(amount: float, currency: str = "USD") -> dict[str, Any]:
    return {"currencyCode": currency, "currencyAmount": amount}


def a_transaction(total: float, **parts: float) -> dict[str, Any]:
    return {
        "transactionId": "T1",
        "transactionType": "Shipment",
        "postedDate": "2026-03-01T10:00:00Z",
        "relatedIdentifiers": [{"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": NO}],
        "totalAmount": cents(total),
        "breakdowns": [{"breakdownType": name, "breakdownAmount": cents(value)} for name, value in parts.items()],
    }


def test_statements_are_read_in_windows_that_look_back_two_days():
    with Stage(since="2026-02-20T00:00:00Z") as stage:
        stage.answers[TRANSACTIONS] = lambda query, _: (
            200,
            {
                "payload": {
                    "transactions": [a_transaction(1.0)],
                    "nextToken": "" if "nextToken" in query else "more",
                }
            },
        )
        cursor, more, documents = "", True, []
        while more:
            page = stage.amazon.pull_statements(cursor)
            cursor, more = page.cursor, page.more
            documents += page.documents
        asked = [(query["postedAfter"][:10], query["postedBefore"][:10]) for _, query, _ in stage.sent]
        assert asked == [("2026-02-18", "2026-02-27")] * 2 + [("2026-02-25", "2026-03-02")] * 2
        assert len({document.external_no for document in documents}) == 4
        assert stage.amazon.pull_statements(cursor).documents == ()
        assert len(stage.sent) == 4


def test_a_transaction_is_told_by_its_breakdowns_when_they_add_up():
    amazon = Amazon(Account())
    body = orjson.dumps({"transactions": [a_transaction(17.5, Sales=20.0, AmazonFees=-2.5, Tax=0.0)]})
    lines = amazon.parse_statement(body)
    assert [(line.external_no, line.kind, line.amount, line.order_no) for line in lines] == [
        ("T1/0", "sale", 2000, NO),
        ("T1/1", "fee", -250, NO),
    ]


def test_a_transaction_whose_breakdowns_do_not_add_up_is_one_line():
    body = orjson.dumps({"transactions": [a_transaction(-17.5, Sales=20.0) | {"transactionType": "Refund"}]})
    (line,) = Amazon(Account()).parse_statement(body)
    assert (line.kind, line.amount, line.words) == ("refund", -1750, "Refund")
