"""Carriers that say they do not go to a place are left out of the choice; they are asked once, and not while planning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import Retryable
from oms.app.kernel.queries.order_page import load_order
from oms.app.pipeline.labels.reach import ask_reach
from oms.app.rulebook.carriers_out import carriers_out
from tests.app.labels import own_labels
from tests.factories import World, advance, an_order, settle


@pytest.fixture
def patient(make_world: object) -> World:
    """A shop with a merge window of ten minutes whose point takes its own numbers of ZTO."""
    world: World = make_world(window=600)  # type: ignore[operator]
    own_labels(world)
    return world


def carrier(world: World, order: int) -> int | None:
    (work,) = [work for work in world.fulfilments(order) if work.status != "cancelled"]
    return int(work.carrier_id)


def states(world: World) -> list[str]:
    return [row.state for row in world.rows("select state from carrier_reach order by asked_at nulls last")]


def test_what_is_planned_with_a_carrier_that_does_not_go_there_is_planned_with_another(patient: World) -> None:
    order = an_order(patient)
    advance(patient)
    assert (carrier(patient, order), states(patient)) == (patient.carriers["ZTO"], ["wanted"])
    patient.script.next("reachable", n.Reach(False, "停运"))
    assert (ask_reach(patient.hub), ask_reach(patient.hub)) == (1, 0)
    advance(patient)
    assert (carrier(patient, order), states(patient)) == (patient.carriers["YTO"], ["no"])
    again = an_order(patient)
    advance(patient)
    assert carrier(patient, again) == patient.carriers["YTO"]
    assert len(patient.script.asked("reachable")) == 1
    patient.clock.forward(600)
    settle(patient)
    assert patient.script.asked("request_waybill") == []
    assert "carrier_left_out" in patient.events(again)


@pytest.mark.parametrize(("answer", "state"), [(n.Reach(True), "yes"), (Retryable("later"), "unknown")])
def test_who_goes_there_or_does_not_say_is_chosen_as_ever(patient: World, answer: object, state: str) -> None:
    order = an_order(patient)
    advance(patient)
    patient.script.next("reachable", answer)
    ask_reach(patient.hub)
    assert (carrier(patient, order), states(patient)) == (patient.carriers["ZTO"], [state])
    an_order(patient)
    advance(patient)
    assert (ask_reach(patient.hub), states(patient)) == (0, [state])


def test_an_interruption_ends_when_the_carrier_said_and_answers_grow_old(patient: World) -> None:
    an_order(patient)
    advance(patient)
    patient.script.next("reachable", n.Reach(False, "停运", patient.clock.now + timedelta(minutes=30)))
    ask_reach(patient.hub)
    patient.clock.forward(1801)
    after = an_order(patient)
    advance(patient)
    assert carrier(patient, after) == patient.carriers["ZTO"]
    patient.clock.forward(24 * 3600)
    an_order(patient)
    advance(patient)
    assert states(patient) == ["wanted"]


def test_without_labels_of_ours_nobody_is_asked(world: World) -> None:
    an_order(world)
    advance(world)
    assert states(world) == []


def left_out(world: World, order: int) -> list[tuple[str, str, str, bool]]:
    with world.hub.engine.connect() as connection:
        found = carriers_out(connection, load_order(connection, order))
    return [(one.code, one.why, one.words, one.at is None) for one in found]


def test_why_names_carriers_that_were_left_out_with_their_own_words(patient: World) -> None:
    order = an_order(patient)
    advance(patient)
    assert left_out(patient, order) == []
    patient.script.next("reachable", n.Reach(False, "停运"))
    ask_reach(patient.hub)
    advance(patient)
    assert left_out(patient, order) == [("ZTO", "said_no", "停运", False)]
    patient.run("insert into carrier_refusal (order_id, carrier_id, reason) values (:o, 2, 'unreachable')", o=order)
    for prefix, goes in (("33", True), ("", False)):
        patient.run("insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) values (3, :p, :g)",
                    p=prefix, g=goes)  # fmt: skip
    told = [("YTO", "no_number", "", False), ("ZTO", "said_no", "停运", False)]
    assert left_out(patient, order) == told  # The longest prefix speaks, and it goes there.
    patient.run("delete from carrier_coverage where division_prefix <> ''")
    assert left_out(patient, order) == [*told, ("SF", "coverage", "", True)]
