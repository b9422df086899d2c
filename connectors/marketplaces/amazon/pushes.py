"""Notifications: checks the forwarder's signature on raw bytes, and tells which order a notification is about.

Amazon signs nothing: its notifications arrive in the seller's own queue (SQS, EventBridge), whose policy says who may
write. What takes them from there to us signs them with the account's secret: X-Notification-Signature is the hex
HMAC-SHA256 of the X-Notification-Timestamp (unix seconds), a full stop and the body.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.contract.errors import BadSignature
from connectors.contract.manifest import Account
from connectors.contract.notices import ChangeHint, PushAnswer, PushEnvelope, PushRequest
from connectors.marketplaces.amazon.reading import moment_of

SIGNATURE, TIMESTAMP = "x-notification-signature", "x-notification-timestamp"
OLDEST, AHEAD = timedelta(minutes=15), timedelta(minutes=5)
_ANSWER = PushAnswer(b'{"ok":true}', "application/json")


def sign(secret: str, stamp: str, body: bytes) -> str:
    """What the forwarder writes into the signature's header."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def verify(push: PushRequest, account: Account) -> PushEnvelope:
    """Check signature, age and seller; Amazon delivers at least once, so the key is its own number."""
    headers = {name.lower(): value for name, value in push.headers.items()}
    secret, stamp = account.secrets.get("push_secret", ""), headers.get(TIMESTAMP, "")
    if not secret:
        raise BadSignature("set the forwarder secret of this account before notifications are sent here")
    given = headers.get(SIGNATURE, "")
    if not hmac.compare_digest(sign(secret, stamp, push.body).encode(), given.encode()):
        raise BadSignature("this is not signed with the forwarder secret of this account")
    _check_age(stamp, push.received_at)
    tree = _tree(push.body)
    told = _inner(tree, "NotificationMetadata").get("NotificationId")
    seller = _seller_of(tree)
    if seller and account.settings.get("seller_id") and seller != account.settings["seller_id"]:
        raise BadSignature("this notification is about another seller; give it the address of its own account")
    digest = hashlib.sha256(push.body).hexdigest()[:32]
    return PushEnvelope(str(told or digest), _kind(tree), _ANSWER)


def hints(push: PushRequest) -> tuple[ChangeHint, ...]:
    """The order a notification is about; none for reports, feeds and kinds not known."""
    tree = _tree(push.body)
    change = _order_change(tree)
    number = change.get("AmazonOrderId")
    if _kind(tree) != "ORDER_CHANGE" or not isinstance(number, str) or not number:
        return ()
    at = _inner(change, "OrderChangeTrigger").get("TimeOfOrderChange") or _either(tree, "EventTime", "eventTime")
    return (ChangeHint("order", number, _moment(at)),)


def _check_age(stamp: str, now: datetime) -> None:
    try:
        at = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadSignature("this does not say when it was sent; write unix seconds into the timestamp") from None
    if not now - OLDEST <= at <= now + AHEAD:
        raise BadSignature("this was sent too long ago, or this machine's clock is wrong")


def _tree(body: bytes) -> dict[str, Any]:
    """A notification as SQS has it, or inside EventBridge's envelope."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(tree, dict):
        return {}
    detail = tree.get("detail")
    return detail if isinstance(detail, dict) else tree


def _kind(tree: dict[str, Any]) -> str:
    return str(_either(tree, "NotificationType", "notificationType") or "")[:60]


def _order_change(tree: dict[str, Any]) -> dict[str, Any]:
    return _inner(_inner(tree, "Payload"), "OrderChangeNotification")


def _seller_of(tree: dict[str, Any]) -> str:
    told = _order_change(tree).get("SellerId")
    return told if isinstance(told, str) else ""


def _either(tree: dict[str, Any], *names: str) -> Any:
    return next((tree[name] for name in names if tree.get(name)), None)


def _inner(tree: dict[str, Any], name: str) -> dict[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def _moment(told: Any) -> datetime | None:
    try:
        return moment_of(told) if isinstance(told, str) else None
    except (ValueError, OverflowError):
        return None
