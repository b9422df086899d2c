"""Parameters of calls as Medusa checks them: pages, order, filters by time, fields of bodies. No queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.medusa.refusal import broken, invalid

FOREVER_MS = 4_102_444_800_000
STAMPS = {"created_at": "created_ms", "updated_at": "changed_ms"}
DEFAULT_LIMIT = 15
TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "array": (list,), "object": (dict,),
                                      "boolean": (bool,)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list call asks for; windows are epoch milliseconds by stamp, both ends in."""

    limit: int
    offset: int
    order: str
    newest_first: bool
    windows: Mapping[str, tuple[int, int]]


def listing_from(query: Mapping[str, list[str]], *, limit: int = DEFAULT_LIMIT, order: str = "id") -> Listing:
    """Read and check a list call; an order or a time that the database cannot take is its unknown error."""
    asked = (query.get("order") or [order])[0]
    name = asked.removeprefix("-")
    if name not in (*STAMPS, "id", "display_id"):
        raise broken()
    offset = _integer(query, "offset", 0)
    if offset < 0:
        raise broken()
    windows = {stamp: _window(query, stamp) for stamp in STAMPS}
    return Listing(_integer(query, "limit", limit), offset, name, asked.startswith("-"), windows)


def values_of(query: Mapping[str, list[str]], name: str) -> list[str]:
    """The values of a filter, given as `name`, `name[]` or `name[0]`."""
    return [value for key, values in query.items() if re.fullmatch(rf"{name}(\[\d*\])?", key) for value in values]


def _window(query: Mapping[str, list[str]], name: str) -> tuple[int, int]:
    since, until = 0, FOREVER_MS
    for operator, values in ((key, found) for key, found in query.items() if key.startswith(name)):
        word = operator[len(name) :].strip("[]")
        moment = _moment(values[0]) if word in ("", "$eq", "$gte", "$gt", "$lte", "$lt") else 0
        if word in ("", "$eq", "$gte", "$gt"):
            since = max(since, moment + (word == "$gt"))
        if word in ("", "$eq", "$lte", "$lt"):
            until = min(until, moment - (word == "$lt"))
    return since, until


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise broken() from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(found.timestamp() * 1000)


def _integer(query: Mapping[str, list[str]], name: str, default: int) -> int:
    text = (query.get(name) or [""])[0]
    if not text:
        return default
    if not text.lstrip("-").isdecimal():
        raise invalid(f"Invalid request: Expected type: 'number' for field '{name}', got: '{text}'")
    return int(text)


def check_body(body: Mapping[str, Any], required: Mapping[str, str], optional: Mapping[str, str], at: str = "") -> None:
    """Refuse a body with a field missing, of another type or unknown, as the platform's schema does."""
    missing = [name for name in required if body.get(name) is None]
    if missing:
        raise invalid("Invalid request: " + "; ".join(f"Field '{at}{name}' is required" for name in missing))
    for name, word in {**required, **optional}.items():
        value = body.get(name)
        if value is not None and (not isinstance(value, TYPES[word]) or (word == "number" and isinstance(value, bool))):
            raise invalid(f"Invalid request: Expected type: '{word}' for field '{at}{name}', got: '{value}'")
    strange = [name for name in body if name not in required and name not in optional]
    if strange:
        named = ", ".join(f"'{name}'" for name in strange)
        raise invalid(f"Invalid request: Unrecognized fields: {named}")


def check_items(body: Mapping[str, Any], optional: Mapping[str, str], *, least: int = 1) -> list[dict[str, Any]]:
    """The `items` of a body: lines with their units."""
    items: list[dict[str, Any]] = body["items"]
    if len(items) < least:
        raise invalid(f"Invalid request: Value for field 'items' too small, expected at least: '{least}'")
    for position, item in enumerate(items):
        for name, word in (("id", str), ("quantity", int)):
            if not isinstance(item.get(name), word) or isinstance(item.get(name), bool):
                raise invalid(f"Invalid request: Field 'items, {position}, {name}' is required")
        check_body(item, {"id": "string", "quantity": "number"}, optional, f"items, {position}, ")
    return items
