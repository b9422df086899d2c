"""What a request costs before it runs: objects one point, connections by their size, mutations ten."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.gql.checking import ROOTS
from connectors.sandbox.kit.gql.refusing import Refusal, error_at
from connectors.sandbox.kit.gql.schema import Schema
from connectors.sandbox.kit.gql.tree import Document, Field, Operation, Selection, Variable

MUTATION_POINTS = 10
CONNECTION_POINTS = 2
LARGEST_PAGE = 250
#: Types that belong to the object they stand on and cost nothing of their own.
FREE = frozenset({"MoneyBag", "MoneyV2", "PageInfo"})


class Costing:
    """The requested cost of one checked operation; Refusal when a page is larger than the platform gives."""

    def __init__(self, schema: Schema, document: Document, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._document = document
        self._variables = variables

    def of(self, operation: Operation) -> int:
        points = self._selections(operation.selections, ROOTS[operation.kind], 0)
        count = sum(1 for found in operation.selections if isinstance(found, Field))
        return max(1, points + (MUTATION_POINTS * count if operation.kind == "mutation" else 0))

    def _selections(self, selections: tuple[Selection, ...], type_name: str, depth: int) -> int:
        points, alternatives = 0, [0]
        for found in selections:
            if isinstance(found, Field):
                points += self._field(found, type_name, depth)
                continue
            fragment = self._document.fragments[found.name] if found.name else found
            on = fragment.on or type_name
            part = self._selections(fragment.selections, on, depth)
            if on == type_name:
                points += part
            else:
                alternatives.append(part)
        return points + max(alternatives)

    def _field(self, field: Field, type_name: str, depth: int) -> int:
        type_ = self._schema.find(type_name)
        member = type_.members.get(field.name) if type_ is not None else None
        if member is None or not field.selections:
            return 0
        base = member.type.base
        if base.endswith("Connection"):
            inside = self._selections(field.selections, base, depth + 1)
            return CONNECTION_POINTS + self._size(field, depth) * max(1, inside)
        own = 0 if base in FREE or base.endswith("Edge") else 1
        return own + self._selections(field.selections, base, depth + 1)

    def _size(self, field: Field, depth: int) -> int:
        asked = [self._number(field.args.get(name)) for name in ("first", "last")]
        rows = max(asked)
        if rows > LARGEST_PAGE:
            message = f"Page size of {field.name} cannot exceed {LARGEST_PAGE}, got {rows}"
            raise Refusal([error_at(message, field.at, (field.key,), code="BAD_REQUEST")])
        # The platform grows the cost of inner pages less than their size; by how much it does not tell.
        return rows if depth == 0 else math.ceil(math.log2(rows + 1))

    def _number(self, value: Any) -> int:
        found = self._variables.get(value.name) if isinstance(value, Variable) else value
        return found if isinstance(found, int) else 0
