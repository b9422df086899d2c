"""JD's words and the hub's, both ways. Tables only."""

from __future__ import annotations

from connectors.contract.records import Funder, OrderState, RefundState

STATES = {
    "WAIT_SELLER_STOCK_OUT": OrderState.OPEN,
    "WAIT_SELLER_DELIVERY": OrderState.OPEN,  # 等待境内发货, overseas sellers only
    "WAIT_SEND_CODE": OrderState.OPEN,  # 等待发码, local services
    "PAUSE": OrderState.OPEN,
    "POP_ORDER_PAUSE": OrderState.OPEN,
    "LOCKED": OrderState.OPEN,  # a refund asked before shipment is being decided
    "WAIT_GOODS_RECEIVE_CONFIRM": OrderState.SHIPPED,
    "FINISHED_L": OrderState.COMPLETED,
    "TRADE_CANCELED": OrderState.CANCELLED,
    # Words of older orders; they are understood but not asked for.
    "SEND_TO_DISTRIBUTION_CENER": OrderState.SHIPPED,  # the platform's spelling
    "DISTRIBUTION_CENTER_RECEIVED": OrderState.SHIPPED,
    "RECEIPTS_CONFIRM": OrderState.SHIPPED,
}
LOCKED = "LOCKED"
HOLDS = frozenset({"PAUSE", "POP_ORDER_PAUSE", LOCKED})
ASKED_STATES = ",".join(list(STATES)[:9])

#: orderType; 22 and 75 are published, the others are known from sellers' practice.
ORDER_TYPES = {"21": "FBP", "22": "SOP", "23": "LBP", "25": "SOPL", "75": "LOC"}
#: FBP goods lie in JD's warehouses and are shipped from there.
PLATFORM_SHIPS = frozenset({"21"})
SERVICES = frozenset({"75"})

#: couponType → (who pays, its name). 52 is money the buyer had on a gift card; JD pays it out to the seller.
COUPONS = {
    "20": (Funder.MERCHANT, "套装优惠"),
    "28": (Funder.MERCHANT, "闪团优惠"),
    "29": (Funder.MERCHANT, "团购优惠"),
    "30": (Funder.MERCHANT, "单品促销优惠"),
    "34": (Funder.PLATFORM, "手机红包"),
    "35": (Funder.MERCHANT, "满返满送"),
    "39": (Funder.COIN, "京豆优惠"),
    "41": (Funder.PLATFORM, "京东券优惠"),
    "52": (Funder.PLATFORM, "礼品卡优惠"),
    "100": (Funder.MERCHANT, "店铺优惠"),
}
SINGLE_ITEM = "30"

#: Refunds asked before shipment (refundapply).
APPLIES = {
    "0": RefundState.ASKED,  # 待审
    "1": RefundState.AGREED,  # 通过
    "2": RefundState.REFUSED,  # 不通过
    "3": RefundState.SUCCEEDED,  # 财务通过
    "4": RefundState.REFUSED,  # 财务不通过
    "5": RefundState.AGREED,  # 人工审核通过
    "6": RefundState.AGREED,  # 拦截并退款
    "7": RefundState.AGREED,  # 青龙拦截成功
    "8": RefundState.REFUSED,  # 青龙拦截失败
    "9": RefundState.SUCCEEDED,  # 强制关单并退款
    "10": RefundState.ASKED,  # 物流待跟进
    "11": RefundState.CLOSED,  # 用户撤销
}

#: Service orders after shipment (asc).
SERVICE_STATES = {
    "10000": RefundState.ASKED,  # 待审核领取
    "10001": RefundState.ASKED,  # 待审核
    "10002": RefundState.ASKED,  # 待客户反馈
    "10012": RefundState.ASKED,  # 客户已反馈
    "10013": RefundState.ASKED,  # 待审核和待客户反馈
    "10004": RefundState.REFUSED,  # 审核关闭
    "10005": RefundState.AGREED,  # 待收货
    "10006": RefundState.RETURNED,  # 待处理领取
    "10007": RefundState.RETURNED,  # 待处理
    "10009": RefundState.RETURNED,  # 待用户确认
    "10041": RefundState.RETURNED,  # 提交退款申请
    "10010": RefundState.SUCCEEDED,  # 完成
    "10011": RefundState.CLOSED,  # 取消
    "1100": RefundState.AGREED,  # published without its meaning
    "12000": RefundState.AGREED,  # 上门维修中
    "13000": RefundState.AGREED,  # 商家催收
    "14000": RefundState.AGREED,  # 上门检测中
}
EXPECTS = {
    "1": "refund",  # 售前退款
    "10": "return",
    "11": "refund",  # 仅退款
    "20": "exchange",
    "30": "repair",
    "40": "other",  # appliances
    "50": "other",
    "60": "other",
    "70": "repair",  # 上门维修
    "80": "reship",
    "90": "refund",  # 生鲜赔付
    "100": "return",  # 试用召回
}
#: What the seller's answer turned the wish into.
APPROVED_AS = {"87": "reship", "91": "refund", "106": "exchange", "21": "exchange", "22": "exchange"}
CANCELLED_RESULT = "6"

#: Hub carrier code → JD's company id; the account's setting `carriers` adds more.
CARRIERS = {
    "SF": "467",
    "YTO": "463",
    "ZTO": "1499",
    "STO": "470",
    "YUNDA": "1327",
    "EMS": "465",
    "JD": "2087",
}
COMPANIES = {theirs: ours for ours, theirs in CARRIERS.items()}
#: 厂家自送: the seller brings the goods himself, without a number.
SELF_DELIVERY = "1274"
NO_CARRIER = "NONE"

#: Only the numbers are published, the colours are not.
FLAGS = {"grey": "0", "red": "1", "yellow": "2", "green": "3", "blue": "4", "purple": "5"}
