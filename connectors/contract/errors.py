"""What can go wrong with an outside system, sorted by what the hub does next."""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of everything a connector raises; `words` are the vendor's own words, safe to show.

    `code` is the vendor's code. Neither may hold secrets or receiver details.
    """

    def __init__(self, words: str, *, code: str = "") -> None:
        super().__init__(f"{words} [{code}]" if code else words)
        self.words = words
        self.code = code


class Retryable(ConnectorError):
    """The same call may go through later; the hub backs off and repeats it."""


class RateLimited(Retryable):
    """The platform asks for fewer calls; `retry_after` seconds, None when it does not say."""

    def __init__(self, words: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(words, code=code)
        self.retry_after = retry_after


class OutcomeUnknown(Retryable):
    """A write may or may not have happened; the hub looks it up (`find_…`) before it sends again."""


class Permanent(ConnectorError):
    """Repeating the same call cannot help."""


class AuthFailed(Permanent):
    """Credentials are refused; the account is paused until a person authorises it again.

    `expired` says that the access token ran out: the hub refreshes it once before it gives up.
    """

    def __init__(self, words: str, *, code: str = "", expired: bool = False) -> None:
        super().__init__(words, code=code)
        self.expired = expired


class Refused(Permanent):
    """The other side understood and said no; its words go to a person."""


class NotSupported(Permanent):
    """This vendor has no such call."""


class BadRecord(Permanent):
    """One document cannot be understood; it is parked with `field` and the rest goes on."""

    def __init__(self, words: str, *, field: str = "", code: str = "") -> None:
        super().__init__(f"{field}: {words}" if field else words, code=code)
        self.field = field


class BadSignature(Permanent):
    """A push or callback is not genuine, too old, or lacks its signature; it is refused and counted."""
