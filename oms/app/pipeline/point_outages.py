"""停用与恢复: when a stock point goes out or comes back, what is planned and unsent is sourced again if that is asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.intercept.enforce import take_back, void_unsent
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.deliveries import OWN_GOODS
from oms.app.stock.points import refuse_promised, set_state
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotFound, NotPossible

#: Why a plan was taken back, on the timeline.
OUT, BACK = "point_out", "point_back"
#: What was being written when a point was switched is waited for at most so long, looked for so often.
LONGEST_S, LOOK_EVERY_S = 3.0, 0.02
#: Orders of one transaction.
AT_ONCE: Final = 200
#: Nothing of these has been called: planned, refused, or waiting to be sent. A store's own goods leave from nowhere else.
_UNSENT: Final = """
f.stop = 'none' and f.mode <> all(%s) and (f.status in ('planned', 'on_hold', 'refused')
  or (f.status = 'sending' and exists (select from outbound o where o.fulfilment_id = f.id and o.state = 'waiting'
      and o.kind in ('create_fulfilment', 'request_waybill') and o.sent_at is null)))"""
AT_POINT: Final = (
    f"select f.id, f.lead_order_id from fulfilment f where f.stock_point_id = %s and {_UNSENT} order by 2, 1"
)
#: What was planned elsewhere in the pools of a point since it went out.
ELSEWHERE: Final = f"""
select f.id, f.lead_order_id from fulfilment f join shop s on s.id = f.shop_id
join pool_member m on m.pool_id = s.stock_pool_id and m.stock_point_id = %s
where f.stock_point_id <> m.stock_point_id and {_UNSENT} and f.planned_at >=
  (select max(x.began_at) from point_outage x where x.stock_point_id = m.stock_point_id) order by 2, 1"""


@dataclass(frozen=True, slots=True)
class Moving:
    """What would be sourced again: fulfilments and the orders they lead."""

    fulfilments: int
    orders: int


def preview_switch(connection: Connection, point_id: int, state: str) -> Moving:
    """How much would be sourced again were the point switched to a state now."""
    rows = _concerned(connection, point_id, state)
    return Moving(len(rows), len({order_id for _, order_id in rows}))


def switch_point(
    hub: Hub, point_id: int, state: str, until: datetime | None, words: str, actor: str, *, is_moving: bool
) -> Moving:
    """Switch a point; with `is_moving` what is planned and not sent is sourced again at once. Answers what that was."""
    if not is_moving:
        set_state(hub, point_id, state, until, words, actor)
        if state == "closed":
            _look_again(hub, point_id, words, actor)
        return Moving(0, 0)
    # A point is only closed once nothing is promised there any more: until then it is out.
    set_state(hub, point_id, "outage" if state == "closed" else state, until, words, actor)
    _wait_for_running(hub)
    with hub.engine.connect() as connection:
        rows = _concerned(connection, point_id, state)
    moved = _move(hub, rows, BACK if state == "open" else OUT, actor)
    if state == "closed":
        set_state(hub, point_id, state, until, words, actor)
    _note(hub, point_id, moved.fulfilments)
    hub.poke("advance")
    return moved


def _look_again(hub: Hub, point_id: int, words: str, actor: str) -> None:
    """A point that was closed while something was being planned there is out instead, until that has left."""
    _wait_for_running(hub)
    try:
        with hub.engine.connect() as connection:
            refuse_promised(connection, point_id)
    except NotPossible:
        set_state(hub, point_id, "outage", None, words, actor)
        raise


def _wait_for_running(hub: Hub) -> None:
    """Until all has ended that was being written when the point was switched: whoever begins later sees it switched."""
    with hub.engine.connect() as connection:
        until = fetch(connection, "select pg_snapshot_xmax(pg_current_snapshot())::text")[0][0]
        ended = "select pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8"
        for _ in range(int(LONGEST_S / LOOK_EVERY_S)):
            if fetch(connection, ended, (until,))[0][0]:
                return
            time.sleep(LOOK_EVERY_S)


def _concerned(connection: Connection, point_id: int, state: str) -> Sequence[tuple[Any, ...]]:
    if not fetch(connection, "select 1 from stock_point where id = %s", (point_id,)):
        raise NotFound("there is no such stock point", "look at the list")
    question = ELSEWHERE if state == "open" else AT_POINT
    return fetch(connection, question, (point_id, list(OWN_GOODS)))


def _move(hub: Hub, rows: Sequence[tuple[Any, ...]], reason: str, actor: str) -> Moving:
    """Take plans back, some orders at a time; what was sent meanwhile stays where it is."""
    wanted: dict[int, set[int]] = {}
    for work_id, order_id in rows:
        wanted.setdefault(order_id, set()).add(work_id)
    leads, count, orders = sorted(wanted), 0, set[int]()
    for start in range(0, len(leads), AT_ONCE):
        ids = leads[start : start + AT_ONCE]
        with hub.begin() as connection:
            batch = open_batch(hub, connection, ids)
            batch.actor = actor
            for work in _still_there(batch, {one for id_ in ids for one in wanted[id_]}):
                take_back(batch, work, reason)
                orders |= {work.lead_order_id}
                count += 1
            close_batch(batch)
        batch.tell()
    return Moving(count, len(orders))


def _still_there(batch: Batch, work_ids: set[int]) -> list[FulfilmentWork]:
    found = {work.id: work for order in batch.orders.values() for work in order.fulfilments if work.id in work_ids}
    return [
        work
        for work in found.values()
        if work.stop == "none"
        and (work.status in ("planned", "on_hold", "refused") or (work.status == "sending" and void_unsent(batch, work)))
    ]


def _note(hub: Hub, point_id: int, count: int) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update point_outage set moved = moved + %s where id =
                 (select max(id) from point_outage where stock_point_id = %s)""",
            (count, point_id),
        )
