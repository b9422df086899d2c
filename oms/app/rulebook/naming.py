"""Whether the codes that rules name are known: stock points, carriers, teams and SKUs, looked up as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.domain.errors import Invalid

#: Codes told as known beside one that is not.
MOST_TOLD: Final = 20
#: Parameters that name something by its code, with the table it is in.
TABLES: Final[Mapping[str, str]] = {
    "point": "stock_point", "carrier": "carrier", "team": "user_group", "sku": "sku", "bought": "sku", "instead": "sku",
}  # fmt: skip
WORDS = {
    "point": "there is no stock point",
    "carrier": "there is no carrier",
    "team": "there is no team",
    "sku": "there is no SKU",
    "bought": "there is no SKU",
    "instead": "there is no SKU",
}


def check_names(connection: Connection, body: Any) -> None:
    """Invalid with the path of the first code that nothing has, and the codes that there are.

    `body` is a rule document that can be read. What goes after it was written is told by the decisions it leads to.
    """
    named = list(_named(body))
    unknown = {
        param: wanted - _known(connection, table, wanted)
        for param, table in TABLES.items()
        if (wanted := {code for _, name, code in named if name == param})
    }
    for path, param, code in named:
        if code in unknown[param]:
            known = _near(connection, TABLES[param], code)
            remedy = f"known: {known}" if known else "none is known yet; add it first"
            raise Invalid(path, f"{WORDS[param]} {code[:50]}", remedy)


def _named(body: Any) -> Iterator[tuple[str, str, str]]:
    """(path, parameter, code) of every parameter that names something."""
    for at, rule in enumerate(body["rules"]):
        for number, asked in enumerate(rule["actions"]):
            for param, code in asked["params"].items():
                if param in TABLES:
                    yield f"/rules/{at}/actions/{number}/params/{param}", param, str(code)


def _known(connection: Connection, table: str, codes: set[str]) -> set[str]:
    question = text(f"select code from {table} where code = any(:codes)")
    return set(connection.execute(question, {"codes": sorted(codes)}).scalars())


def _near(connection: Connection, table: str, code: str) -> str:
    """Codes that there are, those that begin alike first."""
    question = text(f"""
    select code from {table} order by left(lower(code), 1) <> left(lower(:code), 1), code limit :most""")
    found = list(connection.execute(question, {"code": code, "most": MOST_TOLD + 1}).scalars())
    return ", ".join(found[:MOST_TOLD]) + (" …" if len(found) > MOST_TOLD else "")
