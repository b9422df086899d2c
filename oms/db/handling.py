"""What preprocessing needs and leaves: detectors switched, member levels, gifts given, escalations, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, one_of, pk, settings, small, zero
from oms.db.rulebook import SCOPES


class DetectorSetting(Base):
    """检测项设置 of a place: whether a detector looks there, and its thresholds; the most exact place counts."""

    __tablename__ = "detector_setting"
    __table_args__ = (one_of("scope", SCOPES),)
    scope: Mapped[str] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    thresholds: Mapped[dict[str, Any]] = settings()


class MemberLevel(Base):
    """会员等级: what a customer's level means; the discount in hundredths of a percent off what the merchant asks."""

    __tablename__ = "member_level"
    __table_args__ = (check("discount", "discount_bp between 0 and 10000"),)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    rank: Mapped[int] = small()
    discount_bp: Mapped[int] = small()


class GiftGiven(Base):
    """赠品记录: what a rule gave with an order, and what became of it. A gift is a demand of the line that earned it."""

    __tablename__ = "gift_given"
    __table_args__ = (
        one_of("state", ("given", "dropped", "out")),
        check("units_positive", "units > 0"),
        UniqueConstraint("order_id", "rule_set_id", "rule_id", "sku_id"),
    )
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    line_id: Mapped[int]
    demand_id: Mapped[int | None]
    shop_id: Mapped[int]
    customer_id: Mapped[int | None]
    rule_set_id: Mapped[int]
    version_id: Mapped[int]
    rule_id: Mapped[str]
    sku_id: Mapped[int]
    units: Mapped[int] = small(None)
    state: Mapped[str]
    reason: Mapped[str] = blank()
    at: Mapped[datetime]
    changed_at: Mapped[datetime]


class GiftCounter(Base):
    """Units of a SKU that a gift rule has given so far, for its limit of stock."""

    __tablename__ = "gift_counter"
    __table_args__ = (check("not_negative", "given >= 0"),)
    rule_set_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    sku_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    given: Mapped[int] = zero()


class Escalation(Base):
    """升级提醒: when a rule wants a team told of an order that is still not out; once each."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("order_id", "rule_id"),)
    id: Mapped[int] = pk()
    order_id: Mapped[int]
    rule_id: Mapped[str]
    user_group_id: Mapped[int | None]
    words: Mapped[str] = blank()
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Notice(Base):
    """通知: something a team or a person should know of; no names, phones or streets are in it."""

    __tablename__ = "notice"
    id: Mapped[int] = pk()
    at: Mapped[datetime] = now()
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    shop_id: Mapped[int | None]
    order_id: Mapped[int | None]
    user_group_id: Mapped[int | None]
    user_id: Mapped[int | None]
    words: Mapped[str] = blank()
    detail: Mapped[dict[str, Any]] = settings()
    read_at: Mapped[datetime | None]
    read_by: Mapped[str] = blank()


Index("ix_gift_given_rule", GiftGiven.rule_set_id, GiftGiven.rule_id, GiftGiven.customer_id, GiftGiven.at)
Index("ix_escalation_due", Escalation.due_at, postgresql_where=text("done_at is null"))
Index("ix_notice_unread", Notice.user_group_id, Notice.at, postgresql_where=text("read_at is null"))
