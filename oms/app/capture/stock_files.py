"""盘点文件: counts of several stock points from a file; what is refused comes back with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oms.app.capture.sheets import read_table
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.confirming import open_batch
from oms.app.stock.reports import TOLD_KINDS, Line, take_report
from oms.app.stock.told import Told, ToldLine
from oms.db.sealed import content_hash
from oms.domain.errors import Invalid

#: The columns of the file, in Chinese or English, in any order; the last one may be missing.
COLUMNS: Final = (("库存点编码", "stock point"), ("货品编码", "sku"), ("件数", "units"), ("类别", "kind"))
KIND_WORDS: Final = {
    "": "good",
    "良品": "good",
    "正品": "good",
    "次品": "defective",
    "残次": "defective",
    "待检": "inspecting",
}
OLDEST, AHEAD = timedelta(days=31), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its number in the file from 1, and why."""

    row: int
    words: str


@dataclass(frozen=True, slots=True)
class CountTaken:
    """What a file did, by state of its lines, and the rows refused."""

    states: dict[str, int]
    refused: tuple[Refused, ...]


def count_by_file(hub: Hub, body: bytes, counted_at: datetime, actor: str) -> CountTaken:
    """Take a count in as of the moment people counted; the same file for the same moment changes nothing again."""
    now = hub.clock()
    if not now - OLDEST <= counted_at <= now + AHEAD:
        raise Invalid("counted_at", "this is not within the last 31 days", "count again, and say when it was counted")
    table = read_table(body)
    places = _places(table)
    key = f"file|{counted_at:%Y%m%d%H%M%S}|{content_hash(body).hex()[:16]}"
    states: dict[str, int] = {}
    with hub.begin() as connection:
        codes = {_cell(cells, places[0]) for cells in table[1:]}
        points = dict(
            fetch(
                connection,
                "select code, id from stock_point where code = any(%s) and state <> 'closed'",
                (sorted(codes),),
            )
        )
        by_point, refused = _lines(table, places, points, key, counted_at)
        for point_id, lines in sorted(by_point.items()):
            batch = open_batch(hub, connection, actor)
            taken = take_report(batch, Told(point_id, "count", key, counted_at, lines))
            _tally(states, taken, len(lines))
    hub.poke("advance")
    return CountTaken(states, tuple(refused))


def _tally(states: dict[str, int], taken: Sequence[Line], told: int) -> None:
    for line in taken:
        states[line.state] = states.get(line.state, 0) + 1
    if told > len(taken):
        states["same"] = states.get("same", 0) + told - len(taken)


def _places(table: Sequence[Sequence[str]]) -> list[int | None]:
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", "fill in the template")
    heading = [text.strip().lower() for text in table[0]]
    places = [next((heading.index(name) for name in names if name in heading), None) for names in COLUMNS]
    if None in places[:3]:
        raise Invalid("file", "the first row must name the columns of the template", "fill in the template")
    return places


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _lines(
    table: Sequence[Sequence[str]], places: Sequence[int | None], points: dict[str, int], key: str, at: datetime
) -> tuple[dict[int, list[ToldLine]], list[Refused]]:
    by_point: dict[int, list[ToldLine]] = {}
    refused: list[Refused] = []
    seen: set[tuple[int, str, str]] = set()
    for number, cells in enumerate(table[1:], 2):
        code, sku, units, word = (_cell(cells, place) for place in places)
        kind, point_id = KIND_WORDS.get(word, word), points.get(code)
        if point_id is None:
            refused.append(Refused(number, "there is no open stock point of this code; look at its spelling"))
        elif kind not in TOLD_KINDS:
            refused.append(Refused(number, "there is no such kind of stock"))
        elif not units.isascii() or not units.isdigit() or len(units) > 9:
            refused.append(Refused(number, "must be a whole number from 0 to 100,000,000"))
        elif (point_id, sku, kind) in seen:
            refused.append(Refused(number, "stands in an earlier row for this stock point; keep one of them"))
        else:
            seen.add((point_id, sku, kind))
            line = ToldLine(sku, kind, int(units), f"{key}|{sku}|{kind}", at)
            by_point.setdefault(point_id, []).append(line)
    return by_point, refused
