"""The pages of stock: levels with their ledger, differences, counts, documents, points and pools, proofs."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.capture.coverage_files import import_coverage
from oms.app.kernel.hub import Hub
from oms.app.stock.proving import prove
from oms.db.goods import Sku
from oms.db.stock import StockPoint
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture(scope="module")
def room(hub: Hub, world: factories.World) -> dict[str, int]:
    """Two points without a warehouse system, and two SKUs."""
    with hub.begin() as connection:
        points = {code: factories.add(connection, StockPoint, code=code, name=code) for code in ("S1", "S2")}
        return points | {code: factories.add(connection, Sku, code=code, name=code) for code in ("ROOM-A", "ROOM-B")}


def one(hub: Hub, statement: str, **values: Any) -> Any:
    with hub.engine.connect() as connection:
        return connection.execute(text(statement), values).scalar()


def on_hand(hub: Hub, room: dict[str, int], sku: str = "ROOM-A", point: str = "S1", kind: str = "good") -> int:
    question = "select on_hand from stock_level where stock_point_id = :point and sku_id = :sku and kind = :kind"
    return int(one(hub, question, point=room[point], sku=room[sku], kind=kind) or 0)


def test_a_receipt_is_made_received_once_by_two_clicks_and_seen_in_the_ledger(
    client: FlaskClient, hub: Hub, room: dict[str, int]
) -> None:
    answer = send(client, "/stock/receipts", stock_point="S1", purchase_no="PO-9", lines="ROOM-A 20\nROOM-B\t5")
    path = answer.headers["Location"]
    assert "应收 25 件" in page_of(client, path)
    fields = {f"good.{room['ROOM-A']}": "18", f"defective.{room['ROOM-A']}": "2", "key": "click"}
    for _ in range(2):
        assert send(client, f"{path}/receive", **fields).status_code == 303
    assert (on_hand(hub, room), on_hand(hub, room, kind="defective")) == (18, 2)
    level = page_of(client, f"/stock/{room['S1']}/{room['ROOM-A']}")
    assert "采购入库" in level
    assert path in level, "the ledger leads to the document"
    assert "ROOM-A" in page_of(client, "/stock?q=ROOM-A")
    assert "ROOM-A" in client.get("/stock/export.csv?q=ROOM-A").text


def test_lines_that_cannot_be_read_are_refused_and_kept(client: FlaskClient, room: dict[str, int]) -> None:
    answer = send(client, "/stock/receipts", stock_point="S1", lines="ROOM-A twenty")
    assert answer.status_code == 422
    assert "ROOM-A twenty" in answer.text
    answer = send(client, "/stock/receipts", stock_point="S1", lines="NOWHERE 2")
    assert "没有货品 NOWHERE" in answer.text


def test_a_transfer_goes_and_arrives(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    send(client, "/stock/adjustments", stock_point="S1", lines="ROOM-B +10", difference_class="found", kind="good")
    path = send(client, "/stock/transfers", from_point="S1", to_point="S2", lines="ROOM-B 4").headers["Location"]
    send(client, f"{path}/send", **{f"good.{room['ROOM-B']}": "4", "is_final": "1", "key": "a"})
    assert on_hand(hub, room, "ROOM-B", "S2", "in_transit") == 4
    send(client, f"{path}/receive", **{f"good.{room['ROOM-B']}": "4", "is_final": "1", "key": "b", "seen": "1"})
    assert on_hand(hub, room, "ROOM-B", "S2") == 4
    late = send(client, f"{path}/receive", **{f"good.{room['ROOM-B']}": "4", "is_final": "1", "key": "c", "seen": "1"})
    assert (late.status_code, "别人" in late.text) == (409, True)
    more = send(client, f"{path}/receive", **{f"good.{room['ROOM-B']}": "4", "is_final": "1", "key": "d", "seen": "2"})
    assert (more.status_code, "还差 0 件没记" in more.text) == (422, True)
    assert on_hand(hub, room, "ROOM-B", "S2") == 4
    assert send(client, f"{path}/close").status_code == 303
    assert "已关闭" in page_of(client, "/stock/transfers")


def test_a_count_is_taken_and_its_large_difference_settled(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    send(client, f"/stock/points/{room['S2']}", code="S2", name="二仓", kind="warehouse", timezone="Asia/Shanghai",
         difference_limit="5")  # fmt: skip
    send(client, "/stock/adjustments", stock_point="S2", lines="ROOM-A 30", difference_class="found", kind="good")
    body = "库存点编码,货品编码,件数\nS2,ROOM-A,12\nNOWHERE,ROOM-A,1\n"
    answer = send(client, "/stock/counts", file=(io.BytesIO(body.encode()), "count.csv"))
    assert "等人处理" in answer.text
    assert "没有这个编码的库存点" in answer.text
    assert on_hand(hub, room, point="S2") == 30
    line = one(hub, "select id from stock_report_line where state = 'waiting'")
    assert "ROOM-A" in page_of(client, "/stock/differences")
    assert send(client, "/stock/differences/book", id=str(line), difference_class="loss").status_code == 303
    assert on_hand(hub, room, point="S2") == 12
    assert "盘亏" in page_of(client, "/stock/differences?state=booked")


def test_a_stock_point_keeps_its_calendar_areas_and_outage(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    fields = {"code": "S9", "name": "九仓", "kind": "store", "timezone": "Asia/Shanghai", "latitude": "30.27",
              "longitude": "120.15", "hours_mon": "09:00-18:00", "cut_off": "16:00", "closed_on": "2026-12-25 2027-01-01",
              "daily_capacity": "500", "areas": "330100\n-330127", "radius": "3000",
              "polygon": "30,120\n30,121\n31,121"}  # fmt: skip
    path = send(client, "/stock/points/new", **fields).headers["Location"]
    page = page_of(client, path)
    for kept in ("09:00-18:00", "2026-12-25", "-330127", "3000", "30.0,121.0"):
        assert kept in page
    until = (factories.NOW + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    assert send(client, f"{path}/state", state="outage", until=until, words="盘点").status_code == 303
    assert "停用中" in page_of(client, "/stock/points")
    assert send(client, path, **fields | {"polygon": "30,120"}).status_code == 422
    assert (
        one(hub, "select count(*) from stock_area a join stock_point p on p.id = a.stock_point_id where p.code = 'S9'")
        == 4
    )


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_form_of_a_stock_point_overwrites_nothing_that_others_set_meanwhile(
    client: FlaskClient, hub: Hub, room: dict[str, int]
) -> None:
    fields = {"code": "S7", "name": "七仓", "kind": "store", "timezone": "Asia/Shanghai", "latitude": "30.27",
              "longitude": "120.15"}  # fmt: skip
    path = send(client, "/stock/points/new", **fields).headers["Location"]
    seen = seen_on(page_of(client, path))
    assert seen_on(page_of(client, path)) == seen
    import_coverage(hub, "库存点编码,范围\nS7,330100\nS7,半径 3000\nS7,半径 5000\n".encode(), "somebody")
    late = send(client, path, **fields | {"name": "七号仓", "seen": seen})
    assert (late.status_code, "somebody 刚改过这里" in late.text, "七号仓" in late.text) == (409, True, True)
    assert seen_on(late.text) == seen, "it stays refused until somebody has looked"
    count = "select count(*) from stock_area a join stock_point p on p.id = a.stock_point_id where p.code = 'S7'"
    assert one(hub, count) == 3
    page = page_of(client, path)
    assert "330100\n半径 5000" in page
    kept = fields | {"name": "七号仓", "seen": seen_on(page), "areas": "330100\n半径 5000", "radius": "3000"}
    assert send(client, path, **kept).status_code == 303
    assert one(hub, count) == 3
    assert one(hub, "select name from stock_point where code = 'S7'") == "七号仓"


def test_two_people_change_a_pool_one_after_the_other(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    fields = {"code": "west", "name": "华西", "split_policy": "whole_first", f"rank_{room['S1']}": "1"}
    send(client, "/stock/pools", **fields)
    pool = one(hub, "select id from stock_pool where code = 'west'")
    form = page_of(client, "/stock/pools").partition(f'name="id" value="{pool}"')[2]
    given = fields | {"id": str(pool), "seen": seen_on(form)}
    assert send(client, "/stock/pools", **given | {f"rank_{room['S2']}": "2"}).status_code == 303
    late = send(client, "/stock/pools", **given | {"name": "西部"})
    assert (late.status_code, "刚改过这里" in late.text) == (409, True)
    assert one(hub, "select count(*) from pool_member m join stock_pool l on l.id = m.pool_id where l.code = 'west'") == 2


def test_any_stock_point_says_how_stops_go_on_there(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    path = f"/stock/points/{room['S2']}"
    assert 'name="answer_minutes" required inputmode="numeric" value="30"' in page_of(client, path)
    assert send(client, f"{path}/stops", answer_minutes="45", calls_back="1").status_code == 303
    assert 'value="45"' in page_of(client, path)
    assert send(client, f"{path}/stops", answer_minutes="0").status_code == 422
    with hub.engine.connect() as connection:
        question = text("select answer_minutes, calls_back from packing_setting where stock_point_id = :id")
        kept = connection.execute(question, {"id": room["S2"]}).one()
    assert tuple(kept) == (45, True)


def test_a_pool_has_its_points_in_order(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    ranks = {f"rank_{room['S1']}": "2", f"rank_{room['S2']}": "1"}
    send(client, "/stock/pools", code="east", name="华东", split_policy="main_first", main_point=str(room["S2"]), **ranks)
    assert "华东" in page_of(client, "/stock/pools")
    with hub.engine.connect() as connection:
        rows = connection.execute(text(
            "select p.code from pool_member m join stock_point p on p.id = m.stock_point_id join stock_pool l "
            "on l.id = m.pool_id where l.code = 'east' order by m.rank")).scalars()  # fmt: skip
        assert list(rows) == ["S2", "S1"]


def test_the_proof_shows_what_differs(client: FlaskClient, hub: Hub, room: dict[str, int]) -> None:
    prove(hub, factories.NOW.date())
    assert str(factories.NOW.date()) in page_of(client, "/stock/proofs")
    assert "全对上" in page_of(client, f"/stock/proofs?day={factories.NOW.date()}")


@pytest.fixture
def looker(somebody: Any) -> None:
    """Somebody who may look at stock and change nothing."""
    somebody(permissions=frozenset({"stock.view", "order.view"}))


@pytest.mark.parametrize("path", ["/stock/counts", "/stock/points/new"])
def test_who_may_only_look_sees_lists_and_changes_nothing(client: FlaskClient, looker: None, path: str) -> None:
    assert "新建采购入库" not in page_of(client, "/stock/receipts")
    page_of(client, path, 403)
    assert send(client, "/stock/receipts", stock_point="S1", lines="ROOM-A 1").status_code == 403


def test_a_coverage_file_is_tried_refused_by_row_and_kept_whole(
    client: FlaskClient, hub: Hub, room: dict[str, int]
) -> None:
    def sent(rows: str, **fields: str) -> Any:
        body = f"库存点编码,范围\n{rows}".encode()
        return send(client, "/stock/points/coverage", file=(io.BytesIO(body), "coverage.csv"), **fields)

    kept = "select count(*) from stock_area a join stock_point p on p.id = a.stock_point_id where p.code = 'S1'"
    wrong = sent('S1,3301\nS1,"围栏 30.2,120.1;30.4,120.3"')
    assert (wrong.status_code, one(hub, kept)) == (422, 0)
    assert "围栏至少三个角" in wrong.text
    assert "1 个库存点，2 个范围" in sent("S1,3301\nS1,文三路", trial="1").text
    assert one(hub, kept) == 0
    assert sent("S1,3301\nS1,文三路").status_code == 303
    assert one(hub, kept) == 2
    assert "围栏" in client.get("/stock/points/coverage/template.csv").text


def test_who_waits_for_oversold_goods_is_chosen_on_the_levels_page(
    client: FlaskClient, hub: Hub, room: dict[str, int]
) -> None:
    with hub.begin() as connection:
        connection.execute(
            text("""insert into stock_level (stock_point_id, sku_id, on_hand, reserved) values (:point, :sku, 1, 3)
                    on conflict (stock_point_id, sku_id, kind) do update set on_hand = 1, reserved = 3"""),
            {"point": room["S2"], "sku": room["ROOM-B"]},
        )
    path = f"/stock/{room['S2']}/{room['ROOM-B']}"
    assert "超卖 2 件" in page_of(client, path)
    refused = send(client, f"{path}/oversold", order="12345")
    assert (refused.status_code, "刷新后重新选" in refused.text) == (409, True)
    assert send(client, f"{path}/oversold").status_code == 422
    assert send(client, f"{path}/oversold/99/undo").status_code == 404


@pytest.mark.parametrize(("path", "field"), [("/stock/points/new", "code"), ("/stock/pools", "name")])
def test_an_invisible_sign_is_refused_by_its_field(
    client: FlaskClient, room: dict[str, int], path: str, field: str
) -> None:
    answer = send(client, path, **{field: "X\0Y"})
    assert (answer.status_code, "看不见的字符" in answer.text) == (422, True)


@pytest.mark.parametrize(("field", "value"), [("name", "长" * 101), ("account", "987654"), ("account", "none")])
def test_what_a_point_cannot_have_is_refused_and_not_left_out(
    client: FlaskClient, room: dict[str, int], field: str, value: str
) -> None:
    given = {"code": "S8", "name": "八仓", "kind": "warehouse", "timezone": "Asia/Shanghai", field: value}
    assert send(client, "/stock/points/new", **given).status_code == 422


def test_what_cannot_be_booked_names_the_field_where_it_was_written(client: FlaskClient, room: dict[str, int]) -> None:
    asked = {"stock_point": "S1", "difference_class": "found", "kind": "good"}
    many = "\n".join(f"ROOM-{number} 1" for number in range(501))
    for lines, words in (("", "一件也没写"), (many, "一次最多 500 行")):
        refused = send(client, "/stock/adjustments", **asked, lines=lines)
        assert (refused.status_code, words in refused.text) == (422, True)
        assert 'data-refused="lines"' in refused.text
    pool = {"code": "named", "name": "华南", "split_policy": "whole_first", f"rank_{room['S1']}": "first"}
    assert f'data-refused="rank_{room["S1"]}"' in send(client, "/stock/pools", **pool).text
