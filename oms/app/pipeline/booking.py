"""Books what left a stock point: parcels with their items, units of lines and demands, stock movements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from connectors.contract.notices import ParcelItem, ParcelReport, ShipmentReport
from oms.app.intercept.enforce import cancel_replaced
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import progress_of
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import CarrierCard
from oms.app.kernel.work import DemandWork, FulfilmentLineWork, FulfilmentWork, OrderWork
from oms.app.pipeline.told_before import KnownParcel
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.numbers import document_no

ITEM = ("id", "parcel_id", "fulfilment_line_id", "order_id", "sku_id", "units", "lot", "serials")
#: What the hold says of units that left although they were called short: they are planned again already.
LEFT_SHORT: Final = "units called short have left all the same"


#: The number of the label that has the carrier collect the buyer's money, until a parcel is booked with the money.
COLLECTING: Final = """
select w.waybill_no from e_waybill w where w.fulfilment_id = %s and w.version = %s and w.package = 1
  and w.state in ('got', 'used') and w.waybill_no <> ''
  and not exists (select from parcel p where p.fulfilment_id = w.fulfilment_id and p.collect_amount > 0)"""


@dataclass(frozen=True, slots=True)
class Booked:
    """A parcel of this report: order → its lines inside. `is_shared`: goods that were booked before are in it, too.

    `progress` is how many whole units of a line had left with this parcel, for lines of several units. `mark` sets its
    notice to the platform apart from earlier ones of the same parcel. `is_more`: the fulfilment had goods in it before.
    """

    id: int
    carrier_id: int
    is_shared: bool
    mark: str
    is_more: bool
    orders: dict[int, set[int]]
    progress: dict[int, int]


def book_parcel(
    batch: Batch, work: FulfilmentWork, parcel: ParcelReport, report: ShipmentReport, *, collects: bool
) -> Booked:
    """Write a parcel and what is in it; it is followed from now on."""
    collect = work.collect_amount if collects else 0
    parcel_id, carrier, is_shared = add_parcel(batch, work, parcel, report, collect=collect)
    orders = _book_items(batch, work, parcel, parcel_id, report.shipped_at)
    _note_left(batch, work, orders, {"waybill": parcel.waybill_no, "carrier": carrier.code})
    mark = f":{work.id}" if is_shared else ""
    return Booked(parcel_id, carrier.id, is_shared, mark, False, orders, _progress(batch, orders))


def collecting_label(batch: Batch, work: FulfilmentWork) -> str:
    """The number whose label collects the money, where labels are ours; empty when any parcel may, or one has."""
    if not work.collect_amount:
        return ""
    rows = fetch(batch.connection, COLLECTING, (work.id, work.version))
    return str(rows[0][0]) if rows else ""


def collect_with(batch: Batch, work: FulfilmentWork, parcel_ids: Sequence[int]) -> None:
    """Let the last of these parcels collect the money, since the one whose label says so never left."""
    statement = "update parcel set collect_amount = collect_amount + %s where id = %s"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(statement, (work.collect_amount, max(parcel_ids, default=0)))


def book_more(
    batch: Batch, work: FulfilmentWork, parcel: ParcelReport, known: KnownParcel, report: ShipmentReport
) -> Booked:
    """Write what a parcel holds beyond what was told of it before; `parcel` has only these units."""
    orders = _book_items(batch, work, parcel, known.id, report.shipped_at)
    _note_left(batch, work, orders, {"waybill": parcel.waybill_no, "carrier": parcel.carrier_code, "is_more": True})
    mark = f":{work.id}:{batch.new_id()}"
    return Booked(known.id, known.carrier_id, True, mark, True, orders, _progress(batch, orders))


def _note_left(batch: Batch, work: FulfilmentWork, orders: Iterable[int], detail: dict[str, Any]) -> None:
    for order_id in sorted(orders):
        batch.note(batch.orders[order_id], "parcel_left", detail, fulfilment_id=work.id)


def _progress(batch: Batch, orders: dict[int, set[int]]) -> dict[int, int]:
    return {line: units for order_id, lines in orders.items() for line, units in _left(batch.orders[order_id], lines)}


def _left(order: OrderWork, lines: set[int]) -> Iterator[tuple[int, int]]:
    """(line, whole units that have left), for lines of several units; gifts are left out as ever."""
    for line in order.lines:
        if line.id in lines and line.ordered - line.cancelled > 1:
            own = [demand for demand in order.demands if demand.line_id == line.id and demand.origin != "gift"]
            yield line.id, progress_of(line, own)[1] if own else 0


def add_parcel(
    batch: Batch, work: FulfilmentWork, parcel: ParcelReport, report: ShipmentReport, *, collect: int
) -> tuple[int, CarrierCard, bool]:
    """Write a parcel and have it followed; answers its id, its carrier, and whether it was there before."""
    carrier = _carrier(batch, parcel)
    parcel_id, is_shared = _parcel_id(batch, work, carrier, parcel, report, collect)
    if carrier.tracking_account_id is not None and not is_shared:
        batch.send(
            "subscribe_parcel", carrier.tracking_account_id, f"track:{parcel_id}", parcel_id=parcel_id,
            fulfilment_id=work.id, order_id=work.lead_order_id, carrier_id=carrier.id,
        )  # fmt: skip
    return parcel_id, carrier, is_shared


def _parcel_id(
    batch: Batch, work: FulfilmentWork, carrier: CarrierCard, parcel: ParcelReport, report: ShipmentReport, collect: int
) -> tuple[int, bool]:
    """The parcel's id, and whether it was there before: a warehouse may pack two fulfilments under one waybill."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into parcel (id, fulfilment_id, carrier_id, waybill_no, state, weight_g, collect_amount,
                 handed_over_at) values (%s, %s, %s, %s, 'handed_over', %s, %s, %s)
               on conflict (carrier_id, waybill_no) do nothing returning id""",
            (batch.new_id(), work.id, carrier.id, parcel.waybill_no, parcel.weight_g, collect, report.shipped_at),
        )
        row = cursor.fetchone()
        if row is not None:
            return int(row[0]), False
        # What the courier collects for this one comes on top of what the waybill collects already.
        cursor.execute(
            """update parcel set collect_amount = collect_amount + %s where carrier_id = %s and waybill_no = %s
               returning id""",
            (collect, carrier.id, parcel.waybill_no),
        )
        return int(cursor.fetchall()[0][0]), True


def _carrier(batch: Batch, parcel: ParcelReport) -> CarrierCard:
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


def _book_items(
    batch: Batch, work: FulfilmentWork, parcel: ParcelReport, parcel_id: int, left_at: datetime
) -> dict[int, set[int]]:
    """Spread a parcel's items over the fulfilment's lines; answers order → order lines in this parcel, but for gifts."""
    codes = dict(fetch(batch.connection, "select code, id from sku where code = any(%s)",
                       ([item.sku_code for item in parcel.items],)))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    orders: dict[int, set[int]] = {}
    for item in parcel.items:
        lines = _candidates(work, codes.get(item.sku_code), item.line_no)
        rest = item.units
        for line, units in _spread(batch, work, lines, item.units, left_at):
            rows.append((batch.new_id(), parcel_id, line.id, line.order_id, line.sku_id, units, item.lot,
                         list(item.serials) or None))  # fmt: skip
            told = orders.setdefault(line.order_id, set())
            if _demand(batch, line).origin != "gift":
                told.add(line.line_id)
            rest -= units
        if rest:
            _tell_unplanned(batch, work, parcel.waybill_no, replace(item, units=rest), lines)
    copy_rows(batch.connection, "parcel_item", ITEM, rows)
    return orders


def _candidates(work: FulfilmentWork, sku_id: int | None, line_no: str) -> Sequence[FulfilmentLineWork]:
    """The lines an item may belong to: the one the warehouse names first, then those of the same SKU."""
    same = [line for line in work.lines if line.sku_id == sku_id]
    return sorted(same, key=lambda line: (str(line.id) != line_no, line.id))


def _spread(
    batch: Batch, work: FulfilmentWork, lines: Sequence[FulfilmentLineWork], units: int, left_at: datetime
) -> list[tuple[FulfilmentLineWork, int]]:
    """Book units on what is expected, then on what was called short and is not planned elsewhere by now."""
    taken: dict[int, int] = {}
    for line in lines:
        demand = _demand(batch, line)
        expected = min(units, line.open_units)
        late = min(units - expected, line.short, demand.open_units)
        if expected + late <= 0:
            continue
        line.short -= late
        line.shipped += expected + late
        demand.planned -= expected
        demand.shipped += expected + late
        batch.touched_fulfilment_lines[line.id] = line
        batch.touched_demands[demand.id] = demand
        key = (work.stock_point_id, line.sku_id, "good")
        as_of = min(left_at, batch.now)
        batch.move_stock(
            key, on_hand=-expected - late, reserved=-expected, reason="ship", document_id=work.id, as_of=as_of
        )
        taken[line.id] = expected + late
        units -= expected + late
    return [(line, taken[line.id]) for line in lines if line.id in taken]


def _demand(batch: Batch, line: FulfilmentLineWork) -> DemandWork:
    return next(demand for demand in batch.orders[line.order_id].demands if demand.id == line.demand_id)


def _tell_unplanned(
    batch: Batch, work: FulfilmentWork, waybill: str, item: ParcelItem, lines: Sequence[FulfilmentLineWork]
) -> None:
    """Units nobody expects: noted; when the same were called short and are planned again, they may leave twice."""
    note_unplanned(batch, work, waybill, item)
    were_short = {line.line_id for line in lines if line.short}
    for order_id in work.order_ids if were_short else ():
        order = batch.orders[order_id]
        seen = {"fulfilment": document_no("fulfilment", work.id), "lines": sorted(were_short), "words": LEFT_SHORT}
        batch.place_hold(order, "already_shipped", seen)
        order.ready_at = batch.now


def note_unplanned(batch: Batch, work: FulfilmentWork, waybill: str, item: ParcelItem) -> None:
    """Units nobody expects; the next report that tells of them says nothing new by that."""
    detail = {"sku": item.sku_code, "units": item.units, "waybill": waybill}
    for order_id in work.order_ids:
        batch.note(batch.orders[order_id], "unplanned_units", detail, fulfilment_id=work.id)


def free_short(batch: Batch, work: FulfilmentWork, line: FulfilmentLineWork, some: int | None = None) -> None:
    """Units the warehouse could not send, all that are open or `some` of them, are free to be planned again."""
    units = line.open_units if some is None else some
    line.short += units
    batch.touched_fulfilment_lines[line.id] = line
    order, demand = batch.orders[line.order_id], _demand(batch, line)
    demand.planned -= units
    cancel_replaced(batch, demand, units)
    batch.touched_demands[demand.id] = demand
    batch.move_stock((work.stock_point_id, line.sku_id, "good"), reserved=-units, reason="short", document_id=work.id)
    order.ready_at = batch.now
    batch.note(order, "short", {"sku": line.sku_id, "units": units}, fulfilment_id=work.id)
