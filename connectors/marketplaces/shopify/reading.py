"""Reads single values of Shopify's JSON: amounts, times, ids, connections. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime
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
from connectors.contract.reading import text as text
from connectors.contract.reading import whole as whole


def document(body: bytes, *names: str) -> tuple[str, Json]:
    """The first of the named objects in an answer's `data`, or in a bare `{name: …}`, with its name."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRecord("this is not JSON", field=names[0]) from None
    inner = tree.get("data", tree) if isinstance(tree, dict) else None
    if isinstance(inner, dict):
        for name in names:
            found = inner.get(name)
            if isinstance(found, dict):
                return name, found
    raise BadRecord("the document holds no such object", field=names[0])


def gid(kind: str, number: str) -> str:
    """The global id of a number; one that is global already stays."""
    return number if number.startswith("gid://") else f"gid://shopify/{kind}/{number}"


def tail(number: str) -> str:
    """The number at the end of a global id."""
    return number[number.rfind("/") + 1 :]


def nodes(record: Json, field: str) -> list[Json]:
    """The objects of a connection or of a plain list; missing is none."""
    value = record.get(field)
    if isinstance(value, dict):
        value = value.get("nodes")
    if value is None:
        return []
    if isinstance(value, list):
        for row in value:
            if not isinstance(row, dict):
                break
        else:
            return value
    raise BadRecord("this is not a list of objects", field=field)


def shop_money(record: Json, field: str, currency: str) -> int:
    """Minor units of a money bag in the shop's currency; a missing bag is 0."""
    bag = record.get(field)
    if bag is None:
        return 0
    try:
        return _minor_of(bag["shopMoney"]["amount"], currency)
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount of money", field=field) from None


def presentment_money(record: Json, field: str) -> tuple[int, str]:
    """Minor units and currency of a money bag as the buyer saw it; a missing bag is (0, "")."""
    bag = record.get(field)
    if bag is None:
        return 0, ""
    try:
        money = bag["presentmentMoney"]
        currency = money["currencyCode"]
        return _minor_of(money["amount"], currency), _currency(currency)
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount of money", field=field) from None


def plain_money(record: Json, field: str) -> tuple[int, str]:
    """Minor units and currency of an amount with one currency; missing is (0, "")."""
    money = record.get(field)
    if money is None:
        return 0, ""
    try:
        return _minor_of(money["amount"], money["currencyCode"]), _currency(money["currencyCode"])
    except (TypeError, KeyError, ValueError):
        raise BadRecord("this is not an amount of money", field=field) from None


def currency_of(record: Json, field: str) -> str:
    """A currency's three letters."""
    try:
        return _currency(record.get(field))
    except ValueError:
        raise BadRecord("this is not a currency", field=field) from None


def _currency(value: object) -> str:
    if isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper():
        return value
    raise ValueError("not a currency")


@lru_cache(maxsize=16384)
def _minor_of(value: object, currency: str) -> int:
    """`"210.30"` → 21030; Shopify also writes "210.3" and "1000.0" for yen."""
    if isinstance(value, str) and value[-3:-2] == "." and value[:-3].isdigit() and value[-2:].isdigit():
        if len(value) < 16 and exponent(currency) == 2:
            return int(value[:-3]) * 100 + int(value[-2:])
    elif not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise ValueError("not an amount")
    try:
        minor = to_minor(value, "amount", currency)
    except BadRecord:
        raise ValueError("not an amount") from None
    if not -MOST < minor < MOST:
        raise ValueError("too large")
    return minor


def time_text(at: datetime) -> str:
    """A moment as Shopify's search wants it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
