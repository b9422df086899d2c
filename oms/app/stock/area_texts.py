"""Areas and closed days as people write them: one a line; and back to the same lines. Polygons are in `polygon_texts`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.stock.polygon_texts import read_polygons
from oms.domain.areas import Area
from oms.domain.errors import Invalid

_CODE = re.compile(r"[1-9]\d{1,11}")
_RADIUS = re.compile(r"(?:半径|radius)\s*(\d{1,7})\s*(?:米|m)?", re.IGNORECASE)
_POLYGON = re.compile(r"(?:围栏|polygon)\s+(.*)", re.IGNORECASE | re.DOTALL)
LONGEST: Final = 200
#: (code, parent's code) of the divisions of a name.
Names = Mapping[str, Sequence[tuple[str, str]]]


def read_areas(connection: Connection, lines: str, radius_m: int, polygon: str) -> tuple[Area, ...]:
    """Areas of a form: lines are division codes or names, or places of a delivery list; one that begins with - is out.

    A name that stands for one division alone becomes its code; anything else is looked for in addresses.
    """
    written_lines = [line.strip() for line in lines.splitlines() if line.strip(" -")]
    names = read_names(connection, written_lines) if written_lines else {}
    areas = [area_of_line(names, line) for line in written_lines]
    if radius_m:
        areas.append(Area("radius", metres=radius_m))
    return (*areas, *read_polygons(polygon))


def read_names(connection: Connection, lines: Iterable[str]) -> Names:
    """The divisions that these lines may name, in one question."""
    words = sorted({word for line in lines for word in line.removeprefix("-").split()[-2:]})
    found: dict[str, list[tuple[str, str]]] = {}
    question = "select name, code, coalesce(parent_code, '') from division where name = any(%s)"
    for name, code, parent in fetch(connection, question, (words,)):
        found.setdefault(name, []).append((code, parent))
    return found


def area_of_line(names: Names, line: str) -> Area:
    """A division by its code, a radius, or a place of the delivery list, with its code where its name stands for one."""
    is_out = line.startswith("-")
    words = line.removeprefix("-").strip()
    if len(words) > LONGEST:
        raise Invalid("areas", f"a line has more than {LONGEST} characters", "write one place a line")
    if (found := _RADIUS.fullmatch(words)) is not None:
        return Area("radius", metres=int(found[1]), is_excluded=is_out)
    if _CODE.fullmatch(words):
        return Area("division", words, words.rstrip("0") if len(words) == 6 else words, is_excluded=is_out)
    parts = words.split()
    rows = names.get(parts[-1], ())
    if len(parts) > 1:
        above = {code for code, _ in names.get(parts[-2], ())}
        rows = [row for row in rows if row[1] in above]
    code = rows[0][0] if len(rows) == 1 else ""
    return Area("list", words, _prefix(code), is_excluded=is_out)


def areas_of_cell(names: Names, text: str) -> Sequence[Area]:
    """What one row of a coverage file means: a line as above, or "围栏 30.2,120.1;…"."""
    if (found := _POLYGON.fullmatch(text)) is not None:
        return read_polygons(found[1])
    return [area_of_line(names, text)]


def _prefix(code: str) -> str:
    """A province's or city's code without the noughts that stand for "all of it"."""
    while len(code) > 2 and len(code) % 2 == 0 and code.endswith("00"):
        code = code[:-2]
    return code


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
    """The lines of the divisions, the delivery list and radii."""
    lines = [area for area in areas if area.kind in ("division", "list", "radius")]
    return "\n".join(("-" if area.is_excluded else "") + _line(area) for area in lines)


def _line(area: Area) -> str:
    return f"半径 {area.metres}" if area.kind == "radius" else area.value or area.division_code
