"""退件: parcels that come back to the person's stock points, received line by line into stock."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.point_scope import points_of
from oms.app.pipeline.tracking.coming_back import (
    CLOSED,
    PAGE,
    Received,
    lose_back,
    point_of_open,
    receipts_of,
    receive_back,
)
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, person
from oms.console.forms import read_whole
from oms.console.messages import _, _l
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid, NotFound

pages = Blueprint("coming_back", __name__, url_prefix="/returns")
VIEW, WORK = "stock.view", "packing.work"
MOST: Final = 1_000_000
#: What became of a line, in words, and its tone.
RESULTS: Final = {
    "open": (_l("未收"), ""), "equal": (_l("相符"), "ok"), "short": (_l("少了"), "late"), "over": (_l("多了"), "warn"),
    "damaged": (_l("有次品"), "warn"), "wrong": (_l("错货"), "late"),
}  # fmt: skip


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Parcels on their way back or there, or those that were settled."""
    return _render()


@pages.post("/<int:receipt_id>/receive")
@requires(WORK)
def receive(receipt_id: int) -> Response:
    """Book what came back."""
    try:
        _own(receipt_id)
        clicked(receive_back)(hub(), receipt_id, _received(), actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("退件已入库"))
    return back(url_for("coming_back.listing"))


@pages.post("/<int:receipt_id>/lose")
@requires(WORK)
def lose(receipt_id: int) -> Response:
    """Give up a parcel that never came back."""
    try:
        _own(receipt_id)
        clicked(lose_back)(hub(), receipt_id, actor())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("记为丢失"))
    return back(url_for("coming_back.listing"))


def _own(receipt_id: int) -> None:
    if point_of_open(connection(), receipt_id) not in points_of(connection(), person(), WORK):
        raise NotFound("there is no such return receipt", "reload the list")


def _received() -> dict[int, Received]:
    found: dict[int, Received] = {}
    for text in request.form.getlist("line"):
        line_id = read_whole(text)
        if line_id is None:
            raise Invalid("line", _("件数要写整数"))
        found[line_id] = Received(_units(f"good_{text}"), _units(f"defective_{text}"))
    return found


def _units(name: str) -> int:
    units = read_whole(request.form.get(name, "").strip() or "0")
    if units is None or units > MOST:
        raise Invalid(name, _("件数要写整数"))
    return units


def _render(note: Note | None = None) -> str:
    is_open = request.args.get("done") != "1"
    waybill, after = request.args.get("q", "").strip()[:60], read_whole(request.args.get("at", "")) or 0
    points = points_of(connection(), person(), VIEW)
    rows = receipts_of(connection(), points, is_open=is_open, waybill=waybill, after=after)
    mine = set(points_of(connection(), person(), WORK))
    return render_template(
        "coming_back.html", rows=rows, is_open=is_open, note=note, results=RESULTS, may_work=bool(mine), waybill=waybill,
        after=rows[-1]["id"] if len(rows) == PAGE else 0, closed=CLOSED,
    )  # fmt: skip
