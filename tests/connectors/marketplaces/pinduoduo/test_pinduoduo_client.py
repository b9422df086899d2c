"""Speaking POP: signatures as published, what a call carries, errors by what to do next, secrets kept."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.http import Http
from connectors.contract.manifest import Account
from connectors.marketplaces.pinduoduo import Pinduoduo
from connectors.marketplaces.pinduoduo.client import sign
from connectors.marketplaces.pinduoduo.grants import TOKENS
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.pinduoduo.papers import SN, an_order, error_body, order_body
from tests.connectors.marketplaces.pinduoduo.stage import GATE, SECRETS, Stage, staged

INCREMENT = {
    "type": "pdd.order.number.list.increment.get",
    "client_id": "pddclient",
    "access_token": "pdd-token",
    "timestamp": "1768442400",
    "data_type": "JSON",
    "version": "V1",
    "start_updated_at": "1768440600",
    "end_updated_at": "1768442400",
    "order_status": "5",
    "refund_status": "5",
    "is_lucky_flag": "0",
    "page": "1",
    "page_size": "100",
    "use_has_next": "true",
}


class Gate:
    """An account's share of calls that only notes when it is asked to rest."""

    def __init__(self) -> None:
        self.rested: list[float | None] = []

    def before(self, operation: str = "") -> None:
        """Every call may go at once."""

    def limited(self, seconds: float | None, operation: str = "") -> None:
        """Note it."""
        self.rested.append(seconds)


def test_the_signature_is_the_published_one():
    assert sign(INCREMENT, "pddsecret") == "46A05992DFBDA837ECB1B11C4BB897C7"


def test_a_signature_is_not_signed_itself():
    assert sign(INCREMENT | {"sign": "old"}, "pddsecret") == sign(INCREMENT, "pddsecret")


def test_a_call_carries_the_common_parameters_and_fits_its_own_signature():
    with Stage() as stage:
        stage.answers(order_body(an_order()))
        stage.vendor.get_order(SN)
    sent = stage.sent[0]
    told = sent.pop("sign")
    assert sent == {
        "type": "pdd.order.information.get",
        "client_id": "23",
        "access_token": "stage-token",
        "timestamp": str(int(NOW.timestamp())),
        "data_type": "JSON",
        "version": "V1",
        "order_sn": SN,
    }
    assert told == sign(sent, "stage-secret")


def test_nested_values_are_signed_as_compact_json_and_booleans_in_small_letters():
    with Stage() as stage:
        stage.answers({"answer": {"ok": 1}})
        stage.vendor.pop.read("pdd.some.call", "answer", nested={"b": [1, True]}, flag=False, nothing=None)
        raw = stage.platform.calls[0].request.body
    assert "nested=%7B%22b%22%3A%5B1%2Ctrue%5D%7D" in raw
    assert "flag=false" in raw
    assert "nothing" not in raw


@pytest.mark.parametrize("secrets", [SECRETS, {**SECRETS, "refresh_token": ""}])
def test_a_token_that_ended_can_be_refreshed_only_with_a_refresh_token(secrets: dict[str, str]):
    vendor = Pinduoduo(Account({"client_id": "23"}, secrets, gateway=GATE), clock=lambda: NOW)
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, GATE, body=error_body(10019, "access_token已过期"))
        with pytest.raises(AuthFailed) as caught:
            vendor.get_order(SN)
    assert caught.value.expired is bool(secrets["refresh_token"])


def test_the_words_decide_about_system_errors():
    for words, error in (("系统繁忙", OutcomeUnknown), ("订单已发货", Refused)):
        with staged(error_body(50000, sub_words=words)) as stage, pytest.raises(error):
            stage.vendor.pop.write("pdd.some.call", "answer")


def test_a_limit_told_in_a_body_rests_the_account():
    gate = Gate()
    vendor = Pinduoduo(Account({}, SECRETS, gateway=GATE), Http(gate=gate), clock=lambda: NOW)
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, GATE, body=error_body(70031))
        with pytest.raises(RateLimited):
            vendor.get_order(SN)
    assert gate.rested == [10.0]


