"""An after-sale case as the platform shows it in the list and, under other names, in the detail."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.douyin.carriers import carrier_name
from connectors.sandbox.douyin.line_docs import product_number, shop_promotion, specs
from connectors.sandbox.douyin.receivers import NAME, TEL, cipher
from connectors.sandbox.douyin.shop import Shop
from connectors.sandbox.douyin.states import CASE_TEXTS, TYPE_TEXTS, case_status, case_type, refund_status
from connectors.sandbox.kit.market import CASE_OVER, Case, Sale
from connectors.sandbox.kit.market.model import line_of

Doc = dict[str, Any]
REASON_CODE = 101
RETURN_ADDRESS = 1001
ORIGINAL, OFFLINE, NONE = 0, 1, 4
REFUND_TEXTS = {ORIGINAL: "原路退款", OFFLINE: "货到付款线下退款", NONE: "无需退款"}


def list_item(shop: Shop, case: Case) -> Doc:
    """One entry of `items`: aftersale_info, order_info, text_part, seller_logs."""
    sale = shop.sale(case.doc["order"])
    status, type_ = case_status(case), case_type(case)
    return {
        "aftersale_info": _aftersale(shop, sale, case),
        "order_info": {"shop_order_id": sale.number, "order_flag": sale.doc["flag"],
                       "related_order_info": [_related(sale, case, part) for part in case.doc["lines"]]},
        "text_part": {"aftersale_status_text": CASE_TEXTS[status], "aftersale_type_text": TYPE_TEXTS[type_],
                      "reason_text": case.doc["reason"], "logistics_text": "", "return_logistics_text": "",
                      "aftersale_refund_type_text": REFUND_TEXTS[refund_way(sale, case)],
                      "arbitrate_status_text": ""},
        "seller_logs": case.doc.get("remarks", []),
    }  # fmt: skip


def detail(shop: Shop, case: Case) -> Doc:
    """The `data` of the detail call; numbers of cases and orders are integers here."""
    sale = shop.sale(case.doc["order"])
    return {
        "process_info": {
            "after_sale_info": _after_sale(shop, sale, case),
            "arbitrate_info": {"arbitrate_id": "0", "arbitrate_status": 0},
            "logistics_info": {"return": _sent_back(case), "exchange": _sent_again(case, "exchange"),
                               "order": _sent(shop, sale, case), "resend": _sent_again(case, "resend")},
            "after_sale_shop_remarks": case.doc.get("remarks", []),
            "record_logs_list": [_log(report) for report in case.doc["reports"]],
        },
        "order_info": {"shop_order_id": int(sale.number),
                       "sku_order_infos": [_sku_order(sale, case, part) for part in case.doc["lines"]]},
    }  # fmt: skip


def refund_way(sale: Sale, case: Case) -> int:
    """aftersale_refund_type: how money goes back, if any does."""
    if not case.doc["amount"]:
        return NONE
    return OFFLINE if sale.doc["is_cod"] else ORIGINAL


def _aftersale(shop: Shop, sale: Sale, case: Case) -> Doc:
    doc = case.doc
    return {
        "aftersale_id": case.number, "aftersale_order_type": 1, "aftersale_type": case_type(case),
        "aftersale_sub_type": 0, "aftersale_status": case_status(case), "related_id": doc["lines"][0]["no"],
        "apply_time": doc["created_ms"] // 1000, "create_time": doc["created_ms"] // 1000,
        "update_time": doc["changed_ms"] // 1000, "status_deadline": deadline(case),
        "refund_amount": doc["amount"], "refund_post_amount": doc.get("post_amount", 0), "refund_tax_amount": 0,
        "return_promotion_amount": 0, "aftersale_num": sum(part["num"] for part in doc["lines"]),
        "part_type": part_type(sale, case), "aftersale_refund_type": refund_way(sale, case), "refund_type": 0,
        "refund_status": refund_status(case), "arbitrate_status": doc.get("arbitrate_status", 0), "arbitrate_blame": 0,
        "return_logistics_code": doc["return_waybill"],
        "return_logistics_company_name": carrier_name("zhongtong") if doc["return_waybill"] else "",
        "exchange_logistics_company_name": carrier_name(doc.get("sent_company", "")),
        "exchange_sku_info": _wanted(sale, case), "got_pkg": int(doc["kind"] not in ("refund", "resend")),
        "is_agree_refuse_sign": 0, "remark": doc["words"], "risk_decision_code": 0, "risk_decision_reason": "",
        "risk_decision_description": "", "order_logistics": _sent(shop, sale, case), "reason_second_labels": [],
        "aftersale_tags": [], "store_id": 0, "store_name": "",
    }  # fmt: skip


def _after_sale(shop: Shop, sale: Sale, case: Case) -> Doc:
    doc, receiver = case.doc, sale.doc["receiver"]
    num = sum(part["num"] for part in doc["lines"])
    succeeded = doc["state"] == "succeeded"
    return {
        "after_sale_id": int(case.number), "after_sale_status": case_status(case),
        "after_sale_status_desc": CASE_TEXTS[case_status(case)], "after_sale_type": case_type(case),
        "after_sale_type_text": TYPE_TEXTS[case_type(case)], "after_sale_order_type": 1,
        "refund_status": refund_status(case), "refund_total_amount": doc["amount"],
        "refund_post_amount": doc.get("post_amount", 0), "real_refund_amount": doc["amount"] if succeeded else 0,
        "refund_promotion_amount": 0, "apply_time": doc["created_ms"] // 1000,
        "update_time": doc["changed_ms"] // 1000, "status_deadline": deadline(case), "reason": doc["reason"],
        "reason_code": REASON_CODE, "reason_remark": doc["words"], "evidence": doc["evidence"],
        "after_sale_apply_count": num, "need_return_count": num if doc["kind"] in ("return", "exchange") else 0,
        "part_type": part_type(sale, case), "got_pkg": int(doc["kind"] not in ("refund", "resend")),
        "return_address_id": doc.get("return_address", RETURN_ADDRESS), "exchange_sku_info": _wanted(sale, case),
        "encrypt_post_receiver": cipher(shop, sale.number, NAME, receiver["name"]),
        "encrypt_post_tel_sec": cipher(shop, sale.number, TEL, receiver["mobile"]),
    }  # fmt: skip


def deadline(case: Case) -> int:
    """When the case goes on by itself, in seconds; 0 when it is over."""
    ends = 0 if case.doc["state"] in CASE_OVER else case.doc["respond_by_ms"] // 1000
    return int(ends)


def part_type(sale: Sale, case: Case) -> int:
    """1 when only a part of the line's units is asked for."""
    return int(any(part["num"] < line_of(sale.doc, part["no"])["num"] for part in case.doc["lines"]))


