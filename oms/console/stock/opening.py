"""设置 · 期初库存: opening stock from a file, its template, and the rows that were refused to correct."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.opening import COLUMNS, PROBLEM, open_stock, refused_rows
from oms.app.capture.sheets import LARGEST, write_csv
from oms.app.kernel.queries.imports import uploads
from oms.console.acts import clicked
from oms.console.context import actor, close_connection, connection, everywhere, hub
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.translating import language
from oms.domain.errors import HubError, Invalid

pages = Blueprint("opening", __name__, url_prefix="/settings/opening")
OPEN = "stock.open"


@pages.get("")
@requires(OPEN)
def listing() -> str:
    """The upload's form and what was uploaded."""
    _check_everywhere()
    return _render()


@pages.post("")
@requires(OPEN)
def upload() -> Response:
    """Take a file in."""
    _check_everywhere()
    try:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("file", _("要选一个文件"))
        opened = clicked(open_stock)(hub(), sent.filename, sent.read(LARGEST + 1), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    words = _("记上 %(taken)s 行，本来就对的 %(same)s 行", taken=opened.taken, same=opened.repeated)
    if opened.failed:
        say(words + _("，没记上 %(n)s 行：下载有问题的行，改好再传", n=opened.failed), "warn")
    else:
        say(words)
    return back(url_for("opening.listing"))


@pages.get("/template.csv")
@requires(OPEN)
def template() -> Response:
    """The columns to fill in."""
    return _file([_heading()], "opening-stock.csv")


@pages.get("/<int:batch_id>/refused.csv")
@requires(OPEN)
def refused(batch_id: int) -> Response:
    """The refused rows of an upload with a column that says why."""
    _check_everywhere()
    close_connection()
    with hub().begin() as reading:
        rows = refused_rows(hub(), reading, batch_id)
    heading = _heading()
    problems = [_("%(column)s：%(problem)s", column=heading[row.column], problem=_(row.words)) for row in rows]
    told = [[*row.cells, problem] for row, problem in zip(rows, problems, strict=True)]
    return _file([[*heading, _in_language(PROBLEM)], *told], f"opening-stock-{batch_id}.csv")


def _render(note: Note | None = None) -> str:
    return render_template("settings/opening.html", note=note, uploads=uploads(connection(), "stock"), columns=_heading())


def _heading() -> list[str]:
    return [_in_language(names) for names in COLUMNS]


def _in_language(names: tuple[str, str]) -> str:
    return names[1] if language() == "en" else names[0]


def _file(rows: Sequence[Sequence[str]], name: str) -> Response:
    answer = make_response(write_csv(rows))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _check_everywhere() -> None:
    """Stock serves every shop."""
    if not everywhere(OPEN):
        abort(403)
