"""A packer's table in a real browser: a scanner types, a parcel leaves, a stop is red; nothing is cut on a tablet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.db.labels import EWaybill
from oms.domain.numbers import document_no
from tests.browser.looking import CUT, in_both_themes, picture
from tests.console import factories

pytestmark = pytest.mark.browser
SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def works(hub: Hub, day: dict[str, int]) -> list[int]:
    """Four fulfilments at a warehouse that works by hand: one to be stopped, one whose label has changed."""
    with hub.begin() as connection:
        world = factories.World(hub.keys, hub.clock(), count=900)
        world.shops = list(connection.execute(text("select id from shop order by id")).scalars())
        world.skus = list(connection.execute(text("select id from sku order by id")).scalars())
        world.carrier = connection.execute(text("select id from carrier order by id limit 1")).scalar_one()
        world.point = factories.new_id(connection)
        connection.execute(text("insert into stock_point (id, code, name) values (:id, 'HAND', '临平手工仓')"),
                           {"id": world.point})  # fmt: skip
        connection.execute(text("update sku set barcode = '69' || id"))
        for sku in world.skus:
            connection.execute(
                text("insert into stock_level (stock_point_id, sku_id, on_hand, reserved) values (:point, :sku, 90, 30)"),
                {"point": world.point, "sku": sku},
            )
        made = []
        for lines, status in ((2, "sent"), (1, "accepted"), (2, "stopping"), (1, "accepted")):
            order = factories.an_order(connection, world, "at_warehouse", lines=lines)
            made.append(factories.a_fulfilment(connection, world, [order], status, ship_by=hub.clock()))
        connection.execute(text("update fulfilment set stop = 'asked' where id = :id"), {"id": made[2]})
        connection.execute(
            text("insert into interception (fulfilment_id, order_id, reason, state) "
                 "select id, lead_order_id, 'refund_asked', 'asked' from fulfilment where id = :id"),
            {"id": made[2]},
        )  # fmt: skip
        account = connection.execute(text("select id from account order by id limit 1")).scalar_one()
        for package, state, waybill in ((1, "got", "75001234567890"), (2, "asked", "")):
            factories.add(
                connection, EWaybill, key=f"{made[0]}_{package}", fulfilment_id=made[0], order_id=1, account_id=account,
                carrier_id=world.carrier, stock_point_id=world.point, state=state, waybill_no=waybill, package=package,
            )  # fmt: skip
        connection.execute(
            text("insert into label_change (order_id, fulfilment_id, way, state, what, asked_by, told_at) "
                 "select lead_order_id, id, 'update', 'told', '{phone,address}', 'user:1', now() from fulfilment "
                 "where id = :id"), {"id": made[3]},
        )  # fmt: skip
        connection.execute(text("insert into packing_setting (stock_point_id, swap_origins) values (:id, '{gift}')"),
                           {"id": world.point})  # fmt: skip
    return made


def number(id_: int) -> str:
    return document_no("fulfilment", id_)


def whole(page: Page) -> None:
    """Nothing is cut, and nothing scrolls sideways."""
    assert page.evaluate(CUT) == []
    assert not page.evaluate(SIDEWAYS)


def test_the_pages_fit_a_tablet_and_a_desk(page: Page, hub: Hub, works: list[int]) -> None:
    with hub.begin() as connection:
        point = connection.execute(text("select id from stock_point where code = 'HAND'")).scalar_one()
    for name, path in (
        ("list", f"/packing?point={point}"),
        ("work", f"/packing/{works[0]}"),
        ("stop", f"/packing/{works[2]}"),
        ("relabel", f"/packing/{works[3]}"),
        ("labels", "/labels/changes"),
        ("settings", f"/packing/points/{point}"),
        ("interceptions", "/operations/interceptions"),
    ):
        page.goto(path)
        for width in (768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            for theme in in_both_themes(page):
                whole(page)
                picture(page, f"packing-{name}-{width}-{theme}")


def test_a_scanner_drives_a_parcel_out_and_a_stop_is_answered(page: Page, hub: Hub, works: list[int]) -> None:
    page.goto("/packing")
    page.keyboard.type(number(works[0]))  # The scanner's field has the focus, and it ends with Enter.
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(number(works[0]))
    with hub.engine.connect() as connection:
        statement = """select k.barcode, l.planned from fulfilment_line l join sku k on k.id = l.sku_id
                       where l.fulfilment_id = :id"""
        goods = connection.execute(text(statement), {"id": works[0]}).all()
    for barcode, units in goods:
        for _ in range(units):
            page.keyboard.type(barcode)
            page.keyboard.press("Enter")
    expect(page.get_by_text("都扫齐了")).to_be_visible()
    expect(page.locator("#waybill")).to_be_focused()
    page.keyboard.type("ZT778899001122")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{number(works[0])} 已发出")).to_be_visible()
    page.goto(f"/packing/{works[2]}")
    page.get_by_role("button", name="已截下").click()
    expect(page.get_by_text("已截下，放到截停区")).to_be_visible()


def test_paper_has_nothing_of_the_screen_on_it(page: Page, works: list[int]) -> None:
    page.goto(f"/packing/{works[1]}/slip")
    expect(page.get_by_role("img", name=number(works[1]))).to_be_visible()
    assert page.locator("nav, button, form").count() == 0
    picture(page, "packing-slip")
