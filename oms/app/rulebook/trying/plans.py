"""What a shop's plan of review makes of a change: tiers that it skips, or that look at every order anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oms.app.kernel.masters import ShopCard
from oms.app.rulebook.trying.comparing import Compared
from oms.app.rulebook.trying.outcomes import CHANGED, PEOPLE, Outcome
from oms.domain.review import BY_CODE, ReviewPlan


def count_without_effect(stage: str, compared: Sequence[Compared], shops: Mapping[int, ShopCard]) -> int:
    """How many of the changed orders the same tiers would look at, by the plans of today, whatever the rules ask."""
    if stage != "review":
        return 0
    changed = [each for each in compared if each.kind in CHANGED]
    return sum(_is_alike(each, shops[each.order.shop_id].plan) for each in changed)


def _is_alike(each: Compared, plan: ReviewPlan) -> bool:
    return _seen(each.before, plan) == _seen(each.after, plan)


def _seen(outcome: Outcome, plan: ReviewPlan) -> tuple[int, frozenset[object]]:
    """The tiers that would look, and what else is asked for."""
    tiers = {str(dict(params)["tier"]) for name, params in outcome if name == "send_to_tier"}
    looking = plan.looking(sum(BY_CODE[code].bit for code in tiers), 0)
    if (PEOPLE, ()) in outcome:
        looking |= plan.people()
    return looking, frozenset(asked for asked in outcome if asked[0] not in ("send_to_tier", PEOPLE))
