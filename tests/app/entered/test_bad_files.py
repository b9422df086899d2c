"""Files and rows that cannot be taken: each is told what is wrong, and nothing of them comes in."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from oms.app.capture.entered.columns import MissingColumns
from oms.app.capture.entered.uploads import import_orders
from oms.app.capture.sheets import write_workbook
from oms.domain.errors import Invalid
from tests.app.entered.kit import HEADING, a_row, as_csv, as_workbook, bring, problems, told
from tests.factories import World


def bomb() -> bytes:
    """A workbook of hardly any size whose sheet is a hundred megabytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    return target.getvalue()


def damaged() -> bytes:
    """A workbook of whose sheet some packed bytes are others."""
    body = bytearray(as_workbook([a_row(f"N{number}") for number in range(50)]))
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        part = packed.getinfo("xl/worksheets/sheet1.xml")
    middle = part.header_offset + 30 + len(part.filename) + part.compress_size // 2
    body[middle : middle + 8] = bytes(byte ^ 0xFF for byte in body[middle : middle + 8])
    return bytes(body)


def locked() -> bytes:
    """A workbook whose parts say that they are encrypted."""
    body = bytearray(as_workbook([a_row("N1")]))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = body.find(mark)
        while start >= 0:
            body[start + place] |= 1
            start = body.find(mark, start + 4)
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (damaged(), "no table"),
        (locked(), "no table"),
        (b"x" * 100_000_000, "larger than 20 MB"),
        (bomb(), "unpacks to far more"),
        (as_workbook([a_row("N1")])[:900], "no table"),
        (b'a,"b\nc', "no table"),
        (b"", "no rows"),
        (as_csv([]), "no rows"),
        ("店铺,店铺,订单号\na,b,c\n".encode(), "same heading"),
        (("店铺\n" + "x\n" * 20_001).encode(), "more than 20,000 rows"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(world: World, body: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        bring(world, body)
    assert caught.value.remedy
    assert world.one("select count(*) from import_batch") == 0


def test_missing_columns_are_named(world: World) -> None:
    with pytest.raises(MissingColumns) as caught:
        bring(world, b"order no,SHOP,Units*\n1,2,3\n")
    assert [column.key for column in caught.value.columns][:2] == ["ordered_at", "unit_price"]


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"shop": "nowhere"}, "shop", "no open shop"),
        ({"order_no": ""}, "order_no", "filled in"),
        ({"units": "-2"}, "units", "whole number"),
        ({"unit_price": "-10"}, "unit_price", "negative"),
        ({"discount": "10.01"}, "discount", "more than the goods cost"),
        ({"total": "11"}, "total", "another amount"),
        ({"ordered_at": "2027-01-01"}, "ordered_at", "future"),
        ({"paid_at": "2026-11-19"}, "paid_at", "before the order"),
        ({"cod": "是"}, "paid_at", "not paid yet"),
        ({"sku": ""}, "sku", "code of a SKU"),
        ({"phone": "1381234567890"}, "phone", "11 digits"),
        ({"tax_no": "9133"}, "invoice_title", "tax number"),
        ({"state": ""}, "state", "filled in"),
        ({"sku": "x" * 101}, "sku", "100 characters"),
        ({"memo": "x" * 1001}, "memo", "1,000 characters"),
    ],
)
def test_a_wrong_cell_is_told_by_column(world: World, changes: dict[str, str], column: str, words: str) -> None:
    imported = bring(world, as_csv([a_row("N1", **changes), a_row("N2")]))
    assert told(imported) == (1, 0, 1, 0)
    (found,) = problems(world, imported)
    assert column in [name for name, _ in found]
    assert words in " ".join(sentence for _, sentence in found)


def test_rows_of_one_order_that_say_different_things_are_refused(world: World) -> None:
    imported = bring(world, as_csv([a_row("N1", freight="5"), a_row("N1", sku="B", freight="6")]))
    assert [[column for column, _ in row] for row in problems(world, imported)] == [[""], ["freight"]]


def test_a_shop_that_is_closed_is_unknown_and_so_is_a_name_of_two(world: World) -> None:
    world.run("insert into shop (id, code, name, channel_id, stock_pool_id) values (2, 's2', '店', 1, 1)")
    body = as_csv([a_row("N1", shop="店"), a_row("N2", shop="S1")])
    imported = import_orders(world.hub, "o.csv", body, "user:1", [1, 2])
    assert told(imported) == (1, 0, 1, 0)
    assert "two shops" in problems(world, imported)[0][0][1]
    world.run("update shop set mode = 'closed' where id = 1")
    assert told(bring(world, as_csv([a_row("N3")]))) == (0, 0, 1, 0)


def test_numbers_and_dates_of_a_workbook_are_read_as_people_see_them(world: World) -> None:
    book = Workbook()
    book.active.append([*HEADING, "notes"])
    row: list[object] = list(a_row("N1", phone="", units="", unit_price="", ordered_at="", paid_at=""))
    for at, value in ((1, 10001), (2, datetime(2026, 11, 20, 9, 30)), (7, 2.0), (8, 12.5), (14, 13812345678.0)):  # noqa: DTZ001
        row[at] = value
    book.active.append(row)
    rounded = list(row)
    rounded[1] = 1.2345678901234568e17
    book.active.append(rounded)
    target = io.BytesIO()
    book.save(target)
    imported = bring(world, target.getvalue())
    assert told(imported) == (1, 0, 1, 0)
    assert "rounded" in problems(world, imported)[0][0][1]
    assert world.rows("select external_no, paid_total, status from orders") == [("10001", 2500, "unpaid")]


def test_nothing_in_a_workbook_we_write_is_a_formula() -> None:
    book = load_workbook(io.BytesIO(write_workbook([["a", "b"], ["=1+1", "@cmd\x00\x0b"]], "orders", [10, 10])))
    assert [cell.data_type for cell in book.worksheets[0][2]] == ["s", "s"]
    assert book.worksheets[0]["A2"].value == "=1+1"
