"""Tables people upload and get back: Excel or CSV within limits, formulas taken and written as plain text."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
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
#: What reading a workbook raises when it is damaged, or locked with a password (RuntimeError).
BROKEN: Final = (zipfile.BadZipFile, zlib.error, InvalidFileException, LookupError, ValueError, TypeError, SyntaxError,
                 RuntimeError, EOFError, OSError)  # fmt: skip
REMEDY: Final = "save it as an Excel workbook (.xlsx) or as CSV (UTF-8), and upload that"


#: A whole number of a cell that is larger has lost digits; it keeps its point or exponent, so that it shows.
EXACT: Final = 1e15
TEXT_FORMAT: Final = "@"


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a table may be, and the words for one that is larger."""

    largest: int = LARGEST
    most_rows: int = MOST_ROWS
    too_large: str = "the file is larger than 5 MB"
    too_long: str = "the file has more than 5,000 rows"


USUAL: Final = Limits()


def read_table(body: bytes, limits: Limits = USUAL) -> list[list[str]]:
    """The first sheet's rows as text, empty ones left out; Invalid names what is wrong with the file."""
    if len(body) > limits.largest:
        raise Invalid("file", limits.too_large, "split it")
    rows = _workbook(body, limits.most_rows) if body.startswith(b"PK") else _csv(body)
    kept: list[list[str]] = []
    for cells in rows:
        texts = [_text(cell) for cell in cells][:MOST_COLUMNS]
        if any(texts):
            kept.append(texts)
        if len(kept) > limits.most_rows + 1:
            raise Invalid("file", limits.too_long, "split it")
    return kept


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV that Excel opens with its Chinese whole; what a spreadsheet would run is written as text."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows([_harmless(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def write_workbook(rows: Iterable[Sequence[str]], title: str, widths: Sequence[int] = ()) -> bytes:
    """An Excel workbook of texts: long numbers keep their digits, and nothing in it is a formula.

    Cells people add below are texts too. `widths` are characters by column.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = width, TEXT_FORMAT
    for row in rows:
        sheet.append([_text_cell(sheet, text) for text in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _text_cell(sheet: object, text: str) -> object:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type, cell.number_format = "s", TEXT_FORMAT
    return cell


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(body: bytes) -> list[list[str]]:
    is_wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        try:
            text = body.decode(encoding)
            # What Excel calls Unicode text is UTF-16 with tabs.
            delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
            return list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter))
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
    raise Invalid("file", "this is no table", REMEDY)


def _workbook(body: bytes, most_rows: int) -> list[tuple[object, ...]]:
    try:
        _check_size(body)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # What a file says of its own size is not believed.
            rows = sheet.iter_rows(max_row=most_rows * 2, max_col=MOST_COLUMNS, values_only=True)
            return list(rows)
        finally:
            book.close()
    except Invalid:
        raise
    except BROKEN as error:
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
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.isoformat(" ", "seconds")
    return str(cell).replace("\0", "").strip()[:MOST_LETTERS].removeprefix("'")
