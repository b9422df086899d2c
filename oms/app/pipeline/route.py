"""Step 2 预处理, last part: sourcing under the stock lock; planned fulfilments with their allocations and carrier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import RESERVE, lock_skus, sellable
from oms.app.kernel.shop_modes import is_left
from oms.app.kernel.work import DemandWork, FulfilmentLineWork, FulfilmentWork, OrderWork
from oms.app.pipeline.amounts import load_carried, load_prepaid, share_amounts
from oms.app.pipeline.day_capacity import FULL, fit_capacity, look_at_capacity, seen_full, take_room, wait_for_capacity
from oms.app.pipeline.goods import Goods
from oms.app.pipeline.observing import give_plans_back, is_decided, keep_plan
from oms.app.pipeline.placing.places import FINDING, say_place, told_out, wait_for_places
from oms.app.pipeline.refusals import NOBODY_SHIPS, load_refusals, seen_of
from oms.app.pipeline.routing.behind import say_unpriced
from oms.app.pipeline.routing.rules import SkuKinds, ask, is_left_to_people, is_ours, kinds_of, wishes_of
from oms.app.pipeline.routing.terms import bind_needs, follow_plan, say_terms
from oms.app.pipeline.routing.ways import Asked, Sellable, Way, find_way
from oms.app.pipeline.routing.wishes import Wishes
from oms.app.pipeline.splitting.by_rule import keep_apart, seals
from oms.app.pipeline.stores.deliveries import Delivery, deliveries_of, mark_mode, store_way
from oms.app.rulebook.decide import record
from oms.app.stock.left import left_in_pool
from oms.app.stock.reserving import leave_to_others, note_outcome
from oms.domain.holds import BEFORE_GO_LIVE, STOPPING_PLANS
from oms.domain.sourcing import Need, Part, Point, Sourced

RETRY = timedelta(seconds=60)
#: So many SKUs and stock points of a shortage are written down.
MOST_SKUS, MOST_POINTS = 3, 5
FAILURES = ("short_of_stock", "out_of_zone", "no_stock_point", "too_many_parcels", FULL)


def route(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    """Plan what is not planned yet. Takes the stock lock, unless flush does; nothing may be locked after it."""
    for order in orders:
        if order.fulfilments and is_left(order, batch.masters.shops[order.shop_id]):
            give_plans_back(batch, order)
    wanting = [(order, needs) for order in orders if (needs := _needs(batch, order))]
    wishes = ask(batch, [order for order, _ in wanting])
    wanting = [(order, needs) for order, needs in wanting if not is_left_to_people(order)]
    deliveries = deliveries_of(batch, [order for order, _ in wanting])
    waiting = wait_for_places(batch, [order for order, _ in wanting if order.id not in deliveries])
    load_refusals(batch, [order for order, _ in wanting])
    carried = load_carried(batch, [order for order, _ in wanting])
    prepaid = load_prepaid(batch, [order for order, _ in wanting])
    look_at_capacity(batch, [order for order, _ in wanting])
    stock = _sellable(batch, wanting)
    kinds = _kinds(batch, wanting, wishes)
    for order, needs in wanting:
        if order.id in waiting:  # It keeps what it needs until its place is known.
            note_outcome(batch, order, needs, stock.units, {}, is_planned=False)
            continue
        delivery, wish = deliveries.get(order.id), wishes.get(order.id)
        made = _route_order(batch, order, needs, Asked(needs, stock, goods, kinds), wish, delivery)
        mark_mode(made, delivery)
        share_amounts(order, made, carried.get(order.id), prepaid.get(order.id, 0))


def could_be_planned(batch: Batch, order: OrderWork, needs: list[Need], goods: Goods) -> bool:
    """Whether these goods alone could be planned now, as rules want it; nothing is promised."""
    wishes = wishes_of(batch, order)
    pool_id = batch.masters.shops[order.shop_id].pool_id
    sku_ids = sorted({need.sku_id for need in needs})
    kinds = kinds_of(batch, sku_ids) if wishes is not None and wishes.parts_goods else {}
    asked = Asked(needs, Sellable(left_in_pool(batch, pool_id, sku_ids, order.id), {}), goods, kinds)
    return not find_way(batch, order, asked, wishes).found.failure


def _kinds(batch: Batch, wanting: Sequence[tuple[OrderWork, list[Need]]], wishes: Mapping[int, Wishes]) -> SkuKinds:
    """What goods are told apart by, of the orders that a rule splits."""
    split = [needs for order, needs in wanting if order.id in wishes and wishes[order.id].parts_goods]
    return kinds_of(batch, [need.sku_id for needs in split for need in needs])


def _needs(batch: Batch, order: OrderWork) -> list[Need]:
    """Open units of an order that may be planned; what the system before us ships is decided only to be compared."""
    if order.status != "open" or order.fulfiller != "us":
        return []
    if BEFORE_GO_LIVE in order.platform_holds and batch.masters.shops[order.shop_id].mode != "observing":
        return []
    if any(hold.kind in STOPPING_PLANS and not is_ours(hold) for hold in order.holds):
        return []
    lines = {line.id: line for line in order.lines}
    needs = []
    for demand in order.demands:
        line = lines.get(demand.line_id)
        if line is not None and (units := demand.open_units) > 0 and not line.is_lost:
            needs.append(Need(demand.id, demand.sku_id, units, line.bound_group))
    return bind_needs(batch, order, needs)


def _sellable(batch: Batch, wanting: Sequence[tuple[OrderWork, list[Need]]]) -> Sellable:
    """What the batch's orders may be promised; locked until commit, or looked at again by flush."""
    if not wanting:
        return Sellable({}, {})
    pools = {batch.masters.shops[order.shop_id].pool_id for order, _ in wanting}
    sharing = batch.masters.promises.sharing
    if sharing:
        pools = {joined for pool_id in pools for joined in sharing.get(pool_id or 0, (pool_id,))}
    points = {card.id for pool_id in pools for _, card in batch.masters.open_points(pool_id)}
    sku_ids = {need.sku_id for _, needs in wanting for need in needs}
    if not batch.locks_late:
        lock_skus(batch, sku_ids)
    stock = sellable(batch, points, sku_ids, at_open=True)
    by_sku: dict[int, list[int]] = {id_: [] for id_ in sku_ids}
    for (_, sku_id), units in stock.items():
        by_sku[sku_id].append(units)
    everywhere = {id_: found for id_, found in by_sku.items() if found and len(found) == len(points)}
    return Sellable(stock, {id_: min(everywhere.get(id_, (0,))) for id_ in by_sku})


