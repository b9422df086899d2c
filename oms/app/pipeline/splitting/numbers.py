"""Numbers of what is taken apart: given back, and waited for, before a merge or a split is undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from oms.app.intercept.enforce import void_unsent
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.labels.numbers import ASKING, give_numbers_back
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import NotPossible

#: Keeps the orders of a merge or split from leaving while carriers are asked to cancel its numbers.
HOLD: Final = "undo_waits"
ENDED: Final = ("shipped", "cancelled", "merged", "closed_short")
STOP_IT: Final = "stop it at the warehouse; what comes back is sourced anew"
COLUMNS: Final = ("id", "joining_id", "fulfilment_ids", "state", "reason", "asked_at", "asked_by")
WISHES: Final = """
select id, joining_id, fulfilment_ids, reason, asked_by from joining_undo
where state = 'asked' and fulfilment_ids && %s::bigint[] order by id"""
END: Final = "update joining_undo set state = %s, words = %s, ended_at = %s where id = %s and state = 'asked'"
CALLED: Final = """
select exists (select from outbound where fulfilment_id = %s and kind = 'create_fulfilment'
  and state in ('waiting', 'sending', 'unknown', 'stuck'))"""
#: Numbers of fulfilments that are there, on their way here, or on their way back.
OPEN: Final = f"""
select w.id, w.key, w.account_id, w.fulfilment_id, w.order_id, w.stock_point_id, w.carrier_id, w.state from e_waybill w
where w.fulfilment_id = any(%s) and (w.state in ('got', 'cancelling') or (w.state = 'asked' and {ASKING}))
order by w.id for update of w"""


@dataclass(frozen=True, slots=True)
class Wish:
    """A merge or split that somebody wants taken back, once its numbers are cancelled."""

    id: int
    joining_id: int
    fulfilment_ids: list[int]
    reason: str
    asked_by: str


def open_wishes(connection: Connection, fulfilment_ids: Sequence[int]) -> list[Wish]:
    """Those that concern one of these fulfilments and have not ended."""
    return [Wish(*row) for row in fetch(connection, WISHES, (array_of(fulfilment_ids),))]


def orders_concerned(connection: Connection, fulfilment_id: int | None) -> list[int]:
    """The orders of what is being taken apart around a fulfilment; none where nothing is."""
    rows = fetch(
        connection,
        """select unnest(j.order_ids) from joining_undo u join joining j on j.id = u.joining_id
           where u.state = 'asked' and u.fulfilment_ids @> array[%s::bigint]""",
        (fulfilment_id,),
    )
    return sorted({row[0] for row in rows})


def keep_wish(
    batch: Batch, joining_id: int, fulfilment_ids: Sequence[int], order_ids: Sequence[int], reason: str
) -> None:
    """Write down that it is to be taken back, and keep its orders from leaving until it is."""
    row = (batch.new_id(), joining_id, list(fulfilment_ids), "asked", reason[:500], batch.now, batch.actor)
    copy_rows(batch.connection, "joining_undo", COLUMNS, [row])
    for order_id in order_ids:
        order = batch.orders[order_id]
        batch.place_hold(order, HOLD, {"joining": joining_id})
        batch.note(order, "undo_asked", {"reason": reason[:500]})


def end_wish(batch: Batch, wish: Wish, state: str, words: str = "") -> None:
    """Write how it ended; of a refusal the timelines tell."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(END, (state, words[:500], batch.now, wish.id))
    works = {id_ for id_ in wish.fulfilment_ids}
    for order in batch.orders.values() if state == "refused" else ():
        mine = [work for work in order.fulfilments if work.id in works]
        if order.hold(HOLD) is None:
            continue
        batch.note(order, "undo_refused", {"words": words[:200]}, fulfilment_id=mine[0].id if mine else None)
        if not any(work.status not in ENDED for work in mine):
            batch.clear_hold(order, HOLD, "nothing of it is left to be taken apart")
            order.ready_at = batch.now


def require_here(batch: Batch, fulfilment_id: int) -> FulfilmentWork:
    """The fulfilment, planned again if its warehouse was not called; still `sending` while a number is asked for."""
    works = {work.id: work for order in batch.orders.values() for work in order.fulfilments}
    work = works.get(fulfilment_id)
    if work is None or work.status in ENDED:
        raise NotPossible("the fulfilment has ended", "look at what became of it on the order's page")
    if work.status == "sending" and _is_free(batch, work):
        work.version += 1  # What is handed over later is another document to the warehouse.
        move_fulfilment(batch, work, "withdraw")
        work.sent_at = None
    if work.status not in ("planned", "on_hold", "sending"):
        raise NotPossible("it was handed to its warehouse already", STOP_IT)
    return work


def _is_free(batch: Batch, work: FulfilmentWork) -> bool:
    """Whether nobody was called for it, or all have answered; NotPossible when the warehouse may have it."""
    if work.stop == "asked":
        raise NotPossible("it is being stopped", "wait for the answer")
    if void_unsent(batch, work):
        return True
    if fetch(batch.connection, CALLED, (work.id,))[0][0]:
        raise NotPossible("it was handed to its warehouse already", STOP_IT)
    asked = f"select 1 from e_waybill w where w.fulfilment_id = %s and w.state = 'asked' and {ASKING}"
    return not fetch(batch.connection, asked, (work.id,))


def give_open_numbers_back(batch: Batch, fulfilment_ids: Sequence[int]) -> bool:
    """Have carriers cancel the numbers of these; answers whether one of them has still to answer."""
    rows = fetch(batch.connection, OPEN, (array_of(fulfilment_ids),))
    give_numbers_back(batch, [row for row in rows if row[-1] == "got"])
    return bool(rows)
