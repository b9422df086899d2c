"""The actions on an order, the very use cases that the console's buttons start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from oms.app.capture.sending_rest import send_rest as send_the_rest
from oms.app.intercept.orders import cancel_order
from oms.app.kernel import holds
from oms.app.kernel.hub import Hub
from oms.app.pipeline.reviewing import passing, taking_back
from oms.app.pipeline.reviewing.guard import May
from oms.domain.errors import Invalid, NotFound, NotPossible

_HOLD = text("select 1 from hold where id = :hold and order_id = :order")


@dataclass(frozen=True, slots=True)
class Request:
    """An action asked for on an order that the caller may see."""

    hub: Hub
    order: Row[Any]
    actor: str
    may: May
    fields: Mapping[str, Any]

    def need(self, field: str, words: str) -> Any:
        """A field this action cannot do without."""
        value = self.fields.get(field)
        if value is None or (isinstance(value, str) and len(value.strip()) < 2):
            raise Invalid(field, words, f"send {field} in the body")
        return value


def pass_review(asked: Request) -> None:
    """审核通过 at one tier."""
    tier = asked.need("tier", "the review tier is missing")
    reason = asked.fields.get("reason", "")
    _check(passing.pass_orders(asked.hub, [asked.order.id], tier, asked.actor, reason, may=asked.may))


def force_review(asked: Request) -> None:
    """强制通过 at one tier, whatever keeps it back there; it stands in the daily report."""
    tier = asked.need("tier", "the review tier is missing")
    reason = asked.need("reason", "a reason of two characters or more is missing")
    _check(passing.pass_orders(asked.hub, [asked.order.id], tier, asked.actor, reason, forced=True, may=asked.may))


def send_back(asked: Request) -> None:
    """驳回 with a reason."""
    tier = asked.need("tier", "the review tier is missing")
    reason = asked.need("reason", "a reason of two characters or more is missing")
    _check(passing.send_back(asked.hub, [asked.order.id], tier, asked.actor, reason, may=asked.may))


def lift_hold(asked: Request) -> None:
    """解除挂起: one hold of this order."""
    hold_id = asked.need("hold_id", "the hold is missing")
    reason = asked.need("reason", "a reason of two characters or more is missing")
    with asked.hub.engine.connect() as connection:
        if connection.execute(_HOLD, {"hold": hold_id, "order": asked.order.id}).first() is None:
            raise NotFound("this order has no such hold", "read the order again")
    holds.lift(asked.hub, hold_id, asked.actor, reason)


def hold_again(asked: Request) -> None:
    """重新挂起: a hold that a person lifted by mistake, while nothing has left."""
    hold_id = asked.need("hold_id", "the hold is missing")
    reason = asked.need("reason", "a reason of two characters or more is missing")
    with asked.hub.engine.connect() as connection:
        if connection.execute(_HOLD, {"hold": hold_id, "order": asked.order.id}).first() is None:
            raise NotFound("this order has no such hold", "read the order again")
    taking_back.hold_again(asked.hub, hold_id, asked.actor, reason)


def take_pass_back(asked: Request) -> None:
    """反审核: a pass at one tier, while nothing has left."""
    tier = asked.need("tier", "the review tier is missing")
    reason = asked.need("reason", "a reason of two characters or more is missing")
    _check(taking_back.take_pass_back(asked.hub, [asked.order.id], tier, asked.actor, reason, may=asked.may))


def send_rest(asked: Request) -> None:
    """别处已发，发其余: lines that somebody else shipped; the hold is lifted and the others go on."""
    lines = asked.need("line_ids", "the lines are missing")
    reason = asked.need("reason", "a reason of two characters or more is missing")
    send_the_rest(asked.hub, asked.order.id, lines, asked.actor, reason)


def cancel(asked: Request) -> None:
    """取消订单 wherever it is."""
    reason = asked.need("reason", "a reason of two characters or more is missing")
    cancel_order(asked.hub, asked.order.id, asked.actor, reason)


def _check(outcomes: list[passing.Outcome]) -> None:
    for outcome in outcomes:
        if not outcome.is_done:
            raise NotPossible(outcome.words)


ACTIONS: Final[dict[str, Callable[[Request], None]]] = {
    "pass-review": pass_review,
    "force-review": force_review,
    "send-back": send_back,
    "lift-hold": lift_hold,
    "hold-again": hold_again,
    "take-pass-back": take_pass_back,
    "send-rest": send_rest,
    "cancel": cancel,
}
PERMISSIONS: Final = {
    "pass-review": "order.pass_review",
    "force-review": "order.force_review",
    "send-back": "order.send_back",
    "lift-hold": "order.lift_hold",
    "hold-again": "order.lift_hold",
    "take-pass-back": "order.pass_review",
    "send-rest": "order.lift_hold",
    "cancel": "order.cancel",
}
