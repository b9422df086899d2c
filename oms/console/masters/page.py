"""设置 · 基础资料: prices, blacklist, members, sizes and coverage: search, add one, bring a file, end or remove."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Final

import orjson
from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.entered.columns import MissingColumns
from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import import Imported, import_masters, kind_of, put_masters
from oms.app.capture.masters_import_kinds import KINDS
from oms.app.capture.masters_kind import Kind
from oms.app.capture.masters_listing import SIZE, list_masters, remove_master
from oms.app.capture.sheets import USUAL, write_csv, write_workbook
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.masters.words import HINTS, REMOVES, SHOWN, told
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.orders.columns import name_of, problem_heading
from oms.console.orders.importing import TYPES
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("masters", __name__, url_prefix="/settings/masters")
VIEW, EDIT = "master.view", "master.edit"
#: Tables that who plans routes may change, too.
ALSO: Final = {"transit": "sourcing.edit", "tariff": "sourcing.edit"}
MOST_WORDS: Final = 100
#: Refused rows on the page; all of them are in the file to correct.
MOST_SHOWN: Final = 20
LARGEST_BACK: Final = 16 * 1024 * 1024


@pages.get("")
@requires(VIEW)
def first() -> Response:
    """The first of the tables."""
    return back(url_for("masters.listing", code=next(iter(KINDS))))


@pages.get("/<code>")
@requires(VIEW)
def listing(code: str) -> str:
    """What a table keeps, and the ways to change it."""
    return _render(_kind(code))


@pages.post("/<code>/find")
@requires(VIEW)
def find(code: str) -> str:
    """The same for words that belong in no address: a phone or a street is looked for by its keyed hash."""
    return _render(_kind(code), words=request.form.get("q", "").strip()[:MOST_WORDS])


@pages.post("/<code>/add")
@requires(EDIT, *set(ALSO.values()))
def add(code: str) -> Response:
    """Write one row that was typed in."""
    kind = _kind(code)
    row = Row({column.key: request.form.get(column.key, "").strip()[:300] for column in kind.columns})
    try:
        _require(kind)
        written = clicked(put_masters)(hub(), code, [row], actor())
    except HubError as error:
        return make_response(_render(kind, note_of(error)), status_of(error))
    if written.refused:
        note = Note(_("没保存：%(why)s", why=told(kind, written.refused[0])), code="invalid")
        return make_response(_render(kind, note, typed=row.cells), 422)
    say(_("已保存") if written.changed else _("和已有的一样，没有变化"))
    return back(url_for("masters.listing", code=code))


@pages.post("/<code>/import")
@requires(EDIT, *set(ALSO.values()))
def upload(code: str) -> Response:
    """Bring a file: what is refused is on the page that answers, and is kept nowhere."""
    kind = _kind(code)
    try:
        _require(kind)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("file", _("要选一个文件"))
        imported = clicked(import_masters)(hub(), code, sent.read(USUAL.largest + 1), actor())
    except HubError as error:
        return make_response(_render(kind, _note(error)), status_of(error))
    if not imported.refused:
        say(_said(imported))
        return back(url_for("masters.listing", code=code))
    note = Note(_said(imported), _("没导入的行在下面，下载改好再传"), kind="warn")
    answer = make_response(_render(kind, note, refused=imported.refused))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/<code>/remove")
@requires(EDIT, *set(ALSO.values()))
def remove(code: str) -> Response:
    """End or remove a row."""
    kind = _kind(code)
    try:
        _require(kind)
        clicked(remove_master)(hub(), code, request.form.get("key", ""), actor())
    except HubError as error:
        return make_response(_render(kind, note_of(error)), status_of(error))
    say(_("做好了"))
    return back(url_for("masters.listing", code=code))


@pages.get("/<code>/template.<ending>")
@requires(VIEW)
def template(code: str, ending: str) -> Response:
    """The columns to fill in."""
    return _file([_heading(_kind(code))], f"{code}.{ending}", ending)


@pages.post("/<code>/refused.<ending>")
@requires(EDIT, *set(ALSO.values()))
def refused(code: str, ending: str) -> Response:
    """The refused rows that the page brought along, with a column that says why, as a file to correct."""
    kind = _kind(code)
    width = len(kind.columns) + 1
    rows = [[str(cell)[:2000] for cell in row[:width]] for row in _unpacked(request.form.get("rows", ""))]
    return _file([[*_heading(kind), problem_heading()], *rows], f"{code}-refused.{ending}", ending)


def _kind(code: str) -> Kind:
    if code not in KINDS:
        abort(404)
    return kind_of(code)


def _require(kind: Kind) -> None:
    """What every shop shares is changed by whoever may do so in every shop."""
    if not _may_edit(kind):
        abort(403)


def _may_edit(kind: Kind) -> bool:
    return everywhere(EDIT) or (kind.code in ALSO and everywhere(ALSO[kind.code]))


def _said(imported: Imported) -> str:
    words = _("改了 %(n)s 行，%(same)s 行和已有的一样", n=imported.changed, same=imported.same)
    return words + _("，没导入 %(n)s 行", n=len(imported.refused)) if imported.refused else words


def _note(error: HubError) -> Note:
    if not isinstance(error, MissingColumns):
        return note_of(error)
    named = _("、").join(name_of(column) for column in error.columns)
    return Note(_("没导入：第一行缺这些列：%(columns)s", columns=named), _(error.remedy), error.code, field="file")


def _render(
    kind: Kind,
    note: Note | None = None,
    *,
    typed: dict[str, str] | None = None,
    refused: Sequence[Row] = (),
    words: str = "",
) -> str:
    asked, after = (request.args.get(name, "").strip()[:MOST_WORDS] for name in ("q", "after"))
    words = words or asked
    rows = list_masters(connection(), hub().keys, kind.code, words, after=after, now=hub().clock())
    cells = [[*(row.cells.get(column.key, "") for column in kind.columns), told(kind, row)] for row in refused]
    return render_template(
        "settings/masters.html", kind=kind, kinds=KINDS.values(), note=note, rows=rows, words=words, after=after,
        shown=SHOWN[kind.code], removes=REMOVES.get(kind.code), hints=HINTS, name_of=name_of, typed=typed or {},
        may=_may_edit(kind), more=rows[-1].key if len(rows) == SIZE else "", refused=cells[:MOST_SHOWN],
        refused_count=len(cells), packed=_packed(cells), problem=problem_heading(),
    )  # fmt: skip


def _heading(kind: Kind) -> list[str]:
    return [name_of(column) for column in kind.columns]


def _packed(rows: list[list[str]]) -> str:
    return base64.b64encode(zlib.compress(orjson.dumps(rows))).decode() if rows else ""


def _unpacked(text: str) -> list[list[str]]:
    try:
        box = zlib.decompressobj()
        body = box.decompress(base64.b64decode(text, validate=True), LARGEST_BACK)
        rows = orjson.loads(body)
    except (ValueError, zlib.error):
        abort(400)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        abort(400)
    return rows


def _file(rows: Sequence[Sequence[str]], name: str, ending: str) -> Response:
    if ending not in TYPES:
        abort(404)
    body = write_csv(rows) if ending == "csv" else write_workbook(rows, "rows", [18] * len(rows[0]))
    answer = make_response(body)
    answer.headers["Content-Type"] = TYPES[ending]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
