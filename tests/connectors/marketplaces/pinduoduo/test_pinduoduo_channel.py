"""The message channel: frames become deliveries with their acknowledgement; a heartbeat goes out when it is time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.manifest import Account
from connectors.contract.wire import Wire
from connectors.marketplaces.pinduoduo import Pinduoduo
from connectors.marketplaces.pinduoduo.channel import BEAT_SECONDS, Channel

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CONTENT = {"mall_id": 7, "tid": "260302-1", "modified": 1772424000000}
MESSAGE = {"type": "pdd_trade_TradeConfirmed", "mallID": 7, "content": orjson.dumps(CONTENT).decode()}
FRAME = {"id": 31, "commandType": "Common", "sendTime": 1772424000001, "message": MESSAGE}


class Line:
    """A connection with frames ready, that keeps what is sent."""

    def __init__(self, *frames: bytes) -> None:
        self.frames = list(frames)
        self.sent: list[Any] = []

    def receive(self, seconds: float) -> bytes | None:
        return self.frames.pop(0) if self.frames else None

    def send(self, frame: bytes) -> None:
        self.sent.append(orjson.loads(frame))

    def close(self) -> None:
        self.sent.append("closed")


def channel(line: Line, now: datetime = NOW) -> Channel:
    return Channel(cast("Wire", line), lambda: now)


def frame(**changes: Any) -> bytes:
    return orjson.dumps({**FRAME, **changes})


def test_a_frame_is_delivered_with_its_shop_and_acknowledged_by_its_own_number() -> None:
    line = Line(frame(), frame(commandType="HeartBeat"), frame(id=32))
    open_channel = channel(line)
    (first,) = open_channel.receive(1.0)[:1]
    assert (first.owner, first.envelope.topic, first.push.body) == ("7", MESSAGE["type"], frame())
    open_channel.acknowledge(first)
    assert line.sent == [
        {"id": 31, "commandType": "Ack", "sendTime": 1772424000001, "type": MESSAGE["type"], "mallID": 7}
    ]
    report = Pinduoduo(Account()).parse_push(first.push)
    assert report is not None
    assert getattr(report, "external_no", "") == "260302-1"


def test_what_is_here_comes_at_once_without_heartbeats_and_with_keys_of_its_own() -> None:
    found = channel(Line(frame(), frame(id=32), frame(id=33))).receive(1.0)
    assert len({delivery.envelope.key for delivery in found}) == 3
    assert channel(Line(frame())).receive(1.0)[0].envelope.key == found[0].envelope.key


def test_a_frame_that_cannot_be_read_is_delivered_so_that_people_see_it_and_comes_once() -> None:
    line = Line(frame(message={**MESSAGE, "content": "{"}), b"no frame")
    open_channel = channel(line)
    numbered, nameless = open_channel.receive(1.0) + open_channel.receive(1.0)
    for delivery in (numbered, nameless):
        open_channel.acknowledge(delivery)
        with pytest.raises(BadRecord):
            Pinduoduo(Account()).parse_push(delivery.push)
    assert [sent["id"] for sent in line.sent] == [31]


def test_a_heartbeat_goes_out_when_it_is_time_and_not_before() -> None:
    line, now = Line(), [NOW]
    open_channel = Channel(cast("Wire", line), lambda: now[0])
    open_channel.receive(0)
    assert line.sent == []
    now[0] += timedelta(seconds=BEAT_SECONDS)
    open_channel.receive(0)
    open_channel.receive(0)
    assert [sent["commandType"] for sent in line.sent] == ["HeartBeat"]


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        ("", "wss://message-api.pinduoduo.com/app"),
        ("http://127.0.0.1:9206/", "ws://127.0.0.1:9206/app"),
        ("wss://relay.example", "wss://relay.example/app"),
    ],
)
def test_a_line_is_named_by_its_address_and_application(told: str, opened: str) -> None:
    account = Account({"client_id": "app", "message_gateway": told}, {"client_secret": "CANARY"})
    assert Pinduoduo(account).message_line() == opened
