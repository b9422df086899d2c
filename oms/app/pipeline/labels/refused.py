"""Leaves carriers out that gave an order no number, or say that they do not go to its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.routing.wishes import Wishes
from oms.db.bulk import array_of, psycopg_connection

#: What stands in a rule's place where no rule but a carrier says no.
REFUSED = "carrier-refused"
CAN: Final = "reachable"
#: (order, carrier) of which the carrier says that it does not go there now.
NOT_THERE: Final = """
select r.order_id, c.carrier_id, c.words from receiver r join carrier_reach c on c.carrier_id = any(%s)
  and c.division_code = r.division_code and c.place = encode(r.address_blind, 'hex')
where r.order_id = any(%s) and c.state = 'no' and c.due_at > %s and (c.until is null or c.until > %s)"""
WANT: Final = """
insert into carrier_reach (carrier_id, division_code, place, account_id, order_id, state, due_at)
select v.carrier_id, r.division_code, encode(r.address_blind, 'hex'), a.id, min(r.order_id), 'wanted', %s
from receiver r cross join unnest(%s::bigint[], %s::bigint[]) as v(carrier_id, account_id)
join account a on a.id = v.account_id and a.vendor = any(%s)
where r.order_id = any(%s) and r.address_blind is not null and not r.is_masked
group by 1, 2, 3, 4 order by 1, 2, 3
on conflict (carrier_id, division_code, place) do update set state = 'wanted', order_id = excluded.order_id,
  due_at = excluded.due_at where carrier_reach.state <> 'wanted' and carrier_reach.due_at <= excluded.due_at"""


def hear_refusing(batch: Batch, orders: Sequence[OrderWork], found: dict[int, Wishes]) -> None:
    """Add to what rules want what carriers have said no to. Asks nothing while no label is ours."""
    if not batch.masters.labels or not orders:
        return
    rows = fetch(
        batch.connection,
        "select order_id, carrier_id from carrier_refusal where order_id = any(%s)",
        (array_of([order.id for order in orders]),),
    )
    for order_id, carrier_id in [*rows, *not_there(batch, orders)]:
        found.setdefault(order_id, Wishes()).carriers.out.setdefault(carrier_id, REFUSED)


def not_there(batch: Batch, orders: Sequence[OrderWork]) -> list[tuple[int, int]]:
    """(order, carrier) that do not fit, as carriers have said; what nobody has asked for is put down to be asked."""
    carriers = {carrier_id: account_id for (_, carrier_id), account_id in batch.masters.labels.items()}
    able = [vendor for vendor, kind in batch.hub.vendors.items() if CAN in kind.capabilities()]
    if not carriers or not able or not orders:
        return []
    ids = array_of([order.id for order in orders])
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(WANT.encode(), (batch.now, list(carriers), list(carriers.values()), able, ids))
        if cursor.rowcount:
            batch.pokes.add("reach")
    rows = fetch(batch.connection, NOT_THERE, (list(carriers), ids, batch.now, batch.now))
    _tell(batch, orders, rows)
    return [(order_id, carrier_id) for order_id, carrier_id, _ in rows]


def _tell(batch: Batch, orders: Sequence[OrderWork], rows: Sequence[tuple[int, int, str]]) -> None:
    """Say on the timeline which carrier was left out and why, once for each time an order is planned."""
    known = {order.id: order for order in orders}
    for order_id, carrier_id, words in rows:
        card = batch.masters.carriers.get(carrier_id)
        if card is not None and not known[order_id].attempts:
            batch.note(
                known[order_id], "carrier_left_out", {"carrier": carrier_id, "words": f"{card.code} {words}"[:200]}
            )
