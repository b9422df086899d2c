"""Douyin's numbers and words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import OrderState, RefundState

#: order_status and main_status of shop orders and of their lines share one list.
STATES = {
    1: OrderState.UNPAID,  # 待确认 (cash on delivery) or 待支付
    103: OrderState.UNPAID,  # 部分支付: the deposit of a presale
    105: OrderState.OPEN,  # 已支付, but not yet 备货中: held by the platform
    2: OrderState.OPEN,  # 备货中
    101: OrderState.PART_SHIPPED,
    3: OrderState.SHIPPED,
    4: OrderState.CANCELLED,
    5: OrderState.COMPLETED,
    21: OrderState.CANCELLED,  # 发货前退款完结
    22: OrderState.CANCELLED,  # 发货后退款完结
    39: OrderState.CANCELLED,  # 收货后退款完结
}
PAID_PENDING = 105
#: Statuses that only main_status tells.
MAIN_ONLY = frozenset({103, 21, 22, 39})

#: after_sale_status of cases.
CASE_STATES = {
    0: RefundState.NONE,
    3: RefundState.RETURNED,  # the list's other number of 13
    6: RefundState.ASKED,
    7: RefundState.AGREED,  # 待买家退货
    8: RefundState.RETURNED,  # 补寄、维修: ours to send
    11: RefundState.RETURNED,  # 待商家二次同意
    12: RefundState.SUCCEEDED,
    13: RefundState.RETURNED,  # 换货、补寄: sent, not yet received
    14: RefundState.SUCCEEDED,
    27: RefundState.REFUSED,
    28: RefundState.CLOSED,  # failed or withdrawn, whatever refund_status says
    29: RefundState.REFUSED,
    51: RefundState.SUCCEEDED,  # 订单取消成功
    53: RefundState.SUCCEEDED,  # 逆向交易已完成
}

#: after_sale_type → the hub's kind of case; a price protection moves money but stops no goods.
CASE_KINDS = {
    0: "return",
    1: "refund",
    2: "refund",
    3: "exchange",
    4: "refund",  # 系统取消
    5: "refund",  # 用户取消
    6: "other",  # 价保
    7: "reship",
    8: "repair",
}
BEFORE_SHIPPING = frozenset({2, 4, 5})
#: Types at whose end no money has gone back.
WITHOUT_REFUND = frozenset({3, 7, 8})

#: (type, status) → what the platform lets the seller do then.
ALLOWED = {
    (2, 6): ("agree",),
    (1, 6): ("agree", "refuse"),
    (0, 6): ("agree", "refuse"),
    (0, 11): ("agree", "refuse", "goods_received"),
    (3, 6): ("agree", "refuse"),
    (3, 11): ("refuse", "ship_exchange"),
    (7, 8): ("ship_exchange",),
}
#: Statuses whose deadline is the seller's.
OUR_TURN = frozenset({6, 8, 11})

GOODS_TYPES = frozenset({0})
#: order_type of what nobody ships: virtual goods, e-coupons, vouchers to verify.
SERVICE_TYPES = frozenset({2, 4, 5})
DEPOSIT_PRESALE = 2
FULL_PRESALE = 1
CASH_ON_DELIVERY = 0

#: inventory_list.warehouse_type: 0 ours, 1 cross-border, 2 the platform's cloud warehouse.
OUR_WAREHOUSE, PLATFORM_WAREHOUSES = 0, frozenset({1, 2})

FLAGS = {"0": "grey", "1": "purple", "2": "cyan", "3": "green", "4": "orange", "5": "red"}
FLAG_NUMBERS = {colour: number for number, colour in FLAGS.items()}

#: Parts of a tag's key or text that mean "do not ship".
HOLD_WORDS = ("risk", "风控", "暂停发货", "暂缓发货")
#: Parts of a tag's key or text that mean "the buyer's change of address waits for an answer"; no parcel leaves meanwhile.
ADDRESS_WORDS = ("address_changing", "待审核修改地址")

#: Hub carrier code → company code of order/logisticsCompanyList. The account's `carriers` setting adds to it.
COMPANIES = {
    "SF": "shunfeng",
    "ZTO": "zhongtong",
    "YTO": "yuantong",
    "STO": "shentong",
    "YUNDA": "yunda",
    "EMS": "ems",
    "POSTB": "youzhengguonei",
    "JD": "jd",
    "JT": "jtexpress",
    "HTKY": "huitongkuaidi",
    "DBKD": "debangkuaidi",
    "DBWL": "debangwuliu",
    "UC": "youshuwuliu",
    "ZJS": "zhaijisong",
}
CARRIERS = {company: carrier for carrier, company in COMPANIES.items()}

#: afterSale/operate: (kind, is it the goods that came back, agree) → type.
DECISIONS = {
    ("return", False, True): 101,
    ("return", False, False): 102,
    ("return", True, True): 111,
    ("return", True, False): 112,
    ("refund", False, True): 201,
    ("refund", False, False): 202,
    ("exchange", False, True): 301,
    ("exchange", False, False): 302,
    ("exchange", True, False): 312,
}
AGREE_BEFORE_SHIPPING, AGREE_REFUSED_DELIVERY, SHIP_EXCHANGE = 401, 203, 311
SHIP_AGAIN = 1  # send_type of afterSale/fillLogistics

#: Tags of trade messages begin with 1, of after-sale messages with 2.
ORDER_TAGS, CASE_TAGS = range(100, 200), range(200, 300)
