"""Leaves carriers out that gave an order no number, when it is sourced again."""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.routing_wishes import Wishes
from oms.db.bulk import array_of

#: What stands in a rule's place where no rule but a carrier says no.
REFUSED = "carrier-refused"


def hear_refusing(batch: Batch, orders: Sequence[OrderWork], found: dict[int, Wishes]) -> None:
    """Add to what rules want what carriers have said no to. Asks nothing while no label is ours."""
    if not batch.masters.labels or not orders:
        return
    rows = fetch(
        batch.connection,
        "select order_id, carrier_id from carrier_refusal where order_id = any(%s)",
        (array_of([order.id for order in orders]),),
    )
    for order_id, carrier_id in rows:
        found.setdefault(order_id, Wishes()).carriers.out.setdefault(carrier_id, REFUSED)
