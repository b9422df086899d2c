"""Gifts at merge: where a shop computes them anew, orders that leave as one get what they earn together.

The gift is a demand of the lowest order, reserved before the merge commits; those of the single orders are dropped. When
the merged fulfilment comes apart again, each order's next walk gives what it earns alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import RESERVE, lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.work import DemandWork, FulfilmentLineWork, FulfilmentWork, OrderWork
from oms.app.pipeline.gifts.demands import STAGE, live_gifts
from oms.app.pipeline.gifts.granting import Ask, Take, cards_of, drop, grant, lock_for
from oms.app.pipeline.gifts.kept import Kept, Ledger, load_ledger, write_ledger
from oms.app.pipeline.gifts.wanted import Wanted, wanted_of
from oms.app.pipeline.goods import Goods, load_goods
from oms.app.pipeline.merging.settings import merging_of
from oms.app.rulebook.book import book_of
from oms.app.rulebook.decide import decide, record
from oms.app.rulebook.stages import word_of
from oms.app.stock.exclusives import kept_for_others, look_at_exclusives, settle_exclusives, take_exclusive
from oms.app.stock.left import left_in_pool

RECOMPUTING: Final = "select id from shop where id = any(%s) and merge_gift_policy = 'recompute'"


@dataclass(slots=True)
class Together:
    """Orders that leave in one fulfilment, with what their rules give them as one order."""

    work: FulfilmentWork
    orders: list[OrderWork]
    wanted: list[Wanted]
    drops: list[tuple[OrderWork, Kept]]
    asks: list[Ask]

    @property
    def lead(self) -> OrderWork:
        """The order that gets the gifts."""
        return self.orders[0]


def recompute(batch: Batch, leaving: Sequence[FulfilmentWork]) -> None:
    """Compute the gifts of joined fulfilments anew. Locks counters, then stock; nothing may be locked after it."""
    groups = [group for work in leaving if (group := _group(batch, work))]
    gifts = any(any(live_gifts(order)) for group in groups for order in group.orders)
    if not groups or not (gifts or book_of(batch.hub).is_in_force(batch.connection, STAGE, batch.now)):
        return
    chosen = _choosing(batch, {group.lead.shop_id for group in groups})
    groups = [group for group in groups if group.lead.shop_id in chosen]
    if groups:
        _recompute(batch, groups)


def _choosing(batch: Batch, shop_ids: set[int]) -> set[int]:
    """The shops that compute gifts anew: by the settings of merging, else by their own word."""
    merging = merging_of(batch)
    said = {id_: merging.rule_of(batch.masters.shops[id_]).gift_policy for id_ in shop_ids}
    silent = sorted([id_ for id_, policy in said.items() if policy is None])
    own = {row[0] for row in fetch(batch.connection, RECOMPUTING, (silent,))} if silent else set()
    return own | {id_ for id_, policy in said.items() if policy == "recompute"}


def _group(batch: Batch, work: FulfilmentWork) -> Together | None:
    """The orders of a joined fulfilment, if nothing of them has left and all their gifts are in it."""
    if work.order_count < 2 or work.status != "planned":
        return None
    orders = [batch.orders[id_] for id_ in work.order_ids]
    inside = {line.demand_id for line in work.lines if line.open_units}
    for order in orders:
        if any(demand.shipped for demand in order.demands) or any(other is not work for other in order.fulfilments):
            return None
        if any(demand.planned and demand.id not in inside for demand in live_gifts(order)):
            return None
    return Together(work, orders, [], [], [])


def _recompute(batch: Batch, groups: Sequence[Together]) -> None:
    orders = [order for group in groups for order in group.orders]
    goods, ledger = load_goods(batch, orders), load_ledger(batch, orders)
    judged = []
    for group in groups:
        wanted = _wanted(batch, group, goods)
        if wanted is not None:
            group.wanted = wanted
            judged.append(group)
    groups = judged  # What rules could not judge stays as it is.
    codes = {code for group in groups for one in group.wanted for code in (one.code, one.instead)}
    cards = cards_of(batch, goods, codes)
    for group in groups:
        _sort(group, ledger, cards)
    drops = [row for group in groups for _, row in group.drops]
    asks = [ask for group in groups for ask in group.asks]
    if not drops and not asks:
        return
    lock_for(batch, ledger, drops, asks)
    asked = {id_ for ask in asks for id_ in ask.sku_ids}
    lock_skus(batch, {row.sku_id for row in drops} | asked)
    if batch.masters.promises.has_exclusive:
        look_at_exclusives(batch, asked)
    for group in groups:
        for order, row in group.drops:
            _take_out(batch, group.work, order, row)
            drop(batch, ledger, order, row, "merged")
    for group in groups:
        for _, demand in grant(batch, ledger, group.asks, _at(batch, group)):
            _put_in(batch, group, demand)
    settle_exclusives(batch, [order for group in groups for order in group.orders])
    write_ledger(batch, ledger)


def _wanted(batch: Batch, group: Together, goods: Goods) -> list[Wanted] | None:
    """What the rules give to the orders as if they were one, None where they cannot tell."""
    one = replace(
        group.lead,
        lines=[line for order in group.orders for line in order.lines],
        demands=[demand for order in group.orders for demand in order.demands],
        paid_total=sum([order.paid_total for order in group.orders]),
    )
    shop = batch.masters.shops[group.lead.shop_id]
    version_id, facts, verdict = decide(batch, one, shop, STAGE)
    found = book_of(batch.hub).find(batch.connection, STAGE, shop, group.lead.id, batch.now)
    if version_id is None or found is None:
        return []
    if verdict.unhealthy or verdict.unknown:
        return None
    word = word_of(verdict)
    record(batch, group.lead, STAGE, word, version_id=version_id, facts=facts, matched=verdict.matched)
    first = min([line.id for line in group.lead.lines if line.is_goods and not line.is_lost])
    wanted = wanted_of(one, verdict, found.version.rule_set_id, version_id, goods)
    return [replace(gift, line_id=first) for gift in wanted]


def _sort(group: Together, ledger: Ledger, cards: dict[str, int]) -> None:
    """What is given already in the same way stays, the rest is dropped and given anew."""
    stays: set[int] = set()
    for one in group.wanted:
        sku_ids = tuple([cards[code] for code in (one.code, one.instead) if code in cards])
        if one.code not in cards:
            continue
        rows = ledger.rows(group.lead.id)
        mine = [row for id_ in sku_ids if (row := rows.get((*one.rule, id_))) and row.state == "given"]
        if mine and mine[0].units == one.units:
            stays.add(mine[0].id)
        else:
            group.asks.append(Ask(one, group.lead, sku_ids))
    for order in group.orders:
        for row in ledger.rows(order.id).values():
            if row.state == "given" and row.id not in stays:
                group.drops.append((order, row))


def _at(batch: Batch, group: Together) -> Take:
    """Takes from what the fulfilment's own stock point may promise beyond what is kept; its stock is locked."""
    point, shop = group.work.stock_point_id, batch.masters.shops[group.lead.shop_id]
    sku_ids = sorted({id_ for ask in group.asks for id_ in ask.sku_ids})
    there = left_in_pool(batch, shop.pool_id, sku_ids) if sku_ids else {}
    most = {id_: sum([max(0, there[key]) for key in there if key[1] == id_]) for id_ in sku_ids}

    def take(_ask: Ask, sku_id: int, units: int) -> bool:
        left = min(there.get((point, sku_id), 0), most[sku_id] - kept_for_others(batch, shop, sku_id))
        if left < units:
            return False
        there[point, sku_id] -= units
        most[sku_id] -= units
        take_exclusive(batch, shop, {sku_id: units})
        return True

    return take


