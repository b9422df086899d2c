"""The database's errors by what they mean, whether they come through SQLAlchemy or straight from the driver."""

from __future__ import annotations

from typing import Final

import psycopg
from sqlalchemy import exc

#: The rows break a promise or do not fit: writing them again cannot help.
REFUSED_ROWS: Final = (exc.DataError, exc.IntegrityError, psycopg.DataError, psycopg.IntegrityError)
#: Load, locks or the connection: the same work may go through later.
PASSING: Final = (exc.OperationalError, exc.TimeoutError, psycopg.OperationalError)


def constraint_of(error: BaseException) -> str:
    """The constraint that refused rows, or the kind of error; never the row's content."""
    original = getattr(error, "orig", None) or error
    name = getattr(getattr(original, "diag", None), "constraint_name", None)
    return str(name or type(original).__name__)
