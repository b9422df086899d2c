"""Tables people upload and get back: Excel or CSV within limits, formulas taken and written as plain text."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from oms.domain.errors import Invalid

LARGEST: Final = 5 * 1024 * 1024
MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 50
MOST_LETTERS: Final = 2000
#: A workbook is a zip file; more than this unpacked, or packed this much tighter, is no table of people.
LARGEST_UNPACKED: Final = 64 * 1024 * 1024
TIGHTEST: Final = 200
#: A spreadsheet runs what begins so.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
REMEDY: Final = "save it as an Excel workbook (.xlsx) or as CSV (UTF-8), and upload that"


def read_table(body: bytes) -> list[list[str]]:
    """The first sheet's rows as text, empty ones left out; Invalid names what is wrong with the file."""
    if len(body) > LARGEST:
        raise Invalid("file", "the file is larger than 5 MB", "split it")
    rows = _workbook(body) if body.startswith(b"PK") else _csv(body)
    kept: list[list[str]] = []
    for cells in rows:
        texts = [_text(cell) for cell in cells][:MOST_COLUMNS]
        if any(texts):
            kept.append(texts)
        if len(kept) > MOST_ROWS + 1:
            raise Invalid("file", "the file has more than 5,000 rows", "split it")
    return kept


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV that Excel opens with its Chinese whole; what a spreadsheet would run is written as text."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows([_harmless(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(body: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(body.decode(encoding), newline=""), strict=True))
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
    raise Invalid("file", "this is no table", REMEDY)


def _workbook(body: bytes) -> list[tuple[object, ...]]:
    try:
        _check_size(body)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # What a file says of its own size is not believed.
            rows = sheet.iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS, values_only=True)
            return list(rows)
        finally:
            book.close()
    except Invalid:
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, TypeError, SyntaxError) as error:
        raise Invalid("file", "this is no table", REMEDY) from error


def _check_size(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > LARGEST_UNPACKED or unpacked > TIGHTEST * len(body):
        raise Invalid("file", "the workbook unpacks to far more than a table", REMEDY)


def _text(cell: object) -> str:
    """A cell as people see it: whole numbers without a point, moments without microseconds."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.isoformat(" ", "seconds")
    return str(cell).replace("\0", "").strip()[:MOST_LETTERS].removeprefix("'")
