"""A clerk's round 配送趟次: parcels brought in one go, in the clerk's order; each ends delivered, refused or not met.

Every click has its own key, so that a form that a bad line sends twice does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.acting import Doing, StoreParcelWork, locked_parcel, note_act
from oms.app.pipeline.stores.handing import bring_back, hand_to_buyer, take_out, turn_down
from oms.app.pipeline.stores.money import Taken
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

MOST: Final = 60
#: Why nobody took a parcel that is to be brought again.
FAILED: Final = ("not_there", "wrong_address", "no_answer", "put_off", "other")
INSIDE: Final = "select distinct order_id from parcel_item where parcel_id = any(%s) order by 1"
ROUND: Final = "select status from delivery_round where id = %s and stock_point_id = %s for update"


def start_round(hub: Hub, doing: Doing, parcel_ids: Sequence[int]) -> int:
    """A clerk leaves with parcels, in this order; answers the round, the same one for a repeated click.

    NotPossible when one of them is not ready to be brought, or another clerk is out with it; then nobody leaves.
    """
    wanted = list(dict.fromkeys(parcel_ids))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid("parcels", "choose 1 to 60 parcels", "tick those you take along")
    with hub.begin() as connection:
        batch = open_batch(hub, connection, [row[0] for row in fetch(connection, INSIDE, (array_of(wanted),))])
        batch.actor = doing.actor
        known = fetch(connection, "select id from delivery_round where stock_point_id = %s and key = %s",
                      (doing.point_id, doing.key))  # fmt: skip
        if known:
            return int(known[0][0])
        round_id = batch.new_id()
        note_act(connection, hub, doing, "round", round_id, "start_round", parcels=len(wanted))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into delivery_round (id, stock_point_id, key, clerk, started_at)
                   values (%s, %s, %s, %s, %s)""",
                (round_id, doing.point_id, doing.key, doing.actor, batch.now),
            )
            # Parcels are locked by id, as everywhere; the clerk's order is kept beside them.
            for parcel_id in sorted(wanted):
                _take(batch, locked_parcel(batch, parcel_id, doing.point_id), doing)
            cursor.executemany(
                "insert into round_stop (delivery_round_id, parcel_id, place) values (%s, %s, %s)",
                [(round_id, parcel_id, place) for place, parcel_id in enumerate(wanted, 1)],
            )
        close_batch(batch)
    batch.tell()
    return round_id


def _take(batch: Batch, parcel: StoreParcelWork, doing: Doing) -> None:
    if parcel.point_id != doing.point_id:
        raise NotFound("there is no such parcel here", "look whether you work at the right store")
    if parcel.state != "ready":
        raise NotPossible("one of them is not ready to be brought", "reload the list; somebody may have it already")
    take_out(batch, parcel, doing.actor)
    batch.note(batch.orders[parcel.order_id], "receiver_unmasked", {"reason": "delivery round"})


def deliver_stop(hub: Hub, doing: Doing, round_id: int, parcel_id: int, taken: Taken | None = None) -> None:
    """The buyer has it, and paid what was due."""
    _end(hub, doing, round_id, parcel_id, "delivered", lambda batch, parcel: hand_to_buyer(batch, parcel, doing, taken))


def refuse_stop(hub: Hub, doing: Doing, round_id: int, parcel_id: int, reason: str) -> None:
    """The buyer does not take it."""
    _end(hub, doing, round_id, parcel_id, "refused", lambda batch, parcel: turn_down(batch, parcel, reason))


def fail_stop(hub: Hub, doing: Doing, round_id: int, parcel_id: int, reason: str) -> None:
    """It was not handed over and comes back to the store, to be brought again."""
    if reason not in FAILED:
        raise Invalid("reason", "a reason is needed", "say why it was not handed over")
    _end(hub, doing, round_id, parcel_id, "failed", lambda batch, parcel: bring_back(batch, parcel, reason))


def _end(
    hub: Hub, doing: Doing, round_id: int, parcel_id: int, result: str, apply: Callable[[Batch, StoreParcelWork], None]
) -> None:
    with hub.begin() as connection:
        if not note_act(connection, hub, doing, "parcel", parcel_id, f"round_{result}", round=round_id):
            return
        batch = open_batch(hub, connection, [row[0] for row in fetch(connection, INSIDE, (array_of([parcel_id]),))])
        batch.actor = doing.actor
        _require_out(connection, doing, round_id)
        _require_open(connection, round_id, parcel_id)
        apply(batch, locked_parcel(batch, parcel_id, doing.point_id))
        close_batch(batch)
    batch.tell()
    hub.poke("advance")


def _require_open(connection: Connection, round_id: int, parcel_id: int) -> None:
    question = "select result from round_stop where delivery_round_id = %s and parcel_id = %s"
    rows = fetch(connection, question, (round_id, parcel_id))
    if not rows:
        raise NotFound("this parcel is not on the round", "reload the page")
    if rows[0][0] != "open":
        raise NotPossible("this stop has ended already", "look at how it ended")


def _require_out(connection: Connection, doing: Doing, round_id: int) -> None:
    rows = fetch(connection, ROUND, (round_id, doing.point_id))
    if not rows:
        raise NotFound("there is no such round here", "look whether you work at the right store")
    if rows[0][0] != "out":
        raise NotPossible("this round has ended", "look at how each parcel ended")


def move_stop(hub: Hub, doing: Doing, round_id: int, parcel_id: int, steps: int) -> None:
    """Bring a parcel sooner (steps below 0) or later; what has ended keeps its place behind."""
    with hub.begin() as connection:
        if not note_act(connection, hub, doing, "round", round_id, "move_stop", parcel=parcel_id, steps=steps):
            return
        _require_out(connection, doing, round_id)
        question = """select parcel_id from round_stop where delivery_round_id = %s
                      order by result <> 'open', place, parcel_id"""
        order = [row[0] for row in fetch(connection, question, (round_id,))]
        if parcel_id not in order:
            raise NotFound("this parcel is not on the round", "reload the page")
        place = order.index(parcel_id)
        order.insert(max(0, min(len(order) - 1, place + steps)), order.pop(place))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.executemany(
                "update round_stop set place = %s where delivery_round_id = %s and parcel_id = %s",
                [(number, round_id, id_) for number, id_ in enumerate(order, 1)],
            )
