"""Messages Doudian posts to us: proven on their raw bytes, then read as hints. Polling stays the truth."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.reading import Json, number_text, text

MAX_BYTES = 2 * 1024 * 1024
SIGNATURE = "event-sign"
JSON_TYPE = "application/json; charset=utf-8"
ACCEPTED = PushAnswer(b'{"code":0,"msg":"success"}', JSON_TYPE)


def event_sign(app_key: str, body: bytes, secret: str) -> str:
    """The signature of a message: md5 of app key, raw body and secret, lower hex."""
    return hashlib.md5(app_key.encode() + body + secret.encode()).hexdigest()  # noqa: S324 the platform's choice


def verify(push: PushRequest, app_key: str, secret: str) -> PushEnvelope:
    """The envelope of a genuine push; BadSignature otherwise.

    Nothing that is signed tells when a push was sent, so an old one cannot be told from a late one: what keeps a
    replay harmless is its key, and that a hint only makes the hub read anew.
    """
    if len(push.body) > MAX_BYTES:
        raise BadSignature("the push is larger than 2 MB", code="size")
    given = {name.lower(): value for name, value in push.headers.items()}.get(SIGNATURE, "")
    if not secret or not hmac.compare_digest(given.lower().encode(), event_sign(app_key, push.body, secret).encode()):
        raise BadSignature("the signature does not fit", code="sign")
    messages = _messages(push.body)
    names = [f"{text(message, 'tag')}:{text(message, 'msg_id')}" for message in messages]
    anonymous = any(not text(message, "msg_id") for message in messages)
    key = hashlib.sha256(push.body if anonymous else "\n".join(names).encode()).hexdigest()
    hints = [hint for message in messages if (hint := _hint(message)) is not None]
    topic = ",".join(dict.fromkeys(text(message, "tag") for message in messages))[:80]
    return PushEnvelope(key, topic, ACCEPTED, hints[0].external_no if hints else "")


def read(push: PushRequest) -> tuple[ChangeHint, ...]:
    """The hints in a verified push; messages about products and the check of the address hint at nothing."""
    return tuple(hint for message in _messages(push.body) if (hint := _hint(message)) is not None)


def refusal(words: str) -> PushAnswer:
    """Anything but code 0 tells the platform that it was not taken."""
    return PushAnswer(orjson.dumps({"code": 40003, "msg": words[:200]}), JSON_TYPE, 401)


def _messages(body: bytes) -> list[Json]:
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("the push is not JSON", field="body") from None
    messages = tree if isinstance(tree, list) else [tree]
    if not all(isinstance(message, dict) for message in messages):
        raise BadRecord("the push is not a list of messages", field="body")
    return messages


def _hint(message: Json) -> ChangeHint | None:
    tag = text(message, "tag")
    number = int(tag) if tag.isdecimal() else -1
    if number not in codes.ORDER_TAGS and number not in codes.CASE_TAGS:
        return None
    event = _event(message)
    kind, field = ("order", "p_id") if number in codes.ORDER_TAGS else ("case", "aftersale_id")
    external_no = number_text(event, field)
    return ChangeHint(kind, external_no, _changed_at(event)) if external_no else None


def _event(message: Json) -> Json:
    """What happened: an object, given as JSON text."""
    event: Any = message.get("data")
    if isinstance(event, str):
        try:
            event = orjson.loads(event)
        except orjson.JSONDecodeError:
            raise BadRecord("a message of the push is not JSON", field="data") from None
    return event if isinstance(event, dict) else {}


def _changed_at(event: Json) -> datetime | None:
    """The time of the change, told as unix seconds or as text with an offset."""
    told = event.get("update_time")
    try:
        if isinstance(told, int):
            return datetime.fromtimestamp(told, UTC) if told > 0 else None
        at = datetime.fromisoformat(str(told))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError, OSError):
        return None
