"""时效: orders that must leave soon or are late, those first that are expected to cost most; its settings by place."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries.deadline_settings import list_pauses, setting_of
from oms.app.kernel.queries.deadlines import Due, orders_due, usual_times
from oms.app.pipeline.lateness import deadlines as acts
from oms.console.acts import clicked
from oms.console.context import actor, connection, hub, shops
from oms.console.forms import moment_of, money, picked, read_whole, reason
from oms.console.messages import _
from oms.console.notes import Note, note_of, say, status_of
from oms.console.rendering import now
from oms.console.rules.access import ACTIVATE, VIEW, check_reach, why_not
from oms.console.rules.places import Places, chosen_place
from oms.console.security import requires
from oms.domain.errors import HubError, Invalid

pages = Blueprint("deadlines", __name__)

SIZE: Final = 100
#: How far ahead the list looks, in hours; 0 shows only what is late.
SPANS: Final = (0, 2, 8, 24, 48)


@pages.get("/deadlines")
@requires("order.view")
def listing() -> str:
    """Orders that must leave within the chosen time, by what being late is expected to cost."""
    hours = read_whole(request.args.get("hours", "24"))
    within = timedelta(hours=hours if hours in SPANS else 24)
    usual = usual_times(connection())
    found = orders_due(connection(), shops("order.view").ids, now(), within, usual)
    return render_template(
        "deadlines/listing.html", rows=found[:SIZE], more=max(0, len(found) - SIZE), spans=SPANS,
        hours=int(within.total_seconds()) // 3600, late=sum(due.is_late for due in found), sums=_sums(found), usual=usual,
    )  # fmt: skip


def _sums(found: list[Due]) -> list[tuple[str, int]]:
    """What all of them are expected to cost, by currency."""
    sums: dict[str, int] = {}
    for due in found:
        sums[due.row.currency] = sums.get(due.row.currency, 0) + due.expected
    return [(currency, amount) for currency, amount in sorted(sums.items()) if amount]


@pages.get("/settings/deadlines")
@requires(VIEW)
def settings() -> str:
    """What the chosen place says of its deadlines, and the times in which no clock runs."""
    return _render()


@pages.post("/settings/deadlines")
@requires(ACTIVATE)
def save() -> Response:
    """Say when a team is warned and what being late costs in a place, or let the wider place decide again."""
    try:
        scope, scope_id = _place()
        if request.form.get("inherit"):
            clicked(acts.clear_deadlines)(hub(), scope, scope_id, actor())
            say(_("这里的时效设置跟上级一样了"))
        else:
            clicked(acts.set_deadlines)(hub(), scope, scope_id, _fields(), actor())
            say(_("时效设置存好了"))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    return redirect(url_for("deadlines.settings", place=request.form["place"]), 303)


@pages.post("/settings/deadlines/pauses")
@requires(ACTIVATE)
def add_pause() -> Response:
    """Stop the clock of a place for a time."""
    try:
        scope, scope_id = _place()
        starts_at, ends_at = moment_of("starts_at"), moment_of("ends_at")
        if starts_at is None or ends_at is None:
            raise Invalid("starts_at" if starts_at is None else "ends_at", _("要写从什么时候到什么时候"))
        clicked(acts.add_pause)(hub(), scope, scope_id, starts_at, ends_at, reason(), actor())
        say(_("停表记好了，没发的单几秒内顺延；平台给的期限不变"))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    return redirect(url_for("deadlines.settings", place=request.form["place"]), 303)


@pages.post("/settings/deadlines/pauses/<int:pause_id>/remove")
@requires(ACTIVATE)
def remove_pause(pause_id: int) -> Response:
    """Let the clock run in that time after all."""
    try:
        _place()
        pause = next((one for one in list_pauses(connection(), now()) if one.id == pause_id), None)
        if pause is not None:  # The form's place is not trusted: a pause reaches as far as its own place.
            check_reach(ACTIVATE, pause.scope, pause.scope_id)
        clicked(acts.remove_pause)(hub(), pause_id, actor())
        say(_("停表去掉了，没发的单几秒内改回来"))
    except HubError as error:
        return make_response(_render(note_of(error)), status_of(error))
    return redirect(url_for("deadlines.settings", place=request.form["place"]), 303)


def _place() -> tuple[str, int]:
    scope, scope_id = chosen_place(request.form.get("place", ""))
    check_reach(ACTIVATE, scope, scope_id)
    return scope, scope_id


def _fields() -> acts.DeadlineFields:
    return acts.DeadlineFields(
        warn_minutes=_warnings(), warn_group_id=picked("warn_group_id"), fine_amount=_money("fine_amount") or 0,
        fine_bp=_percent(), fine_least=_money("fine_least") or 0, fine_most=_money("fine_most"),
    )  # fmt: skip


def _warnings() -> list[int]:
    words = request.form.get("warn_minutes", "").replace("，", ",").replace("、", ",").split(",")
    numbers = [read_whole(word.strip()) for word in words if word.strip()]
    if any(number is None for number in numbers):
        raise Invalid("warn_minutes", _("要写 60, 240 这样的分钟数"))
    return [number for number in numbers if number is not None]


def _money(name: str) -> int | None:
    return money(name, "CNY") if request.form.get(name, "").strip() else None


def _percent() -> int:
    return money("fine_percent", "CNY") if request.form.get("fine_percent", "").strip() else 0


def _render(note: Note | None = None) -> str:
    places = Places()
    place = places.find(request.values.get("place", "")) or next(iter(places))
    own, inherited = setting_of(connection(), place.scope, place.id)
    pauses = list_pauses(connection(), now())
    teams = [one for one in places if one.scope == "user_group"]
    return render_template(
        "deadlines/settings.html", note=note, places=places, place=place, own=own, told=own or inherited, pauses=pauses,
        teams=teams, why=why_not(ACTIVATE, place.scope, place.id), names=places.words,
        money_in=_written,
    )  # fmt: skip


def _written(minor: int | None) -> str:
    """An amount in a field, 12.30; also hundredths of a percent as percent."""
    return f"{minor // 100}.{minor % 100:02d}" if minor else ""
