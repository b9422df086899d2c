"""Kinds of holds: what each blocks, how it clears, who may lift it, and the words for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntFlag
from typing import Final


class Block(IntFlag):
    """Steps a hold keeps an order from."""

    NOTHING = 0
    REVIEW = 1
    DISPATCH = 2
    PRINT = 4
    SHIP = 8


ALL = Block.REVIEW | Block.DISPATCH | Block.PRINT | Block.SHIP
OUT = Block.DISPATCH | Block.PRINT | Block.SHIP


class Back(Enum):
    """What a hold takes back of what is planned or at a warehouse already."""

    NOTHING = "nothing"
    LINES = "lines"  #: Only fulfilments that carry the lines it concerns.
    ORDER = "order"  #: Everything of the order.


@dataclass(frozen=True, slots=True)
class HoldKind:
    """A kind of hold. `clears`: auto when its cause is gone, person by hand, either.

    `stops_planning` keeps open units from being planned while it is open: whatever takes the whole order back must
    set it, or the order would be planned and taken back for ever. What sourcing itself found wanting never does,
    since it clears by being tried again.
    """

    code: str
    zh: str
    en: str
    blocks: Block
    clears: str
    remedy_zh: str
    remedy_en: str
    calls_back: Back = Back.NOTHING
    stops_planning: bool = False
    permission: str = "order.lift_hold"


def _kind(
    code: str,
    zh: str,
    en: str,
    blocks: Block,
    clears: str,
    remedy_zh: str,
    remedy_en: str,
    *,
    calls_back: Back = Back.NOTHING,
    stops_planning: bool = False,
) -> HoldKind:
    return HoldKind(code, zh, en, blocks, clears, remedy_zh, remedy_en, calls_back, stops_planning)


KINDS: Final = {
    kind.code: kind
    for kind in (
        _kind(
            "unmatched_sku",
            "货品未匹配",
            "Unmatched SKU",
            ALL,
            "auto",
            "在「货品匹配」里给平台货品选系统货品，订单随后自动继续",
            "match the listing to a SKU; the order then goes on by itself",
            stops_planning=True,
        ),
        _kind(
            "bad_address",
            "地址不全",
            "Incomplete address",
            ALL,
            "either",
            "联系买家改好平台地址，或确认可以送达后解除",
            "have the address corrected, or lift it if it can be delivered",
            stops_planning=True,
        ),
        _kind("bad_phone", "电话有误", "Bad phone", OUT, "either", "核对收货电话后解除", "check the phone, then lift it"),
        _kind(
            "platform_hold",
            "平台要求暂不发货",
            "Held by the platform",
            OUT,
            "auto",
            "平台放行后自动解除",
            "clears when the platform releases it",
        ),
        _kind(
            "refund_asked",
            "买家申请退款",
            "Refund asked",
            OUT,
            "auto",
            "同意或拒绝退款后自动解除",
            "clears when the refund is settled or withdrawn",
            calls_back=Back.LINES,  # Other lines are planned on.
        ),
        _kind(
            "address_changed",
            "改地址",
            "Address changed",
            OUT,
            "auto",
            "仓库撤回后按新地址重新下发",
            "re-sent to the new address once the warehouse gives it back",
            calls_back=Back.ORDER,
            stops_planning=True,
        ),
        _kind(
            "goods_changed",
            "改商品或数量",
            "Goods changed",
            OUT,
            "auto",
            "仓库撤回后按新明细重新下发",
            "re-sent with the new lines once the warehouse gives it back",
            calls_back=Back.ORDER,
            stops_planning=True,
        ),
        _kind(
            "blacklist",
            "黑名单",
            "Blacklisted",
            ALL,
            "person",
            "核实买家后解除，或取消订单",
            "verify the buyer and lift it, or cancel the order",
            calls_back=Back.ORDER,
            stops_planning=True,
        ),
        _kind(
            "negative_margin",
            "负毛利",
            "Negative margin",
            Block.REVIEW | OUT,
            "person",
            "核对价格后解除，或取消订单",
            "check the price and lift it, or cancel the order",
            stops_planning=True,
        ),
        _kind(
            "below_floor",
            "低于限价",
            "Below floor price",
            Block.REVIEW | OUT,
            "person",
            "核对价格后解除",
            "check the price and lift it",
            stops_planning=True,
        ),
        _kind(
            "large_goods",
            "大家电",
            "Large goods",
            OUT,
            "person",
            "约好送货方式后解除",
            "agree on the delivery, then lift it",
        ),
        _kind(
            "too_many_parcels",
            "拆包过多",
            "Too many parcels",
            OUT,
            "either",
            "等补货合并发出，或解除按现状拆发",
            "wait for stock, or lift it to ship in parts",
        ),
        _kind(
            "short_of_stock",
            "缺货",
            "Short of stock",
            OUT,
            "auto",
            "到货后自动继续",
            "goes on by itself when stock arrives",
        ),
        _kind(
            "out_of_zone",
            "超区",
            "Out of zone",
            OUT,
            "either",
            "换承运商或请买家改地址",
            "choose another carrier or have the address changed",
        ),
        _kind(
            "no_stock_point",
            "无可用库存点",
            "No stock point",
            ALL,
            "auto",
            "给店铺的库存池加上可用的库存点",
            "add an open stock point to the shop's pool",
        ),
        _kind(
            "amounts_differ",
            "金额不符",
            "Amounts differ",
            ALL,
            "either",
            "核对平台金额后解除",
            "check the amounts, then lift it",
            stops_planning=True,
        ),
        _kind(
            "sent_back",
            "被驳回",
            "Sent back by review",
            OUT,
            "person",
            "按驳回原因处理后重新提交审核",
            "mend what the reviewer named, then submit again",
        ),
        _kind(
            "memo_changed",
            "备注变更",
            "Memo changed",
            Block.NOTHING,
            "either",
            "看新备注是否影响发货",
            "see whether the new memo matters",
        ),
        _kind(
            "invoice_changed",
            "发票变更",
            "Invoice changed",
            Block.NOTHING,
            "either",
            "核对发票信息",
            "check the invoice",
        ),
        _kind(
            "already_shipped",
            "平台已显示发货",
            "Already shipped on the platform",
            OUT,
            "person",
            "确认是否别处已发，再解除或取消",
            "find out who shipped it, then lift or cancel",
            calls_back=Back.LINES,
            stops_planning=True,
        ),
        _kind(
            "possible_duplicate",
            "可能重复",
            "Possible duplicate",
            Block.REVIEW | OUT,
            "either",
            "手工单里已有这个单号：是同一单就取消其中一单，不是就解除",
            "a manual order has this number: cancel one of the two if they are the same, else lift it",
            stops_planning=True,
        ),
        _kind(
            "pipeline_failed",
            "处理出错",
            "Processing failed",
            ALL,
            "either",
            "把编号给管理员，修好后解除重试",
            "give the number to an administrator; lift it to try again",
            stops_planning=True,
        ),
        _kind(
            "observing",
            "观察模式",
            "Observing",
            OUT,
            "person",
            "店铺转为正式后解除",
            "clears when the shop goes live",
        ),
        _kind(
            "emergency_stop",
            "紧急停发",
            "Emergency stop",
            OUT,
            "either",
            "停发解除或分批放行后自动继续",
            "goes on when the stop ends or releases it",
        ),
        _kind(
            "manual",
            "人工挂起",
            "Held by hand",
            OUT,
            "person",
            "挂起的人或组长解除",
            "lifted by whoever placed it or a lead",
            calls_back=Back.ORDER,
            stops_planning=True,
        ),
    )
}

#: The flag, beside those of the platform, of an order older than its shop's going live: the system before us ships it.
BEFORE_GO_LIVE: Final = "before_go_live"
#: Why holds of a closed order are cleared: nobody has lifted them, so they come again should the order open again.
CLOSED: Final = "order closed"
#: Kinds that take the whole order back, and kinds that keep it from being planned, for what asks them of every order.
CALLING_BACK: Final = frozenset(kind.code for kind in KINDS.values() if kind.calls_back is Back.ORDER)
STOPPING_PLANS: Final = frozenset(kind.code for kind in KINDS.values() if kind.stops_planning)
