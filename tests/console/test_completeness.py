"""The completeness page: ask for a certificate or a backfill, see what differs, bring it, stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from connectors.contract.families import Marketplace
from connectors.contract.manifest import Manifest
from oms.app.kernel.hub import Hub
from oms.db.capture import PendingReference
from oms.db.channels import Account
from oms.db.completeness import Backfill, CompletenessCheck, CompletenessRow
from tests.console import factories
from tests.console.browsing import page_of, send

PATH = "/operations/completeness"


class Listing(Marketplace):
    """A platform that can list a past window."""

    manifest = Manifest("taobao", "marketplace", "淘宝天猫", "Taobao", "天", "https://eco.example/rest")

    def between(self, since: datetime, until: datetime) -> str:
        return "start"


@pytest.fixture(autouse=True)
def vendor(hub: Hub) -> Iterator[None]:
    before = dict(hub.vendors)
    hub.vendors["taobao"] = Listing
    with hub.begin() as connection:
        connection.execute(update(Account).values(state="active"))
    yield
    hub.vendors.clear()
    hub.vendors.update(before)


def a_certificate(hub: Hub, world: factories.World, **changes: object) -> int:
    since = factories.NOW - timedelta(days=1)
    values = {"shop_id": world.shops[0], "since_at": since, "until_at": factories.NOW, "state": "done",
              "method": "list", "listed": 3, "matched": 1, "missing": 1, "differing": 1}  # fmt: skip
    with hub.begin() as connection:
        return factories.add(connection, CompletenessCheck, **values | changes)


def test_a_window_is_asked_for_in_whole_days(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    day = (factories.NOW - timedelta(days=3)).date().isoformat()
    answer = send(client, f"{PATH}/check", shop=world.shops[0], since=day, until=day)
    assert answer.status_code == 303
    with hub.begin() as connection:
        found = connection.execute(
            select(CompletenessCheck.since_at, CompletenessCheck.until_at).order_by(CompletenessCheck.id.desc())
        ).first()
    assert found is not None
    assert found.until_at - found.since_at == timedelta(days=1)
    begins = found.since_at.astimezone(ZoneInfo("Asia/Shanghai"))
    assert (begins.date().isoformat(), begins.hour) == (day, 0)
    assert "核对中" in page_of(client, answer.location)


def test_a_certificate_names_each_difference(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    check_id = a_certificate(hub, world)
    with hub.begin() as connection:
        for no, kind in (("M-1", "missing"), ("D-1", "differing")):
            seen = {"state": "open", "paid_total": 12300}
            connection.execute(insert(CompletenessRow).values(check_id=check_id, external_no=no, kind=kind, seen=seen))
    page = page_of(client, f"{PATH}/{check_id}")
    assert "平台按下单时间的清单有 3 单，一致 1、缺 1、多 0、不同 1。" in page
    assert "M-1" in page
    assert "123.00" in page
    assert send(client, f"{PATH}/{check_id}/pull").status_code == 303
    with hub.begin() as connection:
        waiting = set(connection.scalars(select(PendingReference.external_no)))
    assert {"M-1", "D-1"} <= waiting
    assert "已重抓 2 单" in page_of(client, f"{PATH}/{check_id}")


def test_what_moved_during_the_check_has_its_own_count_and_is_not_missing(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    check_id = a_certificate(hub, world, missing=0, differing=0, matched=2)
    with hub.begin() as connection:
        row = {"check_id": check_id, "external_no": "V-1", "kind": "listed", "seen": {"state": "open"}}
        connection.execute(insert(CompletenessRow).values(**row))
    page = page_of(client, f"{PATH}/{check_id}")
    assert "另有 1 单在核对时正在变" in page
    assert "V-1" in page
    assert page.count("在变，再看一次") == 2
    assert "有差异" not in page
    assert '<td class="num t2">1</td>' in page_of(client, PATH)
    assert send(client, f"{PATH}/{check_id}/pull").status_code == 303
    with hub.begin() as connection:
        assert "V-1" in connection.scalars(select(PendingReference.external_no)).all()


def test_a_backfill_is_started_shown_and_stopped(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    day = (factories.NOW - timedelta(days=30)).date().isoformat()
    assert send(client, f"{PATH}/backfill", shop=world.shops[0], since=day, until=day).status_code == 303
    with hub.begin() as connection:
        backfill_id = connection.scalar(select(Backfill.id).order_by(Backfill.id.desc()))
        connection.execute(update(Backfill).values(documents=50, estimate=200, state="running"))
    assert 'value="25"' in page_of(client, PATH)
    assert send(client, f"{PATH}/backfill/{backfill_id}/stop").status_code == 303
    assert send(client, f"{PATH}/backfill/{backfill_id}/stop").status_code == 404
    assert "已停止" in page_of(client, PATH)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"since": "2026-01-05", "until": "2026-01-01"}, "结束早于开始"),
        ({"since": "yesterday", "until": "2026-01-01"}, "要一个日期"),
        ({"since": "2024-01-01", "until": "2026-01-01"}, "拆成几段"),
        ({"shop": "99999999999999999999999"}, "要选一家店"),
    ],
)
def test_a_wrong_window_is_refused_with_a_remedy(
    client: FlaskClient, world: factories.World, form: dict[str, str], words: str
) -> None:
    asked = {"shop": str(world.shops[0]), "since": "2026-01-01", "until": "2026-01-02"} | form
    answer = send(client, f"{PATH}/check", **asked)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_failed_certificate_says_why_in_the_reader_s_language(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        factories.add(connection, CompletenessCheck, shop_id=world.shops[0], since_at=datetime(2026, 1, 1, tzinfo=UTC),
                      until_at=datetime(2026, 1, 2, tzinfo=UTC), state="failed",
                      error="shop: this platform has no second list of orders")  # fmt: skip
    assert "这个平台没有第二份订单列表" in page_of(client, PATH)
