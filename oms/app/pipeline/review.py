"""Step 3 审核: rules and the shop's plan say which of the four tiers must look; the rest passes by itself.

What people then decide is in passing.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oms.app.kernel.batch import Batch
from oms.app.kernel.transition import move_review
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.decide import decide, record
from oms.app.rulebook.guarding import why_people
from oms.domain.holds import Block
from oms.domain.review import BY_CODE, ReviewPlan, bits_of, tiers_in

SERVICE = BY_CODE["service"].bit


def review(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Decide for orders that nobody has reviewed; those that wait for a person stay as they are.

    The verdict written down is what the rules ask for; what the shop's plan makes of it stands beside it.
    """
    for order in orders:
        if order.review != "none" or order.status != "open" or order.fulfiller != "us":
            continue
        if not order.demands or order.is_kept_from(Block.REVIEW):
            continue
        shop = batch.masters.shops[order.shop_id]
        version_id, facts, verdict = decide(batch, order, shop, "review")
        asked = bits_of({str(a.params["tier"]) for a in verdict.actions if a.action == "send_to_tier"})
        looking = shop.plan.looking(asked, order.tiers_passed)
        if verdict.unhealthy or verdict.unknown:
            asked |= SERVICE
            looking |= shop.plan.people() & ~order.tiers_passed
            batch.note(order, "rule_unhealthy", why_people(verdict))
        asked &= ~order.tiers_passed
        planned = _planned(shop.plan, asked, looking)
        order.tiers_waiting, order.tiers_next = shop.plan.queues(looking)
        move_review(batch, order, "ask_review" if looking else "pass_review", rules=list(verdict.matched), **planned)
        record(batch, order, "review", _codes(asked) or "passed", version_id=version_id, facts=facts,
               matched=verdict.matched, choices=planned or None)  # fmt: skip


def _planned(plan: ReviewPlan, asked: int, looking: int) -> dict[str, Any]:
    """What the shop's plan changed: tiers that rules asked for and are skipped, tiers that look whatever rules say."""
    skipped, added = asked & ~looking, looking & ~asked
    told: dict[str, Any] = {}
    if skipped:
        told["skipped"] = [tier.code for tier in tiers_in(skipped)]
    if added:
        told["manual"] = [tier.code for tier in tiers_in(added)]
    if plan.order and looking & (looking - 1):
        told["in_order"] = [tier.code for bit in plan.order for tier in tiers_in(bit & looking)]
    return told


def _codes(bits: int) -> str:
    return ",".join(tier.code for tier in tiers_in(bits))
