"""Parameters of lists as WordPress checks them: pages, order, dates, status. No queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from connectors.sandbox.woocommerce.refusal import Refusal, bad_params

FOREVER_MS = 4_102_444_800_000
DATES = ("after", "before", "modified_after", "modified_before")
ORDERBY = ("date", "modified", "id", "include", "title", "slug")


@dataclass(frozen=True, slots=True)
class Window:
    """A range of epoch milliseconds, both ends in."""

    since_ms: int = 0
    until_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list call asks for."""

    page: int
    per_page: int
    offset: int
    orderby: str
    newest_first: bool
    created: Window
    changed: Window


def listing_from(query: Mapping[str, str], utc_offset: timedelta) -> Listing:
    """Read and check a list call; Refusal names every parameter that does not fit."""
    wrong: dict[str, str] = {}
    page = _integer(query, "page", 1, wrong, least=1)
    per_page = _integer(query, "per_page", 10, wrong, least=1, most=100)
    offset = _integer(query, "offset", 0, wrong, least=0)
    orderby = _choice(query, "orderby", "date", ORDERBY, wrong)
    order = _choice(query, "order", "desc", ("asc", "desc"), wrong)
    if wrong:
        raise bad_params(wrong)
    zone = UTC if is_true(query.get("dates_are_gmt", "")) else timezone(utc_offset)
    at = {name: _second(query[name], name, zone) for name in DATES if query.get(name)}
    return Listing(
        page, per_page, offset if query.get("offset") else (page - 1) * per_page, orderby, order == "desc",
        _window(at.get("after"), at.get("before")), _window(at.get("modified_after"), at.get("modified_before")),
    )  # fmt: skip


def is_true(text: object) -> bool:
    """Whether WordPress takes a parameter for true."""
    return str(text).lower() in ("1", "true", "yes")


def chosen_ids(query: Mapping[str, str], name: str) -> list[str]:
    """The ids of a comma list; empty when the parameter is not there."""
    return [part.strip() for part in query.get(name, "").split(",") if part.strip()]


def _window(after: int | None, before: int | None) -> Window:
    """Both ends are exclusive and stamps are kept in whole seconds."""
    since = 0 if after is None else (after + 1) * 1000
    return Window(since, FOREVER_MS if before is None else before * 1000 - 1)


def _second(text: str, name: str, zone: timezone) -> int:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        details = {name: {"code": "rest_invalid_date", "message": "Invalid date.", "data": None}}
        told = {"status": 400, "params": {name: "Invalid date."}, "details": details}
        raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}", told) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def _integer(
    query: Mapping[str, str], name: str, default: int, wrong: dict[str, str], *, least: int, most: int | None = None
) -> int:
    text = query.get(name, "")
    if text == "":
        return default
    if not text.lstrip("-").isdecimal():
        wrong[name] = f"{name} is not of type integer."
        return default
    number = int(text)
    if most is not None and not least <= number <= most:
        wrong[name] = f"{name} must be between {least} (inclusive) and {most} (inclusive)"
    elif number < least:
        wrong[name] = f"{name} must be greater than or equal to {least}"
    return number


def _choice(query: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...], wrong: dict[str, str]) -> str:
    value = query.get(name) or default
    if value not in allowed:
        wrong[name] = f"{name} is not one of {', '.join(allowed[:-1])}, and {allowed[-1]}."
    return value
