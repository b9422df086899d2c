"""Master rows from files: good rows are written, others come back, the same file twice changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from oms.app.capture.entered.columns import MissingColumns
from oms.app.capture.masters_import import Imported, import_masters, kind_of
from oms.app.capture.masters_import_kinds import KINDS
from oms.app.capture.masters_listing import LISTINGS, list_masters, remove_master
from oms.app.capture.sheets import write_csv, write_workbook
from oms.domain.errors import Invalid, NotFound
from tests.factories import RECEIVER, World, a_line, an_order, settle

STREET = "浙江省杭州市西湖区文三路1号"
FILES: dict[str, tuple[list[str], list[list[str]], str]] = {
    "cost": (["货品编码", "成本价", "币种", "生效时间"], [["A", "6.50", "", ""], ["B", "7", "USD", "2026-12-01"]],
             "select count(*) from cost_price where amount = 650 or amount = 700"),
    "floor": (["店铺", "货品编码", "最低价"], [["", "A", "9"], ["S1", "B", "8.88"]],
              "select count(*) from floor_price where (shop_id, amount) in ((0, 900), (1, 888))"),
    "blacklist": (["类型", "内容", "原因", "来源", "到期时间"],
                  [["电话", "138-0000-0001", "拒收三次", "客服", ""], ["地址", STREET, "空地址", "", "2027-01-01"],
                   ["buyer", "b-1", "fraud", "", ""]],
                  "select count(*) from blacklist_entry where kind in ('phone', 'address', 'buyer')"),
    "level": (["等级编码", "名称", "排序", "优惠百分比"], [["gold", "金卡", "2", "7.5%"], ["silver", "银卡", "1", ""]],
              "select count(*) from member_level where discount_bp in (750, 0)"),
    "sku": (["sku", "weight g", "volume cm3", "size class"], [["A", "1200", "3400", "大"], ["B", "", "500", ""]],
            "select count(*) from sku where volume_cm3 in (3400, 500)"),
    "coverage": (["承运商", "地区代码", "能否送达"], [["SF", "65", "否"], ["SF", "", "是"]],
                 "select count(*) from carrier_coverage where division_prefix in ('65', '')"),
    "carrier": (["承运商编码", "名称", "停用", "能到付"], [["JT", "极兔", "否", ""], ["DBKD", "德邦", "是", "否"]],
                "select count(*) from carrier where (code, is_suspended, allows_cod) in (('JT', false, true),"
                " ('DBKD', true, false))"),
    "tariff": (["承运商", "发货库存点", "地区代码", "首重运费", "续重运费"],
               [["SF", "WH1", "65", "18", "12.5"], ["SF", "", "65", "20", ""]],
               "select count(*) from carrier_tariff where (stock_point_id, first_amount, step_amount) in"
               " ((1, 1800, 1250), (0, 2000, 0))"),
    "transit": (["始发地区", "到达地区", "小时"], [["", "65", "96"], ["33", "", "36"]],
                "select count(*) from transit_time where (from_prefix, to_prefix, hours) in"
                " (('', '65', 96), ('33', '', 36))"),
    "member": (["渠道", "买家号", "会员号", "等级编码"], [["plain", "b-1", "", "gold"], ["淘宝", "b-2", "", "gold"]],
               "select count(*) from customer where member_level = 'gold'"),
    "settlement": (["合作方编码", "货品编码", "结算价", "结算百分比", "按", "生效时间"],
                   [["P1", "A", "6.5", "", "", ""], ["p1", "SET", "", "80", "标价", "2026-12-01"]],
                   "select count(*) from settlement_price where amount = 650 or (rate_bp, basis) = (8000, 'list')"),
    "partner_goods": (["合作方编码", "货品编码", "合作方自发"], [["P1", "A", "是"], ["P1", "SET", ""]],
                      "select count(*) from partner_goods where sku_id > 0 or bundle_id = 900"),
}  # fmt: skip


@pytest.fixture(name="masters")
def _masters(world: World) -> World:
    """A world with codes that the files name, and one member level."""
    world.run("update shop set code = 'S1' where id = 1")
    world.run("insert into member_level (code, name) values ('gold', '金')")
    world.run("insert into partner (code, name, kind) values ('P1', '合作', 'agent')")
    return world


def bring(world: World, kind: str, heading: list[str], *rows: list[str]) -> Imported:
    """Upload a file."""
    return import_masters(world.hub, kind, write_csv([heading, *rows]), "user:1")


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("is_book", [True, False], ids=["xlsx", "csv"])
def test_a_file_is_taken_in_and_the_same_file_twice_changes_nothing(masters: World, kind: str, is_book: bool) -> None:
    heading, rows, question = FILES[kind]
    body = write_workbook([heading, *rows], "t") if is_book else write_csv([heading, *rows])
    first = import_masters(masters.hub, kind, body, "user:1")
    assert (first.rows, first.changed, first.same, first.refused) == (len(rows), len(rows), 0, ())
    assert masters.one(question) == len(rows)
    again = import_masters(masters.hub, kind, body, "user:1")
    assert (again.changed, again.same) == (0, len(rows))
    assert masters.one("select count(*) from event where kind = 'masters_changed'") == 1


BAD: dict[str, list[tuple[dict[str, str], str]]] = {
    "settlement": [
        ({"合作方编码": "nobody"}, "no partner of this code"),
        ({"货品编码": "NEW"}, "no SKU and no bundle"),
        ({"货品编码": ""}, "for all goods write a percentage"),
        ({"结算价": ""}, "write a price or a percentage"),
        ({"结算百分比": "80"}, "not both"),
        ({"结算价": "", "结算百分比": "1000.01"}, "up to 1000"),
        ({"按": "weight"}, "list or paid"),
    ],
    "partner_goods": [({"货品编码": "*"}, "no SKU and no bundle")],
    "cost": [({"货品编码": "NOPE"}, "there is no SKU"), ({"成本价": "-1"}, "must not be negative"),
             ({"成本价": ""}, "must be filled in"), ({"币种": "EURO"}, "three letters"),
             ({"生效时间": "soon"}, "no time")],
    "floor": [({"店铺": "Nowhere"}, "there is no shop"), ({"最低价": "1,2"}, "comma")],
    "blacklist": [({"类型": "狗"}, "write phone, address or buyer"), ({"内容": ""}, "must be filled in"),
                  ({"原因": ""}, "must be filled in"), ({"到期时间": "2026-13-01"}, "no time")],
    "level": [({"优惠百分比": "101"}, "percentage"), ({"优惠百分比": "-5"}, "percentage"),
              ({"排序": "x"}, "whole number")],
    "sku": [({"weight g": "1.5"}, "whole number"), ({"size class": "huge"}, "small, medium or large"),
            ({"sku": ""}, "must be filled in")],
    "coverage": [({"承运商": "Nobody"}, "there is no carrier"), ({"地区代码": "浙江"}, "division code"),
                 ({"能否送达": "maybe"}, "yes or no")],
    "carrier": [({"名称": ""}, "must be filled in"), ({"停用": "maybe"}, "yes or no")],
    "tariff": [({"承运商": "Nobody"}, "there is no carrier"), ({"发货库存点": "WH9"}, "there is no stock point"),
               ({"首重运费": ""}, "must be filled in"), ({"地区代码": "新疆"}, "division code")],
    "transit": [({"始发地区": "月球省"}, "no province or city"), ({"到达地区": "3"}, "no province or city"),
                ({"小时": "0"}, "1 to 2400"), ({"小时": ""}, "must be filled in")],
    "member": [({"渠道": "mars"}, "there is no channel"), ({"等级编码": "iron"}, "there is no member level"),
               ({"会员号": "M1"}, "not both"), ({"买家号": ""}, "not both")],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "wrong", "words"), [(kind, wrong, words) for kind, cases in BAD.items() for wrong, words in cases]
)
def test_a_bad_row_comes_back_with_what_is_wrong_and_keeps_nobody_back(
    masters: World, kind: str, wrong: dict[str, str], words: str
) -> None:
    heading, rows, _ = FILES[kind]
    bad = [wrong.get(name, cell) for name, cell in zip(heading, rows[0], strict=True)]
    told = bring(masters, kind, heading, bad, rows[1])
    assert (told.rows, told.changed, len(told.refused)) == (2, 1, 1)
    assert words in told.refused[0].problems[0][1]
    assert [told.refused[0].cells[column.key] for column in KINDS[kind].columns if column.key in told.refused[0].cells]


def test_two_rows_that_contradict_each_other_are_not_guessed_at(masters: World) -> None:
    told = bring(masters, "floor", ["货品编码", "最低价"], ["A", "9"], ["A", "8"], ["A", "9"])
    assert (told.changed, told.same, len(told.refused)) == (1, 1, 1)
    assert masters.one("select amount from floor_price") == 900


def test_a_member_is_found_by_number_and_an_unknown_one_comes_back(masters: World) -> None:
    masters.run("insert into customer (channel_id, external_id, member_no) values (1, 'b-7', 'M7')")
    told = bring(masters, "member", ["渠道", "会员号", "等级编码"], ["plain", "M7", "gold"], ["plain", "M8", "gold"])
    assert (told.changed, len(told.refused)) == (1, 1)
    assert told.refused[0].cells["member_no"] == "M8"
    bring(masters, "member", ["渠道", "会员号", "等级编码"], ["plain", "M7", ""])
    assert masters.one("select member_level from customer where member_no = 'M7'") == ""


def test_what_a_blacklist_names_is_kept_nowhere_in_plain(masters: World) -> None:
    heading, rows, _ = FILES["blacklist"]
    bring(masters, "blacklist", heading, *rows)
    kept = str(masters.rows("select * from blacklist_entry") + masters.rows("select * from event"))
    assert "13800000001" not in kept
    assert "文三路" not in kept
    assert "b-1" not in kept


@pytest.mark.parametrize(
    ("row", "receiver"),
    [
        (["电话", "+86 138 0000 0001", "x"], RECEIVER),
        (["电话", "13800000001", "x"], {**RECEIVER, "phone": "138 0000 0001"}),
        (["地址", "浙江省 杭州市 西湖区 文三路1号", "x"], RECEIVER),
    ],
)
def test_an_imported_entry_meets_orders_however_the_number_is_written(
    masters: World, row: list[str], receiver: dict[str, str]
) -> None:
    bring(masters, "blacklist", ["类型", "内容", "原因"], row)
    id_ = an_order(masters, receiver=receiver)
    settle(masters)
    assert masters.holds(id_) == {"blacklist"}


def test_imported_prices_and_sizes_hold_orders(masters: World) -> None:
    bring(masters, "cost", ["货品编码", "成本价"], ["A", "12"])
    bring(masters, "floor", ["货品编码", "最低价"], ["B", "11"])
    bring(masters, "sku", ["货品编码", "尺寸等级"], ["C", "大"])
    held = [an_order(masters, [a_line("1", code, 1, 1000)]) for code in "ABC"]
    settle(masters)
    assert [masters.holds(id_) for id_ in held] == [{"negative_margin"}, {"below_floor"}, {"large_goods"}]


def test_a_cost_is_valid_from_its_moment_on(masters: World) -> None:
    bring(masters, "cost", ["货品编码", "成本价", "生效时间"], ["A", "12", "2027-01-01"], ["A", "5", "2026-01-01"])
    first = an_order(masters, [a_line("1", "A", 1, 1000)])
    settle(masters)
    masters.clock.now = datetime(2027, 1, 2, tzinfo=UTC)
    second = an_order(masters, [a_line("1", "A", 1, 1000)])
    settle(masters)
    assert (masters.holds(first), masters.holds(second)) == (set(), {"negative_margin"})


def test_a_file_without_the_needed_columns_is_refused_with_their_names(masters: World) -> None:
    with pytest.raises(MissingColumns) as refusal:
        bring(masters, "cost", ["货品编码"], ["A"])
    assert [column.key for column in refusal.value.columns] == ["cost"]
    with pytest.raises(Invalid, match="no rows"):
        bring(masters, "cost", ["货品编码", "成本价"])
    with pytest.raises(NotFound):
        kind_of("weather")


def listed(world: World, kind: str, words: str = "", after: str = "") -> list[Any]:
    """A page of a table."""
    with world.hub.engine.connect() as connection:
        return list_masters(connection, world.hub.keys, kind, words, after=after, now=world.clock())


@pytest.mark.parametrize("kind", LISTINGS)
def test_what_was_brought_is_listed_found_and_taken_away(masters: World, kind: str) -> None:
    heading, rows, _ = FILES[kind]
    bring(masters, kind, heading, *rows)
    words = {
        "blacklist": "13800000001",
        "level": "gold",
        "member": "b-1",
        "coverage": "65",
        "carrier": "JT",
        "tariff": "WH1",
        "transit": "65",
    }.get(kind, "A")
    found = [row for row in listed(masters, kind, words)]
    assert len(found) == 1
    assert listed(masters, kind, "no such thing") == []
    assert listed(masters, kind, after=listed(masters, kind)[-1].key) == []
    if kind in ("sku", "carrier"):
        with pytest.raises(NotFound, match="never removed"):
            remove_master(masters.hub, kind, found[0].key, "user:1")
        return
    remove_master(masters.hub, kind, found[0].key, "user:1")
    left = listed(masters, kind, words)
    assert [row.is_valid for row in left] == [False] if kind == "blacklist" else left == []
    with pytest.raises(NotFound, match="not there any more"):
        remove_master(masters.hub, kind, found[0].key, "user:1")


def test_a_level_that_members_have_stays(masters: World) -> None:
    bring(masters, "member", ["渠道", "买家号", "等级编码"], ["plain", "b-1", "gold"])
    with pytest.raises(NotFound, match="still uses it"):
        remove_master(masters.hub, "level", "gold", "user:1")
