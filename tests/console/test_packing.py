"""The pages of people who pack: scan, check, ship, miss, swap, stop; only at their own stock points."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.intercept import emergency
from oms.app.kernel.hub import Hub
from oms.console.packing.barcodes import WIDE, bars
from oms.console.permissions import BUILT_IN_ROLES
from oms.db.channels import Account
from oms.db.labels import EWaybill
from oms.domain.numbers import document_no
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture(scope="module")
def point(hub: Hub, world: factories.World) -> int:
    """A warehouse that is worked by hand."""
    with hub.begin() as connection:
        connection.execute(text("insert into stock_point (id, code, name) values (700, 'HAND', '手工仓')"))
        connection.execute(text("update sku set barcode = '69' || id, category = 'bed'"))
        for sku in world.skus:
            connection.execute(
                text("insert into stock_level (stock_point_id, sku_id, on_hand, reserved) values (700, :sku, 50, 20)"),
                {"sku": sku},
            )
    return 700


@pytest.fixture
def work(hub: Hub, world: factories.World, point: int) -> int:
    """A fulfilment at the point, of an order of two lines."""
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "at_warehouse", lines=2)
        id_ = factories.a_fulfilment(connection, world, [order], "sent")
        connection.execute(
            text("update fulfilment set stock_point_id = :point where id = :id"), {"id": id_, "point": point}
        )
    return id_


def number(id_: int) -> str:
    return document_no("fulfilment", id_)


def state(hub: Hub, id_: int) -> str:
    with hub.engine.connect() as connection:
        return str(connection.execute(text("select status from fulfilment where id = :id"), {"id": id_}).scalar_one())


def codes(hub: Hub, id_: int) -> list[Any]:
    statement = """select k.code, k.barcode, l.planned from fulfilment_line l join sku k on k.id = l.sku_id
                   where l.fulfilment_id = :id order by 1"""
    with hub.engine.connect() as connection:
        return list(connection.execute(text(statement), {"id": id_}))


def test_a_scanned_number_opens_its_fulfilment_and_an_unknown_one_says_so(client: FlaskClient, work: int) -> None:
    assert number(work) in page_of(client, "/packing?point=700")
    assert send(client, "/packing/scan", code=number(work), point=700).location == f"/packing/{work}"
    refused = send(client, "/packing/scan", code="F0000", point=700)
    assert (refused.status_code, "没有「F0000」这张单" in refused.text) == (422, True)


def test_scanned_goods_are_counted_and_the_parcel_leaves(client: FlaskClient, hub: Hub, work: int) -> None:
    for _code, barcode, units in codes(hub, work):
        for _ in range(units):
            assert send(client, f"/packing/{work}/scan", code=barcode).status_code == 303
    assert "都扫齐了" in page_of(client, f"/packing/{work}")
    assert send(client, f"/packing/{work}/scan", code="nothing").status_code == 422
    sent = send(client, f"/packing/{work}/ship", waybill="ZT9001", carrier="ZTO", weight="1.25", key="a")
    assert (sent.location, state(hub, work)) == ("/packing?point=700", "shipped")
    assert (
        send(client, f"/packing/{work}/ship", waybill="ZT9001", carrier="ZTO", weight="1.25", key="a").status_code == 303
    )


def test_a_part_leaves_only_when_it_is_said_what_becomes_of_the_rest(client: FlaskClient, hub: Hub, work: int) -> None:
    code = codes(hub, work)[0].code
    form = {"waybill": "ZT9002", "carrier": "ZTO", f"units:{code}": "1"}
    refused = send(client, f"/packing/{work}/ship", key="b", **form)
    assert (refused.status_code, "还有货没装进来" in refused.text) == (422, True)
    assert send(client, f"/packing/{work}/ship", key="c", more="1", **form).location == f"/packing/{work}"
    assert state(hub, work) == "part_shipped"


def test_what_is_asked_to_stop_is_red_and_answered_with_one_click(client: FlaskClient, hub: Hub, work: int) -> None:
    with hub.begin() as connection:
        connection.execute(text("update fulfilment set status = 'stopping', stop = 'asked' where id = :id"), {"id": work})
    assert "停：别发" in page_of(client, "/packing?point=700&view=stops")
    assert "停：这张单别发" in page_of(client, f"/packing/{work}")
    refused = send(client, f"/packing/{work}/ship", waybill="ZT9003", carrier="ZTO", key="d")
    assert (refused.status_code, state(hub, work)) == (409, "stopping")
    send(client, f"/packing/{work}/stop", answer="stopped", key="e")
    assert (state(hub, work), "这张单已取消，别发" in page_of(client, f"/packing/{work}")) == ("cancelled", True)


def test_an_emergency_stop_takes_the_forms_off_the_page(client: FlaskClient, hub: Hub, work: int) -> None:
    stop = emergency.place(hub, "stock_point", 700, "wrong labels", "user:1")
    page = page_of(client, f"/packing/{work}")
    assert "紧急停发：解除之前不要接单、扫货、发出" in page
    assert 'id="waybill"' not in page
    assert send(client, f"/packing/{work}/accept", key="halt").status_code == 409
    emergency.end(hub, stop, "user:1")
    assert 'id="waybill"' in page_of(client, f"/packing/{work}")


def test_labels_of_ours_are_printed_from_the_page_and_a_package_gets_one_more(
    client: FlaskClient, hub: Hub, world: factories.World, work: int
) -> None:
    with hub.begin() as connection:
        account = factories.add(connection, Account, family="carrier", vendor="cainiao", name="菜鸟打包")
        factories.add(
            connection, EWaybill, key=f"w{work}", fulfilment_id=work, order_id=1, account_id=account,
            carrier_id=world.carrier, stock_point_id=700, state="got", waybill_no="75009",
        )  # fmt: skip
        connection.execute(
            text("insert into e_waybill_setting (stock_point_id, carrier_id, account_id, sender_name, sender_phone, "
                 "province, street) values (700, :carrier, :account, '示例仓', '13000000001', '浙江省', '示例路')"),
            {"carrier": world.carrier, "account": account},
        )  # fmt: skip
    hub.masters.forget()
    page = page_of(client, f"/packing/{work}")
    assert f"/labels/{work}/print?package=1" in page
    assert "加一个包裹" in page
    assert send(client, f"/packing/{work}/package", package="2").status_code == 303
    assert send(client, f"/packing/{work}/package", package="7").status_code == 409
    page = page_of(client, f"/packing/{work}")
    assert "第 2 件" in page
    assert "取号中" in page
    with hub.begin() as connection:
        connection.execute(
            text("insert into label_change (order_id, fulfilment_id, way, state, what, asked_by, told_at) "
                 "select lead_order_id, id, 'update', 'told', '{phone}', 'user:1', now() from fulfilment where id = :id"),
            {"id": work},
        )  # fmt: skip
    page = page_of(client, f"/packing/{work}")
    assert "面单改过：先换上新面单" in page
    assert 'id="waybill"' not in page
    assert "要换的面单 1" in page_of(client, "/packing?point=700")


def test_a_wave_is_picked_from_paper_with_bars_to_scan(client: FlaskClient, work: int) -> None:
    made = send(client, "/packing/waves", point=700, id=[work])
    wave = str(made.location)
    assert number(work) in page_of(client, wave)
    paper = page_of(client, f"{wave}/print")
    assert (f'aria-label="{number(work)}"' in paper, "<script" in paper) == (True, False)
    assert send(client, "/packing/waves", point=700, id=[work]).status_code == 409


def test_a_slip_shows_prices_only_where_the_point_says_so_and_is_noted(client: FlaskClient, hub: Hub, work: int) -> None:
    assert "实付" not in page_of(client, f"/packing/{work}/slip")
    send(
        client,
        "/packing/points/700",
        swap_most_amount="3.50",
        answer_minutes="20",
        slip_prices="1",
        swap_origins=["gift"],
    )
    assert "实付" in page_of(client, f"/packing/{work}/slip")
    with hub.engine.connect() as connection:
        setting = connection.execute(
            text("select swap_origins, swap_most_amount, answer_minutes from packing_setting")
        ).one()
        noted = connection.execute(text("select count(*) from event where kind = 'receiver_unmasked'")).scalar_one()
    assert (tuple(setting), noted) == ((["gift"], 350, 20), 2)


def test_people_see_only_points_they_are_named_for(client: FlaskClient, hub: Hub, work: int, somebody: Any) -> None:
    somebody(permissions=frozenset({"packing.work", "order.view"}), shop_ids=[])
    assert "没有归你的手工仓库" in page_of(client, "/packing")
    page_of(client, f"/packing/{work}", 404)
    with hub.begin() as connection:
        connection.execute(text("insert into user_point select id, 700 from users"))
    assert number(work) in page_of(client, f"/packing/{work}")
    page_of(client, f"/packing/{work}/slip", 403)
    page_of(client, "/packing/points/700", 403)
    with hub.begin() as connection:
        connection.execute(text("delete from user_point"))


def test_taking_somebody_off_their_only_point_leaves_them_with_none(
    client: FlaskClient, app: Flask, hub: Hub, point: int, work: int, somebody: Any
) -> None:
    lead = app.config["CONSOLE_PERSON"]

    def named() -> list[int]:
        with hub.engine.connect() as connection:
            return list(connection.execute(text("select stock_point_id from user_point")).scalars())

    def name(*who: str) -> None:
        app.config["CONSOLE_PERSON"] = lead
        send(client, f"/packing/points/{point}/people", who=[*who, "user:x", "junk"])
        somebody(permissions=BUILT_IN_ROLES["warehouse"].permissions)

    name(f"user:{lead.id}")
    assert named() == [point]
    assert number(work) in page_of(client, f"/packing/{work}")
    name()
    assert named() == []
    page_of(client, f"/packing/{work}", 404)
    assert "没有归你的手工仓库" in page_of(client, "/packing")
    app.config["CONSOLE_PERSON"] = lead
    assert number(work) in page_of(client, f"/packing/{work}")


def test_every_character_of_a_barcode_has_three_wide_bars_of_nine_and_is_its_own() -> None:
    assert {(len(wide), wide.count("1")) for wide in WIDE.values()} == {(9, 3)}
    assert len(set(WIDE.values())) == len(WIDE)
    assert bars("F1")[0] == (0, 2)
