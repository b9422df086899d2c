"""Which orders a clerk may look at to take goods back: those of their store, and others whose buyer proves them."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.stores.acting import Doing, note_act
from oms.app.pipeline.stores.codes import DIGITS, fits
from oms.domain.errors import NotFound, NotPossible

MOST: Final = 30
#: Looks at orders of elsewhere that failed, by one person in an hour, before there are no more.
MOST_TRIES: Final = 10
TAIL: Final = 4
OURS: Final = """(exists (select from store_parcel q where q.order_id = o.id and q.stock_point_id = %s)
  or exists (select from order_delivery d where d.order_id = o.id and d.stock_point_id = %s))"""
#: Orders of which this store has or had parcels, by waybill, order number or the last digits of the buyer's phone.
MINE: Final = f"""
select o.id from orders o where o.id in (
  select q.order_id from store_parcel q join parcel p on p.id = q.parcel_id
    where q.stock_point_id = %s and upper(p.waybill_no) = upper(%s)
  union select x.id from orders x where upper(x.external_no) = upper(%s)
  union select r.order_id from receiver r where r.phone_tail_blind = any(%s)
  union select unnest(%s::bigint[])
) and {OURS} order by o.ordered_at desc, o.id desc limit {MOST}"""
#: Only of parcels that were handed over: the code of one that waits would be a key to it, told to whoever guesses.
CODES: Final = """select q.parcel_id, q.order_id, q.code_hash from store_parcel q join parcel p on p.id = q.parcel_id
where q.stock_point_id = %s and q.code_hash is not null and q.created_at > %s and p.state = 'delivered'
order by q.parcel_id desc limit 5000"""
#: How long ago a pick-up code may have been told.
CODE_DAYS: Final = 120
NUMBERED: Final = """
select x.id from orders x where x.external_no = %s
union select i.order_id from parcel p join parcel_item i on i.parcel_id = p.id where p.waybill_no = %s limit 2"""
#: The shop's goods are kept at this store, too, and its goods may be brought back to any of them.
SHARED: Final = """
select 1 from orders o join shop s on s.id = o.shop_id join pool_member m on m.pool_id = s.stock_pool_id
left join return_terms t on t.shop_id = s.id
where o.id = %s and m.stock_point_id = %s and coalesce(t.allows_other_stores, true)"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order that a clerk may look at, and why: store, code or phone; `token` proves it on the next page."""

    order_id: int
    found_by: str
    token: str = ""


def find_orders(hub: Hub, connection: Connection, point_id: int, words: str) -> list[Seen]:
    """Orders of this store by pick-up code, waybill, order number or the last digits of the phone, newest first."""
    tails = hub.keys.blinds("tail", words) if _is_digits(words, TAIL) else set()
    by_code = _by_code(hub, connection, point_id, words) if _is_digits(words, DIGITS) else []
    values = (point_id, words, words, list(tails), by_code, point_id, point_id)
    return [Seen(row[0], "code" if row[0] in by_code else "store") for row in fetch(connection, MINE, values)]


def _is_digits(words: str, count: int) -> bool:
    return len(words) == count and words.isascii() and words.isdigit()


def _by_code(hub: Hub, connection: Connection, point_id: int, code: str) -> list[int]:
    rows = fetch(connection, CODES, (point_id, hub.clock() - timedelta(days=CODE_DAYS)))
    return [order_id for parcel_id, order_id, code_hash in rows if fits(hub.keys, parcel_id, code, code_hash)]


def prove_order(hub: Hub, doing: Doing, number: str, tail: str) -> Seen:
    """An order of elsewhere, by its number or waybill and the last four digits of its buyer's phone.

    NotFound says nothing of whether there is such an order; after too many of them NotPossible.
    """
    with hub.begin() as connection:
        if _tries(connection, doing.actor, hub.clock()) >= MOST_TRIES:
            raise NotPossible("too many of these were wrong", "ask customer service to look the order up")
        found = _proven(hub, connection, doing.point_id, number.strip(), tail.strip())
        verb = "look_up" if found is not None else "look_up_failed"
        note_act(connection, hub, doing, "store", doing.point_id, verb, **({"order": found} if found else {}))
    if found is None:
        raise NotFound("no order fits both", "compare the number with the buyer's, and the last digits of the phone")
    return Seen(found, "phone", _token(hub, doing.point_id, found, hub.clock()))


def _tries(connection: Connection, actor: str, now: datetime) -> int:
    question = """select count(*) from store_act where document = 'store' and verb = 'look_up_failed' and actor = %s
                  and at > %s"""
    return int(fetch(connection, question, (actor, now - timedelta(hours=1)))[0][0])


def _proven(hub: Hub, connection: Connection, point_id: int, number: str, tail: str) -> int | None:
    if not number or not _is_digits(tail, TAIL):
        return None
    ids = [row[0] for row in fetch(connection, NUMBERED, (number, number))]
    tails = list(hub.keys.blinds("tail", tail))
    question = "select order_id from receiver where order_id = any(%s) and phone_tail_blind = any(%s)"
    proven = [row[0] for row in fetch(connection, question, (ids, tails))]
    fit = [id_ for id_ in proven if fetch(connection, SHARED, (id_, point_id))]
    return fit[0] if len(fit) == 1 else None


def seen_by(hub: Hub, connection: Connection, point_id: int, order_id: int, token: str) -> Seen | None:
    """How a clerk of this store may look at an order; None when they may not."""
    if fetch(connection, f"select 1 from orders o where o.id = %s and {OURS}", (order_id, point_id, point_id)):
        return Seen(order_id, "store")
    days = (hub.clock(), hub.clock() - timedelta(days=1))
    if token and any(hmac.compare_digest(token, _token(hub, point_id, order_id, day)) for day in days):
        return Seen(order_id, "phone", token)
    return None


def _token(hub: Hub, point_id: int, order_id: int, at: datetime) -> str:
    return hub.keys.blind("return proof", f"{point_id}:{order_id}:{at:%Y-%m-%d}").hex()[:32]


def summaries(connection: Connection, seen: Collection[Seen]) -> dict[int, tuple[str, str, datetime, int, str, str]]:
    """Order → number, shop, when it was ordered, what was paid, its currency, its goods."""
    question = """
      select o.id, o.external_no, s.name, o.ordered_at, o.paid_total, o.currency,
        (select string_agg(l.title || ' ×' || l.ordered, '、' order by l.line_no) from order_line l
         where l.order_id = o.id and l.kind = 'goods' and not l.is_gone)
      from orders o join shop s on s.id = o.shop_id where o.id = any(%s)"""
    return {row[0]: row[1:] for row in fetch(connection, question, ([one.order_id for one in seen],))}
