"""Plans looked at again together: what is exchanged, what is left alone, and what always holds whatever is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.replanning import Held, Move, Plan, replan
from oms.domain.sourcing import Need, Point, source

EAST, WEST, SOUTH = 1, 2, 3
Free = dict[tuple[int, int], int]


def points(*reached: int, dear: int = 0) -> list[Point]:
    """Points with a carrier each; `dear` is what parcels of the second and later cost beyond the first."""
    return [_point(id_, rank, dear if rank else 0) for rank, id_ in enumerate(reached or (EAST, WEST))]


def _point(id_: int, rank: int, extra: int) -> Point:
    return Point(id_, rank, 100, lambda weight: (9, 500 + weight // 10 + extra))


def held(id_: int, needs: dict[int, int], plan: dict[int, list[int]], **changes: object) -> Held:
    """An order that needs units of SKUs; the plan names SKUs by point, each whole."""
    listed = [Need(id_ * 100 + sku, sku, units) for sku, units in needs.items()]
    where = {point: {id_ * 100 + sku: needs[sku] for sku in skus} for point, skus in plan.items()}
    return Held(id_, listed, where, **({"points": points(), "most_parcels": 5} | changes))  # type: ignore[arg-type]


def after(moves: Sequence[tuple[Move, ...]]) -> dict[int, dict[int, dict[int, int]]]:
    return {move.order_id: {part.point_id: part.units for part in move.after} for group in moves for move in group}


def test_goods_that_have_come_meanwhile_make_one_parcel_of_two() -> None:
    split = held(1, {7: 1, 8: 2}, {EAST: [7], WEST: [8]})
    ((move,),) = replan([split], {(EAST, 8): 2}, {7: 400, 8: 400})
    assert (move.order_id, move.kind, move.parcels, move.others) == (1, "moved", 1, ())
    assert after([(move,)]) == {1: {EAST: {107: 1, 108: 2}}}
    assert move.amount > 0


def test_an_order_for_one_unit_gives_way_to_the_point_that_is_left() -> None:
    split = held(1, {7: 1, 8: 1}, {EAST: [7], WEST: [8]})
    single = held(2, {8: 1}, {EAST: [8]})
    ((one, two),) = replan([split, single], {}, {7: 400, 8: 400})
    assert [(m.order_id, m.kind, m.parcels, m.others) for m in (one, two)] == [
        (1, "exchanged", 1, (2,)), (2, "gave_way", 0, (1,)),
    ]  # fmt: skip
    assert after([(one, two)]) == {1: {EAST: {107: 1, 108: 1}}, 2: {WEST: {208: 1}}}


def test_two_split_orders_exchange_and_both_are_whole() -> None:
    one = held(1, {7: 1, 8: 1}, {EAST: [7], WEST: [8]})
    two = held(2, {7: 1, 8: 1}, {EAST: [8], WEST: [7]})
    moves = replan([one, two], {}, {})
    assert sum(move.parcels for group in moves for move in group) == 2
    assert all(len(plan) == 1 for plan in after(moves).values())


def test_nothing_is_done_that_saves_too_little() -> None:
    far = points(dear=100_000)
    split = held(1, {7: 1, 8: 1}, {EAST: [7], WEST: [8]}, points=points())
    single = held(2, {8: 1}, {EAST: [8]}, points=far)
    assert replan([split, single], {}, {}) == []  # The one that gives way would go by a far dearer parcel.
    dear = held(3, {7: 1, 8: 1, 9: 1}, {EAST: [7, 8], WEST: [9]}, points=points(EAST, WEST, SOUTH, dear=50))
    assert replan([dear], {(EAST, 8): 1}, {}, least_amount=10_000) == []


def test_units_of_a_line_leave_from_one_point_where_the_setting_says_so() -> None:
    needs, plan, free = {7: 4, 8: 1, 9: 1}, {EAST: [7], WEST: [8], SOUTH: [9]}, {(WEST, 7): 2, (SOUTH, 7): 2}
    apart = held(1, needs, plan, points=points(EAST, WEST, SOUTH))
    assert after(replan([apart], free, {}))[1] == {WEST: {107: 2, 108: 1}, SOUTH: {107: 2, 109: 1}}
    whole = held(1, needs, plan, points=points(EAST, WEST, SOUTH), splits_units=False)
    assert replan([whole], free, {}) == []
    assert after(replan([whole], free | {(WEST, 7): 4}, {}))[1] == {WEST: {107: 4, 108: 1}, SOUTH: {109: 1}}


def test_what_must_leave_together_or_stay_is_neither_torn_nor_asked() -> None:
    bound = held(2, {8: 1, 9: 1}, {EAST: [8, 9]})
    for need in bound.needs:
        need.group = "set"
    split = held(1, {7: 1, 8: 1}, {EAST: [7], WEST: [8]})
    moves = replan([split, bound], {(WEST, 8): 1}, {})
    assert after(moves).get(2) is None  # Only half of the set could go west.
    stays = held(2, {8: 1}, {EAST: [8]}, gives_way=False)
    (group,) = replan([split, stays], {(WEST, 7): 1}, {})
    assert [(move.order_id, move.kind) for move in group] == [(1, "moved")]


def test_points_that_rules_leave_out_are_never_gone_to() -> None:
    split = held(1, {7: 1, 8: 1}, {EAST: [7], WEST: [8]}, points=points(WEST))
    moves = replan([split], {(EAST, 8): 5, (SOUTH, 7): 5, (SOUTH, 8): 5}, {})
    assert moves == []


AMOUNTS = st.integers(min_value=0, max_value=3)


@st.composite
def a_ground(draw: st.DrawFn) -> tuple[list[Held], Free]:
    """Orders planned by sourcing one after the other out of a drawn stock, and goods that have come since."""
    ids, skus = (EAST, WEST, SOUTH), range(5)
    free: Free = {(point, sku): draw(AMOUNTS) for point in ids for sku in skus}
    orders = []
    for id_ in range(1, draw(st.integers(2, 9)) + 1):
        wanted = draw(st.dictionaries(st.sampled_from(skus), st.integers(1, 2), min_size=1, max_size=3))
        group = "g" if draw(st.integers(0, 5)) == 0 else ""
        needs = [Need(id_ * 100 + sku, sku, units, group) for sku, units in wanted.items()]
        reached = points(*draw(st.permutations(ids))[: 2 + id_ % 2], dear=id_ % 3 * 40)
        found = source(needs, reached, free, {}, max_parcels=3)
        if not found.parts:
            continue
        plan = {part.point_id: dict(part.units) for part in found.parts}
        spend(free, needs, plan, -1)
        orders.append(Held(id_, needs, plan, reached, 3))
    for point in ids:
        free[point, draw(st.sampled_from(skus))] += draw(AMOUNTS)
    return orders, free


def spend(free: Free, needs: Sequence[Need], plan: Plan, sign: int) -> None:
    skus = {need.demand_id: need.sku_id for need in needs}
    for point, units in plan.items():
        for demand, count in units.items():
            free[point, skus[demand]] += sign * count


@settings(max_examples=50)
@given(a_ground(), st.sampled_from([0, 1, 200]))
def test_units_are_kept_stock_is_never_promised_twice_and_no_order_gets_more_parcels(
    ground: tuple[list[Held], Free], least: int
) -> None:
    orders, free = ground
    by_id = {order.id: order for order in orders}
    was = {order.id: {point: dict(units) for point, units in order.plan.items()} for order in orders}
    moves = replan(orders, dict(free), {}, least_amount=least)
    assert {order.id: order.plan for order in orders} == was  # What is told is done by the caller alone.
    seen: set[int] = set()
    for group in moves:
        ids = {move.order_id for move in group}
        assert seen.isdisjoint(ids)
        seen |= ids
        for move in group:
            order, plan = by_id[move.order_id], {part.point_id: part.units for part in move.after}
            assert len(plan) <= len(order.plan)
            counts: Counter[int] = Counter()
            for units in plan.values():
                counts.update(units)
            assert counts == Counter({need.demand_id: need.units for need in order.needs})
            assert set(plan) <= {point.id for point in order.points}
            bound = [{p for p, units in plan.items() if n.demand_id in units} for n in order.needs if n.group]
            assert len(set().union(*bound)) <= 1
            assert move.parcels == len(order.plan) - len(plan)
            spend(free, order.needs, order.plan, 1)
            spend(free, order.needs, plan, -1)
        parcels, amount = sum(m.parcels for m in group), sum(m.amount for m in group)
        assert parcels > 0 or 0 < least <= amount
    assert min(free.values()) >= 0
