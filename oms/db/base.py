"""Foundations of the tables: one metadata, naming, and the column kinds used everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, DateTime, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

#: One sequence gives every document its id; a process takes blocks of this size from it.
ID_BLOCK = 1000
ID_SEQUENCE = "id_seq"

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base; all tables live in the default schema."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it as a class attribute)
        int: BigInteger,
        str: Text,
        bool: Boolean,
        datetime: DateTime(timezone=True),
        date: Date,
        bytes: BYTEA,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(BigInteger),
    }


def pk() -> MappedColumn[int]:
    """A bigint id from the one sequence."""
    return mapped_column(BigInteger, primary_key=True, server_default=text(f"nextval('{ID_SEQUENCE}')"))


def small(default: int | None = 0) -> MappedColumn[int]:
    """A counter or bit set that fits 32 bits."""
    return mapped_column(Integer, server_default=None if default is None else text(str(default)))


def zero() -> MappedColumn[int]:
    """Units or minor units that start at nothing."""
    return mapped_column(BigInteger, server_default=text("0"))


def off() -> MappedColumn[bool]:
    """A flag that starts false."""
    return mapped_column(Boolean, server_default=text("false"))


def on() -> MappedColumn[bool]:
    """A flag that starts true."""
    return mapped_column(Boolean, server_default=text("true"))


def blank() -> MappedColumn[str]:
    """A text that starts empty."""
    return mapped_column(Text, server_default=text("''"))


def starts(default: str) -> MappedColumn[str]:
    """A text with a first value."""
    return mapped_column(Text, server_default=text(f"'{default}'"))


def now() -> MappedColumn[datetime]:
    """The moment of insertion."""
    return mapped_column(DateTime(timezone=True), server_default=text("now()"))


def settings() -> MappedColumn[dict[str, Any]]:
    """A small JSON object that starts empty."""
    return mapped_column(JSONB, server_default=text("'{}'::jsonb"))


def texts() -> MappedColumn[list[str]]:
    """A list of texts that starts empty."""
    return mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


def check(name: str, condition: str) -> CheckConstraint:
    """A named promise the database keeps."""
    return CheckConstraint(condition, name=name)


def monthly() -> dict[str, str]:
    """Table arguments of an append-only table that is partitioned by its `month` column."""
    return {"postgresql_partition_by": "RANGE (month)"}


Month = Mapped[date]
