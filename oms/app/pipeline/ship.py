"""Step 6 发货: what a warehouse says becomes parcels, counters, stock movements, and a ship notice per source order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.contract.notices import ParcelReport, ShipmentReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import CarrierCard
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentLineWork, FulfilmentWork, OrderWork
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain import lifecycle
from oms.domain.numbers import document_no

PARCEL = ("id", "fulfilment_id", "carrier_id", "waybill_no", "state", "weight_g", "collect_amount", "handed_over_at")
ITEM = ("id", "parcel_id", "fulfilment_line_id", "order_id", "sku_id", "units", "lot", "serials")
ENDED = ("shipped", "closed_short")


def apply_shipment(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Book what left. A waybill booked before is skipped, so that repeats and cumulative answers are harmless."""
    known = {row[0] for row in fetch(
        batch.connection, "select waybill_no from parcel where fulfilment_id = %s", (work.id,))}  # fmt: skip
    fresh = [parcel for parcel in report.parcels if parcel.waybill_no not in known]
    was_stopped = work.status in ("cancelled", "merged")
    if was_stopped:
        _flag_ghost(batch, work, report)
        return
    booked = [_book_parcel(batch, work, parcel, report, is_first=not known and parcel is fresh[0]) for parcel in fresh]
    _finish(batch, work, report)
    _write_back(batch, work, booked)


