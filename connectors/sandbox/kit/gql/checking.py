"""Whether a request fits the schema, before anything of it runs. The words are those of graphql-ruby servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.sandbox.kit.gql.inputs import Unfit, coerce
from connectors.sandbox.kit.gql.refusing import Error, error_at
from connectors.sandbox.kit.gql.schema import Member, Schema, Type
from connectors.sandbox.kit.gql.tree import Document, Field, Operation, Selection, Spread, TypeRef, Variable

Path = tuple[str | int, ...]
ROOTS = {"query": "QueryRoot", "mutation": "Mutation", "subscription": "Subscription"}


class Checker:
    """Checks one operation of a document; `errors` is empty when it may run."""

    def __init__(self, schema: Schema, document: Document, operation: Operation) -> None:
        self.errors: list[Error] = []
        self._schema = schema
        self._document = document
        self._operation = operation
        self._declared = {definition.name: definition for definition in operation.variables}
        self._used: set[str] = set()
        self._spread: set[str] = set()
        root = schema.find(ROOTS[operation.kind])
        assert root is not None, "the schema has no root type"  # noqa: S101 - a mistake of ours, not of a client
        title = f"{operation.kind} {operation.name}".strip()
        self._selections(operation.selections, root, (title,), ())
        self._leftovers(title)

    def _selections(self, selections: tuple[Selection, ...], type_: Type, path: Path, inside: tuple[str, ...]) -> None:
        for selection in selections:
            if isinstance(selection, Field):
                self._variables_in([found.args for found in selection.directives])
                self._field(selection, type_, (*path, selection.key), inside)
            else:
                self._fragment(selection, type_, path, inside)

    def _fragment(self, spread: Spread, type_: Type, path: Path, inside: tuple[str, ...]) -> None:
        self._variables_in([found.args for found in spread.directives])
        fragment = spread
        if spread.name:
            self._spread.add(spread.name)
            if spread.name not in self._document.fragments:
                self._say(f"Fragment {spread.name} was used, but not defined", spread.at, path, "useAndDefineFragment",
                          fragmentName=spread.name)  # fmt: skip
                return
            if spread.name in inside:
                self._say(f"Fragment {spread.name} contains an infinite loop", spread.at, path, "infiniteLoop")
                return
            fragment = self._document.fragments[spread.name]
        on = self._schema.find(fragment.on) if fragment.on else type_
        if on is None or on.kind not in ("type", "interface", "union"):
            self._say(f"No such type {fragment.on}, so it can't be a fragment condition", spread.at, path,
                      "undefinedType", typeName=fragment.on)  # fmt: skip
        elif not self._schema.possible(on.name) & self._schema.possible(type_.name):
            self._say(f"Fragment on {on.name} can't be spread inside {type_.name}", spread.at, path,
                      "cannotSpreadFragment", typeName=on.name)  # fmt: skip
        else:
            self._selections(fragment.selections, on, path, (*inside, spread.name))

    def _field(self, field: Field, type_: Type, path: Path, inside: tuple[str, ...]) -> None:
        if field.name == "__typename":
            return
        member = type_.members.get(field.name)
        if member is None:
            self._say(f"Field '{field.name}' doesn't exist on type '{type_.name}'", field.at, path, "undefinedField",
                      typeName=type_.name, fieldName=field.name)  # fmt: skip
            return
        self._arguments(field, member, path)
        inner = self._schema.find(member.type.base)
        has_fields = inner is not None and inner.kind != "enum"
        if has_fields and not field.selections:
            self._say(f"Field must have selections (field '{field.name}' returns {member.type.base} but has no"
                      f" selections. Did you mean '{field.name} {{ ... }}'?)", field.at, path,
                      "selectionMismatch")  # fmt: skip
        elif field.selections and not has_fields:
            self._say(f"Selections can't be made on scalars (field '{field.name}' returns {member.type.base})",
                      field.at, path, "selectionMismatch")  # fmt: skip
        elif inner is not None and has_fields:
            self._selections(field.selections, inner, path, inside)

    def _arguments(self, field: Field, member: Member, path: Path) -> None:
        for name, value in field.args.items():
            if name not in member.args:
                self._say(f"Field '{field.name}' doesn't accept argument '{name}'", field.at, (*path, name),
                          "argumentNotAccepted", name=field.name, argumentName=name)  # fmt: skip
            else:
                self._argument(field, name, value, member.args[name], path)
        self._variables_in(field.args)
        missing = [name for name, ref in member.args.items() if ref.required and name not in field.args]
        if missing:
            self._say(f"Field '{field.name}' is missing required arguments: {', '.join(missing)}", field.at, path,
                      "missingRequiredArguments", name=field.name, arguments=", ".join(missing))  # fmt: skip
        if member.type.base.endswith("Connection") and not {"first", "last"} & set(field.args):
            self._say("you must provide one of first or last", field.at, path, "BAD_REQUEST")

    def _argument(self, field: Field, name: str, value: Any, ref: TypeRef, path: Path) -> None:
        if isinstance(value, Variable):
            declared = self._declared.get(value.name)
            if declared is not None and not _may_stand(declared.type, ref, has_default=declared.has_default):
                self._say(f"Type mismatch on variable ${value.name} and argument {name} ({declared.type} / {ref})",
                          field.at, (*path, name), "variableMismatch", variableName=value.name)  # fmt: skip
            return
        if any(True for _ in _variables(value)):
            return  # What stands in place of the variables is looked at when the field runs.
        try:
            coerce(self._schema, ref, value, {})
        except Unfit as fault:
            self._say(f"Argument '{name}' on Field '{field.name}' has an invalid value. Expected type '{ref}'. {fault}",
                      field.at, (*path, name), "argumentLiteralsIncompatible", argumentName=name)  # fmt: skip

    def _variables_in(self, value: Any) -> None:
        self._used.update(_variables(value))

    def _leftovers(self, title: str) -> None:
        name = self._operation.name or "anonymous " + self._operation.kind
        for wanted in sorted(self._used - set(self._declared)):
            self._say(f"Variable ${wanted} is used by {name} but not declared", (1, 1), (title,), "variableNotDefined",
                      variableName=wanted)  # fmt: skip
        for idle in sorted(set(self._declared) - self._used):
            self._say(f"Variable ${idle} is declared by {name} but not used", (1, 1), (title,), "variableNotUsed",
                      variableName=idle)  # fmt: skip
        if len(self._document.operations) == 1:
            for idle in sorted(set(self._document.fragments) - self._spread):
                fragment = self._document.fragments[idle]
                self._say(f"Fragment {idle} was defined, but not used", fragment.at, (f"fragment {idle}",),
                          "useAndDefineFragment", fragmentName=idle)  # fmt: skip

    def _say(self, message: str, at: tuple[int, int], path: Path, code: str, **more: Any) -> None:
        self.errors.append(error_at(message, at, path, code=code, **more))


def _variables(value: Any) -> Iterator[str]:
    if isinstance(value, Variable):
        yield value.name
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _variables(part)


def _may_stand(declared: TypeRef, wanted: TypeRef, *, has_default: bool) -> bool:
    if wanted.required and not declared.required and not has_default:
        return False
    if wanted.of is None or declared.of is None:
        return declared.base == wanted.base and (wanted.of is not None or declared.of is None)
    return _may_stand(declared.of, wanted.of, has_default=False)
