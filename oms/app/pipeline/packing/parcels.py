"""Parcels that people pack: checked against what is open, what was scanned, and whose waybill it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.contract.notices import ParcelItem, ParcelReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotPossible

WAYBILL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,49}", re.ASCII)
HEAVIEST_G = 1_000_000


@dataclass(frozen=True, slots=True)
class PackedParcel:
    """A parcel as people tell of it; `items` are units by SKU code, empty for everything that is open."""

    carrier_code: str
    waybill_no: str
    items: Mapping[str, int] = field(default_factory=dict)
    weight_g: int | None = None

    def told(self) -> dict[str, Any]:
        """What is kept of it."""
        return {"carrier": self.carrier_code, "waybill": self.waybill_no, "items": dict(self.items),
                "weight_g": self.weight_g}  # fmt: skip


def open_units(batch: Batch, work: FulfilmentWork) -> dict[str, tuple[int, int]]:
    """SKU code → (SKU, units still expected to leave)."""
    counts: Counter[int] = Counter()
    for line in work.lines:
        counts[line.sku_id] += line.open_units
    codes = fetch(batch.connection, "select id, code from sku where id = any(%s) order by code", (list(counts),))
    return {code: (id_, counts[id_]) for id_, code in codes}


def check_parcels(batch: Batch, work: FulfilmentWork, parcels: Sequence[PackedParcel]) -> tuple[ParcelReport, ...]:
    """The parcels as a warehouse would report them; refused when something in them cannot be."""
    if not parcels:
        raise Invalid("parcels", "there is no parcel", "enter the waybill of each parcel")
    there = {code: units for code, (_, units) in open_units(batch, work).items()}
    if work.status == "cancelled":
        there = _planned(batch, work)
    named = _share(parcels, there)
    for parcel in parcels:
        _check(batch, work, parcel)
    _check_units(batch, work, named, there)
    return tuple(
        ParcelReport(
            parcel.carrier_code,
            parcel.waybill_no,
            tuple(ParcelItem(code, units) for code, units in sorted(items.items()) if units),
            parcel.weight_g,
        )
        for parcel, items in zip(parcels, named, strict=True)
    )


def _planned(batch: Batch, work: FulfilmentWork) -> dict[str, int]:
    """What a cancelled fulfilment held; that is what may have left after all."""
    rows = fetch(
        batch.connection,
        """select k.code, sum(l.planned - l.shipped)::int from fulfilment_line l join sku k on k.id = l.sku_id
           where l.fulfilment_id = %s group by 1""",
        (work.id,),
    )
    return dict(rows)


def _share(parcels: Sequence[PackedParcel], there: Mapping[str, int]) -> list[dict[str, int]]:
    """Units by parcel; the one that names none takes what the others leave."""
    rest = Counter(dict(there))
    for parcel in parcels:
        rest.subtract(parcel.items)
    if sum(not parcel.items for parcel in parcels) > 1:
        raise Invalid("items", "two parcels do not say what is in them", "name the units of all parcels but one")
    return [dict(parcel.items) if parcel.items else {c: n for c, n in rest.items() if n > 0} for parcel in parcels]


def _check(batch: Batch, work: FulfilmentWork, parcel: PackedParcel) -> None:
    if batch.masters.carrier_by_code(parcel.carrier_code) is None:
        raise Invalid("carrier", "there is no such carrier", "choose one of the list")
    if not WAYBILL.fullmatch(parcel.waybill_no):
        raise Invalid("waybill", "a waybill has 4 to 50 letters and digits", "scan it again")
    if parcel.weight_g is not None and not 0 < parcel.weight_g <= HEAVIEST_G:
        raise Invalid("weight", "a parcel weighs between a gram and a ton", "weigh it again")
    others = fetch(
        batch.connection,
        """select 1 from parcel p join carrier c on c.id = p.carrier_id
           where p.waybill_no = %s and c.code = %s and p.fulfilment_id <> %s""",
        (parcel.waybill_no, parcel.carrier_code, work.id),
    )
    if others:
        raise Invalid("waybill", "this waybill is on another fulfilment's parcel", "scan the label on this parcel")


def _check_units(
    batch: Batch, work: FulfilmentWork, named: Sequence[Mapping[str, int]], there: Mapping[str, int]
) -> None:
    total: Counter[str] = Counter()
    for items in named:
        if not items or min(items.values()) < 1:
            raise Invalid("items", "a parcel is empty", "name what is in it, or leave it out")
        total.update(items)
    if any(units > there.get(code, 0) for code, units in total.items()):
        raise Invalid("items", "more is in the parcels than is open", "count them again, or reload the page")
    must = fetch(
        batch.connection, "select must_check from packing_setting where stock_point_id = %s", (work.stock_point_id,)
    )
    if must and must[0][0] and work.status != "cancelled":
        checked = _checked(batch, work)
        if any(checked.get(code, 0) < units for code, units in total.items()):
            raise NotPossible("not every unit was scanned", "scan what is in the parcel first")


def _checked(batch: Batch, work: FulfilmentWork) -> dict[str, int]:
    rows = fetch(
        batch.connection,
        "select k.code, u.units from packed_units u join sku k on k.id = u.sku_id where u.fulfilment_id = %s",
        (work.id,),
    )
    return dict(rows)


def forget_checked(batch: Batch, work: FulfilmentWork) -> None:
    """The next parcel is checked anew."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("delete from packed_units where fulfilment_id = %s", (work.id,))
