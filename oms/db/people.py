"""Users, roles with permissions, memberships, and keys of the open API."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from oms.db.base import Base, blank, now, on, pk, small, starts, texts


class Role(Base):
    """A named set of permissions; a permission is an action's verb, e.g. order.pass_review."""

    __tablename__ = "role"
    id: Mapped[int] = pk()
    name: Mapped[str] = mapped_column(unique=True)
    label_zh: Mapped[str] = blank()
    label_en: Mapped[str] = blank()
    permissions: Mapped[list[str]] = texts()


class UserRole(Base):
    """A user's role within a scope of shops; null means every shop."""

    __tablename__ = "user_role"
    __table_args__ = (UniqueConstraint("user_id", "role_id"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    shop_ids: Mapped[list[int] | None]


class User(Base):
    """A person who signs in; passwords and second factors are kept by Flask-Security's rules."""

    __tablename__ = "users"
    id: Mapped[int] = pk()
    email: Mapped[str] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    display_name: Mapped[str] = blank()
    password: Mapped[str | None]
    active: Mapped[bool] = on()
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    current_login_at: Mapped[datetime | None]
    last_login_ip: Mapped[str | None]
    current_login_ip: Mapped[str | None]
    login_count: Mapped[int] = small()
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    tf_phone_number: Mapped[str | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    locale: Mapped[str] = starts("zh")
    theme: Mapped[str] = starts("system")
    store_id: Mapped[int | None]
    created_at: Mapped[datetime] = now()
    roles: Mapped[list[Role]] = relationship(secondary="user_role", lazy="selectin")


class UserGroupMember(Base):
    """A user in a user group."""

    __tablename__ = "user_group_member"
    user_group_id: Mapped[int] = mapped_column(ForeignKey("user_group.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)


class ApiKey(Base):
    """A key of the open API; only its hash is kept."""

    __tablename__ = "api_key"
    id: Mapped[int] = pk()
    name: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    permissions: Mapped[list[str]] = texts()
    shop_ids: Mapped[list[int] | None]
    created_at: Mapped[datetime] = now()
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


Index("ix_user_role_user_id", UserRole.user_id)
