"""Step 5 分发: hand planned fulfilments to their stock points by an outbound row each."""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.intercept.emergency import Stops, stops_in_force
from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.leaving import all_may_leave
from oms.domain.numbers import document_no


def dispatch(batch: Batch, leaving: Sequence[FulfilmentWork]) -> None:
    """Send what may leave, and nothing else; an observing shop or an emergency stop holds it instead."""
    if not leaving:
        return
    stops = stops_in_force(batch)
    for work in leaving:
        orders = [batch.orders[id_] for id_ in work.order_ids]
        if _is_kept(batch, work, orders, stops):
            continue
        point = batch.masters.points[work.stock_point_id]
        move_fulfilment(batch, work, "dispatch", point=point.id)
        if point.account_id is None:
            move_fulfilment(batch, work, "warehouse_received")  # Its people have it on their page from this moment on.
            continue
        batch.send(
            "create_fulfilment",
            point.account_id,
            f"create:{document_no('fulfilment', work.id, work.version)}",
            fulfilment_id=work.id,
            order_id=work.lead_order_id,
            shop_id=work.shop_id,
            stock_point_id=point.id,
            carrier_id=work.carrier_id,
        )


def _is_kept(batch: Batch, work: FulfilmentWork, orders: Sequence[OrderWork], stops: Stops) -> bool:
    kept = not all_may_leave(batch, work)
    for order in orders:
        if batch.masters.shops[order.shop_id].mode == "observing":
            batch.place_hold(order, "observing")
            kept = True
        stop = stops.against(order.id, order.shop_id, work.stock_point_id, work.carrier_id)
        if stop is not None:
            batch.place_hold(order, "emergency_stop", {"stop": stop})
            kept = True
    return kept
