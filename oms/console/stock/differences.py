"""库存 · 盘差, 盘点, 核账: what reports told differently, counts from files, and the nightly proof of the ledger."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.sheets import LARGEST, write_csv
from oms.app.capture.stock_files import COLUMNS, CountTaken, count_by_file
from oms.app.kernel.queries import stock_papers
from oms.app.stock.deciding import book_differences, refuse_differences
from oms.app.stock.told import PEOPLES
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import ids, moment_of, read_whole, reason
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.words import names
from oms.console.translating import language
from oms.domain.errors import HubError, Invalid

pages = Blueprint("stock_differences", __name__, url_prefix="/stock")
VIEW, COUNT = "stock.view", "stock.count"
MOST_WORDS: Final = 100
MOST_SHOWN: Final = 50


@pages.get("/differences")
@requires(VIEW)
def listing() -> str:
    """Differences, those that wait for people first of all."""
    return _differences()


@pages.post("/differences/book")
@requires(COUNT)
def book() -> Response:
    """Book the ticked differences with a class."""
    try:
        _require()
        told = request.form.get("difference_class", "")
        done, void = clicked(book_differences)(hub(), ids(), told, request.form.get("reason", "")[:200], actor())
    except HubError as error:
        return make_response(_differences(note_of(error)), status_of(error))
    words = _("%(n)s 条盘差已记账", n=done)
    say(words + _("，%(n)s 条已被更新的盘点取代", n=void) if void else words)
    return back(url_for("stock_differences.listing"))


@pages.post("/differences/refuse")
@requires(COUNT)
def refuse() -> Response:
    """Leave the levels as they are."""
    try:
        _require()
        done = clicked(refuse_differences)(hub(), ids(), reason(), actor())
    except HubError as error:
        return make_response(_differences(note_of(error)), status_of(error))
    say(_("%(n)s 条盘差不认，库存没动", n=done))
    return back(url_for("stock_differences.listing"))


@pages.get("/counts")
@requires(COUNT)
def counts() -> str:
    """Bring a count."""
    return _counts()


@pages.post("/counts")
@requires(COUNT)
def upload() -> Response:
    """Take a count in as of the moment people counted."""
    try:
        _require()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("file", _("要选一个文件"))
        at = moment_of("counted_at") or hub().clock()
        taken = clicked(count_by_file)(hub(), sent.read(LARGEST + 1), at, actor())
    except HubError as error:
        return make_response(_counts(note_of(error)), status_of(error))
    if not taken.refused:
        say(_said(taken))
        return back(url_for("stock_differences.listing"))
    return make_response(_counts(Note(_said(taken), _("没记的行在下面，改好再传"), kind="warn"), taken))


@pages.get("/counts/template.csv")
@requires(COUNT)
def template() -> Response:
    """The columns to fill in."""
    answer = make_response(write_csv([_heading()]))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="count.csv"'
    return answer


@pages.get("/proofs")
@requires(VIEW)
def proofs() -> str:
    """The proofs of the last nights, and what differed on one of them."""
    text = request.args.get("day", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        abort(404)
    lines = stock_papers.proof_lines(connection(), day) if day else []
    rows = stock_papers.list_proofs(connection())
    return render_template("stock/proofs.html", rows=rows, lines=lines, day=day, **names())


def _require() -> None:
    """Stock serves every shop."""
    if not everywhere(COUNT):
        abort(403)


def _differences(note: Note | None = None) -> str:
    given = request.args
    state = given.get("state", "waiting" if "state" not in given else "")
    before = read_whole(given.get("before", "")) or stock_papers.LAST
    words = given.get("q", "").strip()[:MOST_WORDS]
    rows = stock_papers.list_differences(
        connection(), state=state if state in stock_papers.LINE_STATES else "", words=words,
        point=read_whole(given.get("point", "")), before=before,
    )  # fmt: skip
    return render_template(
        "stock/differences.html", rows=rows, state=state, words=words, states=stock_papers.LINE_STATES, note=note,
        following=rows[-1].id if len(rows) == stock_papers.SIZE else 0, may=everywhere(COUNT), peoples=PEOPLES,
        **names(),
    )  # fmt: skip


def _counts(note: Note | None = None, taken: CountTaken | None = None) -> str:
    refused = taken.refused[:MOST_SHOWN] if taken else ()
    return render_template("stock/counts.html", note=note, refused=refused, columns=_heading())


def _said(taken: CountTaken) -> str:
    states = taken.states
    words = _("记了 %(n)s 条盘差，%(same)s 条一致", n=states.get("booked", 0), same=states.get("same", 0))
    for state, told in (("waiting", _("%(n)s 条差太多，等人处理")), ("older", _("%(n)s 条比已有的盘点旧")),
                        ("unknown", _("%(n)s 条没有这个货品"))):  # fmt: skip
        if states.get(state):
            words += _("，") + told % {"n": states[state]}
    return words + (_("，%(n)s 行没记", n=len(taken.refused)) if taken.refused else "")


def _heading() -> list[str]:
    return [column[1] if language() == "en" else column[0] for column in COLUMNS]
