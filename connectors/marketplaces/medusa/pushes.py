"""Verifies what a store's own subscriber relays to us; Medusa itself sends no webhooks.

The convention is ours. The subscriber posts `{"event": "order.placed", "data": {"id": "order_…"}}` with the headers
`X-OMS-Signature: sha256=<hex HMAC-SHA256 of the body under the relay secret>` and `X-OMS-Event-Id`. A body that
says `"at"` (ISO time) is refused once it is old; without it a replay only makes us read an order again.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

import orjson

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.medusa.reading import Json, moment, part, text, tree

SIGNATURE = "x-oms-signature"
EVENT_ID = "x-oms-event-id"
OLDEST = timedelta(minutes=10)
ACCEPTED = PushAnswer(b'{"ok":true}', "application/json")

_PREFIX = "sha256="


def verify_push(push: PushRequest, secret: str, now: datetime) -> PushEnvelope:
    """Check the signature on the raw bytes, then the age if the body tells one."""
    headers = {name.lower(): value for name, value in push.headers.items()}
    if not secret:
        raise BadSignature("this shop has no relay secret; put the one of the store's subscriber into its settings")
    expected = _PREFIX + hmac.new(secret.encode(), push.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode()):
        raise BadSignature("the signature does not fit the body")
    try:
        body = tree(push.body, "push")
        at = moment(body, "at")
        event, number = text(body, "event"), _order_no(part(body, "data"))
    except BadRecord:
        raise BadSignature("the body is signed, but it is not {event, data}") from None
    if at is not None and abs(now - at) > OLDEST:
        raise BadSignature("this push is too old")
    digest = hashlib.sha256(push.body).hexdigest()
    return PushEnvelope(f"{headers.get(EVENT_ID, '')[:80]}:{digest}", event, ACCEPTED, number)


def parse_push(push: PushRequest) -> tuple[ChangeHint, ...]:
    """What a verified push hints at: an order, and the return it is about; both are read anew."""
    body = tree(push.body, "push")
    event, event_body = text(body, "event"), part(body, "data")
    at = moment(body, "at")
    hints: list[ChangeHint] = []
    order = _order_no(event_body) if event.startswith("order.") or event_body.get("order_id") else ""
    if order:
        hints.append(ChangeHint("order", order, at))
    returned = text(event_body, "return_id")
    if returned:
        hints.append(ChangeHint("case", returned, at))
    return tuple(hints)


def refusal(words: str) -> PushAnswer:
    """What the subscriber is told; it may try again."""
    return PushAnswer(orjson.dumps({"ok": False, "message": words}), "application/json", 401)


def _order_no(event_body: Json) -> str:
    number = text(event_body, "order_id") or text(event_body, "id")
    return number if number.startswith("order_") else ""
