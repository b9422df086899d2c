"""Splitting a fulfilment of several orders: each keeps its own money to the cent, and everything is taken back whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fill, lock_orders
from oms.app.pipeline.amounts import load_carried
from oms.app.pipeline.merging.by_hand import join_orders
from oms.app.pipeline.splitting.by_hand import preview_split, split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from oms.app.pipeline.splitting.money import Purse, share_purses
from oms.domain.errors import Invalid
from oms.domain.parcelling import Money
from tests.app.joining import last_joining, live, money, units_of, waiting
from tests.app.shipping import ship_all
from tests.factories import World, a_line, settle

FREIGHT = {"kind": "freight", "listing_no": "", "seller_code": ""}


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def merged(world: World) -> tuple[list[int], int]:
    """Two orders that pay on delivery, one with freight, in one fulfilment."""
    first = waiting(world, a_line("1", "A", 3, 1000), a_line("2", "", 1, 101, **FREIGHT), is_cod=True)
    second = waiting(world, a_line("1", "B", 2, 333), is_cod=True)
    return [first, second], join_orders(world.hub, [first, second], "user:1", "")


def lines_in(world: World, fulfilment_id: int) -> dict[str, int]:
    """SKU → its line in a fulfilment."""
    rows = world.rows(
        """select k.code, l.id from fulfilment_line l join sku k on k.id = l.sku_id
           where l.fulfilment_id = :id and l.planned > l.cancelled""", id=fulfilment_id,
    )  # fmt: skip
    return dict(tuple(row) for row in rows)


def test_an_order_that_leaves_its_companion_takes_its_own_money_and_no_cent_more(patient: World) -> None:
    ids, lead = merged(patient)
    assert money(live(patient, ids[0])[0]) == (1333, 101, 1434)
    lines = lines_in(patient, lead)
    with patient.hub.engine.connect() as connection:
        preview = preview_split(patient.hub, connection, lead, [{lines["A"]: 3}])
    assert [(one.goods, one.freight, one.collect) for one in preview] == [(333, 0, 333), (1000, 101, 1101)]
    (part,) = split_fulfilment(patient.hub, lead, [{lines["A"]: 3}], "user:1", "another day")
    assert [work.id for work in live(patient, ids[0])] == [part]
    assert [work.id for work in live(patient, ids[1])] == [lead]
    rows = patient.rows("select id, lead_order_id, order_count from fulfilment where id in (:a, :b)", a=lead, b=part)
    assert sorted(map(tuple, rows)) == sorted([(lead, ids[1], 1), (part, ids[0], 1)])
    settle(patient)
    patient.clock.forward(601)
    settle(patient)
    assert sorted(notice.collect_amount for notice in patient.script.asked("create")) == [333, 1101]
    for id_ in ids:
        ship_all(patient, id_)
    settle(patient)
    assert sorted(told.order_no for told in patient.script.asked("push_shipment")) == ["T1", "T2"]


def test_what_an_order_carries_is_its_own_money_whatever_was_merged_and_split(patient: World) -> None:
    ids, lead = merged(patient)
    assert carried(patient, ids) == [1434 - 333, 333]
    split_fulfilment(patient.hub, lead, [{lines_in(patient, lead)["B"]: 2}], "user:1", "by itself after all")
    assert carried(patient, ids) == [1434 - 333, 333]
    split_fulfilment(patient.hub, lead, [{lines_in(patient, lead)["A"]: 1}], "user:1", "and one piece")
    again = join_orders(patient.hub, ids, "user:1", "")
    split_fulfilment(patient.hub, again, [{lines_in(patient, again)["B"]: 1}], "user:1", "half of it")
    assert carried(patient, ids) == [1434 - 333, 333]


def carried(world: World, ids: list[int]) -> list[int]:
    """What is to be collected in what is planned of each order."""
    with world.hub.begin() as connection:
        now = world.clock()
        batch = Batch(world.hub, connection, world.hub.masters.get(connection, now), now)
        orders = lock_orders(connection, ids)
        fill(batch, orders)
        found = load_carried(batch, orders)
    return [found[id_].collect for id_ in ids]


def test_units_of_both_orders_leave_in_both_parcels_and_come_together_again(patient: World) -> None:
    ids, lead = merged(patient)
    before = {id_: money(live(patient, id_)[0]) for id_ in ids}
    rows = patient.rows("select id, planned, share_amount from fulfilment_line where fulfilment_id = :id", id=lead)
    lines = lines_in(patient, lead)
    (part,) = split_fulfilment(patient.hub, lead, [{lines["A"]: 1, lines["B"]: 1}], "user:1", "too heavy")
    assert (units_of(patient, lead), units_of(patient, part)) == ({"A": 2, "B": 1}, {"A": 1, "B": 1})
    assert [money(work) for work in live(patient, ids[0])] == [(834, 67, 901), (499, 34, 533)]
    twice = split_fulfilment(patient.hub, part, [{lines_in(patient, part)["A"]: 1}], "user:1", "again")
    assert money(live(patient, ids[0])[-1]) == (333, 34, 367)
    undo(patient.hub, last_joining(patient), "user:1", "no")
    assert [work.id for work in live(patient, ids[0])] == [lead, part]
    assert [patient.one("select status from fulfilment where id = :id", id=id_) for id_ in twice] == ["merged"]
    undo(patient.hub, _open(patient), "user:1", "no")
    assert {id_: money(live(patient, id_)[0]) for id_ in ids} == before
    again = patient.rows("select id, planned, share_amount from fulfilment_line where fulfilment_id = :id", id=lead)
    assert sorted(map(tuple, again)) == sorted(map(tuple, rows))
    undo(patient.hub, _open(patient), "user:1", "not at all")
    assert [money(live(patient, id_)[0]) for id_ in ids] == [(1000, 101, 1101), (333, 0, 333)]
    assert [units_of(patient, live(patient, id_)[0].id) for id_ in ids] == [{"A": 3}, {"B": 2}]


def _open(world: World) -> int:
    """The newest line of the log that stands."""
    return int(world.one("select max(id) from joining where undone_at is null"))


def test_an_order_that_the_platform_wants_whole_stays_whole_among_others(patient: World) -> None:
    whole = waiting(patient, a_line("1", "A", 2, 10), part_shipment_forbidden=True)
    other = waiting(patient, a_line("1", "B", 1, 10))
    lead = join_orders(patient.hub, [whole, other], "user:1", "")
    lines = lines_in(patient, lead)
    with pytest.raises(Invalid, match="must leave together"):
        split_fulfilment(patient.hub, lead, [{lines["A"]: 1}], "user:1", "")
    split_fulfilment(patient.hub, lead, [{lines["A"]: 2}], "user:1", "")
    assert [len(live(patient, id_)) for id_ in (whole, other)] == [1, 1]


AMOUNTS = st.integers(0, 100_000)
LINES = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=3)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, LINES), min_size=1, max_size=4))
def test_the_parts_of_every_source_add_up_to_what_it_had(
    drawn: list[tuple[int, int, int, list[list[int]]]],
) -> None:
    purses, weights, at = [], [Counter[int]() for _ in range(3)], 0
    for goods, freight, collect, lines in drawn:
        mine = range(at, at + len(lines))
        at += len(lines)
        for id_, parts in zip(mine, lines, strict=True):
            for index, units in enumerate(parts):
                if units or index == 0:
                    weights[index][id_] = units * 7
        purses.append(Purse(frozenset(mine), Money(goods, freight, collect)))
    parcels = share_purses(purses, weights)
    for purse in purses:
        parts = [got.money for one in parcels for got in one.purses if got.lines <= purse.lines]
        assert tuple(map(sum, zip(*parts, strict=True))) == tuple(purse.money)
        assert all(min(part) >= 0 for part in parts)
