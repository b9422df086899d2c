"""代收货款: what a carrier pays over is matched with the parcels it collected money on; what differs waits for people.

One parcel is paid once: who books or accepts holds the carrier's row, which is before the orders and which no work on
orders ever waits for. People of some shops touch parcels alone all of whose orders are of these shops.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from oms.app.kernel.queries.remittances import OF_SHOPS
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

#: The columns of the file, in Chinese or English, in any order; the fee may be left out.
COLUMNS: Final = (("运单号", "waybill"), ("代收金额", "amount"), ("手续费", "fee"))
LINE: Final = ("id", "remittance_id", "waybill_no", "amount", "fee", "parcel_id", "result")
OPEN_RESULTS: Final = ("differs", "unknown", "repeated", "not_due")
_OWN: Final = OF_SHOPS.format(shops="%s::bigint[]")
#: Not against who names the carrier: that alone would make orders' work wait for a statement of thousands of lines.
_ALONE: Final = "select id from carrier where id = %s for no key update"
_CARRIER: Final = """
select r.carrier_id from remittance_line l join remittance r on r.id = l.remittance_id where l.id = %s"""
_LINE: Final = f"""
select l.result, l.parcel_id, exists (select from remittance_line paid where paid.parcel_id = l.parcel_id
  and paid.result in ('matched', 'accepted')), {_OWN}
from remittance_line l left join parcel p on p.id = l.parcel_id where l.id = %s"""
_STRANGERS: Final = f"""
select v.no from unnest(%s::text[]) with ordinality as v(no, place)
left join parcel p on p.carrier_id = %s and p.waybill_no = v.no where not {_OWN} order by v.place"""
#: So many waybills are named where lines are refused.
MOST_NAMED: Final = 20
_FIND: Final = """
select v.no, p.id, coalesce(p.collect_amount, 0), f.currency = %s, exists (select from remittance_line l
  where l.parcel_id = p.id and l.result in ('matched', 'accepted'))
from unnest(%s::text[]) as v(no) left join parcel p on p.carrier_id = %s and p.waybill_no = v.no
left join fulfilment f on f.id = p.fulfilment_id"""
#: The orders of the fulfilments of which a parcel holds goods: one parcel collects for all that left with it.
_ORDERS: Final = """
select distinct m.order_id from parcel_item i join fulfilment_line l on l.id = i.fulfilment_line_id
join fulfilment_line m on m.fulfilment_id = l.fulfilment_id where i.parcel_id = any(%s) order by 1"""
#: What of an order couriers still have to collect money for: a parcel under way, or one that has not left yet.
_OWED: Final = """
from fulfilment_line m join fulfilment f on f.id = m.fulfilment_id
join lateral (select count(q.id) as parcels, count(q.id) filter (where q.state <> 'returned' and not exists (
    select from remittance_line r where r.parcel_id = q.id and r.result in ('matched', 'accepted'))) as open
  from parcel q where q.collect_amount > 0 and q.id in (select i.parcel_id from parcel_item i
    join fulfilment_line l on l.id = i.fulfilment_line_id where l.fulfilment_id = f.id)) sent on true
where f.collect_amount > 0
  and (sent.open > 0 or (sent.parcels = 0 and f.status not in ('cancelled', 'merged', 'closed_short')))"""
_WAITING: Final = f"select distinct m.order_id {_OWED} and m.order_id = any(%s)"
#: Orders of which a courier's money is here, whose payment is still due and of which nothing is on its way any more: the
#: rest came back since. Those that still wait are left out, so that they never fill the round of those that are ready.
_LEFT: Final = f"""
with here as materialized (
  select distinct p.order_id from payment p join parcel_item i on i.order_id = p.order_id
  join parcel q on q.id = i.parcel_id and q.state = 'returned' and q.collect_amount > 0
  where p.kind = 'cod' and p.state = 'due' and exists (
    select from parcel_item j join remittance_line r on r.parcel_id = j.parcel_id
    where j.order_id = p.order_id and r.result in ('matched', 'accepted')))
