"""What a platform shows that the system before us did with an order: kept beside what we would have done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.families import Marketplace
from connectors.contract.records import OrderRecord, OrderState
from oms.app.capture.intake import parser_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.holds import BEFORE_GO_LIVE
from oms.domain.months import months_between
from oms.domain.waybills import waybills_in

AT_ONCE: Final = 500
LEFT: Final = (OrderState.PART_SHIPPED, OrderState.SHIPPED, OrderState.COMPLETED)
#: Older orders are not compared any more.
LONGEST: Final = timedelta(days=60)
ROW = ("month", "order_id", "id", "stage", "verdict", "choices", "engine", "at")
#: Orders that left without us whose newest document was not read for the comparison yet, with that document.
DUE: Final = """
select o.id, o.shop_id, o.fetched_at, r.data_key_id, r.sealed, k.master_key_id, k.wrapped
from orders o join shop s on s.id = o.shop_id
left join lateral (select data_key_id, sealed from raw_document r where r.shop_id = o.shop_id
  and r.external_no = o.external_no and r.kind = 'order' and r.content_hash = o.content_hash
  order by r.fetched_at desc limit 1) r on true
left join data_key k on k.id = r.data_key_id
where o.origin = 'platform' and o.platform_state in ('part_shipped', 'shipped', 'completed')
  and (s.mode = 'observing' or %(flag)s = any(o.platform_holds)) and o.ordered_at > %(since)s
  and not exists (select from decision d where d.month = any(%(months)s) and d.order_id = o.id
    and d.stage = 'observe' and d.at >= o.fetched_at)
order by o.id limit %(most)s"""


def note_shown(hub: Hub, limit: int = AT_ONCE) -> int:
    """Keep what platforms show of orders that left without us; answers how many, at most the limit."""
    with hub.begin() as connection:
        now = hub.clock()
        values = {
            "flag": BEFORE_GO_LIVE,
            "since": now - LONGEST,
            "most": limit,
            "months": months_between(now - LONGEST, now),
        }
        with psycopg_connection(connection).cursor() as cursor:
            due = cursor.execute(DUE.encode(), values).fetchall()
        if not due:
            return 0
        shops = hub.masters.get(connection, now).shops
        parsers = {shop_id: parser_of(hub, shops[shop_id]) for shop_id in {row[1] for row in due}}
        read = [(row, _read(hub, parsers[row[1]], row)) for row in due]
        lines = _lines_of(connection, [row[0] for row in due])
        ids = hub.ids.take(connection, len(due))
        rows = [_row(now, id_, row, record, lines.get(row[0], {})) for id_, (row, record) in zip(ids, read, strict=True)]
        copy_rows(connection, "decision", ROW, rows)
    return len(due)


def _read(hub: Hub, parser: Marketplace, row: Sequence[Any]) -> OrderRecord | None:
    """The order as its document says; None when the buyer was erased or it cannot be read any more."""
    _, _, _, key_id, sealed, master, wrapped = row
    if wrapped is None:
        return None
    try:
        return parser.parse_order(hub.keys.open_data_key(key_id, master, wrapped).unseal(sealed))
    except (BadRecord, ArithmeticError, LookupError, TypeError, ValueError):
        return None


def _lines_of(connection: Any, order_ids: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    statement = "select order_id, external_no, id from order_line where order_id = any(%s)"
    for order_id, number, id_ in fetch(connection, statement, (order_ids,)):
        found.setdefault(order_id, {})[number] = id_
    return found


def _row(
    now: datetime, id_: int, row: Sequence[Any], record: OrderRecord | None, lines: dict[str, int]
) -> tuple[Any, ...]:
    at = max(now, row[2])
    shown = shown_of(record, lines) if record else {}
    verdict = "shown" if shown.get("parcels") else "untold"
    return (now.date().replace(day=1), row[0], id_, "observe", verdict, orjson.dumps(shown), "", at)


def shown_of(record: OrderRecord, lines: dict[str, int]) -> dict[str, Any]:
    """Parcels with their waybill, carrier and lines; `lines` are our ids by the platform's number.

    `by` is when it had left at the latest: the platform's stamp of the shipment, else that of the document.
    """
    left = [line for line in record.lines if line.kind == "goods" and line.state in LEFT]
    parcels: dict[str, dict[str, Any]] = {}
    for line in left:
        for waybill in waybills_in(line.waybill_no):
            parcel = parcels.setdefault(waybill, {"waybill": waybill, "carrier": line.carrier, "lines": []})
            parcel["lines"].append(lines.get(line.external_no, 0))
    stamps = [line.shipped_at for line in left if line.shipped_at]
    is_stamped = bool(left) and len(stamps) == len(left)
    by = max(stamps) if is_stamped else record.changed_at
    return {"parcels": list(parcels.values()), "by": by.isoformat(), "is_stamped": is_stamped,
            "is_whole": record.state is not OrderState.PART_SHIPPED}  # fmt: skip
