"""The page of listings: suggestions, one click for the sure ones, a code typed in, a match taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from connectors.contract import records as r
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Manifest
from oms.app.kernel.hub import Hub
from oms.console.security import Person
from oms.db.channels import Account
from oms.db.goods import Listing
from tests.console import factories
from tests.console.browsing import page_of, send

PATH = "/settings/listings"


class Shelf(Marketplace):
    """A platform that sells one thing."""

    manifest = Manifest("taobao", "marketplace", "淘宝天猫", "Taobao", "天", "https://eco.example/rest")

    def pull_listings(self, cursor: str) -> r.ListingPage:
        return r.ListingPage("", False, (r.ListingRecord("NEW-1", "V", "LY-PIL-02", "护颈枕"),))


@pytest.fixture(autouse=True)
def vendor(hub: Hub) -> Iterator[None]:
    before = dict(hub.vendors)
    hub.vendors["taobao"] = Shelf
    with hub.begin() as connection:
        connection.execute(update(Account).values(state="active"))
        connection.execute(delete(Listing))
    yield
    hub.vendors.clear()
    hub.vendors.update(before)


def a_listing(hub: Hub, world: factories.World, no: str, **values: Any) -> int:
    values = {"shop_id": world.shops[0], "variant_no": "V", "title": f"平台货 {no}"} | values
    with hub.begin() as connection:
        return factories.add(connection, Listing, listing_no=no, **values)


def match_of(hub: Hub, listing_id: int) -> tuple[int | None, str]:
    with hub.begin() as connection:
        row = connection.execute(select(Listing.sku_id, Listing.matched_by).where(Listing.id == listing_id)).one()
    return row.sku_id, row.matched_by


def test_a_suggestion_is_shown_and_the_sure_one_filled_in(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    sure = a_listing(hub, world, "S-1", seller_code="LY-KET-15")
    doubtful = a_listing(hub, world, "D-1", seller_code="ly ket 15")
    page = page_of(client, f"{PATH}?shop={world.shops[0]}")
    assert f'name="code.{sure}" value="LY-KET-15"' in page
    assert f'name="code.{doubtful}" value=""' in page
    assert "编码写法不同" in page
    assert "一键匹配有把握的 1 个" in page


def test_one_click_matches_the_sure_ones_for_the_person(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    sure = a_listing(hub, world, "S-1", seller_code="LY-KET-15")
    other = a_listing(hub, world, "S-2", seller_code="?")
    assert send(client, f"{PATH}/sure", shop=world.shops[0]).status_code == 303
    sku_id, who = match_of(hub, sure)
    assert sku_id == world.skus[1]
    assert who not in ("", "code")
    assert match_of(hub, other) == (None, "")


def test_typed_codes_and_a_clicked_suggestion_are_matched_and_taken_back(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    first, second = (a_listing(hub, world, no) for no in ("T-1", "T-2"))
    typed = {f"code.{first}": " LY-PIL-02 ", f"code.{second}": ""}
    assert send(client, f"{PATH}/match", shop=world.shops[0], **typed).status_code == 303
    assert match_of(hub, first)[0] == world.skus[2]
    assert match_of(hub, second)[0] is None
    one = {f"code.{first}": "LY-KET-15", "one": f"{second}:LY-KET-15"}
    assert send(client, f"{PATH}/match", shop=world.shops[0], **one).status_code == 303
    assert (match_of(hub, first)[0], match_of(hub, second)[0]) == (world.skus[2], world.skus[1])
    assert "T-1" in page_of(client, f"{PATH}?shop={world.shops[0]}&show=matched")
    assert send(client, f"{PATH}/unmatch", shop=world.shops[0], id=first).status_code == 303
    assert match_of(hub, first) == (None, "")


def test_an_unknown_code_is_refused_by_name_and_nothing_is_matched(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    first, second = (a_listing(hub, world, no) for no in ("U-1", "U-2"))
    typed = {f"code.{first}": "LY-PIL-02", f"code.{second}": "NO-SUCH"}
    answer = send(client, f"{PATH}/match", shop=world.shops[0], **typed)
    assert answer.status_code == 422
    assert "没有这个货品编码：NO-SUCH" in answer.text
    assert match_of(hub, first)[0] is None


def test_the_platform_s_goods_are_read(client: FlaskClient, world: factories.World) -> None:
    answer = send(client, f"{PATH}/pull", shop=world.shops[0])
    assert answer.status_code == 303
    page = page_of(client, answer.location)
    assert "读到 1 个平台货品，读完了" in page
    assert "NEW-1" in page


def test_a_platform_without_a_list_is_told_in_chinese(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    hub.vendors["taobao"] = type("Bare", (Marketplace,), {"manifest": Shelf.manifest})
    hub.kept_connectors.clear()
    answer = send(client, f"{PATH}/pull", shop=world.shops[0])
    assert answer.status_code == 422
    assert "这个平台不提供货品清单" in answer.text
    hub.kept_connectors.clear()


def test_goods_are_found_by_name(client: FlaskClient, world: factories.World) -> None:
    page = page_of(client, f"{PATH}?shop={world.shops[0]}&find=乳胶")
    assert "查到的货品" in page
    assert "LY-PIL-02" in page


def test_a_listing_of_another_shop_is_refused(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    other = a_listing(hub, world, "O-1", shop_id=world.shops[1])
    fields = {f"code.{other}": "LY-PIL-02"}
    assert send(client, f"{PATH}/match", shop=world.shops[0], **fields).status_code == 403
    assert match_of(hub, other)[0] is None


def test_who_may_only_look_sees_no_buttons(client: FlaskClient, hub: Hub, world: factories.World) -> None:
    a_listing(hub, world, "V-1", seller_code="LY-KET-15")
    before = client.application.config["CONSOLE_PERSON"]
    looks = frozenset({"order.view", "shop.view"})
    client.application.config["CONSOLE_PERSON"] = Person(before.id, "阿柚", permissions=looks, locale="en")
    try:
        page = page_of(client, f"{PATH}?shop={world.shops[0]}")
        assert send(client, f"{PATH}/sure", shop=world.shops[0]).status_code == 403
    finally:
        client.application.config["CONSOLE_PERSON"] = before
    assert "same code" in page
    assert "one click" not in page
    assert f"{PATH}/sure" not in page
