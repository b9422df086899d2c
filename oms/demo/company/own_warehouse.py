"""The people of the own warehouse: they send what was sold on the days before, one parcel of which nobody scanned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.packing.desk import Teller, accept, ship
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.app.pipeline.reviewing.passing import pass_orders
from oms.app.pipeline.tracking.looks import enlist
from oms.demo.company.desks import FINANCE, passes

#: A parcel left so long after it was ordered.
PACKED_AFTER: Final = timedelta(hours=5)
#: The order whose parcel its courier never scanned.
UNSCANNED: Final = "MINI-D2"
WORK: Final = """
select o.external_no, f.id, f.status from orders o join fulfilment f on f.lead_order_id = o.id
where o.shop_id = %s and f.stock_point_id = %s and f.status in ('sent', 'accepted') and o.external_no = any(%s)"""
WAITING: Final = """
select id from orders where shop_id = %s and external_no = any(%s) and phase = 'review' and review = 'waiting'"""
LEFT: Final = """
select count(*) from orders o join fulfilment f on f.lead_order_id = o.id
where o.shop_id = %s and o.external_no = any(%s) and f.status = 'shipped'"""
PARCEL: Final = """
select p.id from parcel p join fulfilment f on f.id = p.fulfilment_id join orders o on o.id = f.lead_order_id
where o.shop_id = %s and o.external_no = %s"""
TRACKER: Final = "select id from account where family = 'carrier' order by id limit 1"


@dataclass
class Packers:
    """`sold` says when each order was placed; `is_over` once all of them have left."""

    hub: Hub
    shop_id: int
    point_id: int
    actor: str
    sold: Mapping[str, datetime]
    is_over: bool = False
    sent: set[str] = field(default_factory=set)

    def tick(self) -> None:
        """Send what has come to the desk."""
        if self.is_over:
            return
        numbers = list(self.sold)
        with self.hub.engine.connect() as connection:
            waiting = [row[0] for row in fetch(connection, WAITING, (self.shop_id, numbers))]
            rows = fetch(connection, WORK, (self.shop_id, self.point_id, numbers))
        if waiting:  # They are more than finance may pass.
            pass_orders(self.hub, waiting, FINANCE, self.actor, "老客户的长期订单", may=passes)
        for number, fulfilment_id, status in rows:
            self._send(number, fulfilment_id, status)
        with self.hub.engine.connect() as connection:
            self.is_over = fetch(connection, LEFT, (self.shop_id, numbers))[0][0] == len(numbers)
        if self.is_over:
            self._look_after()

    def _send(self, number: str, fulfilment_id: int, status: str) -> None:
        at = self.sold[number] + PACKED_AFTER
        then = replace(self.hub, clock=lambda: at)
        if status == "sent":
            accept(then, fulfilment_id, self._says(number, "accept"))
        parcel = PackedParcel("SF", f"SF77{self.shop_id:03}{number[-1]:0>8}", weight_g=2_400)
        ship(then, fulfilment_id, [parcel], self._says(number, "ship"))

    def _says(self, number: str, verb: str) -> Teller:
        return Teller(self.actor, (self.point_id,), f"demo {number} {verb}")

    def _look_after(self) -> None:
        """Have the one parcel asked after: SF tells nothing by itself, so nobody else would."""
        with self.hub.begin() as connection:
            parcel: Any = fetch(connection, PARCEL, (self.shop_id, UNSCANNED))[0][0]
            account: Any = fetch(connection, TRACKER)[0][0]
            left_at = self.sold[UNSCANNED] + PACKED_AFTER
            enlist(connection, parcel, account, left_at, is_told=True)
