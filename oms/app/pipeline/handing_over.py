"""Hands one fulfilment that is being dispatched to its stock point: by an outbound row, or by showing it on its page."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.stores.deliveries import OWN_GOODS
from oms.app.pipeline.stores.readiness import promise_ready
from oms.app.pipeline.stores.telling import tell_of_task
from oms.domain.numbers import document_no


def hand_over(batch: Batch, work: FulfilmentWork) -> None:
    """Send it to its warehouse's system; the people of a point without one have it on their page from now on."""
    account_id = batch.masters.points[work.stock_point_id].account_id
    if account_id is None:
        move_fulfilment(batch, work, "warehouse_received")
        if work.mode in OWN_GOODS:
            tell_of_task(batch, work)
            promise_ready(batch, work)
        return
    batch.send(
        "create_fulfilment",
        account_id,
        f"create:{document_no('fulfilment', work.id, work.version)}",
        fulfilment_id=work.id,
        order_id=work.lead_order_id,
        shop_id=work.shop_id,
        stock_point_id=work.stock_point_id,
        carrier_id=work.carrier_id,
    )
