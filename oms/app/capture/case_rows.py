"""What is kept beside a case: its raw document, sealed, and its lines with units and amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from connectors.contract.records import CaseRecord, RawDocument
from oms.app.capture.new_orders import DATA_KEY, RAW
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import copy_rows, psycopg_connection
from oms.db.sealed import DataKey, content_hash

#: What says nothing new about a case when it alone differs: addresses of pictures are signed anew each time.
FLEETING = ("evidence", "alerts")


class Stored(NamedTuple):
    """A case that was new or newer, with the document it came in."""

    case_id: int
    order_id: int | None
    document: RawDocument
    record: CaseRecord
    is_new: bool = False


def hash_of(record: CaseRecord) -> bytes:
    """What tells two versions of a case apart, whether or not their stamp moved."""
    told = {name: value for name, value in asdict(record).items() if name not in FLEETING}
    return content_hash(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))


def named_lines(record: CaseRecord) -> dict[str, tuple[int, int]]:
    """Line number → units and amount asked back, 0 where the platform does not say; empty for the whole order."""
    lines: dict[str, tuple[int, int]] = {}
    for line in record.lines:
        units, amount = lines.get(line.line_no, (0, 0))
        lines[line.line_no] = (units + line.units, amount + line.amount)
    if record.line_no and record.line_no not in lines:
        lines = {record.line_no: (record.units, record.amount)} | lines
    return {number: told for number, told in lines.items() if number}


def keep(hub: Hub, connection: Connection, shop_id: int, stored: Sequence[Stored]) -> None:
    """Write the documents and the lines of cases that were new or newer."""
    if stored:
        _keep_documents(hub, connection, shop_id, stored)
        _keep_lines(hub, connection, stored)


def _keep_documents(hub: Hub, connection: Connection, shop_id: int, stored: Sequence[Stored]) -> None:
    """Sealed with the order's key, so that erasing its buyer erases them; without an order with a key of the case's."""
    keys = _keys(hub, connection, stored)
    now = hub.clock()
    ids = hub.ids.take(connection, len(stored))
    rows = []
    for id_, item in zip(ids, stored, strict=True):
        key_id = item.order_id if item.order_id in keys else item.case_id
        sealed = keys[key_id].seal(item.document.body)
        rows.append((now.date().replace(day=1), shop_id, item.record.external_no, id_, "case", key_id, sealed,
                     content_hash(item.document.body), item.record.changed_at, item.document.fetched_at))  # fmt: skip
    copy_rows(connection, "raw_document", RAW, rows)


def _keys(hub: Hub, connection: Connection, stored: Sequence[Stored]) -> dict[int | None, DataKey]:
    wanted = {item.order_id for item in stored if item.order_id} | {item.case_id for item in stored}
    rows = fetch(connection, "select id, master_key_id, wrapped from data_key where id = any(%s)", (sorted(wanted),))
    keys: dict[int | None, DataKey] = {id_: hub.keys.open_data_key(id_, master, wrapped) for id_, master, wrapped in rows}
    made = []
    for case_id in sorted({item.case_id for item in stored if item.order_id not in keys} - keys.keys()):
        keys[case_id], sealed = hub.keys.new_data_key(case_id)
        made.append((case_id, hub.keys.current, sealed))
    copy_rows(connection, "data_key", DATA_KEY, made)
    return keys


def _keep_lines(hub: Hub, connection: Connection, stored: Sequence[Stored]) -> None:
    """The platform's lines replace ours; what came back of a line stays counted."""
    latest = {item.case_id: item.record for item in stored}
    rows = [(case_id, *line) for case_id, record in latest.items() for line in _lines(record)]
    ids = hub.ids.take(connection, len(rows)) if rows else []
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """with gone as (delete from case_line where case_id = any(%s) returning case_id, order_line_id, received)
               insert into case_line (id, case_id, order_line_id, sku_id, units, amount, received)
               select v.id, v.case_id, l.id, l.sku_id, v.units, v.amount, coalesce(g.received, 0)
               from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[])
                 as v(id, case_id, line_no, units, amount)
               join cases c on c.id = v.case_id
               left join order_line l on l.order_id = c.order_id and l.external_no = v.line_no
               left join gone g on g.case_id = v.case_id and g.order_line_id = l.id""",
            (list(latest), ids, *([row[i] for row in rows] for i in range(4))),
        )


def _lines(record: CaseRecord) -> list[tuple[str, int, int]]:
    return [(number, max(0, units), max(0, amount)) for number, (units, amount) in named_lines(record).items()]
