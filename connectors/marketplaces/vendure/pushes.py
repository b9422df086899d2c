"""Verifies what a store's webhook plugin relays to us; Vendure itself sends no webhooks.

The convention is ours. The plugin's transformer posts
`{"event": "OrderStateTransitionEvent", "at": "2026-03-02T04:00:00.000Z", "data": {"orderId": "501", "refundId": "91"}}`
with the header `X-OMS-Signature: sha256=<hex HMAC-SHA256 of the body under the relay secret>`; `refundId` only for
events about refunds. A body that says `at` is refused once it is old; without it a replay only makes us read again.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.vendure.progress import case_number
from connectors.marketplaces.vendure.reading import moment

SIGNATURE = "x-oms-signature"
OLDEST = timedelta(hours=1)
AHEAD = timedelta(minutes=10)
_PREFIX = "sha256="
_ANSWER = PushAnswer(b'{"ok":true}', "application/json")


def sign(secret: str, body: bytes) -> str:
    """The header's value for a body."""
    return _PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(push: PushRequest, secret: str) -> PushEnvelope:
    """Check the signature on the raw bytes, then the age if the body tells one; its content is its key."""
    given = next((value for name, value in push.headers.items() if name.lower() == SIGNATURE), "")
    if not secret:
        raise BadSignature("this store has no relay secret; put the one of its webhook plugin into the settings")
    if not hmac.compare_digest(sign(secret, push.body).encode(), given.encode()):
        raise BadSignature("the signature does not fit the body")
    body = _body(push)
    try:
        at = moment(body, "at")
    except BadRecord:
        raise BadSignature("the body's time is none") from None
    if at is not None and not push.received_at - OLDEST <= at <= push.received_at + AHEAD:
        raise BadSignature("this push is too old, or this machine's clock is wrong")
    return PushEnvelope(hashlib.sha256(push.body).hexdigest(), str(body.get("event") or ""), _ANSWER)


def hints(push: PushRequest) -> tuple[ChangeHint, ...]:
    """The order a verified push is about, and its refund where it names one."""
    body = _body(push)
    named = body.get("data")
    order = _number(named, "orderId")
    if not order:
        return ()
    at = _moment(body)
    refund = _number(named, "refundId")
    return (ChangeHint("order", order, at), *((ChangeHint("case", case_number(order, refund), at),) if refund else ()))


def _body(push: PushRequest) -> dict[str, Any]:
    try:
        tree = orjson.loads(push.body)
    except orjson.JSONDecodeError:
        return {}
    return tree if isinstance(tree, dict) else {}


def _number(named: object, field: str) -> str:
    value = named.get(field) if isinstance(named, dict) else None
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value else ""


def _moment(body: dict[str, Any]) -> datetime | None:
    try:
        return moment(body, "at")
    except BadRecord:
        return None
