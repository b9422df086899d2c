"""The hub's door for webhooks in the journey: takes each push as the connector says and keeps it. No assertions here."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from connectors.contract import notices as n
from connectors.contract.errors import BadSignature
from connectors.contract.families import Marketplace
from tests.journeys.stage import Stage

#: What a shop subscribes; other platforms send what they have.
SHOPIFY_TOPICS = ["ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED", "RETURNS_REQUEST", "REFUNDS_CREATE"]
WOO_TOPICS = ("order.created", "order.updated", "order.deleted")


class Receiver:
    """Pushes with their envelopes, in the order they came; refused ones apart."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.shop: Marketplace | None = None
        self.taken: list[tuple[n.PushRequest, n.PushEnvelope]] = []
        self.refused: list[n.PushRequest] = []

    def settings(self) -> dict[str, Any]:
        """What a twin is told so that it pushes here; each twin reads what is its own."""
        return {"push_url": self.url, "webhooks": {"uri": self.url, "topics": SHOPIFY_TOPICS}}

    def take(self, push: n.PushRequest) -> n.PushAnswer:
        """Verify with the connector, keep, answer."""
        assert self.shop is not None, "a push came before the shop was connected"
        try:
            envelope = self.shop.verify_push(push)
        except BadSignature as error:
            self.refused.append(push)
            return self.shop.refuse_push(str(error))
        self.taken.append((push, envelope))
        return envelope.answer


@contextmanager
def receiving() -> Iterator[Receiver]:
    """The door at an address of its own until the end of the block."""
    found: list[Receiver] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _door(lambda push: found[0].take(push)))
    found.append(Receiver(f"http://127.0.0.1:{server.server_port}/push?shop=1"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield found[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _door(take: Callable[[n.PushRequest], n.PushAnswer]) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = n.PushRequest(
                "POST", parts.path, dict(parse_qsl(parts.query)), dict(self.headers), body, datetime.now(UTC)
            )
            answer = take(told)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            return None

    return Door


def subscribe(stage: Stage, receiver: Receiver) -> None:
    """Where a shop's owner makes webhooks through the shop's API, make them so."""
    secrets = stage.account.secrets
    if "webhook_secret" not in secrets:
        return
    keys = base64.b64encode(f"{secrets['consumer_key']}:{secrets['consumer_secret']}".encode()).decode()
    for topic in WOO_TOPICS:
        hook = {"topic": topic, "delivery_url": receiver.url, "secret": secrets["webhook_secret"]}
        request = Request(
            f"{stage.url}/wp-json/wc/v3/webhooks",
            json.dumps(hook).encode(),
            {"Content-Type": "application/json", "Authorization": f"Basic {keys}"},
        )
        with urlopen(request, timeout=10) as answer:
            assert json.loads(answer.read())["status"] == "active"
