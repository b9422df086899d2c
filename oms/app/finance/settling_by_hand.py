"""Settlement amounts people set: of one line with a reason, and of lines that had no price when they were ordered."""

from __future__ import annotations

from typing import Final

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
UNPRICED: Final = """
select distinct o.id from order_partner p join orders o on o.id = p.order_id join order_line l on l.order_id = o.id
join partner r on r.id = p.partner_id
where p.partner_id = %s and o.id > %s and o.status not in ('completed', 'cancelled') and l.settlement_amount is null
  and l.kind = 'goods' and not l.is_gone and (r.settles_own or (l.fulfiller = 'us' and o.fulfiller = 'us'))
order by o.id limit %s"""


def set_amount(hub: Hub, order_id: int, line_no: str, amount: int, reason: str, actor: str) -> None:
    """Settle a line of a partner's order at another amount; what is booked already follows with a change of its own."""
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
        if known is None or known.partner_id is None or line is None:
            raise NotFound("this line is settled with nobody", "choose a goods line of a partner's order")
        before = known.lines.get(line.id)
        settled = Settled(Agreed(amount, "person"), line.ordered, (line.sku_id or 0, line.bundle_id or 0))
        known.lines[line.id] = settled
        known.stated.pop(line.external_no, None)  # What a person has set stands against the document.
        batch.partnering.changed.add(order_id)
        batch.partnering.priced[line.id] = (line, settled)
        seen = {"lines": [line_no], "was_amount": before.agreed.amount if before else None, "amount": amount,
                "currency": orders[0].currency, "reason": reason.strip()}  # fmt: skip
        batch.note(orders[0], "settlement_changed", seen)
        if orders[0].hold("no_settlement_price"):
            orders[0].ready_at = now
            batch.pokes.add("advance")
        flush(batch)
    batch.tell()


def price_missing(hub: Hub, partner_id: int, actor: str) -> int:
    """Look for prices of open orders' lines that have none, by the lists as they are now; answers how many got one."""
    last, priced = 0, 0
    while True:
        with hub.begin() as connection:
            ids = [row[0] for row in fetch(connection, UNPRICED, (partner_id, last, BATCH))]
            if not ids:
                return priced
            now = hub.clock()
            batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
            orders = lock_orders(connection, ids)
            fill(batch, orders)
            load_partnered(batch, orders)
            settle_lines(batch, orders)
            priced += len(batch.partnering.priced)
            flush(batch)
        batch.tell()
        last = ids[-1]
