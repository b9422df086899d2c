"""改地址: follows a receiver that the platform has changed, without stopping the work at a warehouse where it can be.

update: the label is ours, its carrier changes it while the warehouse works on. renew: the warehouse gives it back and
gets it anew as another version. Everything else is asked back and planned anew. Either way the receiver is the
platform's from now on; a change that fails asks the goods back (labels.changed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.labels.asking import is_ours, keep_change, send_changes
from oms.app.pipeline.labels.changed import HOLD, PLATFORM, change_of, go_together, reaches, supersede
from oms.app.pipeline.routing.rules import ask, is_left_to_people
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.holds import CALLING_BACK

#: What people had put in the place of a receiver no longer counts once the platform tells another one.
FORGET: Final = """
update label_change set was_key = null where order_id = any(%s) and was_key is not null and state = 'confirmed'"""
REPLACED: Final = "the buyer changed it once more"


@dataclass(frozen=True, slots=True)
class Move:
    """An order whose receiver the platform has changed: the parts that differ, and what was known of the one before.

    `was_passed`: a tier that looks at the address had passed the order.
    """

    order: OrderWork
    what: list[str] = field(default_factory=list)
    was_place: str = ""
    was_passed: bool = False


Moves = Mapping[int, Move]


def follow_receivers(batch: Batch, moved: Sequence[Move]) -> None:
    """Have the goods of these orders go to their new receivers, which are stored already."""
    moves = {move.order.id: move for move in moved}
    done: set[int] = set()
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(FORGET, (array_of(sorted(moves)),))
    for move in moved:
        if not move.order.fulfilments:
            continue
        work = _only_work(move.order)
        if work is not None and work.id in done:
            continue
        way = _way(batch, work, moves) if work is not None else ""
        supersede(batch, move.order)
        if work is None or not way:
            _ask_back(batch, move.order)
        else:
            done.add(work.id)
            _follow(batch, work, way, moves)


def _only_work(order: OrderWork) -> FulfilmentWork | None:
    """The one fulfilment under way; None where there are several, which only planning anew brings together."""
    return order.fulfilments[0] if len(order.fulfilments) == 1 else None


def _ask_back(batch: Batch, order: OrderWork) -> None:
    """Whatever is planned or at a warehouse carries the old receiver: hold it until it has come back."""
    hold = order.hold(HOLD)
    is_over = all(work.stop == "too_late" for work in order.fulfilments)
    if hold is not None and hold not in batch.new_holds and (change_of(order) or is_over):
        batch.clear_hold(order, HOLD, REPLACED)  # The warehouse is asked once more, for what was told now.
    batch.place_hold(order, HOLD)


def _way(batch: Batch, work: FulfilmentWork, moves: Moves) -> str:
    """update or renew; empty where the goods are planned anew."""
    orders = [batch.orders[id_] for id_ in work.order_ids]
    if work.mode != "courier" or not go_together(orders):
        return ""
    if any(order.id not in moves or not _stays(batch, moves[order.id], work) for order in orders):
        return ""
    if work.stop == "asked":
        return "renew" if all(change_of(order) for order in orders) else ""
    if work.status not in ("sent", "accepted") or work.stop != "none":
        return ""
    was_passed = any(moves[order.id].was_passed for order in orders)
    return "update" if not was_passed and is_ours(batch, work) else "renew"


def _stays(batch: Batch, move: Move, work: FulfilmentWork) -> bool:
    """Whether the same goods may still leave from there, by the same carrier, as far as this order goes."""
    order = move.order
    others = [hold for hold in order.holds if hold.kind in CALLING_BACK and not (hold.kind == HOLD and change_of(order))]
    lost = {line.id for line in order.lines if line.is_lost}
    is_whole = not any(line.shipped or line.cancelled or line.line_id in lost for line in work.lines)
    if order.status != "open" or others or not is_whole or order.fulfilments != [work]:
        return False
    if not reaches(batch, order, work):
        return False
    return order.division_code == move.was_place or _rules_allow(batch, order, work)


def _rules_allow(batch: Batch, order: OrderWork, work: FulfilmentWork) -> bool:
    """Whether rules, and what carriers have said, leave the stock point and the carrier for another place."""
    wishes = ask(batch, [order]).get(order.id)
    if is_left_to_people(order):
        return False
    if wishes is None:
        return True
    return work.stock_point_id not in wishes.points_out and work.carrier_id not in wishes.shape.carriers_out


def _follow(batch: Batch, work: FulfilmentWork, way: str, moves: Moves) -> None:
    lead, orders = batch.orders[work.lead_order_id], [batch.orders[id_] for id_ in work.order_ids]
    what = sorted({part for order in orders for part in moves[order.id].what})
    for order in orders:
        supersede(batch, order)
        batch.note(order, "label_asked", {"field": moves[order.id].what, "way": way}, fulfilment_id=work.id)
    change_id = keep_change(batch, lead, way, what, work=work, asked_by=PLATFORM)
    for order in orders if way == "renew" else ():
        batch.clear_hold(order, HOLD, REPLACED)
        batch.place_hold(order, HOLD, {"change": change_id})
    if way == "update":
        send_changes(batch, work, lead, change_id)
