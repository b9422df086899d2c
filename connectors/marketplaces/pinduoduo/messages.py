"""Pinduoduo's message channel, a WebSocket the application opens: its address, its frames, what they hint at. Pure.

Nothing here speaks: `channel` does. The platform calls no address of ours.
Frames bear no signature; whoever holds the connection knows that they are genuine.
"""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple
from urllib.parse import quote

import orjson

from connectors.contract.notices import ChangeHint
from connectors.marketplaces.pinduoduo.cases import case_no
from connectors.marketplaces.pinduoduo.reading import Json, moment_of_ms, number_text, part, text, tree


class Frame(NamedTuple):
    """A message: its key for telling repeats, topic, shop, what has changed, and the acknowledgement to send back."""

    key: str
    topic: str
    mall_id: str
    hint: ChangeHint | None
    acknowledgement: bytes


def connection_path(client_id: str, secret: str, at_ms: int) -> str:
    """The path that opens the channel; it names the application and proves its secret at a moment."""
    digest = hashlib.md5(f"{client_id}{at_ms}{secret}".encode()).hexdigest()  # noqa: S324 the platform's choice
    return f"/message/{client_id}/{at_ms}/{quote(base64.b64encode(digest.encode()).decode(), safe='')}"


def read_frame(body: bytes) -> Frame | None:
    """The message in a frame, None for a heartbeat; BadRecord names what cannot be read.

    The document behind a message may lag it by ten minutes, so reading once at its word is not enough.
    """
    frame = tree(body, "frame")
    if text(frame, "commandType") != "Common":
        return None
    message = part(frame, "message")
    topic, mall_id = text(message, "type"), text(message, "mallID")
    answer = {
        "id": frame.get("id"),
        "commandType": "Ack",
        "sendTime": frame.get("sendTime"),
        "type": topic,
        "mallID": message.get("mallID"),
    }
    hint = _hint(topic, tree(text(message, "content").encode(), "content"))
    return Frame(f"{topic}:{text(frame, 'id')}", topic, mall_id, hint, orjson.dumps(answer))


def _hint(topic: str, content: Json) -> ChangeHint | None:
    order_no, case_id = text(content, "tid"), number_text(content, "refund_id")
    changed = moment_of_ms(content, "modified")
    if topic.startswith("pdd_refund_") and order_no and case_id:
        return ChangeHint("case", case_no(case_id, order_no), changed)
    return ChangeHint("order", order_no, changed) if topic.startswith("pdd_trade_") and order_no else None
