"""运行 · 紧急停发: stop everything outbound in a scope, let it go in stages, end it."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.intercept.emergency import waiting_count
from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.kernel.queries.operations import stop, stops
from oms.app.kernel.queries.stop_reach import reach_of
from oms.console import acts
from oms.console.context import connection, everywhere, shops
from oms.console.forms import read_whole, reason, whole
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid, NotFound

pages = Blueprint("stops", __name__, url_prefix="/operations/stop")
SCOPES = ("all", "shop", "stock_point", "carrier")


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """Stops in force and the latest that ended."""
    return _render()


@pages.get("/reach")
@requires("stop.place")
def reach() -> str:
    """What a stop of the chosen scope would keep back, for the form."""
    where = request.args.get("where", "")
    found = reach_of(connection(), *_scope(where)) if where else None
    return render_template("parts/stop_reach.html", reach=found)


@pages.post("")
@requires("stop.place")
def place() -> Response:
    """Stop a scope: `where` is "all" or a kind and an id, e.g. shop:12."""
    try:
        scope, scope_id = _scope(request.form.get("where", ""))
        acts.place_stop(scope, scope_id, reason())
    except HubError as error:
        return _refused(error)
    say(_("已停发，没有一单再往外推"), "warn")
    return back(url_for("stops.listing"))


@pages.post("/<int:stop_id>/release")
@requires("stop.release")
def release(stop_id: int) -> Response:
    """Let a stopped scope go on, so many a minute."""
    try:
        _check_stop(stop_id)
        rate = whole("per_minute", high=100_000)
        acts.release_stop(stop_id, rate)
    except HubError as error:
        return _refused(error)
    say(_("每分钟放行 %(n)s 个", n=rate))
    return back(url_for("stops.listing"))


@pages.post("/<int:stop_id>/end")
@requires("stop.release")
def end(stop_id: int) -> Response:
    """End a stop at once."""
    try:
        _check_stop(stop_id)
        acts.end_stop(stop_id)
    except HubError as error:
        return _refused(error)
    say(_("停发已结束"))
    return back(url_for("stops.listing"))


def _scope(text: str) -> tuple[str, int]:
    scope, _colon, number = text.partition(":")
    scope_id = 0 if scope == "all" else read_whole(number)
    if scope not in SCOPES or scope_id is None:
        raise Invalid("where", _("选一个停发范围"))
    _check_scope("stop.place", scope, scope_id)
    return scope, scope_id


def _check_scope(permission: str, scope: str, scope_id: int) -> None:
    """403 unless the person may do this in the shop, or in every shop for a scope that touches all."""
    if scope_id not in shops(permission) if scope == "shop" else not everywhere(permission):
        abort(403)


def _check_stop(stop_id: int) -> None:
    row = stop(connection(), stop_id)
    if row is None:
        raise NotFound("this emergency stop is not in force any more", "reload the page")
    _check_scope("stop.release", row.scope, row.scope_id)


def _refused(error: HubError) -> Response:
    return make_response(_render(note_of(error)), status_of(error))


def _render(note: Note | None = None) -> str:
    rows = stops(connection())
    waiting = {row.id: waiting_count(connection(), row.id) for row in rows if row.ended_at is None}
    return render_template(
        "operations/stops.html",
        rows=rows,
        waiting=waiting,
        shops=shops("stop.place"),
        points=stock_point_names(connection()),
        carriers=carrier_names(connection()),
        note=note,
    )
