"""The review queue of a tier, most urgent first, with who has taken what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, DateTime, and_, case, cast, func, literal, or_, select

from oms.app.kernel.queries.order_list import OPEN_STATUSES
from oms.app.kernel.queries.pages import SIZE, AnySelect, Page, read_page
from oms.db.channels import Shop, UserGroup
from oms.db.orders import Order
from oms.db.people import User
from oms.db.reviewing import ReviewClaim

TIERS = (1, 2, 4, 8)
MOST_COUNTED: Final = 1000
_NEVER = cast(literal("9999-12-31T00:00:00+00:00"), DateTime(timezone=True))
_DUE = func.coalesce(Order.ship_by, _NEVER)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose orders: all, what `user_id` has taken (mine), what their teams have or look after (team), nobody's (free)."""

    kind: str = ""
    user_id: int = 0
    teams: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """What narrows the queue."""

    tier: int
    shop_id: int | None = None
    is_cod: bool = False
    whose: Whose = Whose()


def review_queue(
    connection: Connection,
    shop_ids: Sequence[int],
    filters: ReviewFilters,
    cursor: str,
    now: datetime,
    size: int = SIZE,
) -> Page:
    """Orders that wait at a tier with who has taken them, the nearest deadline first."""
    statement = _narrowed(_waiting(shop_ids, filters.tier, now), filters, now)
    return read_page(connection, statement, (_DUE, Order.id.expression), cursor, descending=False, size=size)


def count_queue(connection: Connection, shop_ids: Sequence[int], filters: ReviewFilters, now: datetime) -> int:
    """How many orders such a queue holds; counting stops at a thousand."""
    rows = _narrowed(_waiting(shop_ids, filters.tier, now), filters, now).limit(MOST_COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()


def count_in_shops(connection: Connection, shop_ids: Sequence[int], order_ids: Sequence[int]) -> int:
    """How many of these orders are in these shops."""
    statement = select(func.count()).where(Order.id.in_(order_ids), Order.shop_id.in_(shop_ids))
    return connection.execute(statement).scalar_one()


def _narrowed(statement: AnySelect, filters: ReviewFilters, now: datetime) -> AnySelect:
    statement = statement.where(Order.tiers_waiting.op("&")(filters.tier) != 0)
    if filters.shop_id is not None:
        statement = statement.where(Order.shop_id == filters.shop_id)
    if filters.is_cod:
        statement = statement.where(Order.is_cod)
    holder, whose = _holder(now), filters.whose
    if whose.kind == "mine":
        return statement.where(holder == whose.user_id)
    if whose.kind == "team":
        ours = or_(ReviewClaim.user_group_id.in_(whose.teams), Shop.user_group_id.in_(whose.teams))
        return statement.join(Shop, Shop.id == Order.shop_id).where(ours)
    if whose.kind == "free":
        return statement.where(holder.is_(None), ReviewClaim.user_group_id.is_(None))
    return statement


def _holder(now: datetime) -> ColumnElement[int | None]:
    """Who has taken an order, as long as the claim lasts; then it is the team's."""
    lasts = or_(ReviewClaim.expires_at.is_(None), ReviewClaim.expires_at > now)
    return case((lasts, ReviewClaim.user_id), else_=None)


def _waiting(shop_ids: Sequence[int], tier: int, now: datetime) -> AnySelect:
    holder = _holder(now)
    statement = select(
        Order.id,
        Order.shop_id,
        Order.external_no,
        Order.currency,
        Order.paid_total,
        Order.is_cod,
        Order.is_presale,
        Order.has_memo,
        Order.has_message,
        Order.ship_by,
        Order.ordered_at,
        Order.tiers_waiting,
        Order.tiers_passed,
        Order.tiers_next,
        Order.division_code,
        holder.label("holder_id"),
        func.coalesce(func.nullif(User.display_name, ""), User.email).label("holder"),
        UserGroup.name.label("team"),
        ReviewClaim.claimed_at,
        _DUE.label("sort_at"),
    )
    claimed = and_(ReviewClaim.order_id == Order.id, ReviewClaim.tier == tier)
    statement = statement.join(ReviewClaim, claimed, isouter=True).join(User, User.id == holder, isouter=True)
    statement = statement.join(UserGroup, UserGroup.id == ReviewClaim.user_group_id, isouter=True)
    return statement.where(Order.status.in_(OPEN_STATUSES), Order.phase == "review", Order.shop_id.in_(shop_ids))