select h.order_id from here h where not exists (select {_OWED} and m.order_id = h.order_id) order by 1 limit %s"""
#: Orders of one round.
MOST_SETTLED: Final = 500
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
    """The lines of a file; what it says of a waybill in several rows is added up. Invalid names the row that is wrong.

    Corrections are amounts below zero.
    """
    table = read_table(body)
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", "fill in the template")
    heading = [text.strip().lower() for text in table[0]]
    places = [next((heading.index(name) for name in names if name in heading), None) for names in COLUMNS]
    if places[0] is None or places[1] is None:
        raise Invalid("file", "the first row must name the columns of the template", "fill in the template")
    lines: dict[str, Paid] = {}
    for number, cells in enumerate(table[1:], 2):
        told = [cells[place].strip() if place is not None and place < len(cells) else "" for place in places]
        if not told[0] or len(told[0]) > 60:
            raise Invalid("file", f"row {number}: the waybill is missing or too long", "correct the row")
        amount, fee = _amount(told[1], currency, number), _amount(told[2] or "0", currency, number)
        before = lines.get(told[0], Paid(told[0], 0))
        lines[told[0]] = Paid(told[0], before.amount + amount, before.fee + fee)
    return list(lines.values())


def _amount(words: str, currency: str, number: int) -> int:
    plain = words.lstrip("-−")
    try:
        amount = read_amount(plain, currency)
    except Unreadable as error:
        raise Invalid("file", f"row {number}: this is no amount", "write an amount like 12.30") from error
    return -amount if len(words) - len(plain) == 1 else amount


def book_remittance(
    hub: Hub, carrier_id: int, reference: str, paid_on: date, lines: Sequence[Paid], actor: str, currency: str = "CNY",
    shop_ids: Collection[int] | None = None,
) -> Booked:  # fmt: skip
    """Keep a carrier's payment and match its lines; an order whose money is all here counts as paid.

    A reference of a carrier is taken once: NotPossible the second time. Parcels that collect another currency differ.
    With `shop_ids` every line must be of a parcel of these shops: Invalid names those that are not, and nothing is kept.
    """
    if not 1 <= len(reference.strip()) <= 100:
        raise Invalid("reference", "a reference is needed", "write the number of the carrier's statement")
    if not lines:
        raise Invalid("file", "the file has no rows", "fill in the template")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Invalid("currency", "this is no currency", "write the currency's three letters, like CNY")
    with hub.begin() as connection:
        _begin_alone(connection, carrier_id)
        _require_own(connection, carrier_id, lines, shop_ids)
        remittance_id = _keep(hub, connection, (carrier_id, reference.strip(), paid_on, currency, actor), lines)
        found = fetch(connection, _FIND, (currency, array_of([line.waybill_no for line in lines]), carrier_id))
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


def _begin_alone(connection: Connection, carrier_id: int) -> None:
    """Nobody else books or accepts money of this carrier until this is over; Invalid when there is no such carrier."""
    if not fetch(connection, _ALONE, (carrier_id,)):
        raise Invalid("carrier", "there is no such carrier", "choose one of the list")


def _require_own(
    connection: Connection, carrier_id: int, lines: Sequence[Paid], shop_ids: Collection[int] | None
) -> None:
    if shop_ids is None:
        return
    own, numbers = array_of(sorted(shop_ids)), array_of([line.waybill_no for line in lines])
    strangers = [row[0] for row in fetch(connection, _STRANGERS, (numbers, carrier_id, own, own, own))]
    if strangers:
        named = ", ".join(strangers[:MOST_NAMED]) + (", …" if len(strangers) > MOST_NAMED else "")
        raise Invalid(
            "file", f"{len(strangers)} lines are of no parcel of your shops: {named}",
            "take these lines out, or let somebody book it who may do so for every shop",
        )  # fmt: skip


def _keep(hub: Hub, connection: Connection, head: tuple[Any, ...], lines: Sequence[Paid]) -> int:
    rows = fetch(
        connection,
        """insert into remittance (carrier_id, reference, paid_on, currency, made_by, total, fees, made_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (carrier_id, reference) do nothing returning id""",
        (*head, sum(line.amount for line in lines), sum(line.fee for line in lines), hub.clock()),
    )
    if not rows:
        raise NotPossible("this carrier's payment was booked already", "look at it in the list")
    return int(rows[0][0])


def _result(line: Paid, parcel_id: int | None, due: int, is_its_currency: bool, is_paid: bool) -> str:
    if parcel_id is None:
        return "unknown"
    if is_paid:
        return "repeated"
    if not due:
        return "not_due"
    return "matched" if line.amount == due and is_its_currency else "differs"


def _settle(hub: Hub, connection: Connection, parcel_ids: Sequence[int], reference: str, actor: str) -> None:
    """Mark the orders as paid of which everything is here, and tell their timelines."""
    if parcel_ids:
        _pay(hub, connection, [row[0] for row in fetch(connection, _ORDERS, (array_of(parcel_ids),))], reference, actor)


def settle_returned(hub: Hub) -> int:
    """Orders whose money is here but for parcels that came back since are paid; answers how many are settled."""
    with hub.begin() as connection:
        left = [row[0] for row in fetch(connection, _LEFT, (MOST_SETTLED,))]
        _pay(hub, connection, left, "the rest came back", "")
    return len(left)


def _pay(hub: Hub, connection: Connection, order_ids: Sequence[int], reference: str, actor: str) -> None:
    waiting = {row[0] for row in fetch(connection, _WAITING, (array_of(order_ids),))} if order_ids else set()
    whole = [id_ for id_ in order_ids if id_ not in waiting]
    if not whole:
        return
    now = hub.clock()
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor or "system")
    fill(batch, lock_orders(connection, whole))
    paid = {row[0] for row in fetch(connection, _PAY, (now, reference, array_of(whole)))}
    for order_id in sorted(paid):
        batch.note(batch.orders[order_id], "cod_remitted", {"reference": reference[:100]})
    flush(batch)


def accept_line(hub: Hub, line_id: int, actor: str, words: str, shop_ids: Collection[int] | None = None) -> None:
    """Take a line that differs as it is, e.g. where the carrier paid less and makes up for it elsewhere.

    Of a parcel that is paid already, or not known, it only ends the work on the line. With `shop_ids` a line of a parcel
    of other shops, or of none, is NotFound.
    """
    if not 2 <= len(words.strip()) <= 200:
        raise Invalid("reason", "a reason is needed", "say how the difference was settled")
    with hub.begin() as connection:
        parcel_id = _parcel_to_pay(connection, line_id, shop_ids)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update remittance_line set result = 'accepted', words = %s, settled_by = %s, settled_at = %s,
                     parcel_id = %s where id = %s""",
                (words.strip(), actor, hub.clock(), parcel_id, line_id),
            )
        if parcel_id is not None:
            _settle(hub, connection, [parcel_id], f"accepted: {words.strip()[:100]}", actor)


def _parcel_to_pay(connection: Connection, line_id: int, shop_ids: Collection[int] | None) -> int | None:
    """The parcel that accepting a line pays; None where it pays none, e.g. because another line has paid it since."""
    carrier = fetch(connection, _CARRIER, (line_id,))
    if carrier:
        _begin_alone(connection, carrier[0][0])
    own = None if shop_ids is None else array_of(sorted(shop_ids))
    rows = fetch(connection, _LINE, (own, own, own, line_id)) if carrier else []
    if not rows or rows[0][0] not in OPEN_RESULTS or not rows[0][3]:
        raise NotFound("this line does not wait for anybody", "reload the page")
    result, parcel_id, is_paid, _is_own = rows[0]
    return int(parcel_id) if result == "differs" and not is_paid else None
