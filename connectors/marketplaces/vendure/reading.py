"""Reads single values of Vendure's JSON: amounts, times, objects, lists. Fast, since every order passes."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.money import exponent
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


class Coins:
    """Amounts of one order: Vendure counts all currencies in the same digits, the hub each in its own."""

    __slots__ = ("currency", "shift")

    def __init__(self, record: Json, digits: int) -> None:
        value = record.get("currencyCode")
        if not (isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isupper()):
            raise BadRecord("this is not a currency", field="currencyCode")
        self.currency = value
        self.shift = exponent(value) - digits

    def of(self, record: Json, field: str) -> int:
        """Minor units of an amount; BadRecord when it is missing."""
        value = record.get(field)
        if type(value) is not int or not -MOST < value < MOST:
            raise BadRecord("this is not an amount in minor units", field=field)
        return self.minor(value)

    def minor(self, value: int) -> int:
        """Minor units of the currency, rounded half up where Vendure has more digits."""
        if not self.shift:
            return value
        if self.shift > 0:
            return value * int(10**self.shift)
        scale = int(10**-self.shift)
        return (value + scale // 2) // scale

    def theirs(self, minor: int) -> int:
        """The amount as Vendure counts it."""
        scale = int(10 ** abs(self.shift))
        return minor // scale if self.shift > 0 else minor * scale


def time_text(at: datetime) -> str:
    """A moment as Vendure's filters want it, to the millisecond, so that texts sort as times do."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
