"""How a shop reviews: which tiers look, who may pass how much, who has taken what, and who is on duty when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, one_of, pk, settings, small, starts


class ShopTier(Base):
    """审核级别设置 of one shop: skip never looks, auto looks where rules say, manual looks at every order.

    Where a shop reviews in order, the smaller position looks first. A tier without a row is auto.
    """

    __tablename__ = "shop_tier"
    __table_args__ = (one_of("mode", ("skip", "auto", "manual")),)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    tier: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[str] = starts("auto")
    position: Mapped[int] = small()


class ReviewLimit(Base):
    """审核限额: orders up to this amount a role may pass at a tier; a tier without any row has no limit for anybody."""

    __tablename__ = "review_limit"
    __table_args__ = (UniqueConstraint("tier", "role_id", "currency"), check("not_negative", "most_amount >= 0"))
    id: Mapped[int] = pk()
    tier: Mapped[int] = small(None)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    currency: Mapped[str] = starts("CNY")
    most_amount: Mapped[int]


class ReviewClaim(Base):
    """领取: who works on an order at a tier: a person, a whole team, or a person of a team.

    What a person has not done by `expires_at`, the end of the shift, is the team's again, else nobody's.
    """

    __tablename__ = "review_claim"
    __table_args__ = (check("a_holder", "num_nonnulls(user_id, user_group_id) > 0"),)
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tier: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user_group_id: Mapped[int | None] = mapped_column(ForeignKey("user_group.id"))
    claimed_at: Mapped[datetime] = now()
    claimed_by: Mapped[str] = blank()
    expires_at: Mapped[datetime | None]


class DutyShift(Base):
    """班次: when a member of a team is on duty; minutes after midnight, an end before the start is on the next day."""

    __tablename__ = "duty_shift"
    __table_args__ = (check("minutes", "starts_min between 0 and 1439 and ends_min between 0 and 1440"),)
    id: Mapped[int] = pk()
    user_group_id: Mapped[int] = mapped_column(ForeignKey("user_group.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    weekdays: Mapped[list[int]]
    starts_min: Mapped[int] = small(None)
    ends_min: Mapped[int] = small(None)
    timezone: Mapped[str] = starts("Asia/Shanghai")


class BulkPass(Base):
    """批量通过: orders that one click passes, so that one click takes it back.

    `asked_ids` are worked on in their order; each is then in `order_ids`, passed, or in `refused` with the reason.
    """

    __tablename__ = "bulk_pass"
    id: Mapped[int] = pk()
    tier: Mapped[int] = small(None)
    actor: Mapped[str]
    reason: Mapped[str] = blank()
    at: Mapped[datetime] = now()
    asked_ids: Mapped[list[int]]
    order_ids: Mapped[list[int]]
    refused: Mapped[dict[str, Any]] = settings()
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = blank()


Index("ix_review_claim_user_id", ReviewClaim.user_id, postgresql_where=text("user_id is not null"))
Index("ix_review_claim_user_group_id", ReviewClaim.user_group_id, postgresql_where=text("user_group_id is not null"))
Index("ix_duty_shift_user_group_id", DutyShift.user_group_id)
