"""A stop tells before it is placed what it would keep back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.stop_reach import Reach, reach_of
from tests.console import factories
from tests.console.browsing import page_of


@pytest.fixture(scope="module")
def order(hub: Hub, world: factories.World) -> int:
    """An order with a fulfilment that could leave and one that is at the warehouse, and one that waits for review."""
    with hub.begin() as connection:
        made = factories.an_order(connection, world, "planned")
        factories.an_order(connection, world, "review", tiers_waiting=1)
        factories.a_fulfilment(connection, world, [made])
        factories.a_fulfilment(connection, world, [made], "accepted")
        factories.an_outbound(connection, world, made, "waiting", stock_point_id=world.point)
    return made


def test_a_stop_tells_before_it_is_placed_what_it_would_keep_back(
    client: FlaskClient, hub: Hub, world: factories.World, order: int
) -> None:
    with hub.engine.connect() as connection:
        assert reach_of(connection, "all", 0) == Reach(calls=1, planned=1, coming=1)
        assert reach_of(connection, "stock_point", world.point) == Reach(calls=1, planned=1, coming=None)
        assert reach_of(connection, "stock_point", world.point + 1) == Reach(calls=0, planned=0, coming=None)
    shown = page_of(client, "/operations/stop/reach?where=all")
    assert "合单、待下发的发货单" in shown
    assert "已经推给仓库的不受影响" in shown
    assert "现在没有要往外推的" in page_of(client, f"/operations/stop/reach?where=carrier:{world.carrier + 1}")
    assert "选了范围" in page_of(client, "/operations/stop/reach?where=")
    page_of(client, "/operations/stop/reach?where=shop:x", 422)
