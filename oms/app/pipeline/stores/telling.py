"""Tells buyers, stores and the merchant by the templates in force; what is sent is built when it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.marks import tell
from oms.app.kernel.outbound import void_on
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.stores.announcing import announce_event
from oms.app.pipeline.stores.parcels import StoreParcelWork

TEMPLATES: Final = """
select distinct on (b.audience, b.account_id, b.user_group_id) b.id, b.account_id, b.after_min, b.is_on,
  coalesce(g.code, '') from buyer_notice b left join user_group g on g.id = b.user_group_id
where b.event = %s and b.shop_id in (0, %s) order by b.audience, b.account_id, b.user_group_id, b.shop_id desc"""

WHERE_AND_WHAT: Final = """
select concat_ws(' · ', name, (select waybill_no from parcel where id = %s)) from stock_point where id = %s"""

UNTOLD: Final = """
select id from outbound where order_id = %s and parcel_id = %s and kind = 'notify' and detail->>'event' = 'out'
and state in ('waiting', 'refused', 'stuck', 'unknown') order by id"""


def tell_of_parcel(batch: Batch, parcel: StoreParcelWork, event: str, *, at: datetime | None = None) -> None:
    """Queue what the templates in force say of this event; nothing where none is."""
    _queue_parcel(batch, parcel, event, "", at)


def _queue_parcel(batch: Batch, parcel: StoreParcelWork, event: str, attempt: str, at: datetime | None) -> None:
    refs = {"order_id": parcel.order_id, "parcel_id": parcel.id, "fulfilment_id": parcel.fulfilment_id}
    _queue(batch, event, parcel.shop_id, parcel.point_id, f"{parcel.id}:{parcel.code_no}{attempt}", refs, at)


def tell_going_out(batch: Batch, parcel: StoreParcelWork) -> None:
    """Tell that a clerk brings it: of every attempt anew, also where the one before failed."""
    _queue_parcel(batch, parcel, "out", f":{batch.new_id()}", None)


def forget_going_out(batch: Batch, parcel: StoreParcelWork) -> None:
    """The attempt failed: what was not sent of it yet must not be told of the next one."""
    rows = fetch(batch.connection, UNTOLD, (parcel.order_id, parcel.id))
    void_on(batch.connection, [row[0] for row in rows], batch.now, batch.actor, "the parcel is at the store again")


def tell_of_task(batch: Batch, work: FulfilmentWork) -> None:
    """Tell a store that an order waits for it; of the same order anew when it gets it anew."""
    _queue_task(batch, "new_task", work, "")


def tell_promise(batch: Batch, work: FulfilmentWork, ready_by: datetime) -> None:
    """Tell the buyer by when the store has the goods ready."""
    _queue_task(batch, "promised", work, f":{ready_by.timestamp():.0f}")


def tell_late_task(batch: Batch, work: FulfilmentWork, ready_by: datetime) -> None:
    """Tell a store of an order that should be ready by now."""
    _queue_task(batch, "task_late", work, f":{ready_by.timestamp():.0f}")


def _queue_task(batch: Batch, event: str, work: FulfilmentWork, until: str) -> None:
    refs = {"order_id": work.lead_order_id, "fulfilment_id": work.id}
    _queue(batch, event, work.shop_id, work.stock_point_id, f"{work.id}.{work.version}{until}", refs, None)


def tell_when_overdue_nears(batch: Batch, parcel: StoreParcelWork) -> None:
    """Remind the buyer before the goods go back; templates say how long before."""
    tell_of_parcel(batch, parcel, "overdue_soon", at=parcel.overdue_at)


def _queue(
    batch: Batch, event: str, shop_id: int, point_id: int, subject: str, refs: dict[str, Any], at: datetime | None
) -> None:
    for id_, account_id, after_min, is_on, team in fetch(batch.connection, TEMPLATES, (event, shop_id)):
        key = f"notice:{id_}:{event}:{subject}"
        if not is_on:
            continue
        if account_id is None:
            _tell_merchant(batch, event, point_id, key, refs, team)
        elif not fetch(batch.connection, "select 1 from outbound where key = %s", (key,)):
            wait = timedelta(minutes=after_min)
            due = batch.now + wait if at is None else max(batch.now, at - wait)
            detail = {"notice": id_, "event": event}
            batch.send(
                "notify", account_id, key, shop_id=shop_id, stock_point_id=point_id, detail=detail, due_at=due, **refs
            )
    if at is None:
        announce_event(batch, event, shop_id, point_id, subject, refs)


def _tell_merchant(batch: Batch, event: str, point_id: int, key: str, refs: dict[str, Any], team: str) -> None:
    """A notice in the console, to a team or to everybody of the shop; its words are the store and the waybill."""
    ((words,),) = fetch(batch.connection, WHERE_AND_WHAT, (refs.get("parcel_id"), point_id))
    tell(batch, batch.orders[refs["order_id"]], f"store_{event}", key, team, words)
