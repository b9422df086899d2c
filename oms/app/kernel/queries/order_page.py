"""Everything one order's page shows: lines, money, holds, and the documents the order led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.timeline import month_of
from oms.db.aftersales import Case
from oms.db.fulfilments import Fulfilment, FulfilmentLine, Interception, MergeGroup, Parcel, ParcelEvent, ParcelItem
from oms.db.goods import Sku
from oms.db.orders import Demand, Hold, Order, OrderLine, Payment, ReviewDecision
from oms.db.parties import Customer, Receiver
from oms.db.rulebook import Decision, RuleSetVersion
from oms.db.settlement import StatementRow

Rows = Sequence[AnyRow]
SCANS = 8


@dataclass(slots=True)
class OrderPage:
    """An order and its documents."""

    order: AnyRow
    lines: Rows = ()
    payments: Rows = ()
    demands: Rows = ()
    holds: Rows = ()
    reviews: Rows = ()
    fulfilments: Rows = ()
    fulfilment_lines: Rows = ()
    parcels: Rows = ()
    scans: dict[int, list[AnyRow]] = field(default_factory=dict)
    interceptions: Rows = ()
    cases: Rows = ()
    settled: Rows = ()
    receiver: AnyRow | None = None
    customer: AnyRow | None = None
    siblings: dict[int, list[int]] = field(default_factory=dict)
    rules: dict[str, list[str]] = field(default_factory=dict)
    merges_at: datetime | None = None

    @property
    def open_holds(self) -> list[AnyRow]:
        """Holds that are not cleared."""
        return [hold for hold in self.holds if hold.cleared_at is None]

    @property
    def goods(self) -> list[AnyRow]:
        """Lines that are something for us to ship; freight and what the platform ships are none."""
        return [line for line in self.lines if is_goods(line)]

    @property
    def live_fulfilments(self) -> list[AnyRow]:
        """Fulfilments that still count: not cancelled, not merged away."""
        return [row for row in self.fulfilments if row.status not in ("cancelled", "merged")]


def is_goods(line: AnyRow) -> bool:
    """Whether a line is something for us to ship."""
    return line.kind == "goods" and line.fulfiller == "us" and not line.is_gone


def load_order(connection: Connection, order_id: int) -> AnyRow | None:
    """The order's own row; None when there is none."""
    return connection.execute(select(*Order.__table__.c).where(Order.id == order_id)).one_or_none()


def load_page(connection: Connection, order: AnyRow) -> OrderPage:
    """The whole page of an order."""
    page = OrderPage(order)
    page.lines = _lines(connection, order.id)
    page.payments = _of(connection, Payment, order.id)
    page.demands = _demands(connection, order.id)
    page.holds = _of(connection, Hold, order.id)
    page.reviews = _of(connection, ReviewDecision, order.id)
    page.cases = _of(connection, Case, order.id)
    page.settled = _settled(connection, order)
    page.interceptions = _of(connection, Interception, order.id)
    page.receiver = _receiver(connection, order.id)
    page.customer = _customer(connection, order.customer_id)
    _load_shipping(connection, page)
    page.rules = _rules(connection, order) if order.review == "waiting" else {}
    page.merges_at = _merges_at(connection, page) if order.phase == "merging" else None
    return page


def _of(connection: Connection, table: Any, order_id: int) -> Rows:
    return connection.execute(select(*table.__table__.c).where(table.order_id == order_id).order_by(table.id)).all()


def _settled(connection: Connection, order: AnyRow) -> Rows:
    """Lines of the platform's bills about this order, oldest first."""
    statement = select(*StatementRow.__table__.c).where(
        StatementRow.shop_id == order.shop_id, StatementRow.order_no == order.external_no
    )
    return connection.execute(statement.order_by(StatementRow.at, StatementRow.id)).all()


def _lines(connection: Connection, order_id: int) -> Rows:
    statement = (
        select(*OrderLine.__table__.c, Sku.code.label("sku_code"))
        .join(Sku, Sku.id == OrderLine.sku_id, isouter=True)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.line_no, OrderLine.id)
    )
    return connection.execute(statement).all()


def _demands(connection: Connection, order_id: int) -> Rows:
    statement = (
        select(*Demand.__table__.c, Sku.code.label("sku_code"), Sku.name.label("sku_name"))
        .join(Sku, Sku.id == Demand.sku_id, isouter=True)
        .where(Demand.order_id == order_id)
        .order_by(Demand.id)
    )
    return connection.execute(statement).all()


def _receiver(connection: Connection, order_id: int) -> AnyRow | None:
    statement = select(
        Receiver.order_id, Receiver.is_masked, Receiver.country, Receiver.state, Receiver.city, Receiver.district
    ).where(Receiver.order_id == order_id)
    return connection.execute(statement).one_or_none()


