"""Messages Youzan posts to us: proven first, then read as hints. Polling stays the truth."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import unquote

import orjson

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.youzan.reading import Json, text

JSON_TYPE = "application/json; charset=utf-8"
ACCEPTED = PushAnswer(b'{"code":0,"msg":"success"}', JSON_TYPE)
MAX_BYTES = 2 * 1024 * 1024


def event_sign(client_id: str, entity: bytes, secret: str) -> str:
    """The signature of a message: md5 of client id, entity and client secret, lower hex."""
    return hashlib.md5(client_id.encode() + entity + secret.encode()).hexdigest()  # noqa: S324 the platform's choice


def verify(push: PushRequest, client_id: str, secret: str) -> PushEnvelope:
    """The envelope of a genuine push; BadSignature otherwise.

    The header Event-Sign signs the raw body; without it the field `sign` signs `msg`. Neither holds a time, so a
    replay is known by its key alone: the hash of what is signed.
    """
    if len(push.body) > MAX_BYTES:
        raise BadSignature("the push is larger than 2 MB", code="size")
    header = {name.lower(): value for name, value in push.headers.items()}.get("event-sign", "")
    try:
        message = _message(push)
        entity, given = (push.body, header) if header else (text(message, "msg").encode(), text(message, "sign"))
    except BadRecord:
        raise BadSignature("the push is not a message", code="body") from None
    wanted = event_sign(client_id, entity, secret)
    if not secret or not entity or not hmac.compare_digest(given.lower().encode(), wanted.encode()):
        raise BadSignature("the signature does not fit", code="sign")
    hint = hint_of(push)
    key = hashlib.sha256(entity).hexdigest()
    return PushEnvelope(key, text(message, "type")[:80], ACCEPTED, hint.external_no if hint else "")


def hint_of(push: PushRequest) -> ChangeHint | None:
    """What a verified push says has changed; tests of the address and other topics say nothing."""
    message = _message(push)
    topic, content = text(message, "type").lower(), _content(message)
    if message.get("test") is True:
        return None
    case_no, order_no = text(content, "refund_id"), _order_no(content)
    if "trade_refund" in topic and case_no:
        return ChangeHint("case", case_no)
    return ChangeHint("order", order_no) if "trade_" in topic and order_no else None


def refusal(words: str) -> PushAnswer:
    """Anything but code 0 tells the platform that it was not taken."""
    return PushAnswer(orjson.dumps({"code": 401, "msg": words[:200]}), JSON_TYPE, 401)


def _message(push: PushRequest) -> Json:
    try:
        message = orjson.loads(push.body)
    except orjson.JSONDecodeError:
        raise BadRecord("the push is not JSON", field="body") from None
    if not isinstance(message, dict):
        raise BadRecord("the push is not an object", field="body")
    return message


def _content(message: Json) -> dict[str, Any]:
    """What happened: an object, or JSON written in the form of an address."""
    told = message.get("msg")
    if isinstance(told, str):
        try:
            told = orjson.loads(unquote(told))
        except orjson.JSONDecodeError:
            return {}
    return told if isinstance(told, dict) else {}


def _order_no(content: dict[str, Any]) -> str:
    found: Any = content
    for name in ("full_order_info", "order_info"):
        found = found.get(name) if isinstance(found, dict) else None
    return text(content, "tid") or (text(found, "tid") if isinstance(found, dict) else "")
