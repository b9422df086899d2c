"""What platforms settle with a shop, line by line; comparing it with orders is a use case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, now, one_of, pk

KINDS = ("sale", "refund", "commission", "freight", "promotion", "fee", "tax", "transfer", "other")


class StatementRow(Base):
    """结算明细: one line of a platform's bill; `amount` is signed minor units, positive for money to the seller.

    `document_no` is the raw document it stands in, `words` the platform's own word for the kind.
    """

    __tablename__ = "statement_row"
    __table_args__ = (UniqueConstraint("shop_id", "external_no"), one_of("kind", KINDS))
    id: Mapped[int] = pk()
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    external_no: Mapped[str]
    kind: Mapped[str]
    order_no: Mapped[str] = blank()
    line_no: Mapped[str] = blank()
    amount: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    words: Mapped[str] = blank()
    document_no: Mapped[str]
    noted_at: Mapped[datetime] = now()


Index("ix_statement_row_order_no", StatementRow.shop_id, StatementRow.order_no, postgresql_where=text("order_no <> ''"))
Index("ix_statement_row_at", StatementRow.shop_id, StatementRow.at)
