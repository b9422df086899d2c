"""Checks Saleor's webhooks on their raw bytes and reads which orders they are about.

Saleor signs with its private key (a detached JWS, RS256), or with HMAC where a webhook was made with a secretKey.
Headers carry no time: the age is read from `issuedAt`, where the webhook's query asks for it. Recommended query:

    subscription { event { issuedAt ... on OrderCreated { order { id updatedAt } }
      ... on OrderUpdated { order { id updatedAt grantedRefunds { id } } } } }
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from connectors.contract.errors import BadSignature
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.saleor.progress import case_number

#: Saleor tries again for some minutes; a worker that was down sends later.
OLDEST = timedelta(days=1)
AHEAD = timedelta(minutes=10)
#: Keys change when the shop's private key does; a push with a new one asks at most so often.
KEYS_LIVE = timedelta(minutes=5)
_ANSWER = PushAnswer(b'{"ok":true}', "application/json")
_LARGEST = 2_000_000

Keys = Mapping[str, RSAPublicKey]


class KeyRing:
    """The public keys of a shop, fetched when a signature names one that is not known."""

    def __init__(self, fetch: Callable[[], object], clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Keys = {}
        self._asked_at: datetime | None = None

    def key(self, name: str) -> RSAPublicKey | None:
        """The key under its name; None when the shop has no such key."""
        now = self._clock()
        if name not in self._keys and (self._asked_at is None or now - self._asked_at >= KEYS_LIVE):
            self._keys, self._asked_at = read_keys(self._fetch()), now
        return self._keys.get(name)


def read_keys(tree: object) -> Keys:
    """The RSA keys in a JWKS, by name; others are left out."""
    found = tree.get("keys") if isinstance(tree, dict) else None
    keys = {}
    for row in found if isinstance(found, list) else ():
        if isinstance(row, dict) and row.get("kty") == "RSA":
            try:
                numbers = [int.from_bytes(_decoded(str(row[part])), "big") for part in ("e", "n")]
                keys[str(row.get("kid", ""))] = RSAPublicNumbers(*numbers).public_key()
            except (KeyError, ValueError):
                continue
    return keys


def verify(push: PushRequest, secret: str, ring: KeyRing) -> PushEnvelope:
    """Check a webhook's signature and age; its content is its key, since headers are not signed."""
    headers = {name.lower(): value for name, value in push.headers.items()}
    given = headers.get("saleor-signature") or headers.get("x-saleor-signature", "")
    if "." in given:
        _check_jws(given, push.body, ring)
    else:
        _check_hmac(given, push.body, secret)
    for record in _records(push.body):
        _check_age(record.get("issuedAt") or record.get("issued_at"), push.received_at)
    topic = headers.get("saleor-event") or headers.get("x-saleor-event", "")
    return PushEnvelope(hashlib.sha256(topic.encode() + b"\n" + push.body).hexdigest(), topic, _ANSWER)


def hints(push: PushRequest) -> tuple[ChangeHint, ...]:
    """The orders in a webhook, and the granted refunds it shows of them; none for events about neither."""
    found: list[ChangeHint] = []
    for order in _orders(push.body):
        number = order["id"]
        found.append(ChangeHint("order", number, _moment(order.get("updatedAt"))))
        granted = order.get("grantedRefunds")
        parts = [row.get("id") for row in granted if isinstance(row, dict)] if isinstance(granted, list) else []
        found += [ChangeHint("case", case_number(number, part)) for part in parts if isinstance(part, str)]
    return tuple(dict.fromkeys(found))


def _check_hmac(given: str, body: bytes, secret: str) -> None:
    told = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(told.encode(), given.encode()):
        raise BadSignature("this is not signed with the webhook's secret")


def _check_jws(given: str, body: bytes, ring: KeyRing) -> None:
    """RFC 7797: the body itself is signed behind the header, which says so."""
    header, _, rest = given.partition(".")
    middle, _, signature = rest.partition(".")
    try:
        told, signed = orjson.loads(_decoded(header)), _decoded(signature)
    except ValueError:
        raise BadSignature("this signature is not a JWS") from None
    if middle or not isinstance(told, dict) or told.get("alg") != "RS256" or told.get("b64") is not False:
        raise BadSignature("this signature is not a detached RS256 one")
    if told.get("crit") != ["b64"]:
        raise BadSignature("this signature wants what is not known here")
    key = ring.key(str(told.get("kid", "")))
    if key is None:
        raise BadSignature("this is signed with a key the shop does not show")
    try:
        key.verify(signed, header.encode() + b"." + body, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise BadSignature("this is not signed with the shop's key") from None


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part.encode() + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64url") from None


def _check_age(stamp: object, now: datetime) -> None:
    if stamp is None:
        return
    at = _moment(stamp)
    if at is None or not now - OLDEST <= at <= now + AHEAD:
        raise BadSignature("this was sent too long ago, or this machine's clock is wrong")


def _records(body: bytes) -> list[dict[str, Any]]:
    """The objects of a payload: one of a subscription's, a list of those made without a query."""
    try:
        tree = orjson.loads(body) if len(body) <= _LARGEST else None
    except orjson.JSONDecodeError:
        return []
    found = tree if isinstance(tree, list) else [tree]
    return [row for row in found if isinstance(row, dict)]


def _orders(body: bytes) -> Iterator[dict[str, Any]]:
    """Orders named by a payload: itself (without a query), its order, or that of its transaction or fulfilment."""
    for record in _records(body):
        owners = [record, *(record.get(name) for name in ("transaction", "fulfillment", "payment"))]
        named = [owner.get("order") for owner in owners if isinstance(owner, dict)]
        several = record.get("orders")
        named += several if isinstance(several, list) else []
        if record.get("type") == "Order":
            named.append({"id": record.get("id"), "updatedAt": record.get("updated_at")})
        yield from (order for order in named if isinstance(order, dict) and isinstance(order.get("id"), str))


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
