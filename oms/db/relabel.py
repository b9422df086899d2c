"""Taking merges and splits back once numbers were asked for, and whether carriers go to a place, as they said last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, now, one_of


class JoiningUndo(Base):
    """撤回中: a merge or split that is taken back as soon as carriers have confirmed that its numbers are cancelled.

    One line for each time somebody asked; `joining_id` is the line of the log, `fulfilment_ids` all it concerns.
    """

    __tablename__ = "joining_undo"
    __table_args__ = (one_of("state", ("asked", "done", "refused")),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    joining_id: Mapped[int]
    fulfilment_ids: Mapped[list[int]]
    state: Mapped[str]
    reason: Mapped[str] = blank()
    words: Mapped[str] = blank()
    asked_at: Mapped[datetime] = now()
    asked_by: Mapped[str] = blank()
    ended_at: Mapped[datetime | None]


class CarrierReach(Base):
    """可达: whether a carrier delivers to a place, as it answered last; `wanted` has not been asked yet.

    `place` is the keyed hash of the whole address, so that no address is kept here. `until` is when an
    interruption ends, where the carrier says so; from `due_at` on the answer is asked for anew.
    """

    __tablename__ = "carrier_reach"
    __table_args__ = (one_of("state", ("wanted", "yes", "no", "unknown")),)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("carrier.id"), primary_key=True)
    division_code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    order_id: Mapped[int]
    state: Mapped[str]
    words: Mapped[str] = blank()
    until: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = now()


Index("ix_joining_undo_fulfilment_ids", JoiningUndo.fulfilment_ids, postgresql_using="gin",
      postgresql_where=text("state = 'asked'"))  # fmt: skip
Index("uq_joining_undo_open", JoiningUndo.joining_id, unique=True, postgresql_where=text("state = 'asked'"))
Index("ix_carrier_reach_due_at", CarrierReach.due_at, postgresql_where=text("state = 'wanted'"))
