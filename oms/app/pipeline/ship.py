"""Step 6 发货: what a warehouse says moves the fulfilment, and a ship notice goes to each source order's platform."""

from __future__ import annotations

from connectors.contract.notices import ShipmentReport
from oms.app.intercept.calling_back import call_back_by_itself
from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.booking import book_parcel, by_waybill, free_short, known_waybills
from oms.app.pipeline.ghosts import book_ghost
from oms.app.pipeline.giving_back import end_interceptions, give_up
from oms.app.pipeline.outbound.writing_back import write_back
from oms.app.pipeline.stores.carrying import after_shipment

ENDED = ("shipped", "closed_short")


def apply_shipment(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Book what left. A waybill booked before is skipped, so that repeats and cumulative answers are harmless."""
    if work.status in ("cancelled", "merged"):
        book_ghost(batch, work, report)
        return
    known = known_waybills(batch, work)
    begun = {id_ for id_ in work.order_ids if any(demand.shipped for demand in batch.orders[id_].demands)}
    fresh = [parcel for parcel in by_waybill(report.parcels) if parcel.waybill_no not in known]
    booked = [book_parcel(batch, work, parcel, report, is_first=not known and parcel is fresh[0]) for parcel in fresh]
    if booked or report.final:
        _finish(batch, work, report)
        write_back(batch, work, booked, begun)
        after_shipment(batch, work, booked)
        if work.stop == "too_late":
            call_back_by_itself(batch, work.stock_point_id, [parcel.id for parcel in booked])


def _finish(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Move the fulfilment on; a final report with units missing closes it short and frees them."""
    action = _next_step(work, report)
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
