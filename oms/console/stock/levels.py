"""库存 · 库存: levels by SKU and stock point, the ledger behind each, and who holds its units."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.sheets import write_csv
from oms.app.kernel.queries import oversold as oversold_rows
from oms.app.kernel.queries import stock_papers, stock_room
from oms.app.stock import oversold
from oms.app.stock.levels_set import set_safety
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import read_whole, whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.words import FILTERS, KINDS, names
from oms.domain.errors import HubError

pages = Blueprint("stock_levels", __name__, url_prefix="/stock")
VIEW, MOVE = "stock.view", "stock.move"
MOST_WORDS: Final = 100
#: Rows of an export; more are asked for by stock point.
MOST_EXPORTED: Final = 20_000


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Levels that meet the filters."""
    asked = _asked()
    found = stock_room.list_levels(connection(), **asked, after=request.args.get("after", "")[:300])
    return render_template(
        "stock/levels.html", found=found, asked=asked, filters=FILTERS, points=stock_papers.point_choices(connection()),
        **names(),
    )  # fmt: skip


@pages.get("/export.csv")
@requires(VIEW)
def export() -> Response:
    """The same as a file."""
    found = stock_room.list_levels(connection(), **_asked(), size=MOST_EXPORTED)
    heading = [
        _("货品编码"),
        _("货品"),
        _("库存点"),
        _("类别"),
        _("实物"),
        _("占用"),
        _("安全"),
        _("可售"),
        _("上次盘点"),
    ]
    rows = [
        [row.sku, row.name, row.point, str(KINDS.get(row.kind, row.kind)), *map(str, (row.on_hand, row.reserved,
         row.safety, row.sellable)), row.counted_at.isoformat(timespec="seconds") if row.counted_at else ""]
        for row in found.rows
    ]  # fmt: skip
    answer = make_response(write_csv([heading, *rows]))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="stock.csv"'
    return answer


@pages.get("/<int:point_id>/<int:sku_id>")
@requires(VIEW)
def level(point_id: int, sku_id: int) -> str:
    """A SKU at a stock point: its kinds, its ledger, and the orders that hold its units."""
    return _level(point_id, sku_id)


@pages.post("/<int:point_id>/<int:sku_id>/safety")
@requires(MOVE)
def safety(point_id: int, sku_id: int) -> Response:
    """Keep so many units back."""
    try:
        if not everywhere(MOVE):
            abort(403)
        clicked(set_safety)(hub(), point_id, sku_id, whole("safety", low=0, high=100_000_000), actor())
    except HubError as error:
        return make_response(_level(point_id, sku_id, note_of(error)), status_of(error))
    say(_("安全库存改好了"))
    return back(url_for("stock_levels.level", point_id=point_id, sku_id=sku_id))


@pages.post("/<int:point_id>/<int:sku_id>/oversold")
@requires(MOVE)
def hold_oversold(point_id: int, sku_id: int) -> Response:
    """Have the chosen orders wait."""
    try:
        if not everywhere(MOVE):
            abort(403)
        chosen = [id_ for text in request.form.getlist("order") if (id_ := read_whole(text)) is not None]
        clicked(oversold.hold_as_oversold)(hub(), point_id, sku_id, chosen, actor())
    except HubError as error:
        return make_response(_level(point_id, sku_id, note_of(error)), status_of(error))
    say(_("%(n)s 单挂起等货；不对可以在下面撤销", n=len(chosen)))
    return back(url_for("stock_levels.level", point_id=point_id, sku_id=sku_id))


@pages.post("/<int:point_id>/<int:sku_id>/oversold/<int:pick_id>/undo")
@requires(MOVE)
def undo_oversold(point_id: int, sku_id: int, pick_id: int) -> Response:
    """Let the orders of such an act go on."""
    try:
        if not everywhere(MOVE):
            abort(403)
        count = clicked(oversold.undo_oversold)(hub(), pick_id, actor())
    except HubError as error:
        return make_response(_level(point_id, sku_id, note_of(error)), status_of(error))
    say(_("撤销了，%(n)s 单继续", n=count))
    return back(url_for("stock_levels.level", point_id=point_id, sku_id=sku_id))


def _level(point_id: int, sku_id: int, note: Note | None = None) -> str:
    kinds = stock_room.level_rows(connection(), point_id, sku_id)
    if not kinds:
        abort(404)
    kind, moved = request.args.get("kind", ""), request.args.get("moved", "") != ""
    after = request.args.get("after", "")[:100]
    ledger = stock_room.ledger_of(connection(), point_id, sku_id, kind=kind, moved=moved, after=after)
    held = oversold_rows.holders_of(connection(), point_id, sku_id)
    short = {"missing": oversold_rows.missing_of(connection(), point_id, sku_id),
             "picks": oversold_rows.picks_of(connection(), point_id, sku_id)}  # fmt: skip
    return render_template(
        "stock/level.html", levels=kinds, head=kinds[0], ledger=ledger, held=held, moved=moved, kind=kind, note=note,
        may=everywhere(MOVE), **short, **names(),
    )  # fmt: skip


def _asked() -> dict[str, Any]:
    given = request.args
    kind, state = given.get("kind", ""), given.get("state", "")
    return {
        "words": given.get("q", "").strip()[:MOST_WORDS],
        "point": read_whole(given.get("point", "")),
        "kind": kind if kind in KINDS else "",
        "state": state if state in FILTERS else "",
    }
