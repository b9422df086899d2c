"""Goods that buyers brought back to a store: its own are its stock again, a warehouse's wait for the next transfer.

What the buyer gets for them is a case of oms.app.aftersales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.pipeline.stores.transfers import open_transfer
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no

KIND: Final = "store_return"
LINE: Final = ("id", "store_return_id", "order_line_id", "sku_id", "line_units", "units", "condition", "stock_point_id",
               "home_point_id", "transfer_id", "good", "defective", "settled_at")  # fmt: skip
#: Only goods that can be sold as new are good stock again.
NEW: Final = "good"
ON_TRANSFER: Final = """select l.id, l.sku_id, l.units, l.condition, r.order_id from store_return_line l
join store_return r on r.id = l.store_return_id where l.transfer_id = %s and l.settled_at is null order by l.id"""
MINE: Final = """select l.id, l.order_line_id, l.sku_id, l.line_units, l.units, l.condition, l.stock_point_id,
  l.home_point_id, l.transfer_id, l.settled_at, coalesce(t.status, '') from store_return_line l
left join transfer t on t.id = l.transfer_id where l.store_return_id = %s order by l.id"""


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Units of a SKU that a clerk took back; `line_units` of the order line, counted with its first SKU only."""

    order_line_id: int
    sku_id: int
    line_units: int
    units: int
    condition: str
    home_point_id: int


def book_goods(batch: Batch, return_id: int, point_id: int, goods: Sequence[BroughtBack]) -> None:
    """The store's own goods are stock at once; others are put on the open transfer to where they came from."""
    rows = []
    for one in goods:
        is_own = one.home_point_id == point_id
        transfer_id = None if is_own else open_transfer(batch, point_id, one.home_point_id)
        good, defective = _sorted(one) if is_own else (0, 0)
        if is_own:
            _stock(batch, point_id, one.sku_id, return_id, good, defective)
        rows.append((batch.new_id(), return_id, one.order_line_id, one.sku_id, one.line_units, one.units, one.condition,
                     point_id, one.home_point_id, transfer_id, good, defective,
                     batch.now if is_own else None))  # fmt: skip
    copy_rows(batch.connection, "store_return_line", LINE, rows)


def _sorted(one: BroughtBack) -> tuple[int, int]:
    return (one.units, 0) if one.condition == NEW else (0, one.units)


def _stock(batch: Batch, point_id: int, sku_id: int, return_id: int, good: int, defective: int) -> None:
    for kind, units in (("good", good), ("defective", defective)):
        if units:
            batch.move_stock((point_id, sku_id, kind), on_hand=units, reason="returned", document_id=return_id,
                             document_kind=KIND)  # fmt: skip


def send_along(batch: Batch, transfer_id: int) -> int:
    """Write the goods of a transfer that leaves on it; answers how many lines."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into transfer_line (transfer_id, sku_id, kind, sent, return_line_id)
               select transfer_id, sku_id, case when condition = 'good' then 'good' else 'defective' end, units, id
               from store_return_line where transfer_id = %s and settled_at is null order by id""",
            (transfer_id,),
        )
        count = cursor.rowcount
    for _line, sku_id, units, _condition, order_id in fetch(batch.connection, ON_TRANSFER, (transfer_id,)):
        detail = {"transfer": document_no("transfer", transfer_id), "sku": sku_id, "units": units}
        batch.note(batch.orders[order_id], "returned_goods_sent", detail)
    return count


def receive_goods(batch: Batch, transfer_id: int, line_id: int, good: int, defective: int) -> bool:
    """Goods of a transfer are at their warehouse: so many whole, so many defective, the rest missing.

    False when somebody has counted them before.
    """
    rows = fetch(
        batch.connection,
        """select l.sku_id, l.units, l.home_point_id, l.store_return_id, l.settled_at, r.order_id
           from store_return_line l join store_return r on r.id = l.store_return_id
           where l.id = %s and l.transfer_id = %s for update of l""",
        (line_id, transfer_id),
    )
    if not rows:
        raise NotFound("these goods are not on the transfer", "reload the page")
    sku_id, units, home_id, return_id, settled_at, order_id = rows[0]
    if settled_at is not None:
        return False
    if good < 0 or defective < 0 or good + defective > units:
        raise Invalid("units", "more than was sent cannot arrive", "count again; what is too much belongs elsewhere")
    missing = units - good - defective
    _settle(batch, line_id, good, defective, missing)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("update transfer_line set received = %s where return_line_id = %s", (good + defective, line_id))
    _stock(batch, home_id, sku_id, return_id, good, defective)
    told = {"transfer": document_no("transfer", transfer_id), "good": good, "defective": defective, "missing": missing}
    batch.note(batch.orders[order_id], "returned_goods_arrived", told)
    return True


def _settle(batch: Batch, line_id: int, good: int, defective: int, missing: int) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "update store_return_line set good = %s, defective = %s, missing = %s, settled_at = %s where id = %s",
            (good, defective, missing, batch.now, line_id),
        )


def _require_there(batch: Batch, point_id: int, sku_id: int, kind: str, units: int) -> None:
    question = "select on_hand - reserved from stock_level where stock_point_id = %s and sku_id = %s and kind = %s"
    rows = fetch(batch.connection, question, (point_id, sku_id, kind))
    if not rows or rows[0][0] < units:
        raise NotPossible("these goods have been sold to somebody else", "talk with customer service about it")


def give_goods_back(batch: Batch, return_id: int) -> dict[int, int]:
    """The buyer gets refused goods again: out of stock or off the transfer; answers line → units that are his again."""
    back: dict[int, int] = {}
    for line_id, order_line_id, sku_id, line_units, units, condition, point_id, home_id, _t, _at, status in fetch(
        batch.connection, MINE, (return_id,)
    ):
        if status not in ("", "open"):
            raise NotPossible(
                "the goods are on their way to the warehouse", "have them sent back to the buyer from there"
            )
        if home_id == point_id:
            _require_there(batch, point_id, sku_id, NEW if condition == NEW else "defective", units)
            sign = (-units, 0) if condition == NEW else (0, -units)
            _stock(batch, point_id, sku_id, return_id, *sign)
        back[order_line_id] = back.get(order_line_id, 0) + line_units
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """update store_return_line set transfer_id = null, good = 0, defective = 0, line_units = 0,
                     settled_at = %s where id = %s""",
                (batch.now, line_id),
            )
    return back
