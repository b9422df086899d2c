"""Pushing stock on the pages: the switch, what the platform refused, and a push of everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, update

from connectors.contract.families import Marketplace
from connectors.contract.manifest import Manifest
from connectors.contract.notices import StockAnswer, StockLevel
from oms.app.kernel.hub import Hub
from oms.console.permissions import PERMISSIONS
from oms.db.channels import Shop
from oms.db.goods import Listing
from oms.db.stock import ListingPush, StockPool, StockPush
from tests.console import factories
from tests.console.browsing import page_of, send


class Shelf(Marketplace):
    """A platform whose stock can be set."""

    manifest = Manifest("taobao", "marketplace", "淘宝天猫", "Taobao", "天", "https://eco.example/rest")

    def push_stock(self, levels: Sequence[StockLevel]) -> StockAnswer:
        return StockAnswer(len(levels))


class Silent(Marketplace):
    """A platform whose stock cannot be set."""

    manifest = Shelf.manifest


@pytest.fixture(autouse=True)
def vendor(hub: Hub, world: factories.World) -> Iterator[None]:
    before = dict(hub.vendors)
    hub.vendors["taobao"] = Shelf
    with hub.begin() as connection:
        pool = factories.add(connection, StockPool, code=f"pool{factories.new_id(connection)}", name="华东")
        connection.execute(update(Shop).values(stock_pool_id=pool))
    yield
    with hub.begin() as connection:
        for table in (ListingPush, StockPush, Listing):
            connection.execute(delete(table))
    hub.vendors.clear()
    hub.vendors.update(before)


def address(world: factories.World) -> str:
    return f"/settings/shops/{world.shops[0]}"


def a_refusal(hub: Hub, world: factories.World) -> None:
    with hub.begin() as connection:
        row = {
            "shop_id": world.shops[0],
            "listing_no": "880",
            "variant_no": "9",
            "title": "护颈枕",
            "sku_id": world.skus[0],
        }
        id_ = factories.add(connection, Listing, **row)
        connection.execute(insert(ListingPush).values(listing_id=id_, asked=7, refusal="商品已删除", tried_at=world.now))


def test_the_switch_says_off_first_then_pushes_and_tells_who_did_it(client: FlaskClient, world: factories.World) -> None:
    page = page_of(client, address(world))
    assert "没开" in page
    assert "全部重推" not in page
    assert send(client, f"{address(world)}/stock-push", is_on="1", safety="3").status_code == 303
    page = page_of(client, address(world))
    assert 'name="safety" value="3"' in page
    assert "推库存开着" in page
    assert "改了店铺" in page
    assert send(client, f"{address(world)}/stock-push/all").status_code == 303
    assert "全部重推，已推过的 0 个" in page_of(client, address(world))


def test_a_refusal_is_shown_with_its_words_and_what_helps(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    send(client, f"{address(world)}/stock-push", is_on="1", safety="0")
    a_refusal(hub, world)
    page = page_of(client, address(world))
    assert "商品已删除" in page
    assert "去平台看这个货品还在不在" in page
    assert "平台不收 1 个" in page_of(client, "/operations/sync")
    assert "平台不收" in page_of(client, f"/settings/listings?shop={world.shops[0]}&show=matched")


def test_a_shop_that_could_not_push_is_one_to_look_at(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    send(client, f"{address(world)}/stock-push", is_on="1", safety="0")
    with hub.begin() as connection:
        connection.execute(update(StockPush).values(failures=2, last_error="平台超时"))
    page = page_of(client, "/operations/sync")
    assert "库存没推成" in page
    assert "没推成：平台超时" in page


def test_a_connector_that_cannot_push_says_so(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    hub.vendors["taobao"] = Silent
    page = page_of(client, address(world))
    assert "这个平台的连接器不能推库存" in page
    assert 'name="safety"' not in page
    send(client, f"{address(world)}/stock-push", is_on="1", safety="0")
    assert "库存在平台上改" in page_of(client, address(world))


@pytest.mark.parametrize(("path", "missing"), [("", "shop.edit"), ("/all", "sync.pull_now")])
def test_who_may_not_does_not(
    client: FlaskClient, world: factories.World, somebody: Any, path: str, missing: str
) -> None:
    somebody(permissions=frozenset(PERMISSIONS) - {missing})
    assert send(client, f"{address(world)}/stock-push{path}", is_on="1", safety="0").status_code == 403
    somebody(shop_ids={world.shops[1]})
    assert send(client, f"{address(world)}/stock-push{path}", is_on="1", safety="0").status_code == 404


def test_a_number_that_is_none_is_refused_with_what_helps(client: FlaskClient, world: factories.World) -> None:
    send(client, f"{address(world)}/stock-push", is_on="1", safety="many")
    assert "0 到 1000000 之间的整数" in page_of(client, address(world))
