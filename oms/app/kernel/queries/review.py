"""The review queue of a tier, most urgent first, and what would happen to a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, DateTime, cast, func, literal, select

from oms.app.kernel.queries.order_list import OPEN_STATUSES, open_holds
from oms.app.kernel.queries.pages import AnyRow, AnySelect, Page, read_page
from oms.db.orders import Order
from oms.domain.holds import Block

TIERS = (1, 2, 4, 8)
_NEVER = cast(literal("9999-12-31T00:00:00+00:00"), DateTime(timezone=True))
_DUE = func.coalesce(Order.ship_by, _NEVER)


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """What narrows the queue."""

    tier: int
    shop_id: int | None = None
    is_cod: bool = False


@dataclass(slots=True)
class Preview:
    """What passing a selection would do: pass and go on, pass and stay held, go on to another tier, or stay."""

    passing: list[AnyRow] = field(default_factory=list)
    moving: list[tuple[AnyRow, int]] = field(default_factory=list)
    staying: list[tuple[AnyRow, str]] = field(default_factory=list)
    held: list[tuple[AnyRow, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many would leave this tier."""
        return len(self.passing) + len(self.held) + len(self.moving)


def review_queue(connection: Connection, shop_ids: Sequence[int], filters: ReviewFilters, cursor: str) -> Page:
    """Orders that wait at a tier, the nearest deadline first."""
    statement = _waiting(shop_ids).where(Order.tiers_waiting.op("&")(filters.tier) != 0)
    if filters.shop_id is not None:
        statement = statement.where(Order.shop_id == filters.shop_id)
    if filters.is_cod:
        statement = statement.where(Order.is_cod)
    return read_page(connection, statement, (_DUE, Order.id.expression), cursor, descending=False)


def _waiting(shop_ids: Sequence[int]) -> AnySelect:
    return select(
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
        Order.division_code,
        _DUE.label("sort_at"),
    ).where(Order.status.in_(OPEN_STATUSES), Order.phase == "review", Order.shop_id.in_(shop_ids))


def preview_pass(connection: Connection, shop_ids: Sequence[int], order_ids: Sequence[int], tier: int) -> Preview:
    """Sort a selection by what passing it at this tier would do."""
    statement = select(
        Order.id, Order.external_no, Order.currency, Order.paid_total, Order.phase, Order.tiers_waiting
    ).where(Order.id.in_(order_ids), Order.shop_id.in_(shop_ids))
    holds = open_holds(connection, order_ids)
    preview = Preview()
    for row in connection.execute(statement.order_by(Order.id)):
        blocking = next((hold.kind for hold in holds.get(row.id, []) if hold.blocks & Block.REVIEW), "")
        holding = next((hold.kind for hold in holds.get(row.id, []) if hold.blocks & Block.DISPATCH), "")
        left = row.tiers_waiting & ~tier
        if row.phase != "review" or not row.tiers_waiting & tier:
            preview.staying.append((row, "moved"))
        elif blocking:
            preview.staying.append((row, blocking))
        elif left:
            preview.moving.append((row, left & -left))
        elif holding:
            preview.held.append((row, holding))
        else:
            preview.passing.append(row)
    return preview
