"""Rebuilds orders from the raw documents we kept and compares them with what is stored; changes nothing.

Shows what another version of a connector would have made of a day, and that nothing was lost on the way in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors.contract.errors import BadRecord
from connectors.contract.families import Marketplace
from connectors.contract.records import LineRecord, OrderRecord
from oms.app.capture.entered.taking import FORM, ORIGIN, own_parser
from oms.app.capture.intake import parser_of
from oms.app.capture.versions import check_record
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.domain.errors import NotFound

PAGE: Final = 500
ORDER_FIELDS: Final = ("platform_state", "platform_status", "currency", "paid_total", "is_cod", "is_presale",
                       "ordered_at", "paid_at")  # fmt: skip
LINE_FIELDS: Final = ("kind", "listing_no", "variant_no", "seller_code", "list_amount", "discount_merchant",
                      "discount_platform", "discount_coin", "discount_member", "discount_distributor", "tax_amount",
                      "paid_amount", "is_gift")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of an order or of one of its lines that comes out otherwise now."""

    order_no: str
    place: str
    stored: Any
    replayed: Any


@dataclass(slots=True)
class Replayed:
    """What a day's documents come to now. `older` documents were followed by a newer version and are not compared."""

    documents: int = 0
    compared: int = 0
    same: int = 0
    older: int = 0
    erased: int = 0
    not_stored: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def as_document(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def replay_day(hub: Hub, shop_code: str, day: date) -> Replayed:
    """Parse every order document fetched on a day of the shop's time zone anew, and compare."""
    found = Replayed()
    with hub.engine.connect() as connection:
        rows = fetch(connection, "select id, timezone from shop where code = %s", (shop_code,))
        if not rows:
            raise NotFound(f"there is no shop {shop_code!r:.60}", "its code stands under Settings · Shops")
        shop_id, zone = rows[0]
        card = hub.masters.get(connection, hub.clock()).shops[shop_id]
        begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        connectors = {"order": parser_of(hub, card)}
        if FORM in hub.vendors:
            connectors[ORIGIN] = own_parser(hub)
        for rows in _pages(connection, shop_id, begin, begin + timedelta(days=1)):
            _compare(hub, connection, connectors, rows, found)
    return found


def _pages(connection: Connection, shop_id: int, begin: datetime, end: datetime) -> Iterator[list[tuple[Any, ...]]]:
    """Documents of the window by id, with the order they belong to and its data key."""
    after = 0
    while True:
        rows = fetch(
            connection,
            """select r.id, r.external_no, r.data_key_id, r.sealed, k.master_key_id, k.wrapped,
                 o.id, o.content_hash = r.content_hash, r.kind
               from raw_document r
               left join data_key k on k.id = r.data_key_id
               left join orders o on o.shop_id = r.shop_id and o.external_no = r.external_no
                 and o.origin = case r.kind when 'order' then 'platform' else r.kind end
               where r.shop_id = %s and r.kind in ('order', 'manual') and r.id > %s
                 and r.fetched_at >= %s and r.fetched_at < %s
                 and r.month in (date_trunc('month', %s::timestamptz)::date, date_trunc('month', %s::timestamptz)::date)
               order by r.id limit %s""",
            (shop_id, after, begin, end, begin, end + timedelta(days=1), PAGE),
        )
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _compare(
    hub: Hub, connection: Connection, connectors: dict[str, Marketplace], rows: list[tuple[Any, ...]], found: Replayed
) -> None:
    records: dict[int, OrderRecord] = {}
    for _, external_no, key_id, sealed, master, wrapped, order_id, is_current, kind in rows:
        found.documents += 1
        if wrapped is None:
            found.erased += 1
            continue
        body = hub.keys.open_data_key(key_id, master, wrapped).unseal(sealed)
        try:
            record = connectors[kind].parse_order(body)
            check_record(record)
        except BadRecord as error:
            found.unreadable.append((external_no, error.words))
            continue
        if order_id is None:
            found.not_stored.append(external_no)
        elif is_current:
            records[order_id] = record
        else:
            found.older += 1
    _compare_orders(connection, records, found)


def _compare_orders(connection: Connection, records: dict[int, OrderRecord], found: Replayed) -> None:
    ids = list(records)
    orders = fetch(connection, f"select id, {', '.join(ORDER_FIELDS)} from orders where id = any(%s)", (ids,))
    lines: dict[int, dict[str, tuple[Any, ...]]] = {}
    columns = ", ".join(LINE_FIELDS)
    ours = f"select order_id, external_no, {columns} from order_line where order_id = any(%s) and not is_gone"
    for row in fetch(connection, ours, (ids,)):
        lines.setdefault(row[0], {})[row[1]] = row[2:]
    for order_id, *stored in orders:
        record = records[order_id]
        differences = [*_of_order(record, stored), *_of_lines(record, lines.get(order_id, {}))]
        found.compared += 1
        found.same += not differences
        found.differences.extend(differences)


def _of_order(record: OrderRecord, stored: list[Any]) -> Iterator[Difference]:
    told = (record.state.value, record.platform_status, record.currency, record.paid_total, record.is_cod,
            record.is_presale, record.created_at, record.paid_at)  # fmt: skip
    for name, before, now in zip(ORDER_FIELDS, stored, told, strict=True):
        if before != now:
            yield Difference(record.external_no, name, _plain(before), _plain(now))


def _of_lines(record: OrderRecord, stored: dict[str, tuple[Any, ...]]) -> Iterator[Difference]:
    told = {line.external_no: line for line in record.lines}
    for number in sorted(stored.keys() - told.keys()):
        yield Difference(record.external_no, f"line {number}", "there", "gone")
    for number, line in told.items():
        if number not in stored:
            yield Difference(record.external_no, f"line {number}", "gone", "there")
            continue
        for name, before, now in zip(LINE_FIELDS, stored[number], _line_values(line), strict=True):
            if before != now:
                yield Difference(record.external_no, f"line {number} {name}", before, now)


def _line_values(line: LineRecord) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in LINE_FIELDS)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
