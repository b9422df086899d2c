"""How values read on screen: amounts, times, spans, deadlines, words of either language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from flask import Flask
from flask_babel import get_timezone  # type: ignore[import-untyped]
from markupsafe import Markup

from oms.console.assets import address_of
from oms.console.context import hub
from oms.console.icons import icon
from oms.console.messages import _
from oms.console.translating import language
from oms.domain.money import format_amount


class Bilingual(Protocol):
    """Something with a word in both languages."""

    @property
    def zh(self) -> str:
        """The Chinese word."""

    @property
    def en(self) -> str:
        """The English word."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as a countdown: its text and how urgent it is ("", soon, late, over)."""

    text: str
    kind: str
    iso: str


def now() -> datetime:
    """The hub's clock."""
    return hub().clock()


def local(at: datetime) -> datetime:
    """A moment in the console's time zone."""
    return at.astimezone(get_timezone())


def word(thing: Bilingual) -> str:
    """The word of the request's language."""
    return thing.en if language() == "en" else thing.zh


def label(zh: str, en: str) -> str:
    """One of two words that come from data rather than from a catalogue."""
    return en if language() == "en" and en else zh


def amount(minor: int | None, currency: str = "CNY", sign: bool = False) -> str:
    """An amount of money in major units; nothing stays a dash."""
    return "–" if minor is None else format_amount(minor, currency, sign=sign).replace("-", "−")


def moment(at: datetime | None) -> str:
    """18:40 today, 昨天 18:20, 3/9 14:02 this year, else with the year."""
    if at is None:
        return "–"
    here, today = local(at), local(now())
    clock = f"{here:%H:%M}"
    days = (today.date() - here.date()).days
    if days == 0:
        return clock
    if days == 1:
        return _("昨天 %(clock)s", clock=clock)
    date = f"{here.month}/{here.day}"
    return f"{date} {clock}" if here.year == today.year else f"{here.year}/{date} {clock}"


def dated(at: datetime) -> str:
    """A moment that names its day even when that is today, for windows of time."""
    told = moment(at)
    return told if " " in told else f"{_('今天')} {told}"


def clock_time(at: datetime) -> str:
    """The time of day alone, for timelines under a day's heading."""
    return f"{local(at):%H:%M}"


def day(at: datetime) -> str:
    """The heading of a day."""
    here, today = local(at).date(), local(now()).date()
    if here == today:
        return _("今天")
    if here == today - timedelta(days=1):
        return _("昨天")
    return _("%(m)s 月 %(d)s 日", m=here.month, d=here.day)


def span(length: timedelta | None) -> str:
    """A length of time in its two largest units: 2 天 1 时, 1 时 08 分, 38 分, 12 秒."""
    if length is None:
        return "–"
    seconds = max(0, int(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _("%(d)s 天 %(h)s 时", d=days, h=hours % 24)
    if hours:
        return _("%(h)s 时 %(m)s 分", h=hours, m=f"{minutes % 60:02d}")
    if minutes:
        return _("%(m)s 分", m=minutes)
    return _("%(s)s 秒", s=seconds)


def since(at: datetime | None) -> str:
    """How long ago."""
    return "–" if at is None else span(now() - at)


def due(at: datetime | None) -> Due | None:
    """A countdown to a deadline."""
    if at is None:
        return None
    left = at - now()
    iso = at.astimezone(UTC).isoformat(timespec="seconds")
    if left < timedelta(0):
        return Due(_("超 %(span)s", span=span(-left)), "over", iso)
    if left < timedelta(hours=1):
        minutes, seconds = divmod(int(left.total_seconds()), 60)
        return Due(f"{minutes}:{seconds:02d}", "late", iso)
    return Due(span(left), "soon" if left < timedelta(hours=2) else "", iso)


def seven(step: int, tone: str = "now") -> Markup:
    """The glyph of the seven steps: passed, the current one taller, those to come."""
    mark = {"now": "n", "held": "h", "failed": "l", "done": "k"}.get(tone, "n")
    bars = []
    for index in range(1, 8):
        if step > 7:
            kind, y, height = "k", 2, 8
        elif index == step:
            kind, y, height = mark, 0, 12
        else:
            kind, y, height = ("d" if index < step else ""), 2, 8
        bars.append(
            Markup('<rect{} x="{}" y="{}" width="8" height="{}" rx="1"/>').format(
                Markup(' class="{}"').format(kind) if kind else "", (index - 1) * 10, y, height
            )
        )
    return Markup('<svg class="seven" viewBox="0 0 68 12" aria-hidden="true">{}</svg>').format(Markup("").join(bars))


def register(app: Flask) -> None:
    """Make all of these known to templates."""
    names: dict[str, Any] = {
        "ico": icon,
        "word": word,
        "label": label,
        "amount": amount,
        "dated": dated,
        "moment": moment,
        "clock_time": clock_time,
        "day": day,
        "span": span,
        "since": since,
        "due": due,
        "seven": seven,
        "now": now,
        "static_file": address_of,
    }
    app.jinja_env.globals.update(names)
