"""盘差处理: a person books a large difference with its class, or refuses it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.stock.confirming import open_batch
from oms.app.stock.reports import Line, book_lines, judge, note_counted, tell_oversold
from oms.app.stock.told import PEOPLES, ToldLine, standings
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid

WAITING: Final = """
select id, stock_point_id, sku_id, sku_code, kind, told, key, as_of, is_delta, document_no from stock_report_line
where id = any(%s) and state = 'waiting' order by id for update"""


def book_differences(hub: Hub, ids: Sequence[int], difference_class: str, words: str, actor: str) -> tuple[int, int]:
    """Book waiting differences as of their own time; answers how many, and how many a newer report had made void."""
    if difference_class not in PEOPLES:
        raise Invalid("difference_class", "there is no such class", f"use one of {', '.join(PEOPLES)}")
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        rows = fetch(connection, WAITING, (list(ids),))
        lock_skus(batch, [row[2] for row in rows])
        by_point: dict[int, list[Line]] = {}
        for id_, point_id, sku_id, code, kind, units, key, as_of, is_delta, number in rows:
            told = ToldLine(code, kind, units, key, as_of, is_delta, number)
            by_point.setdefault(point_id, []).append(Line(id_, told, sku_id, "booked", difference_class))
        for point_id, lines in by_point.items():
            asked = [(line.sku_id or 0, line.told.kind, line.told.as_of) for line in lines]
            for line, level in zip(lines, standings(batch, point_id, asked), strict=True):
                judge(line, level, None)
            _leave_to_newest(lines)
            book_lines(batch, point_id, lines)
        flush(batch)
        for point_id, lines in by_point.items():
            _write(batch, lines, words)
            note_counted(batch, point_id, lines)
            tell_oversold(batch, point_id, [line.sku_id or 0 for line in lines])
    hub.poke("advance")
    booked = [line for lines in by_point.values() for line in lines if line.state != "older"]
    return len(booked), len(rows) - len(booked)


def _leave_to_newest(lines: Sequence[Line]) -> None:
    """Of what is decided together, a level's newest count holds: what was told of it before is in that already."""
    newest: dict[tuple[int | None, str], tuple[datetime, str]] = {}
    for line in lines:
        if line.state in ("booked", "same") and not line.told.is_delta:
            level, at = (line.sku_id, line.told.kind), (line.told.as_of, line.told.key)
            newest[level] = max(newest.get(level, at), at)
    for line in lines:
        last = newest.get((line.sku_id, line.told.kind))
        if last is not None and (line.told.as_of, line.told.key) < last:
            line.state, line.difference = "older", 0


def refuse_differences(hub: Hub, ids: Sequence[int], words: str, actor: str) -> int:
    """Leave the levels as they are; answers how many differences were refused."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update stock_report_line set state = 'refused', words = %s, decided_by = %s, decided_at = %s
               where id = any(%s) and state = 'waiting'""",
            (words[:500], actor, hub.clock(), list(ids)),
        )
        return cursor.rowcount


def _write(batch: Batch, lines: Sequence[Line], words: str) -> None:
    rows = [(line.id, line.state, line.difference, line.expected, line.difference_class) for line in lines]
    columns = [array_of(column) for column in zip(*rows, strict=True)]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update stock_report_line l set state = v.state, difference = v.difference, expected = v.expected,
                 difference_class = v.class, words = %s, decided_by = %s, decided_at = %s
               from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
                 as v(id, state, difference, expected, class) where l.id = v.id""",
            (words[:500], batch.actor, batch.now, *columns),
        )
