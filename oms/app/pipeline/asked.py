"""Does what rules ask for when an order is taken up: fetch, preprocess, intercept and SLA stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import lifted_mark
from oms.app.kernel.marks import mark, tag, tell
from oms.app.kernel.transition import move_order
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.stages import PREPROCESS, decide_stage, let_go, make_way
from oms.domain import lifecycle
from rules.engine import Applied, Verdict

Effect = Callable[[Batch, OrderWork, Applied], None]
#: Kinds of hold that a stage places, and takes back when no rule of it asks any more.
PLACED: Final = {"fetch": ("waiting",), "preprocess": ("by_rule", "waiting"), "intercept": ("stopped_by_rule",)}


def take_up(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """抓单: whose order it is and when it is taken up, asked while nothing of it is planned."""
    fresh = [order for order in orders if order.status == "open" and order.fulfiller == "us" and not order.fulfilments]
    _run(batch, fresh, "fetch")
    let_go(batch, orders, fresh, "fetch")


def prepare(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """预处理: what rules want done with orders whose lines are matched, and of which something has still to leave."""
    _run(batch, [order for order in orders if _is_going(order)], "preprocess")
    for order in orders:
        if order.holds and not _is_going(order):
            _take_back(batch, order, "preprocess", NOBODY)


def intercept(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """截停: whether orders that are planned or on their way out must be stopped."""
    out = [order for order in orders if order.fulfilments or order.hold("stopped_by_rule")]
    out = [order for order in out if order.status == "open" and _is_going(order)]
    _run(batch, out, "intercept")
    let_go(batch, orders, out, "intercept")


def set_times(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """时效: by when orders must be out, and who is told in time."""
    going = [order for order in orders if _is_going(order)]
    _run(batch, going, "sla")
    let_go(batch, orders, going, "sla")


def _is_going(order: OrderWork) -> bool:
    """Whether something of it may still leave; before it has demands everything may."""
    return not order.demands or any(demand.units > demand.shipped + demand.cancelled for demand in order.demands)


def _run(batch: Batch, orders: Sequence[OrderWork], stage: str) -> None:
    decided = decide_stage(batch, orders, stage)
    effects = EFFECTS_AT.get(stage, EFFECTS)
    for order, verdict in decided:
        for applied in verdict.actions:
            effects[applied.action](batch, order, applied)
        _take_back(batch, order, stage, verdict)
    if stage in PLACED and len(decided) < len(orders):
        asked = {order.id for order, _ in decided}
        for order in orders:
            if order.id not in asked:
                _take_back(batch, order, stage, NOBODY)


NOBODY: Final = Verdict((), ())
#: The actions that keep a kind of hold open.
KEEPING: Final = {"waiting": "wait", "by_rule": "hold", "stopped_by_rule": "stop"}


def _take_back(batch: Batch, order: OrderWork, stage: str, verdict: Verdict) -> None:
    """A hold whose rule does not ask for it any more has lost its cause."""
    if not order.holds:
        return
    for kind in PLACED.get(stage, ()):
        hold = order.hold(kind)
        if hold is None or hold.seen.get("stage", stage) != stage:
            continue
        asking = {applied.rule_id for applied in verdict.actions if applied.action in (KEEPING[kind], "cancel")}
        asking |= {rule_id for rule_id, _ in verdict.unhealthy} | set(verdict.unknown)
        until = hold.seen.get("until", "") if kind == "waiting" else ""
        is_over = bool(until) and datetime.fromisoformat(until) <= batch.now
        if is_over or asking.isdisjoint(hold.seen.get("rules", ())):
            batch.clear_hold(order, kind, "time is over" if is_over else "no rule asks for it")


def _leave_to_owner(batch: Batch, order: OrderWork, _applied: Applied) -> None:
    mark(batch, order, "fulfiller", "owner")


def _set_owner(batch: Batch, order: OrderWork, applied: Applied) -> None:
    mark(batch, order, "owner", str(applied.params["owner"]))


def _wait(batch: Batch, order: OrderWork, applied: Applied, stage: str = "preprocess") -> None:
    until = (order.paid_at or order.ordered_at) + _span(applied, "span")
    if until <= batch.now or lifted_mark(applied.rule_id) in order.lifted or order.fulfilments:
        return
    seen = {"until": until.isoformat(), "rules": [applied.rule_id], "stage": stage}
    batch.place_hold(order, "waiting", seen)
    if order.ready_at is None or until < order.ready_at:
        order.ready_at = until


def _hold(batch: Batch, order: OrderWork, applied: Applied) -> None:
    """Rules that hold the same order are told together; one that a person has lifted does not hold it again."""
    if lifted_mark(applied.rule_id) in order.lifted:
        return
    reason = str(applied.params["reason"])[:200]
    make_way(batch, order, PREPROCESS)
    hold = order.hold("by_rule")
    if hold is None:
        batch.place_hold(order, "by_rule", {"rules": [applied.rule_id], "reason": reason})
    elif applied.rule_id not in hold.seen.get("rules", ()) and hold in batch.new_holds:
        hold.seen["rules"] = [*hold.seen["rules"], applied.rule_id]
        hold.seen["reason"] = f"{hold.seen['reason']}; {reason}"[:300]


def _cancel(batch: Batch, order: OrderWork, applied: Applied) -> None:
    """Orders of a platform are cancelled there; here they are held, so that a person does it."""
    if order.origin != "platform" and _may_cancel(order):
        reason = str(applied.params["reason"])[:200]
        move_order(batch, order, "cancel", by="rule", rule=applied.rule_id, reason=reason)
        order.ready_at = batch.now  # What is planned of it is taken back next.
    else:
        _hold(batch, order, applied)


def _may_cancel(order: OrderWork) -> bool:
    return lifecycle.ORDER.allows(order.status, "cancel") and not any(demand.shipped for demand in order.demands)


def _add_tag(batch: Batch, order: OrderWork, applied: Applied) -> None:
    tag(batch, order, str(applied.params["tag"])[:40], is_on=True)


def _remove_tag(batch: Batch, order: OrderWork, applied: Applied) -> None:
    tag(batch, order, str(applied.params["tag"])[:40], is_on=False)


def _set_priority(batch: Batch, order: OrderWork, applied: Applied) -> None:
    mark(batch, order, "priority", max(-1000, min(1000, int(str(applied.params["priority"])))))


def _seal(batch: Batch, order: OrderWork, _applied: Applied) -> None:
    mark(batch, order, "is_sealed", value=True)


def notify(batch: Batch, order: OrderWork, applied: Applied) -> None:
    """Tell a team once of an order, whatever the stage."""
    team = str(applied.params["team"])
    tell(batch, order, "rule", f"rule:{order.id}:{applied.rule_id}:{team}", team, str(applied.params["words"]))


def _stop(batch: Batch, order: OrderWork, applied: Applied) -> None:
    if lifted_mark(applied.rule_id) not in order.lifted and order.hold("stopped_by_rule") is None:
        reason = str(applied.params["reason"])[:200]
        batch.place_hold(order, "stopped_by_rule", {"rules": [applied.rule_id], "reason": reason})


def _set_deadline(batch: Batch, order: OrderWork, applied: Applied) -> None:
    """The platform's own deadline is never moved away, only undercut."""
    wanted = (order.paid_at or order.ordered_at) + _span(applied, "after")
    if order.ship_by is None or wanted < order.ship_by:
        mark(batch, order, "ship_by", wanted)


def _escalate(batch: Batch, order: OrderWork, applied: Applied) -> None:
    if order.ship_by is None:
        return
    due = order.ship_by - _span(applied, "before")
    row = (order.id, applied.rule_id, str(applied.params["team"]), str(applied.params["words"])[:300], due)
    batch.escalations.append(row)


def _span(applied: Applied, name: str) -> timedelta:
    return timedelta(seconds=int(str(applied.params[name])))


EFFECTS: Final[dict[str, Effect]] = {
    "leave_to_owner": _leave_to_owner, "set_owner": _set_owner, "wait": _wait, "hold": _hold, "cancel": _cancel,
    "add_tag": _add_tag, "remove_tag": _remove_tag, "set_priority": _set_priority, "seal": _seal, "notify": notify,
    "stop": _stop, "set_deadline": _set_deadline, "escalate": _escalate,
}  # fmt: skip
#: Where an effect has to know the stage that asked.
EFFECTS_AT: Final = {"fetch": EFFECTS | {"wait": partial(_wait, stage="fetch")}}
