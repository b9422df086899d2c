"""What stores hand out or bring is written back without a courier, or as the account says, or people hear what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import registry
from connectors.contract.errors import Refused
from connectors.contract.families import Marketplace
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing.parcels import PackedParcel
from tests.factories import World, an_order, settle
from tests.fakes import PlainMarket


@pytest.fixture
def store(make_world: Callable[..., World]) -> World:
    """A point worked by hand, and the carrier of store clerks."""
    world = make_world()
    world.run("update stock_point set account_id = null")
    world.run("insert into carrier (id, code, name, kind, is_suspended) values (9, 'STORE', 'store', 'clerk', true)")
    return world


def handed_out(world: World) -> int:
    """An order whose goods a clerk has handed out."""
    order = an_order(world)
    settle(world)
    parcels = [PackedParcel("STORE", "S0001")]
    packing.ship(world.hub, world.fulfilments(order)[0].id, parcels, packing.Teller("user:7", (1, 2), "a"))
    settle(world)
    return order


def told(world: World) -> list[tuple[str, str]]:
    return [(notice.carrier_code, notice.waybill_no) for notice in world.script.asked("push_shipment")]


def test_a_platform_that_ships_without_a_courier_is_told_so(store: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainMarket, "takes_no_carrier", True)
    order = handed_out(store)
    assert told(store) == [("NONE", "")]
    assert (store.holds(order), store.phase(order)) == (set(), "shipped")


def test_a_carrier_that_the_account_names_for_stores_comes_first(store: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainMarket, "takes_no_carrier", True)
    store.run("""update account set settings = settings || '{"carriers": "JT=1,STORE=77"}' where id = 1""")
    handed_out(store)
    assert told(store) == [("STORE", "S0001")]


def test_where_a_courier_is_wanted_people_are_told_what_to_do_until_it_is_written_back(store: World) -> None:
    store.script.next("push_shipment", Refused("the id of carrier STORE is not known"))
    order = handed_out(store)
    assert store.holds(order) == {"wants_courier"}
    row = store.one("select id from outbound where kind = 'push_shipment'")
    store.run("update outbound set state = 'waiting', due_at = :at where id = :id", id=row, at=store.clock.now)
    settle(store)
    assert (store.holds(order), len(told(store))) == (set(), 2)


def test_connectors_say_whether_their_platforms_ship_without_a_courier() -> None:
    found = {
        vendor: kind.takes_no_carrier for vendor, kind in registry.all_vendors().items() if issubclass(kind, Marketplace)
    }
    takes = {vendor for vendor, yes in found.items() if yes}
    assert takes == {"taobao", "jd", "shopify", "saleor", "vendure", "woocommerce"}
    assert {"pinduoduo", "douyin", "suning", "youzan", "amazon"} <= set(found) - takes
