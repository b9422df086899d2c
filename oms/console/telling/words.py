"""The console's words for codes: states of documents, kinds of events and outbound, with tones and icons.

Phases and hold kinds carry both languages in the domain; what is here is Chinese and translated on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from oms.app.rulebook.verdicts import word_stage
from oms.console import refusals
from oms.console.messages import _, _l
from oms.console.rendering import amount, label, word
from oms.console.telling.rule_holds import told_by_rules
from oms.domain import lifecycle
from oms.domain.holds import BEFORE_GO_LIVE, KINDS, Block
from oms.domain.numbers import document_no
from oms.domain.phase import PHASES, Phase
from oms.domain.review import BY_BIT, BY_CODE, PASSED_AGAIN

UNKNOWN_PHASE: Final = Phase("", "未知", "Unknown", 0)

#: The queue of each tier, by its bit.
QUEUES: Final = {1: _l("待客审"), 2: _l("待财审"), 4: _l("待物流审"), 8: _l("待快递审")}

#: Tone of a state's dot, by machine and state; anything else waits (a ring).
TONES: Final = {
    "fulfilment": {
        "sending": "now",
        "sent": "now",
        "accepted": "now",
        "part_shipped": "now",
        "shipped": "ok",
        "on_hold": "warn",
        "stopping": "warn",
        "refused": "late",
        "cancelled": "off",
        "merged": "off",
        "closed_short": "warn",
    },
    "parcel": {
        "handed_over": "now",
        "on_the_way": "now",
        "at_store": "now",
        "ready": "now",
        "out_for_delivery": "now",
        "delivered": "ok",
        "trouble": "late",
        "refused": "late",
        "returning": "warn",
        "returned": "warn",
        "lost": "late",
    },
    "outbound": {
        "sending": "now",
        "unknown": "warn",
        "done": "ok",
        "refused": "late",
        "stuck": "late",
        "void": "off",
    },
    "interception": {
        "asked": "now",
        "received": "now",
        "succeeded": "ok",
        "failed": "late",
        "expired": "late",
        "withdrawn": "off",
    },
    "order": {"open": "now", "completed": "ok", "cancelled": "off"},
}
MACHINES: Final = {machine.name: machine for machine in lifecycle.MACHINES}

HOLD_ICONS: Final = {
    "unmatched_sku": "box",
    "bad_address": "map-pin",
    "bad_phone": "phone",
    "platform_hold": "player-pause",
    "refund_asked": "receipt-refund",
    "address_changed": "map-pin",
    "blacklist": "ban",
    "negative_margin": "scale",
    "below_floor": "scale",
    "large_goods": "package",
    "too_many_parcels": "box",
    "short_of_stock": "hourglass",
    "out_of_zone": "truck-delivery",
    "no_stock_point": "building-warehouse",
    "amounts_differ": "cash",
    "no_store": "building-store",
    "finding_place": "map-pin",
    "capacity_full": "hourglass",
    "kept_waiting": "hourglass",
    "sent_back": "arrow-back-up",
    "memo_changed": "note",
    "invoice_changed": "receipt",
    "already_shipped": "truck-delivery",
    "possible_duplicate": "copy",
    "double_address": "map-pin",
    "ciphertext_address": "map-pin",
    "fraud_flag": "alert-triangle",
    "balance_unpaid": "cash",
    "memo_present": "note",
    "message_present": "note",
    "invoice_wanted": "receipt",
    "gift_only": "gift",
    "unpaid_sibling": "copy",
    "mergeable_sibling": "copy",
    "sibling_refund": "receipt-refund",
    "oversold": "hourglass",
    "courier_suspended": "truck-delivery",
    "routed_too_often": "hourglass",
    "pipeline_failed": "alert-triangle",
    "observing": "eye",
    "manual": "hand-stop",
}
HOLD_TONES: Final = {"blacklist": "late", "pipeline_failed": "late", "refund_asked": "case"}


#: What is sent to the outside, by the row's kind. A kind that is not here shows its code.
OUTBOUND_KINDS: Final = {
    "create_fulfilment": _l("下发发货单"),
    "cancel_fulfilment": _l("撤回发货单"),
    "push_shipment": _l("回传发货"),
    "change_shipment": _l("改平台运单号"),
    "subscribe_parcel": _l("订阅物流"),
    "request_waybill": _l("取面单号"),
    "change_label": _l("改面单"),
    "cancel_waybill": _l("退回面单号"),
    "confirm_interception": _l("回复截停"),
    "decide_case": _l("回复售后"),
    "push_stock": _l("推库存"),
    "notify": _l("通知买家或门店"),
    "set_memo": _l("写备注"),
    "merge_groups": _l("问平台能否合单"),
    "create_stock_order": _l("下发出入库单"),
    "cancel_stock_order": _l("取消出入库单"),
    "hold_fulfilment": _l("让仓库暂停"),
    "check_stop": _l("查截停结果"),
    "call_back_parcel": _l("让快递召回"),
}


#: Why goods are stopped, where that is no hold.
STOP_REASONS: Final = {"order_cancelled": _l("订单取消"), "stopped": _l("截停"), "warehouse_refused": _l("仓库拒单"),
                       "left_to_others": _l("由原系统发货"), "point_out": _l("库存点停用"),
                       "point_back": _l("库存点恢复")}  # fmt: skip

#: What a hold saw, by the name of the fact.
SEEN: Final = {
    "coming": _l("在途"),
    "ours": _l("我们的"),
    "theirs": _l("平台上的"),
    "would_leave": _l("会这样发"),
    "line": _l("明细"),
    "lines": _l("明细"),
    "case": _l("售后单"),
    "flags": _l("平台标记"),
    "typed": _l("手工单"),
    "partner": _l("合作方"),
    "stopped": _l("已停用"),
    "division": _l("认不出省市区"),
    "missing": _l("缺少"),
    "platform": _l("平台状态"),
    "skus": _l("货品"),
    "bundle": _l("组合装"),
    "income": _l("收入"),
    "cost": _l("成本"),
    "floor": _l("限价"),
    "stop": _l("停发号"),
    "fulfilment": _l("发货单"),
    "tier": _l("级别"),
    "reason": _l("原因"),
    "words": _l("对方说"),
    "phone": _l("电话"),
    "parts": _l("有问题的部分"),
    "by": _l("名单上的"),
    "entries": _l("黑名单编号"),
    "sources": _l("来源"),
    "due": _l("还差"),
    "orders": _l("订单"),
    "wanted": _l("要"),
    "sellable": _l("可用"),
    "carriers": _l("承运商"),
    "attempts": _l("连续不成"),
    "rules": _l("规则"),
    "gone": _l("规则里已不存在的编码"),
    "full": _l("产能已满的库存点"),
    "sku": _l("货品"),
    "point": _l("库存点"),
    "stage": _l("环节"),
    PASSED_AGAIN: _l("再次通过就解除"),
}


@dataclass(frozen=True, slots=True)
class State:
    """A state in words with the tone of its dot."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class HoldWords:
    """A hold as a chip and as an explanation."""

    word: str
    tone: str
    icon: str
    blocks: str
    remedy: str
    hint: str


