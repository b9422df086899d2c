"""时效: pauses of our own deadlines, moved when one is made or removed; warnings to a team before an order is late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.app.kernel.marks import mark
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.pauses import all_pauses
from oms.app.kernel.trail import leave_trail
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.lateness.following import follow_deadlines
from oms.app.rulebook.scopes import check_place
from oms.domain.errors import Invalid, NotFound
from oms.domain.sla import Pauses, ship_deadline

LIMIT: Final = 500
LONGEST: Final = timedelta(days=60)
MOST_WARNINGS: Final = 4
LONGEST_WARNING: Final = 7 * 24 * 60
_ADD: Final = text("""
insert into deadline_pause (scope, scope_id, starts_at, ends_at, reason, made_by)
values (:scope, :scope_id, :starts_at, :ends_at, :reason, :actor) returning id""")
_REMOVE: Final = text("""
update deadline_pause set removed_at = :now, reached = 0 where id = :id and removed_at is null
returning scope, scope_id""")
_NEXT: Final = """
select id, reached, starts_at from deadline_pause where reached is not null order by id limit 1 for update skip locked"""
_REACHED: Final = text("update deadline_pause set reached = :last where id = :id")
_ORDERS: Final = """
select id from orders where id > %s and status = 'open' and fulfiller = 'us' and ship_by > %s order by id limit %s"""
_SAVE: Final = text("""
insert into deadline_setting (scope, scope_id, warn_minutes, warn_group_id, fine_amount, fine_bp, fine_least, fine_most,
  changed_at, changed_by)
values (:scope, :scope_id, :warn_minutes, :warn_group_id, :fine_amount, :fine_bp, :fine_least, :fine_most, :now, :actor)
on conflict (scope, scope_id) do update set warn_minutes = excluded.warn_minutes,
  warn_group_id = excluded.warn_group_id, fine_amount = excluded.fine_amount, fine_bp = excluded.fine_bp,
  fine_least = excluded.fine_least, fine_most = excluded.fine_most, changed_at = excluded.changed_at,
  changed_by = excluded.changed_by""")
_CLEAR: Final = text("delete from deadline_setting where scope = :scope and scope_id = :scope_id")


@dataclass(frozen=True, slots=True)
class DeadlineFields:
    """What a place says of its deadlines; warnings in minutes before them, fines in minor units."""

    warn_minutes: Sequence[int] = ()
    warn_group_id: int | None = None
    fine_amount: int = 0
    fine_bp: int = 0
    fine_least: int = 0
    fine_most: int | None = None


def set_deadlines(hub: Hub, scope: str, scope_id: int, wanted: DeadlineFields, actor: str) -> None:
    """Say when a place's team is warned and what being late costs; Invalid names what is wrong."""
    _check(wanted)
    with hub.begin() as connection:
        check_place(connection, scope, scope_id)
        if wanted.warn_group_id is not None:
            check_place(connection, "user_group", wanted.warn_group_id)
        place = {"scope": scope, "scope_id": scope_id}
        told = asdict(wanted) | {"warn_minutes": sorted(set(wanted.warn_minutes), reverse=True)}
        connection.execute(_SAVE, {**place, **told, "now": hub.clock(), "actor": actor})
        leave_trail(hub, connection, "deadlines_changed", actor, place)


def clear_deadlines(hub: Hub, scope: str, scope_id: int, actor: str) -> None:
    """Let the next wider place decide again."""
    with hub.begin() as connection:
        place = {"scope": scope, "scope_id": scope_id}
        if connection.execute(_CLEAR, place).rowcount:
            leave_trail(hub, connection, "deadlines_changed", actor, place)


