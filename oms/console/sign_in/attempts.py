"""Failed attempts to sign in, counted in the database so that all web processes see them.

They live in the table of seen keys, which forgets them by itself; addresses and e-mails are kept as keyed hashes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from oms.db.sealed import KeyRing

WINDOW = timedelta(minutes=15)
MOST_OF_ONE_ACCOUNT = 10
MOST_OF_ONE_ADDRESS = 50

_COUNT = text("select count(*) from seen_key where scope = :scope and expires_at > :now")
_NOTE = text("insert into seen_key (scope, key, seen_at, expires_at) values (:scope, :key, :now, :until)")
_FORGET = text("delete from seen_key where scope = :scope")


def account_scope(keys: KeyRing, who: str) -> str:
    """What failures of one account are counted under, also of one that does not exist."""
    return f"sign_in_account:{keys.blind('sign in', who.strip().lower()).hex()}"


def address_scope(keys: KeyRing, address: str) -> str:
    """What failures from one network address are counted under."""
    return f"sign_in_address:{keys.blind('sign in', address).hex()}"


def is_blocked(connection: Connection, scopes: Iterable[str], now: datetime) -> bool:
    """Whether any of these has failed too often lately."""
    return any(connection.execute(_COUNT, {"scope": scope, "now": now}).scalar_one() >= _most(scope) for scope in scopes)


def note_failure(connection: Connection, scopes: Iterable[str], now: datetime) -> None:
    """Count one failure."""
    for scope in scopes:
        values = {"scope": scope, "key": secrets.token_hex(8), "now": now, "until": now + WINDOW}
        connection.execute(_NOTE, values)


def forget_failures(connection: Connection, scope: str) -> None:
    """Start again from nothing after a success."""
    connection.execute(_FORGET, {"scope": scope})


def _most(scope: str) -> int:
    return MOST_OF_ONE_ACCOUNT if scope.startswith("sign_in_account:") else MOST_OF_ONE_ADDRESS