def phase(code: str) -> Phase:
    """A phase by its code."""
    return PHASES.get(code, UNKNOWN_PHASE)


def state(machine: str, code: str) -> State:
    """A document's state in the reader's language."""
    term = MACHINES[machine].terms.get(code, code)
    return State(_(term), TONES.get(machine, {}).get(code, ""))


def tier(bit: int) -> str:
    """A review tier's name."""
    known = BY_BIT.get(bit)
    return word(known) if known else str(bit)


def queue(bit: int) -> str:
    """The name of a tier's queue."""
    return str(QUEUES.get(bit, bit))


def blocked_steps(blocks: int) -> str:
    """The steps that a set of blocks keeps an order from."""
    names = {Block.REVIEW: _("审核"), Block.DISPATCH: _("下发"), Block.PRINT: _("打单"), Block.SHIP: _("发货")}
    return _("、").join(name for block, name in names.items() if blocks & block) or _("不拦，只提醒")


def hold(kind: str, blocks: int) -> HoldWords:
    """The words of a hold; an unknown kind shows its code."""
    known = KINDS.get(kind)
    name = word(known) if known else str(STOP_REASONS.get(kind, kind))
    remedy = label(known.remedy_zh, known.remedy_en) if known else ""
    tone = HOLD_TONES.get(kind, "warn") if blocks else ""
    steps = blocked_steps(blocks)
    hint = _("%(name)s：拦住%(steps)s。%(remedy)s", name=name, steps=steps, remedy=remedy)
    return HoldWords(name, tone, HOLD_ICONS.get(kind, "flag"), steps, remedy, hint)


