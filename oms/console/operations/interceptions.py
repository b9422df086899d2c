"""运行 · 截停: attempts to stop a shipment that are not settled, how well stops go, and what people do about them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask_babel import get_timezone  # type: ignore[import-untyped]
from sqlalchemy import text
from werkzeug.wrappers import Response

from oms.app.intercept.acknowledging import acknowledge
from oms.app.intercept.calling_back import call_back
from oms.app.intercept.expiring import take_over
from oms.app.kernel.queries.names import carrier_names, stock_point_names
from oms.app.kernel.queries.stop_rates import SIZE, StopFilters, chances, open_stops, rates
from oms.console.acts import clicked
from oms.console.context import actor, close_connection, connection, hub, person, shops
from oms.console.forms import chosen_id, reason
from oms.console.messages import _
from oms.console.notes import Note, back, note_of, say, status_of
from oms.console.rendering import local, now
from oms.console.security import requires
from oms.domain.errors import HubError

pages = Blueprint("interceptions", __name__, url_prefix="/operations/interceptions")
STATES = ("asked", "received", "expired", "failed")


@pages.get("")
@requires("operations.view")
def listing() -> str:
    """Open interceptions, newest first."""
    return _render()


@pages.post("/<int:interception_id>/acknowledge")
@requires("interception.acknowledge")
def acknowledge_one(interception_id: int) -> Response:
    """Take note that the goods left, and say what is being done about it."""
    _own(interception_id, "interception.acknowledge")
    try:
        words = reason()
        close_connection()
        with hub().begin() as writing:
            acknowledge(writing, interception_id, actor(), words, hub().clock())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("截停结果已确认"))
    return back(url_for("interceptions.listing"))


@pages.post("/<int:interception_id>/take")
@requires("interception.acknowledge")
def take(interception_id: int) -> Response:
    """Take an unresolved stop over."""
    _own(interception_id, "interception.acknowledge")
    try:
        clicked(take_over)(hub(), interception_id, person().id)
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("这条截停归你跟"))
    return back(url_for("interceptions.listing"))


@pages.post("/<int:interception_id>/call-back/<int:parcel_id>")
@requires("interception.call_back")
def ask_back(interception_id: int, parcel_id: int) -> Response:
    """Ask the courier for a parcel that left in spite of a stop."""
    _own(interception_id, "interception.call_back", parcel_id)
    try:
        clicked(call_back)(hub(), parcel_id, actor(), reason())
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    say(_("已让快递召回，看轨迹知道结果"))
    return back(url_for("interceptions.listing"))


def chances_of(fulfilment_ids: list[int]) -> list[Any]:
    """How likely a stop is to succeed for fulfilments at warehouses, for people to see before they ask."""
    at = now()
    return chances(connection(), fulfilment_ids, at, local(at).hour, str(get_timezone()))


def _own(interception_id: int, permission: str, parcel_id: int | None = None) -> None:
    """404 unless the interception, and the parcel of its fulfilment, are of a shop of the person's."""
    statement = """select o.shop_id from interception i join orders o on o.id = i.order_id where i.id = :id
                   and (cast(:parcel as bigint) is null
                        or exists (select from parcel p where p.id = :parcel and p.fulfilment_id = i.fulfilment_id))"""
    shop = connection().execute(text(statement), {"id": interception_id, "parcel": parcel_id}).scalar()
    if shop is None or shop not in shops():
        abort(404)
    if not person().allows(permission, shop):
        abort(403)


def _filters() -> StopFilters:
    state = request.args.get("state", "")
    mine = person().id if request.args.get("mine") == "1" else None
    return StopFilters(
        chosen_id("shop"), chosen_id("point"), chosen_id("carrier"), mine, state if state in STATES else ""
    )


def _render(note: Note | None = None) -> str:
    filters, mine = _filters(), shops("operations.view")
    rows = open_stops(connection(), mine.ids, filters, chosen_id("after"))
    seen = [filters.shop] if filters.shop in mine else mine.ids
    points, carriers = stock_point_names(connection()), carrier_names(connection())
    at = now()
    found = rates(connection(), [id_ for id_ in seen if id_ is not None], filters, at, str(get_timezone()))
    return render_template(
        "operations/interceptions.html", rows=rows, after=rows[-1].id if len(rows) == SIZE else 0, filters=filters,
        states=STATES, shops=mine, points=points, carriers=carriers, rates=found, note=note, hour=local(at).hour,
    )  # fmt: skip
