"""What the completeness page lists: certificates with their differences, past windows being pulled again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from oms.app.kernel.queries.pages import AnyRow
from oms.db.completeness import Backfill, CompletenessCheck, CompletenessRow
from oms.db.orders import Order

MOST = 50
MOST_ROWS = 500


def certificates(connection: Connection, shop_ids: Sequence[int], limit: int = MOST) -> Sequence[AnyRow]:
    """The newest certificates of these shops."""
    statement = (
        select(CompletenessCheck.__table__)
        .where(CompletenessCheck.shop_id.in_(shop_ids))
        .order_by(CompletenessCheck.id.desc())
        .limit(limit)
    )
    return connection.execute(statement).all()


def certificate(connection: Connection, check_id: int) -> AnyRow | None:
    """One certificate."""
    return connection.execute(select(CompletenessCheck.__table__).where(CompletenessCheck.id == check_id)).first()


def latest_by_shop(connection: Connection, shop_ids: Sequence[int]) -> dict[int, AnyRow]:
    """The newest finished certificate of each shop."""
    newest = (
        select(func.max(CompletenessCheck.id))
        .where(CompletenessCheck.shop_id.in_(shop_ids), CompletenessCheck.state == "done")
        .group_by(CompletenessCheck.shop_id)
    )
    statement = select(CompletenessCheck.__table__).where(CompletenessCheck.id.in_(newest))
    return {row.shop_id: row for row in connection.execute(statement)}


def differences(connection: Connection, check_id: int, limit: int = MOST_ROWS) -> Sequence[AnyRow]:
    """What a certificate found, worst first, with our order where there is one."""
    statement = (
        select(CompletenessRow.external_no, CompletenessRow.kind, CompletenessRow.seen, Order.id.label("order_id"))
        .join(CompletenessCheck, CompletenessCheck.id == CompletenessRow.check_id)
        .outerjoin(
            Order,
            (Order.shop_id == CompletenessCheck.shop_id)
            & (Order.origin == "platform")
            & (Order.external_no == CompletenessRow.external_no),
        )
        .where(CompletenessRow.check_id == check_id, CompletenessRow.kind != "matched", CompletenessCheck.state == "done")
        .order_by(
            CompletenessRow.kind == "solved",
            CompletenessRow.kind == "listed",
            CompletenessRow.kind.desc(),
            CompletenessRow.external_no,
        )
        .limit(limit)
    )
    return connection.execute(statement).all()


def moving(connection: Connection, check_ids: Sequence[int]) -> dict[int, int]:
    """Of finished certificates, how many orders moved while they were looked at and are not settled since."""
    statement = (
        select(CompletenessRow.check_id, func.count())
        .join(CompletenessCheck, CompletenessCheck.id == CompletenessRow.check_id)
        .where(
            CompletenessRow.check_id.in_(check_ids), CompletenessRow.kind == "listed", CompletenessCheck.state == "done"
        )
        .group_by(CompletenessRow.check_id)
    )
    return {check_id: count for check_id, count in connection.execute(statement)}


def backfills(connection: Connection, shop_ids: Sequence[int], limit: int = MOST) -> Sequence[AnyRow]:
    """The newest backfills of these shops."""
    statement = select(Backfill.__table__).where(Backfill.shop_id.in_(shop_ids)).order_by(Backfill.id.desc()).limit(limit)
    return connection.execute(statement).all()


def shop_of(connection: Connection, table: type[CompletenessCheck] | type[Backfill], id_: int) -> int | None:
    """The shop of a certificate or backfill."""
    return connection.scalar(select(table.shop_id).where(table.id == id_))
