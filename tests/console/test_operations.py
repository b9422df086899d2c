"""The operations pages: sync, parked records, outbound evidence, interceptions, emergency stops, accounts."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from connectors.contract.families import Marketplace
from connectors.contract.manifest import Field, Manifest
from oms.app.kernel.hub import Hub
from oms.db.activity import EmergencyStop, Outbound
from oms.db.capture import ParkedRecord, PushMessage
from oms.db.channels import Account, StreamCursor, SyncSchedule
from oms.db.fulfilments import Interception
from tests.console import factories
from tests.console.browsing import page_of, send

MANIFEST = Manifest(
    vendor="taobao",
    family="marketplace",
    label_zh="淘宝天猫",
    label_en="Taobao",
    mark="天",
    gateway="https://eco.example/router/rest",
    fields=(
        Field("app_key", "应用键", "App key"),
        Field("app_secret", "应用密钥", "App secret", secret=True),
        Field("seller", "卖家号", "Seller id", required=False),
    ),
)


class FakeVendor(Marketplace):
    """A vendor of which only the manifest matters here."""

    manifest = MANIFEST


def test_a_shop_that_fails_is_first_and_says_when_it_tries_again(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    failing = StreamCursor.shop_id == world.shops[1]
    with hub.begin() as connection:
        connection.execute(
            update(StreamCursor)
            .where(failing)
            .values(failures=4, last_error="平台限流", paused_until=world.now + timedelta(minutes=10))
        )
    page = page_of(client, "/operations/sync")
    assert re.findall(r'<section class="tile is-(\w+)" aria-label="([^"]+)"', page)[0] == ("late", "罗雅家居专营店")
    assert "连续 4 次没成，18:52 再试" in page
    assert "平台限流" in page
    assert "连续 4 次没抓到" in page_of(client, "/")
    with hub.begin() as connection:
        connection.execute(update(StreamCursor).where(failing).values(failures=0, paused_until=None))


def test_a_schedule_is_edited_and_its_version_grows(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    path = f"/operations/sync/{world.shops[0]}/cases/schedule"
    assert send(client, path, every_s="90", is_enabled="1").status_code == 303
    statement = select(SyncSchedule.every_s, SyncSchedule.is_enabled, SyncSchedule.version).where(
        SyncSchedule.shop_id == world.shops[0], SyncSchedule.stream == "cases"
    )
    with hub.begin() as connection:
        assert connection.execute(statement).one() == (90, True, 1)
    assert send(client, path, every_s="4", is_enabled="1").status_code == 422
    assert send(client, path, every_s="90").status_code == 303
    with hub.begin() as connection:
        assert connection.execute(statement).one() == (90, False, 2)


def test_pull_now_wakes_the_stream(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    poked: list[str] = []
    hub.poke, before = poked.append, hub.poke
    try:
        assert send(client, f"/operations/sync/{world.shops[0]}/orders/pull").status_code == 303
        assert poked == ["sync"]
        assert send(client, f"/operations/sync/{world.shops[0]}/nothing/pull").status_code == 404
        assert send(client, "/operations/sync/1/orders/pull").status_code == 404
    finally:
        hub.poke = before


def test_parked_records_are_discarded_with_a_reason(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        record = factories.a_parked_record(connection, world)
    page = page_of(client, "/operations/parked")
    assert "状态码 SPLIT_WAIT 不认识" in page
    assert send(client, "/operations/parked/discard", id=str(record), reason="").status_code == 422
    assert send(client, "/operations/parked/discard", id=str(record), reason="测试单").status_code == 303
    with hub.begin() as connection:
        state = connection.execute(select(ParkedRecord.state).where(ParkedRecord.id == record)).scalar_one()
    assert state == "discarded"


def test_a_failed_message_is_seen_and_worked_on_again(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        message = factories.new_id(connection)
        account = connection.execute(select(Account.id).limit(1)).scalar_one()
        factories.add(
            connection, PushMessage, id=message, account_id=account, topic="shipped", key="k1", number="F77",
            data_key_id=1, sealed=b"sealed", state="failed", error="没有这张单", attempts=8,
        )  # fmt: skip
    page = page_of(client, "/operations/parked")
    assert "没有这张单" in page
    assert "F77" in page
    assert send(client, "/operations/parked/messages/retry", id=str(message)).status_code == 303
    with hub.begin() as connection:
        found = connection.execute(select(PushMessage.state, PushMessage.attempts).where(PushMessage.id == message)).one()
    assert tuple(found) == ("new", 0)
    assert "没有这张单" not in page_of(client, "/operations/parked")


def test_stuck_outbound_shows_its_evidence_and_is_sent_again(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        stuck = factories.an_outbound(connection, world, None)
        given_up = factories.an_outbound(connection, world, None, "refused")
    page = page_of(client, "/operations/outbound")
    assert "货品未备案" in page
    assert "812 毫秒" in page
    assert send(client, "/operations/outbound/retry", id=str(stuck)).status_code == 303
    assert send(client, "/operations/outbound/void", id=str(given_up), reason="改走线下").status_code == 303
    with hub.begin() as connection:
        rows = connection.execute(select(Outbound.state).where(Outbound.id.in_([stuck, given_up])).order_by(Outbound.id))
        assert list(rows.scalars()) == ["waiting", "void"]


def test_a_failed_interception_waits_until_somebody_takes_note(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "at_warehouse")
        fulfilment = factories.a_fulfilment(connection, world, [order], "accepted")
        failed = factories.an_interception(connection, world, order, fulfilment, "failed")
        open_ = factories.an_interception(connection, world, order, fulfilment, "asked")
    assert "没拦下" in page_of(client, "/")
    path = "/operations/interceptions"
    assert send(client, f"{path}/{failed}/acknowledge", reason="已联系快递退回").status_code == 303
    refused = send(client, f"{path}/{open_}/acknowledge", reason="先确认")
    assert refused.status_code == 409
    with hub.begin() as connection:
        row = connection.execute(
            select(Interception.acknowledged_by, Interception.detail).where(Interception.id == failed)
        ).one()
    assert row.acknowledged_by.startswith("user:")
    assert row.detail == {"acknowledged": "已联系快递退回"}
    assert f"{path}/{failed}/" not in page_of(client, path)


def test_a_stop_is_placed_counted_released_and_ended(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        for _ in range(3):
            factories.an_outbound(connection, world, None, "waiting", due_at=world.now)
        waiting = select(func.count()).where(Outbound.state == "waiting", Outbound.shop_id == world.shops[0])
        expected = connection.execute(waiting).scalar_one()
    assert send(client, "/operations/stop", where="shop:x", reason="演练").status_code == 422
    assert send(client, "/operations/stop", where="all", reason="").status_code == 422
    assert send(client, "/operations/stop", where="carrier:99999", reason="演练").status_code == 422
    assert send(client, "/operations/stop", where=f"shop:{world.shops[0]}", reason="价格标错").status_code == 303
    page = page_of(client, "/operations/stop")
    assert "价格标错" in page
    assert re.search(rf"<b>{expected}</b><span[^>]*>在等的推送", page)
    with hub.begin() as connection:
        stop = connection.execute(select(func.max(EmergencyStop.id))).scalar_one()
    assert send(client, f"/operations/stop/{stop}/release", per_minute="0").status_code == 422
    assert send(client, f"/operations/stop/{stop}/release", per_minute="1").status_code == 303
    assert "正在放行，每分钟 1 个" in page_of(client, "/operations/stop")
    assert send(client, f"/operations/stop/{stop}/end").status_code == 303
    assert send(client, f"/operations/stop/{stop}/end").status_code == 404
    with hub.begin() as connection:
        kept_back = select(func.count()).where(Outbound.state == "waiting", Outbound.due_at.is_(None))
        assert connection.execute(kept_back).scalar_one() == 0


def test_an_accounts_form_comes_from_the_manifest_and_never_shows_secrets(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    hub.vendors["taobao"] = FakeVendor  # type: ignore[assignment]
    path = f"/settings/accounts/{world.account}"
    fields = {"field.app_key": "4272", "field.app_secret": "s3cr3t", "field.seller": "", "is_active": "1"}
    missing = send(client, path, **(fields | {"field.app_secret": ""}))
    assert missing.status_code == 422
    assert "应用密钥" in missing.text
    assert send(client, path, **fields).status_code == 303
    page = page_of(client, path)
    assert "4272" in page
    assert "s3cr3t" not in page
    assert "已存，留空不改" in page
    kept = send(client, path, **(fields | {"field.app_key": "9999", "field.app_secret": ""}))
    assert kept.status_code == 303
    with hub.begin() as connection:
        row = connection.execute(select(Account).where(Account.id == world.account)).one()
    assert row.settings["app_key"] == "9999"
    opened = hub.keys.open_secret(row.sealed_secrets, row.secrets_key_id, f"account {world.account}")
    assert opened == b'{"app_secret":"s3cr3t"}'


def test_a_gateway_must_be_a_web_address(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    hub.vendors["taobao"] = FakeVendor  # type: ignore[assignment]
    fields = {"field.app_key": "1", "field.app_secret": "2", "gateway": "file:///etc/passwd", "is_active": "1"}
    assert send(client, f"/settings/accounts/{world.account}", **fields).status_code == 422
