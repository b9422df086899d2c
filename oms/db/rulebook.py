"""Rule sets with immutable versions, and the decisions taken with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, Month, blank, monthly, now, one_of, pk, small, starts, zero

STAGES = ("fetch", "preprocess", "review", "merge", "route", "carrier", "intercept", "aftersales", "gift", "sla")
SCOPES = ("global", "channel", "shop_group", "user_group", "shop")


class RuleSet(Base):
    """规则集 of one stage and scope; scope id 0 belongs to the global scope."""

    __tablename__ = "rule_set"
    __table_args__ = (
        UniqueConstraint("stage", "scope", "scope_id"),
        one_of("stage", STAGES),
        one_of("scope", SCOPES),
    )
    id: Mapped[int] = pk()
    stage: Mapped[str]
    scope: Mapped[str] = starts("global")
    scope_id: Mapped[int] = zero()
    name: Mapped[str]
    copied_from_id: Mapped[int | None]


class RuleSetVersion(Base):
    """An immutable version of a rule set; at most one is active, `canary` is its share of orders."""

    __tablename__ = "rule_set_version"
    __table_args__ = (
        UniqueConstraint("rule_set_id", "number"),
        one_of("state", ("draft", "active", "archived")),
    )
    id: Mapped[int] = pk()
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    number: Mapped[int] = small(1)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = starts("draft")
    canary: Mapped[int] = small(100)
    author: Mapped[str] = blank()
    comment: Mapped[str] = blank()
    created_at: Mapped[datetime] = now()
    activated_at: Mapped[datetime | None]


class Decision(Base):
    """What a stage decided for an order and the facts it saw, so that it can be explained. Append-only.

    `facts` is compressed JSON without names, phones or streets; `choices` holds sourcing's candidates.
    """

    __tablename__ = "decision"
    __table_args__ = (monthly(),)
    month: Month = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str]
    rule_set_version_id: Mapped[int | None]
    verdict: Mapped[str]
    matched: Mapped[list[str] | None]
    facts: Mapped[bytes | None]
    choices: Mapped[bytes | None]
    engine: Mapped[str] = blank()
    input_hash: Mapped[bytes | None]
    at: Mapped[datetime]


Index(
    "uq_rule_set_version_active",
    RuleSetVersion.rule_set_id,
    unique=True,
    postgresql_where=text("state = 'active' and canary = 100"),
)
