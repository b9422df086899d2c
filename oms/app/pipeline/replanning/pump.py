"""The pump that looks again at what is planned and not sent (重排): claims a pool, searches, plans anew what that saves.

The search runs without locks; only orders that change are locked, and those that have moved on meanwhile stay as they
are. Stock is locked last, by flush.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import text

from oms.app.intercept.emergency import Stops, stops_in_force
from oms.app.intercept.enforce import take_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.capacity import read_room
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import StockGone
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.amounts import load_prepaid, share_amounts
from oms.app.pipeline.merging.keys import Keys, load_keys
from oms.app.pipeline.replanning.ground import Ground, is_as_seen, look_at, may_change
from oms.app.pipeline.route import plan_part
from oms.app.pipeline.routing.ways import Sellable
from oms.app.rulebook.decide import record
from oms.app.stock.left import left_in_pool
from oms.db.bulk import copy_rows
from oms.domain.money import FREIGHT_CURRENCY
from oms.domain.replanning import Move, replan
from oms.domain.sourcing import PARCEL_PENALTY

REASON: Final = "replanned"
#: Orders that are locked at once.
MOST_LOCKED: Final = 200
ROW: Final = ("id", "at", "pool_id", "order_id", "kind", "parcels", "amount", "currency")
READY: Final = "exists (select from replan_setting where is_on and due_at <= now())"
LOG = structlog.get_logger("replanning")
_CLAIM = text("""
with due as (select pool_id from replan_setting where is_on and due_at <= :now order by due_at limit 1
  for update skip locked)
update replan_setting s set due_at = :now + make_interval(mins => s.every_min) from due where due.pool_id = s.pool_id
returning s.pool_id, s.least_amount, s.quiet_min, s.reached, s.due_at""")
_GO_ON = text("""
update replan_setting set reached = :reached, due_at = case when :reached > 0 then :now else due_at end
where pool_id = :pool_id and due_at = :mine""")

Group = tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A pool to look at, what a change must save, and up to which order this round has looked."""

    pool_id: int
    least_amount: int
    quiet_min: int
    reached: int
    mine: datetime


def replan_next(hub: Hub) -> int:
    """Look at the next split orders of the pool that has waited longest; answers how many, 0 when no pool is due."""
    with hub.begin() as connection:
        row = connection.execute(_CLAIM, {"now": hub.clock()}).one_or_none()
    if row is None:
        return 0
    claimed = Claimed(*row)
    with hub.turn("replan"):
        ground, groups = search(hub, claimed)
    for some in _portions(groups):
        try:
            _change(hub, claimed, ground, some)
        except StockGone:  # Promised to others since it was looked at; the next round sees what is left.
            LOG.info("replanning put off", pool=claimed.pool_id, orders=sum(map(len, some)))
    with hub.begin() as connection:
        values = {"reached": ground.reached, "now": hub.clock(), "pool_id": claimed.pool_id, "mine": claimed.mine}
        connection.execute(_GO_ON, values)
    return max(1, len(ground.orders))


def search(hub: Hub, claimed: Claimed) -> tuple[Ground, list[Group]]:
    """What would be saved, in a transaction that the database itself keeps from writing."""
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("set transaction read only")
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())
        ground = look_at(batch, claimed.pool_id, claimed.reached, timedelta(minutes=claimed.quiet_min))
        connection.rollback()
    return ground, replan(ground.orders, ground.free, ground.weights, least_amount=claimed.least_amount)


def _portions(groups: Sequence[Group]) -> list[list[Group]]:
    """Groups cut so that each transaction locks few orders."""
    portions: list[list[Group]] = []
    size = MOST_LOCKED
    for group in groups:
        if size + len(group) > MOST_LOCKED:
            portions.append([])
            size = 0
        portions[-1].append(group)
        size += len(group)
    return portions


def _change(hub: Hub, claimed: Claimed, ground: Ground, groups: Sequence[Group]) -> None:
    """Do what is still possible of some groups, in one transaction."""
    with hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, locks_late=True)
        fill(batch, lock_orders(connection, [m.order_id for g in groups for m in g], skip_locked=True))
        _Change(batch, claimed, ground, groups).do()
        for order in batch.orders.values():
            if order.id in batch.touched:
                recount(batch, order)
        flush(batch)
    batch.tell()


