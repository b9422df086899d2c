"""Opening stock: set-wise from a file, in the ledger, never twice, never over stock that has moved."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from oms.app.capture.opening import open_stock, refused_rows
from oms.app.capture.sheets import read_table, write_csv
from oms.domain.errors import Invalid
from tests.factories import World

HEAD = "库存点编码,货品编码,件数\n"


@pytest.fixture
def bare(world: World) -> World:
    """The usual world before anything lies anywhere."""
    world.run("delete from stock_movement")
    world.run("delete from stock_level")
    return world


def levels(world: World) -> dict[tuple[str, str], int]:
    rows = world.rows(
        """select p.code, k.code, s.on_hand from stock_level s join stock_point p on p.id = s.stock_point_id
           join sku k on k.id = s.sku_id"""
    )
    return {(row[0], row[1]): row[2] for row in rows}


def test_a_file_opens_levels_with_rows_in_the_ledger_once(bare: World) -> None:
    body = f"{HEAD}WH1,A,12\nWH2,B,0\nWH1,B,7\n".encode()
    opened = open_stock(bare.hub, "s.csv", body, "u1")
    assert (opened.taken, opened.repeated, opened.failed) == (2, 1, 0)
    assert levels(bare) == {("WH1", "A"): 12, ("WH1", "B"): 7}
    assert [row[0] for row in bare.rows("select distinct reason from stock_movement")] == ["opening"]
    again = open_stock(bare.hub, "s.csv", body, "u1")
    assert (again.id, again.taken, again.repeated) == (opened.id, 0, 3)
    assert bare.one("select count(*) from stock_movement") == 2
    assert bare.one("select count(*) from import_batch") == 1


def test_an_opening_is_corrected_until_something_moves(bare: World) -> None:
    open_stock(bare.hub, "s.csv", f"{HEAD}WH1,A,12\n".encode(), "u1")
    assert open_stock(bare.hub, "t.csv", f"{HEAD}WH1,A,10\n".encode(), "u1").taken == 1
    assert levels(bare) == {("WH1", "A"): 10}
    bare.run("""insert into stock_movement (month, stock_point_id, sku_id, id, on_hand, reason, at)
                values ('2026-11-01', 1, 100, nextval('id_seq'), -1, 'ship', now())""")
    bare.run("update stock_level set on_hand = on_hand - 1")
    late = open_stock(bare.hub, "u.csv", f"{HEAD}WH1,A,11\n".encode(), "u1")
    same = open_stock(bare.hub, "v.csv", f"{HEAD}WH1,A,10\n\n".encode(), "u1")
    assert (late.failed, same.repeated, same.failed) == (1, 1, 0)
    assert levels(bare) == {("WH1", "A"): 9}


def test_bad_rows_come_back_sealed_and_the_good_ones_are_taken(bare: World) -> None:
    body = f"{HEAD}WH1,A,12\nWHX,A,1\nWH1,NOPE,1\nWH1,B,many\nWH1,A,13\nWH1,C,-1\n".encode("gb18030")
    opened = open_stock(bare.hub, "s.csv", body, "u1")
    assert (opened.taken, opened.failed) == (1, 5)
    with bare.hub.begin() as connection:
        rows = refused_rows(bare.hub, connection, opened.id)
    assert [(row.cells[2], row.column) for row in rows] == [("1", 0), ("1", 1), ("many", 2), ("13", 1), ("-1", 2)]
    assert "spelling" in rows[0].words
    assert "whole number" in rows[2].words
    assert b"WHX" not in bytes(bare.one("select sealed_failures from import_batch"))


def test_a_workbook_is_read_with_columns_in_any_order(bare: World) -> None:
    book = Workbook()
    for cells in (("件数", "备注", "货品编码", "库存点编码"), (5, "x", "A", "WH1"), ("=1+1", "", "B", "WH1")):
        book.active.append(cells)
    target = io.BytesIO()
    book.save(target)
    opened = open_stock(bare.hub, "s.xlsx", target.getvalue(), "u1")
    assert (opened.taken, opened.failed) == (1, 1)
    assert levels(bare) == {("WH1", "A"): 5}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        ((HEAD + "WH1,A,1\n" * 5001).encode(), "more than 5,000 rows"),
        (b"PK\x03\x04 no workbook", "no table"),
        (b'a,"b\nc', "no table"),
        (HEAD.encode(), "no rows"),
        (b"a,b\n1,2\n", "name the columns"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(bare: World, body: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        open_stock(bare.hub, "s", body, "u1")
    assert caught.value.remedy
    assert bare.one("select count(*) from import_batch") == 0


def test_a_workbook_that_unpacks_to_far_more_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    with pytest.raises(Invalid, match="unpacks"):
        read_table(target.getvalue())


def test_what_a_spreadsheet_would_run_is_written_as_text_and_read_back() -> None:
    body = write_csv([["a", "=cmd()", "-1"]])
    assert b"'=cmd()" in body
    assert read_table(body) == [["a", "=cmd()", "-1"]]
