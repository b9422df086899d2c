"""Buyers follow an order of a shop that offers it by their link: nothing personal on it, and nothing to guess."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.app.kernel.status_links import follow, link_of, set_page
from oms.domain.errors import Invalid, NotFound
from tests.console import factories
from tests.console.browsing import page_of, send


@pytest.fixture(scope="module")
def order(hub: Hub, world: factories.World) -> int:
    """An order that has left in one parcel, of a shop that offers the page."""
    with hub.begin() as connection:
        made = factories.an_order(connection, world, "shipped", review="passed")
        work = factories.a_fulfilment(connection, world, [made], "shipped")
        parcel = factories.a_parcel(connection, world, work)
        connection.execute(
            text("""insert into parcel_item (parcel_id, fulfilment_line_id, order_id, sku_id, units)
                    select :parcel, id, order_id, sku_id, 1 from fulfilment_line where fulfilment_id = :work"""),
            {"parcel": parcel, "work": work},
        )
    return made


@pytest.fixture(scope="module")
def shop(hub: Hub, order: int) -> int:
    """The order's shop."""
    with hub.engine.connect() as connection:
        return int(connection.execute(text("select shop_id from orders where id = :id"), {"id": order}).scalar_one())


def test_a_shop_offers_nothing_until_it_is_switched_on(client: FlaskClient, hub: Hub, order: int, shop: int) -> None:
    address = f"/t/{link_of(hub, order)}"
    assert client.get(address).status_code == 404
    assert address not in page_of(client, f"/orders/{order}")
    assert send(client, f"/settings/status-pages/{shop}", is_on="1", contact="400-100-2000").status_code == 303
    assert address in page_of(client, f"/orders/{order}")
    answer = client.get(address)
    assert answer.status_code == 200
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "400-100-2000" in answer.text
    assert "上海" in answer.text
    assert send(client, f"/settings/status-pages/{shop}", is_on="0").status_code == 303
    assert client.get(address).status_code == 404


def test_the_page_tells_nothing_of_the_person_or_the_money(client: FlaskClient, hub: Hub, order: int, shop: int) -> None:
    set_page(hub, shop, "user:1", is_on=True, contact="")
    page = client.get(f"/t/{link_of(hub, order)}").text
    with hub.engine.connect() as connection:
        paid = connection.scalar(text("select paid_total from orders where id = :id"), {"id": order})
    assert f"{paid / 100:.2f}" not in page
    assert "¥" not in page


def test_links_cannot_be_guessed_or_carried_over(hub: Hub, order: int, shop: int) -> None:
    set_page(hub, shop, "user:1", is_on=True, contact="")
    link = link_of(hub, order)
    number, _, mark = link.partition("-")
    wrong = [number, f"{order + 1:x}-{mark}", f"{number}-{mark[:-1]}0" if mark[-1] != "0" else f"{number}-{mark[:-1]}1",
             f"{number}-", "-", "x-y", f"{'f' * 40}-{mark}", f"{number}-{mark}{mark}"]  # fmt: skip
    with hub.engine.connect() as connection:
        assert follow(hub, connection, link).order.id == order
        for one in wrong:
            with pytest.raises(NotFound):
                follow(hub, connection, one)


def test_a_contact_that_is_too_long_is_refused(hub: Hub, shop: int) -> None:
    with pytest.raises(Invalid):
        set_page(hub, shop, "user:1", is_on=True, contact="x" * 201)
