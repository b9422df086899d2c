"""Rule sets with immutable versions, what their rules gave away and where they failed, and the decisions taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, Month, blank, check, monthly, now, one_of, pk, small, starts, zero

STAGES = ("fetch", "preprocess", "review", "merge", "route", "carrier", "intercept", "aftersales", "gift", "sla")
SCOPES = ("global", "channel", "shop_group", "user_group", "shop")


class RuleSet(Base):
    """规则集 of one stage and scope; scope id 0 belongs to the global scope.

    `wake_at`: when orders that rules hold are looked at again, because what is in force has changed.
    """

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
    wake_at: Mapped[datetime | None]


class RuleSetVersion(Base):
    """A version of a rule set: a draft that people edit, then active, then archived. Only a draft may be changed.

    `canary` is the share of orders, in percent, that an active version decides: one may be active for all of them and
    one beside it for a part. `revision` counts the edits of a draft, `limits` are what its rules may give away.
    """

    __tablename__ = "rule_set_version"
    __table_args__ = (
        UniqueConstraint("rule_set_id", "number"),
        one_of("state", ("draft", "active", "archived")),
        check("canary_is_a_share", "canary between 1 and 100"),
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
    limits: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    revision: Mapped[int] = small(1)
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str] = blank()
    activated_by: Mapped[str] = blank()
    archived_at: Mapped[datetime | None]
    copied_from_id: Mapped[int | None]


class RuleUse(Base):
    """限额用量: what a limited rule gave to an order, once an order however often it is decided."""

    __tablename__ = "rule_use"
    rule_set_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount: Mapped[int] = zero()
    at: Mapped[datetime]


class RuleTrouble(Base):
    """规则异常: a rule that raised and was skipped, or passed its limit and is paused until a person resumes it."""

    __tablename__ = "rule_trouble"
    __table_args__ = (one_of("kind", ("unhealthy", "paused")),)
    id: Mapped[int] = pk()
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    version_id: Mapped[int]
    rule_id: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    times: Mapped[int] = zero()
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[str] = blank()


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
Index(
    "uq_rule_set_version_canary",
    RuleSetVersion.rule_set_id,
    unique=True,
    postgresql_where=text("state = 'active' and canary < 100"),
)
Index("ix_rule_use_at", RuleUse.rule_set_id, RuleUse.rule_id, RuleUse.action, RuleUse.at)
Index(
    "uq_rule_trouble_open",
    RuleTrouble.rule_set_id,
    RuleTrouble.rule_id,
    RuleTrouble.kind,
    unique=True,
    postgresql_where=text("cleared_at is null"),
)
