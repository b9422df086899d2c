"""What the form of a trial sent: period, filter, the version to compare with; as it is shown again after a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask_babel import to_user_timezone  # type: ignore[import-untyped]

from oms.app.kernel.queries.names import Shops
from oms.app.rulebook.trying.backtests import Period
from oms.app.rulebook.trying.questions import Filter
from oms.console.context import shops
from oms.console.forms import money, read_whole, start_of_day
from oms.console.messages import _
from oms.console.rendering import now
from oms.console.rules.access import VIEW
from oms.domain.errors import Invalid

#: Days that a new form proposes.
USUAL_DAYS = 7


def tried_shops() -> Shops:
    """The shops whose orders the person may try rules on: those of which both rules and orders are theirs to see."""
    orders = shops("order.view")
    return Shops(shop for shop in shops(VIEW) if shop.id in orders)


def usual(typed: Mapping[str, str]) -> dict[str, str]:
    """What the form shows: what was typed, else the last seven days."""
    today = to_user_timezone(now())
    first = today - timedelta(days=USUAL_DAYS)
    return {"since": f"{first:%Y-%m-%d}", "until": f"{today:%Y-%m-%d}"} | {k: v for k, v in typed.items() if v}


def read_period(typed: Mapping[str, str]) -> Period:
    """Both days whole, in the time zone in which the console shows times."""
    since, until = (start_of_day(_day(typed, name)) for name in ("since", "until"))
    return Period(since, until + timedelta(days=1))


def read_filter(typed: Mapping[str, str]) -> Filter:
    """The filter; a currency is needed to read an amount."""
    currency = typed.get("currency", "").strip().upper()
    least, most = (money(name, currency or "CNY") if typed.get(name, "").strip() else None for name in ("least", "most"))
    return Filter(
        channel_id=read_whole(typed.get("channel", "")) or 0,
        least=least,
        most=most,
        currency=currency or ("CNY" if least is not None or most is not None else ""),
        term=typed.get("term", ""),
        verdict=typed.get("verdict", ""),
    )


def read_shops(typed: Mapping[str, str]) -> list[int]:
    """The shop that was chosen, else all of theirs."""
    mine = tried_shops()
    chosen = read_whole(typed.get("shop", ""))
    if not chosen:
        return mine.ids
    if chosen not in mine:
        raise Invalid("shop", _("要选一家店"))
    return [chosen]


def _day(typed: Mapping[str, str], name: str) -> datetime:
    try:
        return datetime.strptime(typed.get(name, ""), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(name, _("要一个日期，比如 2026-11-11")) from None
