"""A line of a sale as the platform's sku order. No shop order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.douyin.states import TEXTS, case_status, case_type, line_main_status, line_status, refund_status
from connectors.sandbox.kit.market import Case, Sale

Doc = dict[str, Any]
STOCK, CLOUD = 0, 2


def line_document(sale: Sale, line: Doc, cases: Mapping[str, Case]) -> Doc:
    """One entry of `sku_order_list`; `cases` by number tell what after-sale the line is in."""
    doc = sale.doc
    status = line_status(doc, line)
    return {
        "order_id": line["no"], "parent_order_id": sale.number, "order_level": 3, "order_status": status,
        "order_status_desc": TEXTS[status], "main_status": line_main_status(doc, line),
        "main_status_desc": TEXTS[line_main_status(doc, line)], "order_type": doc["order_type"],
        "trade_type": doc["trade_type"], "pre_sale_type": doc["pre_sale_type"], "pay_type": doc["pay_type"],
        **_times(doc, line), **_goods(line), **_money(line),
        "goods_type": int(doc["order_type"] == 2), "reduce_stock_type": 1, "receive_type": 1,
        "need_serial_number": False, "after_sale_info": _after_sale(cases.get(line["case"])),
        "given_product_type": "FREE" if line["gift"] else "MASTER",
        "master_sku_order_id_list": [doc["lines"][0]["no"]] if line["gift"] else [],
        "bundle_sku_info": [_part(part, line["num"]) for part in line["sku"]["parts"]] if line["sku"]["combined"] else [],
        "inventory_list": [_inventory(doc, line)], "store_info": None, "sku_customization_info": [],
    }  # fmt: skip


def shop_promotion(line: Doc) -> int:
    """What the shop takes off a line: the discount on the item and its share of the shop's coupon."""
    return int(line["discount"] + line["share"] - line["platform_share"] - line["talent_share"])


def specs(sku: Doc) -> list[Doc]:
    """颜色分类:黑色;尺码:M → the list of names and values."""
    pairs = [part.partition(":") for part in sku["properties"].split(";") if part]
    return [{"name": name, "value": value} for name, _, value in pairs]


def product_number(sku: Doc) -> int:
    """The listing's number as the platform writes it."""
    return int(sku["num_iid"])


def _times(doc: Doc, line: Doc) -> Doc:
    return {
        "create_time": doc["created_ms"] // 1000, "pay_time": doc["paid_ms"] // 1000,
        "update_time": doc["changed_ms"] // 1000, "exp_ship_time": doc["ship_by_ms"] // 1000,
        "ship_time": doc["shipped_ms"] // 1000 if line["shipped_num"] else 0,
        "finish_time": doc["ended_ms"] // 1000 if doc["status"] == "completed" else 0,
    }  # fmt: skip


def _goods(line: Doc) -> Doc:
    sku, product = line["sku"], product_number(line["sku"])
    return {
        "product_id": product, "product_id_str": str(product), "product_name": sku["title"],
        "product_pic": "https://img.example.invalid/a.jpg", "sku_id": int(sku["sku_id"]), "code": sku["code"],
        "out_sku_id": "", "out_product_id": "", "supplier_id": "", "spec": specs(sku), "item_num": line["num"],
    }  # fmt: skip


def _money(line: Doc) -> Doc:
    paid = line["total"] - line["share"]
    shop = shop_promotion(line)
    return {
        "origin_amount": line["price"], "sum_amount": line["price"] * line["num"], "order_amount": paid,
        "pay_amount": paid, "post_amount": 0, "modify_amount": line["adjust"], "tax_amount": 0,
        "promotion_amount": shop + line["platform_share"] + line["talent_share"], "promotion_shop_amount": shop,
        "promotion_platform_amount": line["platform_share"], "promotion_talent_amount": line["talent_share"],
        "promotion_pay_amount": 0, "shop_cost_amount": shop, "platform_cost_amount": line["platform_share"],
        "author_cost_amount": line["talent_share"], "only_platform_cost_amount": line["platform_share"],
    }  # fmt: skip


def _after_sale(case: Case | None) -> Doc:
    if case is None:
        return {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0}
    status = 53 if case.doc["kind"] == "price" and case.doc["state"] == "succeeded" else case_status(case)
    return {"after_sale_status": status, "after_sale_type": case_type(case), "refund_status": refund_status(case)}


def _part(part: Doc, num: int) -> Doc:
    return {
        "product_id": str(product_number(part)), "sku_id": part["sku_id"], "code": part["code"],
        "item_num": part["quantity"] * num, "product_name": part["outer_iid"], "picture_url": "",
    }  # fmt: skip


def _inventory(doc: Doc, line: Doc) -> Doc:
    cloud = doc["cloud"]
    return {
        "warehouse_id": "8010001" if cloud else "0", "out_warehouse_id": "", "inventory_type": 1, "count": line["num"],
        "warehouse_type": CLOUD if cloud else STOCK, "inventory_type_desc": "普通库存",
    }  # fmt: skip
