"""收发确认: increments of a document are booked once each, by a message of a warehouse or by an act of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.db.stock import KINDS
from oms.domain.errors import Invalid, NotFound, Stale

MOST_UNITS: Final = 100_000_000
MOST_LINES: Final = 5000


@dataclass(frozen=True, slots=True)
class Units:
    """Units of a SKU and kind that came in or left; negative ones correct what was said before."""

    sku_id: int
    kind: str
    units: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """One message or act; `key` tells repeats, `is_final` says that nothing more is expected.

    `seen` is how many were booked when a person looked; `takes_more` says that more than was to come is no mistake.
    """

    key: str
    at: datetime
    is_final: bool
    lines: tuple[Units, ...]
    actor: str = "system"
    seen: int | None = None
    takes_more: bool = False


def open_batch(hub: Hub, connection: Connection, actor: str = "system") -> Batch:
    """A batch that moves stock alone."""
    now = hub.clock()
    return Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)


def note_confirm(batch: Batch, kind: str, id_: int, direction: str, confirm: Confirm) -> bool:
    """Keep a confirmation; False when it was booked before."""
    told = {"lines": [[line.sku_id, line.kind, line.units] for line in confirm.lines]}
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into stock_confirm (id, document_kind, document_id, direction, key, is_final, at, booked_at,
                 actor, lines) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text::jsonb)
               on conflict (document_kind, document_id, key) do nothing""",
            (batch.new_id(), kind, id_, direction, confirm.key[:200], confirm.is_final, min(confirm.at, batch.now),
             batch.now, confirm.actor, orjson.dumps(told).decode()),
        )  # fmt: skip
        return cursor.rowcount == 1


def is_repeated(batch: Batch, kind: str, id_: int, confirm: Confirm) -> bool:
    """Whether this act of a person was booked before; Stale when others have booked since they looked.

    Call it with the document locked.
    """
    rows = fetch(
        batch.connection,
        """select count(*), coalesce(bool_or(key = %s), false) from stock_confirm
           where document_kind = %s and document_id = %s""",
        (confirm.key[:200], kind, id_),
    )
    count, is_known = rows[0]
    if not is_known and confirm.seen is not None and confirm.seen != count:
        raise Stale("others have booked goods here meanwhile", "look at what is booked, then enter what is left")
    return bool(is_known)


def refuse_more(batch: Batch, confirm: Confirm, left: Mapping[int, int]) -> None:
    """Invalid where a person books more of a SKU than is `left` to come, unless they say that it is so."""
    wanted: dict[int, int] = {}
    for line in confirm.lines:
        wanted[line.sku_id] = wanted.get(line.sku_id, 0) + line.units
    for sku_id, units in wanted.items() if not confirm.takes_more else ():
        if units > 0 and units > left.get(sku_id, 0):
            code = fetch(batch.connection, "select code from sku where id = %s", (sku_id,))[0][0]
            rest = max(0, left.get(sku_id, 0))
            raise Invalid("lines", f"of {code} only {rest} units are left to book", "count again, or say that it is more")


def book(batch: Batch, moves: Iterable[tuple[int, int, str, int]], reason: str, document: tuple[str, int],
         at: datetime) -> None:  # fmt: skip
    """Move (stock point, SKU, kind, units) for a document as of a moment, and flush."""
    listed = [move for move in moves if move[3]]
    for point_id, sku_id, kind, units in listed:
        batch.move_stock((point_id, sku_id, kind), on_hand=units, reason=reason, document_id=document[1],
                         document_kind=document[0], as_of=min(at, batch.now))  # fmt: skip
    lock_skus(batch, ())
    flush(batch)
    batch.pokes.add("advance")


def skus_by_code(connection: Connection, codes: Collection[str]) -> dict[str, int]:
    """The ids of SKUs that have stock; Invalid names the first code that has none."""
    rows = fetch(
        connection,
        "select code, id from sku where code = any(%s) and not is_archived and not is_virtual",
        (sorted(codes),),
    )
    known = dict(rows)
    for code in codes:
        if code not in known:
            raise Invalid("sku", f"there is no SKU {code[:60]}", "look at its spelling, or create it first")
    return known


def point_by_code(connection: Connection, code: str, field: str = "stock_point") -> int:
    """The id of a stock point that is not closed; Invalid when there is none."""
    rows = fetch(connection, "select id from stock_point where code = %s and state <> 'closed'", (code,))
    if not rows:
        raise Invalid(field, "there is no open stock point of this code", "look at its spelling")
    return int(rows[0][0])


def checked_units(lines: Mapping[str, int], field: str = "lines", *, signed: bool = False) -> Mapping[str, int]:
    """Units by SKU code within limits; Invalid otherwise."""
    if not lines or len(lines) > MOST_LINES:
        remedy = "split the document" if lines else "write at least one line"
        raise Invalid(field, "between 1 and 5,000 lines are needed", remedy)
    for units in lines.values():
        if units == 0 or abs(units) > MOST_UNITS or (units < 0 and not signed):
            raise Invalid(field, "units must be whole numbers from 1 to 100,000,000", "correct the line")
    return lines


def locked_row(connection: Connection, table: str, columns: str, id_: int, what: str) -> tuple[Any, ...]:
    """A document's row, locked; NotFound when there is none."""
    rows = fetch(connection, f"select {columns} from {table} where id = %s for update", (id_,))
    if not rows:
        raise NotFound(f"there is no such {what}", "look at the list")
    return rows[0]


def known_kind(kind: str) -> str:
    """A kind of stock; Invalid when there is none of this name."""
    if kind not in KINDS:
        raise Invalid("kind", "there is no such kind of stock", f"use one of {', '.join(KINDS)}")
    return kind
