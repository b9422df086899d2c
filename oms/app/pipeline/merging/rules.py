"""Asks the rules of merging about orders that may leave: alone, at once, or after another wait than the shop's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import lifted_mark
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.asked import notify
from oms.app.pipeline.merging.settings import MergeRule
from oms.app.rulebook.stages import decide_stage, left_at
from rules.engine import Applied, Verdict

STAGE: Final = "merge"
#: A wait that a rule prolongs ends so long before the order must be out.
BEFORE_DEADLINE: Final = timedelta(hours=1)


@dataclass(slots=True)
class Waiting:
    """What rules want of an order's merging; of several the one that lets it leave first, of waits the longest."""

    is_alone: bool = False
    is_at_once: bool = False
    span: timedelta | None = None


def ask(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Waiting]:
    """What rules want of these orders, by id; nothing of those that no rule speaks of."""
    return {order.id: _wanted(batch, order, verdict) for order, verdict in decide_stage(batch, orders, STAGE)}


def is_ours(order: OrderWork) -> bool:
    """Whether these rules have left the order to people: they are asked again in spite of its hold."""
    return left_at(order) == STAGE


def window_of(batch: Batch, order: OrderWork, rule: MergeRule, waiting: Waiting | None) -> timedelta:
    """How long the order waits for others from now on; a rule never prolongs that into its deadline."""
    usual = timedelta(seconds=rule.window_s)
    if waiting is None or (waiting.span is None and not waiting.is_at_once):
        return usual
    span = timedelta() if waiting.is_at_once or waiting.span is None else waiting.span
    if span <= usual or order.ship_by is None:
        return span
    return max(usual, min(span, order.ship_by - BEFORE_DEADLINE - batch.now))


def _wanted(batch: Batch, order: OrderWork, verdict: Verdict) -> Waiting:
    waiting = Waiting()
    for applied in verdict.actions:
        if applied.action == "notify":
            notify(batch, order, applied)
        elif lifted_mark(applied.rule_id, STAGE) not in order.lifted:
            _want(waiting, applied)
    return waiting


def _want(waiting: Waiting, applied: Applied) -> None:
    if applied.action == "never_merge":
        waiting.is_alone = True
    elif applied.action == "merge_at_once":
        waiting.is_at_once = True
    elif applied.action == "wait_for_merge":
        span = timedelta(seconds=int(str(applied.params["span"])))
        waiting.span = span if waiting.span is None else max(span, waiting.span)
