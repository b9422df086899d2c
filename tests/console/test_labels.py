"""改面单 and its form, the settings of e-waybills with what is left, labels on paper, parcels in trouble."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from connectors.carriers.cainiao import CONNECTOR as CAINIAO
from connectors.carriers.sf import CONNECTOR as SF
from oms.app.kernel.hub import Hub
from oms.app.kernel.receivers import open_receiver
from oms.console.permissions import BUILT_IN_ROLES
from oms.console.shipping import parcels
from oms.db.channels import Account
from oms.db.labels import EWaybill, ParcelLook
from tests.console import factories
from tests.console.browsing import page_of, send

SENDER = {"sender_name": "示例仓", "sender_phone": "13000000001", "province": "浙江省", "city": "杭州市",
          "district": "余杭区", "street": "示例路一号", "low_at": "300"}  # fmt: skip


#: Copies of the one in trouble, under ids that nobody else gives.
ANOTHER_PARCEL = """insert into parcel (id, fulfilment_id, carrier_id, waybill_no, state, handed_over_at)
    select 9000000000 + cast(:waybill as bigint), fulfilment_id, carrier_id, :waybill, state, handed_over_at from parcel
    where id = (select min(parcel_id) from parcel_look)"""
ANOTHER_LOOK = """insert into parcel_look (parcel_id, account_id, due_at, warning, warned_at)
    select 9000000000 + cast(:waybill as bigint), account_id, due_at, warning, warned_at from parcel_look
    where parcel_id < 9000000000"""


@dataclass
class Day:
    """Orders in the states that matter here."""

    planned: int
    labelled: int
    sent: int
    packed: int
    place: int


@pytest.fixture(scope="module")
def day(hub: Hub, world: factories.World) -> Day:
    """Orders not handed over, with our label, with the warehouse's, packed; and a parcel in trouble."""
    hub.vendors["cainiao"] = CAINIAO
    with hub.begin() as connection:
        account = factories.add(connection, Account, family="carrier", vendor="cainiao", name="菜鸟账号")
        planned, labelled, sent, packed = (factories.an_order(connection, world) for _ in range(4))
        factories.a_fulfilment(connection, world, [planned])
        ours = factories.a_fulfilment(connection, world, [labelled], "sent")
        factories.a_fulfilment(connection, world, [sent], "accepted")
        factories.a_fulfilment(connection, world, [packed], "accepted", warehouse_step="PACKAGE")
        key = hub.keys.open_data_key(
            labelled, *connection.execute(text("select master_key_id, wrapped from data_key where id = :id"),
                                          {"id": labelled}).one(),
        )  # fmt: skip
        factories.add(
            connection, EWaybill, key="k1", fulfilment_id=ours, order_id=labelled, account_id=account,
            carrier_id=world.carrier, stock_point_id=world.point, state="got", waybill_no="75000000000001", prints=2,
            sealed_print=key.seal(b"{}"),
        )  # fmt: skip
        gone = factories.an_order(connection, world, "shipped")
        left = factories.a_fulfilment(connection, world, [gone], "shipped")
        parcel = factories.a_parcel(connection, world, left)
        connection.execute(
            text("insert into parcel_look (parcel_id, account_id, due_at, warning, warned_at) values (:id, 1, :at, "
                 "'no_news', :at)"), {"id": parcel, "at": factories.NOW},
        )  # fmt: skip
    assert ParcelLook.__tablename__ == "parcel_look"
    return Day(planned, labelled, sent, packed, ours)


def put(client: FlaskClient, world: factories.World, hub: Hub, **changes: Any) -> Any:
    with hub.engine.connect() as connection:
        account = connection.execute(text("select id from account where vendor = 'cainiao'")).scalar_one()
    fields = {"point": world.point, "carrier": world.carrier, "account": account, "is_on": "1", **SENDER}
    return send(client, "/settings/labels", **(fields | changes))


