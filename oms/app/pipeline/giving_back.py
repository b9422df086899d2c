"""A warehouse does not ship a fulfilment: because it was asked to stop, or because it will not."""

from __future__ import annotations

from oms.app.intercept.enforce import take_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment, move_stop
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.labels.changed import carry_out_told, refuse_changes, renew_given_back
from oms.app.pipeline.refusals import note_refusal
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle


def give_back(batch: Batch, work: FulfilmentWork, words: str) -> None:
    """What was asked to stop has been stopped; what had left before stays shipped."""
    if lifecycle.FULFILMENT.allows(work.status, "ask_stop"):
        move_fulfilment(batch, work, "ask_stop")
    move_stop(batch, work, "stopped")
    end_interceptions(batch, work, "succeeded", words)
    if not renew_given_back(batch, work):
        take_back(batch, work, "stopped")


def give_up(batch: Batch, work: FulfilmentWork, words: str, *, lacks_goods: bool = False) -> None:
    """The warehouse will not ship it: a stop has succeeded by that, anything else is sourced again, but not for ever."""
    if work.stop == "asked" and work.status in ("sending", "sent", "accepted", "part_shipped", "stopping"):
        give_back(batch, work, words)
        return
    carry_out_told(batch, work)
    if lifecycle.FULFILMENT.allows(work.status, "warehouse_refused"):
        move_fulfilment(batch, work, "warehouse_refused", words=words[:200])
    elif work.status != "part_shipped":
        return
    take_back(batch, work, "warehouse_refused")
    for order_id in work.order_ids:
        note_refusal(batch, batch.orders[order_id], work, words, lacks_goods=lacks_goods)


def end_interceptions(batch: Batch, work: FulfilmentWork, state: str, words: str) -> None:
    """Write how every open attempt to stop this fulfilment ended."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update interception set state = %s, words = %s, ended_at = %s
               where fulfilment_id = %s and ended_at is null and asked_of <> 'courier'""",
            (state, words[:500], batch.now, work.id),
        )
    for order_id in work.order_ids:
        batch.note(batch.orders[order_id], f"interception_{state}", {"words": words[:200]}, fulfilment_id=work.id)
        batch.orders[order_id].ready_at = batch.now
    if state == "failed":
        refuse_changes(batch, work, words)
    batch.pokes.add("advance")
