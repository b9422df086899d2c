"""Money that couriers collected: what is not here yet, what differs, and what came, the oldest work first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

MOST: Final = 200
_OWED = text("""
select p.id, p.waybill_no, p.state, p.collect_amount, p.delivered_at, p.handed_over_at, c.name as carrier, f.currency,
  f.lead_order_id, o.external_no, s.name as shop
from parcel p join carrier c on c.id = p.carrier_id join fulfilment f on f.id = p.fulfilment_id
join orders o on o.id = f.lead_order_id join shop s on s.id = o.shop_id
where p.collect_amount > 0 and p.state = 'delivered' and f.shop_id = any(:shops)
  and not exists (select from remittance_line l where l.parcel_id = p.id and l.result in ('matched', 'accepted'))
order by p.delivered_at, p.id limit :most""")
_SUMS = text("""
select f.currency, c.name as carrier, count(*) as parcels, sum(p.collect_amount)::bigint as amount,
  min(p.delivered_at) as oldest
from parcel p join carrier c on c.id = p.carrier_id join fulfilment f on f.id = p.fulfilment_id
where p.collect_amount > 0 and p.state = 'delivered' and f.shop_id = any(:shops)
  and not exists (select from remittance_line l where l.parcel_id = p.id and l.result in ('matched', 'accepted'))
group by 1, 2 order by 4 desc""")
#: Whether all goods of a parcel `p` are of the shops of the list `{shops}`; null stands for every shop. People of some
#: shops see and touch lines of such parcels alone.
OF_SHOPS: Final = """({shops} is null
  or exists (select from fulfilment pf where pf.id = p.fulfilment_id and pf.shop_id = any({shops}))
  and not exists (select from fulfilment_line m join orders mo on mo.id = m.order_id
    where m.fulfilment_id = p.fulfilment_id and mo.shop_id <> all({shops})))"""
_SEEN: Final = OF_SHOPS.format(shops="cast(:shops as bigint[])")
_OPEN = text(f"""
select l.id, l.waybill_no, l.amount, l.result, r.reference, r.paid_on, r.currency, c.name as carrier, p.collect_amount,
  coalesce(f.currency, r.currency) as due_currency, f.lead_order_id, o.external_no
from remittance_line l join remittance r on r.id = l.remittance_id join carrier c on c.id = r.carrier_id
left join parcel p on p.id = l.parcel_id left join fulfilment f on f.id = p.fulfilment_id
left join orders o on o.id = f.lead_order_id
where l.result in ('differs', 'unknown', 'repeated', 'not_due') and {_SEEN}
order by l.id limit :most""")
_CAME = text(f"""
select r.id, r.reference, r.paid_on, r.currency, r.made_at, c.name as carrier, count(*) as lines,
  sum(l.amount)::bigint as total, sum(l.fee)::bigint as fees,
  count(*) filter (where l.result in ('differs', 'unknown', 'repeated', 'not_due')) as open
from remittance r join carrier c on c.id = r.carrier_id join remittance_line l on l.remittance_id = r.id
left join parcel p on p.carrier_id = r.carrier_id and p.waybill_no = l.waybill_no
where {_SEEN} group by r.id, c.name order by r.paid_on desc, r.id desc limit :most""")


def owed_parcels(connection: Connection, shop_ids: Sequence[int]) -> Sequence[AnyRow]:
    """Signed parcels whose money is not here, the longest first."""
    return connection.execute(_OWED, {"shops": list(shop_ids), "most": MOST}).all()


def owed_sums(connection: Connection, shop_ids: Sequence[int]) -> Sequence[AnyRow]:
    """How much each carrier owes, the most first."""
    return connection.execute(_SUMS, {"shops": list(shop_ids)}).all()


def open_lines(connection: Connection, shop_ids: Sequence[int], *, everywhere: bool = False) -> Sequence[AnyRow]:
    """Lines of remittances that do not fit; those of no known parcel only for people of every shop."""
    return connection.execute(_OPEN, {"shops": None if everywhere else list(shop_ids), "most": MOST}).all()


def remittances(connection: Connection, shop_ids: Sequence[int], *, everywhere: bool = False) -> Sequence[AnyRow]:
    """What carriers paid over, the latest first, as far as its lines may be seen."""
    return connection.execute(_CAME, {"shops": None if everywhere else list(shop_ids), "most": MOST}).all()


def days_since(at: datetime | None, now: datetime) -> int:
    """Whole days since a moment."""
    return max(0, (now - at).days) if at else 0
