"""Suning's words and the hub's, both ways; and the settings that stand for what Suning does not publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract.records import Funder, OrderState, RefundState

#: orderTotalStatus and orderLineStatus share one list.
STATES = {
    "10": OrderState.OPEN,  # 待发货
    "20": OrderState.SHIPPED,  # 已发货
    "21": OrderState.PART_SHIPPED,  # 部分发货
    "30": OrderState.COMPLETED,  # 交易成功
    "40": OrderState.CANCELLED,  # 交易关闭
}

#: statusDesc of returns, by number and by word; the list gives either.
REFUNDS = {
    "1": RefundState.ASKED,
    "2": RefundState.REFUSED,
    "3": RefundState.AGREED,
    "4": RefundState.RETURNED,
    "5": RefundState.ASKED,  # the payment failed, so the money is asked for still
    "6": RefundState.AGREED,
    "7": RefundState.CLOSED,
    "8": RefundState.SUCCEEDED,
}
REFUND_WORDS = {
    "退款待处理": "1",
    "已拒绝退款": "2",
    "待买家发货": "3",
    "待商家收货": "4",
    "退款失败": "5",
    "退款处理中": "6",
    "退款关闭": "7",
    "退款成功": "8",
}
#: States in which goods go back.
GOODS_GO_BACK = frozenset({"3", "4"})

#: banktypecode of coupons among the payments → (who pays, its name), as sellers' systems know them.
COUPONS = {
    "5998": (Funder.MERCHANT, "店铺优惠券"),
    "10003": (Funder.MERCHANT, "店铺云券"),
    "10006": (Funder.MERCHANT, "店铺易券"),
    "6998": (Funder.PLATFORM, "联合0元购券"),
    "7998": (Funder.PLATFORM, "0元购券"),
    "9994": (Funder.PLATFORM, "优惠券"),
    "9995": (Funder.PLATFORM, "优惠券"),
    "10001": (Funder.PLATFORM, "云券"),
    "10002": (Funder.PLATFORM, "限品类云券"),
    "10004": (Funder.PLATFORM, "易券"),
    "10005": (Funder.PLATFORM, "限品类易券"),
    "10009": (Funder.PLATFORM, "无敌券"),
}
#: paycode of anything that is a coupon, whatever its banktypecode.
COUPON_PAY = "6901"

SPECIAL_INVOICE, ELECTRONIC_INVOICE = "01", "05"
INVOICES = frozenset({"", "01", "02", ELECTRONIC_INVOICE})

#: Hub carrier code → the word by which Suning's own list of carriers is searched.
CARRIER_WORDS = {
    "SF": "顺丰",
    "ZTO": "中通",
    "YTO": "圆通",
    "STO": "申通",
    "YUNDA": "韵达",
    "EMS": "EMS",
    "EYB": "经济快递",
    "POSTB": "邮政",
    "JD": "京东",
    "JT": "极兔",
    "HTKY": "百世",
    "DBKD": "德邦",
    "DBWL": "德邦物流",
    "UC": "优速",
    "ZJS": "宅急送",
    "TTKDEX": "天天",
    "SUNING": "苏宁",
    "OTHER": "其他",
}
#: Codes seen in sellers' documents; the setting `carriers` adds to them and goes before them.
CARRIERS = "EMS=E01,ZTO=Z01"

#: colorMarkFlag; a memo without a colour is grey.
FLAGS = {"": "grey", "1": "red", "2": "yellow", "3": "green", "4": "blue", "5": "purple"}
FLAG_NUMBERS = {colour: number for number, colour in FLAGS.items()}


def pairs(setting: str) -> dict[str, str]:
    """`"ZTO=Z01,EMS=E01"` as a table; what is not a pair is left out."""
    found = (entry.partition("=") for entry in setting.replace("，", ",").split(","))
    return {name.strip(): value.strip() for name, mark, value in found if mark and value.strip()}


def names(setting: str) -> frozenset[str]:
    """`"a, b"` as a set."""
    return frozenset(part for entry in setting.replace("，", ",").split(",") if (part := entry.strip()))


@dataclass(frozen=True, slots=True)
class Reader:
    """What a shop has set for values that Suning does not publish: how parsing reads them."""

    cod_codes: frozenset[str] = frozenset()
    platform_stores: frozenset[str] = frozenset()
    carriers: Mapping[str, str] | None = None

    def carrier(self, theirs: str) -> str:
        """The hub's carrier for Suning's code; one we do not know stays as it is."""
        return (self.carriers or {}).get(theirs, theirs)


def reader_of(settings: Mapping[str, str]) -> Reader:
    """The reader for an account's settings."""
    carriers = pairs(CARRIERS) | pairs(settings.get("carriers", ""))
    return Reader(
        names(settings.get("cod_codes", "")),
        names(settings.get("platform_stores", "")),
        {theirs: ours for ours, theirs in carriers.items()},
    )
