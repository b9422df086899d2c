"""Authorising a Taobao shop, renewing its session, and reading what it sells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from connectors.contract.errors import AuthFailed, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.marketplaces.taobao import Taobao
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.taobao.papers import a_refund, case_body, error_body
from tests.connectors.marketplaces.taobao.stage import GATE, Stage

BACK = "https://hub.example/back"
TOKENS = {"access_token": "new-session", "refresh_token": "new-renewal", "expires_in": 3600, "re_expires_in": "7200",
          "taobao_user_nick": "%E5%BA%97", "taobao_user_id": "77"}  # fmt: skip


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def granted(**changes: object) -> dict[str, object]:
    return {"token_result": orjson.dumps({**TOKENS, **changes}).decode()}


def test_the_owner_is_sent_to_taobao_with_our_way_back() -> None:
    page = urlsplit(Stage().taobao.authorise_url(BACK, "s&1"))
    assert (page.netloc, page.path) == ("oauth.taobao.com", "/authorize")
    assert {name: values[0] for name, values in parse_qs(page.query).items()} == {
        "response_type": "code", "client_id": "23", "redirect_uri": BACK, "state": "s&1", "view": "web",
    }  # fmt: skip


def test_without_an_app_key_there_is_no_page_to_go_to() -> None:
    with pytest.raises(Refused, match="app key"):
        Taobao(Account(), clock=lambda: NOW).authorise_url(BACK, "s")


def test_a_code_becomes_a_session_with_its_end(stage: Stage) -> None:
    stage.answers(granted())
    brought = stage.taobao.exchange_code({"code": "c-1"}, BACK)
    assert brought.secrets == {"session": "new-session", "refresh_token": "new-renewal"}
    assert brought.settings == {"taobao_user_id": "77", "taobao_user_nick": "店"}
    assert (brought.expires_at, brought.ends_at) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert (stage.sent[0]["code"], "session" in stage.sent[0]) == ("c-1", False)


def test_a_session_that_cannot_be_renewed_ends_the_authorisation(stage: Stage) -> None:
    stage.answers(granted(refresh_token="", re_expires_in=0))
    brought = stage.taobao.exchange_code({"code": "c-1"}, BACK)
    assert (brought.expires_at, brought.ends_at) == (None, NOW + timedelta(hours=1))


def test_an_owner_who_declines_is_told_to_authorise_again() -> None:
    with pytest.raises(AuthFailed, match="authorize reject"):
        Stage().taobao.exchange_code({"error": "access_denied", "error_description": "authorize reject"}, BACK)


def test_a_refused_code_wants_the_owner_and_is_not_repeated_in_words(stage: Stage) -> None:
    stage.answers(error_body(41, "isv.invalid-parameter:code", "code c-secret-1 is used"))
    with pytest.raises(AuthFailed) as caught:
        stage.taobao.exchange_code({"code": "c-secret-1"}, BACK)
    assert "c-secret-1" not in str(caught.value)


@pytest.mark.parametrize("told", ["not json", "[]", '{"access_token":""}'])
def test_an_answer_without_tokens_is_tried_again(stage: Stage, told: str) -> None:
    stage.answers({"token_result": told})
    with pytest.raises(Retryable):
        stage.taobao.exchange_code({"code": "c"}, BACK)


def test_tokens_refused_inside_the_answer_want_the_owner(stage: Stage) -> None:
    stage.answers({"token_result": '{"error":"invalid_grant","error_description":"code expired"}'})
    with pytest.raises(AuthFailed, match="code expired"):
        stage.taobao.exchange_code({"code": "c"}, BACK)


def test_without_a_refresh_token_nothing_is_called() -> None:
    with pytest.raises(AuthFailed, match="no refresh token"):
        Stage().taobao.refresh()


def test_a_refresh_brings_a_new_session_and_keeps_the_renewal_where_none_comes(stage: Stage) -> None:
    secrets = {"app_secret": "stage-app", "session": "old", "refresh_token": "renewal"}
    taobao = Taobao(Account({"app_key": "23"}, secrets, gateway=GATE), clock=lambda: NOW)
    stage.answers(granted(refresh_token=""))
    brought = taobao.refresh()
    assert brought.secrets == {"session": "new-session", "refresh_token": "renewal"}
    assert (stage.sent[0]["method"], stage.sent[0]["refresh_token"]) == ("taobao.top.auth.token.refresh", "renewal")


ITEM = {"num_iid": 7, "title": "杯", "outer_id": "CUP", "price": "9.50", "num": 4, "approve_status": "onsale"}
RED = {"sku_id": 71, "outer_id": "CUP-R", "price": "9.90", "quantity": 3, "properties_name": "1:2:颜色:红"}
GREEN = {"sku_id": 72, "outer_id": "", "price": "8.00", "quantity": 1, "properties_name": "1:3:颜色:绿"}


def test_listings_are_a_record_a_variant(stage: Stage) -> None:
    detail = ITEM | {"skus": {"sku": [RED, GREEN]}}
    stage.answers({"items": {"item": [{"num_iid": 7}]}, "total_results": 21}, {"items": {"item": [detail]}})
    page = stage.taobao.pull_listings("")
    assert (page.cursor, page.more) == ("onsale:2", True)
    red, green = page.listings
    assert (red.listing_no, red.variant_no, red.seller_code, red.variant) == ("7", "71", "CUP-R", "颜色:红")
    assert (red.price, red.units, red.is_on_sale, green.seller_code) == (990, 3, True, "CUP")


def test_items_off_the_shelf_come_after_those_on_it(stage: Stage) -> None:
    stage.answers({"total_results": 0})
    page = stage.taobao.pull_listings("onsale:1")
    assert (page.cursor, page.more, page.listings) == ("inventory:1", True, ())
    away = ITEM | {"approve_status": "instock"}
    stage.answers({"items": {"item": [{"num_iid": 7}]}, "total_results": 1}, {"items": {"item": [away]}})
    last = stage.taobao.pull_listings(page.cursor)
    (alone,) = last.listings
    assert (last.more, alone.variant_no, alone.units, alone.price, alone.is_on_sale) == (False, "", 4, 950, False)


@pytest.mark.parametrize(
    ("changes", "verbs"),
    [
        ({"status": "WAIT_SELLER_AGREE"}, ("agree", "refuse")),
        ({"status": "WAIT_SELLER_AGREE", "operation_contraint": "cannot_refuse"}, ("agree",)),
        ({"status": "WAIT_SELLER_CONFIRM_GOODS"}, ("agree", "refuse", "goods_received")),
        ({"status": "WAIT_SELLER_AGREE", "dispute_type": "TMALL_EXCHANGE"}, ("agree",)),
        ({"status": "WAIT_SELLER_CONSIGN_GOODS", "dispute_type": "TMALL_EXCHANGE"}, ("ship_exchange",)),
        ({"status": "SUCCESS"}, ()),
    ],
)
def test_a_case_tells_what_its_seller_may_do(changes: dict[str, str], verbs: tuple[str, ...]) -> None:
    assert Stage().taobao.parse_case(case_body(a_refund(**changes))).allows == verbs
