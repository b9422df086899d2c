"""Stock rows: guarded in one order, changed by one UPDATE, every change in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from oms.app.kernel.batch import Batch, StockDelta, StockKey
from oms.app.kernel.load import fetch
from oms.app.kernel.promised import FREED, freed_skus
from oms.db.bulk import array_of, copy_rows, psycopg_connection

#: Stock is guarded by stripes of SKUs: a lock in memory instead of a write to every row that might be chosen.
STRIPES = 512
LOCK_SPACE = 7_146_003
#: The reason of movements that promise goods to an order.
RESERVE = "reserve"
#: Reasons of a difference that was counted, of what a count holds already, and of units that left beyond the ledger.
COUNT, COUNTED, BEYOND = "count", "counted", "beyond"


class StockGone(Exception):
    """Stock that was looked at without its lock is promised to others meanwhile: do the batch again, locking first."""


def lock_skus(batch: Batch, sku_ids: Iterable[int]) -> None:
    """Lock SKUs' stock, in order, until commit; together with the SKUs the batch has moved.

    Whatever makes less stock sellable goes through here. Call it once a batch, after every other lock: a second
    call could wait for a stripe that sorts before the first.
    """
    wanted = set(sku_ids) | {key[1] for key, _, _ in batch.stock}
    stripes = sorted({sku_id % STRIPES for sku_id in wanted})
    if stripes:
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(%s, stripe) from unnest(%s::int[]) as s(stripe)",
                (LOCK_SPACE, array_of(stripes)),
            )
    batch.locked_skus |= wanted


def sellable(
    batch: Batch, point_ids: Collection[int], sku_ids: Collection[int], *, at_open: bool = False
) -> dict[tuple[int, int], int]:
    """(stock point, SKU) → units that may be promised, with what the batch itself has moved.

    After `lock_skus` they stay so until commit; without it (`Batch.locks_late`) flush looks again. `at_open` leaves
    out points that are out at this moment: the masters' snapshot may be older.
    """
    is_open = " and stock_point_id in (select id from stock_point where state = 'open')" if at_open else ""
    rows = fetch(
        batch.connection,
        f"""select stock_point_id, sku_id, on_hand - reserved - safety from stock_level
            where stock_point_id = any(%s) and sku_id = any(%s) and kind = 'good'{is_open}""",
        (array_of(point_ids), array_of(sku_ids)),
    )
    stock = {(point_id, sku_id): units for point_id, sku_id, units in rows}
    for (key, _reason, _document), delta in batch.stock.items():
        if key[2] == "good" and key[:2] in stock:
            stock[key[:2]] += delta.on_hand - delta.reserved
    return stock


MOVEMENT = (
    "month", "stock_point_id", "sku_id", "id", "kind", "on_hand", "reserved", "reason", "document_kind",
    "document_id", "at", "as_of",
)  # fmt: skip
#: A movement: level, reason, document, units.
Move = tuple[StockKey, str, int | None, StockDelta]


def apply_stock(batch: Batch) -> None:
    """Append the batch's deltas to the ledger and apply them to the levels, which are locked as late as may be.

    This is the only place where a level changes. What happened before a level's last count is in that count already,
    so it is booked and taken back at once. Units that leave although the ledger has none are owed: a level never
    falls below zero, and what arrives next makes up for them.
    """
    moves = [(key, reason, document, delta) for (key, reason, document), delta in batch.stock.items()
             if delta.on_hand or delta.reserved]  # fmt: skip
    counted = _apply(batch, moves)
    dated = [move for move in moves if move[3].as_of and move[3].on_hand and move[1] != COUNT]
    if dated:
        counted |= _counted_at(batch, {move[0] for move in dated} - counted.keys())
        late = [(move, at) for move in dated if (at := counted.get(move[0])) and (move[3].as_of or batch.now) <= at]
        _take_back(batch, late)


def _apply(batch: Batch, moves: list[Move]) -> dict[StockKey, datetime | None]:
    """Book movements; answers the levels that changed with the moment of their last count."""
    sums: dict[StockKey, StockDelta] = {}
    for key, _reason, _document, delta in moves:
        total = sums.setdefault(key, StockDelta())
        total.on_hand += delta.on_hand
        total.reserved += delta.reserved
    sums = {key: delta for key, delta in sums.items() if delta.on_hand or delta.reserved}
    _append_movements(batch, moves)
    if not sums:
        return {}
    unsure = {key for key, reason, _, _ in moves if reason == RESERVE and key[1] not in batch.locked_skus}
    if not batch.locked_skus >= {key[1] for key in sums}:
        lock_skus(batch, ())
    overdrawn, beyond, counted = _update(batch, sums)
    if unsure & overdrawn:
        raise StockGone
    _append_movements(batch, [(key, BEYOND, None, StockDelta(units, 0, "")) for key, units in beyond.items()])
    if batch.masters.promises.is_any:
        _tell_waiting(batch, sums)
    return counted


def _tell_waiting(batch: Batch, sums: dict[StockKey, StockDelta]) -> None:
    """Of these goods more may be promised than before: what waits for them is woken after the commit."""
    freed = freed_skus((key, delta.on_hand - delta.reserved) for key, delta in sums.items())
    if freed:
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(FREED.encode(), (array_of(freed),))
        batch.pokes.add("wake_short")


def _counted_at(batch: Batch, keys: Collection[StockKey]) -> dict[StockKey, datetime | None]:
    """When levels were counted that the batch moved to and fro, so that they did not change."""
    if not keys:
        return {}
    columns = [array_of(column) for column in zip(*sorted(keys), strict=True)]
    rows = fetch(
        batch.connection,
        """select s.stock_point_id, s.sku_id, s.kind, s.counted_at from stock_level s
           join unnest(%s::bigint[], %s::bigint[], %s::text[]) as v(point, sku, kind)
             on s.stock_point_id = v.point and s.sku_id = v.sku and s.kind = v.kind""",
        columns,
    )
    return {(point_id, sku_id, kind): at for point_id, sku_id, kind, at in rows}


def _take_back(batch: Batch, late: list[tuple[Move, datetime]]) -> None:
    """Take back what a count of its level holds already; the count's difference is explained by it."""
    _explain(batch, [(*key, delta.on_hand, at) for (key, _, _, delta), at in late])
    if late:
        _apply(batch, [(key, COUNTED, document, StockDelta(-delta.on_hand, 0, delta.document_kind, at))
                       for (key, _, document, delta), at in late])  # fmt: skip


