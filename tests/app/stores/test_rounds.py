"""A clerk's round: several parcels out in an order, each ended once however often a bad line sends it."""

from __future__ import annotations

import pytest

from oms.app.pipeline.stores import handing, notes, rounds
from oms.app.pipeline.stores.money import Taken
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible
from tests.app.stores.kit import FAR, NEAR, at_once, carried, doing, note_of, on_hand, parcel_state, with_stores
from tests.factories import World

DUE = [{"kind": "cod", "amount": 1000, "paid_at": None}]


def to_bring(world: World, count: int) -> list[int]:
    """Parcels that wait at the store to be brought, the first to be paid at the door."""
    made = [carried(world, "delivery", **({"payments": DUE} if not number else {})) for number in range(count)]
    notes.send_note(world.hub, doing(1), note_of(world))
    for _, _, waybill in made:
        notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    return [parcel for _, parcel, _ in made]


def stops(world: World, round_id: int) -> list[tuple[int, str, str]]:
    return [(row[0], row[1], row[2]) for row in world.rows(
        "select parcel_id, result, reason from round_stop where delivery_round_id = :id order by place", id=round_id
    )]  # fmt: skip


def test_a_round_ends_when_each_of_its_parcels_has_ended(world: World) -> None:
    with_stores(world)
    first, second, third = to_bring(world, 3)
    click = doing(NEAR)
    round_id = rounds.start_round(world.hub, click, [second, first, third])
    assert rounds.start_round(world.hub, click, [second, first, third]) == round_id
    assert {parcel_state(world, parcel) for parcel in (first, second, third)} == {"out_for_delivery"}
    assert [parcel for parcel, *_ in stops(world, round_id)] == [second, first, third]
    rounds.move_stop(world.hub, doing(NEAR), round_id, first, -1)
    assert [parcel for parcel, *_ in stops(world, round_id)] == [first, second, third]
    with pytest.raises(Invalid, match="amount"):
        rounds.deliver_stop(world.hub, doing(NEAR), round_id, first)
    again = doing(NEAR)
    for _ in range(3):  # A bad line sends the form again and again.
        rounds.deliver_stop(world.hub, again, round_id, first, Taken(1000, "cash"))
    rounds.refuse_stop(world.hub, doing(NEAR), round_id, second, "not_wanted")
    assert world.one("select status from delivery_round") == "out"
    rounds.fail_stop(world.hub, doing(NEAR), round_id, third, "no_answer")
    assert world.one("select status from delivery_round") == "closed"
    assert stops(world, round_id) == [(first, "delivered", ""), (second, "refused", "not_wanted"),
                                      (third, "failed", "no_answer")]  # fmt: skip
    states = [parcel_state(world, parcel) for parcel in (first, second, third)]
    assert states == ["delivered", "refused", "ready"]
    assert world.rows("select amount, method from store_receipt") == [(1000, "cash")]
    assert world.one("select count(*) from transfer_parcel where parcel_id = :id", id=second) == 1
    assert on_hand(world, NEAR) == 10
    assert rounds.start_round(world.hub, doing(NEAR), [third]) != round_id


def test_two_clerks_do_not_leave_with_the_same_parcel(world: World) -> None:
    with_stores(world)
    parcels = to_bring(world, 2)
    clicks = [doing(NEAR, "user:7"), doing(NEAR, "user:8")]
    acts = [lambda click=click: rounds.start_round(world.hub, click, parcels) for click in clicks]
    assert at_once(world, *acts) == ["NotPossible", "done"]
    assert world.rows("select count(*), count(distinct delivery_round_id) from round_stop") == [(2, 1)]


def test_what_is_not_ready_or_of_another_store_goes_on_no_round(world: World) -> None:
    with_stores(world)
    parcels = to_bring(world, 2)
    _, collected, _ = carried(world)
    wrong: list[tuple[int, list[int], type[HubError]]] = [
        (NEAR, [], Invalid), (NEAR, [parcels[0], collected], NotPossible), (FAR, parcels, NotFound),
    ]  # fmt: skip
    for point, chosen, error in wrong:
        with pytest.raises(error):
            rounds.start_round(world.hub, doing(point), chosen)
    assert world.one("select count(*) from delivery_round") == 0
    assert {parcel_state(world, parcel) for parcel in parcels} == {"ready"}


def test_a_stop_ends_with_its_parcel_wherever_that_is_ended(world: World) -> None:
    with_stores(world)
    _, one, other = to_bring(world, 3)
    round_id = rounds.start_round(world.hub, doing(NEAR), [one, other])
    handing.not_met(world.hub, doing(NEAR), one)
    handing.hand_over(world.hub, doing(NEAR), other)
    assert [result for _, result, _ in stops(world, round_id)] == ["failed", "delivered"]
    assert world.one("select status from delivery_round") == "closed"
    with pytest.raises(NotPossible):
        rounds.fail_stop(world.hub, doing(NEAR), round_id, one, "other")
