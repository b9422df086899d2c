"""门店 · 收退货: find the order, take goods back, give money over the counter, give refused goods back to the buyer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.aftersales.at_store import finding
from oms.app.aftersales.at_store.paying_out import give_back, pay_out
from oms.app.aftersales.at_store.returnable import Returnable, returnable
from oms.app.aftersales.at_store.taking import MOST_PHOTOS, Told, take_back
from oms.app.kernel.queries import store_returns as queries
from oms.app.kernel.queries import stores as store_queries
from oms.app.pipeline.stores.money import Taken
from oms.app.pipeline.stores.photos import MOST_BYTES
from oms.console.acts import clicked
from oms.console.context import connection, hub, shops
from oms.console.forms import money, read_whole
from oms.console.messages import _
from oms.console.notes import Note, note_of, status_of
from oms.console.security import requires
from oms.console.stores.tasks import METHODS, WORK, attempt, doing, my_points, my_stores, show
from oms.console.stores.words import CONDITIONS, REASONS, WHY_NOT
from oms.domain.errors import HubError

pages = Blueprint("stores_returns", __name__, url_prefix="/stores/returns")


@pages.get("")
@requires(WORK)
def listing() -> str:
    """Search, and what was taken back before."""
    return _listing()


def _listing(note: Note | None = None) -> str:
    stores, point = my_stores()
    words = request.args.get("q", "").strip()[:60]
    found: list[tuple[finding.Seen, Any, Returnable | None]] = []
    if point and words:
        seen = finding.find_orders(hub(), connection(), point.id, words)
        told = finding.summaries(connection(), seen)
        found = [(one, told[one.order_id], returnable(connection(), one.order_id, hub().clock())) for one in seen]
    rows = queries.returns_of(connection(), point.id) if point and not words else []
    return show("returns.html", "returns", point, stores, note, words=words, found=found, rows=rows, why_not=WHY_NOT)


@pages.post("/prove")
@requires(WORK)
def prove() -> Response:
    """An order of another store or of a courier, by its number and the phone's last digits."""
    click = doing(read_whole(request.form.get("point", "")) or 0)
    try:
        seen = clicked(finding.prove_order)(hub(), click, request.form.get("number", ""), request.form.get("tail", ""))
    except HubError as error:
        return make_response(_listing(note_of(error)), status_of(error))
    there = url_for("stores_returns.order", order_id=seen.order_id, point=click.point_id, token=seen.token)
    return redirect(there, 303)


@pages.get("/orders/<int:order_id>")
@requires(WORK)
def order(order_id: int) -> str:
    """What of an order may come back."""
    return _order(order_id)


def _order(order_id: int, note: Note | None = None) -> str:
    stores, point = my_stores()
    token = request.values.get("token", "")
    if point is None or finding.seen_by(hub(), connection(), point.id, order_id, token) is None:
        abort(404)
    found = returnable(connection(), order_id, hub().clock())
    if found is None:
        abort(404)
    head = finding.summaries(connection(), [finding.Seen(order_id, "store")])[order_id]
    return show("return_order.html", "returns", point, stores, note, order=found, head=head, token=token,
                reasons=REASONS, conditions=CONDITIONS, why_not=WHY_NOT, most_photos=MOST_PHOTOS,
                typed=request.form)  # fmt: skip


@pages.post("/orders/<int:order_id>")
@requires(WORK)
def take(order_id: int) -> Response:
    """Take goods back."""
    click = doing(read_whole(request.form.get("point", "")) or 0)
    made: list[int] = []
    try:
        made.append(clicked(take_back)(hub(), click, order_id, _told()))
    except HubError as error:
        return make_response(_order(order_id, note_of(error)), status_of(error))
    return redirect(url_for("stores_returns.one", return_id=made[0]), 303)


def _told() -> Told:
    form = request.form
    lines = {read_whole(name[6:]): name for name in form if name[:6] == "units."}
    units = {line: read_whole(form[name]) or 0 for line, name in lines.items() if line is not None}
    conditions = {line: form.get(f"condition.{line}", "good") for line in units}
    pictures = [file.read(MOST_BYTES + 1) for file in request.files.getlist("photos") if file.filename]
    return Told(units, conditions, form.get("reason", ""), form.get("words", "").strip(), pictures,
                read_whole(form.get("returned", "")), form.get("token", ""))  # fmt: skip


@pages.get("/<int:return_id>")
@requires(WORK)
def one(return_id: int) -> str:
    """A return: where its goods and its money are."""
    return _one(return_id)


def _one(return_id: int, note: Note | None = None) -> str:
    row = queries.a_return(connection(), return_id, my_points())
    if row is None:
        abort(404)
    stores = store_queries.points(connection(), my_points())
    point = next((store for store in stores if store.id == row.stock_point_id), None)
    return show("return.html", "returns", point, stores, note, row=row, goods=queries.goods_of(connection(), return_id),
                photos=queries.photos_of(connection(), return_id), reasons=REASONS, conditions=CONDITIONS,
                methods=METHODS)  # fmt: skip


@pages.post("/<int:return_id>/<verb>")
@requires(WORK)
def act(return_id: int, verb: str) -> Response:
    """Give the money, or give refused goods back."""
    row = queries.a_return(connection(), return_id, my_points())
    if row is None or verb not in ("pay", "give-back"):
        abort(404)
    click, form = doing(row.stock_point_id), request.form

    def apply() -> None:
        if verb == "give-back":
            give_back(hub(), click, return_id)
            return
        given = Taken(money("amount", row.currency), form.get("method", ""), form.get("reference", "").strip())
        pay_out(hub(), click, return_id, given)

    words = _("钱退给买家了") if verb == "pay" else _("货还给买家了")
    return attempt(apply, words, url_for("stores_returns.one", return_id=return_id), lambda note: _one(return_id, note))


@pages.get("/photos/<int:photo_id>")
@requires(WORK)
def photo(photo_id: int) -> Response:
    """A picture of goods that came back."""
    found = queries.photo(connection(), photo_id, my_points(), shops("case.view").ids)
    if found is None:
        abort(404)
    return Response(bytes(found.body), mimetype=found.media_type, headers={"Content-Security-Policy": "sandbox"})
