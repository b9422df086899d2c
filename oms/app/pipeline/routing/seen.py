"""What rules of route and carrier want of orders, seen without writing anything: no decision, no hold, no notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import lifted_mark
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.routing.rules import STAGES
from oms.app.pipeline.routing.wishes import EFFECTS, Known, Wishes
from oms.app.rulebook.book import book_of
from oms.app.rulebook.vocabulary import facts_of
from rules.engine import Applied, CompiledRuleSet

#: Stage → shop → the rules that decide instead of those in force.
Drafts = Mapping[str, Mapping[int, CompiledRuleSet]]
IN_FORCE: Final[Drafts] = MappingProxyType({})
#: An action that tells people of an order and wants nothing of its way.
NOTIFY: Final = "notify"


@dataclass(slots=True)
class Seen:
    """Wishes by order, and the orders that rules could not decide; limits of rules are not counted."""

    wishes: dict[int, Wishes] = field(default_factory=dict)
    undecided: set[int] = field(default_factory=set)


def see_wishes(batch: Batch, orders: Sequence[OrderWork], drafts: Drafts = IN_FORCE) -> Seen:
    """What rules want of these orders now; `drafts` speak for their shops in place of what is in force."""
    seen = Seen()
    for stage in STAGES:
        mine = drafts.get(stage, {})
        if mine or book_of(batch.hub).is_in_force(batch.connection, stage, batch.now):
            known = _codes(batch, stage)
            for order in orders:
                _see(batch, order, stage, mine.get(order.shop_id), known, seen)
    for order in orders:
        wishes = seen.wishes.get(order.id)
        if wishes is not None:
            pool_id = batch.masters.shops[order.shop_id].pool_id
            points = [point_id for _, point_id in batch.masters.pools.get(pool_id or 0, ())]
            wishes.settle(points, batch.masters.carriers)
    return seen


def _codes(batch: Batch, stage: str) -> Known:
    cards = batch.masters.points if stage == "route" else batch.masters.carriers
    return {card.code: id_ for id_, card in cards.items()}.get


def _see(batch: Batch, order: OrderWork, stage: str, rules: CompiledRuleSet | None, known: Known, seen: Seen) -> None:
    shop = batch.masters.shops[order.shop_id]
    paused: frozenset[str] = frozenset()
    if rules is None:
        found = book_of(batch.hub).find(batch.connection, stage, shop, order.id, batch.now)
        if found is None:
            return
        rules, paused = found.version.rules, found.paused
    verdict = rules.decide(facts_of(batch, order, shop, rules.facts_read), batch.now)
    if verdict.unhealthy or verdict.unknown:
        seen.undecided.add(order.id)
    for applied in verdict.actions:
        if applied.rule_id not in paused and _counts(order, stage, applied):
            EFFECTS[applied.action](seen.wishes.setdefault(order.id, Wishes()), applied, known)


def _counts(order: OrderWork, stage: str, applied: Applied) -> bool:
    """A rule that a person has lifted from an order wants nothing of it any more."""
    return applied.action != NOTIFY and lifted_mark(applied.rule_id, stage) not in order.lifted
