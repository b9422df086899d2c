"""The list of orders: filters, one keyset page, and the holds and goods of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, select

from oms.app.kernel.queries.pages import AnyRow, AnySelect, Page, Place, read_page
from oms.db.orders import Hold, Order, OrderLine
from oms.domain.phase import PHASES

#: Phases of orders that are over; every other phase lies in the partial index over open work.
CLOSED = frozenset({"completed", "cancelled"})
OPEN_STATUSES = ("unpaid", "open")


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """What narrows the list; an empty one narrows nothing."""

    shop_id: int | None = None
    phase: str = ""
    step: int | None = None
    status: str = ""
    hold: str = ""
    is_cod: bool = False
    is_presale: bool = False
    order_ids: Sequence[int] | None = None
    customer_ids: Sequence[int] | None = None


def list_orders(connection: Connection, shop_ids: Sequence[int], filters: OrderFilters, cursor: str) -> Page:
    """Newest orders first."""
    statement = _narrow(_base(shop_ids), filters)
    return read_page(connection, statement, (Order.ordered_at.expression, Order.id.expression), cursor)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The orders before and after one in a list; None at its ends."""

    before: int | None
    after: int | None


def neighbours(connection: Connection, shop_ids: Sequence[int], filters: OrderFilters, order: AnyRow) -> Neighbours:
    """What stands beside an order in the list, whether or not the filters still find the order itself."""
    statement = _narrow(_base(shop_ids), filters)
    keys = (Order.ordered_at.expression, Order.id.expression)
    found = []
    for backwards in (True, False):
        place = Place(order.ordered_at, order.id, backwards)
        rows = read_page(connection, statement, keys, place.written(), size=1).rows
        found.append(rows[0].id if rows else None)
    return Neighbours(*found)


def _base(shop_ids: Sequence[int]) -> AnySelect:
    return select(
        Order.id,
        Order.shop_id,
        Order.external_no,
        Order.origin,
        Order.status,
        Order.review,
        Order.phase,
        Order.currency,
        Order.paid_total,
        Order.is_cod,
        Order.is_presale,
        Order.has_memo,
        Order.has_message,
        Order.ordered_at,
        Order.ordered_at.label("sort_at"),
        Order.ship_by,
        Order.tiers_waiting,
        Order.tiers_passed,
    ).where(Order.shop_id.in_(shop_ids))


def _narrow(statement: AnySelect, filters: OrderFilters) -> AnySelect:
    if filters.shop_id is not None:
        statement = statement.where(Order.shop_id == filters.shop_id)
    if filters.status:
        statement = statement.where(Order.status == filters.status)
    if filters.is_cod:
        statement = statement.where(Order.is_cod)
    if filters.is_presale:
        statement = statement.where(Order.is_presale)
    if filters.order_ids is not None:
        statement = statement.where(Order.id.in_(filters.order_ids))
    if filters.customer_ids is not None:
        statement = statement.where(Order.customer_id.in_(filters.customer_ids))
    return _narrow_place(statement, filters)


def _narrow_place(statement: AnySelect, filters: OrderFilters) -> AnySelect:
    phases = [filters.phase] if filters.phase else _phases_of(filters.step)
    if phases:
        statement = statement.where(Order.phase.in_(phases))
        if not CLOSED.intersection(phases):
            statement = statement.where(Order.status.in_(OPEN_STATUSES))
    if filters.hold:
        held = exists().where(and_(Hold.order_id == Order.id, Hold.kind == filters.hold, Hold.cleared_at.is_(None)))
        statement = statement.where(held)
    return statement


def _phases_of(step: int | None) -> list[str]:
    return [phase.code for phase in PHASES.values() if phase.step == step] if step is not None else []


def open_holds(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Open holds of some orders, those that stop something first."""
    statement = (
        select(Hold.order_id, Hold.id, Hold.kind, Hold.blocks, Hold.placed_at)
        .where(Hold.order_id.in_(order_ids), Hold.cleared_at.is_(None))
        .order_by(Hold.blocks.desc(), Hold.placed_at)
    )
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.order_id, []).append(row)
    return found


@dataclass(slots=True)
class Goods:
    """What an order is about, in one cell."""

    title: str = ""
    more: int = 0
    units: int = 0


def goods_of(connection: Connection, order_ids: Sequence[int]) -> dict[int, Goods]:
    """First title, number of further lines and units of some orders."""
    statement = (
        select(OrderLine.order_id, OrderLine.title, OrderLine.variant, OrderLine.ordered)
        .where(OrderLine.order_id.in_(order_ids), OrderLine.kind == "goods", ~OrderLine.is_gone)
        .order_by(OrderLine.order_id, OrderLine.line_no)
    )
    found: dict[int, Goods] = {}
    for order_id, title, variant, ordered in connection.execute(statement):
        goods = found.setdefault(order_id, Goods())
        if goods.units:
            goods.more += 1
        else:
            goods.title = f"{title} {variant}".strip()
        goods.units += ordered
    return found
