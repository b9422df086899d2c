"""Deadlines by place with warnings and fines, times without a clock, and the page on which buyers follow orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, check, now, off, one_of, pk, small, starts, zero
from oms.db.rulebook import SCOPES


class DeadlineSetting(Base):
    """时效设置 of a place, the most exact counts: when a team is warned and what being late costs.

    Warnings are minutes before the deadline. A fine is `fine_amount` plus `fine_bp` hundredths of a percent of what was
    paid, within `fine_least` and `fine_most`, in minor units.
    """

    __tablename__ = "deadline_setting"
    __table_args__ = (
        one_of("scope", SCOPES),
        check("fine_sane", "fine_bp between 0 and 10000 and fine_amount >= 0 and fine_least >= 0"),
        check("fine_most_sane", "fine_most is null or fine_most >= fine_least"),
    )
    scope: Mapped[str] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    warn_minutes: Mapped[list[int]] = mapped_column(server_default="{}")
    warn_group_id: Mapped[int | None]
    fine_amount: Mapped[int] = zero()
    fine_bp: Mapped[int] = small()
    fine_least: Mapped[int] = zero()
    fine_most: Mapped[int | None]
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = blank()


class DeadlinePause(Base):
    """停表: a time in which our own deadlines of a place do not run, e.g. a holiday; those a platform names run on.

    `reached` is the last order whose deadline was moved since it was made or removed, null when all are.
    """

    __tablename__ = "deadline_pause"
    __table_args__ = (one_of("scope", SCOPES), check("ends_later", "ends_at > starts_at"))
    id: Mapped[int] = pk()
    scope: Mapped[str] = starts("global")
    scope_id: Mapped[int] = zero()
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    made_by: Mapped[str] = blank()
    removed_at: Mapped[datetime | None]
    reached: Mapped[int | None] = mapped_column(server_default=text("0"))


class StatusPage(Base):
    """物流查询页 of an own shop: buyers follow an order by a link that cannot be guessed."""

    __tablename__ = "status_page"
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    is_on: Mapped[bool] = off()
    contact: Mapped[str] = blank()
    changed_at: Mapped[datetime] = now()


Index("ix_deadline_pause_ends_at", DeadlinePause.ends_at)
Index("ix_deadline_pause_moving", DeadlinePause.id, postgresql_where=text("reached is not null"))
