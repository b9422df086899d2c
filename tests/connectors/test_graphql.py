"""What the connectors of GraphQL platforms share: answers are told apart, and nothing private stays in words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from connectors.contract.errors import ConnectorError, OutcomeUnknown, Refused, Retryable
from connectors.contract.graphql import call_of, code_of, free_texts, loaded, root_of, silenced, told_by

DENIED = {"message": "not for you", "extensions": {"code": "DENIED"}}
DOWN = {"message": "later", "extensions": {"code": "DOWN"}}


def answered(content: Any, *, writes: bool = False) -> Any:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return root_of(
        body, "order", writes=writes, classified=lambda tree: Refused(str(tree["errors"])), is_denied=is_denied
    )


def is_denied(error: object) -> bool:
    return code_of(error) == "DENIED"


def test_a_call_names_its_operation() -> None:
    body = orjson.loads(call_of("query OrderOf($id: ID!) { order(id: $id) { id } }", {"id": "1"}))
    assert (body["operationName"], body["variables"]) == ("OrderOf", {"id": "1"})


@pytest.mark.parametrize(("content", "found"), [({"order": {"id": 1}}, {"id": 1}), ({"order": None}, None)])
def test_what_is_under_the_root_is_the_answer_null_too(content: dict[str, Any], found: object) -> None:
    assert answered({"data": content}) == found


@pytest.mark.parametrize("body", [b"<html>", b"[]", {"data": {}}, {"data": None}, {}])
@pytest.mark.parametrize(("writes", "error"), [(False, Retryable), (True, OutcomeUnknown)])
def test_what_is_no_answer_leaves_a_write_unknown(body: Any, writes: bool, error: type[ConnectorError]) -> None:
    with pytest.raises(error) as raised:
        answered(body, writes=writes)
    assert type(raised.value) is error


def test_a_read_of_which_some_fields_are_denied_is_an_answer() -> None:
    assert answered({"data": {"order": {"id": 1}}, "errors": [DENIED]}) == {"id": 1}


@pytest.mark.parametrize(
    ("tree", "writes"),
    [
        ({"data": {"order": {"id": 1}}, "errors": [DENIED]}, True),
        ({"data": {"order": {"id": 1}}, "errors": [DENIED, DOWN]}, False),
        ({"data": {"order": {"id": 1}}, "errors": "wrong token"}, False),
        ({"data": {"order": None}, "errors": [DENIED]}, False),
        ({"errors": [DENIED]}, False),
    ],
)
def test_other_errors_are_errors(tree: dict[str, Any], writes: bool) -> None:
    with pytest.raises(Refused):
        answered(tree, writes=writes)


def test_a_passing_fault_beside_a_refusal_leads() -> None:
    assert told_by([DENIED, DOWN], {"DENIED"}) == ("DOWN", "not for you; later")
    assert told_by([DENIED], {"DENIED"}) == ("DENIED", "not for you")
    assert told_by("no", {"DENIED"}) == ("", "no")
    assert told_by([], set()) == ("", "the platform gave no reason")
    assert told_by([DOWN] * 5, set()) == ("DOWN", "later; later; later")


def test_nothing_private_stays_in_words_or_code() -> None:
    variables = {"input": {"note": "ring twice", "id": "7", "deep": {"reason": "x"}}, "note": 3}
    private = list(free_texts(variables, {"note", "reason"}))
    assert private == ["ring twice", "x"]
    error = silenced(Refused("cannot: ring twice, 7 x", code="ring twice"), private)
    assert (error.words, error.code, str(error)) == ("cannot: ***, 7 x", "***", "cannot: ***, 7 x [***]")


def test_what_is_no_json_is_nothing() -> None:
    assert loaded(b"<html>") is None
    assert loaded(b'{"a": 1}') == {"a": 1}
