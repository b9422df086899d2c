"""Gifts by rules: each is a demand of the line that earned it, brought in step with what the rules say at every walk.

What rules want is in gifts_wanted.py, the log and the counters in gifts_kept.py, limits and stock in gifts_granting.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from oms.app.intercept.enforce import take_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.work import DemandWork, OrderWork
from oms.app.pipeline import discounts
from oms.app.pipeline.asked import notify
from oms.app.pipeline.gifts.granting import Changes, Wish, anywhere, cards_of, drop, grant, lock_for, reconcile
from oms.app.pipeline.gifts.kept import Kept, Ledger, load_ledger, write_ledger
from oms.app.pipeline.gifts.wanted import wanted_of
from oms.app.pipeline.goods import Goods
from oms.app.rulebook.book import book_of
from oms.app.rulebook.stages import decide_stage, let_go
from oms.domain.holds import BEFORE_GO_LIVE
from rules.engine import Verdict

STAGE: Final = "gift"
#: Fulfilments of which nothing is on its way yet.
PLANNED: Final = ("planned", "on_hold")
#: Orders that make up for others earn nothing.
NOT_SOLD: Final = ("exchange", "reship", "pos")


def give(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    """赠品: give what rules say, drop what they do not say any more. Locks counters, so it comes before any stock."""
    having = [order for order in orders if any(d.origin == "gift" and d.shipped < d.units for d in order.demands)]
    if not having and not _is_in_force(batch, orders):
        let_go(batch, orders, (), STAGE)
        return
    changing = [order for order in orders if may_change(batch, order)]
    unpaid = [order for order in orders if order.status == "unpaid" and discounts.may_discount(order)]
    decided = decide_stage(batch, [*changing, *unpaid], STAGE)
    let_go(batch, orders, [*changing, *unpaid], STAGE)
    discounts.follow(batch, decided, [*changing, *unpaid], goods)
    verdicts = {order.id: verdict for order, verdict in decided}
    ledger = load_ledger(batch, list({order.id: order for order in (*having, *changing)}.values()))
    wishes = [_wish(batch, order, verdicts.get(order.id), goods) for order in changing]
    cards = cards_of(batch, goods, {code for wish in wishes for one in wish.wanted for code in (one.code, one.instead)})
    changes = Changes()
    for wish in wishes:
        reconcile(batch, wish, ledger, cards, changes)
    ids = {order.id for order in changing}
    for order in having:
        if order.id not in ids:
            changes.drops.extend(_ended(order, ledger))
    apply_changes(batch, ledger, changes)


def _is_in_force(batch: Batch, orders: Sequence[OrderWork]) -> bool:
    """Whether rules give anything now, or have given what may have to go."""
    if book_of(batch.hub).is_in_force(batch.connection, STAGE, batch.now):
        return True
    seen = [order for order in orders if order.version > 1]
    return any(discounts.is_refused(order) or discounts.may_discount(order) for order in seen)


def apply_changes(batch: Batch, ledger: Ledger, changes: Changes) -> None:
    """Drop and give, under the locks of the counters."""
    if not changes.drops and not changes.asks:
        return
    lock_for(batch, ledger, [row for _, row, _ in changes.drops], changes.asks)
    for order, row, reason in changes.drops:
        take_plans_back(batch, order)
        drop(batch, ledger, order, row, reason)
    for ask, demand in grant(batch, ledger, changes.asks, anywhere(batch, changes.asks)):
        take_plans_back(batch, ask.order)
        ask.order.demands.append(demand)
        batch.new_demands.append(demand)
    write_ledger(batch, ledger)


def live_gifts(order: OrderWork) -> Iterator[DemandWork]:
    """Gifts that are still to leave."""
    return (d for d in order.demands if d.origin == "gift" and d.units > d.cancelled + d.shipped)


def may_change(batch: Batch, order: OrderWork) -> bool:
    """Whether gifts may still come and go: nothing is on its way, or joined with other orders."""
    if order.status != "open" or order.fulfiller != "us" or order.origin in NOT_SOLD:
        return False
    if batch.masters.shops[order.shop_id].mode != "live" or BEFORE_GO_LIVE in order.platform_holds:
        return False
    if order.hold("goods_changed") is not None or any(demand.shipped for demand in order.demands):
        return False
    return all(work.status in PLANNED and work.order_count == 1 for work in order.fulfilments)


def take_plans_back(batch: Batch, order: OrderWork) -> None:
    """An order whose gifts change is planned anew, so that they leave together."""
    for work in list(order.fulfilments):
        if work.status in PLANNED:
            take_back(batch, work, "gifts_changed")


def _wish(batch: Batch, order: OrderWork, verdict: Verdict | None, goods: Goods) -> Wish:
    """What an order's rules say now; nothing where none is in force."""
    shop = batch.masters.shops[order.shop_id]
    found = book_of(batch.hub).find(batch.connection, STAGE, shop, order.id, batch.now) if verdict else None
    if verdict is None or found is None:
        return Wish(order, [], frozenset())
    for applied in verdict.actions:
        if applied.action == "notify":
            notify(batch, order, applied)
    version = found.version
    wanted = wanted_of(order, verdict, version.rule_set_id, version.id, goods)
    return Wish(order, wanted, frozenset([rule_id for rule_id, _ in verdict.unhealthy]) | set(verdict.unknown))


def _ended(order: OrderWork, ledger: Ledger) -> Iterator[tuple[OrderWork, Kept, str]]:
    """Gifts of an order that is closed, that did not leave with their line, or that were cancelled with its goods."""
    demands = {demand.id: demand for demand in order.demands}
    for row in ledger.rows(order.id).values():
        if row.state != "given":
            continue
        demand = demands.get(row.demand_id or 0)
        units = demand.units - demand.cancelled if demand else 0
        if demand is None or units != row.units or (not demand.planned and demand.shipped < units):
            reason = _why_ended(order, demand if units else None)
            if reason:
                yield order, row, reason


def _why_ended(order: OrderWork, gift: DemandWork | None) -> str:
    """Why a gift that is not planned goes, empty when it does not; None is one of which nothing is wanted any more."""
    if order.status != "open" or order.fulfiller != "us":
        return "closed"
    if gift is None:
        return "left" if any(demand.shipped for demand in order.demands) else "changed"
    return "" if _still_goes(order, gift) else "left"


def _still_goes(order: OrderWork, gift: DemandWork) -> bool:
    """Whether something of its line has still to leave."""
    if any(work.status not in PLANNED for work in order.fulfilments) and not any(d.shipped for d in order.demands):
        return True  # All of it is on its way or being stopped: what comes back is looked at then.
    line = next((line for line in order.lines if line.id == gift.line_id), None)
    if line is None or line.is_void:
        return False
    mine = [demand for demand in order.demands if demand.line_id == gift.line_id and demand.origin != "gift"]
    return any(demand.open_units or demand.planned for demand in mine)
