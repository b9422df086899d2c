"""How fulfilments are merged and split: settings by place, the log of what was joined or split, joint invoices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, one_of, pk, starts
from oms.db.rulebook import SCOPES

#: Whose orders may leave with a shop's: its own, those of its shop group, those of every shop.
REACHES = ("shop", "group", "all")
#: What of a receiver and buyer must be equal; address, stock point, payment and owner always must.
PARTS = ("buyer", "name", "phone", "carrier")
GIFT_POLICIES = ("keep", "recompute")
INVOICE_POLICIES = ("sum", "one")


class MergeSetting(Base):
    """合单设置 of a place; what is empty is left to the next wider place, at last to the shop itself.

    `parts` are what must be equal besides what always must; window in seconds.
    """

    __tablename__ = "merge_setting"
    __table_args__ = (
        one_of("scope", SCOPES),
        one_of("reach", REACHES),
        one_of("gift_policy", GIFT_POLICIES),
        one_of("invoice_policy", INVOICE_POLICIES),
        check("window", "window_s between 0 and 86400"),
        check("cap", "cap between 1 and 200"),
    )
    scope: Mapped[str] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reach: Mapped[str | None]
    parts: Mapped[list[str] | None]
    merges_cod: Mapped[bool | None]
    merges_presale: Mapped[bool | None]
    merges_split: Mapped[bool | None]
    window_s: Mapped[int | None]
    cap: Mapped[int | None]
    gift_policy: Mapped[str | None]
    invoice_policy: Mapped[str | None]
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = blank()


class Joining(Base):
    """合拆记录: fulfilments joined into one, or one split into several; what is needed to take it back exactly.

    `fulfilment_id` is the one that joined others or that was split. `parts` holds the others, each with its lines.
    """

    __tablename__ = "joining"
    __table_args__ = (one_of("kind", ("merge", "split")), one_of("way", ("rule", "hand")))
    id: Mapped[int] = pk()
    kind: Mapped[str]
    way: Mapped[str] = starts("rule")
    fulfilment_id: Mapped[int]
    order_ids: Mapped[list[int]]
    parts: Mapped[dict[str, Any]]
    reason: Mapped[str] = blank()
    made_at: Mapped[datetime] = now()
    made_by: Mapped[str] = starts("system")
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = blank()


class Apart(Base):
    """Fulfilments or orders that a rule or a person has put apart: those of one set never join each other by rule."""

    __tablename__ = "apart"
    document_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    set_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class JointInvoice(Base):
    """合单发票: the one invoice of orders that leave as one, carried by the request of one of them."""

    __tablename__ = "joint_invoice"
    __table_args__ = (one_of("policy", INVOICE_POLICIES),)
    request_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fulfilment_id: Mapped[int]
    policy: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str] = starts("CNY")
    order_ids: Mapped[list[int]]
    made_at: Mapped[datetime] = now()


Index("ix_joining_fulfilment_id", Joining.fulfilment_id)
Index("ix_joining_order_ids", Joining.order_ids, postgresql_using="gin")
Index("ix_joint_invoice_fulfilment_id", JointInvoice.fulfilment_id)
