"""Messages: posted to an address, or fetched over the application's socket and acknowledged."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.serving import make_server

from connectors.sandbox.kit.serving import QuietRequests
from connectors.sandbox.pinduoduo.websocket import accept_of
from tests.sandbox.pinduoduo.caller import Caller
from tests.sandbox.pinduoduo.conftest import MakeCaller

GOT: list[tuple[dict[str, str], Any]] = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        GOT.append((dict(self.headers), json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        return None


@pytest.fixture
def hook() -> Iterator[str]:
    GOT.clear()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/pdd"
    server.shutdown()
    server.server_close()
    thread.join()


def digest(shop: Caller, ms: str) -> str:
    keys = shop.twin.keys
    text = hashlib.md5(f"{keys['client_id']}{ms}{keys['client_secret']}".encode()).hexdigest()
    return base64.b64encode(text.encode()).decode()


def topics() -> list[str]:
    return [frame["message"]["type"] for _, frame in GOT]


def test_changes_are_posted_as_signed_frames(start: MakeCaller, hook: str) -> None:
    shop = start(push_url=hook)
    number = shop.one()
    case = shop.ask(number)
    shop.twin.scheduler.run_due()
    headers, frame = GOT[0]
    assert headers["Pdd-Digest"] == digest(shop, headers["Pdd-Timestamp"])
    assert (frame["commandType"], frame["message"]["mallID"]) == ("Common", int(shop.twin.keys["mall_id"]))
    assert json.loads(frame["message"]["content"])["tid"] == number
    assert topics() == ["pdd_trade_TradeConfirmed", "pdd_refund_RefundCreated"]
    content = json.loads(GOT[1][1]["message"]["content"])
    assert (content["refund_id"], content["bill_type"], content["operation"]) == (int(case), 1, 1000)
    assert content["refund_fee"] == shop.ledger(number)["refunds"][0]["amount"]


def test_each_change_has_its_topic(start: MakeCaller, hook: str) -> None:
    shop = start(push_url=hook)
    number, group, risk = shop.one(), shop.one("group_buy"), shop.one("risk")
    for verb in ("edit_memo", "edit_address"):
        shop.act(number, verb)
    shop.send(number)
    shop.act(number, "finish")
    for held in (group, risk):
        shop.act(held, "release")
    shop.twin.scheduler.run_due()
    names = [name.removeprefix("pdd_trade_Trade") for name in topics()]
    assert names == ["Confirmed", "RiskChanged", "MemoModified", "LogisticsAddressChanged", "SellerShip", "Success",
                     "Confirmed", "RiskChanged"]  # fmt: skip


def test_messages_are_lost_or_doubled_on_demand(start: MakeCaller, hook: str) -> None:
    shop = start(push_url=hook)
    shop.faults({"kind": "lost_push", "match": "*Confirmed"}, {"kind": "duplicate_push", "match": "*Memo*"},
                {"kind": "late_push", "seconds": 3600, "match": "*Ship"})  # fmt: skip
    number = shop.one()
    shop.act(number, "edit_memo")
    shop.send(number)
    shop.twin.scheduler.run_due()
    assert topics() == ["pdd_trade_TradeMemoModified"] * 2
    shop.advance(3_700)
    assert topics()[2:] == ["pdd_trade_TradeSellerShip"]


def test_a_shop_permits_the_topics_it_wants(shop: Caller) -> None:
    shop.one()
    assert shop.call("pdd.pmc.accrue.query")["number"] == 0
    assert shop.refused("pdd.pmc.user.permit", topics="pdd_no_such")[0] == 21002
    shop.call("pdd.pmc.user.permit", topics="pdd_trade_TradeConfirmed")
    number = shop.one()
    shop.act(number, "edit_memo")
    assert shop.call("pdd.pmc.accrue.query")["number"] == 1
    assert shop.call("pdd.pmc.user.get")["pmc_user"]["topics"] == ["pdd_trade_TradeConfirmed"]
    shop.call("pdd.pmc.user.cancel")
    shop.one()
    assert shop.call("pdd.pmc.accrue.query")["number"] == 1


class Application:
    """A client of the message service with frames of its own making."""

    def __init__(self, port: int, path: str) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=5)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (f"GET {path} HTTP/1.1", "Host: twin", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", "")  # fmt: skip
        self.wire.sendall("\r\n".join(lines).encode())
        self.file = self.wire.makefile("rb")
        self.head = b"".join(iter(self.file.readline, b"\r\n")).decode()
        self.accepted = accept_of(key) in self.head

    def frame(self) -> tuple[int, bytes]:
        first, size = self.file.read(2)
        if size == 126:
            (size,) = struct.unpack("!H", self.file.read(2))
        return first & 0x0F, self.file.read(size)

    def message(self) -> Any:
        return json.loads(self.frame()[1])

    def send(self, payload: bytes, opcode: int = 1) -> None:
        mask = os.urandom(4)
        body = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
        size = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack("!H", len(body))
        self.wire.sendall(bytes([0x80 | opcode]) + size + mask + body)

    def say(self, frame: Any, command: str) -> None:
        said = {"id": frame["id"], "commandType": command, "sendTime": frame["sendTime"],
                "message": {"type": frame["message"]["type"], "mallID": frame["message"]["mallID"]}}  # fmt: skip
        self.send(json.dumps(said).encode())

    def close(self) -> None:
        self.file.close()
        self.wire.close()


@contextmanager
def served(shop: Caller) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, shop.twin, threaded=True, request_handler=QuietRequests)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def path_of(shop: Caller, digest_text: str = "", age_ms: int = 0) -> str:
    ms = str(int(time.time() * 1000) - age_ms)
    return f"/message/{shop.twin.keys['client_id']}/{ms}/{quote(digest_text or digest(shop, ms), safe='')}"


def backlog(shop: Caller) -> int:
    found: int = shop.call("pdd.pmc.accrue.query")["number"]
    return found


def test_an_application_fetches_and_acknowledges_messages(shop: Caller) -> None:
    shop.call("pdd.pmc.user.permit")
    number = shop.one()
    shop.act(number, "edit_memo")
    shop.twin.scheduler.run_due()
    with served(shop) as port:
        application = Application(port, path_of(shop))
        assert application.accepted
        first, second = application.message(), application.message()
        assert json.loads(first["message"]["content"])["tid"] == number
        application.say(first, "Ack")
        application.say(second, "Fail")
        assert application.message() == second
        application.say(second, "Ack")
        application.send(b'{"commandType":"HeartBeat"}')
        assert application.message()["commandType"] == "HeartBeat"
        application.send(b"still there?", 9)
        assert application.frame() == (10, b"still there?")
        assert backlog(shop) == 0
        application.send(b"", 8)
        assert application.frame()[0] == 8
        application.close()


def test_what_was_not_acknowledged_comes_over_the_next_connection(shop: Caller) -> None:
    shop.call("pdd.pmc.user.permit")
    shop.one()
    shop.twin.scheduler.run_due()
    with served(shop) as port:
        first = Application(port, path_of(shop))
        frame = first.message()
        first.close()
        second = Application(port, path_of(shop))
        assert second.message() == frame
        second.close()


def test_a_wrong_digest_or_an_old_one_opens_nothing(shop: Caller) -> None:
    with served(shop) as port:
        for path in (path_of(shop, "wrong"), path_of(shop, age_ms=700_000), "/message/another/1/x"):
            application = Application(port, path)
            assert " 403 " in application.head
            application.close()
