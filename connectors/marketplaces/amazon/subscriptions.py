"""The subscription to changes of orders, into the seller's own queue; a forwarder of the seller brings them to us."""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.notices import Subscribed
from connectors.marketplaces.amazon.client import Json, Selling
from connectors.marketplaces.amazon.reading import part, rows, text

TOPIC = "ORDER_CHANGE"
PATH = "/notifications/v1"
SCOPE = "sellingpartnerapi::notifications"
NAME = "Order hub"
_NOT_THERE = frozenset({"NotFound", "404", "http-404"})
ELSEWHERE = "this app's changes of orders go into another queue; only one can have them"


def ensure(selling: Selling, queue: str) -> Subscribed:
    """Nothing is asked for an account without a queue: Amazon calls no address, and polling brings everything."""
    if not queue:
        return Subscribed()
    destination = _destination(selling, queue)
    held = _held(selling)
    if held:
        return Subscribed((TOPIC,)) if held == destination else Subscribed(refused={TOPIC: ELSEWHERE})
    wanted = {"payloadVersion": "1.0", "destinationId": destination}
    selling.send("createSubscription", "POST", f"{PATH}/subscriptions/{TOPIC}", wanted, writes=True)
    return Subscribed((), (TOPIC,))


def _held(selling: Selling) -> str:
    """Where the subscription leads that this app has, empty when it has none."""
    try:
        found = selling.read("getSubscription", f"{PATH}/subscriptions/{TOPIC}")
        return text(part(found, "payload"), "destinationId")
    except Refused as error:
        if error.code in _NOT_THERE:
            return ""
        raise


def _destination(selling: Selling, queue: str) -> str:
    """The queue's number at Amazon, made when it has none; these calls are the app's own, without a seller."""
    granted = selling.token({"grant_type": "client_credentials", "scope": SCOPE})
    token = str(granted["access_token"])
    known = selling.send("getDestinations", "GET", f"{PATH}/destinations", token=token)
    for row in rows(known, "payload"):
        if text(part(part(row, "resource"), "sqs"), "arn") == queue:
            return text(row, "destinationId")
    wanted: Json = {"name": NAME, "resourceSpecification": {"sqs": {"arn": queue}}}
    made = selling.send("createDestination", "POST", f"{PATH}/destinations", wanted, writes=True, token=token)
    return text(part(made, "payload"), "destinationId")
