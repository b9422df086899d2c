"""代收货款: what a carrier pays over is matched with the parcels it collected money on; what differs waits for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.capture.entered.cells import Unreadable, read_amount
from oms.app.capture.sheets import read_table
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

#: The columns of the file, in Chinese or English, in any order; the fee may be left out.
COLUMNS: Final = (("运单号", "waybill"), ("代收金额", "amount"), ("手续费", "fee"))
LINE: Final = ("id", "remittance_id", "waybill_no", "amount", "fee", "parcel_id", "result")
OPEN_RESULTS: Final = ("differs", "unknown", "repeated", "not_due")
_FIND: Final = """
select v.no, p.id, coalesce(p.collect_amount, 0), exists (select from remittance_line l where l.parcel_id = p.id
  and l.result in ('matched', 'accepted'))
from unnest(%s::text[]) as v(no) left join parcel p on p.carrier_id = %s and p.waybill_no = v.no"""
#: The orders of which a parcel holds goods, and whether all money that couriers had to collect for them is here.
_ORDERS: Final = """
select i.order_id, not exists (
    select from parcel_item j join parcel q on q.id = j.parcel_id
    where j.order_id = i.order_id and q.collect_amount > 0 and q.state <> 'returned'
      and not exists (select from remittance_line l where l.parcel_id = q.id and l.result in ('matched', 'accepted')))
from parcel_item i where i.parcel_id = any(%s) group by i.order_id order by i.order_id"""
_PAY: Final = """
update payment set state = 'paid', paid_at = %s, reference = left(%s, 200)
where order_id = any(%s) and kind = 'cod' and state = 'due' returning order_id"""


@dataclass(frozen=True, slots=True)
class Paid:
    """A line of a remittance; minor units."""

    waybill_no: str
    amount: int
    fee: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a remittance: its id, and lines by result."""

    id: int
    results: Mapping[str, int]


def read_remittance(body: bytes, currency: str) -> list[Paid]:
    """The lines of a file, no waybill twice; Invalid names the row that is wrong."""
    table = read_table(body)
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", "fill in the template")
    heading = [text.strip().lower() for text in table[0]]
    places = [next((heading.index(name) for name in names if name in heading), None) for names in COLUMNS]
    if places[0] is None or places[1] is None:
        raise Invalid("file", "the first row must name the columns of the template", "fill in the template")
    lines, seen = [], set()
    for number, cells in enumerate(table[1:], 2):
        told = [cells[place].strip() if place is not None and place < len(cells) else "" for place in places]
        if not told[0] or len(told[0]) > 60 or told[0] in seen:
            raise Invalid("file", f"row {number}: the waybill is missing or stands twice", "correct the row")
        seen.add(told[0])
        lines.append(Paid(told[0], _amount(told[1], currency, number), _amount(told[2] or "0", currency, number)))
    return lines


def _amount(words: str, currency: str, number: int) -> int:
    try:
        amount = read_amount(words, currency)
    except Unreadable:
        amount = -1
    if not 0 <= amount < 10**12:
        raise Invalid("file", f"row {number}: this is no amount", "write an amount like 12.30")
    return amount


def book_remittance(
    hub: Hub, carrier_id: int, reference: str, paid_on: date, lines: Sequence[Paid], actor: str, currency: str = "CNY"
) -> Booked:
    """Keep a carrier's payment and match its lines; an order whose money is all here counts as paid.

    A reference of a carrier is taken once: NotPossible the second time.
    """
    if not 1 <= len(reference.strip()) <= 100:
        raise Invalid("reference", "a reference is needed", "write the number of the carrier's statement")
    if not lines:
        raise Invalid("file", "the file has no rows", "fill in the template")
    with hub.begin() as connection:
        remittance_id = _keep(hub, connection, (carrier_id, reference.strip(), paid_on, currency, actor), lines)
        found = fetch(connection, _FIND, (array_of([line.waybill_no for line in lines]), carrier_id))
        places = {row[0]: row[1:] for row in found}
        rows = [
            (id_, remittance_id, line.waybill_no, line.amount, line.fee, places[line.waybill_no][0],
             _result(line, *places[line.waybill_no]))
            for id_, line in zip(hub.ids.take(connection, len(lines)), lines, strict=True)
        ]  # fmt: skip
        copy_rows(connection, "remittance_line", LINE, rows)
        matched = [row[5] for row in rows if row[6] == "matched"]
        _settle(hub, connection, matched, f"remittance {reference.strip()}", actor)
    results: dict[str, int] = {}
    for row in rows:
        results[row[6]] = results.get(row[6], 0) + 1
    return Booked(remittance_id, results)


def _keep(hub: Hub, connection: Connection, head: tuple[Any, ...], lines: Sequence[Paid]) -> int:
    if not fetch(connection, "select 1 from carrier where id = %s", (head[0],)):
        raise Invalid("carrier", "there is no such carrier", "choose one of the list")
    rows = fetch(
        connection,
        """insert into remittance (carrier_id, reference, paid_on, currency, made_by, total, fees, made_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (carrier_id, reference) do nothing returning id""",
        (*head, sum(line.amount for line in lines), sum(line.fee for line in lines), hub.clock()),
    )
    if not rows:
        raise NotPossible("this carrier's payment was booked already", "look at it in the list")
    return int(rows[0][0])


def _result(line: Paid, parcel_id: int | None, due: int, is_paid: bool) -> str:
    if parcel_id is None:
        return "unknown"
    if is_paid:
        return "repeated"
    if not due:
        return "not_due"
    return "matched" if line.amount == due else "differs"


def _settle(hub: Hub, connection: Connection, parcel_ids: Sequence[int], reference: str, actor: str) -> None:
    """Mark the orders as paid of which everything is here, and tell their timelines."""
    if not parcel_ids:
        return
    whole = [row[0] for row in fetch(connection, _ORDERS, (array_of(parcel_ids),)) if row[1]]
    now = hub.clock()
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
    fill(batch, lock_orders(connection, whole))
    paid = {row[0] for row in fetch(connection, _PAY, (now, reference, array_of(whole)))} if whole else set()
    for order_id in sorted(paid):
        batch.note(batch.orders[order_id], "cod_remitted", {"reference": reference[:100]})
    flush(batch)


def accept_line(hub: Hub, line_id: int, actor: str, words: str) -> None:
    """Take a line that differs as it is, e.g. where the carrier paid less and makes up for it elsewhere.

    Of a parcel that is paid already, or not known, it only ends the work on the line.
    """
    if not 2 <= len(words.strip()) <= 200:
        raise Invalid("reason", "a reason is needed", "say how the difference was settled")
    with hub.begin() as connection:
        rows = fetch(connection, "select result, parcel_id from remittance_line where id = %s for update", (line_id,))
        if not rows or rows[0][0] not in OPEN_RESULTS:
            raise NotFound("this line does not wait for anybody", "reload the page")
        result, parcel_id = rows[0]
        pays = result == "differs"
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update remittance_line set result = 'accepted', words = %s, settled_by = %s, settled_at = %s,
                     parcel_id = case when %s then parcel_id end where id = %s""",
                (words.strip(), actor, hub.clock(), pays, line_id),
            )
        if pays:
            _settle(hub, connection, [parcel_id], f"accepted: {words.strip()[:100]}", actor)
