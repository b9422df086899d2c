"""What an error in a batch means for its pump: repeat at once, wait for the database, or back off."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import DBAPIError

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
#: A database that restarts is back within seconds; work should not wait long after it.
LONGEST_PAUSE_WITHOUT_DATABASE_S = 2.0
CONFLICTS_IN_A_ROW = 10

#: serialization_failure and deadlock_detected: PostgreSQL undid our transaction, to do it again is the remedy.
CONFLICTS = frozenset({"40001", "40P01"})
#: admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout; and class 08, connections.
GONE = frozenset({"57P01", "57P02", "57P03", "57P05"})


@dataclass(frozen=True)
class Trouble:
    """An error, reduced to what decides and what may be logged: kinds and places, never messages or values."""

    is_conflict: bool
    is_database_gone: bool
    words: dict[str, str]


def trouble_of(error: BaseException) -> Trouble:
    """Sort an error. Its message stays out: PostgreSQL repeats rows in it, which may hold names and phones."""
    state = _sqlstate(error)
    gone = state in GONE or (state or "").startswith("08") or (state is None and _is_connection_error(error))
    last = traceback.extract_tb(error.__traceback__)
    place = f"{last[-1].filename}:{last[-1].lineno} {last[-1].name}" if last else ""
    ours = next((f"{step.filename}:{step.lineno} {step.name}" for step in reversed(last) if _is_ours(step)), place)
    words = {"error": type(error).__name__, "sqlstate": state or "", "place": ours, "raised_in": place}
    return Trouble(state in CONFLICTS, gone, {key: word for key, word in words.items() if word})


def pause_after(trouble: Trouble, failures: int, conflicts: int) -> float:
    """Seconds until the pump may try again; 0 for a conflict, until there are too many in a row."""
    if trouble.is_conflict:
        return 0.0 if conflicts % CONFLICTS_IN_A_ROW else FIRST_PAUSE_S
    longest = LONGEST_PAUSE_WITHOUT_DATABASE_S if trouble.is_database_gone else LONGEST_PAUSE_S
    return min(FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10), longest)


def _sqlstate(error: BaseException) -> str | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    return original.sqlstate if isinstance(original, psycopg.Error) else None


def _is_connection_error(error: BaseException) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(original, psycopg.OperationalError)


def _is_ours(step: traceback.FrameSummary) -> bool:
    return "site-packages" not in step.filename and "/lib/python" not in step.filename
