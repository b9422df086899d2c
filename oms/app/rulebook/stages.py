"""One stage for many orders: decides, records what is new, and sends to people what rules could not decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import lifted_mark
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.book import book_of
from oms.app.rulebook.decide import decide, record
from oms.app.rulebook.guarding import why_people
from oms.db.bulk import array_of
from oms.domain.months import months_between
from rules.engine import Verdict

NOTHING: Final = "nothing"
#: Its holds by rule are placed and taken back by what it does; those of other stages name their stage.
PREPROCESS: Final = "preprocess"
#: Stages that hold orders by rule, in the order in which a walk asks them.
IN_TURN: Final = ("intercept", "fetch", PREPROCESS, "gift", "sla", "route", "carrier", "merge")
#: What the rules of a stage said last of an order: version, verdict and the rules that matched.
LAST: Final = """
select distinct on (order_id) order_id, rule_set_version_id, verdict, matched from decision
where month = any(%s) and order_id = any(%s) and stage = %s and rule_set_version_id is not null
order by order_id, id desc"""
Said = tuple[int, str, tuple[str, ...]]
NOBODY: Final = Verdict((), ())


def decide_stage(batch: Batch, orders: Sequence[OrderWork], stage: str) -> list[tuple[OrderWork, Verdict]]:
    """The verdicts of a stage on orders that a rule set is in force for.

    A verdict that says again what the stage said last of the order is not recorded a second time. What rules could
    not decide is held for people, who are told which rules and why; the hold goes once they can.
    """
    if not orders:
        return []
    if not book_of(batch.hub).is_in_force(batch.connection, stage, batch.now):
        for order in orders:
            _take_from_people(batch, order, stage, NOBODY)
        return []
    last = _last(batch, orders, stage)
    verdicts = []
    for order in orders:
        version_id, facts, verdict = decide(batch, order, batch.masters.shops[order.shop_id], stage)
        _take_from_people(batch, order, stage, verdict)
        if version_id is None:
            continue
        word = word_of(verdict)
        if last.get(order.id) != (version_id, word, verdict.matched):
            record(batch, order, stage, word, version_id=version_id, facts=facts, matched=verdict.matched)
        if verdict.unhealthy or verdict.unknown:
            leave_to_people(batch, order, stage, verdict)
        verdicts.append((order, verdict))
    return verdicts


def word_of(verdict: Verdict) -> str:
    """What a decision keeps of the actions asked for."""
    return ",".join(dict.fromkeys([applied.action for applied in verdict.actions])) or NOTHING


def leave_to_people(batch: Batch, order: OrderWork, stage: str, verdict: Verdict) -> None:
    """Hold an order that rules could not decide, unless a person has seen that already."""
    told = why_people(verdict)
    fresh = [rule_id for rule_id in told["rules"] if lifted_mark(rule_id, stage) not in order.lifted]
    if fresh:
        make_way(batch, order, stage)
        at = {} if stage == PREPROCESS else {"stage": stage}
        batch.place_hold(order, "by_rule", {"rules": fresh, "reason": str(told["reason"])[:300], **at})


def left_at(order: OrderWork) -> str:
    """The stage that has left the order to people, empty when none has; what preprocess holds is its own business."""
    hold = order.hold("by_rule") if order.holds else None
    return str(hold.seen.get("stage", "")) if hold else ""


def make_way(batch: Batch, order: OrderWork, stage: str) -> None:
    """Clear what a later stage holds by rule: it would take that back in its turn, and knows nothing of this one."""
    hold = order.hold("by_rule") if order.holds else None
    if hold is not None and _turn(str(hold.seen.get("stage", PREPROCESS))) > _turn(stage):
        batch.clear_hold(order, "by_rule", "an earlier stage holds it")


def _turn(stage: str) -> int:
    return IN_TURN.index(stage) if stage in IN_TURN else 0


def let_go(batch: Batch, orders: Sequence[OrderWork], asked: Sequence[OrderWork], stage: str) -> None:
    """Orders that a stage asks about no more are not left to people by it any more."""
    for order in orders:
        if order.holds and left_at(order) == stage and order not in asked:
            _take_from_people(batch, order, stage, NOBODY)


def _take_from_people(batch: Batch, order: OrderWork, stage: str, verdict: Verdict) -> None:
    """An order that the stage had left to people goes on when its rules can tell."""
    if not order.holds or left_at(order) != stage:
        return
    hold = order.hold("by_rule")
    asking = {rule_id for rule_id, _ in verdict.unhealthy} | set(verdict.unknown)
    if hold is not None and asking.isdisjoint(hold.seen.get("rules", ())):
        batch.clear_hold(order, "by_rule", "decided anew")


def _last(batch: Batch, orders: Sequence[OrderWork], stage: str) -> dict[int, Said]:
    """Only orders seen before can have been decided before."""
    seen = [order for order in orders if order.version > 1]
    if not seen:
        return {}
    months = months_between(min(order.month for order in seen), batch.month)
    rows = fetch(batch.connection, LAST, (months, array_of([order.id for order in seen]), stage))
    return {row[0]: (row[1], row[2], tuple(row[3] or ())) for row in rows}
