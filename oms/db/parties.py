"""People outside: customers, sealed receivers with blind indexes, the blacklist."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from oms.db.base import Base, blank, now, off, one_of, pk, small, texts, zero


class Customer(Base):
    """买家: one buyer id on one channel; the nick is kept as masked by the platform."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("channel_id", "external_id"),)
    id: Mapped[int] = pk()
    channel_id: Mapped[int]
    external_id: Mapped[str]
    nick: Mapped[str] = blank()
    member_no: Mapped[str | None]
    member_level: Mapped[str] = blank()
    phone_blind: Mapped[bytes | None]
    joined_to_id: Mapped[int | None]
    first_at: Mapped[datetime] = now()


class CustomerJoin(Base):
    """Two customers found to be one person; recorded so that it can be undone."""

    __tablename__ = "customer_join"
    id: Mapped[int] = pk()
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    reason: Mapped[str]
    at: Mapped[datetime] = now()
    by: Mapped[str] = blank()
    undone_at: Mapped[datetime | None]


class Receiver(Base):
    """收货人: an order's receiver, memo and messages, sealed with the order's data key.

    Plain are only division names and codes. Blind indexes are keyed hashes, empty for masked receivers. `oddities` are
    what was wrong with its text when it came (oms.domain.receivers).
    """

    __tablename__ = "receiver"
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]
    is_masked: Mapped[bool] = off()
    country: Mapped[str] = blank()
    division_code: Mapped[str] = blank()
    state: Mapped[str] = blank()
    city: Mapped[str] = blank()
    district: Mapped[str] = blank()
    blind_key_id: Mapped[str] = blank()
    phone_blind: Mapped[bytes | None]
    phone_tail_blind: Mapped[bytes | None]
    name_blind: Mapped[bytes | None]
    address_blind: Mapped[bytes | None]
    oddities: Mapped[list[str]] = texts()
    version: Mapped[int] = small(1)


class BlacklistEntry(Base):
    """黑名单: a phone, address or buyer not to ship to without a person's look."""

    __tablename__ = "blacklist_entry"
    __table_args__ = (one_of("kind", ("phone", "address", "buyer")), UniqueConstraint("kind", "blind"))
    id: Mapped[int] = pk()
    kind: Mapped[str]
    blind: Mapped[bytes]
    source: Mapped[str] = blank()
    reason: Mapped[str]
    created_at: Mapped[datetime] = now()
    created_by: Mapped[str] = blank()
    expires_at: Mapped[datetime | None]
    hits: Mapped[int] = zero()


Index("ix_receiver_phone", Receiver.phone_blind, postgresql_where=text("phone_blind is not null"))
Index("ix_receiver_phone_tail", Receiver.phone_tail_blind, postgresql_where=text("phone_tail_blind is not null"))
Index("ix_receiver_name", Receiver.name_blind, postgresql_where=text("name_blind is not null"))
Index("ix_receiver_address", Receiver.address_blind, postgresql_where=text("address_blind is not null"))
