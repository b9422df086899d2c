"""How every process logs: structlog, one event a line, never with anything that could be a person or a secret."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from oms.config import Settings

DROPPED = "[dropped]"
MOST_FRAMES = 12
#: Parts of names whose values never reach a log, whoever passes them.
SENSITIVE = (
    "address", "authorization", "body", "buyer", "cookie", "email", "id_card", "key_hash", "master_key", "message",
    "mobile", "nick", "passw", "payload", "phone", "receiver", "sealed", "secret", "signature", "street", "tel",
    "token", "town", "wrapped",
)  # fmt: skip
#: The same as whole words: as parts they would drop too much.
SENSITIVE_WORDS = frozenset({"name", "sign", "memo", "postcode", "url", "api_key"})


def is_sensitive(name: str) -> bool:
    """Whether a field of this name may hold a person's details or a secret."""
    plain = name.lower()
    return plain in SENSITIVE_WORDS or any(part in plain for part in SENSITIVE)


def drop_sensitive(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of sensitive fields, however deep they lie; the event's own words stay."""
    for name in list(event):
        if name != "event":
            event[name] = DROPPED if is_sensitive(name) else _cleaned(event[name])
    return event


def tell_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's type and where it came from; its words may quote a row, so they are left out."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: DROPPED if is_sensitive(str(key)) else _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(inner) for inner in value]
    if isinstance(value, bytes):
        return DROPPED
    return value


class StderrLogger:
    """Writes to the standard error of the moment, whichever stream that is by then."""

    def msg(self, message: str) -> None:
        """Write one line."""
        sys.stderr.write(message + "\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = log = fatal = msg


def set_up_logs(settings: Settings) -> None:
    """Configure structlog for this process; JSON lines when the settings ask for them."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    shown: Any = structlog.processors.JSONRenderer() if settings.log_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_exception,
            drop_sensitive,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: StderrLogger(),
        cache_logger_on_first_use=False,
    )
