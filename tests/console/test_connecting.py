"""Settings · shops: connecting one, the way to the platform's page and back, its mode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from connectors.contract import records as r
from connectors.contract.errors import AuthFailed
from connectors.contract.families import CheckReport, Marketplace
from connectors.contract.manifest import Credentials, Field, Manifest
from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from oms.db.capture import PendingReference
from oms.db.channels import Account, CallBudget, Shop, SyncSchedule
from tests.console import factories
from tests.console.browsing import page_of, send

ENDS = datetime(2027, 5, 1, 4, 0, tzinfo=UTC)


class Granted(Marketplace):
    """A platform whose owner authorises us on its own page."""

    manifest = Manifest(
        "granted", "marketplace", "授权店", "Granted", "授", "https://api.example.com",
        (
            Field("app_key", "应用键", "App key"),
            Field("app_secret", "应用密钥", "App secret", secret=True),
            Field("access_token", "令牌", "Token", secret=True),
        ),
    )  # fmt: skip

    def check(self) -> CheckReport:
        return CheckReport("access_token" in self.account.secrets, "token seen")

    def pull_orders(self, cursor: str) -> r.Page:
        return r.Page(cursor, False)

    def authorise_url(self, redirect_url: str, state: str) -> str:
        return f"https://open.example.com/authorize?back={redirect_url}&state={state}"

    def exchange_code(self, query: Mapping[str, str], redirect_url: str) -> Credentials:
        if query.get("code") != "c0de":
            raise AuthFailed("the owner said no")
        assert redirect_url.endswith("/settings/accounts/authorised")
        return Credentials({"access_token": "t0ken"}, {"seller": "77"}, ENDS - timedelta(days=20), ENDS)


@pytest.fixture(autouse=True)
def vendors(hub: Hub) -> None:
    hub.vendors["granted"] = Granted


def connect(client: FlaskClient, code: str, **changes: str) -> TestResponse:
    fields = {
        "code": code, "name": f"店 {code}", "currency": "CNY", "timezone": "Asia/Shanghai", "mode": "observing",
        "go_live_at": "2026-11-22T09:00", "field.app_key": "4272", "field.app_secret": "s3cr3t", "is_active": "1",
        "pull.orders": "1", "every.orders": "90",
    }  # fmt: skip
    return send(client, "/settings/shops/new/granted", **(fields | changes))


def account_of(hub: Hub, code: str) -> Any:
    with hub.begin() as connection:
        statement = select(Account).join(Shop, Shop.account_id == Account.id).where(Shop.code == code)
        return connection.execute(statement).one()


def state_from(answer: TestResponse) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def test_a_shop_is_connected_and_its_owner_sent_to_authorise(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    assert "授权店" in page_of(client, "/settings/shops/new")
    form = page_of(client, "/settings/shops/new/granted")
    assert re.findall(r'name="pull\.(\w+)"', form) == ["orders"]
    made = connect(client, "G-1")
    account = account_of(hub, "G-1")
    assert (made.status_code, made.headers["Location"]) == (303, f"/settings/accounts/{account.id}")
    page = page_of(client, f"/settings/accounts/{account.id}")
    assert "店铺「店 G-1」已接入" in page
    assert "还要店主授权" in page
    assert "s3cr3t" not in page
    assert page.count("已存，留空不改") == 1
    edited = {"field.app_key": "4273", "is_active": "1", "field.app_secret": "", "field.access_token": ""}
    assert send(client, f"/settings/accounts/{account.id}", **edited).status_code == 303
    with hub.begin() as connection:
        shop = connection.execute(select(Shop).where(Shop.code == "G-1")).one()
        schedule = connection.execute(select(SyncSchedule).where(SyncSchedule.shop_id == shop.id)).one()
    assert (shop.mode, shop.go_live_at) == ("observing", datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    assert (schedule.stream, schedule.every_s) == ("orders", 90)


def test_a_second_submit_is_told_and_keeps_what_was_typed(client: FlaskClient, world: factories.World) -> None:
    assert connect(client, "G-2").status_code == 303
    again = connect(client, "G-2", name="另一个名字")
    assert again.status_code == 422
    assert "已经有一家店用这个编号" in again.text
    assert "另一个名字" in again.text
    assert re.search(r'name="code" aria-invalid="true"', again.text)
    missing = connect(client, "G-3", **{"field.app_secret": ""})
    assert missing.status_code == 422
    assert "应用密钥：不能空着" in missing.text
    assert connect(client, "G-3", go_live_at="tomorrow").status_code == 422
    assert connect(client, "G-3", gateway="http://192.168.1.1").status_code == 422
    assert send(client, "/settings/shops/new/nothing").status_code == 404


def test_the_owner_goes_to_the_platform_and_comes_back_with_tokens(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    connect(client, "G-4")
    account = account_of(hub, "G-4")
    with hub.begin() as connection:
        paused = update(Account).where(Account.id == account.id).values(state="paused", paused_reason="令牌失效")
        connection.execute(paused)
    path = f"/settings/accounts/{account.id}"
    shown = client.get(path)
    assert "让店主重新授权" in shown.text
    assert "form-action 'self' https:" in shown.headers["Content-Security-Policy"]
    left = send(client, f"{path}/authorise")
    assert left.status_code == 302
    assert left.headers["Location"].startswith("https://open.example.com/authorize?")
    back = client.get("/settings/accounts/authorised", query_string={"state": state_from(left), "code": "c0de"})
    assert (back.status_code, back.headers["Location"]) == (303, path)
    page = page_of(client, path)
    assert "已授权" in page
    assert "试过了，能用：token seen" in page
    assert "重新授权" in page
    assert "2027/5/1 12:00" in page
    row = account_of(hub, "G-4")
    assert (row.state, row.settings["seller"], row.authorisation_ends_at) == ("active", "77", ENDS)


def test_a_refusal_or_a_state_that_is_not_ours_changes_nothing(
    client: FlaskClient, hub: Hub, world: factories.World, somebody: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(client, "G-5")
    account = account_of(hub, "G-5")
    state = state_from(send(client, f"/settings/accounts/{account.id}/authorise"))

    def come_back(given: str, code: str = "c0de") -> TestResponse:
        return client.get("/settings/accounts/authorised", query_string={"state": given, "code": code})

    refused = come_back(state, "denied")
    assert (refused.status_code, "the owner said no" in refused.text) == (422, True)
    assert "用店主账号再授权一次" in refused.text
    signature = state.rpartition(".")[2]
    other = state[: -len(signature)] + ("A" if signature[0] != "A" else "B") + signature[1:]
    for forged in ("", "x.y", other):
        answer = come_back(forged)
        assert (answer.status_code, "不是从这里开始的" in answer.text) == (422, True)
    monkeypatch.setattr(hub, "clock", lambda: factories.NOW + timedelta(minutes=16))
    assert "超过 15 分钟" in come_back(state).text
    monkeypatch.setattr(hub, "clock", lambda: factories.NOW)
    somebody(id=4242)
    assert "是别人开始的" in come_back(state).text
    assert account_of(hub, "G-5").authorised_at is None


def test_a_shops_mode_and_moment_are_changed_on_its_page(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    path = f"/settings/shops/{world.shops[1]}"
    assert "罗雅家居专营店" in page_of(client, path)
    assert send(client, f"{path}/mode", mode="observing", go_live_at="2026-11-23T00:00").status_code == 303
    page = page_of(client, path)
    assert 'value="observing" selected' in page
    assert 'value="2026-11-23T00:00"' in page
    assert send(client, f"{path}/mode", mode="asleep").status_code == 422
    assert send(client, f"{path}/mode", mode="live", go_live_at="").status_code == 303
    with hub.begin() as connection:
        row = connection.execute(select(Shop.mode, Shop.go_live_at).where(Shop.id == world.shops[1])).one()
    assert tuple(row) == ("live", None)
    assert client.get("/settings/shops/999999").status_code == 404


def test_only_who_may_edit_every_shop_adds_one(client: FlaskClient, world: factories.World, somebody: Any) -> None:
    somebody(shop_ids={world.shops[0]})
    assert "/settings/shops/new" not in page_of(client, "/settings/shops")
    assert client.get("/settings/shops/new").status_code == 403
    assert connect(client, "G-6").status_code == 403
    assert send(client, f"/settings/shops/{world.shops[0]}/mode", mode="live").status_code == 303
    assert send(client, f"/settings/shops/{world.shops[1]}/mode", mode="live").status_code == 404
    somebody(permissions=frozenset(PERMISSIONS) - {"shop.edit"})
    assert send(client, f"/settings/shops/{world.shops[0]}/mode", mode="closed").status_code == 403
    assert 'name="mode"' not in page_of(client, f"/settings/shops/{world.shops[0]}")


def test_the_tile_tells_quota_and_the_oldest_that_waits(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        connection.execute(update(Account).where(Account.id == world.account).values(calls_per_second=10.0))
        connection.execute(insert(CallBudget).values(account_id=world.account, tokens=4, refilled_at=factories.NOW))
        noted = factories.NOW - timedelta(minutes=12)
        connection.execute(
            insert(PendingReference).values(shop_id=world.shops[0], kind="order", external_no="OLD-1", noted_at=noted)
        )
    page = page_of(client, "/operations/sync")
    assert "<dd>60%</dd>" in page
    assert "最早的是 OLD-1，记下已 12 分" in page
    with hub.begin() as connection:
        until = factories.NOW + timedelta(minutes=5)
        connection.execute(update(CallBudget).values(blocked_until=until))
    assert "限流到 18:47" in page_of(client, "/operations/sync")


@pytest.mark.parametrize("path", ["/settings/shops/new", "/settings/shops/new/granted"])
def test_the_pages_are_english_for_who_reads_english(client: FlaskClient, somebody: Any, path: str) -> None:
    somebody(display_name="Ann", locale="en")
    page = page_of(client, path)
    assert set(re.findall(r"[\u3400-\u9fff]+", page)) <= {"授", "中文"}
    assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


FIELDS = {
    "currency": "CNY", "timezone": "Asia/Shanghai", "merge_window_s": "120", "merge_cap": "20", "max_parcels": "3",
    "ship_hours_paid": "", "ship_hours_cod": "30", "pool_id": "", "user_group_id": "",
}  # fmt: skip


def test_a_shops_fields_are_changed_on_its_page_and_who_did_it_is_told(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    connect(client, "G-7")
    with hub.begin() as connection:
        shop_id = connection.execute(select(Shop.id).where(Shop.code == "G-7")).scalar_one()
    path = f"/settings/shops/{shop_id}"
    assert send(client, f"{path}/fields", name="改过的店", **FIELDS).status_code == 303
    page = page_of(client, path)
    assert 'value="改过的店"' in page
    assert "改了店铺" in page
    assert "青禾" in page
    refused = send(client, f"{path}/fields", name="改过的店", **(FIELDS | {"timezone": "Mars"}))
    assert refused.status_code == 422
    assert re.search(r'name="timezone" value="Mars" aria-invalid="true"', refused.text)
    assert send(client, f"{path}/fields", name="改过的店", **(FIELDS | {"merge_cap": "many"})).status_code == 422
    assert send(client, f"{path}/try").status_code == 303
    assert "试了不行" in page_of(client, path)


def test_the_currency_of_a_shop_with_orders_stays(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        factories.an_order(connection, world, shop_id=world.shops[0])
    path = f"/settings/shops/{world.shops[0]}/fields"
    refused = send(client, path, name="店", **(FIELDS | {"currency": "USD"}))
    assert refused.status_code == 422
    assert "已经有订单了" in refused.text


def test_an_accounts_changed_fields_are_named_and_secrets_by_name_only(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    connect(client, "G-8")
    account = account_of(hub, "G-8")
    sent = {"field.app_key": "4273", "field.app_secret": "n3w-s3cr3t", "is_active": "1"}
    assert send(client, f"/settings/accounts/{account.id}", **sent).status_code == 303
    with hub.begin() as connection:
        shop_id = connection.execute(select(Shop.id).where(Shop.code == "G-8")).scalar_one()
        kept = connection.exec_driver_sql("select detail::text from event where kind = 'account_changed'").scalars()
        assert not any("n3w" in text or "4273" in text for text in kept)
    page = page_of(client, f"/settings/shops/{shop_id}")
    assert "改了账号" in page
    assert "变更 app_key、app_secret" in page
