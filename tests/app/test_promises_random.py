"""Whatever happens to orders and stock: reservations are what orders wait for, and nobody is told more than there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from oms.app.kernel.queries.sellable import supply_of
from oms.app.stock.quotas import QuotaForm, set_policy, set_quota
from oms.app.stock.reserving_upkeep import let_expire
from oms.app.stock.telling import look_at_shelf
from oms.app.stock.waking import wake_short
from tests.app.invariants import check_invariants
from tests.app.shipping import ship_all
from tests.app.test_reserving import arrive, expect
from tests.factories import World, a_document, a_line, drain, raw, settle, take

#: What each order waits for, beside what it has reserved.
OUT_OF_STEP = """
select o.external_no, sku_id, w.units as waits, r.units as reserved
from (select d.order_id, d.sku_id, sum(d.units - d.planned - d.shipped - d.cancelled) as units from demand d
    join order_line l on l.id = d.order_line_id and not l.is_gone and l.platform_state <> 'cancelled'
      and l.refund_state not in ('asked', 'agreed', 'returned', 'succeeded')
    join orders o on o.id = d.order_id and o.status = 'open'
  group by 1, 2 having sum(d.units - d.planned - d.shipped - d.cancelled) > 0) w
full join (select order_id, sku_id, sum(units) as units from demand_reservation group by 1, 2) r
  using (order_id, sku_id) join orders o on o.id = order_id
