"""Master rows through the API: prices, blacklist, members, sizes and coverage; by the columns of their files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, Routes
from oms.api.schemas import Body, plain_text
from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import import kind_of, put_masters
from oms.app.capture.masters_import_kinds import KINDS
from oms.app.capture.masters_listing import SIZE, list_masters, remove_master
from oms.domain.errors import Forbidden, Invalid

VIEW: Final = "master.view"
EDIT: Final = "master.edit"
#: Tables that who plans routes may change, too.
ALSO: Final = {"transit": "sourcing.edit", "tariff": "sourcing.edit"}
MOST_ROWS: Final = 500
WORDS: list[Callable[[str], object]] = [validate.Length(max=300), plain_text]
routes = Routes("masters", f"Master rows, one table each: {', '.join(KINDS)}")


class FindIn(Body):
    """What is looked for; in the body, since addresses are written into logs."""

    words = fields.String(load_default="", validate=WORDS)
    after = fields.String(load_default="", validate=WORDS, metadata={"description": "The `next` of the page before"})


class RowsIn(Body):
    """Rows by the columns of the table's file, as texts: `{"sku": "A", "cost": "12.50"}`."""

    rows = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String(validate=WORDS)),
        required=True,
        validate=validate.Length(min=1, max=MOST_ROWS),
    )


class KeyIn(Body):
    """A row by its key."""

    key = fields.String(required=True, validate=WORDS)


class RowOut(Schema):
    """A row: its key, and what is kept of it by column. What a blacklist names is kept as a keyed hash alone."""

    key = fields.String(required=True)
    values = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class RowPage(Schema):
    """One page; `next` is empty on the last one."""

    rows = fields.List(fields.Nested(RowOut), required=True)
    next = fields.String(required=True)


class ProblemOut(Schema):
    """What is wrong with a column of a row; the column is empty for the row as a whole."""

    column = fields.String(required=True)
    words = fields.String(required=True)


class RefusedOut(Schema):
    """A row that was not written, by its place in the list from 0."""

    index = fields.Integer(required=True)
    problems = fields.List(fields.Nested(ProblemOut), required=True)


class WrittenOut(Schema):
    """What became of the rows; those `same` were kept so already."""

    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)
    refused = fields.List(fields.Nested(RefusedOut), required=True)


@routes.post("/masters/<string:table>/find", VIEW, RowPage, asks=[(BODY, FindIn)], refuses=[404, 422])
def find_rows(asked: dict[str, str], table: str) -> dict[str, Any]:
    """Fifty rows of a table; of the blacklist a whole phone, address or buyer id finds its entry."""
    with hub().engine.connect() as connection:
        rows = list_masters(
            connection, hub().keys, table, asked["words"].strip(), after=asked["after"], now=hub().clock()
        )
    told = [{"key": row.key, "values": _plain(row._mapping)} for row in rows]
    return {"rows": told, "next": rows[-1].key if len(rows) == SIZE else ""}


@routes.post(
    "/masters/<string:table>", EDIT, WrittenOut, asks=[(BODY, RowsIn)], refuses=[404, 422], instead=[*set(ALSO.values())]
)
def put_rows(asked: dict[str, Any], table: str) -> dict[str, Any]:
    """Write rows; those that cannot be read are told, and the others are written. Sent twice, nothing changes."""
    _require_everywhere(table)
    known = {column.key for column in kind_of(table).columns}
    unknown = sorted({key for row in asked["rows"] for key in row} - known)
    if unknown:
        raise Invalid("rows", f"there is no column {unknown[0][:40]}", f"use {', '.join(sorted(known))}")
    rows = [Row({key: row.get(key, "").strip() for key in known}) for row in asked["rows"]]
    written = put_masters(hub(), table, rows, caller().actor)
    refused = [
        {"index": at, "problems": [{"column": column, "words": words} for column, words in row.problems]}
        for at, row in enumerate(rows)
        if row.problems
    ]
    return {"changed": written.changed, "same": written.same, "refused": refused}


@routes.post(
    "/masters/<string:table>/remove", EDIT, None, asks=[(BODY, KeyIn)], refuses=[404, 422], status=204,
    instead=[*set(ALSO.values())],
)  # fmt: skip
def remove_row(asked: dict[str, str], table: str) -> None:
    """End an entry of the blacklist, take a member's level away, or remove a row of another table."""
    _require_everywhere(table)
    remove_master(hub(), table, asked["key"], caller().actor)


def _require_everywhere(table: str) -> None:
    """What all shops share is changed by whoever may do so in every shop; tariffs and hours by who plans routes, too."""
    if not any(caller().allows(one, 0) for one in (EDIT, ALSO.get(table, EDIT))):
        raise Forbidden(f"the permission {EDIT} does not reach this far", "ask somebody who has it for every shop")


def _plain(values: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if name not in ("key", "id", "blind")
    }
