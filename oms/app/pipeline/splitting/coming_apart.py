"""Taking a merge or a split back, by rule or by hand, until the warehouse was told: each part is what it was.

Numbers that were asked for are given back first (coming_apart_numbers), and nothing comes apart before that is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import FULFILMENT, fetch, fill, lock_with_siblings
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline import merge
from oms.app.pipeline.merging import invoices as joint_invoices
from oms.app.pipeline.splitting.by_hand import fold, mark_split, settle_parts
from oms.app.pipeline.splitting.numbers import (
    HOLD,
    end_wish,
    give_open_numbers_back,
    keep_wish,
    open_wishes,
    require_here,
)
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible

LOG: Final = "select id, kind, fulfilment_id, order_ids, parts from joining where id = %s and undone_at is null"
LATER: Final = """
select exists (select from joining where id > %s and undone_at is null and (fulfilment_id = any(%s)
  or exists (select from jsonb_array_elements(parts->'others') p where (p->>'id')::bigint = any(%s))))"""
UNDONE: Final = "update joining set undone_at = %s, undone_by = %s where id = %s and undone_at is null"
TOGETHER_AGAIN: Final = "delete from apart where set_id = %s"


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log that was not taken back."""

    id: int
    kind: str
    fulfilment_id: int
    order_ids: list[int]
    parts: dict[str, Any]

    @property
    def others(self) -> list[int]:
        """The fulfilments it was joined of, or split into, beside the first."""
        return [part["id"] for part in self.parts["others"]]


def undo(hub: Hub, joining_id: int, actor: str, reason: str, *, kind: str = "") -> bool:
    """Take back what was joined or split. NotPossible once the warehouse was told.

    Answers whether it is done; else carriers are asked to cancel the numbers that were taken for it, and it is done as
    soon as they confirm that. Orders that a person took apart are joined to each other by no rule any more.
    """
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say what was wrong")
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        found = _read(connection, joining_id)
        if kind and kind != found.kind:
            raise NotFound("there is nothing to take back", "reload the page")
        fill(batch, lock_with_siblings(connection, found.order_ids))
        _read(connection, joining_id)  # Somebody else may have been faster.
        _require_last(connection, found)
        works = [require_here(batch, id_) for id_ in _held(found)]
        is_waiting = give_open_numbers_back(batch, [work.id for work in works])
        if is_waiting and open_wishes(connection, [work.id for work in works]):
            raise NotPossible("its numbers are being cancelled", "wait for the carrier's answer")
        if is_waiting:
            keep_wish(batch, found.id, [work.id for work in works], found.order_ids, reason)
        else:
            _carry_out(batch, found, reason)
        flush(batch)
    batch.tell()
    hub.poke("advance")
    return not is_waiting


def go_on(batch: Batch, fulfilment_id: int, words: str = "") -> None:
    """A carrier has answered about a number of what somebody wants taken back: done, given up, or waiting still.

    `words` are those of a carrier that keeps its number: then it stays as it is, held, and people say what now.
    """
    for wish in open_wishes(batch.connection, [fulfilment_id]):
        batch.actor, actor = wish.asked_by, batch.actor
        try:
            _go_on(batch, wish.joining_id, wish.reason, words)
        except HubError as error:
            end_wish(batch, wish, "refused", error.words)
        batch.actor = actor


def _go_on(batch: Batch, joining_id: int, reason: str, words: str) -> None:
    found = _read(batch.connection, joining_id)
    if words:
        raise NotPossible(words)
    if not all(id_ in batch.orders and batch.orders[id_].hold(HOLD) for id_ in found.order_ids):
        raise NotPossible("somebody let it leave as it is")
    works = [require_here(batch, id_) for id_ in _held(found)]
    if not give_open_numbers_back(batch, [work.id for work in works]):
        _carry_out(batch, found, reason)


def _held(found: Logged) -> list[int]:
    """The fulfilments that hold goods now, and may have numbers."""
    return [found.fulfilment_id] if found.kind == "merge" else [found.fulfilment_id, *found.others]


def _carry_out(batch: Batch, found: Logged, reason: str) -> None:
    for wish in open_wishes(batch.connection, [found.fulfilment_id]):
        end_wish(batch, wish, "done")
    lead = require_here(batch, found.fulfilment_id)
    if found.kind == "merge":
        _take_apart(batch, lead, found.parts["others"], found.id)
    else:
        _put_together(batch, lead, found)
        mark_split(batch, lead, is_split=found.parts["was_split"])
    _finish(batch, found.id, found.order_ids, f"{found.kind}_undone", reason)


def _read(connection: Connection, joining_id: int) -> Logged:
    rows = fetch(connection, LOG, (joining_id,))
    if not rows:
        raise NotFound("it was taken back already", "reload the page")
    return Logged(*rows[0])


def _require_last(connection: Connection, found: Logged) -> None:
    ids = [found.fulfilment_id, *found.others]
    if fetch(connection, LATER, (found.id, ids, ids))[0][0]:
        raise NotPossible("it was merged or split again since", "take that back first")


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


def _put_together(batch: Batch, lead: FulfilmentWork, found: Logged) -> None:
    works = [lead, *[require_here(batch, id_) for id_ in found.others]]
    if any(set(work.order_ids) - set(found.order_ids) for work in works):
        raise NotPossible("a part of it leaves with another order by now", "take that merge back first")
    key = lead.merge_key
    merge.join_one(batch, works)
    fold(batch, lead, found.parts.get("pieces", {}))
    lead.merge_key = key
    settle_parts(batch, [batch.orders[id_] for id_ in found.order_ids], [lead])
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(TOGETHER_AGAIN, (found.id,))


def _finish(batch: Batch, joining_id: int, order_ids: Sequence[int], event: str, reason: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(UNDONE, (batch.now, batch.actor, joining_id))
    for order_id in order_ids:
        order = batch.orders[order_id]
        order.ready_at = batch.now
        batch.clear_hold(order, HOLD, "it was taken apart")
        batch.note(order, event, {"reason": reason[:500]})
        recount(batch, order)
