"""What earlier reports have told of a fulfilment: units booked and units nobody planned, by waybill and SKU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from connectors.contract.notices import ParcelItem, ParcelReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork

#: The parcels made for a fulfilment, and what of it is in each; a parcel may be shared by several.
KNOWN: Final = """
select p.waybill_no, p.id, p.carrier_id, '', 0 from parcel p where p.fulfilment_id = %s
union all
select p.waybill_no, p.id, p.carrier_id, k.code, sum(i.units)::int from fulfilment_line l
  join parcel_item i on i.fulfilment_line_id = l.id join parcel p on p.id = i.parcel_id join sku k on k.id = i.sku_id
where l.fulfilment_id = %s group by p.waybill_no, p.id, k.code"""
#: Events without a waybill are from before it was kept.
BEYOND: Final = """
select coalesce(detail->>'waybill', ''), detail->>'sku', (detail->>'units')::int from event
where month = %s and order_id = %s and fulfilment_id = %s and kind = 'unplanned_units'"""


@dataclass(slots=True)
class KnownParcel:
    """A parcel booked before; `units` of the fulfilment in it by SKU code."""

    id: int
    carrier_id: int
    units: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A parcel of a report with only what was not told before; `known` when it was booked before."""

    parcel: ParcelReport
    known: KnownParcel | None


def known_waybills(batch: Batch, work: FulfilmentWork) -> dict[str, KnownParcel]:
    """Waybills under which something of the fulfilment has left already."""
    found: dict[str, KnownParcel] = {}
    for waybill, id_, carrier_id, code, units in fetch(batch.connection, KNOWN, (work.id, work.id)):
        parcel = found.setdefault(waybill, KnownParcel(id_, carrier_id))
        if units:
            parcel.units[code] += units
    return found


def by_waybill(parcels: Iterable[ParcelReport]) -> list[ParcelReport]:
    """Packages under one waybill are one parcel."""
    together: dict[tuple[str, str], ParcelReport] = {}
    for parcel in parcels:
        key = (parcel.carrier_code, parcel.waybill_no)
        held = together.get(key)
        if held is None:
            together[key] = parcel
            continue
        weights = [weight for weight in (held.weight_g, parcel.weight_g) if weight is not None]
        together[key] = replace(held, items=held.items + parcel.items, weight_g=sum(weights) if weights else None)
    return list(together.values())


def fresh_parcels(
    batch: Batch, work: FulfilmentWork, told: Iterable[ParcelReport], known: dict[str, KnownParcel], *, has_ended: bool
) -> list[Fresh]:
    """What is new in a report that may repeat or sum up earlier ones: parcels, and further units in known ones.

    Of a fulfilment that has ended, units told as unplanned before are not new even without a parcel.
    """
    covered = {waybill: Counter(parcel.units) for waybill, parcel in known.items()}
    fresh = [Fresh(parcel, None) if parcel.waybill_no not in known
             else Fresh(_without(parcel, covered[parcel.waybill_no]), known[parcel.waybill_no])
             for parcel in by_waybill(told)]  # fmt: skip
    fresh = [one for one in fresh if one.known is None or one.parcel.items]
    if not any(one.known or has_ended for one in fresh):
        return fresh
    beyond = _told_beyond(batch, work)
    left = [Fresh(_without(one.parcel, beyond.get(one.parcel.waybill_no), beyond.get("")), one.known)
            if one.known or has_ended else one for one in fresh]  # fmt: skip
    return [now for was, now in zip(fresh, left, strict=True) if now.parcel.items or not was.parcel.items]


def _told_beyond(batch: Batch, work: FulfilmentWork) -> dict[str, Counter[str]]:
    """Waybill → SKU code → units told before that nobody had planned."""
    order = batch.orders[work.order_ids[0]]
    found: dict[str, Counter[str]] = {}
    for waybill, code, units in fetch(batch.connection, BEYOND, (order.month, order.id, work.id)):
        found.setdefault(waybill, Counter())[code] += units
    return found


def _without(parcel: ParcelReport, *covered: Counter[str] | None) -> ParcelReport:
    """The parcel with only the units beyond those covered, which are used up by it."""
    items = parcel.items
    for units in filter(None, covered):
        items = tuple(rest for item in items if (rest := _rest(item, units)) is not None)
    return replace(parcel, items=items)


def _rest(item: ParcelItem, covered: Counter[str]) -> ParcelItem | None:
    """What of an item is not covered; which serials these units have is not known then."""
    had = min(item.units, covered[item.sku_code])
    if had <= 0:
        return item if item.units else None
    covered[item.sku_code] -= had
    return replace(item, units=item.units - had, serials=()) if item.units > had else None
