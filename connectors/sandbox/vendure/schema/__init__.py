"""The part of Vendure's Admin schema (3.5) that the twin speaks, as text of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from connectors.sandbox.kit.gql.schema import Schema
from connectors.sandbox.vendure.schema import goods, inputs, orders, results, roots

MAX_SAFE = 2**53


def _money(value: Any) -> int:
    """Money is a whole number of minor units, also where it is sent as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or abs(value) > MAX_SAFE:
        raise ValueError
    return int(value)


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    return str(value)


def _time(value: Any) -> datetime:
    """A time with its offset; a text without one is taken for UTC, as the platform's server has it."""
    if isinstance(value, datetime):
        return value  # It came in a variable and was read there.
    if not isinstance(value, str):
        raise ValueError
    at = datetime.fromisoformat(value)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _json(value: Any) -> Any:
    return value


@lru_cache(maxsize=1)
def schema() -> Schema:
    """The schema, read once."""
    text = "\n".join([orders.TEXT, goods.TEXT, results.text(), inputs.LIST_OPTIONS, inputs.MUTATIONS, roots.TEXT])
    return Schema(text, {"Money": _money, "ID": _id, "DateTime": _time, "JSON": _json})
