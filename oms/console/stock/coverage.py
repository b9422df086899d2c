"""库存 · 库存点 · 导入覆盖范围: where many stock points deliver, from one file; tried first, kept whole or not at all."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.coverage_files import COLUMNS, LIMITS, CoverageRead, import_coverage
from oms.app.capture.sheets import write_csv
from oms.console.acts import clicked
from oms.console.context import actor, everywhere, hub
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.words import names
from oms.console.translating import language
from oms.domain.errors import HubError, Invalid

pages = Blueprint("stock_coverage", __name__, url_prefix="/stock/points")
EDIT: Final = "stock.edit"
MOST_SHOWN: Final = 200


@pages.get("/coverage")
@requires(EDIT)
def show() -> str:
    """Bring a file."""
    return _page()


@pages.post("/coverage")
@requires(EDIT)
def upload() -> Response:
    """Try a file, or keep what it says."""
    if not everywhere(EDIT):
        abort(403)
    try:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("file", _("要选一个文件"))
        is_trial = request.form.get("trial") == "1"
        read = clicked(import_coverage)(hub(), sent.read(LIMITS.largest + 1), actor(), is_trial=is_trial)
    except HubError as error:
        return make_response(_page(note_of(error)), status_of(error))
    words = _("%(points)s 个库存点，%(areas)s 个范围", points=read.points, areas=read.areas)
    if read.refused:
        wrong = _("有 %(n)s 行不对，一行也没记", n=len(read.refused))
        return make_response(_page(Note(wrong, _("按下面的原因改好再传"), kind="warn"), read), 422)
    if is_trial:
        return make_response(_page(Note(_("文件没问题：%(words)s", words=words), _("去掉试读再传一次就生效"))))
    say(_("覆盖范围已换成文件里的：%(words)s", words=words))
    return back(url_for("stock_points.listing"))


@pages.get("/coverage/template.csv")
@requires(EDIT)
def template() -> Response:
    """The columns to fill in, with a row of each way to write an area."""
    rows = (
        ("WH1", "330100"),
        ("WH1", "浙江省 宁波市"),
        ("WH1", "-330127"),
        ("WH2", _("半径 5000")),
        ("WH2", _("围栏 30.20,120.10;30.20,120.30;30.40,120.30")),
    )
    answer = make_response(write_csv([_heading(), *rows]))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="coverage.csv"'
    return answer


def _heading() -> list[str]:
    return [column[1] if language() == "en" else column[0] for column in COLUMNS]


def _page(note: Note | None = None, read: CoverageRead | None = None) -> str:
    refused = read.refused[:MOST_SHOWN] if read else ()
    return render_template(
        "stock/coverage.html", note=note, refused=refused, columns=_heading(), may=everywhere(EDIT), **names()
    )
