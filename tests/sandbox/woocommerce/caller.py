"""A caller of the shop's API with its own signing code, and a hub that listens to webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.test import Client, TestResponse

from connectors.sandbox.woocommerce import credentials
from connectors.sandbox.woocommerce.twin import WooTwin

SEED = 7
V3 = "/wp-json/wc/v3"
NONCES = itertools.count(int(time.time()))


class Caller:
    """Calls by HTTP Basic unless `headers` says otherwise."""

    def __init__(self, twin: WooTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        keys = credentials(SEED)
        pair = f"{keys['consumer_key']}:{keys['consumer_secret']}"
        self.basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        return self.client.open(f"{V3}{path}", method=method, json=body, query_string=query, headers=self.basic)

    def get(self, path: str, **query: Any) -> Any:
        """The document of a successful look-up."""
        response = self.call("GET", path, **query)
        assert response.status_code == 200, response.text
        return response.json

    def make(self, kind: str = "plain") -> str:
        """A new sale of a kind."""
        return str(self.twin.create({kind: 1})[kind][0])

    def verb(self, number: str, verb: str, **body: Any) -> TestResponse:
        response = self.client.post(f"/_twin/trades/{number}/{verb}", json=body)
        self.twin.scheduler.run_due()
        return response

    def trade(self, number: str) -> dict[str, Any]:
        """What the ledger tells of a sale."""
        return next(found for found in self.twin.ledger()["trades"] if found["tid"] == number)

    def faults(self, *faults: Mapping[str, Any]) -> None:
        assert self.client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200


def refused(response: TestResponse) -> tuple[int, Any]:
    """Status and code of a refusal."""
    return response.status_code, response.json["code"]


def oauth_address(method: str, path: str, query: Mapping[str, str], *, secret: str = "", digest: str = "SHA256",
                  **changes: str) -> str:  # fmt: skip
    """A path with the query of a one-legged OAuth 1.0a signature; a change to "" leaves the parameter out."""
    keys = credentials(SEED)
    params = {
        **query, "oauth_consumer_key": keys["consumer_key"], "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": f"nonce{next(NONCES)}", "oauth_signature_method": f"HMAC-{digest}", **changes,
    }  # fmt: skip
    params = {name: value for name, value in params.items() if value}
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in params.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method, quote(f"http://localhost{path}", safe="~"), quote(joined, safe="~")))
    key = f"{secret or keys['consumer_secret']}&".encode()
    signed = hmac.new(key, base.encode(), getattr(hashlib, digest.lower())).digest()
    return f"{path}?{urlencode({**params, 'oauth_signature': base64.b64encode(signed).decode()})}"


class Hub:
    """What arrived at a listening address; `status` is what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.arrived: list[tuple[dict[str, str], bytes]] = []


@contextmanager
def listening() -> Iterator[Hub]:
    """A hub on a free local port."""
    hub = Hub()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hub.arrived.append((dict(self.headers.items()), body))
            self.send_response(hub.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
