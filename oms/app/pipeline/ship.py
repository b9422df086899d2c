"""Step 6 发货: what a warehouse says moves the fulfilment, and a ship notice goes to each source order's platform."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract.notices import ShipmentReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import progress_of
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import DemandWork, FulfilmentWork, LineWork, OrderWork
from oms.app.pipeline.booking import Booked, book_parcel, by_waybill, free_short, known_waybills
from oms.app.pipeline.ghosts import book_ghost
from oms.app.pipeline.giving_back import end_interceptions, give_up

ENDED = ("shipped", "closed_short")


def apply_shipment(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Book what left. A waybill booked before is skipped, so that repeats and cumulative answers are harmless."""
    if work.status in ("cancelled", "merged"):
        book_ghost(batch, work, report)
        return
    known = known_waybills(batch, work)
    fresh = [parcel for parcel in by_waybill(report.parcels) if parcel.waybill_no not in known]
    booked = [book_parcel(batch, work, parcel, report, is_first=not known and parcel is fresh[0]) for parcel in fresh]
    if booked or report.final:
        _finish(batch, work, report)
        _write_back(batch, work, booked)


def _write_back(batch: Batch, work: FulfilmentWork, booked: Sequence[Booked]) -> None:
    """A line is written back once, when all it needs has shipped, with the last parcel that carried some of it."""
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        shop = batch.masters.shops[order.shop_id]
        if shop.account_id is None or order.origin != "platform":
            continue
        complete = _complete_lines(order)
        told: set[int] = set()
        by_parcel: list[tuple[Booked, set[int]]] = []
        for parcel in reversed(booked):
            lines = (parcel.orders.get(order_id, set()) & complete) - told
            told |= lines
            if lines:
                by_parcel.append((parcel, lines))
        goods = {line.id for line in order.lines if line.kind == "goods" and line.cancelled < line.ordered}
        for parcel, lines in reversed(by_parcel):
            key = f"ship:{order_id}:{parcel.id}" + (f":{work.id}" if parcel.is_shared else "")
            batch.send(
                "push_shipment", shop.account_id, key, order_id=order_id,
                fulfilment_id=work.id, parcel_id=parcel.id, shop_id=shop.id, carrier_id=parcel.carrier_id,
                detail={"lines": sorted(lines), "whole": lines == goods},
            )  # fmt: skip


def _complete_lines(order: OrderWork) -> set[int]:
    """Lines of which every unit that is not cancelled has shipped, also those that are not planned yet."""
    by_line: dict[int, list[DemandWork]] = {}
    for demand in order.demands:
        by_line.setdefault(demand.line_id, []).append(demand)
    return {line.id for line in order.lines if line.id in by_line and _is_complete(line, by_line[line.id])}


def _is_complete(line: LineWork, demands: Sequence[DemandWork]) -> bool:
    if any(demand.shipped + demand.cancelled < demand.units for demand in demands):
        return False
    own = [demand for demand in demands if demand.origin != "gift"]
    return line.is_void or not own or progress_of(line, own)[1] >= line.ordered - line.cancelled


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