def test_what_people_typed_and_phones_are_silenced_in_errors():
    with Stage() as stage:
        stage.answers(order_body(an_order()), error_body(10001, f"note wrong: call 林 at home, 13912345678, {SECRETS}"))
        with pytest.raises(Refused) as caught:
            stage.vendor.set_memo(SN, "call 林 at home", "")
    for private in ("call 林 at home", "13912345678", *SECRETS.values()):
        assert private not in str(caught.value)


def test_another_order_than_asked_for_is_not_taken():
    with staged(order_body(an_order(order_sn="260302-2"))) as stage, pytest.raises(Retryable):
        stage.vendor.get_order(SN)


# ---- authorisation --------------------------------------------------------------------------------


def granted(answer: dict[str, Any] | bytes, status: int = 200) -> tuple[Any, Any]:
    """What an exchange brings for an answer of the token address, and what was asked."""
    vendor = Pinduoduo(Account({"client_id": "23"}, SECRETS), clock=lambda: NOW)
    with responses.RequestsMock() as platform:
        body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
        platform.add(responses.POST, TOKENS, body=body, status=status)
        found = vendor.exchange_code({"code": "code-1"}, "https://hub.example.invalid/back")
        return found, orjson.loads(platform.calls[0].request.body)


def test_the_owner_is_sent_to_the_authorisation_page_and_comes_back_with_the_state():
    url = Stage().vendor.authorise_url("https://hub.example.invalid/back", "s t")
    assert url == (
        "https://fuwu.pinduoduo.com/service-market/auth?response_type=code&client_id=23"
        "&redirect_uri=https%3A%2F%2Fhub.example.invalid%2Fback&state=s+t"
    )


def test_a_code_becomes_tokens():
    credentials, asked = granted(
        {
            "access_token": "new",
            "refresh_token": "newer",
            "expires_in": 86400,
            "refresh_token_expires_in": 172800,
            "owner_id": 123,
            "owner_name": "shop",
        }
    )
    assert asked == {
        "client_id": "23",
        "client_secret": "stage-secret",
        "grant_type": "authorization_code",
        "code": "code-1",
    }
    assert credentials.secrets == {"access_token": "new", "refresh_token": "newer"}
    assert credentials.settings == {"owner_id": "123", "owner_name": "shop"}
    assert (credentials.expires_at - NOW).days == 1
    assert (credentials.ends_at - NOW).days == 2


def test_a_refresh_keeps_the_old_refresh_token_when_no_new_one_comes():
    vendor = Pinduoduo(Account({"client_id": "23"}, SECRETS), clock=lambda: NOW)
    with responses.RequestsMock() as platform:
        platform.add(responses.POST, TOKENS, json={"access_token": "new", "expires_in": "3600"})
        credentials = vendor.refresh()
        asked = orjson.loads(platform.calls[0].request.body)
    assert asked["grant_type"] == "refresh_token"
    assert asked["refresh_token"] == "stage-renewal"
    assert credentials.secrets == {"access_token": "new", "refresh_token": "stage-renewal"}
    assert credentials.ends_at is None


def test_without_a_refresh_token_the_owner_is_needed():
    vendor = Pinduoduo(Account({"client_id": "23"}, {"client_secret": "x1"}), clock=lambda: NOW)
    with pytest.raises(AuthFailed, match="no refresh token"):
        vendor.refresh()


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (error_body(10019, "refresh_token expired"), 200, AuthFailed),
        (error_body(10001, "bad code"), 400, AuthFailed),
        (error_body(70031, "slow down"), 200, RateLimited),
        (error_body(50000, "busy"), 200, Retryable),
        (b"<html>", 200, Retryable),
        (b"gone", 502, Retryable),
    ],
)
def test_a_grant_that_does_not_come_is_sorted_by_what_to_do_next(body: bytes, status: int, error: type[Exception]):
    with pytest.raises(error) as caught:
        granted(body, status)
    assert type(caught.value) is error


def test_an_owner_who_says_no_is_an_auth_failure():
    with pytest.raises(AuthFailed, match="access_denied"):
        Stage().vendor.exchange_code({"error": "access_denied"}, "https://hub.example.invalid/back")
