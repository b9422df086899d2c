"""Connecting a shop: all of it or nothing, once, with addresses the hub may call."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import records as r
from connectors.contract.errors import AuthFailed
from connectors.contract.families import CheckReport, Connector
from connectors.contract.manifest import Field, Manifest
from oms.app.kernel.account_forms import AccountForm, change_account
from oms.app.kernel.addresses import check_addresses
from oms.app.kernel.budget import used_share
from oms.app.kernel.connecting import NewShop, connect_shop, streams_of
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.grants import begin_grant, try_account
from oms.app.kernel.queries.capture import backlogs
from oms.domain.errors import Invalid
from tests.factories import START, World
from tests.fakes import PlainMarket


class Market(PlainMarket):
    """A marketplace with both streams and keys that are typed in."""

    manifest = Manifest(
        "market", "marketplace", "集市", "Market", "集", "https://api.example.com",
        (Field("key", "应用键", "Key"), Field("secret", "密钥", "Secret", secret=True)),
    )  # fmt: skip

    def pull_orders(self, cursor: str) -> r.Page:
        return r.Page(cursor, False)

    def pull_cases(self, cursor: str) -> r.Page:
        return r.Page(cursor, False)

    def check(self) -> CheckReport:
        return self.script.play("check", dict(self.account.secrets), CheckReport(True, "fine"))  # type: ignore[no-any-return]


WANTED = NewShop("market", "M-1", "集市店", AccountForm({"key": "k"}, {"secret": "s3cr3t"}), schedules={"orders": 30})


@pytest.fixture
def market(world: World) -> World:
    kind: type[Connector] = type("MarketHere", (Market,), {"script": world.script})
    world.hub.vendors["market"] = kind
    return world


def test_a_shop_is_made_whole_and_tried(market: World) -> None:
    made = connect_shop(market.hub, replace(WANTED, pool_id=1))
    shop = market.rows("select * from shop where id = :id", id=made.shop_id)[0]
    assert (shop.code, shop.mode, shop.currency, shop.account_id) == ("M-1", "observing", "CNY", made.account_id)
    assert market.one("select label_en from channel where id = :id", id=shop.channel_id) == "Market"
    rows = market.rows("select stream, every_s, is_enabled from sync_schedule where shop_id = :id order by 1", id=shop.id)
    assert [tuple(row) for row in rows] == [("cases", 300, False), ("orders", 30, True)]
    assert connector_of(market.hub, shop_id=made.shop_id).account.secrets == {"secret": "s3cr3t"}
    assert try_account(market.hub, made.account_id) == CheckReport(True, "fine")
    market.script.next("check", AuthFailed("the key is wrong"))
    assert try_account(market.hub, made.account_id) == CheckReport(False, "the key is wrong")


def test_a_second_submit_makes_no_second_shop(market: World) -> None:
    def submit(_: int) -> str:
        try:
            connect_shop(market.hub, WANTED)
        except Invalid as error:
            return error.field
        return "made"

    with ThreadPoolExecutor(4) as pool:
        ends = sorted(pool.map(submit, range(4)))
    assert ends == ["code", "code", "code", "made"]
    assert market.one("select count(*) from shop where code = 'M-1'") == 1
    assert market.one("select count(*) from account where vendor = 'market'") == 1
    connect_shop(market.hub, replace(WANTED, code="M-2"))
    assert market.one("select count(*) from channel where vendor = 'market'") == 1


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "has blank"}), ("code", {"code": "s1"}), ("code", {"code": "店"}), ("name", {"name": ""}),
        ("currency", {"currency": "yuan"}), ("timezone", {"timezone": "Mars/Base"}),
        ("timezone", {"timezone": "../../etc/passwd"}), ("mode", {"mode": "closed"}), ("pool_id", {"pool_id": 99}),
        ("user_group_id", {"user_group_id": 99}), ("schedules", {"schedules": {"stock": 60}}),
        ("every.orders", {"schedules": {"orders": 1}}), ("vendor", {"vendor": "plainwms"}), ("vendor", {"vendor": "no"}),
        ("密钥", {"account": AccountForm({"key": "k"})}),
        ("gateway", {"account": AccountForm({"key": "k"}, {"secret": "s"}, gateway="ftp://example.com")}),
        ("relay", {"account": AccountForm({"key": "k"}, {"secret": "s"}, relay="http://10.0.0.1:3128")}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_made(
    market: World, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        connect_shop(market.hub, replace(WANTED, **changes))
    assert refused.value.field == field
    assert refused.value.remedy
    assert market.one("select count(*) from shop") == 1
    assert market.one("select count(*) from account where vendor = 'market'") == 0
    assert market.one("select count(*) from channel") == 2


def test_streams_are_those_the_connector_has(market: World) -> None:
    assert streams_of(market.hub.vendors["market"]) == {"orders": 60, "cases": 300}
    assert streams_of(market.hub.vendors["plain"]) == {}


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8080", "https://[::1]/", "https://10.1.2.3", "https://169.254.169.254/latest", "http://localhost",
     "https://wms", "https://inside.example.com", "https://[::ffff:10.0.0.1]/"],
)  # fmt: skip
def test_private_addresses_are_refused_by_number_and_by_name(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def inside(*_given: object, **_named: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.7.7", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    with pytest.raises(Invalid) as refused:
        check_addresses({"gateway": address}, allow_private=False)
    assert refused.value.field == "gateway"
    check_addresses({"gateway": address}, allow_private=True)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "https://", "http://a b.example", "https://x:99999", "//x"])
def test_what_is_no_web_address_is_refused_everywhere(address: str) -> None:
    with pytest.raises(Invalid):
        check_addresses({"relay": address}, allow_private=True)


def test_an_address_that_was_there_before_may_stay(market: World) -> None:
    made = connect_shop(market.hub, WANTED)
    market.run("update account set gateway = 'http://127.0.0.1:1' where id = :id", id=made.account_id)
    form = AccountForm({"key": "k2"}, gateway="http://127.0.0.1:1")
    change_account(market.hub, made.account_id, Market.manifest, form)
    assert market.one("select settings->>'key' from account where id = :id", id=made.account_id) == "k2"
    with pytest.raises(Invalid):
        change_account(market.hub, made.account_id, Market.manifest, replace(form, gateway="http://127.0.0.1:2"))


def test_saving_a_form_keeps_what_an_authorisation_brought(market: World) -> None:
    made = connect_shop(market.hub, WANTED)
    market.run("""update account set settings = settings || '{"granted": "yes"}' where id = :id""", id=made.account_id)
    change_account(market.hub, made.account_id, Market.manifest, AccountForm({"key": "k2"}))
    settings = market.one("select settings from account where id = :id", id=made.account_id)
    assert settings == {"key": "k2", "granted": "yes"}


def test_a_platform_without_a_page_cannot_be_authorised(market: World) -> None:
    made = connect_shop(market.hub, WANTED)
    with pytest.raises(Invalid):
        begin_grant(market.hub, made.account_id, "https://hub.example.com/back", "s")


def test_a_buckets_share_is_what_is_not_refilled_yet() -> None:
    assert used_share(10.0, START, 10.0, START) == 0
    assert used_share(2.5, START, 10.0, START) == 0.75
    assert used_share(-5.0, START, 10.0, START) == 1.5


def test_the_oldest_reference_is_told(market: World) -> None:
    market.run(
        """insert into pending_reference (shop_id, kind, external_no, noted_at) values (1, 'order', 'NEW', :now),
           (1, 'order', 'OLD', :now - interval '1 hour')""",
        now=START,
    )
    with market.hub.engine.connect() as connection:
        found = backlogs(connection, [1, 2])
    assert {shop: (one.count, one.oldest_no) for shop, one in found.items()} == {1: (2, "OLD")}