where w.units is distinct from r.units and o.status <> 'unpaid'"""
UNPAID = """
select o.external_no, r.units, l.units from demand_reservation r join orders o on o.id = r.order_id
join lateral (select sum(ordered - cancelled) as units from order_line where order_id = o.id) l on true
where o.status = 'unpaid' and (r.units > l.units or r.expires_at is null)"""
SUMS = """
select * from pool_level p
join (select pool_id, sku_id, kind, sum(kept) as kept, sum(units) as units from demand_reservation group by 1, 2, 3) r
using (pool_id, sku_id, kind) where p.reserved <> r.kept or p.waiting <> r.units or p.reserved < 0"""
#: Nothing is kept for orders that cannot be served.
STARVING = "select order_id, kept, reach from demand_reservation where reach in ('never', 'large') and kept > 0"
OVERDRAWN = """
select q.id from stock_quota q join quota_use u on u.quota_id = q.id group by q.id having sum(u.units) > q.exclusive"""

PLAIN = (Phase.explicit, Phase.generate)  # A database an example: shrinking would make hundreds.
FIXTURE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
NUMBER, UNITS = st.integers(1, 6), st.integers(1, 5)
STEP = st.one_of(
    st.tuples(st.just("says"), NUMBER, UNITS, st.sampled_from(["open", "open", "unpaid", "cancelled", "asked"])),
    st.tuples(st.just("ships"), NUMBER),
    st.tuples(st.just("arrives"), UNITS),
    st.tuples(st.just("waits"), st.sampled_from([60, 700, 2000])),
    st.tuples(st.just("shares"), UNITS),
    st.tuples(st.just("giant"), NUMBER),
    st.tuples(st.just("announces"), UNITS),
)


def says(world: World, step: int, number: int, units: int, state: str) -> None:
    """The platform tells of an order; odd ones are of shop 1, which reserves with the order, even ones of shop 2."""
    refund: dict[str, Any] = {"refund": "asked", "case_no": "C"} if state == "asked" else {}
    state = "open" if state == "asked" else state
    document = a_document(f"N{number}", [a_line(units=units, **refund)], at=step, state=state)
    take(world, raw(document, step), shop=2 - number % 2)


def happen(world: World, step: int, what: str, *given_: Any) -> None:
    """One thing happens, and then all that follows from it."""
    if what == "says":
        says(world, step, *given_)
    elif what == "ships":
        for (id_,) in world.rows("select id from orders where external_no = :no", no=f"N{given_[0]}"):
            ship_all(world, id_)
    elif what == "arrives":
        arrive(world, "A", given_[0])
    elif what == "giant":
        says(world, step, given_[0] + 90, 100_000, "open")
    elif what == "announces":
        expect(world, {"A": given_[0]}, hours=1)
    elif what == "waits":
        world.clock.forward(given_[0])
        let_expire(world.hub)
    else:
        set_quota(world.hub, "shop", 2, "A", QuotaForm(exclusive=given_[0]), "ann")
    for _ in range(2):
        drain(wake_short, world)
        settle(world)


def check_small_ones(world: World) -> None:
    """No order is short of goods that are there and kept for nobody, however many wait for more than there is."""
    with world.hub.engine.connect() as connection:
        supply = supply_of(connection, 1, [world.skus["A"]])[world.skus["A"]]
        quotas = look_at_shelf(connection, world.hub.masters.get(connection, world.clock()), 1, [world.skus["A"]])
    free = supply.available - sum(quota.left or 0 for quota in quotas.exclusive(1, world.skus["A"]))
    short = world.rows(
        """select o.external_no, r.units from hold h join orders o on o.id = h.order_id and o.status = 'open'
           join demand_reservation r on r.order_id = o.id and r.kind = 'good' and r.reach <> 'now'
           where h.kind = 'short_of_stock' and h.cleared_at is null and r.units <= :free""",
        free=free,
    )
    assert short == []


def check_told(world: World) -> None:
    """What shops are told adds up to what is free, and none is told more than there is."""
    with world.hub.engine.connect() as connection:
        masters = world.hub.masters.get(connection, world.clock())
        sku = world.skus["A"]
        shelf = look_at_shelf(connection, masters, 1, [sku])
    supply, exclusive = shelf.supply[sku], [quota.left or 0 for quota in shelf.exclusive(1, sku)]
    free = supply.free(sum(exclusive))
    shares = {card.id: shelf.shares(card, sku) for card in masters.shops.values()}
    assert shares[1][0] + shares[2][0] + shares[1][1] == free <= max(0, supply.there)
    assert all(0 <= shelf.told(card, sku).units <= free for card in masters.shops.values())


#: Fewer units are for shop 2 alone, by a person's word or as one of its orders draws them: shop 1's wait no longer.
LOWERED: list[tuple[Any, ...]] = [
    ("says", 4, 1, "open"), ("says", 1, 4, "open"), ("says", 3, 2, "open"), ("announces", 3), ("shares", 5),
    ("waits", 700), ("arrives", 3), ("shares", 3),
]  # fmt: skip
DRAWN: list[tuple[Any, ...]] = [("shares", 3), ("says", 3, 3, "open"), ("giant", 6)]


@settings(max_examples=4, phases=PLAIN, suppress_health_check=FIXTURE)
@example(LOWERED)
@example(DRAWN)
@given(st.lists(STEP, min_size=8, max_size=16))
def test_reservations_are_what_orders_wait_for_whatever_happens(
    make_world: Callable[..., World], steps: list[tuple[Any, ...]]
) -> None:
    play(make_world(stock=2, reserve_at="order"), steps)


@pytest.mark.full
@settings(max_examples=60, phases=PLAIN, suppress_health_check=FIXTURE)
@given(st.lists(STEP, min_size=8, max_size=40))
def test_reservations_are_what_orders_wait_for_through_long_lives(
    make_world: Callable[..., World], steps: list[tuple[Any, ...]]
) -> None:
    play(make_world(stock=3, reserve_at="order"), steps)


def play(world: World, steps: list[tuple[Any, ...]]) -> None:
    """Play the steps in a world of two shops and look after each."""
    world.run(
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
           values (2, 's2', '二店', 1, 1, 1, 0)"""
    )
    set_policy(world.hub, 1, 0, {"short_hours": 24 * 365}, "ann")
    for number, step in enumerate(steps, 1):
        happen(world, number, *step)
        for question in (OUT_OF_STEP, UNPAID, SUMS, OVERDRAWN, STARVING):
            assert world.rows(question) == [], (steps[:number], question)
        check_told(world)
        check_small_ones(world)
    check_invariants(world)
    world.hub.engine.dispose()  # Each example has connections of its own.
