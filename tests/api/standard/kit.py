"""A hub with a shop of the standard interface and a store, and a partner that calls its API."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connectors.marketplaces.standard import Standard
from oms.app.kernel.api_keys import make_key
from oms.console.permissions import BUILT_IN_ROLES
from tests.factories import World, a_world, receive_stock
from tests.web_kit import an_app

SHOP, STORE = 2, 3
PARTNER = BUILT_IN_ROLES["partner"].permissions


@dataclass
class Partner:
    """Calls the API with a key for its shop."""

    browser: FlaskClient
    key: str
    shop: int = SHOP

    def ask(self, method: str, address: str, **given: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"} | given.pop("headers", {})
        return self.browser.open(f"/api/v1/shops/{self.shop}{address}", method=method, headers=headers, **given)

    def get(self, address: str, **given: Any) -> TestResponse:
        return self.ask("GET", address, **given)

    def post(self, address: str, **given: Any) -> TestResponse:
        return self.ask("POST", address, **given)

    def put(self, address: str, **given: Any) -> TestResponse:
        return self.ask("PUT", address, **given)


def a_standard_world(url: str) -> World:
    """Shop 1 is of a platform; shop 2 pushes to us and has a store with ten of A and none of the rest."""
    world = a_world(url)
    world.hub.vendors["standard"] = Standard
    for statement in (
        """insert into channel (id, code, vendor, label_zh, label_en, mark) values
           (9, 'standard', 'standard', '标准接口', 'Standard', '标')""",
        "insert into account (id, family, vendor, name) values (9, 'marketplace', 'standard', 'our own app')",
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
           values (2, 'app', '小程序', 9, 9, 1, 0)""",
        """insert into stock_point (id, code, name, kind, handling_amount) values
           (3, 'STORE', 'dear to send from', 'store', 9000), (4, 'FAR', 'of another pool', 'store', 0)""",
        "insert into pool_member (pool_id, stock_point_id, rank) values (1, 3, 9)",
        "update shop set channel_id = 2 where id = 1",
    ):
        world.run(statement)
    with world.hub.begin() as connection:
        receive_stock(connection, STORE, world.skus["A"], 10)
    return world


def an_api(world: World, home: Path) -> Flask:
    return an_app(world.hub, home)


def a_partner(world: World, app: Flask, *permissions: str, shop: int = SHOP) -> Partner:
    with world.hub.begin() as connection:
        _, key = make_key(connection, "partner", permissions or PARTNER, [shop])
    return Partner(app.test_client(), key, shop)


@dataclass
class Inbox:
    """What arrived at a partner's address; `answers` are the next statuses, 204 after that."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self, topic: str) -> list[dict[str, Any]]:
        """What was told under a topic."""
        told = [orjson.loads(body) for _, body in self.seen]
        return [body["data"] for body in told if body["type"] == topic]


@contextmanager
def an_inbox() -> Iterator[Inbox]:
    """A web server of a partner that keeps what it is told."""
    inbox = Inbox()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(inbox.answers.pop(0) if inbox.answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is written to the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    inbox.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver checks, written from the Standard Webhooks specification."""
    key = base64.b64decode(secret[len("whsec_") :])
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{wanted}"