def _route_order(
    batch: Batch, order: OrderWork, needs: list[Need], asked: Asked, wishes: Wishes | None, delivery: Delivery | None
) -> list[FulfilmentWork]:
    is_observed = batch.masters.shops[order.shop_id].mode == "observing"
    if is_observed and is_decided(order, needs):
        return []
    stock = asked.stock
    if (left := leave_to_others(batch, order, needs, stock.units)) is not None:
        asked = replace(asked, stock=Sellable(left, {}))
    if delivery:
        way = fit_capacity(batch, order, lambda: store_way(batch, order, asked, delivery))
    else:
        way = fit_capacity(batch, order, lambda: find_way(batch, order, asked, wishes))
    found = way.found
    found.choices.extend(told_out(batch, order))
    seen = _seen(batch, asked, way)
    if found.failure == NOBODY_SHIPS:
        seen |= seen_of(batch, order)
    note_outcome(batch, order, needs, stock.units, seen, is_planned=not found.failure)
    _settle_failure(batch, order, found, seen)
    if found.failure or len(found.choices) > 1 or way.gone:
        said = {name: value for name, value in (("gone", way.gone), ("guide", found.guide)) if value}
        said |= say_terms(batch, order, found) | say_place(batch, order) | say_leaving(batch, found)
        said |= say_unpriced(batch, order, found)
        ways = {"ways": found.choices, **said} if said else found.choices
        record(batch, order, "route", found.failure or "sourced", choices=ways)
    if is_observed:
        keep_plan(batch, order, needs, found)
        return []
    demands = {demand.id: demand for demand in order.demands}
    follow_plan(batch, order, found, {need.demand_id: need.sku_id for need in needs})
    made = [plan_part(batch, order, part, demands, stock, is_apart=way.is_apart) for part in found.parts]
    if way.is_apart:
        keep_apart(batch, order, made)
    return made


def say_leaving(batch: Batch, found: Sourced) -> dict[str, Any]:
    """What a decision keeps of when goods leave: the day at each of its points that keeps hours or a cut-off."""
    leaves = batch.masters.rules.leaves
    days = [
        f"{batch.masters.points[part.point_id].code} {leaves[part.point_id].isoformat()}"
        for part in found.parts
        if part.point_id in leaves
    ]
    return {"leaves": days} if days else {}


