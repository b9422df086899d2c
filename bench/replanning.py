"""`oms bench replanning`: how many extra parcels of held orders go away when their plans are looked at again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.hold_stream import Arrival, Drawn, Stream, draw
from oms.app.pipeline.replanning.ground import MOST_OTHERS, MOST_SPLIT
from oms.domain.replanning import MOST_ASKED, Held, Plan, replan
from oms.domain.sourcing import source

MOST_PARCELS: Final = 5
#: Every so many minutes of the stream plans are looked at again.
EVERY_MIN: Final = 30
#: An order that was planned anew is left alone for so many hours, as the usual setting says.
QUIET_H: Final = 1.0


@dataclass(slots=True)
class Run:
    """A stream on its way: what is free, which orders are held with their plans, and what has left."""

    drawn: Drawn
    free: dict[tuple[int, int], int]
    #: Orders with their plans and the hour at which they leave.
    held: dict[int, tuple[Arrival, Plan, float]] = field(default_factory=dict)
    parcels: dict[int, int] = field(default_factory=dict)
    #: When an order was planned anew last, in hours.
    moved: dict[int, float] = field(default_factory=dict)
    waiting: list[Arrival] = field(default_factory=list)
    seconds: float = 0.0
    cpu_s: float = 0.0
    moves: int = 0


def run_replanning(stream: Stream) -> dict[str, Any]:
    """The same stream twice, planned greedily alone and looked at again; parcels beyond one an order of those that left.

    Orders that come before the first have left are not counted: the holds are not full yet.
    """
    drawn = draw(stream)
    greedy, again = (_run(stream, drawn, looks_again=looks) for looks in (False, True))
    both = [id_ for id_ in greedy.parcels if id_ in again.parcels]
    before = sum(greedy.parcels[id_] - 1 for id_ in both)
    after = sum(again.parcels[id_] - 1 for id_ in both)
    return {
        "orders": len(both),
        "single_unit_share": round(_singles(drawn), 3),
        "split_before": sum(greedy.parcels[id_] > 1 for id_ in both),
        "split_after": sum(again.parcels[id_] > 1 for id_ in both),
        "extra_before": before,
        "extra_after": after,
        "removed_share": round(1 - after / before, 4) if before else 0.0,
        "still_short": len(again.waiting),
        "moves": again.moves,
        "seconds": round(again.seconds, 2),
        "cpu_seconds": round(again.cpu_s, 2),
        "seed": stream.seed,
    }


def _singles(drawn: Drawn) -> float:
    return sum(sum(need.units for need in one.needs) == 1 for one in drawn.arrivals) / len(drawn.arrivals)


def _run(stream: Stream, drawn: Drawn, *, looks_again: bool) -> Run:
    """The stream to its end, in steps of the time between two looks."""
    run = Run(drawn, dict(drawn.stock))
    arrivals = iter(drawn.arrivals)
    coming = next(arrivals, None)
    step = EVERY_MIN / 60
    for number in range(int((stream.hours + stream.hold_hours) / step)):
        until = (number + 1) * step
        if number * step == int(number * step):
            _refill(run, drawn.refills.get(int(number * step), ()))
            waiting, run.waiting = run.waiting, []
            for order in waiting:
                _plan(run, order, number * step + stream.hold_hours)
        while coming is not None and coming.at < until:
            _plan(run, coming, coming.at + stream.hold_hours)
            coming = next(arrivals, None)
        if looks_again:
            _look_again(run, until)
        for id_ in [id_ for id_, (_, _, leaves_at) in run.held.items() if leaves_at < until]:
            order, plan, _ = run.held.pop(id_)
            if order.at >= stream.hold_hours:
                run.parcels[id_] = len(plan)
    return run


def _refill(run: Run, come: Iterable[tuple[int, int, int]]) -> None:
    for point, sku, units in come:
        run.free[point, sku] = run.free.get((point, sku), 0) + units


def _plan(run: Run, order: Arrival, leaves_at: float) -> None:
    """Plan an order as it comes, as the hub does; one that is short is tried again when goods have come."""
    points = run.drawn.points[order.region]
    found = source(order.needs, points, run.free, run.drawn.weights, max_parcels=MOST_PARCELS)
    if not found.parts:
        run.waiting.append(order)
        return
    plan = {part.point_id: part.units for part in found.parts}
    skus = {need.demand_id: need.sku_id for need in order.needs}
    for point_id, units in plan.items():
        for demand_id, count in units.items():
            run.free[point_id, skus[demand_id]] -= count
    run.held[order.id] = order, plan, leaves_at


def _look_again(run: Run, at: float) -> None:
    """As the pump does: some split orders at a time, with others that hold the same goods."""
    quiet = {id_ for id_, moved_at in run.moved.items() if moved_at > at - QUIET_H}
    split = sorted(id_ for id_, (_, plan, _) in run.held.items() if len(plan) > 1 and id_ not in quiet)
    for start in range(0, len(split), MOST_SPLIT):
        asked = [id_ for id_ in split[start : start + MOST_SPLIT] if run.moved.get(id_) != at]
        skus = {need.sku_id for id_ in asked for need in run.held[id_][0].needs}
        mine = {*asked, *quiet, *(id_ for id_, moved_at in run.moved.items() if moved_at == at)}
        _change(run, [*asked, *_others(run, mine, skus)], at)
    if any(units < 0 for units in run.free.values()):
        raise AssertionError("stock was promised that is not there")


def _others(run: Run, mine: set[int], skus: set[int]) -> list[int]:
    """Who may give way: of each of the goods at each point those with least goods, the first of all before the second."""
    holding: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for id_, (order, plan, _) in run.held.items():
        if id_ not in mine:
            asked = {need.demand_id: need.sku_id for need in order.needs if need.sku_id in skus}
            keys = [(point, asked[demand]) for point, units in plan.items() for demand in units if demand in asked]
            for key in keys:
                holding.setdefault(key, []).append((len(keys), id_))
    best: dict[int, tuple[int, int]] = {}
    for here in holding.values():
        for place, (goods, id_) in enumerate(sorted(here)[:MOST_ASKED]):
            best[id_] = min(best.get(id_, (place, goods)), (place, goods))
    return sorted(best, key=lambda id_: (best[id_], id_))[:MOST_OTHERS]


def _change(run: Run, ids: Sequence[int], at: float) -> None:
    began, began_cpu = time.perf_counter(), time.process_time()
    asked = [(id_, *run.held[id_][:2]) for id_ in ids]
    orders = [Held(id_, order.needs, plan, run.drawn.points[order.region], MOST_PARCELS) for id_, order, plan in asked]
    moves = [move for group in replan(orders, run.free, run.drawn.weights) for move in group]
    run.seconds += time.perf_counter() - began
    run.cpu_s += time.process_time() - began_cpu
    run.moves += len(moves)
    for move in moves:
        order, plan, leaves_at = run.held[move.order_id]
        skus = {need.demand_id: need.sku_id for need in order.needs}
        after = {part.point_id: part.units for part in move.after}
        for sign, one in ((1, plan), (-1, after)):
            for point_id, units in one.items():
                for demand_id, count in units.items():
                    key = (point_id, skus[demand_id])
                    run.free[key] = run.free.get(key, 0) + sign * count
        run.held[move.order_id] = order, after, leaves_at
        run.moved[move.order_id] = at
