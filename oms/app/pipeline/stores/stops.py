"""What an emergency stop keeps at a store: its tasks, parcels for buyers and notes to it go no further out until it ends.

Taking goods in, back or off the way to a buyer stays possible; that is asked nowhere here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.intercept.emergency import Stops, stops_in_force, stops_seen
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of
from oms.domain.errors import NotPossible

#: (document, order inside, its shop, the point that has the goods, carrier); until a parcel has come to its store,
#: that is its warehouse, and the store it goes to, too.
TASKS: Final = """
select distinct f.id, l.order_id, o.shop_id, f.stock_point_id, f.carrier_id from fulfilment f
join fulfilment_line l on l.fulfilment_id = f.id join orders o on o.id = l.order_id where f.id = any(%s)"""
PARCELS: Final = """
select distinct s.parcel_id, i.order_id, o.shop_id, v.point, f.carrier_id from store_parcel s
join parcel p on p.id = s.parcel_id join fulfilment f on f.id = p.fulfilment_id
join parcel_item i on i.parcel_id = s.parcel_id join orders o on o.id = i.order_id
cross join lateral (values (s.stock_point_id),
  (case when s.arrived_at is null then s.from_point_id else s.stock_point_id end)) as v(point)
where s.parcel_id = any(%s)"""
NOTES: Final = """
select distinct d.delivery_note_id, i.order_id, o.shop_id, v.point, f.carrier_id from delivery_note_parcel d
join delivery_note n on n.id = d.delivery_note_id join parcel p on p.id = d.parcel_id
join fulfilment f on f.id = p.fulfilment_id join parcel_item i on i.parcel_id = d.parcel_id
join orders o on o.id = i.order_id cross join lateral (values (n.from_point_id), (n.to_point_id)) as v(point)
where d.delivery_note_id = any(%s) and n.status = 'open'"""
ANY: Final = "select 1 from emergency_stop where ended_at is null limit 1"


def require_none_stopped(batch: Batch, parcel_ids: Collection[int]) -> None:
    """NotPossible while an emergency stop covers one of these parcels; say it as packing does.

    The batch holds their orders. A stop that is being placed waits for this, and what comes later sees it.
    """
    stops = stops_in_force(batch)
    if stops.rows and _kept(stops, fetch(batch.connection, PARCELS, (array_of(parcel_ids),))):
        raise NotPossible("an emergency stop is in force", "pack and send nothing until it has ended")


def kept_tasks(connection: Connection, fulfilment_ids: Iterable[int]) -> set[int]:
    """Those of these fulfilments that a stop keeps, for pages: nothing is locked."""
    return _seen(connection, TASKS, fulfilment_ids)


def kept_parcels(connection: Connection, parcel_ids: Iterable[int]) -> set[int]:
    """The same of parcels for buyers."""
    return _seen(connection, PARCELS, parcel_ids)


def kept_notes(connection: Connection, note_ids: Iterable[int]) -> set[int]:
    """The same of delivery notes that have not been sent."""
    return _seen(connection, NOTES, note_ids)


def _seen(connection: Connection, question: str, ids: Iterable[int]) -> set[int]:
    wanted = sorted(set(ids))
    if not wanted or not fetch(connection, ANY):
        return set()
    rows = fetch(connection, question, (array_of(wanted),))
    return _kept(stops_seen(connection, sorted({row[1] for row in rows})), rows)


def _kept(stops: Stops, rows: Sequence[Any]) -> set[int]:
    return {row[0] for row in rows if stops.against(*row[1:]) is not None}
