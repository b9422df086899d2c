"""A schema read from its own text: object, interface, union, input and enum types. No request is looked at here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.kit.gql.lexing import Cursor
from connectors.sandbox.kit.gql.parsing import type_ref
from connectors.sandbox.kit.gql.tree import TypeRef

SCALARS = frozenset({"Int", "Float", "String", "ID", "Boolean", "DateTime", "Decimal", "UnsignedInt64", "URL", "Money"})


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a type: its arguments (or none) and what it answers."""

    name: str
    type: TypeRef
    args: dict[str, TypeRef]


@dataclass(slots=True)
class Type:
    """`kind` is type, interface, union, input or enum; `members` are its fields, `words` values or possible types."""

    name: str
    kind: str
    members: dict[str, Member] = field(default_factory=dict)
    words: tuple[str, ...] = ()


class Schema:
    """All types by name; a text that mentions a type it does not define is refused with ValueError.

    `scalars` names scalars of the platform's own, or ones that it reads otherwise: from a value that was sent to the
    value that is meant, ValueError when it does not fit.
    """

    def __init__(self, text: str, scalars: Mapping[str, Callable[[Any], Any]] | None = None) -> None:
        cursor = Cursor(text)
        self.scalars = dict(scalars or {})
        self.types: dict[str, Type] = {}
        while cursor.token.kind != "end":
            found = self._definition(cursor)
            if found.name in self.types:
                raise ValueError(f"the schema defines {found.name} twice")
            self.types[found.name] = found
        self._close()

    def find(self, name: str) -> Type | None:
        """The type of this name, or None for a scalar."""
        return self.types.get(name)

    def possible(self, name: str) -> frozenset[str]:
        """The object types that a value of this type may have."""
        type_ = self.types[name]
        return frozenset(type_.words) if type_.kind in ("union", "interface") else frozenset({name})

    def _definition(self, cursor: Cursor) -> Type:
        type_ = Type(kind=cursor.name(), name=cursor.name())
        if type_.kind == "union":
            cursor.expect("=")
            words = [cursor.name()]
            while cursor.skip("|"):
                words.append(cursor.name())
            type_.words = tuple(words)
            return type_
        interfaces = self._interfaces(cursor)
        cursor.expect("{")
        while not cursor.skip("}"):
            self._part(cursor, type_)
        for name in interfaces:
            self.types[name].words += (type_.name,)
            type_.members = {**self.types[name].members, **type_.members}
        return type_

    def _interfaces(self, cursor: Cursor) -> list[str]:
        found = []
        if cursor.skip("implements"):
            found.append(cursor.name())
            while cursor.skip("&"):
                found.append(cursor.name())
        return found

    def _part(self, cursor: Cursor, type_: Type) -> None:
        name = cursor.name()
        if type_.kind == "enum":
            type_.words += (name,)
            return
        args: dict[str, TypeRef] = {}
        if cursor.skip("("):
            while not cursor.skip(")"):
                arg = cursor.name()
                cursor.expect(":")
                args[arg] = type_ref(cursor)
        cursor.expect(":")
        type_.members[name] = Member(name, type_ref(cursor), args)

    def _close(self) -> None:
        """Make the connection and edge types that are mentioned but not written, then look for gaps."""
        for name in sorted(self._mentioned()):
            if name.endswith("Connection") and name not in self.types:
                self._make_connection(name)
        known = SCALARS | set(self.scalars)
        gaps = sorted(name for name in self._mentioned() if name not in known and name not in self.types)
        if gaps:
            raise ValueError(f"the schema mentions types that it does not define: {', '.join(gaps)}")

    def _make_connection(self, name: str) -> None:
        node = name.removesuffix("Connection")
        edge = f"{node}Edge"
        nodes, edges = TypeRef(of=TypeRef(node, required=True), required=True), TypeRef(of=TypeRef(edge, required=True))
        self.types[name] = Type(name, "type", {
            "nodes": Member("nodes", nodes, {}), "edges": Member("edges", edges, {}),
            "pageInfo": Member("pageInfo", TypeRef("PageInfo", required=True), {}),
        })  # fmt: skip
        self.types[edge] = Type(edge, "type", {
            "node": Member("node", TypeRef(node, required=True), {}),
            "cursor": Member("cursor", TypeRef("String", required=True), {}),
        })  # fmt: skip

    def _mentioned(self) -> set[str]:
        members = [member for type_ in self.types.values() for member in type_.members.values()]
        unions = {word for type_ in self.types.values() if type_.kind == "union" for word in type_.words}
        return unions | {ref.base for member in members for ref in (member.type, *member.args.values())}
