"""The message service: an application opens a socket with its digest, gets frames and acknowledges each."""

from __future__ import annotations

import hmac
import json
import time

from werkzeug.wrappers import Request, Response

from connectors.sandbox.pinduoduo.pmc import SocketPushes
from connectors.sandbox.pinduoduo.shop import Shop
from connectors.sandbox.pinduoduo.signing import message_digest
from connectors.sandbox.pinduoduo.websocket import Socket

TOLERANCE_MS = 600_000
AT_ONCE = 20


def is_upgrade(request: Request) -> bool:
    return request.path.startswith("/message/") and "websocket" in request.headers.get("Upgrade", "").lower()


def serve(shop: Shop, pushes: SocketPushes, request: Request) -> Response:
    """Speak with one application until it goes; a wrong digest or an old time is answered with 403."""
    if not _is_allowed(shop, request):
        return Response("forbidden", status=403)
    connection = request.environ.get("werkzeug.socket")
    key = request.headers.get("Sec-WebSocket-Key", "")
    if connection is None or not key:
        return Response("the message service needs a WebSocket", status=400)
    shop.market.storage.count("(messages)", "ok")
    wire = Socket(connection)
    wire.open(key)
    try:
        pushes.put_back()
        while True:
            for frame in pushes.fetch(AT_ONCE):
                wire.send(frame["body"])
            for text in wire.texts():
                _hear(pushes, wire, text)
    except ConnectionError:
        raise
    except OSError as error:
        raise ConnectionAbortedError("the application has gone") from error
    finally:
        pushes.put_back()


def _is_allowed(shop: Shop, request: Request) -> bool:
    parts = request.path.split("/", 4)
    if len(parts) != 5 or parts[2] != shop.keys["client_id"] or not parts[3].isdigit():
        return False
    if abs(shop.market.now_ms() - int(parts[3])) > TOLERANCE_MS:
        return False
    expected = message_digest(parts[2], parts[3], shop.keys["client_secret"])
    return hmac.compare_digest(expected.encode(), parts[4].encode())


def _hear(pushes: SocketPushes, wire: Socket, text: bytes) -> None:
    """An acknowledgement settles a frame, a failure has it sent again, a heart beat is answered."""
    try:
        told = json.loads(text)
        command = told.get("commandType")
    except (ValueError, AttributeError):
        return
    if command == "HeartBeat":
        wire.send(json.dumps({"commandType": "HeartBeat", "sendTime": time.time_ns() // 1_000_000}).encode())
    elif command in ("Ack", "Fail"):
        pushes.settle(int(told.get("id") or 0), "done" if command == "Ack" else "ready")
