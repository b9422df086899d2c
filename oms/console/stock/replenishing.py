"""库存 · 补货建议: what to buy, best sellers with their days of cover, how they are watched; as a file, too."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.capture.sheets import write_csv
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.promises import proposals, units_at_points
from oms.app.stock.replenishing import (
    MOST_UNITS,
    Order,
    Setting,
    accept_proposal,
    cover_of,
    dismiss_proposal,
    renew_proposals,
    settings_of,
)
from oms.app.stock.replenishing_itself import LIMIT_CURRENCY
from oms.app.stock.replenishing_settings import DAYS, set_replenishing
from oms.console.acts import clicked
from oms.console.context import actor, connection, everywhere, hub
from oms.console.forms import money, picked, read_whole, reason, whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.security import requires
from oms.console.stock.promise_words import PROPOSAL_STATES
from oms.domain.errors import HubError

POINTS = """
select p.id, p.name from pool_member m join stock_point p on p.id = m.stock_point_id and p.state <> 'closed'
where m.pool_id = %s order by m.rank, p.name"""

pages = Blueprint("replenishing", __name__, url_prefix="/stock/replenishing")
VIEW, DECIDE = "stock.view", "stock.replenish"
BEST = 50


@pages.get("")
@requires(VIEW)
def listing() -> str:
    """Open proposals, best sellers of a pool, decided proposals."""
    return _render()


@pages.post("/<int:proposal_id>")
@requires(DECIDE)
def decide(proposal_id: int) -> Response:
    """Order what is proposed, or dismiss it."""
    _check_everywhere()
    try:
        if request.form.get("what") == "dismiss":
            clicked(dismiss_proposal)(hub(), proposal_id, reason("words"), actor())
            say(_("记下了，一周内不再提"))
        else:
            point = request.form.get("point", "")
            order = Order(whole("units", high=MOST_UNITS), point, request.form.get("purchase_no", "").strip()[:50])
            receipt = clicked(accept_proposal)(hub(), proposal_id, order, actor())
            say(_("已建采购入库单，到货时在那里收") if receipt else _("记成已订，到货前算在途"))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    return redirect(url_for("replenishing.listing"), 303)


@pages.post("/renew")
@requires(DECIDE)
def renew() -> Response:
    """Reckon again now."""
    _check_everywhere()
    count = clicked(renew_proposals)(hub())
    say(_("重新算过了，%(n)s 条建议", n=count))
    return redirect(url_for("replenishing.listing"), 303)


@pages.post("/settings")
@requires(DECIDE)
def settings() -> Response:
    """How a pool's SKUs are watched."""
    _check_everywhere()
    try:
        days = {name: whole(name, low=low, high=high) for name, (low, high) in DAYS.items()}
        setting = Setting(
            request.form.get("is_watched") != "no", days["lead_days"], days["cover_days"], days["look_back_days"],
            whole("multiple", high=MOST_UNITS), whole("least_units", low=0, high=MOST_UNITS), picked("team"),
            request.form.get("itself") == "yes", _limit(), picked("point_id"),
            request.form.get("supplier_name", "").strip(),
        )  # fmt: skip
        pool = read_whole(request.form.get("pool", "")) or 0
        clicked(set_replenishing)(hub(), pool, request.form.get("sku", "").strip(), setting)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("补货参数存好了，下一次算时用"))
    return redirect(url_for("replenishing.listing", pool=request.form.get("pool")), 303)


@pages.get("/export.csv")
@requires(VIEW)
def export() -> Response:
    """Open proposals as a file for the purchaser."""
    heading = [
        _("库存池"),
        _("货品"),
        _("名字"),
        _("日销"),
        _("可用"),
        _("欠货"),
        _("在途"),
        _("够卖几天"),
        _("建议件数"),
    ]
    told = [
        [row.pool, row.sku, row.sku_name, f"{row.daily_milli / 1000:.1f}",
         *map(str, (row.free, row.backlog, row.incoming, row.days_left, row.units))]
        for row in proposals(connection(), ("open",), 5000)
    ]  # fmt: skip
    answer = make_response(write_csv([heading, *told]))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="replenishment.csv"'
    return answer


def _limit() -> int | None:
    """What one order may cost, as people write it; nothing where none is written."""
    return money("order_limit", LIMIT_CURRENCY) if request.form.get("order_limit", "").strip() else None


def _check_everywhere() -> None:
    """Goods serve every shop."""
    if not everywhere(DECIDE):
        abort(403)


def _render(note: Note | None = None) -> str:
    pools = fetch(connection(), "select id, name from stock_pool order by id")
    wanted = read_whole(request.values.get("pool", ""))
    pool = next((one for one in pools if one[0] == wanted), pools[0] if pools else None)
    rows = proposals(connection(), ("open",))
    at = read_whole(request.args.get("at", ""))
    chosen = next((row for row in rows if row.id == at), None)
    return render_template(
        "stock/replenishing.html", note=note, rows=rows, chosen=chosen, pools=pools, pool=pool,
        past=proposals(connection(), ("ordered", "dismissed"), 20), states=PROPOSAL_STATES, may=everywhere(DECIDE),
        arrivals=fetch(connection(), POINTS, (pool[0] if pool else 0,)),
        teams=fetch(connection(), "select id, name from user_group order by name"), **_best(pool[0] if pool else 0),
    )  # fmt: skip


def _best(pool_id: int) -> dict[str, Any]:
    """Best sellers of a pool with their cover, and where their units lie."""
    covers = cover_of(connection(), hub(), pool_id)[:BEST]
    ids = [one.sku_id for one in covers]
    skus = {id_: (code, name) for id_, code, name in fetch(
        connection(), "select id, code, name from sku where id = any(%s::bigint[])", (ids,))}  # fmt: skip
    return {
        "covers": covers, "skus": skus, "places": units_at_points(connection(), pool_id, ids),
        "usual": settings_of(connection(), pool_id).get(0, Setting()),
    }  # fmt: skip
