"""门店 · 总览: how a store stands for who runs it, and cash that is handed in."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import store_day as queries
from oms.app.pipeline.stores.cash import cash_in_till, hand_in
from oms.app.pipeline.stores.days import begin_of_day
from oms.console.context import connection, hub
from oms.console.forms import money, read_whole
from oms.console.messages import _
from oms.console.notes import Note
from oms.console.security import requires
from oms.console.stores.tasks import LEAD, attempt, doing, my_stores, show
from oms.console.telling.events import people_of

pages = Blueprint("stores_day", __name__, url_prefix="/stores/day")


@pages.get("")
@requires(LEAD)
def today() -> str:
    """The store in numbers, each a way to the work behind it."""
    return _today()


def _today(note: Note | None = None) -> str:
    stores, point = my_stores()
    if point is None:
        return show("day.html", "day", None, stores, note)
    now = hub().clock()
    handed = queries.handed_in(connection(), point.id)
    numbers = queries.day_of(connection(), point.id, now, begin_of_day(connection(), point.id, now))
    till = cash_in_till(connection(), point.id)
    people = people_of([row.by for row in handed])
    return show("day.html", "day", point, stores, note, d=numbers, till=till, handed=handed, people=people)


@pages.post("/cash")
@requires(LEAD)
def hand_in_cash() -> Response:
    """Record cash that leaves the till."""
    click, form = doing(read_whole(request.form.get("point", "")) or 0), request.form
    currency = form.get("currency", "CNY")[:3]

    def act() -> None:
        hand_in(hub(), click, money("amount", currency), currency, form.get("reference", ""))

    return attempt(act, _("交款记下了"), url_for("stores_day.today", point=click.point_id), _today)
