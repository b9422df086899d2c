"""Why somebody may not decide about an order at a tier: one answer for the click, for its preview and for the page.

The sentences are refusals of one order among many, so they are told rather than raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters
from oms.app.kernel.queries.claims import Claim, claims_of
from oms.app.kernel.queries.reviewers import ANY_AMOUNT, PASSES, Desk, load_desk, names_of_actors, user_of
from oms.app.kernel.work import OrderWork
from oms.domain.holds import Block
from oms.domain.money import format_amount

May = Callable[[str, int], bool]
FORCE: Final = "order.force_review"
SEND_BACK: Final = "order.send_back"
ASSIGN: Final = "order.assign_review"
#: What claiming and handing over ask for: the permission to pass, whatever keeps the order back.
CLAIMS: Final = "claim"
MOST_NAMES: Final = 3

LAST = """
select distinct on (order_id) order_id, verdict, actor, at from review_decision
where order_id = any(%s) and tier = %s order by order_id, id desc"""
#: How sentences about an order go on.
ENDED = {"unpaid": "not paid yet", "completed": "completed", "cancelled": "cancelled"}
DONE = {"passed": "passed", "forced": "passed by force", "sent_back": "sent back", "revoked": "taken back"}


def anything(_permission: str, _shop_id: int) -> bool:
    """What the hub's own programs may do, and callers that have asked for permissions before."""
    return True


class Refusal(NamedTuple):
    """Why one order is refused: a code for counting and the sentence; `hold` is the kind that keeps it back."""

    code: str
    words: str
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as far as deciding about it asks; `hold` is a kind that keeps it from review."""

    id: int
    shop_id: int
    status: str
    review: str
    waiting: int
    currency: str
    amount: int
    hold: str = ""


def standing_of(order: OrderWork) -> Standing:
    """A locked and loaded order."""
    hold = next((hold.kind for hold in order.holds if hold.blocks & Block.REVIEW), "")
    return Standing(
        order.id, order.shop_id, order.status, order.review, order.tiers_waiting, order.currency, order.paid_total, hold
    )


@dataclass(slots=True)
class Asking:
    """Somebody who decides at a tier: `verb` is passing, forcing or sending back by its permission, or claiming."""

    connection: Connection
    masters: Masters
    now: datetime
    tier: int
    actor: str
    may: May = anything
    verb: str = PASSES
    _desk: Desk | None = None
    _claims: Mapping[int, Claim] = field(default_factory=dict)

    def refusals(self, orders: Sequence[Standing]) -> dict[int, Refusal]:
        """The orders that are refused; the others can be decided about now."""
        gone = [order for order in orders if order.status != "open" or not self._waits(order)]
        found = self._told_gone(gone)
        here = [order for order in orders if order.id not in found]
        self._claims = claims_of(self.connection, [order.id for order in here], self.tier, self.now)
        for order in here:
            refusal = self._refusal(order)
            if refusal is not None:
                found[order.id] = refusal
        return found

    def _waits(self, order: Standing) -> bool:
        return order.review == "waiting" and bool(order.waiting & self.tier)

    def _refusal(self, order: Standing) -> Refusal | None:
        needed = PASSES if self.verb == CLAIMS else self.verb
        if not self.may(needed, order.shop_id):
            return Refusal("forbidden", f"the permission {needed} is missing for this shop")
        if self.verb == FORCE:
            return None
        return self._claimed(order) or (self._kept(order) if self.verb == PASSES else None)

    def _kept(self, order: Standing) -> Refusal | None:
        if order.hold:
            return Refusal("held", "a hold keeps it from review; lift that first", order.hold)
        return self.over_limit(order.shop_id, order.currency, order.amount)

    def _claimed(self, order: Standing) -> Refusal | None:
        claim = self._claims.get(order.id)
        if claim is None or claim.is_of(user_of(self.actor)) or self.may(ASSIGN, order.shop_id):
            return None
        return Refusal("claimed", f"claimed by {claim.name} since {self._told(claim.at, order.shop_id)}; "
                       "have it handed over, or ask somebody who may assign reviews")  # fmt: skip

    def over_limit(self, shop_id: int, currency: str, amount: int) -> Refusal | None:
        """Why the actor may not pass this amount, with who may; None when it is within the limits."""
        desk = self.desk
        if not desk.limits or self.may(ANY_AMOUNT, shop_id):
            return None
        user_id = user_of(self.actor)
        most = desk.most(user_id, shop_id, currency) if user_id is not None else None
        if most is not None and amount <= most:
            return None
        told = format_amount(amount, currency, sign=True)
        limit = format_amount(most, currency, sign=True) if most is not None else ""
        able = ", ".join([person.name for person, _ in desk.able(shop_id, currency, amount)][:MOST_NAMES])
        if able and limit:
            return Refusal("limit", f"{told} is over your limit of {limit}; {able} may pass it")
        if able:
            return Refusal("limit", f"you have no limit at this tier that covers {told}; {able} may pass it")
        if limit:
            return Refusal("limit", f"{told} is over your limit of {limit}, and over everybody's: raise one")
        return Refusal("limit", f"nobody has a limit at this tier that covers {told}: raise one")

    @property
    def desk(self) -> Desk:
        """The tier's limits and people, read once."""
        if self._desk is None:
            self._desk = load_desk(self.connection, self.tier)
        return self._desk

    def _told_gone(self, orders: Sequence[Standing]) -> dict[int, Refusal]:
        """Of orders that do not wait at the tier any more: by whom, and when."""
        if not orders:
            return {}
        rows = fetch(self.connection, LAST, ([order.id for order in orders], self.tier))
        last = {row[0]: row[1:] for row in rows}
        names = names_of_actors(self.connection, [actor for _, actor, _ in last.values()])
        found = {}
        for order in orders:
            if order.status != "open":
                found[order.id] = Refusal("moved", f"the order is {ENDED[order.status]}")
            elif order.id in last and order.review != "none":
                verdict, actor, at = last[order.id]
                when = self._told(at, order.shop_id)
                found[order.id] = Refusal(
                    "moved", f"not waiting at this tier any more: {DONE[verdict]} by {names[actor]} at {when}"
                )
            else:
                found[order.id] = Refusal("moved", "not waiting at this tier any more")
        return found

    def _told(self, at: datetime, shop_id: int) -> str:
        """A moment by the clock of the shop."""
        return f"{at.astimezone(ZoneInfo(self.masters.shops[shop_id].timezone)):%Y-%m-%d %H:%M}"
