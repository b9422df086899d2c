"""WooCommerce's code tables: order statuses, carriers and their names, Chinese provinces."""

from __future__ import annotations

from connectors.contract.records import OrderState

#: Status without its "wc-" → the order's state. The last four are of widespread plugins, the rest is the core's.
STATES = {
    "pending": OrderState.UNPAID,
    "on-hold": OrderState.UNPAID,
    "failed": OrderState.UNPAID,
    "checkout-draft": OrderState.UNPAID,
    "auto-draft": OrderState.UNPAID,
    "draft": OrderState.UNPAID,
    "processing": OrderState.OPEN,
    "completed": OrderState.COMPLETED,
    "cancelled": OrderState.CANCELLED,
    "refunded": OrderState.CANCELLED,
    "trash": OrderState.CANCELLED,
    "partial-shipped": OrderState.PART_SHIPPED,
    "partially-shipped": OrderState.PART_SHIPPED,
    "shipped": OrderState.SHIPPED,
    "delivered": OrderState.COMPLETED,
}

#: Carts that are no orders yet; the shop's list has them all the same.
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft"})

#: The status of what a shop has thrown away.
TRASH = "trash"

#: Words a setting may use for a shop's own statuses.
STATE_WORDS = {state.value: state for state in OrderState}

#: Shipping methods with which the buyer comes to the shop.
PICKUP_METHODS = frozenset({"local_pickup", "pickup_location"})

#: Hub carrier code → (the slug of WooCommerce's own list of providers or "", the name buyers read).
CARRIERS = {
    "SF": ("", "SF Express"),
    "ZTO": ("", "ZTO Express"),
    "YTO": ("", "YTO Express"),
    "STO": ("", "STO Express"),
    "YUNDA": ("", "Yunda Express"),
    "EMS": ("", "EMS"),
    "EYB": ("", "EMS Economy"),
    "POSTB": ("", "China Post"),
    "JD": ("", "JD Logistics"),
    "JT": ("", "J&T Express"),
    "HTKY": ("", "Best Express"),
    "DBKD": ("", "Deppon Express"),
    "DBWL": ("", "Deppon Logistics"),
    "UC": ("", "UC Express"),
    "ZJS": ("", "ZJS Express"),
    "DHL": ("dhl", "DHL"),
    "FEDEX": ("fedex", "FedEx"),
    "UPS": ("ups", "UPS"),
    "USPS": ("usps", "USPS"),
}
#: What plugins call a carrier, by slug or name → hub carrier code.
CARRIERS_BY_NAME = {word.lower(): ours for ours, words in reversed(CARRIERS.items()) for word in words if word}

#: Goods without a parcel: the hub's carrier code for "nothing is carried".
NO_CARRIER = "NONE"

_NAMES = (
    "云南省 北京市 天津市 河北省 山西省 内蒙古自治区 辽宁省 吉林省 黑龙江省 上海市 江苏省 浙江省 安徽省 福建省 江西省 "
    "山东省 河南省 湖北省 湖南省 广东省 广西壮族自治区 海南省 重庆市 四川省 贵州省 陕西省 甘肃省 青海省 宁夏回族自治区 "
    "澳门特别行政区 西藏自治区 新疆维吾尔自治区"
)
#: WooCommerce writes provinces of China as CN1 … CN32.
PROVINCES = {f"CN{number}": name for number, name in enumerate(_NAMES.split(), 1)}


def carrier_name(code: str) -> str:
    """What buyers read for a hub carrier code; WooCommerce takes any name."""
    return CARRIERS[code][1] if code in CARRIERS else code
