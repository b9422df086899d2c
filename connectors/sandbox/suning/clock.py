"""The platform's clock: text in GMT+8, to the second."""

from datetime import datetime, timedelta, timezone

GMT8 = timezone(timedelta(hours=8))
PATTERN = "%Y-%m-%d %H:%M:%S"
DAY_MS = 86_400_000
SECOND_MS = 999


def text_of(ms: int) -> str:
    """Epoch milliseconds as the platform writes them; 0 is written as nothing."""
    return datetime.fromtimestamp(ms // 1000, GMT8).strftime(PATTERN) if ms else ""


def ms_of(text: str) -> int:
    """A platform text as epoch milliseconds; ValueError when it is none."""
    return int(datetime.strptime(text, PATTERN).replace(tzinfo=GMT8).timestamp()) * 1000
