"""期初库存: what lies at each stock point when the hub begins, taken from a file once, with rows in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.capture.sheets import read_table
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.db.sealed import content_hash
from oms.domain.errors import Invalid, NotFound

#: The columns of the file, in Chinese or English, in any order.
COLUMNS: Final = (("库存点编码", "stock point"), ("货品编码", "sku"), ("件数", "units"))
PROBLEM: Final = ("问题", "problem")
MOST_UNITS: Final = 100_000_000
REASON: Final = "opening"

LEVELS: Final = """
select v.n, p.id, k.id, coalesce(s.on_hand, 0), coalesce(m.opening, 0), coalesce(m.moved, false)
from unnest(%s::bigint[], %s::text[], %s::text[]) as v(n, point, sku)
left join stock_point p on p.code = v.point and p.state <> 'closed'
left join sku k on k.code = v.sku and not k.is_archived and not k.is_virtual
left join stock_level s on s.stock_point_id = p.id and s.sku_id = k.id and s.kind = 'good'
left join lateral (select sum(x.on_hand) filter (where x.reason = 'opening') as opening,
    bool_or(x.reason <> 'opening') as moved from stock_movement x
  where x.stock_point_id = p.id and x.sku_id = k.id and x.kind = 'good') m on true"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file; `column` and `words` say what is wrong with it, empty when it is good."""

    cells: tuple[str, str, str]
    column: int = 0
    words: str = ""

    def refused(self, column: int, words: str) -> Row:
        """The same row with its problem."""
        return replace(self, column=column, words=words)


@dataclass(frozen=True, slots=True)
class Opened:
    """What an upload did: rows taken, rows that were in the books already, rows refused."""

    id: int
    taken: int
    repeated: int
    failed: int


def open_stock(hub: Hub, file_name: str, body: bytes, actor: str) -> Opened:
    """Set levels to the units of a file; what is refused is kept to be corrected. The same file twice adds nothing.

    A level that anything but an opening has moved is refused: from then on it is counted, not opened.
    """
    rows = _checked(_rows(read_table(body)))
    with hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        codes = sorted({row.cells[1] for row in rows})
        lock_skus(batch, [row[0] for row in fetch(connection, "select id from sku where code = any(%s)", (codes,))])
        repeated, rows = _move(batch, rows)
        flush(batch)
        bad = [row for row in rows if row.words]
        outcome = Opened(0, len(rows) - len(bad) - repeated, repeated, len(bad))
        made = _keep(hub, connection, (file_name[:200], content_hash(body), actor), outcome, bad)
    if outcome.taken:
        hub.poke("advance")
    return made


def refused_rows(hub: Hub, connection: Connection, batch_id: int) -> list[Row]:
    """The rows an upload refused, with their problems."""
    found = fetch(
        connection,
        """select i.data_key_id, d.master_key_id, d.wrapped, i.sealed_failures from import_batch i
           join data_key d on d.id = i.data_key_id where i.id = %s and i.kind = 'stock'""",
        (batch_id,),
    )
    if not found:
        raise NotFound("there is no such upload with refused rows", "upload the file again")
    key_id, master, wrapped, sealed = found[0]
    kept = orjson.loads(hub.keys.open_data_key(key_id, master, wrapped).unseal(sealed))
    return [Row(tuple(cells), column, words) for cells, column, words in kept]


def _rows(table: Sequence[Sequence[str]]) -> list[Row]:
    """The rows under the heading; a file without one of the columns is refused whole."""
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", "fill in the template")
    heading = [text.strip().lower() for text in table[0]]
    places = [next((heading.index(name) for name in names if name in heading), None) for names in COLUMNS]
    missing = [names[0] for names, place in zip(COLUMNS, places, strict=True) if place is None]
    if missing:
        raise Invalid("file", "the first row must name the columns of the template", "fill in the template")
    return [Row(_cells(cells, places)) for cells in table[1:]]


def _cells(cells: Sequence[str], places: Sequence[int | None]) -> tuple[str, str, str]:
    point, sku, units = (cells[at] if at is not None and at < len(cells) else "" for at in places)
    return point, sku, units


def _checked(rows: list[Row]) -> list[Row]:
    """Each row with the problem that its own text has, or that an earlier row makes."""
    seen: set[tuple[str, str]] = set()
    checked = []
    for row in rows:
        point, sku, units = row.cells
        if not units.isascii() or not units.isdigit() or len(units) > 9 or int(units) > MOST_UNITS:
            row = row.refused(2, "must be a whole number from 0 to 100,000,000")
        elif (point, sku) in seen:
            row = row.refused(1, "stands in an earlier row for this stock point; keep one of them")
        seen.add((point, sku))
        checked.append(row)
    return checked


def _move(batch: Batch, rows: list[Row]) -> tuple[int, list[Row]]:
    """Open the levels of good rows; answers how many were open with these units, and all rows with their problems."""
    good = [n for n, row in enumerate(rows) if not row.words]
    columns = (good, [rows[n].cells[0] for n in good], [rows[n].cells[1] for n in good])
    repeated, outcome = 0, list(rows)
    for n, point_id, sku_id, on_hand, opening, moved in fetch(batch.connection, LEVELS, columns):
        units = int(rows[n].cells[2])
        words = _refusal(point_id, sku_id, moved=moved and opening != units)
        if words is not None:
            outcome[n] = rows[n].refused(*words)
        elif moved or on_hand == units:
            repeated += 1
        else:
            batch.move_stock((point_id, sku_id, "good"), on_hand=units - on_hand, reason=REASON)
    return repeated, outcome


def _refusal(point_id: int | None, sku_id: int | None, *, moved: bool) -> tuple[int, str] | None:
    if point_id is None:
        return 0, "there is no open stock point of this code; look at its spelling"
    if sku_id is None:
        return 1, "there is no SKU of this code; create it first or look at its spelling"
    return (2, "this stock has moved already; count it instead of opening it") if moved else None


def _keep(hub: Hub, connection: Connection, told: tuple[Any, ...], outcome: Opened, bad: list[Row]) -> Opened:
    """The upload's row; a file that comes again has its row brought up to date."""
    file_name, hashed, actor = told
    key_id, sealed = _sealed(hub, connection, bad) if bad else (None, None)
    rows = outcome.taken + outcome.repeated + outcome.failed
    values = (
        file_name,
        hashed,
        rows,
        outcome.taken,
        outcome.repeated,
        outcome.failed,
        key_id,
        sealed,
        actor,
        hub.clock(),
    )
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into import_batch (kind, file_name, content_hash, rows, taken, repeated, failed, data_key_id,
                 sealed_failures, imported_by, created_at) values ('stock', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (kind, shop_id, content_hash) do update set taken = import_batch.taken + excluded.taken,
                 repeated = excluded.repeated, failed = excluded.failed, data_key_id = excluded.data_key_id,
                 sealed_failures = excluded.sealed_failures returning id""",
            values,
        )
        found = cursor.fetchone()
    return replace(outcome, id=int(found[0]) if found else 0)


def _sealed(hub: Hub, connection: Connection, bad: list[Row]) -> tuple[int, bytes]:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("select nextval('id_seq')")
        found = cursor.fetchone()
        key, wrapped = hub.keys.new_data_key(int(found[0]) if found else 0)
        cursor.execute(
            "insert into data_key (id, master_key_id, wrapped) values (%s, %s, %s)",
            (key.id, hub.keys.current, wrapped),
        )
    return key.id, key.seal(orjson.dumps([(row.cells, row.column, row.words) for row in bad]))
