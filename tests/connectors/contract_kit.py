"""What a vendor gives the contract suite, and the tools the suite works with."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import responses

from connectors.contract import errors as e
from connectors.contract import notices as n
from connectors.contract import records as r

NOW = datetime(2026, 3, 2, 4, 0, 0, tzinfo=UTC)
EVERYWHERE = re.compile(r"https?://.*")
CANARY = "canary-secret-"


@dataclass(frozen=True)
class Refusal:
    """An error body of the vendor and what it must become; `writing` plays it to `Kit.write`."""

    body: bytes
    error: type[e.ConnectorError]
    retry_after: float | None = None
    writing: bool = False
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True)
class BadDocument:
    """A document that must be refused, with the field at fault."""

    body: bytes
    field: str


@dataclass(frozen=True)
class Kit:
    """What the suite needs of a vendor: two calls, its error bodies, documents and pushes.

    `private` are names, phones and streets in the documents, `sent` those that `write` sends: neither may
    appear in an exception, even when the platform echoes what it was sent. Secrets are canaries by themselves.
    """

    read: Callable[[Any], object]
    write: Callable[[Any], object] | None = None
    settings: tuple[tuple[str, str], ...] = ()
    refusals: tuple[Refusal, ...] = ()
    private: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    orders: tuple[bytes, ...] = ()
    cases: tuple[bytes, ...] = ()
    bad_orders: tuple[BadDocument, ...] = ()
    bad_cases: tuple[BadDocument, ...] = ()
    empty_list: bytes = b""
    pushes: tuple[n.PushRequest, ...] = ()
    stale_pushes: tuple[n.PushRequest, ...] = ()


def answer_always(mock: responses.RequestsMock, failure: Any, content_type: str = "application/json") -> None:
    """Every call gets this: an exception, or (status, body)."""
    for verb in (responses.POST, responses.GET):
        if isinstance(failure, Exception):
            mock.add(verb, EVERYWHERE, body=failure)
        else:
            mock.add(verb, EVERYWHERE, status=failure[0], body=failure[1], content_type=content_type)


def explained(line: r.LineRecord) -> int:
    """What a line should cost the buyer, from its list amount and its shares."""
    shares = (
        line.discount_merchant
        + line.discount_platform
        + line.discount_coin
        + line.discount_member
        + line.discount_distributor
    )
    return line.list_amount - shares + (0 if line.tax_included else line.tax_amount)


def assert_normal(value: object) -> None:
    """Times aware and UTC, ids text, amounts whole, all the way down."""
    if isinstance(value, datetime):
        assert value.utcoffset() == timedelta(0)
    elif isinstance(value, tuple):
        for part in value:
            assert_normal(part)
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):  # type: ignore[arg-type]
            part = getattr(value, field.name)
            if field.name.endswith(("_no", "external_id")):
                assert isinstance(part, str), field.name
            if field.name.endswith(("amount", "_total", "units")):
                assert part is None or type(part) is int, field.name
            assert_normal(part)


def assert_silent(error: BaseException, private: tuple[str, ...]) -> None:
    """Neither text, arguments nor traceback of an error tell what is private."""
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
    for secret in private:
        assert secret not in told, "an exception tells what must stay private"


def echo(body: bytes, private: tuple[str, ...]) -> bytes:
    """The same error, its longest words followed by what a careless platform would echo."""
    texts = re.findall(rb'"(?:sub_)?(?:msg|message|sub_message|desc|returnReason)"\s*:\s*"[^"]*', body)
    for text in texts:
        body = body.replace(text, text + b" " + " ".join(private).encode())
    for tag in (b"</message>", b"</subMessage>"):
        body = body.replace(tag, b" " + " ".join(private).encode() + tag)
    return body


def mutants(body: bytes) -> Iterator[bytes]:
    """The JSON document with each value in turn taken away or replaced by another type."""
    for path in _paths(orjson.loads(body)):
        for wrong in (..., None, "", "?", -1, [], {}):
            tree = orjson.loads(body)
            owner = tree
            for step in path[:-1]:
                owner = owner[step]
            if wrong is ...:
                del owner[path[-1]]
            else:
                owner[path[-1]] = wrong
            yield orjson.dumps(tree)


def _paths(tree: Any, prefix: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, child in children:
        yield (*prefix, key)
        yield from _paths(child, (*prefix, key))
