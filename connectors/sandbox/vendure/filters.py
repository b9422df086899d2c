"""List options of orders as SQL: filters with their operators, sorting, and the window of the column sorted by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal

Doc = Mapping[str, Any]
#: What a field of the filter is in the table of orders, and of which kind.
COLUMNS: dict[str, tuple[str, str]] = {
    "id": ("number", "text"), "createdAt": ("created_ms", "time"), "updatedAt": ("changed_ms", "time"),
    "orderPlacedAt": ("nullif(json_extract(doc, '$.placed_ms'), 0)", "time"),
    "code": ("json_extract(doc, '$.code')", "text"),
    "state": ("json_extract(doc, '$.state')", "text"), "type": ("json_extract(doc, '$.type')", "text"),
    "active": ("json_extract(doc, '$.active')", "flag"), "currencyCode": ("json_extract(doc, '$.currency')", "text"),
    "customerLastName": ("substr(json_extract(doc, '$.receiver.name'), 1, 1)", "text"),
    "transactionId": ("json_extract(doc, '$.payments[0].txn')", "text"),
    "totalWithTax": ("json_extract(doc, '$.total')", "number"),
    "totalQuantity": ("json_extract(doc, '$.units')", "number"),
}  # fmt: skip
COMPARED = {"eq": "=", "notEq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "before": "<", "after": ">"}
FAR_MS = 10**15


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page that was asked for: condition with its values, column to sort by, direction, place."""

    where: str
    args: tuple[Any, ...]
    stamp: str
    newest_first: bool
    skip: int
    take: int


def wanted(options: Doc, limit: int) -> Wanted:
    """Options of a list call; FieldRefusal for a page beyond the limit or an impossible place."""
    skip, take = place(options, limit)
    where, args = condition(options.get("filter") or {}, str(options.get("filterOperator") or "AND"))
    sort = options.get("sort") or {}
    # The first key sorts; the id breaks ties, as the platform's default sorting does.
    key, direction = next(iter(sort.items()), ("createdAt", "ASC"))
    column = COLUMNS[key][0] if COLUMNS[key][1] == "time" else "created_ms"
    if key == "orderPlacedAt":
        where = f"({where}) and {column} is not null"
    return Wanted(where, args, column, direction == "DESC", skip, take)


def place(options: Doc, limit: int) -> tuple[int, int]:
    """(skip, take) of any list call."""
    skip, take = int(options.get("skip") or 0), options.get("take")
    if take is not None and int(take) > limit:
        raise FieldRefusal(f"Cannot take more than {limit} results from a list query", "USER_INPUT_ERROR")
    if skip < 0 or (take is not None and int(take) < 0):
        raise FieldRefusal("The skip and take arguments cannot be negative", "USER_INPUT_ERROR")
    return skip, limit if take is None else int(take)


def condition(told: Doc, joined_by: str) -> tuple[str, tuple[Any, ...]]:
    """A filter as SQL with its values; several fields hold together by AND or OR."""
    parts: list[str] = []
    args: list[Any] = []
    for name, operators in told.items():
        if operators is None:
            continue
        found = _nested(name, operators) if name in ("_and", "_or") else _field(name, operators)
        if found[0]:
            parts.append(found[0])
            args += found[1]
    word = " or " if joined_by == "OR" else " and "
    return word.join(f"({part})" for part in parts) or "1", tuple(args)


def _nested(name: str, filters: list[Doc]) -> tuple[str, list[Any]]:
    found = [condition(one, "AND") for one in filters]
    word = " and " if name == "_and" else " or "
    return word.join(f"({sql})" for sql, _ in found), [value for _, values in found for value in values]


def _field(name: str, operators: Doc) -> tuple[str, list[Any]]:
    column, kind = COLUMNS[name]
    parts, args = [], []
    for operator, value in operators.items():
        if value is None:
            continue
        sql, values = _operator(column, kind, operator, value)
        parts.append(sql)
        args += values
    return " and ".join(parts), args


def _operator(column: str, kind: str, operator: str, value: Any) -> tuple[str, list[Any]]:
    if operator == "isNull":
        return f"{column} is {'' if value else 'not '}null", []
    if operator in ("in", "notIn"):
        marks = ", ".join("?" for _ in value)
        return f"{column} {'not ' if operator == 'notIn' else ''}in ({marks})", list(value)
    if operator == "between":
        return f"{column} >= ? and {column} <= ?", [_plain(kind, value["start"]), _plain(kind, value["end"])]
    if operator in ("contains", "notContains"):
        return f"{'not ' if operator == 'notContains' else ''}instr(lower({column}), lower(?)) > 0", [value]
    if operator == "regex":
        raise FieldRefusal("regex is not supported by this database", "INTERNAL_SERVER_ERROR")
    return f"{column} {COMPARED[operator]} ?", [_plain(kind, value)]


def _plain(kind: str, value: Any) -> Any:
    if kind == "time":
        assert isinstance(value, datetime)  # noqa: S101 - the schema reads times
        return round(value.timestamp() * 1000)
    return int(value) if kind == "flag" else value