def _related(sale: Sale, case: Case, part: Doc) -> Doc:
    line = line_of(sale.doc, part["no"])
    sku, paid = line["sku"], line["total"] - line["share"]
    gifts = [other["no"] for other in sale.lines if other["gift"]] if line is sale.lines[0] else []
    return {
        "sku_order_id": line["no"], "order_status": _shipping_state(sale, line), "pay_amount": paid, "post_amount": 0,
        "tax_amount": 0, "item_num": line["num"], "create_time": sale.doc["created_ms"] // 1000,
        "product_id": product_number(sku), "product_name": sku["title"], "product_image": "",
        "shop_sku_code": sku["code"], "sku_spec": specs(sku), "price": line["price"],
        "promotion_pay_amount": 0, "logistics_code": line["waybills"][-1] if line["waybills"] else "",
        "aftersale_pay_amount": part["amount"], "aftersale_post_amount": 0, "aftersale_tax_amount": 0,
        "aftersale_item_num": part["num"], "is_oversea_order": 0, "tags": [], "given_sku_order_ids": gifts,
    }  # fmt: skip


def _sku_order(sale: Sale, case: Case, part: Doc) -> Doc:
    line = line_of(sale.doc, part["no"])
    sku, paid = line["sku"], line["total"] - line["share"]
    return {
        "sku_order_id": int(line["no"]), "order_status": _shipping_state(sale, line), "pay_amount": paid,
        "post_amount": 0, "item_quantity": line["num"], "after_sale_item_count": part["num"],
        "create_time": sale.doc["created_ms"] // 1000, "product_id": product_number(sku),
        "product_name": sku["title"], "sku_id": int(sku["sku_id"]), "shop_sku_code": sku["code"],
        "sku_spec": specs(sku), "item_sum_amount": line["price"] * line["num"], "sku_pay_amount": paid,
        "promotion_amount": shop_promotion(line), "pay_type": sale.doc["pay_type"], "given_sku_details": [],
    }  # fmt: skip


def _shipping_state(sale: Sale, line: Doc) -> int:
    return 2 if not line["shipped_num"] else 5 if sale.doc["status"] == "completed" else 3


def _sent(shop: Shop, sale: Sale, case: Case) -> list[Doc]:
    wanted = {part["no"] for part in case.doc["lines"]}
    return [
        {"tracking_no": pack["waybill"], "company_name": carrier_name(pack["company"]), "company_code": pack["company"],
         "logistics_time": pack["at_ms"] // 1000, "logistics_state": 1}
        for pack in shop.packs(sale.number) if wanted & set(pack["lines"])
    ]  # fmt: skip


def _sent_back(case: Case) -> Doc | None:
    waybill = case.doc["return_waybill"]
    return _logistics(waybill, "zhongtong", case.doc["changed_ms"]) if waybill else None


def _sent_again(case: Case, kind: str) -> Doc | None:
    doc = case.doc
    if doc["kind"] != kind or not doc.get("sent_waybill"):
        return None
    return _logistics(doc["sent_waybill"], doc["sent_company"], doc["changed_ms"])


def _logistics(waybill: str, company: str, at_ms: int) -> Doc:
    return {"tracking_no": waybill, "company_name": carrier_name(company), "company_code": company,
            "logistics_time": at_ms // 1000}  # fmt: skip


def _wanted(sale: Sale, case: Case) -> Doc | None:
    if case.doc["kind"] != "exchange":
        return None
    part = case.doc["lines"][0]
    line = line_of(sale.doc, part["no"])
    return {"sku_id": line["sku"]["sku_id"], "code": case.doc["wanted"], "out_sku_id": "", "num": part["num"],
            "price": str(line["price"]), "out_warehouse_id": "", "supplier_id": "", "url": "",
            "name": line["sku"]["title"], "spec_desc": line["sku"]["properties"]}  # fmt: skip


def _log(report: Doc) -> Doc:
    return {"action": report["what"], "operator": "商家", "text": report["words"], "time": report["at_ms"] // 1000}
