"""A warehouse ships what it had given back, or has sent already: the goods are gone, and may leave a second time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from connectors.contract.notices import ParcelItem, ParcelReport, ShipmentReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.booking import LEFT_SHORT, add_parcel, note_unplanned
from oms.app.pipeline.ship_times import believed, note_unbelieved
from oms.app.pipeline.told_before import by_waybill, known_waybills
from oms.domain.numbers import document_no

#: What the hold says beside its name: the platform need not show anything.
LEFT: Final = "it left after it was stopped"
LEFT_AGAIN: Final = "it left once more under another waybill"
CONTRADICTS: Final = "the packages and the lines of the warehouse's report contradict each other"


def book_ghost(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Book the parcels and the stock that left, and hold the orders: what was planned instead is called back.

    Units stay as they were planned, until a person has found out what the buyer gets. What is told again changes
    nothing: the person may have decided that it ships once more.
    """
    known = known_waybills(batch, work)
    fresh = [parcel for parcel in by_waybill(report.parcels) if parcel.waybill_no not in known]
    if not fresh and (report.parcels or _is_told(batch, work)):
        return
    used = believed(batch, work, report)
    added = [(parcel, add_parcel(batch, work, parcel, used, collect=0)) for parcel in fresh]
    for order_id in work.order_ids:
        batch.note(batch.orders[order_id], "shipped_after_cancel",
                   {"waybills": [parcel.waybill_no for parcel in report.parcels]}, fulfilment_id=work.id)  # fmt: skip
    note_unbelieved(batch, work, report, used)
    _hold(batch, work, {line.line_id for line in work.lines}, LEFT)
    raise_alert(batch.connection, "left_unasked", document_no("fulfilment", work.id), LEFT)
    _take_stock(batch, work, [item for parcel, (_, _, is_shared) in added if not is_shared for item in parcel.items])


def book_again(batch: Batch, work: FulfilmentWork, parcels: Sequence[ParcelReport]) -> None:
    """Goods of a fulfilment that has left already, beyond all it had: its stock is taken, its orders are held.

    No parcel is made: nobody knows whether there is one, and what the buyer got is in those it has.
    """
    items = [item for parcel in parcels for item in parcel.items]
    for parcel in parcels:
        for item in parcel.items:
            note_unplanned(batch, work, parcel.waybill_no, item)
    skus = _skus(batch, items)
    told = [line for line in work.lines if line.sku_id in skus.values()] or work.lines
    words = LEFT_SHORT if any(line.short for line in told) else LEFT_AGAIN
    _hold(batch, work, {line.line_id for line in told}, words)
    raise_alert(batch.connection, "left_unasked", document_no("fulfilment", work.id), words)
    _take_stock(batch, work, items)


def hold_contradiction(batch: Batch, work: FulfilmentWork, line_ids: Collection[int]) -> None:
    """Hold the orders of a report that contradicts itself and tell people, once a fulfilment whatever they decide."""
    if _is_told(batch, work, CONTRADICTS):
        return
    _hold(batch, work, line_ids, CONTRADICTS)
    raise_alert(batch.connection, "report_contradicts", document_no("fulfilment", work.id), CONTRADICTS)


def _hold(batch: Batch, work: FulfilmentWork, line_ids: Collection[int], words: str) -> None:
    """Hold each order of a fulfilment that has one of these lines; a hold names only its own."""
    for order_id in work.order_ids:
        lines = sorted({line.line_id for line in work.lines if line.order_id == order_id} & set(line_ids))
        if not lines:
            continue
        order = batch.orders[order_id]
        seen = {"fulfilment": document_no("fulfilment", work.id), "lines": lines, "words": words}
        batch.place_hold(order, "already_shipped", seen)
        order.ready_at = batch.now
    batch.pokes.add("advance")


def _is_told(batch: Batch, work: FulfilmentWork, words: str | None = None) -> bool:
    """Whether its orders were held before because it left, or for these words, whatever became of the hold."""
    question = """select 1 from hold where order_id = any(%s) and kind = 'already_shipped' and seen->>'fulfilment' = %s
                  and (%s::text is null or seen->>'words' = %s)"""
    number = document_no("fulfilment", work.id)
    return bool(fetch(batch.connection, question, (list(work.order_ids), number, words, words)))


def _skus(batch: Batch, items: Iterable[ParcelItem]) -> dict[str, int]:
    codes = [item.sku_code for item in items]
    return dict(fetch(batch.connection, "select code, id from sku where code = any(%s)", (codes,)))


def _take_stock(batch: Batch, work: FulfilmentWork, items: Sequence[ParcelItem]) -> None:
    """Nothing is reserved for these units any more. A level never falls below zero: a count corrects the rest."""
    skus = _skus(batch, items)
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
