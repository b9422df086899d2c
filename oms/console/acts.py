"""The use cases that buttons start, in one place: each does one thing for the person and says what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from oms.console.context import actor, close_connection, hub


def _use_case(module: str, name: str) -> Any:
    return getattr(import_module(f"oms.app.{module}"), name)


def pass_orders(order_ids: Sequence[int], tier: int, reason: str = "") -> list[Any]:
    """Pass orders at a tier."""
    close_connection()
    outcomes: list[Any] = _use_case("pipeline.review", "pass_orders")(hub(), order_ids, tier, actor(), reason)
    return outcomes


def send_back(order_ids: Sequence[int], tier: int, reason: str) -> list[Any]:
    """Send orders back with a reason."""
    close_connection()
    outcomes: list[Any] = _use_case("pipeline.review", "send_back")(hub(), order_ids, tier, actor(), reason)
    return outcomes


def lift_hold(hold_id: int, reason: str) -> None:
    """Lift a hold."""
    close_connection()
    _use_case("kernel.holds", "lift")(hub(), hold_id, actor(), reason)


def cancel_order(order_id: int, reason: str) -> None:
    """Cancel an order wherever it is."""
    close_connection()
    _use_case("intercept.orders", "cancel_order")(hub(), order_id, actor(), reason)


def retry_parked(ids: Sequence[int]) -> Any:
    """Read parked records again."""
    close_connection()
    return _use_case("capture.parked", "retry")(hub(), ids, actor())


def discard_parked(ids: Sequence[int], reason: str) -> Any:
    """Give up parked records."""
    close_connection()
    return _use_case("capture.parked", "discard")(hub(), ids, actor(), reason)


def retry_outbound(ids: Sequence[int]) -> Any:
    """Send outbound rows again."""
    close_connection()
    return _use_case("kernel.outbound", "retry")(hub(), ids, actor())


def void_outbound(ids: Sequence[int], reason: str) -> Any:
    """Give up outbound rows."""
    close_connection()
    return _use_case("kernel.outbound", "void")(hub(), ids, actor(), reason)


def place_stop(scope: str, scope_id: int, reason: str) -> Any:
    """Stop everything outbound in a scope."""
    close_connection()
    return _use_case("intercept.emergency", "place")(hub(), scope, scope_id, reason, actor())


def release_stop(stop_id: int, per_minute: int) -> Any:
    """Let a stopped scope go on, so many a minute."""
    close_connection()
    return _use_case("intercept.emergency", "release")(hub(), stop_id, per_minute, actor())


def end_stop(stop_id: int) -> Any:
    """End a stop at once."""
    close_connection()
    return _use_case("intercept.emergency", "end")(hub(), stop_id, actor())


def pull_now(shop_id: int, stream: str) -> Any:
    """Pull a stream without waiting for its schedule."""
    close_connection()
    return _use_case("capture.sync", "pull_now")(hub(), shop_id, stream)
