"""What happens at stores, for the webhooks of the shop that ask for it: written beside the change, brought as all are."""

from __future__ import annotations

from typing import Any, Final

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection

TOPIC: Final = "store.event"
ASKING: Final = "select id from webhook where shop_id = %s and state = 'active' and %s = any(topics) order by id"
ABOUT: Final = """
select o.external_no, p.code, d.mode, coalesce(q.leg, d.leg), x.waybill_no, q.overdue_at, d.ready_by
from orders o join stock_point p on p.id = %s left join order_delivery d on d.order_id = o.id
left join store_parcel q on q.parcel_id = %s left join parcel x on x.id = q.parcel_id where o.id = %s"""
WRITE: Final = """
insert into webhook_message (webhook_id, key, topic, body, due_at, created_at)
select v.id, %s, %s, %s::jsonb, %s, %s from unnest(%s::bigint[]) as v(id) on conflict (webhook_id, key) do nothing"""


def announce_event(batch: Batch, event: str, shop_id: int, point_id: int, subject: str, refs: dict[str, Any]) -> None:
    """Write a message for each webhook that wants to hear of stores; nothing of the buyer is in it, and no code."""
    asking = [row[0] for row in fetch(batch.connection, ASKING, (shop_id, TOPIC))]
    order_id, parcel_id = refs["order_id"], refs.get("parcel_id")
    found = fetch(batch.connection, ABOUT, (point_id, parcel_id, order_id)) if asking else []
    if not found:
        return
    order_no, store, mode, leg, waybill, until, ready_by = found[0]
    told = {
        "event": event, "order_no": order_no, "order_id": order_id, "store": store, "mode": mode, "leg": leg,
        "shipment_id": f"{parcel_id}-{order_id}" if parcel_id else None, "waybill_no": waybill, "until": until,
        "ready_by": ready_by,
    }  # fmt: skip
    key = f"store:{event}:{subject}:{int(batch.now.timestamp())}"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(WRITE, (key, TOPIC, orjson.dumps(told).decode(), batch.now, batch.now, array_of(asking)))
    batch.pokes.add("webhooks")