def test_a_setting_is_put_in_force_and_shown_with_what_is_left(
    client: FlaskClient, world: factories.World, hub: Hub, day: Day
) -> None:
    assert "还没有由我们取号的" in page_of(client, "/settings/labels")
    assert put(client, world, hub, street=" ").status_code == 422
    assert put(client, world, hub, account="1").status_code == 422
    assert put(client, world, hub, customer_code="M1").status_code == 303
    with hub.begin() as connection:
        connection.execute(
            text("insert into e_waybill_stock (account_id, carrier_id, numbers, looked_at) "
                 "select account_id, carrier_id, 120, now() from e_waybill_setting")
        )  # fmt: skip
    page = page_of(client, f"/settings/labels?point={world.point}&carrier={world.carrier}")
    for words in ("华东主仓", "中通", "菜鸟账号", "120", "已取未用 1", 'value="M1"', "改设置"):
        assert words in page


@pytest.mark.parametrize(
    ("which", "words", "button"),
    [
        ("planned", "还没交给仓库", "直接改"),
        ("labelled", "仓库不停工", "让承运商改面单"),
        ("sent", "先要仓库退回", "让仓库退回后重发"),
        ("packed", "现在不能改", ""),
    ],
)
def test_the_page_says_beforehand_what_a_change_would_do(
    client: FlaskClient, day: Day, hub: Hub, which: str, words: str, button: str
) -> None:
    hub.masters.forget()
    order_id = getattr(day, which)
    assert f"/orders/{order_id}/label" in page_of(client, f"/orders/{order_id}")
    page = page_of(client, f"/orders/{order_id}/label")
    assert words in page
    assert button in page
    assert "桂花里" not in page


def test_what_is_asked_waits_for_the_answer_and_half_an_address_is_refused(
    client: FlaskClient, day: Day, hub: Hub
) -> None:
    path = f"/orders/{day.labelled}/label"
    assert send(client, path, way="update", city="杭州市", reason="买家来电").status_code == 422
    assert send(client, path, way="renew", phone="13900000009", reason="买家来电").status_code == 409
    assert send(client, path, way="update", phone="13900000009", reason="买家来电").status_code == 303
    page = page_of(client, path)
    assert "等对方答复" in page
    assert "现在不能改" in page
    with hub.engine.connect() as connection:
        assert open_receiver(hub, connection, day.labelled)[0].phone == "13812342207"
        row = connection.execute(
            text("select kind, state from outbound where order_id = :id"), {"id": day.labelled}
        ).one()
    assert tuple(row) == ("change_label", "waiting")


def test_a_changed_label_is_ours_when_somebody_says_that_it_is_on(client: FlaskClient, day: Day, hub: Hub) -> None:
    with hub.begin() as connection:
        (change,) = connection.execute(
            text("update label_change set state = 'told', told_at = now() where order_id = :id returning id"),
            {"id": day.labelled},
        ).one()
    page = page_of(client, "/labels/changes")
    assert all(words in page for words in ("打新面单", "换好了", "换不了", "电话"))
    assert "承运商已改，等仓库说换好" in page_of(client, f"/orders/{day.labelled}/label")
    assert "13900000009" in page_of(client, f"/labels/{day.place}/print")
    assert send(client, f"/labels/changes/{change}", answer="done").status_code == 303
    assert "没有要换的面单" in page_of(client, "/labels/changes")
    assert send(client, f"/labels/changes/{change}", answer="done").status_code == 409
    with hub.engine.connect() as connection:
        assert open_receiver(hub, connection, day.labelled)[0].phone == "13900000009"


def test_nobody_changes_a_label_without_the_permission(client: FlaskClient, day: Day, somebody: Any) -> None:
    somebody(permissions=frozenset({"order.view", "master.view"}))
    assert client.get(f"/orders/{day.planned}/label").status_code == 403
    assert send(client, "/settings/labels", **SENDER).status_code == 403
    assert "由我们取号的" in page_of(client, "/settings/labels")


