"""Pinduoduo's message channel kept open: frames become deliveries, heartbeats keep it alive; `messages` reads frames."""

from __future__ import annotations

import hashlib

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.families import Clock
from connectors.contract.notices import Delivery, PushAnswer, PushEnvelope, PushRequest
from connectors.contract.wire import Wire
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.messages import Frame, connection_path, read_frame

#: Where the account leaves the channel's address open. Written as a web address, as people write addresses.
GATEWAY = "https://message-api.pinduoduo.com"
BEAT_SECONDS = 15.0
MOST_AT_ONCE = 100
UNREADABLE = "unreadable"


class Channel:
    """One open channel of one application."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._beat_at = clock()

    def receive(self, seconds: float) -> tuple[Delivery, ...]:
        """Messages that have come; those already here are taken along with the first."""
        self._beat()
        found: list[Delivery] = []
        frame = self._wire.receive(seconds)
        while frame is not None:
            delivery = self._delivery(frame)
            if delivery is not None:
                found.append(delivery)
            frame = self._wire.receive(0) if len(found) < MOST_AT_ONCE else None
        return tuple(found)

    def acknowledge(self, delivery: Delivery) -> None:
        """Say that a message is kept; a frame without a number cannot be acknowledged."""
        if delivery.envelope.answer.body:
            self._wire.send(delivery.envelope.answer.body)

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def _delivery(self, body: bytes) -> Delivery | None:
        """What cannot be read is delivered too: the inbox shows it to people, and it does not come back for ever."""
        try:
            frame = read_frame(body)
        except BadRecord:
            frame = _unread(body)
        if frame is None:
            return None
        push = PushRequest("GET", "/message", {}, {"content-type": "application/json"}, body, self._clock())
        answer = PushAnswer(frame.acknowledgement, "application/json")
        return Delivery(push, PushEnvelope(frame.key, frame.topic, answer), frame.mall_id)

    def _beat(self) -> None:
        now = self._clock()
        if (now - self._beat_at).total_seconds() >= BEAT_SECONDS:
            self._beat_at = now
            beat = {"commandType": "HeartBeat", "sendTime": int(now.timestamp() * 1000)}
            self._wire.send(orjson.dumps(beat))


def address_of(pop: Pop) -> str:
    """Where the application's channel is opened, without the proof of its secret."""
    told = pop.setting("message_gateway", GATEWAY).rstrip("/")
    return f"ws{told.removeprefix('http')}" if told.startswith("http") else told


def open_channel(pop: Pop) -> Channel:
    """Open the application's channel; AuthFailed when the platform refuses its keys or our clock."""
    secret, at_ms = pop.account.secrets.get("client_secret", ""), int(pop.clock().timestamp() * 1000)
    path = connection_path(pop.setting("client_id"), secret, at_ms)
    return Channel(Wire(f"{address_of(pop)}{path}", relay=pop.account.relay), pop.clock)


def _unread(body: bytes) -> Frame:
    """A frame as far as it can be told apart and acknowledged."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        tree = None
    key = f"{UNREADABLE}:{hashlib.sha256(body).hexdigest()}"
    if not isinstance(tree, dict) or "id" not in tree:
        return Frame(key, UNREADABLE, "", None, b"")
    told = tree.get("message")
    message = told if isinstance(told, dict) else {}
    answer = {"id": tree["id"], "commandType": "Ack", "sendTime": tree.get("sendTime")}
    answer |= {name: message.get(name) for name in ("type", "mallID")}
    return Frame(key, UNREADABLE, str(message.get("mallID") or ""), None, orjson.dumps(answer))
