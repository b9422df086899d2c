"""订单 · 批量导入: orders from a file, the template, and the rows that were refused to correct."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.entered.columns import COLUMNS, MissingColumns
from oms.app.capture.entered.uploads import LIMITS, Imported, import_orders, refused_rows
from oms.app.capture.sheets import write_csv, write_workbook
from oms.app.kernel.queries.imports import uploads
from oms.console.acts import clicked
from oms.console.context import actor, close_connection, connection, everywhere, hub, shops
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.orders.columns import HINTS, heading, name_of, problem_heading, told
from oms.console.security import requires
from oms.console.telling.events import people_of
from oms.domain.errors import HubError, Invalid

pages = Blueprint("importing", __name__, url_prefix="/orders/import")
IMPORT = "order.import"
TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@pages.get("")
@requires(IMPORT)
def listing() -> str:
    """The upload's form, what the columns mean, and what was uploaded."""
    return _render()


@pages.get("/uploads")
@requires(IMPORT)
def past() -> str:
    """What was uploaded, with progress."""
    return render_template("entered/uploads.html", **_past())


@pages.post("")
@requires(IMPORT)
def upload() -> Response:
    """Take a file in."""
    try:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("file", _("要选一个文件"))
        body, mine = sent.read(LIMITS.largest + 1), shops(IMPORT).ids
        imported = clicked(import_orders)(hub(), sent.filename, body, actor(), mine)
    except HubError as error:
        return make_response(_render(_note(error)), status_of(error))
    _say(imported)
    return back(url_for("importing.listing"))


@pages.get("/template.<kind>")
@requires(IMPORT)
def template(kind: str) -> Response:
    """The columns to fill in."""
    return _file([heading()], f"orders.{kind}", kind)


@pages.get("/<int:batch_id>/refused.<kind>")
@requires(IMPORT)
def refused(batch_id: int, kind: str) -> Response:
    """The refused rows of an upload with a column that says why; ready to be corrected and uploaded."""
    by = None if everywhere(IMPORT) else actor()
    close_connection()
    rows = refused_rows(hub(), batch_id, by)
    cells = [[*(row.cells.get(column.key, "") for column in COLUMNS), told(row)] for row in rows]
    return _file([[*heading(), problem_heading()], *cells], f"orders-{batch_id}.{kind}", kind)


def _say(imported: Imported) -> None:
    if imported.waiting:
        say(_("文件收下了，%(n)s 行正在导入，进度在下面", n=imported.waiting))
        return
    words = _("导入 %(taken)s 行，以前已导入 %(same)s 行", taken=imported.taken, same=imported.repeated)
    if imported.failed:
        say(words + _("，没导入 %(n)s 行：下载有问题的行，改好再传", n=imported.failed), "warn")
    else:
        say(words)


def _note(error: HubError) -> Note:
    if not isinstance(error, MissingColumns):
        return note_of(error)
    named = _("、").join(name_of(column) for column in error.columns)
    return Note(_("没导入：第一行缺这些列：%(columns)s", columns=named), _(error.remedy), error.code, field="file")


def _render(note: Note | None = None) -> str:
    return render_template("entered/import.html", note=note, columns=COLUMNS, name_of=name_of, hints=HINTS, **_past())


def _past() -> dict[str, object]:
    found = uploads(connection(), "orders", actor=None if everywhere(IMPORT) else actor())
    done = {row.id: row.taken + row.repeated + row.failed for row in found}
    running = [row for row in found if done[row.id] < row.rows]
    return {
        "uploads": found,
        "share": {row.id: done[row.id] * 100 // row.rows for row in running},
        "people": people_of([row.imported_by for row in found]),
    }


def _file(rows: Sequence[Sequence[str]], name: str, kind: str) -> Response:
    if kind not in TYPES:
        abort(404)
    body = write_csv(rows) if kind == "csv" else write_workbook(rows, "orders", [18] * len(rows[0]))
    answer = make_response(body)
    answer.headers["Content-Type"] = TYPES[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
