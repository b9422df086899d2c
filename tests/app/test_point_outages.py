"""A stock point that goes out gives up what is planned and unsent, if that is asked, and has it back when it returns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oms.app.pipeline.point_outages import Moving, preview_switch, switch_point
from oms.domain.errors import NotPossible
from tests.app.routes import plan, taken
from tests.factories import World, advance


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
