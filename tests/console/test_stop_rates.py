"""People see how often stops succeed before they ask for one, and work on those that are not settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.stop_rates import StopFilters, chances, rates
from oms.db.fulfilments import Interception, Parcel
from tests.console import factories
from tests.console.browsing import page_of, send

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def stops(hub: Hub, world: factories.World) -> dict[str, int]:
    """Of ten stops at the warehouse six succeeded, three failed, one was not answered; all in this hour but one."""
    with hub.begin() as connection:
        order = factories.an_order(connection, world, "at_warehouse")
        work = factories.a_fulfilment(connection, world, [order], "accepted")
        late = factories.a_fulfilment(connection, world, [order], "shipped")
        states = ["succeeded"] * 6 + ["failed"] * 3 + ["expired"]
        ids = [
            factories.add(
                connection, Interception, fulfilment_id=late, order_id=order, reason="refund_asked", state=state,
                asked_at=factories.NOW - timedelta(hours=6 if index == 0 else 0), asked_of="warehouse",
                ended_at=None if state == "expired" else factories.NOW,
            )
            for index, state in enumerate(states)
        ]  # fmt: skip
        factories.add(connection, Interception, fulfilment_id=late, order_id=order, reason="refund_asked",
                      state="succeeded", asked_at=factories.NOW, asked_of="nobody", ended_at=factories.NOW)  # fmt: skip
        parcel = factories.add(
            connection, Parcel, fulfilment_id=late, carrier_id=world.carrier, waybill_no="ZT-LATE", state="handed_over"
        )
    return {"order": order, "work": work, "late": late, "failed": ids[6], "expired": ids[9], "parcel": parcel}


def test_the_share_counts_what_a_warehouse_was_asked_and_what_it_never_answered(
    hub: Hub, world: factories.World, stops: dict[str, int]
) -> None:
    with hub.engine.connect() as connection:
        found = rates(connection, world.shops, StopFilters(), factories.NOW, ZONE)
        assert [tuple(row) for row in found["point"]] == [(world.point, 10, 6, 1)]
        assert [tuple(row)[1:] for row in found["carrier"]] == [(10, 6, 1)]
        assert {row.key: (row.asked, row.stopped) for row in found["hour"]} == {18: (9, 5), 12: (1, 1)}
        assert rates(connection, world.shops, StopFilters(point=1), factories.NOW, ZONE)["point"] == []
        (chance,) = chances(connection, [stops["work"], stops["late"]], factories.NOW, 18, ZONE)
        assert (chance.asked, chance.stopped, chance.asked_now, chance.stopped_now) == (10, 6, 9, 5)


def test_the_order_tells_it_before_anybody_holds_or_cancels(client: FlaskClient, stops: dict[str, int]) -> None:
    shown = page_of(client, f"/orders/{stops['order']}")
    assert "近 30 天问过 10 次，拦下 60%" in shown
    assert "这个钟点拦下 56%" in shown


def test_unresolved_stops_have_an_owner_and_filters(client: FlaskClient, hub: Hub, stops: dict[str, int]) -> None:
    page = "/operations/interceptions"
    assert page_of(client, f"{page}?state=expired").count("data-href") == 1
    assert page_of(client, f"{page}?mine=1").count("data-href") == 0
    send(client, f"{page}/{stops['expired']}/take")
    assert page_of(client, f"{page}?mine=1").count("data-href") == 1
    page_of(client, f"{page}?point=1&shop=1&state=nonsense&after=5")


def test_what_left_in_spite_of_a_stop_is_called_back_only_by_who_may(
    client: FlaskClient, hub: Hub, stops: dict[str, int], somebody: Any
) -> None:
    address = f"/operations/interceptions/{stops['failed']}/call-back/{stops['parcel']}"
    assert "让快递召回" in page_of(client, "/operations/interceptions?state=failed")
    refused = send(client, address, reason="没拦下，召回")
    assert (refused.status_code, "仓库和快递都不支持召回" in refused.text) == (409, True)
    assert send(client, address.replace(str(stops["parcel"]), "1"), reason="没拦下").status_code == 404
    somebody(permissions=frozenset({"operations.view", "order.view"}))
    assert send(client, address, reason="没拦下，召回").status_code == 403
    with hub.engine.connect() as connection:
        assert connection.execute(text("select count(*) from interception where asked_of = 'courier'")).scalar_one() == 0
