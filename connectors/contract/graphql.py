"""GraphQL over HTTP: a call's body, what its answer holds, words without secrets. Knows no platform."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import orjson

from connectors.contract.errors import ConnectorError, OutcomeUnknown, Retryable

Json = Mapping[str, Any]
#: How many errors of an answer are told.
_MOST_TOLD = 3


def call_of(document: str, variables: Mapping[str, object]) -> bytes:
    """The body of a call; the document's first operation is named in it."""
    operation = document.split(None, 2)[1].split("(")[0]
    return orjson.dumps({"query": document, "operationName": operation, "variables": variables})


def loaded(body: bytes) -> Any:
    """The body as JSON; None when it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def root_of(
    body: bytes,
    root: str,
    *,
    writes: bool,
    classified: Callable[[Json], ConnectorError],
    is_denied: Callable[[object], bool] = lambda _error: False,
) -> Any:
    """What is under `data.<root>`; null is an answer too, and so is a read of which only some fields are denied.

    `classified` makes the exception of an answer with errors. Without either, a write's outcome is unknown.
    """
    tree = loaded(body)
    if isinstance(tree, dict):
        content, errors = tree.get("data"), tree.get("errors")
        found = content.get(root) if isinstance(content, dict) else None
        is_partly = found is not None and not writes and isinstance(errors, list) and all(map(is_denied, errors))
        if errors and not is_partly:
            raise classified(tree)
        if isinstance(content, dict) and root in content:
            return found
    unknown = OutcomeUnknown if writes else Retryable
    raise unknown("the gateway answered with something that is not an answer", code="not-an-answer")


def code_of(error: object) -> str:
    """The code that an error of the top level carries in its extensions; empty when it has none."""
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code") or "") if isinstance(extensions, dict) else ""


def words_of(error: object) -> str:
    """What an error says."""
    told = error.get("message") if isinstance(error, dict) else error
    return told if isinstance(told, str) and told else "the platform gave no reason"


def told_by(errors: object, refusals: Collection[str], code_of: Callable[[object], str] = code_of) -> tuple[str, str]:
    """(code, words) of top-level errors. A passing fault beside a refusal leads: the whole may go through later."""
    found = errors if isinstance(errors, list) and errors else [errors]
    told = [code_of(error) for error in found]
    code = next((each for each in told if each not in refusals), told[0])
    return code, "; ".join(words_of(error) for error in found[:_MOST_TOLD])


def free_texts(value: object, names: Collection[str]) -> Iterator[str]:
    """Texts that people typed, by their names anywhere in a call's variables: an error of a platform may repeat them."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name in names and isinstance(part, str):
                yield part
            else:
                yield from free_texts(part, names)


def silenced(error: ConnectorError, private: Iterable[str]) -> ConnectorError:
    """The error with everything private starred out."""
    for secret in private:
        # A single letter is no secret, and starring it would make every word unreadable.
        if len(secret) > 1:
            error.words, error.code = error.words.replace(secret, "***"), error.code.replace(secret, "***")
    error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
    return error
