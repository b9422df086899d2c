"""What goes wrong on purpose: refunds in time and too late, parcels that come back, a buyer who thinks twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from oms.app.capture.pushed import open_shop, take_cases
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock.adjusting import Change, adjust
from oms.demo.company.papers import refund
from oms.demo.company.range import Range
from oms.demo.company.rulings import KEEP_BACK
from oms.demo.company.shop import push, waiting
from oms.demo.plan import Part
from oms.demo.rules import AMOUNT_LIMIT
from oms.demo.script import Script
from oms.demo.twins import TwinRefused, Twins
from oms.demo.watching import look

MOMENTS: Final = ("accepted", "just_shipped")
#: How parcels end that do not reach their receivers.
ENDS: Final = ("returned", "refused")
#: A parcel that its service follows already and whose receiver has not signed.
ON_THE_WAY: Final = """
select p.waybill_no from parcel p join fulfilment f on f.id = p.fulfilment_id
where p.subscribed_at is not null and p.state in ('handed_over', 'in_transit') order by p.id desc limit 2"""


def refunds_on(twins: Twins, tids: list[str]) -> Script:
    """Refunds of two of these orders that nobody has to review: one the warehouse can stop, one it cannot any more."""
    known = {trade["tid"]: trade for trade in twins.taobao.ledger()["trades"]}
    small = [tid for tid in tids if float(known[tid]["payment"]) * 100 < AMOUNT_LIMIT]
    return Script.stage(twins, [Part(tid, "refund", moment) for tid, moment in zip(small, MOMENTS, strict=False)])


@dataclass
class Mishaps:
    """Plays the refunds, and has two parcels come back."""

    hub: Hub
    twins: Twins
    script: Script
    require_alive: Callable[[], None]
    sent_back: set[str] = field(default_factory=set)

    def tick(self) -> None:
        """Go on with what is not over."""
        if not self.script.is_over:
            self.script.tick(look(self.hub, self.script.open_tids, self.require_alive))
        if len(self.sent_back) < len(ENDS):
            self._send_back()

    def _send_back(self) -> None:
        with self.hub.engine.connect() as connection:
            found = [row[0] for row in fetch(connection, ON_THE_WAY) if row[0] not in self.sent_back]
        for waybill, end in zip(found, ENDS[len(self.sent_back) :], strict=False):
            with suppress(TwinRefused):
                self.twins.kuaidi100.post(f"parcels/{waybill}", outcome=end)
                self.sent_back.add(waybill)


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


@dataclass
class SecondThought:
    """A buyer who writes, once the order is at the warehouse, that it is to be kept back: a rule stops it."""

    hub: Hub
    shop_id: int
    goods: Range
    is_over: bool = False

    def tick(self) -> None:
        """Push the order again with the buyer's words as soon as it has been handed over."""
        if self.is_over:
            return
        question = """select 1 from fulfilment f join orders o on o.id = f.lead_order_id
                      where o.shop_id = %s and o.external_no = 'MINI-WAIT' and f.status in ('sent', 'accepted')"""
        with self.hub.engine.connect() as connection:
            is_out = bool(fetch(connection, question, (self.shop_id,)))
        if is_out:
            push(self.hub, self.shop_id, [waiting(self.hub.clock(), self.goods, f"{KEEP_BACK[0]}，我周末才在家")])
            self.is_over = True


@dataclass
class MoneyBack:
    """A buyer who ordered one too many asks for that money while the order waits in review: a rule agrees."""

    hub: Hub
    shop_id: int
    goods: Range
    is_over: bool = False

    def tick(self) -> None:
        """Push the case as soon as the order waits."""
        if self.is_over:
            return
        question = "select 1 from orders where shop_id = %s and external_no = 'MINI-LESS' and phase = 'review'"
        with self.hub.engine.connect() as connection:
            is_waiting = bool(fetch(connection, question, (self.shop_id,)))
        if is_waiting:
            body = refund("MINI-LESS", "2", self.goods.own[4], self.hub.clock())
            take_cases(self.hub, open_shop(self.hub, self.shop_id), [body])
            self.is_over = True
