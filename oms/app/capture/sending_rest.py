"""A person's word that somebody else shipped some lines of an order, and that the rest is to be sent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fill, lock_with_siblings
from oms.app.kernel.work import HoldWork, LineWork, OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible, WrongState

KIND: Final = "already_shipped"
#: What the lifted hold keeps: line → units that are not ours to send. Later documents are read with it.
REMEMBER: Final = "update hold set seen = seen || %s::jsonb where id = %s"


def send_rest(hub: Hub, order_id: int, line_ids: Collection[int], actor: str, reason: str) -> None:
    """Count what is open of these lines as shipped elsewhere, lift the hold and let the other lines go on.

    Nothing of the named lines is booked out of our stock or told to the platform. NotPossible when units of them are
    still at a warehouse, or when nothing would be left to send.
    """
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say who shipped them")
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, [order_id]))
        if order_id not in batch.orders:
            raise NotFound("there is no such order")
        order = batch.orders[order_id]
        hold = _hold_of(order)
        lines = _named(order, hold, set(line_ids))
        units = {str(line.id): line.ordered - line.shipped for line in lines}
        for line in lines:
            _give_up(batch, order, line)
        batch.note(order, "sent_elsewhere", {"lines": [line.external_no for line in lines], "reason": reason[:500]})
        batch.clear_hold(order, KIND, reason[:500])
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(REMEMBER, (orjson.dumps({"elsewhere": units}).decode(), hold.id))
        order.ready_at = batch.now
        flush(batch)
    hub.poke("advance")


def can_be_named(line: LineWork, hold: HoldWork) -> bool:
    """Whether the hold shows this line as shipped and something of it is still to be sent by us."""
    is_open = line.is_goods and not line.is_void and line.ordered > line.cancelled + line.shipped
    return is_open and line.id in hold.seen.get("lines", ())


def _hold_of(order: OrderWork) -> HoldWork:
    if order.status != "open":
        raise WrongState("order", order.status, "send_rest")
    hold = order.hold(KIND)
    if hold is None:
        raise NotPossible("it is not held as shipped elsewhere", "reload the page")
    return hold


def _named(order: OrderWork, hold: HoldWork, ids: set[int]) -> list[LineWork]:
    """The lines named, each of them one that can be."""
    if not ids:
        raise Invalid("line_ids", "no line is named", "name the lines that were shipped elsewhere")
    lines = [line for line in order.lines if line.id in ids and can_be_named(line, hold)]
    if len(lines) < len(ids):
        raise Invalid("line_ids", "the platform does not show these lines as shipped", "name lines that the hold names")
    if any(line.planned for line in lines):
        raise NotPossible(
            "units of these lines are still at a warehouse", "wait until the warehouse gives them back or has sent them"
        )
    left = [line for line in order.lines if line.is_goods and not line.is_void and line.id not in ids]
    if not any(line.shipped or line.ordered > line.cancelled for line in left) and not any(x.shipped for x in lines):
        raise NotPossible("nothing would be left to send", "leave it on hold, or cancel the order")
    return lines


def _give_up(batch: Batch, order: OrderWork, line: LineWork) -> None:
    """What is open of a line is cancelled here; gifts that hang on it are sent with the rest."""
    line.cancelled = line.ordered - line.shipped
    batch.touched_lines[line.id] = line
    for demand in order.demands:
        if demand.line_id == line.id and demand.origin != "gift" and demand.open_units:
            demand.cancelled += demand.open_units
            batch.touched_demands[demand.id] = demand
