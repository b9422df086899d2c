"""Shopify's webhooks: verified on their raw bytes, read as hints only, since they come late, twice and out of order."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import orjson

from connectors.contract.errors import BadSignature
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.shopify import codes
from connectors.marketplaces.shopify.access import domain_of
from connectors.marketplaces.shopify.reading import Json, gid

#: The platform retries for hours; a push older than this is replayed.
OLDEST = timedelta(days=3)
#: A clock of ours that runs slow makes pushes come from the future.
AHEAD = timedelta(minutes=10)
_ANSWER = PushAnswer(b"{}", "application/json")


def sign(secret: str, body: bytes) -> str:
    """The signature of a webhook: base64 of HMAC-SHA256 over its raw bytes."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def verify(push: PushRequest, account: Account) -> PushEnvelope:
    """Check signature, age and shop. A rotated secret still signs for an hour, so the old one may stand beside it."""
    headers = {name.lower(): value for name, value in push.headers.items()}
    given = headers.get("x-shopify-hmac-sha256", "")
    secrets = [account.secrets.get(name, "") for name in ("client_secret", "old_client_secret")]
    if not any(_matches(secret, push.body, given) for secret in secrets if secret):
        raise BadSignature("this is not signed with the app's client secret")
    _check_age(headers.get("x-shopify-triggered-at", ""), push.received_at)
    shop, ours = headers.get("x-shopify-shop-domain", "").lower(), domain_of(account)
    # One secret serves all shops of an app, so a push may be genuine and yet meant for another of them.
    if shop.endswith(".myshopify.com") and ours.endswith(".myshopify.com") and shop != ours:
        raise BadSignature("this is about another shop; give each shop its own address")
    topic = headers.get("x-shopify-topic", "")
    delivery = headers.get("x-shopify-webhook-id", "")
    digest = hashlib.sha256(topic.encode() + b"\n" + push.body).hexdigest()[:32]
    # The delivery's id is the same on every retry but is not signed, so the content belongs to the key.
    return PushEnvelope(f"{delivery}:{digest}", topic, _ANSWER)


def hints(push: PushRequest) -> tuple[ChangeHint, ...]:
    """The orders and cases a webhook is about; none for topics about neither."""
    topic = next((value for name, value in push.headers.items() if name.lower() == "x-shopify-topic"), "").lower()
    try:
        tree = orjson.loads(push.body)
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(tree, dict):
        return ()
    found: list[ChangeHint] = []
    at = _moment(tree.get("updated_at"))
    own = _own_number(tree, topic)
    if topic.startswith(codes.ORDER_TOPICS):
        return (ChangeHint("order", own, at),) if own else ()
    if topic.startswith(codes.RETURN_TOPICS) and own:
        found.append(ChangeHint("case", own, at))
    elif topic.startswith(codes.REFUND_TOPICS) and own:
        found.append(ChangeHint("case", _number(tree.get("return"), "Return") or own, at))
    order = _number(tree.get("order"), "Order") or _order_id(tree)
    if order:
        found.append(ChangeHint("order", order))
    return tuple(found)


def _matches(secret: str, body: bytes, given: str) -> bool:
    try:
        told = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).digest(), told)


def _check_age(stamp: str, now: datetime) -> None:
    if not stamp:
        return
    at = _moment(stamp)
    if at is None or not now - OLDEST <= at <= now + AHEAD:
        raise BadSignature("this was sent too long ago, or this machine's clock is wrong")


def _own_number(tree: Json, topic: str) -> str:
    kinds = {codes.RETURN_TOPICS: "Return", codes.REFUND_TOPICS: "Refund", codes.ORDER_TOPICS: "Order"}
    kind = next((kind for start, kind in kinds.items() if topic.startswith(start)), "")
    return _number(tree, kind) if kind else ""


def _number(record: object, kind: str) -> str:
    """The global id of a REST-shaped record, which has the plain number beside it."""
    if not isinstance(record, dict):
        return ""
    told = record.get("admin_graphql_api_id")
    if isinstance(told, str) and told.startswith(f"gid://shopify/{kind}/"):
        return told
    plain = record.get("id")
    return gid(kind, str(plain)) if isinstance(plain, (int, str)) and not isinstance(plain, bool) and plain else ""


def _order_id(tree: Json) -> str:
    """The order behind fulfilments, fulfilment orders and refunds."""
    for record in (tree, tree.get("fulfillment_order"), tree.get("fulfillment")):
        plain = record.get("order_id") if isinstance(record, dict) else None
        if isinstance(plain, (int, str)) and not isinstance(plain, bool) and plain:
            return gid("Order", str(plain))
    return ""


def _moment(value: object) -> datetime | None:
    """A time with the shop's own offset, as aware UTC; None for anything else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
