"""What an emergency stop keeps from being handed over: its orders are held, and what had been dispatched is withdrawn."""

from __future__ import annotations

from oms.app.intercept.emergency import Stops, stops_in_force
from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork


def hold_stopped(batch: Batch, work: FulfilmentWork, stops: Stops) -> bool:
    """Hold the orders of a fulfilment that emergency stops cover; answers whether there are any."""
    is_stopped = False
    for order_id in work.order_ids:
        order = batch.orders[order_id]
        stop = stops.against(order.id, order.shop_id, work.stock_point_id, work.carrier_id)
        if stop is not None:
            batch.place_hold(order, "emergency_stop", {"stop": stop})
            is_stopped = True
    return is_stopped


def keep_stopped(batch: Batch, work: FulfilmentWork) -> bool:
    """Withdraw what was dispatched before a stop and waited since, e.g. for its number; answers whether it was.

    A hand-over to a warehouse's system is a row that the stop itself keeps back, so only what people would see on
    their page is withdrawn. The number it has got by now stays its own.
    """
    if batch.masters.points[work.stock_point_id].account_id is not None:
        return False
    if not hold_stopped(batch, work, stops_in_force(batch)):
        return False
    move_fulfilment(batch, work, "withdraw", reason="emergency_stop")
    return True
