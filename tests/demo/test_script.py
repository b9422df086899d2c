"""The script acts when the hub is at the right place, and lets the warehouse go on once the hub has noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from oms.demo import faults
from oms.demo.plan import Part
from oms.demo.script import Script
from oms.demo.twins import Twins
from oms.demo.watching import Seen

NOWHERE = Seen("passed", datetime(2026, 1, 15, tzinfo=UTC), *[frozenset[str]()] * 6)


class Levers:
    """Stands in for the twins and notes what is asked of them."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.qimen = self

    def trade(self, tid: str, verb: str, **body: Any) -> dict[str, Any]:
        self.done.append((verb, tid, *body.values()))
        return {"modified": "2026-01-15 08:00:00"}

    def stall(self, tid: str, stage: str) -> None:
        self.done.append(("stall", tid, stage))

    def release(self, tid: str) -> None:
        self.done.append(("release", tid))

    def set_faults(self, active: list[dict[str, Any]]) -> None:
        self.done.append(("deaf" if active[0] in faults.DEAF else "itself",))

    def take(self) -> list[tuple[Any, ...]]:
        done, self.done = self.done, []
        return done


def seen(**changes: Any) -> Seen:
    sets: dict[str, Any] = {name: frozenset(words.split()) for name, words in changes.items() if name != "review"}
    return replace(NOWHERE, review=changes.get("review", "passed"), **sets)


def a_script(*parts: Part) -> tuple[Script, Levers]:
    levers = Levers()
    return Script.stage(cast(Twins, levers), parts), levers


@pytest.mark.parametrize(
    ("moment", "before", "there", "stage"),
    [
        ("sent", seen(statuses="sending"), seen(statuses="sent"), "NEW"),
        ("accepted", seen(statuses="sent"), seen(statuses="accepted"), "ACCEPT"),
        ("packing", seen(statuses="accepted", steps="CHECK"), seen(statuses="accepted", steps="PACKAGE"), "PACKAGE"),
        ("just_shipped", seen(steps="WEIGH"), seen(statuses="accepted", steps="DELIVERED"), "DELIVERED"),
    ],
)
def test_a_refund_waits_for_its_moment_and_the_warehouse_for_the_hub(
    moment: str, before: Seen, there: Seen, stage: str
) -> None:
    script, levers = a_script(Part("T1", "refund", moment, "L1"))
    assert levers.take() == [("stall", "T1", stage)]
    script.tick({"T1": before})
    assert levers.take() == []
    script.tick({"T1": there})
    assert levers.take() == [("refund", "T1", "L1")]
    script.tick({"T1": there})
    assert (levers.take(), script.is_over) == ([], False)
    script.tick({"T1": seen(interceptions="failed")})
    assert (levers.take(), script.is_over) == ([("release", "T1")], True)
    assert script.refunds_by_moment() == {moment: 1}


def test_a_planned_order_is_kept_from_the_reviewer_until_the_hub_holds_it() -> None:
    script, levers = a_script(Part("T1", "refund", "planned"))
    assert script.kept_from_reviewer() == {"T1"}
    script.tick({"T1": seen(review="waiting", statuses="planned")})
    assert levers.take() == [("refund", "T1")]
    assert script.kept_from_reviewer() == {"T1"}
    script.tick({"T1": seen(review="waiting", holds_ever="refund_asked")})
    assert script.kept_from_reviewer() == frozenset()


def test_the_warehouse_turns_deaf_only_for_refunds_of_unknown_outcome() -> None:
    script, levers = a_script(Part("T1", "edit_memo"), Part("T2", "refund", "unknown"))
    levers.take()
    script.tick({"T1": seen(), "T2": seen(review="waiting")})
    assert (levers.take(), script.kept_from_reviewer()) == ([], frozenset({"T2"}))
    script.tick({"T1": seen(statuses="planned")})
    assert levers.take() == [("edit_memo", "T1"), ("deaf",)]
    assert script.kept_from_reviewer() == frozenset()
    script.tick({"T2": seen(statuses="sending", hand_overs="unknown")})
    assert levers.take() == [("refund", "T2")]
    script.tick({"T2": seen(holds_ever="refund_asked", interceptions="asked")})
    assert levers.take() == [("itself",), ("release", "T2")]


def test_an_edit_is_noticed_when_the_hub_has_the_newer_version_and_nothing_old_is_left() -> None:
    script, levers = a_script(Part("T1", "edit_address"))
    script.tick({"T1": seen(statuses="accepted")})
    levers.take()
    newer = replace(seen(statuses="planned"), changed_at=datetime(2026, 1, 15, 0, 0, 0, tzinfo=UTC))
    script.tick({"T1": replace(newer, changed_at=datetime(2026, 1, 14, tzinfo=UTC))})
    script.tick({"T1": replace(newer, holds=frozenset({"address_changed"}))})
    script.tick({"T1": replace(newer, statuses=frozenset({"stopping"}))})
    assert (levers.take(), script.is_over) == ([], False)
    script.tick({"T1": newer})
    assert (levers.take(), script.is_over) == ([("release", "T1")], True)
