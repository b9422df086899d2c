"""Values that a client sends, brought to the types of the schema: variables, arguments, defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.sandbox.kit.gql.refusing import Refusal
from connectors.sandbox.kit.gql.schema import Schema, Type
from connectors.sandbox.kit.gql.tree import EnumWord, Operation, TypeRef, Variable

Path = tuple[str | int, ...]
MAX_INT = 2**31


class Unfit(Exception):
    """A value is not of its type; `path` leads to it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path = path


def variables_of(schema: Schema, operation: Operation, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The operation's variables as its types want them; Refusal names every one that does not fit."""
    found: dict[str, Any] = {}
    errors = []
    for definition in operation.variables:
        if definition.name not in sent and (definition.has_default or not definition.type.required):
            if definition.has_default:
                found[definition.name] = coerce(schema, definition.type, definition.default, {})
            continue
        value = sent.get(definition.name)
        try:
            found[definition.name] = coerce(schema, definition.type, value, {})
        except Unfit as fault:
            problem = {"path": list(fault.path), "explanation": str(fault)}
            told = f"{definition.name} of type {definition.type} was provided invalid value"
            place = f" for {'.'.join(map(str, fault.path))} ({fault})" if fault.path else ""
            errors.append({
                "message": f"Variable ${told}{place}",
                "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": [problem]},
            })  # fmt: skip
    if errors:
        raise Refusal(errors)
    return found


def coerce(schema: Schema, ref: TypeRef, value: Any, variables: Mapping[str, Any], path: Path = ()) -> Any:
    """A value as its type wants it; variables inside take their values. Unfit tells where it does not fit."""
    if isinstance(value, Variable):
        value = variables.get(value.name)
    if value is None:
        if ref.required:
            raise Unfit(path, "Expected value to not be null")
        return None
    if ref.of is not None:
        items = value if isinstance(value, list) else [value]
        return [coerce(schema, ref.of, item, variables, (*path, n)) for n, item in enumerate(items)]
    type_ = schema.find(ref.name)
    if type_ is None:
        own = schema.scalars.get(ref.name)
        return _scalar(ref.name, value, path) if own is None else _own_scalar(own, ref.name, value, path)
    if type_.kind == "enum":
        return _enum(type_, value, path)
    return _object(schema, type_, value, variables, path)


def _object(schema: Schema, type_: Type, value: Any, variables: Mapping[str, Any], path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(path, f"Expected {value!r} to be a key-value object.")
    for name in value:
        if name not in type_.members:
            raise Unfit((*path, name), f"Field is not defined on {type_.name}")
    found = {}
    for name, member in type_.members.items():
        if name in value or member.type.required:
            inner = value.get(name)
            if isinstance(inner, Variable) and inner.name not in variables and not member.type.required:
                continue
            found[name] = coerce(schema, member.type, inner, variables, (*path, name))
    return found


def _enum(type_: Type, value: Any, path: Path) -> str:
    word = value.word if isinstance(value, EnumWord) else value
    if word not in type_.words:
        raise Unfit(path, f'Expected "{word}" to be one of: {", ".join(type_.words)}')
    return str(word)


def _own_scalar(read: Callable[[Any], Any], name: str, value: Any, path: Path) -> Any:
    """A scalar that the platform reads in its own way."""
    try:
        return read(value)
    except ValueError:
        shown = value.word if isinstance(value, EnumWord) else value
        raise Unfit(path, f"Could not coerce value {shown!r} to {name}") from None


def _scalar(name: str, value: Any, path: Path) -> Any:
    if isinstance(value, EnumWord | list | dict) or not _fits(name, value):
        shown = value.word if isinstance(value, EnumWord) else value
        raise Unfit(path, f"Could not coerce value {shown!r} to {name}")
    if name in ("ID", "Decimal", "Money", "UnsignedInt64"):
        return str(value)
    return float(value) if name == "Float" else value


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, bool) or name == "Boolean":
        return isinstance(value, bool) and name == "Boolean"
    if name == "Int":
        return isinstance(value, int) and -MAX_INT <= value < MAX_INT
    if name == "ID":
        return isinstance(value, int) or (isinstance(value, str) and value.startswith("gid://"))
    if name in ("Float", "Decimal", "Money", "UnsignedInt64"):
        return _is_number(value) and (name != "Float" or not isinstance(value, str))
    return isinstance(value, str) and (name != "DateTime" or _is_time(value))


def _is_number(value: Any) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False
