"""强制通过日报: what was passed by force on a day, by whom, for how much, why, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request

from oms.app.kernel.queries.forced import fate_of, forced_passes
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.reviewers import names_of_actors
from oms.console.context import connection, hub, shops
from oms.console.forms import start_of_day
from oms.console.messages import _l
from oms.console.rendering import local, word
from oms.console.security import requires
from oms.console.telling import words

pages = Blueprint("review_forced", __name__, url_prefix="/review/forced")
FATES = {
    "taken_back": _l("已收回"),
    "changed": _l("订单有变，作废重审"),
    "refunded": _l("已退款"),
    "case": _l("有售后"),
}


@dataclass(slots=True)
class Forcer:
    """Somebody who forced, with how many orders and how much by currency."""

    name: str
    count: int = 0
    amounts: dict[str, int] = field(default_factory=dict)


@pages.get("")
@requires("order.force_review")
def report() -> str:
    """The report of a day."""
    day = _day(request.args.get("day", ""))
    since = start_of_day(day)
    until = start_of_day(day + timedelta(days=1))
    rows = forced_passes(connection(), shops("order.force_review").ids, since, until)
    names = names_of_actors(connection(), [row.actor for row in rows])
    return render_template(
        "review/forced.html", rows=rows, names=names, forcers=_forcers(rows, names), fate=_fate, day=f"{day:%Y-%m-%d}",
        before=f"{day - timedelta(days=1):%Y-%m-%d}", after=f"{day + timedelta(days=1):%Y-%m-%d}", shops=shops(),
    )  # fmt: skip


def _day(text: str) -> datetime:
    """The day that was asked for, else today, in the console's time zone."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  a day of the console's calendar, not a moment
    except ValueError:
        return local(hub().clock()).replace(tzinfo=None)


def _forcers(rows: list[AnyRow], names: dict[str, str]) -> list[Forcer]:
    found: dict[str, Forcer] = {}
    for row in rows:
        forcer = found.setdefault(row.actor, Forcer(names[row.actor]))
        forcer.count += 1
        forcer.amounts[row.currency] = forcer.amounts.get(row.currency, 0) + row.amount
    return sorted(found.values(), key=lambda forcer: -forcer.count)


def _fate(row: AnyRow) -> str:
    """What became of it, in words."""
    code = fate_of(row)
    return str(FATES[code]) if code in FATES else word(words.phase(code))