class _Change:
    """One transaction's work: which groups can still be done, and doing them."""

    def __init__(self, batch: Batch, claimed: Claimed, ground: Ground, groups: Sequence[Group]) -> None:
        self.batch, self.claimed, self.ground = batch, claimed, ground
        self.stops: Stops = stops_in_force(batch)
        self.open = [group for group in groups if all(self._is_intact(move) for move in group)]
        orders = [batch.orders[move.order_id] for group in self.open for move in group]
        skus = {line.sku_id for order in orders for work in order.fulfilments for line in work.lines}
        points = {part.point_id for group in self.open for move in group for part in move.after}
        points |= {work.stock_point_id for order in orders for work in order.fulfilments}
        read_room(batch, points)
        units = left_in_pool(batch, claimed.pool_id, sorted(skus), scarce_first=True) if orders else {}
        self.stock = Sellable({(p, s): units.get((p, s), 0) for p in points for s in skus}, dict.fromkeys(skus, 0))
        self.keys: Keys = load_keys(batch, orders)
        self.dues = self._windows(orders)
        self.prepaid = load_prepaid(batch, orders)
        self.rows: list[tuple[object, ...]] = []

    def do(self) -> None:
        """Groups for which there is stock now; what one leaves another may take, so that others are asked again."""
        waiting = self.open
        while waiting:
            later = [group for group in waiting if not self._perform(group)]
            if len(later) == len(waiting):
                break
            waiting = later
        copy_rows(self.batch.connection, "replan", ROW, self.rows)

    def _is_intact(self, move: Move) -> bool:
        """Whether the order is locked, is planned as it was, and nothing stops it where it would go."""
        order = self.batch.orders.get(move.order_id)
        if order is None or not is_as_seen(self.ground.works[order.id], order):
            return False
        if not may_change(self.batch, order, self.claimed.pool_id):
            return False
        parts = move.after
        return not any(self.stops.against(order.id, order.shop_id, p.point_id, p.carrier_id) for p in parts)

    def _perform(self, group: Group) -> bool:
        net: dict[tuple[int, int], int] = {}
        for move in group:
            skus = {demand.id: demand.sku_id for demand in self.batch.orders[move.order_id].demands}
            after = {part.point_id: part.units for part in move.after}
            for sign, plan in ((1, move.before), (-1, after)):
                for point_id, units in plan.items():
                    for demand_id, count in units.items():
                        key = (point_id, skus[demand_id])
                        net[key] = net.get(key, 0) + sign * count
        if any(units < 0 and self.stock.units[key] + units < 0 for key, units in net.items()) or not self._fits(group):
            return False
        for move in group:
            self._leave(self.batch.orders[move.order_id])
        for move in group:
            self._plan(self.batch.orders[move.order_id], move)
        return True

    def _fits(self, group: Group) -> bool:
        """Whether points with a daily capacity can do today what the group would leave there."""
        room = self.batch.room
        if not room:
            return True
        more = Counter([part.point_id for move in group for part in move.after])
        return all(room.get(point_id, count) >= count for point_id, count in more.items())

    def _leave(self, order: OrderWork) -> None:
        for work in list(order.fulfilments):
            for line in work.lines:
                self.stock.units[work.stock_point_id, line.sku_id] += line.open_units
            take_back(self.batch, work, REASON)

    def _plan(self, order: OrderWork, move: Move) -> None:
        """The new plan with its share of the money; it waits for others no longer than the old one would have."""
        demands = {demand.id: demand for demand in order.demands}
        made = [plan_part(self.batch, order, part, demands, self.stock, is_apart=False) for part in move.after]
        share_amounts(order, made, None, self.prepaid.get(order.id, 0))
        due = self.dues.get(order.id)
        for work in made if due is not None else ():
            work.merge_key = self.keys.key_of(self.batch, order, work)
            if work.merge_key is not None and due is not None:
                self.batch.merge_groups[work.merge_key] = (order.shop_id, due, order.is_masked)
        self._tell(order, move)
        self.batch.pokes.add("advance")

    def _tell(self, order: OrderWork, move: Move) -> None:
        """On the timeline, for the page that says why, and for the sums of what was saved."""
        batch = self.batch
        before, after = list(move.before), [part.point_id for part in move.after]
        cost = sum(part.cost for part in move.after) + PARCEL_PENALTY * (len(after) - 1)
        was = sum(part.cost for part in move.after) + move.amount + PARCEL_PENALTY * (len(before) - 1)
        others = [batch.orders[id_].external_no for id_ in move.others if id_ in batch.orders]
        told = {"was_at": self._codes(before), "goes_from": self._codes(after), "saved_parcels": move.parcels}
        batch.note(order, REASON, told | {"kind": move.kind, "saved": move.amount, "exchanged_with": others})
        ways = [(before, was, ""), (after, cost, "chosen")]
        notes = {move.kind: others} if others else {}
        record(batch, order, "route", REASON, choices={"ways": ways, **notes, "parcels_saved": move.parcels})
        self.rows.append((batch.new_id(), batch.now, self.claimed.pool_id, order.id, move.kind, move.parcels, move.amount,
                          FREIGHT_CURRENCY))  # fmt: skip

    def _codes(self, point_ids: Sequence[int]) -> list[str]:
        return [self.batch.masters.points[id_].code for id_ in point_ids]

    def _windows(self, orders: Sequence[OrderWork]) -> dict[int, datetime]:
        """When the first of the groups ends in which an order waits for others, by order."""
        keys = {work.merge_key: o.id for o in orders for work in o.fulfilments if work.merge_key is not None}
        question = "select merge_key, due_at from merge_group where merge_key = any(%s)"
        dues: dict[int, datetime] = {}
        for key, due_at in fetch(self.batch.connection, question, (list(keys),)) if keys else ():
            order_id = keys[bytes(key)]
            dues[order_id] = min(due_at, dues.get(order_id, due_at))
        return dues
