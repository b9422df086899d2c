"""库存报告: a warehouse's or a person's word on stock is taken over as of its own time, and what differs is booked.

Movements after that time are kept on top; the rest is a difference with its reason, shown line by line. A report older
than the last one changes nothing, a repeated one neither, and a large difference waits for a person, as does a change
that takes more than there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.flush import flush
from oms.app.kernel.levels import COUNT, lock_skus
from oms.app.kernel.load import fetch
from oms.app.stock.told import FIRST, Standing, Told, ToldLine, standings
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.numbers import parse_document_no

#: Kinds of stock that others may tell of; what is on its way and what presale holds we count ourselves.
TOLD_KINDS: Final = ("good", "defective", "inspecting")
#: The reason of a change that a warehouse tells without a document of ours.
CHANGE: Final = "warehouse_change"
DOCUMENT: Final = "stock_report_line"
#: SKUs an alert names; the page of levels shows all.
MOST_NAMED: Final = 5


@dataclass(slots=True)
class Line:
    """A line with what became of it."""

    id: int
    told: ToldLine
    sku_id: int | None
    state: str
    difference_class: str
    expected: int | None = None
    difference: int = 0
    words: str = ""


def take_report(batch: Batch, told: Told) -> list[Line]:
    """Take a report over and flush the batch; answers its lines, without those that were told before."""
    codes = sorted({line.sku_code for line in told.lines})
    skus = dict(fetch(batch.connection, "select code, id from sku where code = any(%s)", (codes,)))
    lock_skus(batch, skus.values())
    report_id = _report_id(batch, told)
    fresh = _fresh(batch, told)
    ids = batch.take_ids(len(fresh)) if fresh else []
    lines = [
        Line(id_, line, skus.get(line.sku_code), "booked", told.difference_class, words=line.words)
        for id_, line in zip(ids, fresh, strict=True)
    ]
    told_elsewhere, own = _told_elsewhere(batch, told, lines), _own_documents(batch, lines)
    limit = _limit(batch, told.point_id)
    asked = [line for line in lines if _is_ours(line, told_elsewhere, own)]
    standing = standings(batch, told.point_id, [(line.sku_id or 0, line.told.kind, line.told.as_of) for line in asked])
    booked: Counter[tuple[int | None, str]] = Counter()
    for line, level in zip(asked, standing, strict=True):
        judge(line, level, limit)
        keep_what_is_not_there(line, level.units + booked[line.sku_id, line.told.kind], limit or 0)
        if line.state == "booked":
            booked[line.sku_id, line.told.kind] += line.difference
    book_lines(batch, told.point_id, asked)
    flush(batch)
    _write(batch, told, report_id, lines)
    note_counted(batch, told.point_id, asked)
    tell_oversold(batch, told.point_id, skus.values())
    return lines


def judge(line: Line, level: Standing, limit: int | None) -> None:
    """Decide what becomes of a line: older, the same, booked, or waiting because it is large."""
    told = line.told
    if told.is_delta:
        line.difference = told.units
        is_old = level.counted_at is not None and told.as_of <= level.counted_at
    else:
        line.expected = level.units - level.later
        line.difference = level.difference(told.units)
        is_old = level.is_past(told.as_of, told.key)
    if is_old:
        line.state, line.difference = "older", 0
    elif level.is_new and not told.is_delta:
        line.difference_class = FIRST
    elif limit is not None and abs(line.difference) > limit:
        line.state = "waiting"
    if line.state == "booked" and not line.difference:
        line.state = "same"


def keep_what_is_not_there(line: Line, there: int, most: int) -> None:
    """A change that takes more than `most` units beyond those that are there waits for people; the level stays.

    What a person counts is another matter: it says what lies there, not what left.
    """
    if line.state == "booked" and line.told.is_delta and line.difference < 0 and there + line.difference < -most:
        line.state, line.expected = "waiting", there


def book_lines(batch: Batch, point_id: int, lines: Iterable[Line]) -> None:
    """Move stock by what the lines decided."""
    for line in lines:
        if line.state == "booked" and line.sku_id is not None:
            batch.move_stock(
                (point_id, line.sku_id, line.told.kind),
                on_hand=line.difference,
                reason=CHANGE if line.told.is_delta else COUNT,
                document_id=line.id,
                document_kind=DOCUMENT,
                as_of=line.told.as_of,
            )


def note_counted(batch: Batch, point_id: int, lines: Iterable[Line]) -> None:
    """Levels know when they were counted; what waited and is older now will not be booked any more."""
    rows = [
        (line.sku_id, line.told.kind, line.told.as_of)
        for line in lines
        if line.state in ("booked", "same") and not line.told.is_delta
    ]
    if not rows:
        return
    columns = [array_of(column) for column in zip(*rows, strict=True)]
    arrays = "unnest(%s::bigint[], %s::text[], %s::timestamptz[]) as v(sku, kind, at)"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            f"""insert into stock_level (stock_point_id, sku_id, kind, counted_at)
                select %s, sku, kind, max(at) from {arrays} group by sku, kind
                on conflict (stock_point_id, sku_id, kind) do update
                  set counted_at = greatest(stock_level.counted_at, excluded.counted_at)""".encode(),
            (point_id, *columns),
        )
        cursor.execute(
            f"""update stock_report_line l set state = 'older' from {arrays}
                where l.stock_point_id = %s and l.sku_id = v.sku and l.kind = v.kind and l.as_of <= v.at
                  and l.state = 'waiting'""".encode(),
            (*columns, point_id),
        )


def tell_oversold(batch: Batch, point_id: int, sku_ids: Iterable[int]) -> None:
    """Raise an alert when less lies there than is promised to orders; what they hold is never taken from them."""
    rows = fetch(
        batch.connection,
        """select p.code, k.code, s.on_hand, s.reserved from stock_level s join sku k on k.id = s.sku_id
           join stock_point p on p.id = s.stock_point_id
           where s.stock_point_id = %s and s.sku_id = any(%s) and s.kind = 'good' and s.reserved > s.on_hand
           order by s.reserved - s.on_hand desc, k.code""",
        (point_id, array_of(sorted(set(sku_ids)))),
    )
    if rows:
        named = "; ".join(f"{sku}: {on_hand} there, {held} promised" for _, sku, on_hand, held in rows[:MOST_NAMED])
        raise_alert(batch.connection, "oversold_point", rows[0][0], f"{len(rows)} SKUs: {named}")


def _report_id(batch: Batch, told: Told) -> int:
    columns = (
        told.point_id,
        told.source,
        told.number,
        told.key,
        told.page,
        told.pages,
        told.as_of,
        batch.now,
        batch.actor,
    )
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into stock_report (id, stock_point_id, source, number, key, page, pages, as_of, received_at, actor)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (stock_point_id, key) do update set page = stock_report.page returning id""",
            (batch.new_id(), *columns),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _fresh(batch: Batch, told: Told) -> list[ToldLine]:
    """The lines that were not told before, each once; a moment to come is believed to be now."""
    keys = [line.key for line in told.lines]
    question = "select key from stock_report_line where stock_point_id = %s and key = any(%s)"
    seen = {row[0] for row in fetch(batch.connection, question, (told.point_id, keys))}
    fresh = []
    for line in told.lines:
        if line.key not in seen:
            seen.add(line.key)
            line.as_of = min(line.as_of, batch.now)
            fresh.append(line)
    return fresh


