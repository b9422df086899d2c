"""The page that tells why an order went the way it went: every step of its path, one of them opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from oms.app.kernel.queries.order_page import load_order
from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.explaining import explain_order
from oms.app.rulebook.path import DecisionTold, HoldTold, NoteTold, Path, ReviewTold, Step
from oms.app.rulebook.scopes import LABELS
from oms.app.rulebook.telling import Line
from oms.console.context import connection, hub, person, shops
from oms.console.finance.partners import settled_of
from oms.console.orders.list import kept
from oms.console.orders.why_words import COMPARED, VERDICTS, chain_of, name_of, points_of, sentences
from oms.console.permissions import PERMISSIONS
from oms.console.rendering import label
from oms.console.rules.access import has_page
from oms.console.security import requires
from oms.console.telling.events import people_of

pages = Blueprint("why", __name__, url_prefix="/orders")
#: So many rules that did not match are unfolded.
OPENED = 4


@dataclass(slots=True)
class Branch:
    """A line with the lines inside it."""

    line: Line
    inside: list[Branch] = field(default_factory=list)


@pages.get("/<int:order_id>/why")
@requires("order.view")
def show(order_id: int) -> str:
    """The whole path, with the asked step opened, else the one that tells most."""
    order = load_order(connection(), order_id)
    if order is None or order.shop_id not in shops():
        abort(404)
    with_rules = person().allows("rule.view", order.shop_id)
    path = explain_order(hub(), connection(), order, with_rules=with_rules)
    names = people_of([actor for step in path.steps for actor in _actors(step)])
    opened = _opened(path, order)
    return render_template(
        "why/why.html",
        order=order, shop=shops().get(order.shop_id), path=path, opened=opened, kept=kept(), with_rules=with_rules,
        mark_of=mark_of, said=sentences(path, names), name_of=lambda actor: name_of(actor, names), branches=branches,
        chain=chain_of(path, names), compare_words=COMPARED, review_words=VERDICTS, points_of=points_of,
        place_words={scope: label(*words) for scope, words in LABELS.items()}, may_lift=may_lift, opens=OPENED,
        is_all=request.args.get("all") == "1", set_address=set_address,
        try_address=lambda step: try_address(step, order.external_no), setting_address=setting_address,
        **settled_of(order),
    )  # fmt: skip


def mark_of(step: Step) -> str:
    """How the address names a step."""
    return f"{step.kind[0]}{step.id}"


def branches(lines: Sequence[Line]) -> list[Branch]:
    """The lines of a rule as a tree; what all must be met together stands on the first level by itself."""
    top: list[Branch] = []
    stack: list[Branch] = []
    for line in lines:
        branch = Branch(line)
        del stack[line.depth :]
        (stack[-1].inside if stack else top).append(branch)
        stack.append(branch)
    return top[0].inside if len(top) == 1 and top[0].line.kind == "all" else top


def set_address(step: DecisionTold) -> str:
    """Where the version that decided is shown; empty where it is not."""
    named = step.rule_set
    if named is None or not person().allows("rule.view") or not has_page("rules.version"):
        return ""
    return url_for("rules.version", rule_set_id=named.rule_set_id, version_id=named.version_id)


def try_address(step: DecisionTold, number: str) -> str:
    """Where the version that decided is tried on the order as it is now; empty where that is not possible."""
    named = step.rule_set
    if named is None or not person().allows("rule.view") or not has_page("trying.start"):
        return ""
    return url_for("trying.start", rule_set_id=named.rule_set_id, version_id=named.version_id, no=number)


def setting_address(note: NoteTold) -> str:
    """Where the setting or plan of sourcing that counted is shown; empty where it is not."""
    scope, _colon, number = note.ref.partition(":")
    if not number or not person().allows("rule.view"):
        return ""
    if scope == "plan":
        return url_for("sourcing_plans.show", pool_id=int(number))
    return url_for("sourcing.place", scope=scope, scope_id=int(number))


def may_lift(permission: str) -> str:
    """The words of the permission that lifts a hold."""
    return label(*PERMISSIONS.get(permission, (permission, permission)))


def _actors(step: Step) -> list[str]:
    if isinstance(step, HoldTold):
        return [step.placed_by, step.lifted_by]
    return [step.actor, step.invalidated_by] if isinstance(step, ReviewTold) else []


def _opened(path: Path, order: AnyRow) -> Step | None:
    """The asked step; else what keeps the order now; else the last decision by rules, or by default."""
    # `step` of the list that the page was opened from is another thing; links that people kept have no list.
    asked = request.args.get("opened") or request.args.get("step", "")
    found = next((step for step in path.steps if mark_of(step) == asked), None)
    return found or (_keeping(path, order) if path.steps else None)


def _keeping(path: Path, order: AnyRow) -> Step:
    decided: list[Any] = path.decisions
    keeping = [hold for hold in path.holds if hold.is_open and hold.blocks]
    if keeping and order.status == "open":
        by_stage = [step for step in decided if step.verdict == keeping[-1].hold]
        return by_stage[-1] if by_stage else keeping[-1]
    if order.review == "waiting":
        decided = [step for step in decided if step.stage == "review"] or decided
    by_rules = [step for step in decided if step.rule_set]
    steps: list[Step] = by_rules or decided or list(path.steps)
    return steps[-1]
