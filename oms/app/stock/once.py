"""A stock document is made once for a request, however often it is sent: by its key, or by the caller's own reference.

The request is noted in the transaction that makes the document, so that neither a crash nor a race makes a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotPossible

#: Scopes of references are shared by all callers, those of keys belong to one.
REFERENCE: Final = "reference"
_SPACE: Final = 7_146_021


@dataclass(frozen=True, slots=True)
class Request:
    """What tells a request: `scope` and `key`, with the hash of what is asked."""

    scope: str
    key: str
    mark: str


@dataclass(frozen=True, slots=True)
class Made:
    """The document of a request; not new when the request was done before."""

    id: int
    is_new: bool


def requests_of(kind: str, actor: str, asked: Any, *, key: str = "", reference: str = "") -> list[Request]:
    """A request by the key of its caller, by the reference of the document, by both or by neither."""
    mark = sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:32]
    given = ((f"{kind}:{actor}", key), (f"{kind}:{REFERENCE}", reference))
    return [Request(scope, word, mark) for scope, word in given if word]


def make_once(connection: Connection, now: datetime, requests: Sequence[Request], make: Callable[[], int]) -> Made:
    """Make a document unless one of the requests was done: then it is that one, and another content is refused.

    A request that runs at the same time is waited for.
    """
    if not requests:
        return Made(make(), is_new=True)
    _lock(connection, requests)
    found = {}
    for request in requests:
        rows = fetch(
            connection, "select mark, document_id from stock_request where scope = %s and key = %s",
            (request.scope, request.key),
        )  # fmt: skip
        for mark, document_id in rows:
            if mark != request.mark:
                raise _refusal(request)
            found[request] = int(document_id)
    if len(set(found.values())) > 1:
        raise NotPossible("the key and the reference are of two documents", "use a new key for a new request")
    made = Made(next(iter(found.values())), is_new=False) if found else Made(make(), is_new=True)
    rows = [(one.scope, one.key, one.mark, made.id, now) for one in requests if one not in found]
    copy_rows(connection, "stock_request", ("scope", "key", "mark", "document_id", "at"), rows)
    return made


def _lock(connection: Connection, requests: Sequence[Request]) -> None:
    words = sorted(f"{request.scope} {request.key}" for request in requests)
    with psycopg_connection(connection).cursor() as cursor:
        for word in words:
            cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", (_SPACE, word))


def _refusal(request: Request) -> Invalid | NotPossible:
    if request.scope.endswith(REFERENCE):
        return NotPossible(
            "another document of other content has this reference", "look at it, or give this one a reference of its own"
        )
    return Invalid("Idempotency-Key", "this key was used for another request", "use a new key for a new request")