def add_pause(
    hub: Hub, scope: str, scope_id: int, starts_at: datetime, ends_at: datetime, reason: str, actor: str
) -> int:
    """Stop the clock of a place's own deadlines for a time; open orders' deadlines follow within seconds."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say what the time is, e.g. a holiday")
    if not timedelta() < ends_at - starts_at <= LONGEST:
        raise Invalid("ends_at", "it must end after it begins, at most 60 days later", "write another day")
    if ends_at <= hub.clock():
        raise Invalid("ends_at", "this time is over", "write a time that is still to come")
    with hub.begin() as connection:
        check_place(connection, scope, scope_id)
        place = {"scope": scope, "scope_id": scope_id}
        given = {**place, "starts_at": starts_at, "ends_at": ends_at, "reason": reason.strip()[:200], "actor": actor}
        pause_id = int(connection.execute(_ADD, given).scalar_one())
        leave_trail(hub, connection, "deadline_pause_added", actor, {**place, "pause": pause_id})
    _follow(hub)
    return pause_id


def remove_pause(hub: Hub, pause_id: int, actor: str) -> None:
    """Let the clock run in that time after all; NotFound when it is not there any more."""
    with hub.begin() as connection:
        row = connection.execute(_REMOVE, {"id": pause_id, "now": hub.clock()}).one_or_none()
        if row is None:
            raise NotFound("there is no such pause", "reload the page")
        told = {"scope": row.scope, "scope_id": row.scope_id, "pause": pause_id}
        leave_trail(hub, connection, "deadline_pause_removed", actor, told)
    _follow(hub)


def _follow(hub: Hub) -> None:
    hub.masters.forget()
    hub.poke("deadlines")


def move_next(hub: Hub) -> int:
    """Move the deadlines of the next open orders after a pause was made or removed; answers how many were looked at.

    A deadline moves only when it is one of ours: a platform's own, or one that a rule or a person set, stays.
    """
    with hub.begin() as connection:
        found = fetch(connection, _NEXT)
        if not found:
            return 0
        pause_id, reached, starts_at = found[0]
        ids = [row[0] for row in fetch(connection, _ORDERS, (reached, starts_at, LIMIT))]
        if ids:
            now = hub.clock()
            batch = Batch(hub, connection, hub.masters.get(connection, now), now)
            fill(batch, lock_orders(connection, ids))
            _move(batch)
            flush(batch)
        last = max(ids) if len(ids) == LIMIT else None
        connection.execute(
            text("update deadline_pause set reached = :last where id = :id"), {"last": last, "id": pause_id}
        )
    return max(1, len(ids))


def _move(batch: Batch) -> None:
    by_shop: dict[int, list[tuple[datetime, datetime, bool]]] = {}
    for shop_id, begins, ends, is_there in all_pauses(batch.connection, batch.now):
        by_shop.setdefault(shop_id, []).append((begins, ends, is_there))
    moved = []
    for order in batch.orders.values():
        was, shop, pauses = order.ship_by, batch.masters.shops[order.shop_id], by_shop.get(order.shop_id, [])
        if was is None or was not in {_own(order, shop, before) for before in _before(pauses)}:
            continue
        is_now = _own(order, shop, [(b, e) for b, e, is_there in pauses if is_there])
        if is_now is not None and mark(batch, order, "ship_by", is_now):
            moved.append((order, was, is_now))
    follow_deadlines(batch, moved)


def _before(pauses: Sequence[tuple[datetime, datetime, bool]]) -> Iterator[Pauses]:
    """The pauses as they may have been when a deadline was set: none, those there, and with one more or less."""
    yield ()
    for changed in (None, *range(len(pauses))):
        yield [(b, e) for at, (b, e, is_there) in enumerate(pauses) if is_there is not (at == changed)]


def _own(order: OrderWork, shop: ShopCard, pauses: Pauses) -> datetime | None:
    return ship_deadline(
        platform=None, ordered_at=order.ordered_at, paid_at=order.paid_at, is_cod=order.is_cod,
        hours_paid=shop.hours_paid, hours_cod=shop.hours_cod, pauses=pauses,
    )  # fmt: skip


def _check(wanted: DeadlineFields) -> None:
    if len(wanted.warn_minutes) > MOST_WARNINGS:
        raise Invalid("warn_minutes", f"there are at most {MOST_WARNINGS} warnings", "leave some out")
    if any(not 1 <= minutes <= LONGEST_WARNING for minutes in wanted.warn_minutes):
        raise Invalid("warn_minutes", "a warning comes 1 minute to 7 days before", f"write 1 to {LONGEST_WARNING}")
    if not 0 <= wanted.fine_bp <= 10_000:
        raise Invalid("fine_bp", "a share is 0 to 100 percent", "write 0 to 100")
    for name, amount in (("fine_amount", wanted.fine_amount), ("fine_least", wanted.fine_least)):
        if not 0 <= amount < 10**9:
            raise Invalid(name, "this amount is too small or too large", "write an amount from 0 on")
    if wanted.fine_most is not None and not wanted.fine_least <= wanted.fine_most < 10**9:
        raise Invalid("fine_most", "the most is less than the least", "write a larger amount, or leave it empty")