def test_the_newest_label_is_printed_says_that_older_ones_are_void_and_is_noted(
    client: FlaskClient, day: Day, hub: Hub, somebody: Any
) -> None:
    told = "select actor, detail ->> 'reason' from event where kind = 'receiver_unmasked' and order_id = :id order by id"

    def noted() -> list[tuple[str, str]]:
        with hub.engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(text(told), {"id": day.labelled})]

    before = noted()
    page = page_of(client, f"/labels/{day.place}/print")
    for words in ("75000000000001", "<svg", "第 2 版", "桂花里", "示例路一号"):
        assert words in page
    with hub.engine.connect() as connection:
        person = connection.execute(text("select id from users")).scalar_one()
    assert noted() == [*before, (f"user:{person}", "打印面单")]
    assert "打印面单" in page_of(client, f"/orders/{day.labelled}")
    assert client.get("/labels/1/print").status_code == 404
    somebody(permissions=BUILT_IN_ROLES["warehouse"].permissions)
    assert client.get(f"/labels/{day.place}/print").status_code == 404
    assert len(noted()) == len(before) + 1


def test_parcels_in_trouble_are_listed_by_what_is_wrong(client: FlaskClient, day: Day) -> None:
    page = page_of(client, "/operations/parcels")
    assert "轨迹不动 1" in page
    assert "7844" in page
    assert "没有异常的包裹" in page_of(client, "/operations/parcels?kind=no_scan")


def test_parcels_in_trouble_go_on_on_further_pages(
    client: FlaskClient, day: Day, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "PAGE", 2)
    with hub.begin() as connection:
        for waybill in ("7845", "7846"):
            connection.execute(text(ANOTHER_PARCEL), {"waybill": waybill})
            connection.execute(text(ANOTHER_LOOK), {"waybill": waybill})
    first = page_of(client, "/operations/parcels?kind=no_news")
    at = re.search(r'href="([^"]+)" rel="next"', first)
    assert at is not None
    second = page_of(client, html.unescape(at[1]))
    told = [re.findall(r'class="mono wraps">([^<]+)<br>', page) for page in (first, second)]
    assert ([len(numbers) for numbers in told], 'rel="next"' in second) == ([2, 1], False)
    assert len({*told[0], *told[1]}) == 3
    assert page_of(client, "/operations/parcels?at=never~x").count("记为丢失") == 2, "a broken place is the first page"
    with hub.begin() as connection:
        connection.execute(text("delete from parcel_look where parcel_id > 9000000000"))
        connection.execute(text("delete from parcel where id > 9000000000"))


def test_people_say_what_became_of_a_parcel(client: FlaskClient, day: Day, hub: Hub) -> None:
    with hub.engine.connect() as connection:
        parcel = connection.execute(text("select parcel_id from parcel_look")).scalar_one()
    assert send(client, f"/operations/parcels/{parcel}/end", state="eaten").status_code == 422
    assert send(client, f"/operations/parcels/{parcel}/end", state="lost").status_code == 303
    assert "没有异常的包裹" in page_of(client, "/operations/parcels")
    refused = send(client, f"/operations/parcels/{parcel}/end", state="lost")
    assert (refused.status_code, "这个包裹已经了结" in refused.text) == (409, True)


def test_an_account_of_a_carrier_is_made_and_its_form_drawn_from_its_manifest(
    client: FlaskClient, world: factories.World, day: Day, hub: Hub
) -> None:
    hub.vendors["sf"] = SF
    assert send(client, "/settings/labels/accounts", vendor="nobody", name="x").status_code == 422
    answer = send(client, "/settings/labels/accounts", vendor="sf", name="顺丰月结")
    assert answer.status_code == 303
    form = page_of(client, answer.headers["Location"])
    for words in ("顾客编码", "校验码", "月结卡号", "付款方式"):
        assert words in form
    account = answer.headers["Location"].rpartition("/")[2]
    assert send(client, f"/settings/labels/tracking/{world.carrier}", account="1").status_code == 422
    assert send(client, f"/settings/labels/tracking/{world.carrier}", account=account).status_code == 303
    assert "谁告诉我们包裹到哪了" in page_of(client, "/settings/labels")
    with hub.engine.connect() as connection:
        kept = connection.execute(text("select tracking_account_id from carrier where id = :id"), {"id": world.carrier})
        assert kept.scalar_one() == int(account)
