"""What an order costs, what was paid and paid back, and which of the platform's states follow from that.

Kept on the sale's document: `payments` (events of its one payment), `fulfillments` (also the negative ones), `notes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.sandbox.kit.market.model import line_paid

Doc = dict[str, Any]
Order = Mapping[str, Any]
#: Fulfilments that take units out of what waits to be shipped.
COUNTING = frozenset({"FULFILLED", "REFUNDED", "RETURNED", "REPLACED", "REFUNDED_AND_RETURNED"})
BACK = frozenset({"RETURNED", "REFUNDED_AND_RETURNED"})


def own_cut(line: Order) -> int:
    """What is off the line alone."""
    return int(line["discount"] - line["adjust"])


def listed(line: Order) -> int:
    """What the line costs before any discount."""
    return int(line["total"]) + max(0, own_cut(line))


def subtotal(doc: Order) -> int:
    return sum(line_paid(line) for line in doc["lines"])


def total(doc: Order) -> int:
    return subtotal(doc) + int(doc["post_fee"])


def events_of(doc: Order, *types: str) -> list[Doc]:
    return [event for event in doc["payments"] if event["type"] in types]


def _sum(events: Iterable[Order]) -> int:
    return sum(int(event["amount"]) for event in events)


def refunded(doc: Order) -> int:
    return _sum(events_of(doc, "REFUND_SUCCESS"))


def refund_pending(doc: Order) -> int:
    """Refunds that were asked of the payment app and are not answered."""
    done = {event["psp"] for event in events_of(doc, "REFUND_SUCCESS", "REFUND_FAILURE")}
    return _sum(event for event in events_of(doc, "REFUND_REQUEST") if event["psp"] not in done)


def charged(doc: Order) -> int:
    """What is charged now: a refund lowers it, and so does one that is under way."""
    return _sum(events_of(doc, "CHARGE_SUCCESS")) - refunded(doc) - refund_pending(doc)


def authorized(doc: Order) -> int:
    """What is reserved and not charged."""
    taken = _sum(events_of(doc, "CHARGE_SUCCESS", "CANCEL_SUCCESS"))
    return max(0, _sum(events_of(doc, "AUTHORIZATION_SUCCESS")) - taken)


def due(doc: Order, granted: int) -> int:
    """The total less the refunds that were granted, whether paid or not."""
    return max(0, total(doc) - granted)


def charge_status(doc: Order, granted: int) -> str:
    """NONE, PARTIAL, FULL or OVERCHARGED: what is charged against what is due after granted refunds."""
    have, want = charged(doc), due(doc, granted)
    if have == want:
        return "FULL"
    if have <= 0:
        return "NONE"
    return "PARTIAL" if have < want else "OVERCHARGED"


def authorize_status(doc: Order, granted: int) -> str:
    have, want = charged(doc) + authorized(doc), due(doc, granted)
    if have >= want:
        return "FULL"
    return "PARTIAL" if have > 0 else "NONE"


def units_in(doc: Order, states: Iterable[str], line: str = "") -> int:
    """Units in fulfilments of these states, of one line or of all."""
    wanted = set(states)
    return sum(
        int(part["num"])
        for found in doc["fulfillments"]
        if found["status"] in wanted
        for part in found["lines"]
        if not line or part["no"] == line
    )


def fulfilled(doc: Order, line: str = "") -> int:
    """Units that count as fulfilled: shipped, and those taken off by a return, refund or replacement."""
    return units_in(doc, COUNTING, line)


def waiting(doc: Order, line: Order) -> int:
    """Units of a line that are to be fulfilled."""
    awaiting = units_in(doc, ("WAITING_FOR_APPROVAL",), line["no"])
    return max(0, int(line["num"]) - fulfilled(doc, line["no"]) - awaiting)


def order_status(doc: Order) -> str:
    """The platform's status: the end of an order first, then returns, then how much is fulfilled."""
    if doc["status"] == "cancelled":
        return "EXPIRED" if doc["expired"] else "CANCELED"
    if doc["held"]:
        return "UNCONFIRMED"
    replaced = units_in(doc, ("REPLACED",))
    whole = sum(int(line["num"]) for line in doc["lines"]) - replaced
    done, back = fulfilled(doc) - replaced, units_in(doc, BACK)
    if done <= 0:
        return "UNFULFILLED"
    if back:
        return "RETURNED" if back >= whole else "PARTIALLY_RETURNED"
    return "FULFILLED" if done >= whole else "PARTIALLY_FULFILLED"
