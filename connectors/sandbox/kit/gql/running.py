"""Running a checked operation: functions behind the root's fields, plain values and functions below them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.sandbox.kit.gql.checking import ROOTS
from connectors.sandbox.kit.gql.cost import CONNECTION_POINTS, FREE, LARGEST_PAGE, MUTATION_POINTS
from connectors.sandbox.kit.gql.inputs import Unfit, coerce
from connectors.sandbox.kit.gql.refusing import Error, FieldRefusal, error_at
from connectors.sandbox.kit.gql.schema import Schema
from connectors.sandbox.kit.gql.tree import Directive, Document, Field, Operation, Selection, TypeRef, Variable

Path = tuple[str | int, ...]
#: A function behind a root field: its arguments and the directives that stand at it.
Resolver = Callable[[dict[str, Any], Mapping[str, Mapping[str, Any]]], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a connection with a cursor each; `total` where the platform counts the whole list."""

    nodes: Sequence[Any]
    cursors: Sequence[str]
    has_next: bool = False
    has_previous: bool = False
    total: int | None = None


class Run:
    """One execution: `answer` is the content of "data", `errors` what went wrong, `points` what it really cost."""

    def __init__(
        self, schema: Schema, document: Document, operation: Operation,
        variables: Mapping[str, Any], resolvers: Mapping[str, Resolver],
    ) -> None:  # fmt: skip
        self.errors: list[Error] = []
        self.points = 0
        self._schema = schema
        self._document = document
        self._variables = variables
        self._resolvers = resolvers
        self._is_mutation = operation.kind == "mutation"
        self.answer = self._root(operation)

    def _root(self, operation: Operation) -> dict[str, Any]:
        found: dict[str, Any] = {}
        root = ROOTS[operation.kind]
        for key, fields in self._collected(operation.selections, root).items():
            field = fields[0]
            self.points += MUTATION_POINTS if self._is_mutation else 0
            if field.name == "__typename":
                found[key] = root
                continue
            directives = {one.name: self._plain(one.args) for one in field.directives}
            resolver = self._resolvers[field.name]
            found[key] = self._resolve(fields, root, (key,), partial(_ask_root, resolver, directives))
        return found

    def _resolve(self, fields: list[Field], type_name: str, path: Path, ask: Callable[[dict[str, Any]], Any]) -> Any:
        field = fields[0]
        type_ = self._schema.types[type_name]
        member = type_.members[field.name]
        try:
            args = {
                name: coerce(self._schema, ref, field.args[name], self._variables)
                for name, ref in member.args.items()
                if name in field.args and not self._is_left_out(field.args[name])
            }
            return self._complete(ask(args), member.type, fields, path, args)
        except Unfit as fault:
            self.errors.append(error_at(str(fault), field.at, path, code="argumentLiteralsIncompatible"))
        except FieldRefusal as refusal:
            self.errors.append(error_at(str(refusal), field.at, path, **refusal.extensions))
        return None

    def _complete(self, value: Any, ref: TypeRef, fields: list[Field], path: Path, args: dict[str, Any]) -> Any:
        if value is None:
            return None
        if ref.base.endswith("Connection"):
            return self._connection(value, ref.base, fields, path, args)
        if ref.of is not None:
            inner = ref.of
            rows = value[: args["first"]] if isinstance(args.get("first"), int) else value
            return [self._complete(row, inner, fields, (*path, n), {}) for n, row in enumerate(rows)]
        type_ = self._schema.find(ref.name)
        if type_ is None or type_.kind == "enum":
            return value
        self.points += 0 if ref.name in FREE or ref.name.endswith("Edge") else 1
        return self._object(value, str(value.get("__typename", ref.name)), fields, path)

    def _connection(self, value: Any, name: str, fields: list[Field], path: Path, args: dict[str, Any]) -> Any:
        page = value if isinstance(value, Page) else page_of(value, args)
        self.points += CONNECTION_POINTS
        edges = [{"node": node, "cursor": mark} for node, mark in zip(page.nodes, page.cursors, strict=True)]
        ends = (page.cursors[0], page.cursors[-1]) if page.cursors else (None, None)
        turning = {"hasNextPage": page.has_next, "hasPreviousPage": page.has_previous,
                   "startCursor": ends[0], "endCursor": ends[1]}  # fmt: skip
        found = {"nodes": page.nodes, "edges": edges, "pageInfo": turning, "totalCount": page.total}
        return self._object(found, name, fields, path)

    def _object(self, source: Mapping[str, Any], type_name: str, fields: list[Field], path: Path) -> dict[str, Any]:
        selections = tuple(found for field in fields for found in field.selections)
        answer: dict[str, Any] = {}
        for key, asked in self._collected(selections, type_name).items():
            name = asked[0].name
            if name == "__typename":
                answer[key] = type_name
                continue
            held = source.get(name)
            ask = held if callable(held) else lambda args, held=held: held
            answer[key] = self._resolve(asked, type_name, (*path, key), ask)
        return answer

    def _collected(self, selections: Sequence[Selection], type_name: str) -> dict[str, list[Field]]:
        """Fields by the name they are answered under; fragments of other types fall away."""
        found: dict[str, list[Field]] = {}
        for field in self._flat(selections, type_name):
            found.setdefault(field.key, []).append(field)
        return found

    def _flat(self, selections: Sequence[Selection], type_name: str) -> Iterator[Field]:
        for selection in selections:
            if not self._is_wanted(selection.directives):
                continue
            if isinstance(selection, Field):
                yield selection
                continue
            fragment = self._document.fragments[selection.name] if selection.name else selection
            if not fragment.on or type_name in self._schema.possible(fragment.on):
                yield from self._flat(fragment.selections, type_name)

    def _is_wanted(self, directives: Sequence[Directive]) -> bool:
        for found in directives:
            condition = self._plain(found.args).get("if")
            if (found.name == "skip" and condition) or (found.name == "include" and not condition):
                return False
        return True

    def _is_left_out(self, value: Any) -> bool:
        return isinstance(value, Variable) and value.name not in self._variables

    def _plain(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._variables.get(value.name) if isinstance(value, Variable) else value
            for name, value in args.items()
        }


def _ask_root(resolver: Resolver, directives: Mapping[str, Mapping[str, Any]], args: dict[str, Any]) -> Any:
    return resolver(args, directives)


def page_of(rows: Sequence[Any], args: Mapping[str, Any]) -> Page:
    """A page of rows that are all at hand, by first/after or last/before, with `reverse`."""
    turned = list(reversed(rows)) if args.get("reverse") else list(rows)
    start = _place(args["after"]) + 1 if args.get("after") else 0
    end = _place(args["before"]) if args.get("before") else len(turned)
    if args.get("last") is not None and args.get("first") is None:
        start = max(start, end - int(args["last"]))
    else:
        end = min(end, start + min(int(args.get("first") or LARGEST_PAGE), LARGEST_PAGE))
    marks = [base64.b64encode(f'{{"last_id":{n}}}'.encode()).decode() for n in range(start, end)]
    return Page(turned[start:end], marks, end < len(turned), start > 0)


def _place(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix('{"last_id":').removesuffix("}"))
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise FieldRefusal(f"Invalid cursor {cursor!r}", "BAD_REQUEST") from None
