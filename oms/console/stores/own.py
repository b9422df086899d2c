"""门店 · 本店设置: what who leads a store sets of it: contact, times, opening hours, closed days; notices it gets."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from oms.app.pipeline.stores.own_settings import (
    BOUNDS,
    OwnSettings,
    find_own_settings,
    mark_of_own,
    notices_to,
    save_own_settings,
)
from oms.app.stock.area_texts import read_days, read_hours
from oms.console.context import actor, connection, hub
from oms.console.forms import read_whole, whole
from oms.console.messages import _
from oms.console.notes import Note
from oms.console.security import requires
from oms.console.stock.words import names
from oms.console.stores.tasks import SET_OWN, attempt, doing, my_stores, show
from oms.console.stores.words import EVENTS
from oms.domain.opening_hours import DAYS

pages = Blueprint("stores_own", __name__, url_prefix="/stores/own")


@pages.get("")
@requires(SET_OWN)
def form() -> str:
    """One of the person's stores as it is set."""
    return _form()


@pages.post("")
@requires(SET_OWN)
def save() -> Response:
    """Put the form in force."""
    click = doing(read_whole(request.form.get("point", "")) or 0)
    return attempt(
        lambda: save_own_settings(hub(), click.point_id, _typed(), actor(), seen=request.form.get("seen", "")),
        _("本店设置已保存，两秒内生效"),
        url_for("stores_own.form", point=click.point_id), _form,
    )  # fmt: skip


def _form(note: Note | None = None) -> str:
    stores, point = my_stores()
    if point is None:
        return show("own.html", "own", None, stores, note)
    kept = find_own_settings(connection(), point.id)
    values = request.form if note else _written(kept)
    return show("own.html", "own", point, stores, note, values=values, days=DAYS, events=EVENTS,
                notices=notices_to(connection(), point.id), **names())  # fmt: skip


def _written(kept: OwnSettings) -> dict[str, str]:
    """What the form shows of a store."""
    return {
        "address": kept.address, "phone": kept.phone, "email": kept.email, "ready_min": str(kept.ready_min),
        "overdue_days": str(kept.overdue_days), "closed_on": "\n".join(day.isoformat() for day in kept.closed_on),
        "seen": mark_of_own(kept),
        **({"hands_out": "on"} if kept.hands_out else {}), **({"delivers": "on"} if kept.delivers else {}),
        **{f"hours_{day}": "-".join(span) for day, span in kept.hours.items()},
    }  # fmt: skip


def _typed() -> OwnSettings:
    given = request.form
    numbers = {name: whole(name, low=least, high=most) for name, (least, most) in BOUNDS.items()}
    address, phone, email = (given.get(name, "").strip() for name in ("address", "phone", "email"))
    return OwnSettings(
        address, phone, email, "hands_out" in given, "delivers" in given, **numbers,
        hours=read_hours((day, given.get(f"hours_{day}", "")) for day in DAYS),
        closed_on=read_days(given.get("closed_on", "")),
    )  # fmt: skip
