"""A platform's side in this process, and a hub that has brought one page of the mix through."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection

from bench.feed import VENDOR, TaobaoFeed
from bench.generator import Gateway, Store, fill_pages
from bench.preload import preload
from bench.world import build_world
from connectors.warehouses.qimen import CONNECTOR as QIMEN
from oms.app.kernel.hub import Hub
from oms.config import plain_url
from oms.db.sealed import KeyRing
from oms.db.session import make_engine

ORDERS = 200
SHOPS = 2


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Pages of two shops, served."""
    server = Store(("127.0.0.1", 0), Gateway)
    server.pages = fill_pages(seed=5, first=0, orders=900, shops=SHOPS)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def gateway(store: Store) -> str:
    return f"http://127.0.0.1:{store.server_address[1]}"


@pytest.fixture(scope="module")
def settled_url(database_url: str, gateway: str) -> str:
    """A database in which every order of a page is settled."""
    engine = make_engine(database_url)
    hub = Hub(engine, KeyRing("k1", {"k1": bytes(32)}), {VENDOR: TaobaoFeed, "qimen": QIMEN})
    build_world(hub, gateway, SHOPS)
    preload(hub, seed=5, orders=ORDERS, shops=SHOPS)
    for _, connector in hub.kept_connectors.values():
        connector.http._session.close()
    engine.dispose()
    return database_url


@pytest.fixture
def settled(settled_url: str) -> Iterator[Connection[tuple[object, ...]]]:
    """A connection to it whose changes are rolled back."""
    with psycopg.connect(plain_url(settled_url)) as connection:
        yield connection
        connection.rollback()