def _customer(connection: Connection, customer_id: int | None) -> AnyRow | None:
    if customer_id is None:
        return None
    statement = select(Customer.id, Customer.nick, Customer.external_id, Customer.member_level)
    return connection.execute(statement.where(Customer.id == customer_id)).one_or_none()


def _load_shipping(connection: Connection, page: OrderPage) -> None:
    lines = select(*FulfilmentLine.__table__.c).where(FulfilmentLine.order_id == page.order.id)
    page.fulfilment_lines = connection.execute(lines.order_by(FulfilmentLine.id)).all()
    ids = sorted({line.fulfilment_id for line in page.fulfilment_lines})
    if not ids:
        return
    fulfilments = select(*Fulfilment.__table__.c).where(Fulfilment.id.in_(ids)).order_by(Fulfilment.id)
    page.fulfilments = connection.execute(fulfilments).all()
    page.parcels = connection.execute(
        select(*Parcel.__table__.c).where(Parcel.fulfilment_id.in_(ids)).order_by(Parcel.id)
    ).all()
    page.scans = _scans(connection, page.parcels)
    page.siblings = _siblings(connection, page.order.id, ids)


def _rules(connection: Connection, order: AnyRow) -> dict[str, list[str]]:
    """Tier → names of the rules that sent the order there when it was last decided."""
    statement = (
        select(Decision.matched, RuleSetVersion.body)
        .join(RuleSetVersion, RuleSetVersion.id == Decision.rule_set_version_id)
        .where(Decision.month >= month_of(order.captured_at), Decision.order_id == order.id, Decision.stage == "review")
        .order_by(Decision.id.desc())
    )
    row = connection.execute(statement.limit(1)).one_or_none()
    if row is None:
        return {}
    found: dict[str, list[str]] = {}
    for rule in row.body.get("rules", ()):
        tiers = {act["params"]["tier"] for act in rule.get("actions", ()) if act["action"] == "send_to_tier"}
        for tier in sorted(tiers) if rule["id"] in (row.matched or ()) else ():
            found.setdefault(tier, []).append(rule.get("name") or rule["id"])
    return found


def _merges_at(connection: Connection, page: OrderPage) -> datetime | None:
    """When the window of its merge group ends."""
    keys = [row.merge_key for row in page.fulfilments if row.status == "planned" and row.merge_key is not None]
    return connection.scalar(select(func.min(MergeGroup.due_at)).where(MergeGroup.merge_key.in_(keys)))


def _scans(connection: Connection, parcels: Rows) -> dict[int, list[AnyRow]]:
    """The newest scans of each parcel, oldest first; read from the months since the parcel was handed over."""
    found: dict[int, list[AnyRow]] = {}
    for parcel in parcels:
        statement = select(ParcelEvent.at, ParcelEvent.state, ParcelEvent.place, ParcelEvent.words).where(
            ParcelEvent.parcel_id == parcel.id
        )
        if parcel.handed_over_at is not None:
            statement = statement.where(ParcelEvent.month >= parcel.handed_over_at.date().replace(day=1))
        newest = connection.execute(statement.order_by(ParcelEvent.at.desc(), ParcelEvent.id.desc()).limit(SCANS))
        found[parcel.id] = list(reversed(newest.all()))
    return found


def _siblings(connection: Connection, order_id: int, fulfilment_ids: Sequence[int]) -> dict[int, list[int]]:
    """Other orders that share a fulfilment with this one."""
    statement = (
        select(FulfilmentLine.fulfilment_id, FulfilmentLine.order_id)
        .where(FulfilmentLine.fulfilment_id.in_(fulfilment_ids), FulfilmentLine.order_id != order_id)
        .distinct()
        .order_by(FulfilmentLine.fulfilment_id, FulfilmentLine.order_id)
    )
    found: dict[int, list[int]] = {}
    for fulfilment_id, sibling in connection.execute(statement):
        found.setdefault(fulfilment_id, []).append(sibling)
    return found


def order_numbers(connection: Connection, order_ids: Sequence[int]) -> dict[int, str]:
    """Order id → the platform's number."""
    if not order_ids:
        return {}
    statement = select(Order.id, Order.external_no).where(Order.id.in_(order_ids))
    return dict(connection.execute(statement).all())


def parcels_of_order(connection: Connection, order_id: int) -> Rows:
    """Which of the order's goods are in which parcel."""
    return connection.execute(
        select(ParcelItem.parcel_id, ParcelItem.sku_id, ParcelItem.units).where(ParcelItem.order_id == order_id)
    ).all()
