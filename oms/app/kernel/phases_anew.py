"""Orders that stand as held though nothing holds them: kept before the phase knew their case, derived anew."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.domain.holds import Block

LIMIT: Final = 200
#: What the pipeline is about to look at stays with it. Whatever is found here is not held afterwards, so each is
#: found once.
QUESTION: Final = """
select o.id from orders o where o.status in ('unpaid', 'open') and o.phase = 'held' and o.ready_at is null
  and not exists (select from hold h where h.order_id = o.id and h.cleared_at is null and h.blocks & %s <> 0)
order by o.ordered_at, o.id limit %s"""


def derive_held(hub: Hub) -> int:
    """Derive the phase anew of so many orders that nothing holds any more; answers how many."""
    with hub.begin() as connection:
        rows = fetch(connection, QUESTION, (int(Block.REVIEW | Block.DISPATCH), LIMIT))
        if not rows:
            return 0
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now)
        orders = lock_orders(connection, [row[0] for row in rows], skip_locked=True)
        fill(batch, orders)
        batch.touched.update(batch.orders)
        flush(batch)
    batch.tell()
    return len(orders)
