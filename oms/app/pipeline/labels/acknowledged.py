"""换面单: the warehouse says whether a parcel bears the label that its carrier has changed; nothing is claimed before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from oms.app.intercept.enforce import ANSWER_MINUTES
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.labels.changed import HOLD, PLATFORM, carry_out, end_change, fail_change
from oms.app.pipeline.outbound.consequences import close_batch, find_work, open_batch
from oms.db.bulk import array_of
from oms.domain.errors import NotFound, NotPossible

LIVE: Final = ("sending", "sent", "accepted", "part_shipped", "stopping")
OPEN: Final = """
select c.id, c.order_id, c.fulfilment_id, f.version, f.status, f.stock_point_id, c.told_at, o.external_no, c.what
from label_change c join fulfilment f on f.id = c.fulfilment_id join orders o on o.id = c.order_id
where c.state = 'told' and {where} order by c.told_at, c.id limit 200"""
#: Changes that nobody can answer any more: theirs has left or never will, or nobody asks for it back.
SETTLED: Final = """
select c.id, c.order_id, c.fulfilment_id, c.way from label_change c join fulfilment f on f.id = c.fulfilment_id
where (f.status <> all(%s) and (c.state = 'told' or (c.state = 'asked' and c.way = 'update' and c.asked_by = %s)))
   or (c.state = 'asked' and c.way = 'renew' and not exists (
     select from hold h where h.order_id = c.order_id and h.cleared_at is null and h.kind = %s
       and (h.seen->>'change')::bigint = c.id))
order by c.id limit 200"""
#: What the platform told waits no longer than a warehouse may take to answer; our own packing page lets nothing leave.
OVERDUE: Final = """
select c.id, c.order_id, c.fulfilment_id from label_change c join fulfilment f on f.id = c.fulfilment_id
join stock_point p on p.id = f.stock_point_id left join packing_setting s on s.stock_point_id = p.id
where c.asked_by = %s and c.way = 'update' and c.state in ('asked', 'told') and f.status = any(%s)
  and (c.state = 'asked' or p.account_id is not null)
  and coalesce(c.told_at, c.asked_at) + make_interval(mins => coalesce(s.answer_minutes, %s)) <= %s
order by c.id limit 200"""
LATE: Final = "it left before the warehouse said that it bears the new label"
LEFT: Final = "it left before it could be asked back"
SLOW: Final = "nobody said in time that the parcel bears the new label"
NOBODY: Final = "nobody asks for the goods back any more"
CANNOT: Final = "the warehouse cannot put the new label on it"


@dataclass(frozen=True, slots=True)
class Relabelling:
    """A label that the carrier has changed, and of which the warehouse has not said that the parcel bears it."""

    id: int
    order_id: int
    fulfilment_id: int
    version: int
    status: str
    stock_point_id: int
    told_at: datetime
    order_no: str
    what: list[str]


def relabellings(connection: Connection, points: Collection[int]) -> list[Relabelling]:
    """Labels to put on at these stock points, the longest told first."""
    where = "f.stock_point_id = any(%s) and f.status = any(%s)"
    rows = fetch(connection, OPEN.format(where=where), (array_of(sorted(points)), list(LIVE)))
    return [Relabelling(*row) for row in rows]


def relabelling_of(connection: Connection, fulfilment_id: int) -> Relabelling | None:
    """The one that a fulfilment waits for."""
    rows = fetch(connection, OPEN.format(where="f.id = %s"), (fulfilment_id,))
    return Relabelling(*rows[0]) if rows else None


def acknowledge(hub: Hub, change_id: int, actor: str, points: Collection[int], *, is_done: bool, words: str = "") -> None:
    """The warehouse says that the parcel bears the new label, or that it cannot be put on any more.

    NotFound outside of these stock points. Only a yes makes the change ours; NotPossible when it has ended otherwise.
    """
    with hub.begin() as connection:
        rows = fetch(connection, "select order_id from label_change where id = %s", (change_id,))
        batch = open_batch(hub, connection, [row[0] for row in rows])
        batch.actor = actor
        found = next(iter(fetch(connection, OPEN.format(where="c.id = %s"), (change_id,))), None)
        work = find_work(batch, found[2]) if found else None
        if rows and found is None:
            raise NotPossible("it was answered already", "reload the page")
        if found is None or work is None or work.stock_point_id not in points:
            raise NotFound("there is no such label to put on at your stock points", "reload the page")
        order = batch.orders[found[1]]
        if is_done:
            carry_out(batch, order, work, change_id)
        else:
            fail_change(batch, order, change_id, words.strip()[:200] or CANNOT, work)
        close_batch(batch)
    batch.tell()


def require_relabelled(batch: Batch, work: FulfilmentWork) -> None:
    """NotPossible while the label of what is packed has changed and nobody has said that the parcel bears the new one."""
    if batch.masters.labels and relabelling_of(batch.connection, work.id) is not None:
        raise NotPossible("its label has changed", "print the new one, put it on, and say so first")


def settle_relabellings(hub: Hub) -> int:
    """End what nobody can answer any more, and what the platform told and nobody answers in time. Answers how many."""
    with hub.begin() as connection:
        settled = fetch(connection, SETTLED, (list(LIVE), PLATFORM, HOLD))
        overdue = fetch(connection, OVERDUE, (PLATFORM, list(LIVE), ANSWER_MINUTES, hub.clock()))
        if not settled and not overdue:
            return 0
        batch = open_batch(hub, connection, [row[1] for row in (*settled, *overdue)])
        for change_id, order_id, fulfilment_id, way in settled:
            _end_settled(batch, change_id, batch.orders[order_id], find_work(batch, fulfilment_id), way)
        for change_id, order_id, fulfilment_id in overdue:
            fail_change(batch, batch.orders[order_id], change_id, SLOW, find_work(batch, fulfilment_id))
        close_batch(batch)
    batch.tell()
    return len(settled) + len(overdue)


def _end_settled(batch: Batch, change_id: int, order: OrderWork, work: FulfilmentWork | None, way: str) -> None:
    if any(line.shipped for line in (work.lines if work else ())):
        fail_change(batch, order, change_id, LATE if way == "update" else LEFT, work)
    elif way == "update":
        carry_out(batch, order, None, change_id)
    else:
        end_change(batch, order, change_id, "refused", NOBODY, work)
