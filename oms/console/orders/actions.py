"""The buttons of an order's page: which there are, and the sentence of the guard when one is off."""

from __future__ import annotations

from dataclasses import dataclass

from oms.app.capture.sending_rest import KIND
from oms.app.kernel.holds import why_not_hold
from oms.app.kernel.queries.order_page import OrderPage
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.reviewing.guard import SEND_BACK
from oms.console.messages import _
from oms.console.reviewing.people import why_not
from oms.console.security import Person
from oms.console.telling import words
from oms.domain import lifecycle
from oms.domain.holds import CLOSED, Block


@dataclass(frozen=True, slots=True)
class Action:
    """A button; `why_not` is empty when it can be used. `asks` wants a reason first."""

    key: str
    label: str
    icon: str
    kind: str = ""
    why_not: str = ""
    asks: bool = False
    tier: int = 0
    hold: int = 0


#: Who clears holds that no person lifted.
NOBODY = ("", "system", "platform")
#: Permissions of the order page's actions, which are rows of the transition tables.
NEEDED = {
    "pass_review": "order.pass_review",
    "force_review": "order.force_review",
    "send_back": "order.send_back",
    "hold": "order.lift_hold",
    "hold_again": "order.lift_hold",
    "take_pass_back": "order.pass_review",
    "cancel": "order.cancel",
    "mark_paid": "order.enter",
}


def actions_for(page: OrderPage, person: Person) -> list[Action]:
    """What may be done with this order, the main one first."""
    found = [*_paying(page), *_review_actions(page), _hold(page), *_back(page), _cancel(page)]
    return [_permitted(action, person, page.order.shop_id) for action in found]


def _paying(page: OrderPage) -> list[Action]:
    """Only what people brought is marked paid by people; platforms tell of their own orders."""
    if page.order.origin != "manual" or page.order.status != "unpaid":
        return []
    return [Action("mark_paid", _("标记已付"), "receipt", "main")]


def _review_actions(page: OrderPage) -> list[Action]:
    order = page.order
    if order.review not in ("waiting", "sent_back") or order.status != "open":
        return []
    bits = [bit for bit in words.QUEUES if order.tiers_waiting & bit] or [1]
    why = _why_not_review(page)
    passing = [
        Action(
            "pass_review", _("%(tier)s通过", tier=words.tier(bit)), "check", "main", why or why_not(order, bit), tier=bit
        )
        for bit in bits[:2]
    ]
    if order.review == "waiting" and all(action.why_not for action in passing):
        name = _("强制%(tier)s通过", tier=words.tier(bits[0]))
        passing.append(Action("force_review", name, "alert-triangle", "danger", asks=True, tier=bits[0]))
    back = why_not(order, bits[0], SEND_BACK)
    if not lifecycle.REVIEW.allows(order.review, "send_back"):
        back = _("这单已经驳回了")
    return [*passing, Action("send_back", _("驳回"), "arrow-back-up", "", back, asks=True, tier=bits[0])]


def _why_not_review(page: OrderPage) -> str:
    if page.order.review == "sent_back":
        return _("已驳回，解除「被驳回」后会重新审核")
    blocking = [hold for hold in page.open_holds if hold.blocks & Block.REVIEW]
    if blocking:
        names = _("、").join(words.hold(hold.kind, hold.blocks).word for hold in blocking)
        return _("先解除「%(names)s」", names=names)
    return ""


def _hold(page: OrderPage) -> Action:
    """Holding by hand keeps back what has not left; whoever may lift holds may place one."""
    goods = [(line.ordered - line.cancelled - line.shipped, line.shipped) for line in page.goods]
    why = why_not_hold(page.order.status, {hold.kind for hold in page.open_holds}, goods)
    told = {
        "": "",
        "closed": _("订单%(state)s，没有可挂起的", state=words.state("order", page.order.status).text),
        "held": _("已经人工挂起"),
        "gone": _("货已经全部发出"),
    }
    return Action("hold", _("挂起"), "player-pause", "", told[why], asks=True)


def _back(page: OrderPage) -> list[Action]:
    """What people did by mistake is taken back while nothing has left: the last hold lifted, the last pass."""
    if page.order.status not in ("unpaid", "open") or any(row.shipped for row in (*page.lines, *page.demands)):
        return []
    found = []
    passed = [row for row in page.reviews if row.verdict in ("passed", "forced") and row.invalidated_at is None]
    if passed and page.order.review in ("waiting", "passed"):
        tier = passed[-1].tier
        found.append(
            Action("take_pass_back", _("收回%(tier)s", tier=words.tier(tier)), "arrow-back-up", asks=True, tier=tier)
        )
    held = {hold.kind for hold in page.open_holds}
    lifted = [row for row in page.holds if row.cleared_by not in NOBODY and row.clear_reason != CLOSED]
    lifted = sorted((row for row in lifted if row.cleared_at is not None), key=lambda row: row.cleared_at)
    if lifted and lifted[-1].kind not in held:
        label = _("重新挂起「%(kind)s」", kind=words.hold(lifted[-1].kind, 1).word)
        found.append(Action("hold_again", label, "arrow-back-up", asks=True, hold=lifted[-1].id))
    return found


def _cancel(page: OrderPage) -> Action:
    """Cancelling follows the order's table; goods that left can only come back as a case."""
    order = page.order
    why = ""
    if not lifecycle.ORDER.allows(order.status, "cancel"):
        why = _("订单%(state)s，不能再取消", state=words.state("order", order.status).text)
    elif any(need.shipped for need in page.demands):
        why = _("已有货发出，其余的截停或走售后退货")
    return Action("cancel", _("取消订单"), "hand-stop", "danger", why, asks=True)


def shown_elsewhere(page: OrderPage) -> list[AnyRow]:
    """Lines of which a person may say that somebody else shipped them, so that the rest is sent."""
    named = {id_ for hold in page.open_holds if hold.kind == KIND for id_ in hold.seen.get("lines", ())}
    return [line for line in page.goods if line.id in named and line.ordered > line.cancelled + line.shipped]


def _permitted(action: Action, person: Person, shop_id: int) -> Action:
    if person.allows(NEEDED[action.key], shop_id):
        return action
    why = _("要「%(what)s」权限，找管理员", what=action.label)
    return Action(action.key, action.label, action.icon, "", why, action.asks, action.tier)
