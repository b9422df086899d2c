"""The platform's clock: text in GMT+8, to the second, and its way of writing that there is no time."""

from datetime import datetime, timedelta, timezone

GMT8 = timezone(timedelta(hours=8))
PATTERN = "%Y-%m-%d %H:%M:%S"
NO_TIME = "0001-01-01 00:00:00"
DAY_MS = 86_400_000


def text_of(ms: int, none: str = NO_TIME) -> str:
    """Epoch milliseconds as the platform writes them; 0 is written as `none`."""
    return datetime.fromtimestamp(ms // 1000, GMT8).strftime(PATTERN) if ms else none


def ms_of(text: str) -> int:
    """A platform text as epoch milliseconds; ValueError when it is none."""
    return int(datetime.strptime(text, PATTERN).replace(tzinfo=GMT8).timestamp()) * 1000
