"""Times as the API writes and reads them: ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.sandbox.amazon.errors import invalid


def text_of(ms: int) -> str:
    """Epoch milliseconds as the API's text: "2026-01-15T01:40:01.250Z"; whole seconds have no fraction."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{ms % 1000:03d}Z" if ms % 1000 else "Z")


def day_of(ms: int) -> str:
    """The day as flat reports write it: "24-Dec-2024"; "" for a moment that has not come."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%d-%b-%Y") if ms else ""


def ms_of(text: str, name: str) -> int:
    """Epoch milliseconds of an ISO 8601 text; ApiError names the parameter when it is none with a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name} must be in ISO 8601 date time format.") from None
    if moment.tzinfo is None:
        raise invalid(f"{name} must be in ISO 8601 date time format.")
    return round(moment.timestamp() * 1000)