def _seen(batch: Batch, asked: Asked, way: Way) -> dict[str, Any]:
    """What people need to know of a failure: goods that lack, and rules without which the order would be served."""
    if not way.found.failure:
        return {}
    is_short = way.found.failure == "short_of_stock"
    seen = _lack(batch, asked.needs, way.points, asked.stock.units, asked.goods) if is_short else {}
    if way.rules:
        seen |= {"rules": way.rules, "stage": way.stage}
    if way.gone:
        seen["gone"] = way.gone
    return seen | seen_full(batch, way.found)


def _lack(
    batch: Batch, needs: Sequence[Need], points: Sequence[Point], stock: dict[tuple[int, int], int], goods: Goods
) -> dict[str, Any]:
    """What people need to know of a shortage: units wanted, and sellable at each point, of a few SKUs that lack."""
    wanted: dict[int, int] = {}
    for need in needs:
        wanted[need.sku_id] = wanted.get(need.sku_id, 0) + need.units
    there = {id_: {point.id: max(0, stock.get((point.id, id_), 0)) for point in points} for id_ in wanted}
    lacking = [id_ for id_, units in wanted.items() if sum(there[id_].values()) < units] or list(wanted)
    return {"short": [
        {"sku": goods.skus[id_].code, "wanted": wanted[id_],
         "at": {batch.masters.points[point].code: units for point, units in list(there[id_].items())[:MOST_POINTS]}}
        for id_ in lacking[:MOST_SKUS]
    ]}  # fmt: skip


def _settle_failure(batch: Batch, order: OrderWork, found: Sourced, seen: dict[str, Any]) -> None:
    """Place the hold of this failure, clear those of earlier ones; try again by itself after a while."""
    for kind in (*FAILURES, FINDING) if order.holds else ():
        if kind != found.failure:
            batch.clear_hold(order, kind, "sourced")
    if not found.failure:
        order.attempts = 0
    else:
        hold = order.hold(found.failure)
        if hold is not None and hold.seen.get("rules") != seen.get("rules"):
            batch.clear_hold(order, found.failure, "decided anew")
        batch.place_hold(order, found.failure, seen)
        order.attempts += 1
        order.ready_at = batch.now + RETRY * min(order.attempts, 10)
        wait_for_capacity(batch, order, found)
        batch.touched.add(order.id)


def plan_part(
    batch: Batch,
    order: OrderWork,
    part: Part,
    demands: dict[int, DemandWork],
    stock: Sellable,
    *,
    is_apart: bool,
) -> FulfilmentWork:
    """A planned fulfilment at a point; its lines are the allocation. One that leaves apart is merged with no other."""
    work = FulfilmentWork(
        id=batch.new_id(), status="planned", stop="none", lead_order_id=order.id, shop_id=order.shop_id,
        stock_point_id=part.point_id, carrier_id=part.carrier_id, version=1, merge_key=None, order_count=1,
        goods_amount=0, freight_amount=0, collect_amount=0, currency=order.currency, is_cod=order.is_cod,
        is_split=False, is_sealed=seals(batch, order, is_apart=is_apart), warehouse_ref="", warehouse_step="",
        ship_by=order.ship_by, planned_at=batch.now, is_new=True,
    )  # fmt: skip
    for demand_id, units in part.units.items():
        demand = demands[demand_id]
        share = demand.share_amount * units // demand.units
        work.lines.append(
            FulfilmentLineWork(batch.new_id(), work.id, demand_id, order.id, demand.line_id, demand.sku_id, units, 0, 0,
                               0, share)
        )  # fmt: skip
        demand.planned += units
        if not demand.is_new:
            batch.touched_demands[demand.id] = demand
        stock.take(part.point_id, demand.sku_id, units)
        batch.move_stock((part.point_id, demand.sku_id, "good"), reserved=units, reason=RESERVE)
    take_room(batch, part.point_id)
    order.fulfilments.append(work)
    batch.new_fulfilments.append(work)
    batch.new_fulfilment_lines.extend(work.lines)
    detail: dict[str, Any] = {"point": part.point_id, "carrier": part.carrier_id}
    if part.point_id in batch.masters.rules.leaves:
        detail["leaves_on"] = batch.masters.rules.leaves[part.point_id].isoformat()
    batch.note(order, "planned", detail, fulfilment_id=work.id)
    return work
