"""The platform's clock as it writes it: text in GMT+8, and seconds of the epoch."""

from datetime import UTC, datetime, timedelta, timezone

GMT8 = timezone(timedelta(hours=8))
PATTERN = "%Y-%m-%d %H:%M:%S"


def text_of(ms: int) -> str:
    """Epoch milliseconds as the platform's text; "" for a moment that has not come (0)."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(GMT8).strftime(PATTERN) if ms else ""


def day_of(ms: int) -> str:
    """The day in GMT+8 as order numbers begin with it: "260115"."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(GMT8).strftime("%y%m%d")