#: Flags of our own among the platform's.
FLAGS: Final = {
    BEFORE_GO_LIVE: _l("上线前的订单，由原系统处理"),
    "address_change": _l("买家申请改地址，先到平台同意或拒绝"),
}
#: What a receiver lacks.
LACKING: Final = {"name": _l("收货人姓名"), "phone": _l("收货电话"), "city": _l("城市"), "street": _l("街道门牌"),
                  "address": _l("地址"), "buyer": _l("买家")}  # fmt: skip
#: What is wrong with a phone.
WRONG_PHONE: Final = {"length": _l("位数不对"), "format": _l("不像电话号码")}


def seen(facts: dict[str, Any]) -> str:
    """What a hold saw, in words."""
    said = []
    for name, value in told_by_rules(facts).items():
        if name == "plan":
            continue  # It only tells plans from one another.
        if name == "short" and isinstance(value, list):
            said += [_lack(row) for row in value]
            continue
        if name == "flags" and isinstance(value, list):
            said += [str(FLAGS[flag]) for flag in value if flag in FLAGS]
            value = [flag for flag in value if flag not in FLAGS]
            if not value:
                continue
        if name == "stage" and isinstance(value, str):
            value = label(*word_stage(value))
        if name == PASSED_AGAIN and value in BY_CODE:
            value = word(BY_CODE[value])
        if name in ("missing", "parts", "by") and isinstance(value, list):
            value = [str(LACKING.get(part, part)) for part in value]
        if name == "phone" and isinstance(value, str):
            value = str(WRONG_PHONE.get(value, value))
        if name in ("error", "words") and isinstance(value, str):
            value = refusals.told(value)
        shown = amount(value) if name in ("income", "cost", "floor", "due") and isinstance(value, int) else value
        listed = _("、").join(str(part) for part in shown) if isinstance(shown, list) else str(shown)
        said.append(f"{SEEN.get(name, name)} {listed}".strip())
    return _("，").join(said)


def _lack(row: dict[str, Any]) -> str:
    """A SKU that lacks: units wanted, and sellable at each stock point."""
    there = _("、").join(f"{code} {units}" for code, units in row["at"].items())
    return _("%(sku)s 要 %(wanted)s 件，可用 %(there)s", sku=row["sku"], wanted=row["wanted"], there=there or 0)


def outbound_kind(code: str) -> str:
    """What an outbound row does."""
    return str(OUTBOUND_KINDS.get(code, code))


#: Where a line's refund stands on its platform.
REFUNDS: Final = {"asked": _l("买家已申请"), "agreed": _l("已同意"), "returned": _l("买家已退货"),
                  "refused": _l("已拒绝"), "succeeded": _l("已退款"), "closed": _l("已撤销")}  # fmt: skip


def refund(state: str) -> str:
    """How far a line's refund is."""
    return str(REFUNDS.get(state, state))


def names() -> dict[str, Any]:
    """What templates call."""
    return {
        "phase_of": phase,
        "state_of": state,
        "hold_of": hold,
        "tier_of": tier,
        "queue_of": queue,
        "seen_of": seen,
        "outbound_of": outbound_kind,
        "number_of": document_no,
        "refund_word": refund,
    }