def _explain(batch: Batch, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """update stock_report_line l set explained = l.explained + v.units
                   from (select point, sku, kind, at, sum(units) as units
                         from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
                           as v(point, sku, kind, units, at) group by 1, 2, 3, 4) v
                   where l.stock_point_id = v.point and l.sku_id = v.sku and l.kind = v.kind and l.as_of = v.at
                     and l.state in ('booked', 'same') and not l.is_delta""",
                [array_of(column) for column in zip(*rows, strict=True)],
            )


def _append_movements(batch: Batch, moves: list[Move]) -> None:
    ids = batch.take_ids(len(moves)) if moves else []
    copy_rows(
        batch.connection,
        "stock_movement",
        MOVEMENT,
        [
            (
                batch.month,
                key[0],
                key[1],
                id_,
                key[2],
                delta.on_hand,
                delta.reserved,
                reason,
                delta.document_kind if document else "",
                document,
                batch.now,
                delta.as_of,
            )
            for id_, (key, reason, document, delta) in zip(ids, moves, strict=True)
        ],
    )


Updated = tuple[set[StockKey], dict[StockKey, int], dict[StockKey, datetime | None]]


def _update(batch: Batch, sums: dict[StockKey, StockDelta]) -> Updated:
    """Add the deltas; a level seen for the first time is made.

    Answers levels with more promised than there is; by level the units beyond what was there, added when more left
    than there was, taken off when they came in later; and when each was counted last.
    """
    rows = sorted((*key, delta.on_hand, delta.reserved) for key, delta in sums.items())
    columns = [array_of(column) for column in zip(*rows, strict=True)]
    arrays = "unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[])"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            f"""update stock_level s set on_hand = greatest(0, s.on_hand - s.owed + v.on_hand),
                  owed = greatest(0, s.owed - s.on_hand - v.on_hand), reserved = s.reserved + v.reserved
                from {arrays} as v(point, sku, kind, on_hand, reserved)
                where s.stock_point_id = v.point and s.sku_id = v.sku and s.kind = v.kind
                returning s.stock_point_id, s.sku_id, s.kind, s.on_hand - s.reserved - s.safety,
                  s.on_hand - v.on_hand - greatest(0, s.on_hand - s.owed - v.on_hand), s.counted_at""".encode(),
            columns,
        )
        found = cursor.fetchall()
        overdrawn = {row[:3] for row in found if row[3] < 0}
        beyond = {row[:3]: row[4] for row in found if row[4]}
        counted = {row[:3]: row[5] for row in found}
        if len(found) == len(rows):
            return overdrawn, beyond, counted
        cursor.execute(
            f"""insert into stock_level (stock_point_id, sku_id, kind, on_hand, reserved, owed)
                select point, sku, kind, greatest(0, on_hand), reserved, greatest(0, -on_hand)
                from {arrays} as v(point, sku, kind, on_hand, reserved)
                where not exists (select from stock_level s where s.stock_point_id = v.point
                                  and s.sku_id = v.sku and s.kind = v.kind)
                returning stock_point_id, sku_id, kind, owed""".encode(),
            columns,
        )
        beyond |= {(point_id, sku_id, kind): owed for point_id, sku_id, kind, owed in cursor if owed}
    return overdrawn, beyond, counted
