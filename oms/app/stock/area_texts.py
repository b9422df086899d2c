"""Areas and closed days as people write them: one a line; and back to the same lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.domain.areas import Area, Place
from oms.domain.errors import Invalid

_CODE = re.compile(r"[1-9]\d{1,11}")
_CORNER = re.compile(r"(-?\d{1,2}(?:\.\d+)?)\s*[,，]\s*(-?\d{1,3}(?:\.\d+)?)")


def read_areas(connection: Connection, lines: str, radius_m: int, polygon: str) -> tuple[Area, ...]:
    """Areas of a form: lines are division codes or names, or places of a delivery list; one that begins with - is out.

    A name that stands for one division alone becomes its code; anything else is looked for in addresses.
    """
    areas = [_line(connection, line.strip()) for line in lines.splitlines() if line.strip(" -")]
    if radius_m:
        areas.append(Area("radius", metres=radius_m))
    corners = read_polygon(polygon)
    if corners:
        areas.append(Area("polygon", shape=corners))
    return tuple(areas)


def _line(connection: Connection, line: str) -> Area:
    is_out = line.startswith("-")
    words = line.removeprefix("-").strip()[:200]
    if _CODE.fullmatch(words):
        return Area("division", words, words.rstrip("0") if len(words) == 6 else words, is_excluded=is_out)
    parts = words.split()
    rows = fetch(connection, "select code, parent_code from division where name = %s limit 50", (parts[-1],))
    if len(parts) > 1:
        above = {code for (code,) in fetch(connection, "select code from division where name = %s", (parts[-2],))}
        rows = [row for row in rows if row[1] in above]
    code = str(rows[0][0]) if len(rows) == 1 else ""
    return Area("list", words, _prefix(code), is_excluded=is_out)


def _prefix(code: str) -> str:
    """A province's or city's code without the noughts that stand for "all of it"."""
    while len(code) > 2 and len(code) % 2 == 0 and code.endswith("00"):
        code = code[:-2]
    return code


def read_polygon(text: str) -> tuple[Place, ...]:
    """Corners written as "30.25,120.15", one a line or parted by semicolons."""
    corners = []
    for part in re.split(r"[;\n；]+", text):
        if not part.strip():
            continue
        found = _CORNER.fullmatch(part.strip())
        if found is None:
            raise Invalid("polygon", "a corner is a latitude and a longitude", "write it like 30.25,120.15")
        corners.append((float(found[1]), float(found[2])))
    return tuple(corners)


def read_days(text: str) -> tuple[date, ...]:
    """Days written as 2026-10-01, parted by spaces, commas or lines."""
    days = []
    for part in re.split(r"[\s,，、]+", text.strip()):
        if not part:
            continue
        try:
            days.append(date.fromisoformat(part))
        except ValueError:
            raise Invalid("closed_on", f"{part[:20]} is no day", "write it like 2026-10-01") from None
    return tuple(days)


def read_hours(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Opening hours by weekday: "09:00-18:00"; a day left empty is closed, and all empty means always open."""
    hours = {day: [part.strip() for part in re.split(r"[-–~至]", text)] if text.strip() else [] for day, text in texts}
    return hours if any(hours.values()) else {}


def written(areas: Iterable[Area]) -> str:
    """The lines of the divisions and the delivery list."""
    lines = [area for area in areas if area.kind in ("division", "list")]
    return "\n".join(("-" if area.is_excluded else "") + (area.value or area.division_code) for area in lines)
