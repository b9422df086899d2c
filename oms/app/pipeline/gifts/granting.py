"""From what rules want to what is given: what changes, how much its limits leave, and which SKU is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import DemandWork, OrderWork
from oms.app.pipeline.cards import SkuCard
from oms.app.pipeline.gifts.kept import BuyerKey, CounterKey, Kept, Ledger, lock_buyers, lock_counters
from oms.app.pipeline.gifts.wanted import Wanted
from oms.app.pipeline.goods import Goods
from oms.app.rulebook.book import book_of
from oms.app.stock.left import left_in_pool

#: Why a gift that is out stays out, as long as its rule asks for it.
FINAL: Final = ("limit", "buyer")
#: Reasons that mean a gift was to be had and is not there; of all others the rule or the order does not ask for it.
OUT: Final = ("unplanned", "left")
CARDS: Final = "select code, id, weight_g, size_class from sku where code = any(%s) and not is_archived"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the rules of an order want, and the rules that could not be judged."""

    order: OrderWork
    wanted: list[Wanted]
    unsure: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ask:
    """A gift to give if limits and stock allow; `sku_ids` are those to try, the first one counts."""

    wanted: Wanted
    order: OrderWork
    sku_ids: tuple[int, ...]

    def counter(self, sku_id: int) -> CounterKey:
        """What counts a SKU of it."""
        return *self.wanted.rule, sku_id

    @property
    def buyer(self) -> BuyerKey | None:
        """What counts its buyer."""
        return (*self.wanted.rule, self.order.customer_id) if self.order.customer_id is not None else None


#: Takes units of a SKU for a gift, if they are there.
Take = Callable[[Ask, int, int], bool]


@dataclass(slots=True)
class Changes:
    """Gifts to drop, with the reason, and gifts to ask for."""

    drops: list[tuple[OrderWork, Kept, str]] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


def cards_of(batch: Batch, goods: Goods, codes: Collection[str]) -> dict[str, int]:
    """The ids of SKUs by their codes; sourcing learns what they weigh."""
    wanted = sorted(filter(None, codes))
    cards = {}
    for code, id_, weight_g, size_class in fetch(batch.connection, CARDS, (wanted,)) if wanted else ():
        cards[code] = id_
        goods.skus.setdefault(id_, SkuCard(id_, code, weight_g, size_class, None))
    return cards


def reconcile(batch: Batch, wish: Wish, ledger: Ledger, cards: Mapping[str, int], changes: Changes) -> None:
    """Sort what an order has and what it should have into what to drop and what to ask for.

    What rules could not judge stays as it is. A rule that names no SKU we know is told to people.
    """
    order, rows = wish.order, ledger.rows(wish.order.id)
    live = {d.id: d for d in order.demands if d.origin in ("gift", "swap") and d.units > d.cancelled}
    stays: set[int] = set()
    for one in wish.wanted:
        sku_ids = tuple([cards[code] for code in (one.code, one.instead) if code in cards])
        if one.code not in cards:
            key = (one.rule_set_id, one.version_id, one.rule_id, f"there is no SKU {one.code[:60]}")
            book_of(batch.hub).noticed.note(key)
            book_of(batch.hub).noticed.write(batch.connection, batch.now)
            continue
        mine = [row for id_ in sku_ids if (row := rows.get((*one.rule, id_)))]
        given = next((row for row in mine if row.state == "given"), None)
        if given and given.demand_id in live and _is_settled(given, one):
            stays.add(given.id)
        elif given or not any(row.state == "out" and row.reason in FINAL for row in mine):
            changes.asks.append(Ask(one, order, sku_ids))
    for row in rows.values():
        if row.state == "given" and row.id not in stays and row.rule_id not in wish.unsure:
            wants_other = any(one.rule == row.rule for one in wish.wanted)
            reason = "unplanned" if row.reason == "unplanned" else "changed" if wants_other else "not_earned"
            changes.drops.append((order, row, reason))


def _is_settled(row: Kept, wanted: Wanted) -> bool:
    """Whether the gift is what the rule wants; one that a limit has cut stays as it is."""
    if row.line_id != wanted.line_id or row.reason == "unplanned":
        return False
    return row.units == wanted.units or (row.reason in FINAL and row.units < wanted.units)


def lock_for(batch: Batch, ledger: Ledger, dropped: Sequence[Kept], asks: Sequence[Ask]) -> None:
    """Lock what counts these gifts: buyers first, then counters."""
    buyers = [ask.buyer for ask in asks if ask.wanted.per_buyer is not None]
    lock_buyers(batch, ledger, filter(None, buyers))
    limited = [ask.counter(id_) for ask in asks if ask.wanted.stock is not None for id_ in ask.sku_ids]
    others = [ask.counter(id_) for ask in asks for id_ in ask.sku_ids]
    lock_counters(batch, ledger, limited, [*others, *[row.counter for row in dropped]])


