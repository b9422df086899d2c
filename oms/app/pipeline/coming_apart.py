"""Taking a merge or a split back, by rule or by hand, until the warehouse was told: each part is what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.intercept.enforce import void_unsent
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import FULFILMENT, fetch, fill, lock_with_siblings
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline import joint_invoices, merge
from oms.app.pipeline.splitting_by_hand import mark_split
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

LOG: Final = "select kind, fulfilment_id, order_ids, parts from joining where id = %s and undone_at is null"
LATER: Final = """
select exists (select from joining where id > %s and undone_at is null and (fulfilment_id = any(%s)
  or exists (select from jsonb_array_elements(parts->'others') p where (p->>'id')::bigint = any(%s))))"""
UNDONE: Final = "update joining set undone_at = %s, undone_by = %s where id = %s and undone_at is null"
TOGETHER_AGAIN: Final = "delete from apart where set_id = %s"
STOP_IT: Final = "stop it at the warehouse; what comes back is sourced anew"


def undo(hub: Hub, joining_id: int, actor: str, reason: str, *, kind: str = "") -> list[int]:
    """Take back what was joined or split; answers the orders. NotPossible once the warehouse was told.

    Orders that a person took apart are joined to each other by no rule any more.
    """
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say what was wrong")
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        found, fulfilment_id, order_ids, parts = _read(connection, joining_id)
        if kind and kind != found:
            raise NotFound("there is nothing to take back", "reload the page")
        fill(batch, lock_with_siblings(connection, order_ids))
        _read(connection, joining_id)  # Somebody else may have been faster.
        others = [part["id"] for part in parts["others"]]
        if fetch(connection, LATER, (joining_id, [fulfilment_id, *others], [fulfilment_id, *others]))[0][0]:
            raise NotPossible("it was merged or split again since", "take that back first")
        lead = _require_here(batch, fulfilment_id)
        if found == "merge":
            _take_apart(batch, lead, parts["others"], joining_id)
        else:
            _put_together(batch, lead, others, joining_id)
            mark_split(batch, lead, is_split=parts["was_split"])
        _finish(batch, joining_id, order_ids, f"{found}_undone", reason)
        flush(batch)
    batch.tell()
    hub.poke("advance")
    return list(order_ids)


def _read(connection: Connection, joining_id: int) -> Any:
    rows = fetch(connection, LOG, (joining_id,))
    if not rows:
        raise NotFound("it was taken back already", "reload the page")
    return rows[0]


def _require_here(batch: Batch, fulfilment_id: int) -> FulfilmentWork:
    """The fulfilment, planned again if its hand-over had not begun."""
    works = {work.id: work for order in batch.orders.values() for work in order.fulfilments}
    work = works.get(fulfilment_id)
    if work is None:
        raise NotPossible("the fulfilment has ended", "look at what became of it on the order's page")
    if work.status == "sending" and void_unsent(batch, work):
        work.version += 1  # What is handed over later is another document to the warehouse.
        move_fulfilment(batch, work, "withdraw")
        work.sent_at = None
    if work.status not in ("planned", "on_hold"):
        raise NotPossible("it was handed to its warehouse already", STOP_IT)
    return work


def _take_apart(batch: Batch, lead: FulfilmentWork, parts: Sequence[dict[str, Any]], joining_id: int) -> None:
    """Each part gets its lines and keeps its money; what the lead has beside them stays its own."""
    others = _load(batch, [part["id"] for part in parts])
    for part in parts:
        other, mine = others[part["id"]], set(part["lines"])
        other.lines = [line for line in lead.lines if line.id in mine]
        lead.lines = [line for line in lead.lines if line.id not in mine]
        for line in other.lines:
            line.fulfilment_id = other.id
            batch.touched_fulfilment_lines[line.id] = line
        move_fulfilment(batch, other, "come_apart", out_of=lead.id)
        other.merged_into_id = other.closed_at = None
        other.order_count = len(other.order_ids)
        lead.goods_amount -= other.goods_amount
        lead.freight_amount -= other.freight_amount
        lead.collect_amount -= other.collect_amount
    lead.order_count, lead.merge_key = len(lead.order_ids), None
    batch.touched_fulfilments[lead.id] = lead
    works = [lead, *others.values()]
    for order in batch.orders.values():
        order.fulfilments = [work for work in order.fulfilments if work is not lead]
        order.fulfilments += [work for work in works if order.id in work.order_ids]
    joint_invoices.forget_invoices(batch, [lead.id])
    ids = sorted({id_ for work in works for id_ in work.order_ids})
    copy_rows(batch.connection, "apart", ("document_id", "set_id"), [(id_, joining_id) for id_ in ids])


def _load(batch: Batch, ids: Sequence[int]) -> dict[int, FulfilmentWork]:
    """Merged fulfilments, which hold no lines; their orders are locked."""
    rows = fetch(
        batch.connection, f"select {FULFILMENT} from fulfilment where id = any(%s) order by id for update", (list(ids),)
    )
    return {row[0]: FulfilmentWork(*row) for row in rows}


def _put_together(batch: Batch, lead: FulfilmentWork, others: Sequence[int], joining_id: int) -> None:
    works = [lead, *[_require_here(batch, id_) for id_ in others]]
    if any(work.order_count > 1 for work in works):
        raise NotPossible("a part of it leaves with another order by now", "take that merge back first")
    key = lead.merge_key
    merge.join_one(batch, works)
    lead.merge_key = key
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(TOGETHER_AGAIN, (joining_id,))


def _finish(batch: Batch, joining_id: int, order_ids: Sequence[int], event: str, reason: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(UNDONE, (batch.now, batch.actor, joining_id))
    for order_id in order_ids:
        order = batch.orders[order_id]
        order.ready_at = batch.now
        batch.note(order, event, {"reason": reason[:500]})
        recount(batch, order)
