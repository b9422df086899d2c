"""The transition tables are whole, and the page about them says the same."""

from __future__ import annotations

import pytest

from oms.domain.errors import WrongState
from oms.domain.lifecycle import MACHINES, OUTBOUND, Machine
from oms.domain.lifecycle_page import PAGE, page

#: States a document may stay in for ever, though something may still be done with it.
RESTS = {
    "order": {"completed", "cancelled"},
    "review": {"passed"},
    "fulfilment": {"shipped", "cancelled", "merged", "closed_short"},
    "stop": {"none", "stopped", "too_late"},
    "interception": {"succeeded", "failed", "withdrawn"},
    "parcel": {"delivered", "returned", "lost"},
    "outbound": {"done", "void"},
    "case review": {"agreed"},
    "case goods": {"none", "sent_back", "inspected"},
    "case money": {"none", "paid"},
    "case remedy": {"none", "shipped"},
    "case outcome": {"succeeded", "closed", "withdrawn"},
    "return receipt": {"put_away", "lost", "withdrawn"},
    "transfer": {"closed"},
}
machines = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


@machines
def test_every_state_named_by_a_transition_exists(machine: Machine) -> None:
    named = {state for t in machine.transitions for state in (*t.sources, t.target)}
    assert named <= set(machine.states)


@machines
def test_every_state_can_be_reached(machine: Machine) -> None:
    first = machine.states[0]
    assert [state for state in machine.states if state != first and not machine.path(first, state)] == []


@machines
def test_every_state_that_is_no_rest_leads_to_one(machine: Machine) -> None:
    rests = RESTS[machine.name]
    lost = [
        state for state in machine.states if state not in rests and not any(machine.path(state, rest) for rest in rests)
    ]
    assert lost == []


@machines
def test_an_action_leads_to_one_place_from_each_state(machine: Machine) -> None:
    pairs = [(source, t.action) for t in machine.transitions for source in t.sources]
    assert len(pairs) == len(set(pairs))


@machines
def test_every_state_has_its_own_chinese_word(machine: Machine) -> None:
    assert len(set(machine.terms.values())) == len(machine.terms)


def test_an_action_outside_the_table_is_refused_in_words() -> None:
    with pytest.raises(WrongState, match="outbound is done: retry is not possible"):
        OUTBOUND.target("done", "retry")


def test_the_shortest_way_is_found() -> None:
    (order,) = [machine for machine in MACHINES if machine.name == "order"]
    assert order.path("unpaid", "completed") == ("pay", "complete")
    assert order.path("open", "unpaid") == ()
    assert order.path("open", "open") == ()


def test_the_page_equals_the_tables() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m oms.domain.lifecycle_page"
