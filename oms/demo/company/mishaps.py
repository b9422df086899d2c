"""What goes wrong on purpose: refunds that come in time and too late, and a parcel whose receiver refuses it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.adjusting import Change, adjust
from oms.demo.company.range import Range
from oms.demo.plan import Part
from oms.demo.rules import AMOUNT_LIMIT
from oms.demo.script import Script
from oms.demo.twins import TwinRefused, Twins
from oms.demo.watching import look

MOMENTS: Final = ("accepted", "just_shipped")
REFUSED, BACK = "203", "6"
WORDS: Final = {REFUSED: "【{target}】收件人拒收,快件将退回", BACK: "【{target}】快件已发出退回【{origin}】"}
#: A parcel that its service follows already and whose receiver has not signed.
ON_THE_WAY: Final = """
select p.waybill_no from parcel p join fulfilment f on f.id = p.fulfilment_id
where p.subscribed_at is not null and p.state in ('handed_over', 'in_transit') order by p.id desc limit 1"""


def refunds_on(twins: Twins, tids: list[str]) -> Script:
    """Refunds of two of these orders that nobody has to review: one the warehouse can stop, one it cannot any more."""
    known = {trade["tid"]: trade for trade in twins.taobao.ledger()["trades"]}
    small = [tid for tid in tids if float(known[tid]["payment"]) * 100 < AMOUNT_LIMIT]
    return Script.stage(twins, [Part(tid, "refund", moment) for tid, moment in zip(small, MOMENTS, strict=False)])


@dataclass
class Mishaps:
    """Plays the refunds, and has one parcel come back."""

    hub: Hub
    twins: Twins
    script: Script
    require_alive: Callable[[], None]
    is_refused: bool = False

    def tick(self) -> None:
        """Go on with what is not over."""
        if not self.script.is_over:
            self.script.tick(look(self.hub, self.script.open_tids, self.require_alive))
        if not self.is_refused:
            self._refuse()

    def _refuse(self) -> None:
        with self.hub.engine.connect() as connection:
            found = fetch(connection, ON_THE_WAY)
        for (waybill,) in found:
            with suppress(TwinRefused):
                for code in (REFUSED, BACK):
                    self.twins.kuaidi100.post(f"parcels/{waybill}", code=code, context=WORDS[code])
                self.is_refused = True


@dataclass
class Delivery:
    """Goods that come in late: an order that was to leave in two parcels can leave in one."""

    hub: Hub
    shop_id: int
    goods: Range
    actor: str
    is_over: bool = False

    def tick(self) -> None:
        """Once the order is planned in two parcels, book what the other warehouse was sent."""
        if self.is_over:
            return
        question = """select count(*) from fulfilment f join orders o on o.id = f.lead_order_id
                      where o.shop_id = %s and o.external_no = 'MINI-TWICE' and f.status = 'planned'"""
        with self.hub.engine.connect() as connection:
            planned: Any = fetch(connection, question, (self.shop_id,))[0][0]
        if planned > 1:
            adjust(self.hub, "WH-HZ-01", [Change(self.goods.south["code"], 30)], "found", "调拨到货补登", self.actor)
            self.is_over = True
