"""Step 5 分发: hand planned fulfilments to their stock points, by an outbound row each or through their own page."""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.intercept.emergency import Stops, stops_in_force
from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.halting import hold_stopped
from oms.app.pipeline.handing_over import hand_over
from oms.app.pipeline.labels.numbers import ask_numbers
from oms.app.pipeline.leaving import all_may_leave


def dispatch(batch: Batch, leaving: Sequence[FulfilmentWork]) -> None:
    """Send what may leave, and nothing else; an observing shop or an emergency stop holds it instead."""
    if not leaving:
        return
    stops = stops_in_force(batch)
    going: list[FulfilmentWork] = []
    for work in leaving:
        orders = [batch.orders[id_] for id_ in work.order_ids]
        if _is_kept(batch, work, orders, stops):
            continue
        move_fulfilment(batch, work, "dispatch", point=work.stock_point_id)
        going.append(work)
    waiting = ask_numbers(batch, going)
    for work in going:
        if work.id not in waiting:
            hand_over(batch, work)


def _is_kept(batch: Batch, work: FulfilmentWork, orders: Sequence[OrderWork], stops: Stops) -> bool:
    kept = not all_may_leave(batch, work)
    for order in orders:
        if batch.masters.shops[order.shop_id].mode == "observing":
            batch.place_hold(order, "observing")
            kept = True
    return hold_stopped(batch, work, stops) or kept
