"""Splitting by hand: lines and units into parcels, the money to the cent, gifts with their line, taken back whole."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.pipeline.splitting.by_hand import preview_split, split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from oms.domain.errors import Invalid, NotPossible
from tests.app.gift_rules import a_rule, gifts_in_force
from tests.app.joining import last_joining, live, money, units_of, waiting
from tests.app.shipping import ship_all
from tests.app.test_merging_and_stops import pair
from tests.factories import World, a_line, advance, settle

FREIGHT = {"kind": "freight", "listing_no": "", "seller_code": ""}


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def lines_of(world: World, order_id: int) -> dict[str, int]:
    """SKU → the line of the order's only fulfilment that is planned."""
    rows = world.rows(
        """select k.code, l.id from fulfilment_line l join sku k on k.id = l.sku_id
           join fulfilment f on f.id = l.fulfilment_id where l.order_id = :id and f.status = 'planned'""", id=order_id,
    )  # fmt: skip
    return dict(tuple(row) for row in rows)


def test_units_leave_in_two_parcels_with_the_money_shared_to_the_cent(patient: World) -> None:
    id_ = waiting(patient, a_line("1", "A", 3, 1000), a_line("2", "B", 1, 501), a_line("3", "", 1, 100, **FREIGHT),
                  is_cod=True)  # fmt: skip
    (work,) = live(patient, id_)
    lines = lines_of(patient, id_)
    with patient.hub.engine.connect() as connection:
        preview = preview_split(patient.hub, connection, work.id, [{lines["A"]: 2}])
    assert [(one.goods, one.freight, one.collect) for one in preview] == [(834, 56, 890), (667, 44, 711)]
    (part,) = split_fulfilment(patient.hub, work.id, [{lines["A"]: 2}], "user:1", "too heavy")
    assert (units_of(patient, work.id), units_of(patient, part)) == ({"A": 1, "B": 1}, {"A": 2})
    assert [money(one) for one in live(patient, id_)] == [(834, 56, 890), (667, 44, 711)]
    assert all(one.is_split for one in live(patient, id_))
    settle(patient)
    patient.clock.forward(601)
    settle(patient)
    notices = patient.script.asked("create")
    assert sorted((len(notice.lines), notice.collect_amount) for notice in notices) == [(1, 711), (2, 890)]
    ship_all(patient, id_)
    settle(patient)
    assert patient.phase(id_) == "shipped"
    with pytest.raises(NotPossible):
        undo(patient.hub, last_joining(patient), "user:1", "too late")


def test_a_split_that_is_taken_back_leaves_as_one_with_all_its_money(patient: World) -> None:
    id_ = waiting(patient, a_line("1", "A", 3, 1000), a_line("2", "B", 2, 7), is_cod=True)
    (before,) = live(patient, id_)
    lines = lines_of(patient, id_)
    split_fulfilment(patient.hub, before.id, [{lines["A"]: 1}, {lines["B"]: 2}], "user:1", "")
    assert len(live(patient, id_)) == 3
    undo(patient.hub, last_joining(patient), "user:2", "one is enough")
    (after,) = live(patient, id_)
    assert (after.id, money(after), units_of(patient, after.id)) == (before.id, money(before), {"A": 3, "B": 2})
    settle(patient)
    patient.clock.forward(601)
    settle(patient)
    (notice,) = patient.script.asked("create")
    assert (notice.collect_amount, sum(line.units for line in notice.lines)) == (1007, 5)
    assert patient.rows("select 1 from apart") == []


def test_a_gift_goes_with_the_line_that_earned_it(patient: World) -> None:
    gifts_in_force(patient, a_rule("g1", ("add_gift", {"sku": "D", "units": 2})))
    id_ = waiting(patient, a_line("1", "A", 2, 1000), a_line("2", "B", 1, 500))
    (work,) = live(patient, id_)
    lines = lines_of(patient, id_)
    (part,) = split_fulfilment(patient.hub, work.id, [{lines["B"]: 1, lines["D"]: 2}], "user:1", "")
    assert (units_of(patient, work.id), units_of(patient, part)) == ({"A": 2, "D": 2}, {"B": 1})


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({}, "nothing was chosen"), ({"A": 2, "B": 1}, "nothing stays"), ({"A": 5}, "more was chosen than there is"),
     ({"A": -1}, "more was chosen than there is")],
    ids=["nothing", "all", "too many", "negative"],
)  # fmt: skip
def test_parcels_that_cannot_be_are_refused(world: World, chosen: dict[str, int], words: str) -> None:
    world.run("update shop set merge_window_s = 600")
    id_ = waiting(world, a_line("1", "A", 2, 1000), a_line("2", "B", 1, 500))
    (work,) = live(world, id_)
    lines = lines_of(world, id_)
    with pytest.raises(Invalid, match=words):
        split_fulfilment(world.hub, work.id, [{lines[code]: units for code, units in chosen.items()}], "user:1", "")
    assert len(live(world, id_)) == 1


def test_what_must_leave_together_is_not_split(patient: World) -> None:
    bound = waiting(patient, a_line("1", "A", 1, 10, bound_group="g"), a_line("2", "B", 1, 10, bound_group="g"),
                    a_line("3", "C", 1, 10))  # fmt: skip
    lines = lines_of(patient, bound)
    with pytest.raises(Invalid, match="must leave together"):
        split_fulfilment(patient.hub, live(patient, bound)[0].id, [{lines["A"]: 1}], "user:1", "")
    whole = waiting(patient, a_line("1", "A", 2, 10), part_shipment_forbidden=True, buyer={"external_id": "x"})
    with pytest.raises(NotPossible, match="one parcel"):
        split_fulfilment(patient.hub, live(patient, whole)[0].id, [{lines_of(patient, whole)["A"]: 1}], "user:1", "")


def test_what_has_left_the_hub_is_not_split(patient: World) -> None:
    ids = pair(patient)
    advance(patient)
    patient.run("update stock_point set account_id = null")
    patient.clock.forward(601)
    settle(patient)
    (work,) = live(patient, ids[0])
    with pytest.raises(NotPossible, match="handed to its warehouse"):
        split_fulfilment(patient.hub, work.id, [{1: 1}], "user:1", "")


def test_parts_of_a_split_join_others_but_never_each_other(make_world: Any) -> None:
    world = make_world(window=600)
    id_ = waiting(world, a_line("1", "A", 2, 1000))
    (work,) = live(world, id_)
    split_fulfilment(world.hub, work.id, [{lines_of(world, id_)["A"]: 1}], "user:1", "")
    other = waiting(world, a_line("1", "B", 1, 500))
    world.clock.forward(601)
    settle(world)
    sent = [{line.sku_code: line.units for line in notice.lines} for notice in world.script.asked("create")]
    assert sorted(sent, key=len) == [{"A": 1}, {"A": 1, "B": 1}]
    assert live(world, other)[0].order_count == 2
