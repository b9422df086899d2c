"""Stock rows: guarded in one order, changed by one UPDATE, every change in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from oms.app.kernel.batch import Batch, StockDelta, StockKey
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, copy_rows, psycopg_connection

#: Stock is guarded by stripes of SKUs: a lock in memory instead of a write to every row that might be chosen.
STRIPES = 512
LOCK_SPACE = 7_146_003
#: The reason of movements that promise goods to an order.
RESERVE = "reserve"


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


def sellable(batch: Batch, point_ids: Collection[int], sku_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(stock point, SKU) → units that may be promised, with what the batch itself has moved.

    After `lock_skus` they stay so until commit; without it (`Batch.locks_late`) flush looks again.
    """
    rows = fetch(
        batch.connection,
        """select stock_point_id, sku_id, on_hand - reserved - safety from stock_level
           where stock_point_id = any(%s) and sku_id = any(%s) and kind = 'good'""",
        (array_of(point_ids), array_of(sku_ids)),
    )
    stock = {(point_id, sku_id): units for point_id, sku_id, units in rows}
    for (key, _reason, _document), delta in batch.stock.items():
        if key[2] == "good" and key[:2] in stock:
            stock[key[:2]] += delta.on_hand - delta.reserved
    return stock


MOVEMENT = (
    "month", "stock_point_id", "sku_id", "id", "kind", "on_hand", "reserved", "reason", "document_kind",
    "document_id", "at",
)  # fmt: skip


def apply_stock(batch: Batch) -> None:
    """Append the batch's deltas to the ledger and apply them to the levels, which are locked as late as may be."""
    sums: dict[StockKey, StockDelta] = {}
    for (key, _reason, _document), delta in batch.stock.items():
        total = sums.setdefault(key, StockDelta())
        total.on_hand += delta.on_hand
        total.reserved += delta.reserved
    sums = {key: delta for key, delta in sums.items() if delta.on_hand or delta.reserved}
    if not sums:
        return
    _append_movements(batch)
    unsure = {key for key, reason, _ in batch.stock if reason == RESERVE and key[1] not in batch.locked_skus}
    if not batch.locked_skus >= {key[1] for key in sums}:
        lock_skus(batch, ())
    if unsure & _update(batch, sums):
        raise StockGone


def _append_movements(batch: Batch) -> None:
    moves = [(key, reason, document, delta) for (key, reason, document), delta in batch.stock.items()
             if delta.on_hand or delta.reserved]  # fmt: skip
    ids = batch.take_ids(len(moves))
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
                "fulfilment" if document else "",
                document,
                batch.now,
            )
            for id_, (key, reason, document, delta) in zip(ids, moves, strict=True)
        ],
    )


def _update(batch: Batch, sums: dict[StockKey, StockDelta]) -> set[StockKey]:
    """Add the deltas; a level seen for the first time is made. Answers levels with more promised than there is."""
    rows = sorted((*key, delta.on_hand, delta.reserved) for key, delta in sums.items())
    columns = [array_of(column) for column in zip(*rows, strict=True)]
    arrays = "unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[])"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            f"""update stock_level s set on_hand = s.on_hand + v.on_hand, reserved = s.reserved + v.reserved
                from {arrays} as v(point, sku, kind, on_hand, reserved)
                where s.stock_point_id = v.point and s.sku_id = v.sku and s.kind = v.kind
                returning s.stock_point_id, s.sku_id, s.kind, s.on_hand - s.reserved - s.safety""".encode(),
            columns,
        )
        overdrawn = {(point_id, sku_id, kind) for point_id, sku_id, kind, left in cursor if left < 0}
        if cursor.rowcount == len(rows):
            return overdrawn
        cursor.execute(
            f"""insert into stock_level (stock_point_id, sku_id, kind, on_hand, reserved)
                select * from {arrays} as v(point, sku, kind, on_hand, reserved)
                where not exists (select from stock_level s where s.stock_point_id = v.point
                                  and s.sku_id = v.sku and s.kind = v.kind)""".encode(),
            columns,
        )
    return overdrawn