def _take_out(batch: Batch, work: FulfilmentWork, order: OrderWork, row: Kept) -> None:
    """Free what the fulfilment holds of a gift; the rest of it stays planned."""
    demands = {demand.id: demand for demand in order.demands}
    for line in _lines_of(work, row):
        units, demand = line.open_units, demands[line.demand_id]
        line.cancelled += units
        demand.planned -= units
        batch.touched_fulfilment_lines[line.id] = line
        batch.touched_demands[demand.id] = demand
        key = (work.stock_point_id, line.sku_id, "good")
        batch.move_stock(key, reserved=-units, reason="release", document_id=work.id)


def _lines_of(work: FulfilmentWork, row: Kept) -> Iterator[FulfilmentLineWork]:
    return (line for line in work.lines if line.demand_id == row.demand_id and line.open_units)


def _put_in(batch: Batch, group: Together, demand: DemandWork) -> None:
    """Plan a gift in the joined fulfilment, and reserve it."""
    work, units = group.work, demand.units
    demand.planned = units
    group.lead.demands.append(demand)
    batch.new_demands.append(demand)
    line = FulfilmentLineWork(batch.new_id(), work.id, demand.id, demand.order_id, demand.line_id, demand.sku_id, units,
                              0, 0, 0, 0)  # fmt: skip
    work.lines.append(line)
    batch.new_fulfilment_lines.append(line)
    batch.move_stock((work.stock_point_id, demand.sku_id, "good"), reserved=units, reason=RESERVE)
