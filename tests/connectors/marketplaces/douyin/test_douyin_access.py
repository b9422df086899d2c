"""Authorising a Douyin shop: the page, the first token, its successors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract.errors import AuthFailed, Refused
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.douyin.papers import error_body
from tests.connectors.marketplaces.douyin.stage import Stage

TOKEN = {
    "access_token": "new-access",
    "expires_in": 604800,
    "refresh_token": "new-refresh",
    "scope": "SCOPE",
    "shop_id": 4463798,
    "shop_name": "示例",
}


def test_the_page_is_the_service_market_s():
    with Stage(service_id="33") as stage:
        address = stage.douyin.authorise_url("https://hub.example.invalid/back", "st&te")
    assert address == "https://fuwu.jinritemai.com/authorize?service_id=33&state=st%26te"
    with Stage() as stage, pytest.raises(Refused, match="service id"):
        stage.douyin.authorise_url("", "s")


def test_a_code_becomes_credentials():
    with Stage() as stage:
        stage.answers(TOKEN)
        credentials = stage.douyin.exchange_code({"code": "c0de", "state": "s"}, "")
    assert stage.sent == [("token/create", {"code": "c0de", "grant_type": "authorization_code"})]
    assert "access_token" not in stage.queries[0]
    assert credentials.secrets == {"access_token": "new-access", "refresh_token": "new-refresh"}
    assert credentials.settings == {"shop_id": "4463798"}
    assert credentials.expires_at == NOW + timedelta(days=7)
    assert credentials.ends_at == NOW + timedelta(days=14)
    assert "new-access" not in repr(credentials)


def test_coming_back_without_a_code_is_no_authorisation():
    with Stage() as stage, pytest.raises(AuthFailed, match="without a code"):
        stage.douyin.exchange_code({"error": "denied"}, "")


def test_a_token_is_refreshed():
    with Stage() as stage:
        stage.answers(TOKEN)
        assert stage.douyin.refresh().secrets["access_token"] == "new-access"
    assert stage.sent == [("token/refresh", {"grant_type": "refresh_token", "refresh_token": "stage-refresh"})]


def test_a_shop_s_own_app_gets_its_token_by_the_shop():
    with Stage({"app_secret": "stage-app"}, shop_id="4463798") as stage:
        stage.answers(TOKEN)
        stage.douyin.refresh()
    assert stage.sent[0][1] == {"code": "", "grant_type": "authorization_self", "shop_id": "4463798"}


def test_an_own_app_whose_refresh_token_ran_out_asks_by_the_shop():
    ran_out = error_body(50001, "dop.token-generate-failed:expired")
    with Stage(shop_id="4463798") as stage:
        stage.answers(ran_out, TOKEN)
        assert stage.douyin.refresh().secrets["access_token"] == "new-access"
    assert stage.paths == ["token/refresh", "token/create"]
    with Stage(shop_id="4463798", service_id="33") as stage:
        stage.answers(ran_out)
        with pytest.raises(AuthFailed):
            stage.douyin.refresh()


def test_a_refresh_token_told_again_lasts_no_longer():
    with Stage() as stage:
        stage.answers(TOKEN | {"refresh_token": "stage-refresh"}, TOKEN)
        assert stage.douyin.refresh().ends_at is None
        assert stage.douyin.refresh().ends_at == NOW + timedelta(days=14)


def test_without_a_refresh_token_or_when_it_is_refused_the_owner_must_come_again():
    with Stage({"app_secret": "stage-app"}) as stage, pytest.raises(AuthFailed, match="authorise the shop again"):
        stage.douyin.refresh()
    with (
        Stage.given(error_body(50001, "dop.token-generate-failed:expired")) as stage,
        pytest.raises(AuthFailed) as caught,
    ):
        stage.douyin.refresh()
    assert not caught.value.expired
    with Stage.given({}) as stage, pytest.raises(AuthFailed, match="no token"):
        stage.douyin.refresh()
