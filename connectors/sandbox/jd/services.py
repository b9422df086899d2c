"""Service orders after shipping: their states at JD, their documents, and what JD and time do to them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.jd.clock import text_of
from connectors.sandbox.jd.shop import Shop
from connectors.sandbox.jd.tde import masked_name, masked_phone, masked_pin
from connectors.sandbox.kit.market import CASE_OVER, Case, Market
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.kit.market.selling import end_case

Doc = dict[str, Any]
TO_AUDIT, REFUSED, TO_RECEIVE, TO_HANDLE, TO_CONFIRM = 10001, 10004, 10005, 10007, 10009
DONE, WITHDRAWN, REFUNDING = 10010, 10011, 10041
BY_STATE = {"asked": TO_AUDIT, "agreed": TO_RECEIVE, "returned": TO_RECEIVE, "refused": REFUSED, "closed": WITHDRAWN,
            "succeeded": DONE}  # fmt: skip
STATUS_NAMES = {
    10000: "待审核领取", 10001: "待审核", 10002: "待客户反馈", 10004: "审核关闭", 10005: "待收货", 10006: "待处理领取",
    10007: "待处理", 10009: "待用户确认", 10010: "完成", 10011: "取消", 10012: "客户已反馈",
    10013: "待审核和待客户反馈", 10041: "提交退款申请", 1100: "待发货", 12000: "上门维修中", 13000: "商家催收",
    14000: "上门检测中",
}  # fmt: skip
EXPECT = {"refund": 11, "return": 10, "exchange": 20}
EXPECT_NAMES = {10: "退货", 11: "仅退款", 20: "换货", 30: "维修", 80: "补发商品", 90: "生鲜赔付"}
APPROVE_NAMES = {11: "赔付", 22: "上门换新", 32: "客户送货", 33: "客户发货", 87: "补发商品", 91: "退款不退货"}
PROCESS_NAMES = {70: "原返", 80: "换货", 100: "赔付", 6: "取消"}


def status_of(doc: Doc) -> int:
    """The serviceStatus that JD shows for a service order."""
    if doc.get("forced") is not None:
        return int(doc["forced"])
    if doc["state"] in CASE_OVER or doc.get("shown") is None:
        return BY_STATE[doc["state"]]
    return int(doc["shown"])


def mark(market: Market, number: str, status: int | None, **more: Any) -> Case:
    """Keep a step of a service order and what was said about it."""
    case = market.find_case(number)
    case.doc |= {"shown": status, "forced": None, **more}
    market.shelves.save_case(case)
    return case


def pay_in_steps(shop: Shop, number: str) -> None:
    """Hand the refund in soon, and pay it a while later."""
    shop.market.scheduler.after(shop.delay("refund_after"), "jd_refunding", {"case": number})


def refunding(shop: Shop, number: str) -> None:
    """JD has taken the refund up."""
    with shop.market.storage.write():
        if shop.market.find_case(number).doc["state"] not in CASE_OVER:
            mark(shop.market, number, REFUNDING)
            shop.market.scheduler.after(shop.delay("refund_after"), "jd_finished", {"case": number})


def finished(shop: Shop, number: str) -> None:
    """The refund is paid, or the buyer has the new goods."""
    with shop.market.storage.write():
        case = shop.market.find_case(number)
        if case.doc["state"] in CASE_OVER:
            return
        end_case(shop.market, case, "succeeded")
        mark(shop.market, number, DONE, finished_ms=shop.market.now_ms())


def document(shop: Shop, case: Case) -> Doc:
    """A service order as the lists show it; numbers are numbers, money is yuan."""
    doc = case.doc
    sale = shop.market.find_sale(doc["order"]).doc
    part = doc["lines"][0]
    sku = line_of(sale, part["no"])["sku"]
    status, expect = status_of(doc), int(doc["expect"])
    approve, process = doc.get("approve_result"), doc.get("process_result")
    return {
        "applyId": int(doc["number"]) + 500_000_000, "serviceId": int(doc["number"]), "orderId": int(doc["order"]),
        "applyTime": text_of(doc["created_ms"], ""), "customerExpect": expect,
        "customerExpectName": EXPECT_NAMES.get(expect, ""), "serviceStatus": status,
        "serviceStatusName": STATUS_NAMES[status], "customerPin": masked_pin(sale["buyer"]["nick"]),
        "customerName": masked_name(sale["receiver"]["name"]), "customerTel": "",
        "desenCustomerTel": masked_phone(sale["receiver"]["mobile"]), "pickwareType": doc.get("pickware_type", 40),
        "pickwareAddress": "", "orderType": 22, "orderTypeName": "POPSOP", "actualPayPrice": doc["amount"] / 100,
        "skuId": int(sku["sku_id"]), "wareId": int(sku["sku_id"]), "wareName": sku["title"], "wareType": 10,
        "skuType": 1, "serviceCount": part["num"], "approvePin": doc.get("approve_pin", ""),
        "approveName": doc.get("approve_name", ""), "approveTime": text_of(doc.get("approved_ms", 0), "") or None,
        "approveResult": approve, "approveResultName": APPROVE_NAMES.get(approve) if approve else None,
        "approveNotes": doc.get("approve_notes", ""), "processPin": doc.get("process_pin", ""),
        "processName": doc.get("process_name", ""), "processTime": text_of(doc.get("processed_ms", 0), "") or None,
        "processResult": process, "processResultName": PROCESS_NAMES.get(process) if process else None,
        "questionDesc": doc["reason"], "platformSrc": 1, "updateDate": text_of(doc["changed_ms"], ""),
    }  # fmt: skip


def freight_document(doc: Doc) -> Doc:
    """The parcel in which the customer sends goods back; empty texts as long as there is none."""
    waybill = doc["return_waybill"]
    return {"serviceId": int(doc["number"]), "expressCode": waybill,
            "expressCompany": "中通快递" if waybill else "", "freightMoney": 0}  # fmt: skip
