"""A carrier without a price from a point is told of once, and no longer when a price has come."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.pipeline.routing.tariff_gaps import UNPRICED, tell_unpriced
from tests.factories import World

ALERTS = "select subject, state, count from alert where kind = :kind order by subject"
NEW = "insert into carrier (id, code, name, rank) values (9, 'NEW', 'NEW', 0)"
PRICE = "insert into carrier_tariff (carrier_id, stock_point_id, division_prefix) values (9, :point, '')"


def alerts(world: World) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in world.rows(ALERTS, kind=UNPRICED)]


def test_each_point_is_told_once_until_its_tariff_comes(world: World) -> None:
    assert tell_unpriced(world.hub) == 0
    world.run(NEW)
    assert (tell_unpriced(world.hub), tell_unpriced(world.hub)) == (2, 0)
    assert alerts(world) == [("NEW · WH1", "open", 1), ("NEW · WH2", "open", 1)]
    world.run(PRICE, point=1)
    assert tell_unpriced(world.hub) == 0
    assert alerts(world) == [("NEW · WH1", "closed", 1), ("NEW · WH2", "open", 1)]
    world.run(PRICE, point=0)
    tell_unpriced(world.hub)
    assert [state for _, state, _ in alerts(world)] == ["closed", "closed"]
    world.run("delete from carrier_tariff where carrier_id = 9")
    assert tell_unpriced(world.hub) == 2
    assert [state for _, state, _ in alerts(world)] == ["open", "open"]


@pytest.mark.parametrize(
    "change",
    [
        "update carrier set is_suspended = true where id = 9",
        "update carrier set kind = 'clerk' where id = 9",
        "insert into carrier_coverage (carrier_id, division_prefix, is_deliverable) values (9, '', false)",
        "update stock_point set state = 'closed'",
        "update stock_point set kind = 'store', account_id = null",
        "delete from pool_member",
        "delete from carrier_tariff",
    ],
)
def test_nothing_is_told_of_what_carries_nothing_from_there_or_has_nobody_to_come_behind(
    world: World, change: str
) -> None:
    world.run(NEW)
    assert tell_unpriced(world.hub) == 2
    world.run(change)
    tell_unpriced(world.hub)
    assert {state for _, state, _ in alerts(world)} == {"closed"}