def drop(batch: Batch, ledger: Ledger, order: OrderWork, row: Kept, reason: str) -> None:
    """Take a gift back; what of it has left stays given."""
    demand = next((demand for demand in order.demands if demand.id == row.demand_id), None)
    left = demand.shipped if demand else 0
    if demand is not None and demand.open_units:
        demand.cancelled += demand.open_units
        batch.touched_demands[demand.id] = demand
    ledger.change(row, "out" if reason in OUT else "dropped", reason)
    if left:
        row.units = left
        ledger.change(row, "given", "left")
    batch.note(order, "gift_dropped", {"rule": row.rule_id, "units": row.units, "gift": reason})


def grant(batch: Batch, ledger: Ledger, asks: Sequence[Ask], take: Take) -> Iterator[tuple[Ask, DemandWork]]:
    """Give as far as limits and stock go; answers the demands, which are not in their orders yet."""
    for ask in asks:
        units, why = _left(ledger, ask)
        sku_id = _choose(ledger, ask, units, take) if units else ask.sku_ids[0]
        if sku_id is None:
            units, sku_id, why = 0, ask.sku_ids[0], "stock"
        row = _row(batch, ledger, ask, sku_id)
        if not units:
            _leave_out(batch, ledger, ask, row, why)
            continue
        line_id = ask.wanted.line_id
        demand = DemandWork(batch.new_id(), ask.order.id, line_id, sku_id, "gift", units, 0, 0, 0, 0, 1, True)
        row.units, row.demand_id, row.line_id, row.version_id = units, demand.id, demand.line_id, ask.wanted.version_id
        ledger.change(row, "given", why)
        code = ask.wanted.code if sku_id == ask.sku_ids[0] else ask.wanted.instead
        batch.note(ask.order, "gift_given", {"rule": row.rule_id, "gives": code, "units": units})
        yield ask, demand


def _leave_out(batch: Batch, ledger: Ledger, ask: Ask, row: Kept, why: str) -> None:
    """Note once that a gift is not to be had."""
    if (row.state, row.reason) == ("out", why) or row.reason in OUT:
        return
    row.units, row.demand_id, row.line_id = ask.wanted.units, None, ask.wanted.line_id
    row.version_id = ask.wanted.version_id
    ledger.change(row, "out", why)
    batch.note(ask.order, "gift_out", {"rule": row.rule_id, "gives": ask.wanted.code, "units": row.units, "gift": why})


def _left(ledger: Ledger, ask: Ask) -> tuple[int, str]:
    """(units, why not more) that the rule's limits leave."""
    wanted = ask.wanted
    units, why = wanted.units, ""
    if wanted.stock is not None:
        left = wanted.stock - sum([ledger.given_of(ask.counter(id_)) for id_ in set(ask.sku_ids)])
        units, why = (max(0, left), "limit") if left < units else (units, why)
    if wanted.per_buyer is not None:
        left = wanted.per_buyer - (ledger.bought.get(ask.buyer, 0) if ask.buyer else 0)
        units, why = (max(0, left), "buyer") if left < units else (units, why)
    return units, why


def _row(batch: Batch, ledger: Ledger, ask: Ask, sku_id: int) -> Kept:
    found = ledger.rows(ask.order.id).get(ask.counter(sku_id))
    if found is not None:
        return found
    one, order = ask.wanted, ask.order
    return Kept(
        batch.new_id(), order.id, one.line_id, None, order.shop_id, order.customer_id, one.rule_set_id, one.version_id,
        one.rule_id, sku_id, one.units, "new", "",
    )  # fmt: skip


def anywhere(batch: Batch, asks: Sequence[Ask]) -> Take:
    """Takes from what all points of an order's pool may promise once others have what is kept for them.

    Nothing is locked: what is gone meanwhile, sourcing finds out. An order that waits for its gift takes it in any case.
    """
    sku_ids = {id_ for ask in asks for id_ in ask.sku_ids}
    pools = {batch.masters.shops[ask.order.shop_id].pool_id for ask in asks}
    there = {(pool_id, sku_id): 0 for pool_id in pools for sku_id in sku_ids}
    for pool_id in pools if sku_ids else ():
        for (_, sku_id), units in left_in_pool(batch, pool_id, sku_ids).items():
            there[pool_id, sku_id] += max(0, units)

    def take(ask: Ask, sku_id: int, units: int) -> bool:
        key = (batch.masters.shops[ask.order.shop_id].pool_id, sku_id)
        if there[key] < units and not ask.wanted.holds:
            return False
        there[key] -= units
        return True

    return take


def _choose(ledger: Ledger, ask: Ask, units: int, take: Take) -> int | None:
    """The first SKU of which enough is there; one that could not be planned is not tried again."""
    for sku_id in ask.sku_ids:
        row = ledger.rows(ask.order.id).get(ask.counter(sku_id))
        if row is not None and row.state == "out" and row.reason in OUT:
            continue
        if take(ask, sku_id, units):
            return sku_id
    return None
