"""库存调整: people correct levels, or move units from one kind to another, with a class and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.stock.confirming import book, known_kind, open_batch, point_by_code, skus_by_code
from oms.app.stock.once import Made, Request, make_once
from oms.app.stock.reports import tell_oversold
from oms.app.stock.told import PEOPLES
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotPossible

KIND: Final = "adjustment"
REASON: Final = "adjustment"
MOST_LINES, MOST_UNITS = 500, 100_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """Signed units of a SKU and kind."""

    sku_code: str
    units: int
    kind: str = "good"


def adjust(
    hub: Hub, stock_point: str, changes: Sequence[Change], difference_class: str, words: str, actor: str,
    requests: Sequence[Request] = (),
) -> Made:  # fmt: skip
    """Change levels by hand; refused when less than nothing would be left. A request that was done changes nothing."""
    if difference_class not in PEOPLES:
        raise Invalid("difference_class", "there is no such class", f"use one of {', '.join(PEOPLES)}")
    if not 0 < len(changes) <= MOST_LINES or any(not 0 < abs(change.units) <= MOST_UNITS for change in changes):
        raise Invalid("units", "must be whole numbers, and not 0", "write +3 or -2")
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        made = make_once(
            connection, batch.now, requests, lambda: _book(batch, stock_point, changes, difference_class, words)
        )
    batch.tell()
    return made


def _book(batch: Batch, stock_point: str, changes: Sequence[Change], difference_class: str, words: str) -> int:
    point_id = point_by_code(batch.connection, stock_point)
    skus = skus_by_code(batch.connection, {change.sku_code for change in changes})
    sums: dict[tuple[int, str], int] = {}
    for change in changes:
        key = skus[change.sku_code], known_kind(change.kind)
        sums[key] = sums.get(key, 0) + change.units
    sums = {key: units for key, units in sums.items() if units}
    lock_skus(batch, skus.values())
    _check(batch, point_id, sums)
    adjustment_id = _keep(batch, point_id, sums, difference_class, words)
    moves = [(point_id, sku_id, kind, units) for (sku_id, kind), units in sums.items()]
    book(batch, moves, REASON, (KIND, adjustment_id), batch.now)
    tell_oversold(batch, point_id, skus.values())
    return adjustment_id


def _check(batch: Batch, point_id: int, sums: dict[tuple[int, str], int]) -> None:
    rows = fetch(
        batch.connection,
        """select s.sku_id, s.kind, s.on_hand, k.code from stock_level s join sku k on k.id = s.sku_id
           where s.stock_point_id = %s and s.sku_id = any(%s)""",
        (point_id, array_of([sku_id for sku_id, _ in sums])),
    )
    there = {(sku_id, kind): (on_hand, code) for sku_id, kind, on_hand, code in rows}
    for key, units in sums.items():
        on_hand, code = there.get(key, (0, "these goods"))
        if on_hand + units < 0:
            raise NotPossible(f"of {code} only {on_hand} units lie there", "take off fewer, or count the stock")


def _keep(batch: Batch, point_id: int, sums: dict[tuple[int, str], int], difference_class: str, words: str) -> int:
    adjustment_id = batch.new_id()
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into stock_adjustment (id, stock_point_id, difference_class, words, at, actor)
               values (%s, %s, %s, %s, %s, %s)""",
            (adjustment_id, point_id, difference_class, words[:500], batch.now, batch.actor),
        )
    ids = batch.take_ids(len(sums)) if sums else []
    rows = [(id_, adjustment_id, *key, units) for id_, (key, units) in zip(ids, sums.items(), strict=True)]
    columns = ("id", "stock_adjustment_id", "sku_id", "kind", "units")
    copy_rows(batch.connection, "stock_adjustment_line", columns, rows)
    return adjustment_id
