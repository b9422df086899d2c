"""覆盖范围文件: where stock points deliver, of many points from one file; nothing is kept unless every row can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oms.app.capture.sheets import Limits, read_table
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.stock.area_texts import Names, areas_of_cell, read_names
from oms.app.stock.points import AREA, MOST_AREAS, area_rows, check_areas
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.areas import Area, Place
from oms.domain.errors import HubError, Invalid

#: The columns of the file, in Chinese or English, in any order.
COLUMNS: Final = (("库存点编码", "stock point"), ("范围", "area"))
#: So many points are named in the trail.
MOST_NAMED: Final = 1_000
#: A delivery list of five thousand stores with twenty places each.
LIMITS: Final = Limits(20 * 1024 * 1024, 100_000, "the file is larger than 20 MB", "the file has more than 100,000 rows")
POINTS: Final = """
select code, id, latitude, longitude, division_code from stock_point where code = any(%s) and state <> 'closed'
order by id for update"""


@dataclass(frozen=True, slots=True)
class RefusedArea:
    """A row that cannot be kept: its number in the file from 1, which column, why and what to do."""

    row: int
    field: str
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class CoverageRead:
    """What a file says: how many points and areas; with refused rows nothing was kept."""

    points: int
    areas: int
    refused: tuple[RefusedArea, ...] = ()


@dataclass(frozen=True, slots=True)
class _Point:
    id: int
    place: Place | None
    division_code: str


def import_coverage(hub: Hub, body: bytes, actor: str, *, is_trial: bool = False) -> CoverageRead:
    """Put the areas of a file in the place of those that its points have; points it does not name stay as they are.

    An empty area means that a point delivers everywhere. With refused rows, or as a trial, nothing changes.
    """
    rows = _rows(read_table(body, LIMITS))
    with hub.begin() as connection:
        points = {
            code: _Point(id_, (lat, lon) if lat is not None and lon is not None else None, division)
            for code, id_, lat, lon, division in fetch(connection, POINTS, (sorted({code for _, code, _ in rows}),))
        }
        names = read_names(connection, [text for _, _, text in rows])
        found, refused = _areas(rows, points, names)
        told = CoverageRead(len(found), sum(map(len, found.values())), tuple(refused))
        if refused or is_trial:
            return told
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("delete from stock_area where stock_point_id = any(%s)", (array_of(sorted(found)),))
        copy_rows(connection, "stock_area", AREA, [row for id_, own in found.items() for row in area_rows(id_, own)])
        detail = {"points": told.points, "areas": told.areas, "ids": sorted(found)[:MOST_NAMED]}
        leave_trail(hub, connection, "coverage_imported", actor, detail)
    hub.masters.forget()
    hub.poke("advance")
    return told


def _rows(table: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    """(row, code of the point, area) of each row."""
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", "fill in the template")
    heading = [text.strip().lower() for text in table[0]]
    places = [next((heading.index(name) for name in names if name in heading), None) for names in COLUMNS]
    code, area = places
    if code is None or area is None:
        raise Invalid("file", "the first row must name the columns of the template", "fill in the template")
    return [(number, _cell(cells, code), _cell(cells, area)) for number, cells in enumerate(table[1:], 2)]


def _cell(cells: Sequence[str], place: int) -> str:
    text = cells[place].strip() if place < len(cells) else ""
    return text.removeprefix("'") if text.startswith("'-") else text


def _areas(
    rows: Sequence[tuple[int, str, str]], points: Mapping[str, _Point], names: Names
) -> tuple[dict[int, list[Area]], list[RefusedArea]]:
    found: dict[int, list[Area]] = {}
    refused = []
    for number, code, text in rows:
        point = points.get(code)
        if point is None:
            words = "there is no open stock point of this code; look at its spelling"
            refused.append(RefusedArea(number, "stock_point", words))
            continue
        own = found.setdefault(point.id, [])
        try:
            new = areas_of_cell(names, text) if text else []
            check_areas(new, point.place, point.division_code)
            if len(own) + len(new) > MOST_AREAS:
                raise Invalid("areas", f"a stock point may have {MOST_AREAS} areas", "keep fewer")
            own.extend(new)
        except HubError as error:
            refused.append(_refused(number, error))
    return found, refused


def _refused(row: int, error: HubError) -> RefusedArea:
    field = error.field if isinstance(error, Invalid) else "area"
    return RefusedArea(row, field, error.words.removeprefix(f"{field}: "), error.remedy)
