"""The kinds of orders a JD shop has, and what each adds to a sale."""

from __future__ import annotations

import random
from typing import Any

Doc = dict[str, Any]

#: Kind → share in free traffic.
KINDS = {
    "plain": 600, "cod": 80, "presale_paid": 30, "presale_unpaid": 10, "merge_pairs": 40, "split": 50, "bundle": 50,
    "gift": 40, "held": 10, "group_buy": 10, "unpaid": 30, "unknown_sku": 2, "missing_code": 10, "pickup": 6,
    "jd_delivery": 10, "warehouse": 15, "loc": 4, "overseas": 0, "transfer": 6, "vat_invoice": 10,
    "exchange_order": 4, "reissue_order": 4, "parent_split": 15,
}  # fmt: skip
#: Kinds that are drawn as another one and then changed here.
DRAWN_AS = {"parent_split": "split", **dict.fromkeys(
    ("missing_code", "pickup", "jd_delivery", "warehouse", "loc", "overseas", "transfer", "vat_invoice",
     "exchange_order", "reissue_order"), "plain",
)}  # fmt: skip
TRANSFERS = ("5-公司转账", "6-银行转账", "2-邮局汇款")
COUPONS = ("100-店铺优惠", "35-满返满送(返现)", "28-闪团优惠")


def adorn(doc: Doc, rng: random.Random) -> None:
    """Add what JD's orders have besides: ways of paying and shipping, the parent, the purpose."""
    kind = doc["kind"]
    doc["pay_type"] = "1-货到付款" if doc["is_cod"] else rng.choice(TRANSFERS) if kind == "transfer" else "4-在线支付"
    doc["order_type"] = "75" if kind == "loc" else "22"
    doc["shipment_type"] = {"jd_delivery": "68", "pickup": "69"}.get(kind, "")
    doc["store_order"] = rng.choice(("京仓订单", "云仓订单")) if kind == "warehouse" else ""
    doc["return_order"] = {"reissue_order": "1", "exchange_order": "2"}.get(kind, "0")
    doc["by_platform"] = kind in ("warehouse", "loc")
    doc["parent"] = "0"
    doc["coupon_type"] = "29-团购优惠" if kind == "group_buy" else rng.choice(COUPONS)
    doc["gift_card"] = rng.random() < 0.3
    doc["source"] = rng.choice(("移动端订单", "网站订单", "微信订单"))
    if kind == "vat_invoice":
        doc["invoice"] = {"title": "示例科技有限公司", "kind": "vat", "tax_no": "91330100MA00000000"}
