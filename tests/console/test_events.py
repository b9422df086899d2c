"""Every kind of event that anything leaves reads in words, never as its code."""

from __future__ import annotations

import re
from pathlib import Path

from connectors.contract.records import RefundState
from oms.console.telling.events import KINDS
from oms.domain import lifecycle

APP = Path(__file__).parents[2] / "oms" / "app"
NOTED = re.compile(r"\.note\(\s*[^,\"]+,\s*\"([a-z_]+)\"")


def test_kinds_written_in_the_code_have_words() -> None:
    noted = {kind for path in APP.rglob("*.py") for kind in NOTED.findall(path.read_text("utf-8"))}
    assert len(noted) > 10
    assert noted - KINDS.keys() == set()


def test_every_verb_of_orders_reviews_and_fulfilments_has_words() -> None:
    machines = (lifecycle.ORDER, lifecycle.REVIEW, lifecycle.FULFILMENT)
    verbs = {step.action for machine in machines for step in machine.transitions}
    assert verbs - KINDS.keys() == set()


def test_every_state_that_names_an_event_has_words() -> None:
    states = {f"parcel_{state}" for state in lifecycle.PARCEL.states}
    states |= {f"refund_{state.value}" for state in RefundState}
    states |= {f"interception_{state}" for state in lifecycle.INTERCEPTION.states}
    assert states - KINDS.keys() == set()