def _flag_ghost(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """A warehouse shipped what it had given back: nothing may hide that."""
    for order_id in work.order_ids:
        batch.note(batch.orders[order_id], "shipped_after_cancel",
                   {"waybills": [parcel.waybill_no for parcel in report.parcels]}, fulfilment_id=work.id)  # fmt: skip
        batch.place_hold(batch.orders[order_id], "already_shipped", {"fulfilment": document_no("fulfilment", work.id)})


@dataclass(frozen=True, slots=True)
class Booked:
    """A parcel of this report: order → its lines inside."""

    id: int
    carrier_id: int
    orders: dict[int, set[int]]


def _book_parcel(
    batch: Batch, work: FulfilmentWork, parcel: ParcelReport, report: ShipmentReport, *, is_first: bool
) -> Booked:
    carrier = _carrier(batch, work, parcel)
    parcel_id = batch.new_id()
    collect = work.collect_amount if is_first else 0
    copy_rows(batch.connection, "parcel", PARCEL, [
        (parcel_id, work.id, carrier.id, parcel.waybill_no, "handed_over", parcel.weight_g, collect, report.shipped_at)
    ])  # fmt: skip
    orders = _book_items(batch, work, parcel, parcel_id)
    for order_id in sorted(orders):
        batch.note(batch.orders[order_id], "parcel_left", {"waybill": parcel.waybill_no, "carrier": carrier.code},
                   fulfilment_id=work.id)  # fmt: skip
    if carrier.tracking_account_id is not None:
        batch.send(
            "subscribe_parcel", carrier.tracking_account_id, f"track:{parcel_id}", parcel_id=parcel_id,
            fulfilment_id=work.id, order_id=work.lead_order_id, carrier_id=carrier.id,
        )  # fmt: skip
    return Booked(parcel_id, carrier.id, orders)


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
        goods = {line.id for line in order.lines if line.is_goods and line.cancelled < line.ordered}
        for parcel, lines in reversed(by_parcel):
            batch.send(
                "push_shipment", shop.account_id, f"ship:{order_id}:{parcel.id}", order_id=order_id,
                fulfilment_id=work.id, parcel_id=parcel.id, shop_id=shop.id, carrier_id=parcel.carrier_id,
                detail={"lines": sorted(lines), "whole": lines == goods},
            )  # fmt: skip


def _complete_lines(order: OrderWork) -> set[int]:
    """Lines of which every unit that is not cancelled has shipped."""
    by_line: dict[int, bool] = {}
    for demand in order.demands:
        is_complete = demand.shipped + demand.cancelled >= demand.units
        by_line[demand.line_id] = by_line.get(demand.line_id, True) and is_complete
    return {line_id for line_id, is_complete in by_line.items() if is_complete}


def _carrier(batch: Batch, work: FulfilmentWork, parcel: ParcelReport) -> CarrierCard:
    """The carrier the warehouse really used; an unknown one is made known, so that no shipment is lost for a name."""
    found = batch.masters.carrier_by_code(parcel.carrier_code)
    if found is not None:
        return found
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into carrier (code, name, is_suspended) values (%s, %s, true)
               on conflict (code) do update set name = carrier.name returning id""",
            (parcel.carrier_code, parcel.carrier_code),
        )
        row = cursor.fetchone()
    batch.hub.masters.forget()
    card = CarrierCard(int(row[0]) if row else 0, parcel.carrier_code, 99, True, True, None, (), ())
    batch.masters.carriers[card.id] = card
    return card


def _book_items(batch: Batch, work: FulfilmentWork, parcel: ParcelReport, parcel_id: int) -> dict[int, set[int]]:
    """Spread a parcel's items over the fulfilment's lines; answers order → order lines in this parcel."""
    codes = dict(fetch(batch.connection, "select code, id from sku where code = any(%s)",
                       ([item.sku_code for item in parcel.items],)))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    orders: dict[int, set[int]] = {}
    for item in parcel.items:
        rest = item.units
        for line in _candidates(work, codes.get(item.sku_code), item.line_no):
            units = min(rest, line.open_units)
            if units <= 0:
                continue
            _book_units(batch, work, line, units)
            rows.append((batch.new_id(), parcel_id, line.id, line.order_id, line.sku_id, units, item.lot,
                         list(item.serials) or None))  # fmt: skip
            orders.setdefault(line.order_id, set()).add(line.line_id)
            rest -= units
        if rest:
            for order_id in work.order_ids:
                batch.note(batch.orders[order_id], "unplanned_units", {"sku": item.sku_code, "units": rest},
                           fulfilment_id=work.id)  # fmt: skip
    copy_rows(batch.connection, "parcel_item", ITEM, rows)
    return orders


def _candidates(work: FulfilmentWork, sku_id: int | None, line_no: str) -> Sequence[FulfilmentLineWork]:
    """The lines an item may belong to: the one the warehouse names first, then those of the same SKU."""
    same = [line for line in work.lines if line.sku_id == sku_id]
    return sorted(same, key=lambda line: (str(line.id) != line_no, line.id))


def _book_units(batch: Batch, work: FulfilmentWork, line: FulfilmentLineWork, units: int) -> None:
    line.shipped += units
    batch.touched_fulfilment_lines[line.id] = line
    order = batch.orders[line.order_id]
    demand = next(demand for demand in order.demands if demand.id == line.demand_id)
    demand.shipped += units
    demand.planned -= units
    batch.touched_demands[demand.id] = demand
    batch.move_stock(
        (work.stock_point_id, line.sku_id, "good"), on_hand=-units, reserved=-units, reason="ship", document_id=work.id
    )


def _finish(batch: Batch, work: FulfilmentWork, report: ShipmentReport) -> None:
    """Move the fulfilment on; a final report with units missing closes it short and frees them."""
    if work.status in ENDED:
        return
    rest = [line for line in work.lines if line.open_units]
    if not rest:
        action = "ship"
    elif report.final and any(line.shipped for line in work.lines):
        action = "close_short"
        for line in rest:
            _free_short(batch, work, line)
    else:
        action = "ship_part"
    if not lifecycle.FULFILMENT.allows(work.status, action):
        action = "ship" if action == "close_short" else action
    move_fulfilment(batch, work, action)
    if work.stop == "asked" and action != "ship_part":
        move_stop(batch, work, "too_late")
        end_interceptions(batch, work, "failed", "it left before it could be stopped")
    for order_id in work.order_ids:
        batch.touched.add(order_id)


def _free_short(batch: Batch, work: FulfilmentWork, line: FulfilmentLineWork) -> None:
    units = line.open_units
    line.short += units
    batch.touched_fulfilment_lines[line.id] = line
    order = batch.orders[line.order_id]
    demand = next(demand for demand in order.demands if demand.id == line.demand_id)
    demand.planned -= units
    batch.touched_demands[demand.id] = demand
    batch.move_stock((work.stock_point_id, line.sku_id, "good"), reserved=-units, reason="short", document_id=work.id)
    order.ready_at = batch.now
    batch.note(order, "short", {"sku": line.sku_id, "units": units}, fulfilment_id=work.id)


def end_interceptions(batch: Batch, work: FulfilmentWork, state: str, words: str) -> None:
    """Write how every open attempt to stop this fulfilment ended."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update interception set state = %s, words = %s, ended_at = %s
               where fulfilment_id = %s and ended_at is null""",
            (state, words[:500], batch.now, work.id),
        )
    for order_id in work.order_ids:
        batch.note(batch.orders[order_id], f"interception_{state}", {"words": words[:200]}, fulfilment_id=work.id)
        batch.orders[order_id].ready_at = batch.now
    batch.pokes.add("advance")
