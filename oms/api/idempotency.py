"""Doing a request once however often it is sent: the caller's key is remembered with what was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import orjson
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.domain.errors import Busy, Invalid

REMEMBERED = timedelta(days=7)

_LOCK = text("select pg_try_advisory_xact_lock(hashtextextended(:scope, 0))")
_FIND = text("select key from seen_key where scope = :scope and expires_at > :now")
_NOTE = text(
    "insert into seen_key (scope, key, seen_at, expires_at) values (:scope, :key, :now, :until) "
    "on conflict (scope, key) do update set expires_at = :until"
)


@contextmanager
def once(hub: Hub, actor: str, key: str, asked: object) -> Iterator[bool]:
    """Yields whether the request is new; it counts as done when the block ends without an error.

    A second request that comes while the first still runs is Busy. After a crash in between it is tried again, which
    the state of the documents makes harmless.
    """
    scope = f"api:{actor}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    mark = hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    now = hub.clock()
    with hub.begin() as connection:
        if not connection.execute(_LOCK, {"scope": scope}).scalar_one():
            raise Busy("the same request is being processed", "wait a moment, then send it again")
        known = connection.execute(_FIND, {"scope": scope, "now": now}).scalar()
        if known is not None and known != mark:
            raise Invalid("Idempotency-Key", "this key was used for another request", "use a new key for a new request")
        yield known is None
        if known is None:
            connection.execute(_NOTE, {"scope": scope, "key": mark, "now": now, "until": now + REMEMBERED})
