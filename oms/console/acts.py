"""The use cases that buttons start, each for the person at the console.

The request's reading connection is given back first, so that the page drawn afterwards sees what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import OperationalError

from oms.app.capture import backfill, completeness, parked, reading_again, sync
from oms.app.capture.entered import settling
from oms.app.capture.sending_rest import send_rest as send_the_rest
from oms.app.intercept import emergency, orders
from oms.app.kernel import holds, outbound
from oms.app.pipeline import inbox
from oms.app.pipeline.outbound import platform_waybills, voiding
from oms.app.pipeline.reviewing import bulk as bulk_passing
from oms.app.pipeline.reviewing import claiming, passing, taking_back
from oms.app.pipeline.reviewing.bulk import Bulk
from oms.app.pipeline.reviewing.passing import Outcome
from oms.console.context import actor, close_connection, hub, person
from oms.domain.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")


def clicked(use_case: Callable[P, R]) -> Callable[P, R]:
    """A use case started by a click: it waits a moment for a lock, then says that the document is being worked on."""

    @wraps(use_case)
    def started(*args: P.args, **kwargs: P.kwargs) -> R:
        close_connection()
        try:
            return use_case(*args, **kwargs)
        except (LockNotAvailable, DeadlockDetected) as error:
            raise Busy("the document is locked", "click again in a few seconds") from error
        except OperationalError as error:
            if isinstance(error.orig, (LockNotAvailable, DeadlockDetected)):
                raise Busy("the document is locked", "click again in a few seconds") from error
            raise

    return started


@clicked
def pass_orders(order_ids: Sequence[int], tier: int, reason: str = "") -> list[Outcome]:
    """Pass orders at a tier."""
    return passing.pass_orders(hub(), order_ids, tier, actor(), reason, may=person().allows)


@clicked
def send_back(order_ids: Sequence[int], tier: int, reason: str) -> list[Outcome]:
    """Send orders back with a reason."""
    return passing.send_back(hub(), order_ids, tier, actor(), reason, may=person().allows)


@clicked
def force_orders(order_ids: Sequence[int], tier: int, reason: str) -> list[Outcome]:
    """Pass orders at a tier by force."""
    return passing.pass_orders(hub(), order_ids, tier, actor(), reason, forced=True, may=person().allows)


@clicked
def pass_step(bulk_id: int) -> Bulk:
    """Pass the next of many orders."""
    return bulk_passing.pass_next(hub(), bulk_id, actor(), may=person().allows)


@clicked
def start_bulk(order_ids: Sequence[int], tier: int) -> int:
    """Note which orders one click passes."""
    return bulk_passing.start_bulk(hub(), order_ids, tier, actor())


@clicked
def undo_bulk(bulk_id: int, reason: str) -> list[Outcome]:
    """Take back what one click passed."""
    return bulk_passing.undo_bulk(hub(), bulk_id, actor(), reason, may=person().allows)


@clicked
def claim_next(tier: int, shop_ids: Sequence[int]) -> list[int]:
    """Take the next orders of a tier."""
    return claiming.claim_next(hub(), tier, actor(), shop_ids, may=person().allows)


@clicked
def hand_over(order_ids: Sequence[int], tier: int, user_id: int | None, team_id: int | None, why: str) -> list[Outcome]:
    """Hand orders to a colleague or a team."""
    return claiming.hand_over(
        hub(), order_ids, tier, actor(), user_id=user_id, team_id=team_id, reason=why, may=person().allows
    )


@clicked
def give_back(order_ids: Sequence[int], tier: int) -> list[Outcome]:
    """Let orders go that the person has taken."""
    return claiming.give_back(hub(), order_ids, tier, actor(), may=person().allows)


@clicked
def lift_hold(hold_id: int, reason: str) -> None:
    """Lift a hold."""
    holds.lift(hub(), hold_id, actor(), reason)


@clicked
def hold_again(hold_id: int, reason: str) -> None:
    """Take back that a hold was lifted."""
    taking_back.hold_again(hub(), hold_id, actor(), reason)


@clicked
def take_pass_back(order_ids: Sequence[int], tier: int, reason: str) -> list[Outcome]:
    """Take back that orders were passed at a tier."""
    return taking_back.take_pass_back(hub(), order_ids, tier, actor(), reason, may=person().allows)


@clicked
def send_rest(order_id: int, line_ids: Sequence[int], reason: str) -> None:
    """Count lines as shipped elsewhere and send the rest."""
    send_the_rest(hub(), order_id, line_ids, actor(), reason)


@clicked
def mark_paid(order_id: int, amount: int, paid_at: datetime, reference: str) -> None:
    """Note that a manual order was paid."""
    settling.mark_paid(hub(), order_id, amount, paid_at, reference, actor())


@clicked
def cancel_order(order_id: int, reason: str) -> None:
    """Cancel an order wherever it is."""
    orders.cancel_order(hub(), order_id, actor(), reason)


@clicked
def ask_certificate(shop_id: int, since: datetime, until: datetime) -> int:
    """Have a window of a shop compared with the platform's other list."""
    return completeness.ask_check(hub(), shop_id, since, until, actor())


@clicked
def settle_certificate(check_id: int) -> None:
    """Mark what has arrived since."""
    completeness.settle_rows(hub(), check_id)


@clicked
def pull_missing(check_id: int) -> int:
    """Read anew what a certificate found missing or differing."""
    return completeness.pull_missing(hub(), check_id)


@clicked
def ask_backfill(shop_id: int, since: datetime, until: datetime) -> int:
    """Pull a past window of a shop again."""
    return backfill.ask_backfill(hub(), shop_id, since, until, actor())


@clicked
def stop_backfill(backfill_id: int) -> None:
    """Stop a backfill."""
    backfill.stop_backfill(hub(), backfill_id)


@clicked
def retry_parked(ids: Sequence[int]) -> dict[int, str]:
    """Read parked records again; id → outcome."""
    return reading_again.retry(hub(), ids, actor())


@clicked
def discard_parked(ids: Sequence[int], reason: str) -> int:
    """Give up parked records."""
    return parked.discard(hub(), ids, actor(), reason)


@clicked
def retry_messages(ids: Sequence[int]) -> int:
    """Work on failed messages again."""
    return inbox.retry_failed(hub(), ids, actor())


@clicked
def retry_outbound(ids: Sequence[int]) -> int:
    """Send outbound rows again."""
    return outbound.retry(hub(), ids, actor())


@clicked
def claim_waybill(outbound_id: int) -> None:
    """Have the platform replace its waybill by ours."""
    platform_waybills.claim_ours(hub(), outbound_id, actor())


@clicked
def void_outbound(ids: Sequence[int], reason: str) -> int:
    """Give up outbound rows."""
    return voiding.void_rows(hub(), ids, actor(), reason)


@clicked
def place_stop(scope: str, scope_id: int, reason: str) -> int:
    """Stop everything outbound in a scope."""
    return emergency.place(hub(), scope, scope_id, reason, actor())


@clicked
def release_stop(stop_id: int, per_minute: int) -> None:
    """Let a stopped scope go on, so many a minute."""
    emergency.release(hub(), stop_id, per_minute, actor())


@clicked
def end_stop(stop_id: int) -> None:
    """End a stop at once."""
    emergency.end(hub(), stop_id, actor())


@clicked
def pull_now(shop_id: int, stream: str) -> None:
    """Pull a stream without waiting for its schedule."""
    sync.pull_now(hub(), shop_id, stream)


@clicked
def hold_order(order_id: int, reason: str) -> None:
    """Hold an order by hand; what is at a warehouse is called back."""
    holds.hold_order(hub(), order_id, actor(), reason)
