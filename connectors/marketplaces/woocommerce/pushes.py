"""WooCommerce's webhooks: are they genuine, which order they speak of. Bodies may be stale, so they only hint."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import orjson

from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.woocommerce.reading import Json, document, moment, number_text, text
from connectors.marketplaces.woocommerce.signing import webhook_signature

ANSWER = PushAnswer(b"ok", "text/plain; charset=utf-8")
PING = "ping"


def verify_push(push: PushRequest, secret: str) -> PushEnvelope:
    """Check the signature on the raw bytes.

    Saving a webhook sends an unsigned `webhook_id=17`, which must be answered with 200 or the shop does not switch
    it on; it says nothing, so it is let in. Deliveries carry no time, so their age cannot be judged: a replayed one
    has the key of the first, and at worst an order is read once more.
    """
    headers = {name.lower(): value for name, value in push.headers.items()}
    told = headers.get("x-wc-webhook-signature", "")
    if not told and is_ping(push.body):
        return PushEnvelope(f"ping:{push.body.decode()}", PING, ANSWER)
    if not secret:
        raise BadSignature("write the webhook's secret into the account first")
    if not hmac.compare_digest(told.encode(), webhook_signature(secret, push.body).encode()):
        raise BadSignature("the signature does not fit the body; compare the webhook's secret with the account's")
    topic = headers.get("x-wc-webhook-topic", "")
    tree = _tree(push.body)
    return PushEnvelope(_key(push.body, tree, topic, headers), topic, ANSWER, _number(tree))


def parse_push(push: PushRequest) -> ChangeHint | None:
    """The order a delivery speaks of; None for the ping and for what is no order's."""
    headers = {name.lower(): value for name, value in push.headers.items()}
    if is_ping(push.body) or headers.get("x-wc-webhook-resource", "order") not in ("order", "action"):
        return None
    tree = document(push.body, "push")
    number = _number(tree)
    return ChangeHint("order", number, moment(tree, "date_modified_gmt")) if number else None


def is_ping(body: bytes) -> bool:
    """Whether this is what a shop sends to try an address."""
    return body.startswith(b"webhook_id=") and body[11:].isdigit()


def _key(body: bytes, tree: Json, topic: str, headers: Mapping[str, str]) -> str:
    """The body names its version by `date_modified_gmt`; without that, the shop's delivery number tells two apart."""
    stamp = "" if tree.get("date_modified_gmt") else headers.get("x-wc-webhook-delivery-id", "")
    return f"{topic}:{hashlib.sha256(body).hexdigest()}:{stamp}".rstrip(":")


def _tree(body: bytes) -> Json:
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return tree if isinstance(tree, dict) else {}


def _number(tree: Json) -> str:
    """The order's number: `id` of an order, `arg` of an action such as woocommerce_order_refunded."""
    try:
        found = number_text(tree, "id") or (number_text(tree, "arg") if text(tree, "action") else "")
    except BadRecord:
        return ""
    return found if found.isdigit() else ""
