"""What goes wrong on purpose: refunds in time and too late, parcels that come back, a buyer who thinks twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

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
class Incident:
    """Something that happens once, as soon as a question about one order of the shop has an answer."""

    hub: Hub
    shop_id: int
    external_no: str
    question: str
    happen: Callable[[], object]
    is_over: bool = False

    def tick(self) -> None:
        """Let it happen if its moment has come."""
        if self.is_over:
            return
        with self.hub.engine.connect() as connection:
            is_due = bool(fetch(connection, self.question, (self.shop_id, self.external_no)))
        if is_due:
            self.happen()
            self.is_over = True


def late_delivery(hub: Hub, shop_id: int, goods: Range, actor: str) -> Incident:
    """What the other warehouse was sent comes in: an order that was to leave in two parcels can leave in one."""
    changes = [Change(goods.south["code"], 30)]
    return Incident(
        hub, shop_id, "MINI-TWICE",
        """select 1 from fulfilment f join orders o on o.id = f.lead_order_id
           where o.shop_id = %s and o.external_no = %s and f.status = 'planned' having count(*) > 1""",
        lambda: adjust(hub, "WH-HZ-01", changes, "found", "调拨到货补登", actor),
    )  # fmt: skip


def second_thought(hub: Hub, shop_id: int, goods: Range) -> Incident:
    """A buyer writes, once the order is at the warehouse, that it is to be kept back: a rule stops it."""
    words = f"{KEEP_BACK[0]}，我周末才在家"
    return Incident(
        hub, shop_id, "MINI-WAIT",
        """select 1 from fulfilment f join orders o on o.id = f.lead_order_id
           where o.shop_id = %s and o.external_no = %s and f.status in ('sent', 'accepted')""",
        lambda: push(hub, shop_id, [waiting(hub.clock(), goods, words)]),
    )  # fmt: skip


def money_back(hub: Hub, shop_id: int, goods: Range) -> Incident:
    """A buyer who ordered one too many asks for that money while the order waits in review: a rule agrees."""
    return Incident(
        hub, shop_id, "MINI-LESS",
        "select 1 from orders where shop_id = %s and external_no = %s and phase = 'review'",
        lambda: take_cases(hub, open_shop(hub, shop_id), [refund("MINI-LESS", "2", goods.own[4], hub.clock())]),
    )  # fmt: skip