def _told_elsewhere(batch: Batch, told: Told, lines: Sequence[Line]) -> set[tuple[str, int, str]]:
    """Changes that the other kind of message, stock-take or change, has told of the same document."""
    numbers = sorted({line.told.document_no for line in lines if line.told.is_delta and line.told.document_no})
    if not numbers:
        return set()
    rows = fetch(
        batch.connection,
        """select l.document_no, l.sku_id, l.kind from stock_report_line l join stock_report r on r.id = l.report_id
           where l.stock_point_id = %s and l.document_no = any(%s) and l.is_delta and l.state in ('booked', 'waiting')
             and (r.number = '') <> %s""",
        (told.point_id, numbers, told.number == ""),
    )
    return {(number, sku_id, kind) for number, sku_id, kind in rows}


def _own_documents(batch: Batch, lines: Sequence[Line]) -> set[str]:
    """The numbers among the changes' documents that are fulfilments, receipts or stock-outs of ours."""
    numbers = {line.told.document_no for line in lines if line.told.is_delta and line.told.document_no}
    parsed = {number: found[1] for number in numbers if (found := parse_document_no(number)) is not None}
    if not parsed:
        return set()
    ids = array_of(sorted(parsed.values()))
    rows = fetch(
        batch.connection,
        "select id from fulfilment where id = any(%s) union select id from warehouse_order where id = any(%s)",
        (ids, ids),
    )
    known = {row[0] for row in rows}
    return {number for number, id_ in parsed.items() if id_ in known}


def _is_ours(line: Line, told_elsewhere: set[tuple[str, int, str]], own: set[str]) -> bool:
    """Whether the line is to be judged; else its state says why not."""
    told = line.told
    if line.sku_id is None:
        line.state, line.words = "unknown", "there is no SKU of this code"
    elif told.kind not in TOLD_KINDS:
        line.state, line.words = "told", f"units of the kind {told.kind[:20]} are counted by the hub itself"
    elif told.is_delta and told.document_no in own:
        line.state, line.words = "told", "the confirmation of this document books it"
    elif (told.document_no, line.sku_id, told.kind) in told_elsewhere:
        line.state, line.words = "told", "another report told of this document"
    return line.state == "booked"


def _limit(batch: Batch, point_id: int) -> int | None:
    rows = fetch(batch.connection, "select difference_limit from stock_point where id = %s", (point_id,))
    return rows[0][0] if rows else None


COLUMNS: Final = (
    "id", "report_id", "stock_point_id", "key", "sku_id", "sku_code", "kind", "is_delta", "told", "as_of",
    "document_no", "expected", "difference", "state", "difference_class", "words",
)  # fmt: skip


def _write(batch: Batch, told: Told, report_id: int, lines: Sequence[Line]) -> None:
    copy_rows(
        batch.connection,
        "stock_report_line",
        COLUMNS,
        [
            (line.id, report_id, told.point_id, line.told.key, line.sku_id, line.told.sku_code, line.told.kind,
             line.told.is_delta, line.told.units, line.told.as_of, line.told.document_no, line.expected,
             line.difference, line.state, line.difference_class, line.words)
            for line in lines
        ],
    )  # fmt: skip


def lines_of(levels: Mapping[tuple[str, str], int], key: str, as_of: datetime) -> list[ToldLine]:
    """Absolute lines of levels by (SKU code, kind)."""
    return [ToldLine(sku, kind, units, f"{key}|{sku}|{kind}", as_of) for (sku, kind), units in levels.items()]


def as_row(line: Line) -> dict[str, Any]:
    """What callers are told of a line."""
    return {"sku": line.told.sku_code, "kind": line.told.kind, "state": line.state, "difference": line.difference}
