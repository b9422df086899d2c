"""Settlement amounts people set: of one line with a reason, and of lines that had no price when they were ordered."""

from __future__ import annotations

from typing import Final

from oms.app.finance.partner_ledger import SETTLES_WITHIN
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.app.kernel.partnered import load_partnered
from oms.app.kernel.partners import Settled
from oms.app.pipeline.partners.settling import settle_lines
from oms.domain.errors import Invalid, NotFound
from oms.domain.settling import Agreed

MOST: Final = 10**12
BATCH: Final = 200
#: Closed orders count as long as they are booked; of cancelled ones only what left nevertheless.
UNPRICED: Final = """
select distinct o.id from order_partner p join orders o on o.id = p.order_id join order_line l on l.order_id = o.id
join partner r on r.id = p.partner_id
where p.partner_id = %s and o.id > %s and l.settlement_amount is null and l.kind = 'goods' and not l.is_gone
  and (o.closed_at is null or o.closed_at > %s) and (o.status <> 'cancelled' or l.shipped > 0)
  and (r.settles_own or (l.fulfiller = 'us' and o.fulfiller = 'us'))
order by o.id limit %s"""


def set_amount(hub: Hub, order_id: int, line_no: str, amount: int, reason: str, actor: str) -> None:
    """Settle a line of a partner's order at another amount, in the partner's currency.

    What is booked already follows with a change of its own.
    """
    if not 0 <= amount < MOST:
        raise Invalid("amount", "this is no amount", "write an amount like 12.30")
    if not 2 <= len(reason.strip()) <= 200:
        raise Invalid("reason", "a reason is needed", "say what was agreed with the partner")
    with hub.begin() as connection:
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        orders = lock_orders(connection, [order_id])
        fill(batch, orders)
        load_partnered(batch, orders)
        known = batch.partnering.orders.get(order_id)
        line = next((x for order in orders for x in order.lines if x.external_no == line_no and x.kind == "goods"), None)
        card = batch.masters.partners.by_id.get(known.partner_id or 0) if known is not None else None
        if known is None or card is None or line is None:
            raise NotFound("this line is settled with nobody", "choose a goods line of a partner's order")
        before = known.lines.get(line.id)
        stated = known.stated.get(line.external_no, 0) if orders[0].currency == card.currency else 0
        agreed = Agreed(amount, "person", base_amount=stated)  # So that it stands against the document.
        settled = Settled(agreed, line.ordered, (line.sku_id or 0, line.bundle_id or 0))
        known.lines[line.id] = settled
        batch.partnering.priced[line.id] = (line, settled)
        seen = {"lines": [line_no], "was_amount": before.agreed.amount if before else None, "amount": amount,
                "currency": card.currency, "reason": reason.strip()}  # fmt: skip
        batch.note(orders[0], "settlement_changed", seen)
        if orders[0].hold("no_settlement_price"):
            orders[0].ready_at = now
            batch.pokes.add("advance")
        flush(batch)
    batch.tell()


def price_missing(hub: Hub, partner_id: int, actor: str) -> int:
    """Look for prices of lines that have none, by the lists as they are now; answers how many got one.

    Orders that have closed are looked at, too, as long as they can be booked.
    """
    last, priced = 0, 0
    while True:
        with hub.begin() as connection:
            ids = [row[0] for row in fetch(connection, UNPRICED, (partner_id, last, hub.clock() - SETTLES_WITHIN, BATCH))]
            if not ids:
                return priced
            now = hub.clock()
            batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
            orders = lock_orders(connection, ids)
            fill(batch, orders)
            load_partnered(batch, orders)
            settle_lines(batch, orders, with_closed=True)
            priced += len(batch.partnering.priced)
            flush(batch)
        batch.tell()
        last = ids[-1]
