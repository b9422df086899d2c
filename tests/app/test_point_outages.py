"""A stock point that goes out gives up what is planned and unsent, if that is asked, and has it back when it returns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from oms.app.pipeline import route
from oms.app.pipeline.point_outages import Moving, preview_switch, switch_point
from oms.domain.errors import NotPossible
from tests.app.routes import plan, taken
from tests.app.test_concurrency import wait_until
from tests.factories import World, advance, an_order


def preview(world: World, state: str) -> Moving:
    with world.hub.engine.connect() as connection:
        return preview_switch(connection, 1, state)


@pytest.fixture
def patient(make_world: Callable[..., World]) -> World:
    """Orders wait an hour for others, so that they stay planned."""
    return make_world(window=3600)


def test_what_is_planned_moves_when_asked_and_what_was_sent_stays(patient: World) -> None:
    ids = [taken(patient, receiver={"name": f"n{n}", "phone": "13800000001", "state": "浙江省", "city": "杭州市",
                                    "district": "西湖区", "address": f"路 {n} 号"}) for n in range(3)]  # fmt: skip
    assert {point for id_ in ids for point, _ in plan(patient, id_)} == {1}
    patient.run("update fulfilment set status = 'sent' where lead_order_id = :id", id=ids[0])
    assert preview(patient, "outage") == Moving(2, 2)
    assert switch_point(patient.hub, 1, "outage", None, "flood", "user:1", is_moving=True) == Moving(2, 2)
    advance(patient)
    assert [plan(patient, id_)[0][0] for id_ in ids] == [1, 2, 2]
    with pytest.raises(NotPossible):
        switch_point(patient.hub, 1, "closed", None, "", "user:1", is_moving=True)
    assert preview(patient, "open") == Moving(2, 2)
    assert switch_point(patient.hub, 1, "open", None, "", "user:1", is_moving=True) == Moving(2, 2)
    advance(patient)
    assert [plan(patient, id_)[0][0] for id_ in ids] == [1, 1, 1]
    rows = patient.rows("select began_by, ended_by, words, moved from point_outage")
    assert [tuple(row) for row in rows] == [("user:1", "user:1", "flood", 4)]


def test_nothing_moves_unless_it_is_asked(patient: World) -> None:
    id_ = taken(patient)
    assert switch_point(patient.hub, 1, "outage", None, "", "user:1", is_moving=False) == Moving(0, 0)
    advance(patient)
    assert plan(patient, id_)[0][0] == 1


def test_a_process_that_has_not_heard_of_it_plans_nothing_at_a_point_that_is_out(patient: World) -> None:
    patient.hub.masters.get(patient.hub.engine, patient.clock())
    with patient.hub.begin() as connection:
        connection.execute(text("update stock_point set state = 'outage' where id = 1"))
    assert patient.hub.masters.get(patient.hub.engine, patient.clock()).points[1].state == "open"
    assert plan(patient, taken(patient))[0][0] == 2


def during_planning(world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Switch the first point while a batch has looked at its stock and not committed."""
    person = threading.Thread(target=act)
    before = route.sellable

    def looked(*given: Any, **how: Any) -> Any:
        there = before(*given, **how)
        if person.ident is None:
            person.start()
            wait_until(world, "select count(*) from stock_point where state <> 'open'")
        return there

    monkeypatch.setattr(route, "sellable", looked)
    advance(world)
    person.join(timeout=30)
    advance(world)


def test_a_point_that_is_closed_while_something_is_planned_there_is_out_instead(
    patient: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = an_order(patient)
    refused: list[str] = []

    def close() -> None:
        with pytest.raises(NotPossible) as caught:
            switch_point(patient.hub, 1, "closed", None, "", "user:1", is_moving=False)
        refused.append(caught.value.words)

    during_planning(patient, monkeypatch, close)
    assert refused == ["1 units there are promised to orders"]
    assert [point for point, _ in plan(patient, id_)] == [1]
    assert patient.one("select state from stock_point where id = 1") == "outage"


@pytest.mark.parametrize("state", ["outage", "closed"])
def test_what_is_being_planned_there_at_that_moment_moves_too(
    patient: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    id_ = an_order(patient)
    act = partial(switch_point, patient.hub, 1, state, None, "flood", "user:1", is_moving=True)
    during_planning(patient, monkeypatch, act)
    assert [point for point, _ in plan(patient, id_)] == [2]
    assert patient.one("select state from stock_point where id = 1") == state
