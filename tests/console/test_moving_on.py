"""From one order of a list to the next: filters stay in the address, the ends have no neighbour."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from oms.app.kernel.hub import Hub
from tests.console import factories
from tests.console.browsing import page_of, send

BESIDE = re.compile(r'<a class="btn" href="([^"]+)" rel="(prev|next)"')


@pytest.fixture(scope="module")
def three(hub: Hub, world: factories.World) -> list[int]:
    """Three cash-on-delivery orders, the newest first, with others between them."""
    with hub.begin() as connection:
        made = []
        for place in range(6):
            at = world.now - timedelta(minutes=10 * place)
            made.append(factories.an_order(connection, world, is_cod=place % 2 == 0, ordered_at=at))
    return made[::2]


def beside(client: FlaskClient, address: str) -> dict[str, str]:
    return {rel: href.replace("&amp;", "&") for href, rel in BESIDE.findall(page_of(client, address))}


def test_the_list_of_an_order_is_walked_with_its_filters(client: FlaskClient, three: list[int]) -> None:
    first, second, third = three
    listed = page_of(client, "/orders?cod=1")
    assert f'href="/orders/{first}?of=orders&amp;cod=1"' in listed
    assert beside(client, f"/orders/{first}?of=orders&cod=1") == {"next": f"/orders/{second}?of=orders&cod=1"}
    assert beside(client, f"/orders/{second}?of=orders&cod=1") == {
        "prev": f"/orders/{first}?of=orders&cod=1",
        "next": f"/orders/{third}?of=orders&cod=1",
    }
    assert beside(client, f"/orders/{third}?of=orders&cod=1") == {"prev": f"/orders/{second}?of=orders&cod=1"}


def test_an_order_opened_from_elsewhere_has_no_list(client: FlaskClient, three: list[int]) -> None:
    assert beside(client, f"/orders/{three[1]}?cod=1") == {}


def test_an_action_leaves_the_list_as_it_was(client: FlaskClient, three: list[int]) -> None:
    address = f"/orders/{three[1]}/hold?of=orders&cod=1&_external=1"
    done = send(client, address, reason="等买家补拍")
    assert (done.status_code, done.headers["Location"]) == (303, f"/orders/{three[1]}?of=orders&cod=1")
    refused = send(client, address, reason="等买家补拍")
    assert refused.status_code == 409
    assert 'rel="next"' in refused.text
