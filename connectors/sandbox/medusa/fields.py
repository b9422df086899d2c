"""The parameter `fields`: which fields and relations of a document are answered. No documents are made here.

`a,b.c` names fields and leaves out the rest; `+f` adds to what is answered without the parameter, `-f` takes away,
`*rel` is a relation with all of its own fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Doc = dict[str, Any]
Tree = dict[str, Any]
ALL = "*"
#: Names under which another table's rows hang; they are answered only when they are asked for.
RELATIONS = frozenset({
    "items", "tax_lines", "adjustments", "detail", "shipping_methods", "shipping_address", "billing_address",
    "payment_collections", "payments", "captures", "refunds", "fulfillments", "labels", "transactions", "credit_lines",
    "variant", "product", "options", "prices", "inventory_items", "inventory", "location_levels", "reason", "order",
    "exchange", "additional_items", "item", "payment_collection", "refund_reason", "address", "return",
})  # fmt: skip
TOTALS = ("total", "subtotal", "tax_total", "discount_total", "item_total", "shipping_total", "original_total")


def wanted(asked: str, defaults: Iterable[str]) -> list[str]:
    """The names to answer, defaults included where the parameter only adds to them."""
    tokens = [token.strip() for token in asked.split(",") if token.strip()]
    plain = any(token[0] not in "+-*" for token in tokens)
    names = [] if plain else list(defaults)
    names += [token.lstrip("+") for token in tokens if token[0] != "-"]
    gone = {token[1:] for token in tokens if token[0] == "-"}
    return [name for name in names if name.lstrip(ALL) not in gone]


def tells_totals(names: Iterable[str]) -> bool:
    """Whether totals are computed; without them lines have none either."""
    return any(name in TOTALS or name.endswith("_total") for name in names)


def chosen(doc: Mapping[str, Any], names: Iterable[str]) -> Doc:
    """A document with the wanted fields; unknown names are passed over, and `id` is always there."""
    tree: Tree = {"id": {}}
    for name in names:
        _plant(tree, name)
    return _pick(doc, tree)


def _plant(tree: Tree, name: str) -> None:
    whole = name.startswith(ALL) or name.endswith(".*")
    node = tree
    for part in name.removeprefix(ALL).removesuffix(".*").split("."):
        node = node.setdefault(part, {})
    if whole:
        node[ALL] = {}


def _pick(doc: Mapping[str, Any], tree: Tree) -> Doc:
    found: Doc = {}
    for name, value in doc.items():
        below = tree.get(name)
        if below is None and not (ALL in tree and name not in RELATIONS):
            if name.startswith("raw_") and name[4:] in tree:
                found[name] = value
            continue
        found[name] = _below(value, below or {}, is_relation=name in RELATIONS)
    return found


def _below(value: Any, tree: Tree, *, is_relation: bool) -> Any:
    if not is_relation:
        return value
    # A relation that is named without any of its fields is answered with all of its own.
    inner = tree or {ALL: {}}
    if isinstance(value, list):
        return [_pick(item, inner) if isinstance(item, dict) else item for item in value]
    return _pick(value, inner) if isinstance(value, dict) else value
