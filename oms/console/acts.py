"""The use cases that buttons start, each for the person at the console.

The request's reading connection is given back first, so that the page drawn afterwards sees what was written.
"""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.capture import parked, sync
from oms.app.intercept import emergency, orders
from oms.app.kernel import holds, outbound
from oms.app.pipeline import review
from oms.app.pipeline.review import Outcome
from oms.console.context import actor, close_connection, hub


def pass_orders(order_ids: Sequence[int], tier: int, reason: str = "") -> list[Outcome]:
    """Pass orders at a tier."""
    close_connection()
    return review.pass_orders(hub(), order_ids, tier, actor(), reason)


def send_back(order_ids: Sequence[int], tier: int, reason: str) -> list[Outcome]:
    """Send orders back with a reason."""
    close_connection()
    return review.send_back(hub(), order_ids, tier, actor(), reason)


def lift_hold(hold_id: int, reason: str) -> None:
    """Lift a hold."""
    close_connection()
    holds.lift(hub(), hold_id, actor(), reason)


def cancel_order(order_id: int, reason: str) -> None:
    """Cancel an order wherever it is."""
    close_connection()
    orders.cancel_order(hub(), order_id, actor(), reason)


def retry_parked(ids: Sequence[int]) -> dict[int, str]:
    """Read parked records again; id → outcome."""
    close_connection()
    return parked.retry(hub(), ids, actor())


def discard_parked(ids: Sequence[int], reason: str) -> int:
    """Give up parked records."""
    close_connection()
    return parked.discard(hub(), ids, actor(), reason)


def retry_outbound(ids: Sequence[int]) -> int:
    """Send outbound rows again."""
    close_connection()
    return outbound.retry(hub(), ids, actor())


def void_outbound(ids: Sequence[int], reason: str) -> int:
    """Give up outbound rows."""
    close_connection()
    return outbound.void(hub(), ids, actor(), reason)


def place_stop(scope: str, scope_id: int, reason: str) -> int:
    """Stop everything outbound in a scope."""
    close_connection()
    return emergency.place(hub(), scope, scope_id, reason, actor())


def release_stop(stop_id: int, per_minute: int) -> None:
    """Let a stopped scope go on, so many a minute."""
    close_connection()
    emergency.release(hub(), stop_id, per_minute, actor())


def end_stop(stop_id: int) -> None:
    """End a stop at once."""
    close_connection()
    emergency.end(hub(), stop_id, actor())


def pull_now(shop_id: int, stream: str) -> None:
    """Pull a stream without waiting for its schedule."""
    close_connection()
    sync.pull_now(hub(), shop_id, stream)
