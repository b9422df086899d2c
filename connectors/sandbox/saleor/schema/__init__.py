"""The part of Saleor's schema that the twin speaks, written down from the platform's documentation."""

from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from connectors.sandbox.kit.gql.schema import Schema
from connectors.sandbox.saleor.schema import inputs, orders, roots, shop


@cache
def schema() -> Schema:
    """The schema, read once."""
    text = "\n".join(part.TEXT for part in (shop, orders, inputs, roots))
    return Schema(text, {"ID": _id, "PositiveDecimal": _positive, "Decimal": _decimal, "JSONString": _text,
                         "UUID": _text, "Date": _text, "Metadata": _text})  # fmt: skip


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("an id is text")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text is wanted")
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("a number is wanted")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("a number is wanted") from None
    if not found.is_finite():
        raise ValueError("a finite number is wanted")
    return found


def _positive(value: Any) -> Decimal:
    found = _decimal(value)
    if found < 0:
        raise ValueError("a number of zero or more is wanted")
    return found
