"""门店 · 配送趟次: choose parcels, bring them in order, end each on the way; made for a phone with a bad line.

Each button posts one form with a key of its own, so that sending it again is harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, abort, make_response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from oms.app.kernel.queries import store_day as queries
from oms.app.kernel.queries import stores as store_queries
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.receivers import open_receivers
from oms.app.pipeline.stores import rounds
from oms.app.pipeline.stores.money import Taken
from oms.app.pipeline.stores.stops import kept_parcels
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub
from oms.console.forms import money, read_whole
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, status_of
from oms.console.security import requires
from oms.console.stores.tasks import METHODS, NOT_TAKEN, WORK, attempt, doing, my_points, my_stores, show
from oms.console.telling.events import people_of
from oms.domain.errors import HubError

pages = Blueprint("stores_rounds", __name__, url_prefix="/stores/rounds")
FAILED: Final = {"not_there": _l("人不在"), "no_answer": _l("电话没人接"), "wrong_address": _l("地址不对"),
                 "put_off": _l("约了下次"), "other": _l("其他")}  # fmt: skip
RESULTS: Final = {"open": _l("没送"), "delivered": _l("签收"), "refused": _l("拒收"), "failed": _l("没送成"),
                  "left": _l("没带走")}  # fmt: skip


@pages.get("")
@requires(WORK)
def listing() -> str:
    """Parcels to bring, rounds that are out, and those of the last day."""
    return _listing()


def _listing(note: Note | None = None) -> str:
    stores, point = my_stores()
    waiting = store_queries.parcels(connection(), point.id) if point else []
    rows = [row for row in waiting if row.leg == "delivery" and row.state == "ready"]
    since = hub().clock() - timedelta(days=1)
    out = queries.rounds_of(connection(), point.id, since) if point else []
    return show("rounds.html", "waiting", point, stores, note, rows=rows, rounds=out,
                people=people_of([row.clerk for row in out]), ticked=request.form.getlist("parcel"),
                kept=kept_parcels(connection(), [row.id for row in rows]))  # fmt: skip


@pages.post("")
@requires(WORK)
def start() -> Response:
    """Leave with the ticked parcels."""
    click = doing(read_whole(request.form.get("point", "")) or 0)
    chosen = [read_whole(told) or 0 for told in request.form.getlist("parcel")]
    try:
        round_id = clicked(rounds.start_round)(hub(), click, chosen)
    except HubError as error:
        return make_response(_listing(note_of(error)), status_of(error))
    return redirect(url_for("stores_rounds.one", round_id=round_id), 303)


@pages.get("/<int:round_id>")
@requires(WORK)
def one(round_id: int) -> str:
    """A round: where to go next."""
    return _one(round_id)


def _one(round_id: int, note: Note | None = None) -> str:
    found = queries.a_round(connection(), round_id, my_points())
    if found is None:
        abort(404)
    head, stops = found
    stores = store_queries.points(connection(), my_points())
    point = next((store for store in stores if store.id == head.stock_point_id), None)
    is_mine = head.clerk == actor()
    open_orders = [stop.order_id for stop in stops if stop.result == "open"] if is_mine else []
    return show("round.html", "waiting", point, stores, note, head=head, stops=stops, is_mine=is_mine,
                receivers=open_receivers(hub(), connection(), open_orders) if open_orders else {},
                people=people_of([head.clerk]), methods=METHODS, refusals=NOT_TAKEN, failed=FAILED,
                results=RESULTS,
                kept=kept_parcels(connection(), [stop.parcel_id for stop in stops if stop.result == "open"]))  # fmt: skip


@pages.post("/<int:round_id>/stops/<int:parcel_id>/<verb>")
@requires(WORK)
def end_stop(round_id: int, parcel_id: int, verb: str) -> Response:
    """Signed for, refused, not handed over, or another place on the way."""
    found = queries.a_round(connection(), round_id, my_points())
    stop = next((row for row in found[1] if row.parcel_id == parcel_id), None) if found else None
    if found is None or stop is None:
        abort(404)
    click, reason = doing(found[0].stock_point_id), request.form.get("reason", "")
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "deliver": (lambda: rounds.deliver_stop(hub(), click, round_id, parcel_id, _taken(stop)), _("签收了")),
        "refuse": (lambda: rounds.refuse_stop(hub(), click, round_id, parcel_id, reason), _("记下拒收了")),
        "fail": (lambda: rounds.fail_stop(hub(), click, round_id, parcel_id, reason), _("记下没送成，带回门店")),
        "sooner": (lambda: rounds.move_stop(hub(), click, round_id, parcel_id, -1), ""),
        "later": (lambda: rounds.move_stop(hub(), click, round_id, parcel_id, 1), ""),
    }  # fmt: skip
    if verb not in acts:
        abort(404)
    act, words = acts[verb]
    then = url_for("stores_rounds.one", round_id=round_id)
    return attempt(lambda: act(), words, then, lambda note: _one(round_id, note))


def _taken(stop: AnyRow) -> Taken | None:
    """The money that was typed in; a form that is sent again after it was booked still has it."""
    if "amount" not in request.form:
        return None
    taken = money("amount", stop.currency)
    return Taken(taken, request.form.get("method", ""), request.form.get("reference", "").strip())
