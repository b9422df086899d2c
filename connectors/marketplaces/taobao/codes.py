"""Taobao's words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import Funder, OrderState, RefundState

#: Trade.status and order.status share one list.
STATES = {
    "TRADE_NO_CREATE_PAY": OrderState.UNPAID,
    "WAIT_BUYER_PAY": OrderState.UNPAID,
    "PAY_PENDING": OrderState.UNPAID,
    "WAIT_PRE_AUTH_CONFIRM": OrderState.UNPAID,
    "WAIT_SELLER_SEND_GOODS": OrderState.OPEN,
    "PAID_FORBID_CONSIGN": OrderState.OPEN,  # paid, but held by the platform
    "SELLER_CONSIGNED_PART": OrderState.PART_SHIPPED,
    "WAIT_BUYER_CONFIRM_GOODS": OrderState.SHIPPED,
    "TRADE_BUYER_SIGNED": OrderState.SHIPPED,  # cash on delivery, signed, not yet finished
    "TRADE_FINISHED": OrderState.COMPLETED,
    "TRADE_CLOSED": OrderState.CANCELLED,  # refunded after payment
    "TRADE_CLOSED_BY_TAOBAO": OrderState.CANCELLED,  # closed before payment
}

CLOSED_UNPAID = "TRADE_CLOSED_BY_TAOBAO"
FORBIDDEN = "PAID_FORBID_CONSIGN"

REFUNDS = {
    "": RefundState.NONE,
    "NO_REFUND": RefundState.NONE,
    "WAIT_SELLER_AGREE": RefundState.ASKED,
    "EXCHANGE_TRANSFORM_TO_REFUND": RefundState.ASKED,
    "WAIT_BUYER_RETURN_GOODS": RefundState.AGREED,
    "WAIT_SELLER_CONFIRM_GOODS": RefundState.RETURNED,
    "WAIT_SELLER_CONSIGN_GOODS": RefundState.RETURNED,  # exchange goods are ours to send
    "WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS": RefundState.RETURNED,
    "SELLER_REFUSE_BUYER": RefundState.REFUSED,
    "SUCCESS": RefundState.SUCCEEDED,
    "CLOSED": RefundState.CLOSED,
}

CASE_KINDS = {
    "REFUND": "refund",
    "REFUND_AND_RETURN": "return",
    "TMALL_EXCHANGE": "exchange",
    "TAOBAO_EXCHANGE": "exchange",
    "REPAIR": "repair",
    "RESHIPPING": "reship",
    "OTHERS": "other",
}

#: Refund status → what its seller may do then. Where a status is not named, it is the buyer's or nobody's turn.
VERBS = {
    "WAIT_SELLER_AGREE": ("agree", "refuse"),
    "WAIT_SELLER_CONFIRM_GOODS": ("agree", "refuse", "goods_received"),
}
#: The same for an exchange, whose refusal is not to be had by a call.
EXCHANGE_VERBS = {
    "WAIT_SELLER_AGREE": ("agree",),
    "WAIT_SELLER_CONFIRM_GOODS": ("agree",),
    "WAIT_SELLER_CONSIGN_GOODS": ("ship_exchange",),
}

#: All trade types are asked for by name: the platform's default leaves most out.
TRADE_TYPES = (
    "fixed",
    "auction",
    "guarantee_trade",
    "auto_delivery",
    "independent_simple_trade",
    "independent_shop_trade",
    "ec",
    "cod",
    "fenxiao",
    "step",
    "nopaid",
    "pre_auth_type",
    "o2o_offlinetrade",
)

#: Marks on a trade that mean "do not ship".
HOLDS = ("top_hold", "team_buy_hold", "share_group_hold", "ofp_hold", "is_sh_ship", "forbid_consign")

FLAGS = {"0": "grey", "1": "red", "2": "yellow", "3": "green", "4": "blue", "5": "purple"}
FLAG_NUMBERS = {colour: number for number, colour in FLAGS.items()}

#: Hub carrier code → (Taobao's company code, the name refunds write it with).
CARRIERS = {
    "SF": ("SF", "顺丰速运"),
    "ZTO": ("ZTO", "中通快递"),
    "YTO": ("YTO", "圆通速递"),
    "STO": ("STO", "申通快递"),
    "YUNDA": ("YUNDA", "韵达快递"),
    "EMS": ("EMS", "EMS"),
    "EYB": ("EYB", "EMS经济快递"),
    "POSTB": ("POSTB", "邮政快递包裹"),
    "JD": ("JD", "京东快递"),
    "JT": ("JTSD", "极兔速递"),
    "HTKY": ("HTKY", "百世快递"),
    "DBKD": ("DBKD", "德邦快递"),
    "DBWL": ("DBL", "德邦物流"),
    "UC": ("UC", "优速快递"),
    "ZJS": ("ZJS", "宅急送"),
    "TTKDEX": ("TTKDEX", "天天快递"),
    "GTO": ("GTO", "国通快递"),
    "QFKD": ("QFKD", "全峰快递"),
    "FAST": ("FAST", "快捷快递"),
    "OTHER": ("OTHER", "其他"),
}
COMPANY_CODES = {ours: theirs for ours, (theirs, _) in CARRIERS.items()}
CARRIERS_BY_COMPANY = {theirs: ours for ours, (theirs, _) in CARRIERS.items()}
CARRIERS_BY_NAME = {name: ours for ours, (_, name) in CARRIERS.items()}

#: Goods without a parcel: the hub's carrier code for "nothing is carried".
NO_CARRIER = "NONE"

#: Words in a promotion's name or tool that tell who pays, first match wins; the merchant pays otherwise.
FUNDER_WORDS = (
    ("淘金币", Funder.COIN),
    ("集分宝", Funder.COIN),
    ("店铺", Funder.MERCHANT),
    ("商家", Funder.MERCHANT),
    ("购物券", Funder.MERCHANT),
    ("平台", Funder.PLATFORM),
    ("补贴", Funder.PLATFORM),
    ("红包", Funder.PLATFORM),
    ("platform", Funder.PLATFORM),
    ("subsidy", Funder.PLATFORM),
    ("会员", Funder.MEMBER),
)

#: What a receiver is decrypted for → the platform's scene number.
SCENES = {
    "sf": "1001",
    "franchise": "1002",
    "ems": "1003",
    "waybill": "1004",
    "store": "1005",
    "manual": "1006",
    "dropship": "1007",
    "address_change": "1008",
    "receiver_name": "1009",
}
