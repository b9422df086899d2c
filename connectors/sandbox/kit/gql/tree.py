"""What a GraphQL document is made of. No parsing and no meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Variable:
    """The mention of a variable as a value."""

    name: str


@dataclass(frozen=True, slots=True)
class EnumWord:
    """A bare word as a value."""

    word: str


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type as written: a name or a list of something, either of them perhaps required."""

    name: str = ""
    of: TypeRef | None = None
    required: bool = False

    def __str__(self) -> str:
        inner = f"[{self.of}]" if self.of is not None else self.name
        return inner + ("!" if self.required else "")

    @property
    def base(self) -> str:
        """The name beneath all lists."""
        return self.name if self.of is None else self.of.base


@dataclass(frozen=True, slots=True)
class Directive:
    name: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is asked for; `at` is (line, column)."""

    name: str
    alias: str
    args: dict[str, Any]
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    at: tuple[int, int]

    @property
    def key(self) -> str:
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class Spread:
    """A named fragment spread (`name`) or an inline fragment (`selections`, perhaps `on` a type)."""

    name: str
    on: str
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    at: tuple[int, int]


Selection = Field | Spread


@dataclass(frozen=True, slots=True)
class VariableDefinition:
    name: str
    type: TypeRef
    default: Any
    has_default: bool


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    name: str
    variables: tuple[VariableDefinition, ...]
    selections: tuple[Selection, ...]


@dataclass(slots=True)
class Document:
    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, Spread] = field(default_factory=dict)
