"""A warehouse ships what it had given back: the goods are gone all the same, and may leave a second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.contract.notices import ParcelItem, ShipmentReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.booking import add_parcel, by_waybill, known_waybills
from oms.domain.numbers import document_no

#: What the hold says beside its name: the platform need not show anything.
LEFT: Final = "it left after it was stopped"


def book_ghost(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Book the parcels and the stock that left, and hold the orders: what was planned instead is called back.

    Units stay as they were planned, until a person has found out what the buyer gets. What is told again changes
    nothing: the person may have decided that it ships once more.
    """
    known = known_waybills(batch, work)
    fresh = [parcel for parcel in by_waybill(report.parcels) if parcel.waybill_no not in known]
    if not fresh and (report.parcels or _is_told(batch, work)):
        return
    added = [(parcel, add_parcel(batch, work, parcel, report, collect=0)) for parcel in fresh]
    _take_stock(batch, work, [item for parcel, (_, _, is_shared) in added if not is_shared for item in parcel.items])
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        batch.note(order, "shipped_after_cancel", {"waybills": [parcel.waybill_no for parcel in report.parcels]},
                   fulfilment_id=work.id)  # fmt: skip
        lines = sorted({line.line_id for line in work.lines if line.order_id == order_id})
        seen = {"fulfilment": document_no("fulfilment", work.id), "lines": lines, "words": LEFT}
        batch.place_hold(order, "already_shipped", seen)
        order.ready_at = batch.now
    batch.pokes.add("advance")


def _is_told(batch: Batch, work: FulfilmentWork) -> bool:
    """Whether its orders were held before because it left, whatever became of the hold."""
    question = "select 1 from hold where order_id = any(%s) and kind = 'already_shipped' and seen->>'fulfilment' = %s"
    return bool(fetch(batch.connection, question, (list(work.order_ids), document_no("fulfilment", work.id))))


def _take_stock(batch: Batch, work: FulfilmentWork, items: Sequence[ParcelItem]) -> None:
    """Nothing is reserved for these units any more. A level never falls below zero: a count corrects the rest."""
    codes = [item.sku_code for item in items]
    skus = dict(fetch(batch.connection, "select code, id from sku where code = any(%s)", (codes,)))
    lock_skus(batch, skus.values())
    levels = dict(
        fetch(
            batch.connection,
            """select sku_id, on_hand from stock_level
               where stock_point_id = %s and sku_id = any(%s) and kind = 'good'""",
            (work.stock_point_id, list(skus.values())),
        )
    )
    for item in items:
        sku_id = skus.get(item.sku_code, 0)
        units = min(item.units, levels.get(sku_id, 0))
        if units > 0:
            levels[sku_id] -= units
            key = (work.stock_point_id, sku_id, "good")
            batch.move_stock(key, on_hand=-units, reason="ghost", document_id=work.id)
