"""The head of an order's page: its seven steps, and where it stands · why · what comes next · who and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oms.app.kernel.queries.order_page import OrderPage
from oms.app.kernel.queries.pages import AnyRow
from oms.console import refusals
from oms.console.messages import _
from oms.console.rendering import due, moment, now, word
from oms.console.reviewing.people import waits_for
from oms.console.telling import words
from oms.domain.holds import KINDS
from oms.domain.review import BY_BIT, tiers_in

Rows = Sequence[AnyRow]
#: Fulfilments that a closed order still has to get back.
UNDER_WAY = ("sending", "sent", "accepted", "part_shipped", "stopping")


@dataclass(frozen=True, slots=True)
class Step:
    """One of the seven blocks; `kind` is done, now, hold or todo."""

    name: str
    kind: str
    said: str


@dataclass(frozen=True, slots=True)
class Story:
    """Four short answers, each a sentence and a quieter line."""

    where: tuple[str, str]
    why: tuple[str, str]
    then: tuple[str, str]
    who: tuple[str, str]


def steps_of(page: OrderPage, outbound: Rows) -> list[Step]:
    """The seven steps with a word of what each did."""
    phase = words.phase(page.order.phase)
    names = (_("归集"), _("预处理"), _("审核"), _("合单"), _("下发"), _("跟踪"), _("回传"))
    said = _said(page, outbound)
    steps = []
    for number, name in enumerate(names, 1):
        kind = "done" if number < phase.step or phase.step == 8 else "todo"
        if number == phase.step:
            kind = "hold" if phase.tone in ("held", "failed") else "now"
        steps.append(Step(name, kind, said[number - 1] or (word(phase) if number == phase.step else "")))
    return steps


def _said(page: OrderPage, outbound: Rows) -> tuple[str, ...]:
    order, live = page.order, page.live_fulfilments
    merged = sum(len(found) for found in page.siblings.values())
    notices = [row for row in outbound if row.kind == "push_shipment"]
    done = sum(row.state == "done" for row in notices)
    sent = sum(row.status not in ("planned", "on_hold") for row in live)
    return (
        moment(order.captured_at),
        _("%(n)s 张发货单", n=len(live)) if live else "",
        _review_said(page),
        _("与 %(n)s 单合发", n=merged) if merged else (_("单独发") if live else ""),
        _("%(n)s 张里 %(sent)s 张已下发", n=len(live), sent=sent) if live else "",
        _("%(n)s 个包裹", n=len(page.parcels)) if page.parcels else "",
        _("%(n)s 个已回传 %(done)s 个", n=len(notices), done=done) if notices else "",
    )


def _review_said(page: OrderPage) -> str:
    passed = [row for row in page.reviews if row.verdict == "passed" and row.invalidated_at is None]
    if passed:
        last = passed[-1]
        by = _("规则自动通过") if not last.actor.startswith("user:") else _("人工通过")
        return f"{moment(last.at)} {by}"
    return words.state("review", page.order.review).text if page.order.review != "none" else ""


def story_of(page: OrderPage, outbound: Rows) -> Story:
    """The four answers. What is over has nothing that holds it and nobody it waits for, whatever hangs on it."""
    order, phase = page.order, words.phase(page.order.phase)
    if order.status in ("completed", "cancelled"):
        return Story((word(phase), _where(page)), _ending(order), _after(page), (_("没有人要做什么"), ""))
    return Story((word(phase), _where(page)), _why(page, outbound), _then(page), _who(page))


def _where(page: OrderPage) -> str:
    if page.parcels:
        return _("、").join(sorted({words.state("parcel", row.state).text for row in page.parcels}))
    if page.live_fulfilments:
        return _("、").join(sorted({words.state("fulfilment", row.status).text for row in page.live_fulfilments}))
    return _("还没有发货单")


def _ending(order: AnyRow) -> tuple[str, str]:
    told = {"completed": _("交易已完成"), "cancelled": _("订单取消了，不会再发货")}[order.status]
    return told, moment(order.closed_at) if order.closed_at else ""


def _after(page: OrderPage) -> tuple[str, str]:
    if any(row.status in UNDER_WAY for row in page.fulfilments):
        return _("等在外的发货单截停"), ""
    return _("没有后续"), ""


def _why(page: OrderPage, outbound: Rows) -> tuple[str, str]:
    """The heaviest open hold, else what the other side refused, else nothing."""
    blocking = _blocking(page)
    if blocking:
        told = words.hold(blocking[0].kind, blocking[0].blocks)
        more = _("另有 %(n)s 个原因", n=len(blocking) - 1) if len(blocking) > 1 else ""
        also = _("另等审核：%(tiers)s", tiers=_tiers_said(page)) if page.order.review == "waiting" else ""
        said = [words.seen(blocking[0].seen or {}), more, also]
        return told.word, _("；").join(filter(None, said)) or _("拦住%(steps)s", steps=told.blocks)
    refused = next((row for row in outbound if row.state in ("refused", "stuck")), None)
    if refused is not None:
        return _("推送没成"), _("「%(words)s」", words=refusals.told(refused.words) or refused.code)
    if page.order.review == "waiting":
        return _("规则要人看一眼"), _tiers_said(page)
    return _("没有拦住它的事"), ""


def _blocking(page: OrderPage) -> list[AnyRow]:
    """Open holds that stop something, the heaviest first."""
    return sorted((hold for hold in page.open_holds if hold.blocks), key=lambda hold: -hold.blocks)


def _tiers_said(page: OrderPage) -> str:
    """The tiers it waits for, each with the rules that ask for it."""
    said = []
    for tier in tiers_in(page.order.tiers_waiting):
        rules = _("、").join(page.rules.get(tier.code, ()))
        said.append(_("%(tier)s：%(rules)s", tier=word(tier), rules=rules) if rules else word(tier))
    if page.order.tiers_next:
        later = _("、").join(word(BY_BIT[int(bit)]) for bit in page.order.tiers_next)
        said.append(_("之后%(tiers)s", tiers=later))
    return _("；").join(said)


def _then(page: OrderPage) -> tuple[str, str]:
    blocking = _blocking(page)
    if blocking and page.order.phase != "elsewhere":
        return words.hold(blocking[0].kind, blocking[0].blocks).remedy, _tried_again(page, blocking)
    nexts = {
        "unpaid": _("等买家付款"),
        "captured": _("几秒内自动预处理"),
        "review": _after_review(page),
        "merging": _("窗口到点后合单，再下发"),
        "to_dispatch": _("系统自动下发给仓库"),
        "dispatching": _("等仓库回话"),
        "stopping": _("等仓库确认截停"),
        "at_warehouse": _("等仓库发货"),
        "part_shipped": _("等其余的货发出"),
        "shipped": _("等快递轨迹，签收后自动完成"),
        "trouble": _("联系快递或买家"),
        "delivered": _("平台确认收货后完成"),
        "elsewhere": _("别处发货，只同步状态"),
        "nothing": _("没有要发的货，平台完成后完成"),
    }
    return nexts.get(page.order.phase, _("没有后续")), _when(page)


def _after_review(page: OrderPage) -> str:
    """Where an order goes when the first tier that has it is content: to the next one, else on."""
    waiting = [str(tier.bit) for tier in tiers_in(page.order.tiers_waiting)]
    later = [BY_BIT[int(bit)] for bit in (*waiting[1:], *page.order.tiers_next)]
    return _("通过后等%(tier)s", tier=word(later[0])) if later else _("通过后进入合单窗口")


def _tried_again(page: OrderPage, blocking: Rows) -> str:
    """When sourcing looks for stock again, should nothing wake it before."""
    at = page.order.ready_at
    if at is None or not any(hold.kind == "short_of_stock" for hold in blocking):
        return ""
    return _("%(at)s 再找一次库存", at=moment(max(at, now())))


def _when(page: OrderPage) -> str:
    """The time of what comes next, where there is one."""
    if page.merges_at is not None:
        return _("%(at)s 到点", at=moment(page.merges_at))
    ship_by = page.order.ship_by
    if ship_by is None or not 2 <= words.phase(page.order.phase).step <= 5:
        return ""
    told = moment(ship_by)
    return _("预售，最晚 %(at)s 发出", at=told) if page.order.is_presale else _("最晚 %(at)s 发出", at=told)


def _who(page: OrderPage) -> tuple[str, str]:
    order, people = page.order, _("等人处理")
    waits = {"held": people, "sent_back": people, "trouble": people, "unpaid": _("等买家"), "nothing": _("等平台")}
    if order.phase == "blocked" and any(
        KINDS[hold.kind].clears != "auto" for hold in _blocking(page) if hold.kind in KINDS
    ):
        waits["blocked"] = people
    who, able = waits_for(order) if order.phase == "review" else (waits.get(order.phase, _("系统")), "")
    if order.status != "open" or order.ship_by is None or words.phase(order.phase).step >= 6:
        return who, able
    left = due(order.ship_by)
    late = order.ship_by < now()
    said = left.text if left is not None and late else _("还剩 %(span)s", span=left.text if left else "–")
    required = _("要在 %(at)s 前发出", at=moment(order.ship_by))
    return f"{who}{_('，')}{said}", _("；").join(filter(None, [able, required]))
