"""Reads single values of Saleor's JSON: amounts, times, objects, lists. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent, to_minor
from connectors.contract.reading import EMPTY as EMPTY
from connectors.contract.reading import MOST as MOST
from connectors.contract.reading import Json as Json
from connectors.contract.reading import inner as inner
from connectors.contract.reading import moment as moment
from connectors.contract.reading import needed_moment as needed_moment
from connectors.contract.reading import required as required
from connectors.contract.reading import rows as rows
from connectors.contract.reading import text as text
from connectors.contract.reading import whole as whole


def document(body: bytes) -> tuple[Json, Json]:
    """The order in an answer's `data`, or in a bare `{"order": …}`, behind the document that holds it."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field="order") from None
    if isinstance(tree, dict):
        content = tree.get("data", tree)
        order = content.get("order") if isinstance(content, dict) else None
        if isinstance(order, dict):
            return tree, order
    raise BadRecord("the document holds no such object", field="order")


def stamp(record: Json, field: str) -> datetime | None:
    """A row's time in a list; None for one that cannot be read, so that it stops its own order and no list."""
    try:
        return moment(record, field)
    except BadRecord:
        return None


def nodes(record: Json) -> list[Json]:
    """The objects behind a connection's edges."""
    return [inner(edge, "node") for edge in rows(record, "edges")]


def currency_of(record: Json, field: str) -> str:
    """The three letters in an amount."""
    value = inner(record, field).get("currency")
    if isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper():
        return value
    raise BadRecord("this holds no currency", field=field)


def money(record: Json, field: str, currency: str) -> int:
    """Minor units of an amount; missing is 0. Saleor writes floats, whose shortest text is the exact amount."""
    held = record.get(field)
    if held is None:
        return 0
    try:
        if held.get("currency", currency) != currency:
            raise BadRecord(f"this is not in {currency}", field=field)
        return _minor_of(held["amount"], currency)
    except (AttributeError, TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount of money", field=field) from None


def gross(record: Json, field: str, currency: str) -> int:
    """Minor units of a taxed amount with its tax; BadRecord when it is missing."""
    try:
        return _minor_of(record[field]["gross"]["amount"], currency)
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount with its tax", field=field) from None


def tax(record: Json, field: str, currency: str) -> int:
    """The tax in a taxed amount, rounded: it may be finer than the currency."""
    try:
        return _rounded(record[field]["tax"]["amount"], currency)
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount with its tax", field=field) from None


@lru_cache(maxsize=16384)
def _minor_of(value: object, currency: str) -> int:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("not an amount")
    try:
        minor = to_minor(value, "amount", currency)
    except BadRecord:
        raise ValueError("not an amount") from None
    if not -MOST < minor < MOST:
        raise ValueError("too large")
    return minor


@lru_cache(maxsize=16384)
def _rounded(value: object, currency: str) -> int:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) < MOST:
        raise ValueError("not an amount")
    return int(Decimal(str(value)).scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def time_text(at: datetime) -> str:
    """A moment as Saleor's filters want it, to the microsecond and always as long, so that texts sort as times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
