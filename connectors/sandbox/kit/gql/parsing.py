"""GraphQL request documents to trees: operations, fragments, values, types."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.gql.lexing import Cursor, string_of
from connectors.sandbox.kit.gql.tree import (
    Directive,
    Document,
    EnumWord,
    Field,
    Operation,
    Selection,
    Spread,
    TypeRef,
    Variable,
    VariableDefinition,
)

WORDS = {"true": True, "false": False, "null": None}


def parse(text: str) -> Document:
    """The document of a request; SyntaxFault names the first thing that is no GraphQL."""
    cursor, document = Cursor(text), Document()
    while cursor.token.kind != "end":
        if cursor.sees("fragment"):
            fragment = _fragment(cursor)
            document.fragments[fragment.name] = fragment
        else:
            document.operations.append(_operation(cursor))
    if not document.operations:
        cursor.refuse("expected an operation")
    return document


def _operation(cursor: Cursor) -> Operation:
    if cursor.sees("{"):
        return Operation("query", "", (), _selections(cursor))
    kind = cursor.name()
    if kind not in ("query", "mutation", "subscription"):
        cursor.refuse("expected query, mutation or fragment")
    name = cursor.name() if cursor.token.kind == "name" else ""
    variables = _variables(cursor) if cursor.sees("(") else ()
    _directives(cursor)
    return Operation(kind, name, variables, _selections(cursor))


def _variables(cursor: Cursor) -> tuple[VariableDefinition, ...]:
    found = []
    cursor.expect("(")
    while not cursor.skip(")"):
        cursor.expect("$")
        name = cursor.name()
        cursor.expect(":")
        type_ = type_ref(cursor)
        has_default = cursor.skip("=")
        default = value(cursor) if has_default else None
        _directives(cursor)
        found.append(VariableDefinition(name, type_, default, has_default))
    return tuple(found)


def _fragment(cursor: Cursor) -> Spread:
    at = cursor.token.at
    cursor.expect("fragment")
    name = cursor.name()
    cursor.expect("on")
    on = cursor.name()
    return Spread(name, on, _directives(cursor), _selections(cursor), at)


def _selections(cursor: Cursor) -> tuple[Selection, ...]:
    found: list[Selection] = []
    cursor.expect("{")
    while not cursor.skip("}"):
        found.append(_spread(cursor) if cursor.sees("...") else _field(cursor))
    if not found:
        cursor.refuse("a selection cannot be empty")
    return tuple(found)


def _spread(cursor: Cursor) -> Spread:
    at = cursor.token.at
    cursor.expect("...")
    if cursor.token.kind == "name" and not cursor.sees("on"):
        return Spread(cursor.name(), "", _directives(cursor), (), at)
    on = cursor.name() if cursor.skip("on") else ""
    return Spread("", on, _directives(cursor), _selections(cursor), at)


def _field(cursor: Cursor) -> Field:
    at = cursor.token.at
    name, alias = cursor.name(), ""
    if cursor.skip(":"):
        name, alias = cursor.name(), name
    args = _arguments(cursor) if cursor.sees("(") else {}
    directives = _directives(cursor)
    selections = _selections(cursor) if cursor.sees("{") else ()
    return Field(name, alias, args, directives, selections, at)


def _arguments(cursor: Cursor) -> dict[str, Any]:
    found: dict[str, Any] = {}
    cursor.expect("(")
    while not cursor.skip(")"):
        name = cursor.name()
        cursor.expect(":")
        found[name] = value(cursor)
    return found


def _directives(cursor: Cursor) -> tuple[Directive, ...]:
    found = []
    while cursor.skip("@"):
        name = cursor.name()
        found.append(Directive(name, _arguments(cursor) if cursor.sees("(") else {}))
    return tuple(found)


def type_ref(cursor: Cursor) -> TypeRef:
    """A type as it stands after a colon."""
    if cursor.skip("["):
        of = type_ref(cursor)
        cursor.expect("]")
        return TypeRef(of=of, required=cursor.skip("!"))
    name = cursor.name()
    return TypeRef(name, required=cursor.skip("!"))


def value(cursor: Cursor) -> Any:
    """A value: JSON-like, with `Variable` and `EnumWord` where those stand."""
    if cursor.skip("$"):
        return Variable(cursor.name())
    if cursor.skip("["):
        items = []
        while not cursor.skip("]"):
            items.append(value(cursor))
        return items
    if cursor.sees("{"):
        return _object(cursor)
    return _plain(cursor)


def _object(cursor: Cursor) -> dict[str, Any]:
    found: dict[str, Any] = {}
    cursor.expect("{")
    while not cursor.skip("}"):
        name = cursor.name()
        cursor.expect(":")
        found[name] = value(cursor)
    return found


def _plain(cursor: Cursor) -> Any:
    if cursor.token.kind not in ("int", "float", "string", "block", "name"):
        cursor.refuse("expected a value")
    token = cursor.take()
    if token.kind == "int":
        return int(token.text)
    if token.kind == "float":
        return float(token.text)
    if token.kind == "name":
        return WORDS[token.text] if token.text in WORDS else EnumWord(token.text)
    return string_of(token)
