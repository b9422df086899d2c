"""How often a parcel is asked after, and when it looks wrong: figures for couriers within a country."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: Of these nothing more is expected.
ENDED: Final = ("delivered", "returned", "lost")
#: So old a parcel is not asked after any more; it stays among those with a warning until it ends or people say how.
LONGEST: Final = timedelta(days=45)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

NO_SCAN_AFTER: Final = timedelta(hours=24)
NO_NEWS_AFTER: Final = timedelta(hours=72)
LONG_OUT_AFTER: Final = timedelta(hours=24)
NOT_COLLECTED_AFTER: Final = timedelta(hours=72)


def next_look(state: str, age: timedelta) -> timedelta:
    """The pause until a parcel is asked after again: short while it is out for delivery, longer with its age."""
    if state == "out_for_delivery":
        return HOUR
    if age < 2 * DAY:
        return 2 * HOUR
    return 6 * HOUR if age < 7 * DAY else DAY


def odd(state: str, age: timedelta, silence: timedelta | None) -> str:
    """What is odd about a parcel: `age` since it was handed over, `silence` since the last scan, None without any.

    Answers no_scan, no_news, long_out or not_collected, and nothing while all is well.
    """
    if silence is None:
        return "no_scan" if age > NO_SCAN_AFTER and state in ("created", "handed_over") else ""
    if state == "out_for_delivery" and silence > LONG_OUT_AFTER:
        return "long_out"
    if state == "ready" and silence > NOT_COLLECTED_AFTER:
        return "not_collected"
    return "no_news" if silence > NO_NEWS_AFTER and state not in ENDED else ""
