"""The platform's clock: naive text in GMT+8, to the second."""

from datetime import UTC, datetime, timedelta, timezone

GMT8 = timezone(timedelta(hours=8))
PATTERN = "%Y-%m-%d %H:%M:%S"


def now() -> datetime:
    return datetime.now(UTC)


def text_of(moment: datetime) -> str:
    """A moment as the platform writes it."""
    return moment.astimezone(GMT8).strftime(PATTERN)


def moment_of(text: str) -> datetime:
    """A platform text as a moment; ValueError when it is none."""
    return datetime.strptime(text, PATTERN).replace(tzinfo=GMT8)
