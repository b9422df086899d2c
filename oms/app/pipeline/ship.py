"""Step 6 发货: what a warehouse says moves the fulfilment, and a ship notice goes to each source order's platform."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract.notices import ParcelReport, ShipmentReport
from oms.app.intercept.calling_back import call_back_by_itself
from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.booking import Booked, book_more, book_parcel, collect_with, collecting_label, free_short
from oms.app.pipeline.ghosts import book_again, book_ghost, hold_contradiction
from oms.app.pipeline.giving_back import end_interceptions, give_up
from oms.app.pipeline.outbound.writing_back import write_back
from oms.app.pipeline.ship_lines import overpacked, split_expected, unpacked
from oms.app.pipeline.ship_times import believed, note_unbelieved
from oms.app.pipeline.stores.carrying import after_shipment
from oms.app.pipeline.told_before import Fresh, by_waybill, fresh_parcels, known_waybills

ENDED = ("shipped", "closed_short")
UNSHIPPED = ("sending", "sent", "accepted")


def apply_shipment(batch: Batch, work: FulfilmentWork, report: ShipmentReport, *, only_adds: bool = False) -> None:
    """Book what left. What was told before is skipped, so that repeats and cumulative answers are harmless.

    `only_adds`: each report tells of other units, also under the same waybill, and is never repeated.
    """
    if work.status in ("cancelled", "merged"):
        book_ghost(batch, work, report)
        return
    has_ended, known = work.status in ENDED, known_waybills(batch, work)
    begun = {id_ for id_ in work.order_ids if any(demand.shipped for demand in batch.orders[id_].demands)}
    if only_adds:
        fresh = [Fresh(parcel, known.get(parcel.waybill_no)) for parcel in by_waybill(report.parcels)]
    else:
        fresh = fresh_parcels(batch, work, report.parcels, known, has_ended=has_ended)
    beyond: list[ParcelReport] = []
    if has_ended and fresh:
        fresh, beyond = split_expected(batch, work, fresh)
    label = collecting_label(batch, work)
    collector = _collector(fresh, label, is_first=not known)
    booked = _book(batch, work, report, fresh, collector)
    if booked or report.final:
        _finish(batch, work, report)
        if label and collector is None and not has_ended and work.status in ENDED:
            left = [*[parcel.id for parcel in known.values()], *[parcel.id for parcel in booked]]
            collect_with(batch, work, left)
        write_back(batch, work, booked, begun)
        after_shipment(batch, work, booked)
        if work.stop == "too_late":
            call_back_by_itself(batch, work.stock_point_id, [parcel.id for parcel in booked if not parcel.is_more])
    if booked and report.lines and (lines := overpacked(batch, work, fresh, report.lines)):
        hold_contradiction(batch, work, lines)
    if beyond:
        book_again(batch, work, beyond)


def _collector(fresh: Sequence[Fresh], label: str, *, is_first: bool) -> Fresh | None:
    """The new parcel that collects the money: where a label of ours says so the one that bears it, else the first."""
    if label:
        return next((one for one in fresh if one.known is None and one.parcel.waybill_no == label), None)
    return fresh[0] if fresh and is_first else None


def _book(
    batch: Batch, work: FulfilmentWork, report: ShipmentReport, fresh: Sequence[Fresh], collector: Fresh | None
) -> list[Booked]:
    """Write parcels, and further units into those there are; only one of them collects the buyer's money."""
    used = believed(batch, work, report)
    booked = [book_more(batch, work, one.parcel, one.known, used) if one.known
              else book_parcel(batch, work, one.parcel, used, collects=one is collector)
              for one in fresh]  # fmt: skip
    if booked:
        note_unbelieved(batch, work, report, used)
    return booked


def _finish(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Move the fulfilment on; a final report with units missing closes it short and frees them.

    Units that left by the report's own lines are never freed: they would leave twice.
    """
    action = _next_step(work, report)
    if action in ("close_short", "give_up") and (lines := unpacked(batch, work, report.lines)):
        hold_contradiction(batch, work, lines)
        is_begun = work.status in UNSHIPPED and any(line.shipped for line in work.lines)
        action = "ship_part" if is_begun else ""
    if not action:
        return
    if action == "give_up":
        give_up(batch, work, "the warehouse closed it without sending anything")
        return
    if action == "close_short":
        for line in work.lines:
            if line.open_units:
                free_short(batch, work, line)
    move_fulfilment(batch, work, action)
    if work.stop == "asked" and action != "ship_part":
        move_stop(batch, work, "too_late")
        end_interceptions(batch, work, "failed", "it left before it could be stopped")
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        batch.touched.add(order_id)
        if order.holds:
            order.ready_at = batch.now


def _next_step(work: FulfilmentWork, report: ShipmentReport) -> str:
    """The action that follows from what has left by now, empty when nothing does."""
    if work.status in ENDED:
        is_made_up = work.status == "closed_short" and not any(line.short or line.cancelled for line in work.lines)
        return "ship" if is_made_up else ""
    if not any(line.open_units for line in work.lines):
        return "ship"
    if not report.final:
        return "ship_part"
    return "close_short" if any(line.shipped for line in work.lines) else "give_up"
