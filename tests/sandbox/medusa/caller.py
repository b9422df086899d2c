"""A caller of the store's Admin API, and a hub that listens to the relay."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from werkzeug.test import Client, TestResponse

from connectors.sandbox.medusa import credentials
from connectors.sandbox.medusa.twin import MedusaTwin

SEED = 7
LABEL = {"tracking_number": "ZT1", "tracking_url": "", "label_url": ""}


class Caller:
    """Calls by HTTP Basic with the key as user name unless `headers` say otherwise."""

    def __init__(self, twin: MedusaTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        pair = base64.b64encode(f"{credentials(SEED)['api_key']}:".encode()).decode()
        self.basic = {"Authorization": f"Basic {pair}"}

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        return self.client.open(f"/admin{path}", method=method, json=body, query_string=query, headers=self.basic)

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """The document of a successful look-up."""
        response = self.call("GET", path, **{**(query or {}), **more})
        assert response.status_code == 200, response.text
        return response.json

    def post(self, path: str, body: Any = None) -> Any:
        """The document of a successful change."""
        response = self.call("POST", path, body or {})
        assert response.status_code == 200, response.text
        return response.json

    def order(self, number: str, fields: str = "") -> Any:
        return self.get(f"/orders/{number}", fields=fields)["order"]

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

    def items(self, number: str) -> list[dict[str, Any]]:
        """Every line of an order with its units, as calls about parcels want them."""
        return [{"id": line["oid"], "quantity": line["num"]} for line in self.trade(number)["lines"]]

    def fulfil(self, number: str, items: Any = None) -> str:
        """The identifier of a new fulfillment."""
        body = {"items": items or self.items(number), "metadata": {"carrier": "ZTO"}}
        found = self.post(f"/orders/{number}/fulfillments", body)["order"]["fulfillments"]
        return str(found[-1]["id"])

    def ship(self, number: str, items: Any = None) -> str:
        """Fulfil and ship."""
        parcel = self.fulfil(number, items)
        body = {"items": items or self.items(number), "labels": [LABEL]}
        self.post(f"/orders/{number}/fulfillments/{parcel}/shipments", body)
        return parcel

    def returned(self, number: str, **body: Any) -> str:
        """A buyer asks to send the first line of a shipped order back."""
        line = self.trade(number)["lines"][0]["oid"]
        return str(told(self.verb(number, "refund", **{"line": line, "return": True, **body}))["cases"][0])

    def receive(self, number: str, items: list[dict[str, Any]], damaged: list[dict[str, Any]] | None = None) -> None:
        self.post(f"/returns/{number}/receive")
        for path, found in (("receive-items", items), ("dismiss-items", damaged or [])):
            if found:
                self.post(f"/returns/{number}/{path}", {"items": found})
        self.post(f"/returns/{number}/receive/confirm")

    def faults(self, *faults: Mapping[str, Any]) -> None:
        assert self.client.post("/_twin/faults", json={"faults": list(faults)}).status_code == 200


def refused(response: TestResponse) -> tuple[int, str]:
    """Status and type of a refusal, whose body must have the platform's shape."""
    assert set(told(response)) <= {"code", "type", "message"}
    return response.status_code, str(told(response)["type"])


def told(response: TestResponse) -> Any:
    """The document of an answer, whatever its status."""
    return response.get_json()


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
    hub.url = f"http://127.0.0.1:{server.server_port}/relay"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
