"""A hub that only listens, and a caller that signs: both ends of the wire around a Qimen twin."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, fromstring

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from connectors.sandbox.qimen.gateway import stamp
from connectors.sandbox.qimen.signing import signature
from connectors.sandbox.qimen.twin import QimenTwin

SECRET = "secret-1"
SETTINGS: dict[str, Any] = {
    "app_key": "erp-app",
    "secret": SECRET,
    "senders": 1,
    "warehouses": [
        {"code": "WH-HZ-01", "customer_id": "c1"},
        {"code": "WH-GZ-01", "customer_id": "c2", "owners": ["OWNER02"], "stock": {"SKU-A": 3}},
    ],
}
OK = b"<response><flag>success</flag><code>0</code><message>ok</message></response>"
BUSY = b"<response><flag>failure</flag><code>-1</code><message>busy</message></response>"


class Hub:
    """Keeps what it is sent; answers success unless `answers` holds something else to say first."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[Response] = []
        self.url = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        params = dict(parse_qsl(request.query_string.decode(), keep_blank_values=True))
        self.paths.append(request.path)
        self.received.append((params, request.get_data()))
        answer = self.answers.pop(0) if self.answers else Response(OK, content_type="text/xml")
        return answer(environ, start_response)

    def methods(self) -> Counter[str]:
        return Counter(params["method"] for params, _ in self.received)

    def documents(self, method: str) -> list[Element]:
        return [fromstring(body) for params, body in self.received if params["method"] == method]


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        return None


@contextmanager
def listening(hub: Hub) -> Iterator[Hub]:
    server = make_server("127.0.0.1", 0, hub, threaded=True, request_handler=Quiet)
    hub.url = f"http://127.0.0.1:{server.server_port}/hooks/qimen"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Caller:
    """Calls a twin as the hub does; every part of a call can be falsified."""

    def __init__(self, twin: QimenTwin) -> None:
        self.twin = twin
        self.client = Client(twin)

    def params(self, method: str, /, **changes: str | None) -> dict[str, str]:
        usual: dict[str, str | None] = {
            "method": method,
            "timestamp": stamp(datetime.now(UTC)),
            "format": "xml",
            "app_key": "erp-app",
            "v": "2.0",
            "sign_method": "md5",
            "customerId": "c1",
        }
        return {key: value for key, value in {**usual, **changes}.items() if value is not None}

    def send(self, method: str, body: str, sign: str | None = None, **changes: str | None) -> Element:
        params = self.params(method, **changes)
        raw = body.encode()
        params["sign"] = signature(params, raw, SECRET) if sign is None else sign
        return self.send_raw(params, raw)

    def send_raw(self, params: dict[str, str], raw: bytes) -> Element:
        answer = self.client.post("/router/qimen/service", query_string=params, data=raw, content_type="text/xml")
        assert answer.status_code == 200
        return fromstring(answer.data)

    def control(self, path: str, status: int = 200, **wish: Any) -> dict[str, Any]:
        answer = self.client.post(f"/_twin/{path}", json=wish)
        assert answer.status_code == status, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def ledger(self, code: str) -> dict[str, Any]:
        orders = self.client.get("/_twin/ledger").get_json()["orders"]
        return next(order for order in orders if order["code"] == code)

    def pass_time(self, minutes: float, step: float = 1.0) -> None:
        """Let twin time pass in small steps, so that what a task schedules falls due on the way."""
        for _ in range(int(minutes / step)):
            self.twin.scheduler.advance(step * 60)

    def advance(self, code: str, to: str) -> dict[str, Any]:
        return self.control(f"orders/{code}/advance", to=to)


def verdict(answer: Element) -> tuple[str | None, str | None]:
    """Flag and message of a business answer; error code and message of a gateway refusal."""
    if answer.find("success") is not None:
        return answer.findtext("errorCode"), answer.findtext("errorMsg")
    return answer.findtext("flag"), answer.findtext("message")


def ago(seconds: float) -> str:
    return stamp(datetime.now(UTC) - timedelta(seconds=seconds))
