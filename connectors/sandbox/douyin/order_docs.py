"""A sale as the platform's shop order, in the list and in the detail."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.douyin.carriers import carrier_name
from connectors.sandbox.douyin.line_docs import line_document, shop_promotion
from connectors.sandbox.douyin.receivers import receiver_fields
from connectors.sandbox.douyin.shop import Shop
from connectors.sandbox.douyin.spoil import as_shown
from connectors.sandbox.douyin.states import TEXTS, main_status, order_status
from connectors.sandbox.kit.market import Sale

Doc = dict[str, Any]
MOST_LINES = 40
ORDER_TYPES = {0: "普通订单", 2: "虚拟商品订单"}


def order_document(shop: Shop, sale: Sale) -> Doc:
    """One entry of `shop_order_list`, damaged where the order is a damaged one."""
    doc = sale.doc
    cases = {}
    if any(line["case"] for line in sale.lines):
        cases = {case.number: case for case in shop.market.shelves.cases_of(sale.number)}
    shown = {
        "shop_id": shop.shop_id, "shop_name": shop.shop_name, "order_id": sale.number, "order_level": 2,
        **_states(doc), **_times(doc), **_money(doc), **receiver_fields(shop, sale), **_words(doc),
        "logistics_info": [_parcel(sale, pack) for pack in shop.packs(sale.number)],
        "order_phase_list": [_phase(sale, step) for step in (1, 2)] if doc["is_presale"] else [],
        "sku_order_list": [line_document(sale, line, cases) for line in sale.lines],
        "shop_order_tag_ui": _tags(doc), "user_tag_ui": [], "address_tag_ui": [], "serial_number_list": [],
        "promise_info": json.dumps({"exp_ship_time": doc["ship_by_ms"] // 1000}), "accept_order_status": 0,
    }  # fmt: skip
    return as_shown(shown, sale.spoil)


def order_detail(shop: Shop, sale: Sale) -> Doc:
    """The `shop_order_detail`: as in the list, with the promotions told apart and 40 sku orders at most."""
    shown = order_document(shop, sale)
    shown["promotion_detail"] = _promotions(sale)
    if "sku_order_list" in shown:
        shown["sku_order_list"] = shown["sku_order_list"][:MOST_LINES]
    return shown


def _states(doc: Doc) -> Doc:
    status, main = order_status(doc), main_status(doc)
    return {
        "order_type": doc["order_type"], "order_type_desc": ORDER_TYPES[doc["order_type"]], "order_status": status,
        "order_status_desc": TEXTS[status], "main_status": main, "main_status_desc": TEXTS[main],
        "trade_type": doc["trade_type"], "biz": 2, "biz_desc": "小店自卖", "b_type": 2, "b_type_desc": "抖音",
        "app_id": 1128, "pay_type": doc["pay_type"], "cancel_reason": doc.get("cancel_reason", ""),
        "channel_payment_no": f"42{doc['number']}" if doc["paid_ms"] and not doc["is_cod"] else "",
    }  # fmt: skip


def _times(doc: Doc) -> Doc:
    return {
        "create_time": doc["created_ms"] // 1000, "pay_time": doc["paid_ms"] // 1000,
        "update_time": doc["changed_ms"] // 1000, "ship_time": doc["shipped_ms"] // 1000,
        "finish_time": doc["ended_ms"] // 1000 if doc["status"] == "completed" else 0,
        "order_expire_time": 1800, "exp_ship_time": doc["ship_by_ms"] // 1000,
        "appointment_ship_time": doc["ship_by_ms"] // 1000 if doc["pre_sale_type"] == 1 else 0,
    }  # fmt: skip


def _money(doc: Doc) -> Doc:
    lines, post, post_off = doc["lines"], doc["post_fee"], doc["post_promotion"]
    shop = sum(shop_promotion(line) for line in lines)
    platform, talent = (sum(line[name] for line in lines) for name in ("platform_share", "talent_share"))
    off = shop + platform + talent
    return {
        "order_amount": doc["payment"], "pay_amount": doc["payment"], "post_amount": post,
        "post_origin_amount": post + post_off, "post_promotion_amount": post_off, "post_insurance_amount": 0,
        "modify_amount": sum(line["adjust"] for line in lines), "modify_post_amount": 0, "tax_amount": 0,
        "packing_amount": 0, "promotion_amount": off, "promotion_shop_amount": shop,
        "promotion_platform_amount": platform, "promotion_talent_amount": talent, "promotion_pay_amount": 0,
        "promotion_redpack_amount": 0, "promotion_redpack_platform_amount": 0, "promotion_redpack_talent_amount": 0,
        "total_promotion_amount": off + post_off, "shop_cost_amount": shop, "platform_cost_amount": platform,
        "author_cost_amount": talent, "only_platform_cost_amount": platform,
    }  # fmt: skip


def _words(doc: Doc) -> Doc:
    return {"buyer_words": doc["message"], "seller_words": doc["memo"], "seller_remark_stars": doc["flag"]}


def _tags(doc: Doc) -> list[Doc]:
    told = {
        "risk_processing": ("风控审核中", doc["held"] and not doc["group_buy"]),
        "group_buying": ("拼团中", doc["group_buy"]),
        "address_changing": ("待审核修改地址", doc["address_request"]),
        "cloud_warehouse": ("云仓发货", doc["cloud"]),
    }
    return [
        {"key": key, "text": text, "hover_text": "", "tag_type": "grey"} for key, (text, holds) in told.items() if holds
    ]


def _parcel(sale: Sale, pack: Doc) -> Doc:
    lines = {line["no"]: line for line in sale.lines}
    units = [(lines[no], num) for no, num in pack["lines"].items() if no in lines]
    return {
        "delivery_id": pack["pack_id"], "tracking_no": pack["waybill"], "company": pack["company"],
        "company_name": carrier_name(pack["company"]), "ship_time": pack["at_ms"] // 1000, "hour_up_pickup_code": "",
        "product_info": [
            {"sku_order_id": line["no"], "sku_id": int(line["sku"]["sku_id"]), "outer_sku_id": line["sku"]["code"],
             "product_id": int(line["sku"]["num_iid"]), "product_name": line["sku"]["title"], "product_count": num,
             "price": line["price"]}
            for line, num in units
        ],
    }  # fmt: skip


def _phase(sale: Sale, step: int) -> Doc:
    doc = sale.doc
    payable = doc["deposit"] if step == 1 else doc["payment"] - doc["deposit"]
    paid_ms = doc["created_ms"] if step == 1 else doc["paid_ms"]
    opens = doc["created_ms"] // 1000 + (step - 1) * 300
    return {
        "phase_order_id": f"{sale.number}0{step}", "total_phase": 2, "current_phase": step, "pay_success": bool(paid_ms),
        "sku_order_id": sale.lines[0]["no"], "phase_payable_price": payable,
        "phase_pay_amount": payable if paid_ms else 0, "phase_pay_time": paid_ms // 1000,
        "phase_open_time": opens, "phase_close_time": opens + 7 * 86_400,
        "current_phase_status_desc": ("定金" if step == 1 else "尾款") + ("已支付" if paid_ms else "待支付"),
        "phase_post_amount": 0 if step == 1 else doc["post_fee"], "phase_promotion_amount": 0,
        "phase_sum_amount": payable,
    }  # fmt: skip


def _promotions(sale: Sale) -> Doc:
    lines = sale.lines
    limited = sum(line["discount"] for line in lines)
    coupon = sum(shop_promotion(line) for line in lines) - limited
    platform, talent = (sum(line[name] for line in lines) for name in ("platform_share", "talent_share"))
    return {
        "shop_discount_detail": _discounts(limited + coupon, coupon, limited, "店铺券", 22),
        "platform_discount_detail": _discounts(platform, platform, 0, "平台券", 1),
        "kol_discount_detail": _discounts(talent, talent, 0, "达人券", 41),
    }  # fmt: skip


def _discounts(total: int, coupon: int, limited: int, name: str, coupon_type: int) -> Doc:
    coupons = [
        {"coupon_id": 7_000_000 + coupon_type, "coupon_type": coupon_type, "coupon_amount": coupon, "coupon_name": name,
         "coupon_meta_id": str(7_000_000_000 + coupon_type)}
    ] if coupon else []  # fmt: skip
    return {"total_amount": total, "coupon_amount": coupon, "full_discount_amount": limited, "coupon_info": coupons}
