"""Cases: list, detail, the seller's decisions, interception before shipment, returned goods, exchanges."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.kit.market import CASE_OVER, Case, decide
from connectors.sandbox.pinduoduo.carriers import CARRIERS
from connectors.sandbox.pinduoduo.errors import business, invalid
from connectors.sandbox.pinduoduo.params import Params
from connectors.sandbox.pinduoduo.paying import start_paying
from connectors.sandbox.pinduoduo.refund_docs import detail, is_speedy, list_item
from connectors.sandbox.pinduoduo.shop import Doc, Method, Shop, page_of, window
from connectors.sandbox.pinduoduo.states import (
    ALL_STATUSES,
    EXCHANGE,
    REFUND,
    REPAIR,
    RESHIP,
    RETURN,
    case_status,
    type_of,
)

HALF_AN_HOUR = 1_800
ALL_CASES = 1
CASE = ("order_sn", "after_sales_id")
ADDRESSES = ("A1001", "A1002")
FAILURES = (1001, 1002, 1003)


def increment(shop: Shop, params: Params) -> Doc:
    """Cases by change, newest first; `order_sn` takes the place of the window."""
    kind = params.choice("after_sales_type", (1, 2, 3, 4, 5, 6))
    status = params.choice("after_sales_status", _statuses(shop))
    where, args = "1", []
    bounds = (0, shop.market.now_ms() + 1)
    if params.text("order_sn"):
        where, args = "sale = ?", [params.text("order_sn")]
    else:
        bounds = window(shop, params, "start_updated_at", "end_updated_at", HALF_AN_HOUR)
    return _page(shop, params, bounds, where, args, kind, status)


def _statuses(shop: Shop) -> tuple[int, ...]:
    return ALL_STATUSES if shop.settings.get("strict_after_sales_status") else (ALL_CASES, *ALL_STATUSES)


def _page(
    shop: Shop, params: Params, bounds: tuple[int, int], where: str, args: list[Any], kind: int, status: int
) -> Doc:
    """Types and statuses are worked out of the documents, so they are compared before the page is cut."""
    page, shelves = page_of(params), shop.market.shelves
    if kind == ALL_CASES and status == ALL_CASES:
        rows = shelves.list_cases(
            "changed_ms", *bounds, page.offset, page.size, newest_first=True, where=where, args=args
        )
        return {"refund_list": [list_item(shop, case) for case in rows.found], "total_count": rows.total}
    rows = shelves.list_cases("changed_ms", *bounds, 0, 100_000, newest_first=True, where=where, args=args)
    found = [case for case in rows.found if _matches(shop, case, kind, status)]
    shown = found[page.offset : page.offset + page.size]
    return {"refund_list": [list_item(shop, case) for case in shown], "total_count": len(found)}


def _matches(shop: Shop, case: Case, kind: int, status: int) -> bool:
    shown = case_status(case, returned_as=int(shop.settings.get("returned_as", 7)))
    # Requests count types from one more than answers do.
    return kind in (ALL_CASES, type_of(case) + 1) and status in (ALL_CASES, shown)


def information(shop: Shop, params: Params) -> Doc:
    return detail(shop, shop.case(params))


def agree(shop: Shop, params: Params) -> Doc:
    """The seller agrees to pay: refunds at once, returns also before the goods are back."""
    request = params.inner("request", *CASE)
    with shop.market.storage.write():
        case = shop.case(request)
        if type_of(case) not in (REFUND, RETURN) or case.doc["state"] in CASE_OVER:
            raise business("当前售后状态不支持同意退款")
        start_paying(shop, case, "agree", request.text("operate_desc"))
    return {"result": {**_told(request), "message": "退款操作成功", "succ": True}}


def agree_return(shop: Shop, params: Params) -> Doc:
    request = params.inner("request", *CASE, "return_address_id", "operate_desc")
    if request.text("return_address_id") not in ADDRESSES:
        raise business("退货地址不存在")
    with shop.market.storage.write():
        case = shop.case(request)
        if type_of(case) == REFUND or case.doc["state"] != "asked":
            raise business("当前售后状态不支持同意退货")
        decide(shop.market, case.number, True, request.text("operate_desc"), report="agree_return")
    told = {**_told(request), "message": "操作成功", "success": True}
    return {"success": True, "error_code": 0, "error_msg": "", "result": told}


def addresses(shop: Shop, params: Params) -> Doc:
    place = {"province_id": 33, "province_name": "浙江省", "city_id": 3301, "city_name": "杭州市",
             "district_id": 330106, "district_name": "西湖区", "refund_address": "星河路1号仓库",
             "refund_name": "售后", "refund_phone": "13800000000", "refund_tel": ""}  # fmt: skip
    found = [
        {"id": 1001 + n, "refund_address_id": name, "mall_id": shop.mall_id, "is_default": "1" if n == 0 else "0",
         "is_legal": True, "is_validated": True, **place}
        for n, name in enumerate(ADDRESSES)
    ]  # fmt: skip
    return {"refund_address_list": found}


def ship_exchange(shop: Shop, params: Params) -> Doc:
    """What the buyer gets instead is under way; the buyer confirms it after `confirm_after`."""
    request = params.inner("request", *CASE, "shipping_id", "shipping_name", "tracking_number")
    carrier = CARRIERS.get(request.number("shipping_id"))
    if carrier is None or not carrier.available:
        raise business("快递公司不支持")
    with shop.market.storage.write():
        case = shop.case(request)
        if type_of(case) not in (EXCHANGE, RESHIP, REPAIR) or case.doc["state"] not in ("agreed", "returned"):
            raise business("当前售后状态不支持换货发货")
        waybill = request.text("tracking_number")
        case.doc |= {"sent": {"shipping_id": carrier.id, "tracking_number": waybill}, "shown": _sent_status(case)}
        case.doc["reports"].append({"what": "shipped_exchange", "words": waybill, "at_ms": shop.market.now_ms()})
        shop.market.case_changed(case, "case_changed")
        shop.later("confirm_after", case.doc["order"], "confirm_exchange", case=case.number)
    return {"result": {**_told(request), "message": "操作成功", "succ": True}}


def _sent_status(case: Case) -> int:
    return 27 if type_of(case) == REPAIR else 18


def intercepted(shop: Shop, params: Params) -> Doc:
    """The seller tells whether a parcel could be stopped before it left; then the platform pays by itself."""
    request = params.inner("param", "refund_id", "tid", "status")
    if request.text("status") not in ("SUCCESS", "FAIL"):
        raise invalid("status", "只支持SUCCESS,FAIL")
    failed = request.text("status") == "FAIL"
    if failed:
        request.choice("fail_reason_code", FAILURES)
    with shop.market.storage.write():
        case = shop.case(Params({"order_sn": request.text("tid"), "after_sales_id": request.text("refund_id")}))
        _check_interception(shop, case, request, failed)
        if failed:
            words = request.text("fail_reason_code")
            case.doc["reports"].append({"what": "not_stopped", "words": words, "at_ms": shop.market.now_ms()})
            shop.market.case_changed(case, "case_changed")
        else:
            start_paying(shop, case, "stopped")
    return {"result": {"result_data": {"refund_id": int(case.number)}}}


def _check_interception(shop: Shop, case: Case, request: Params, failed: bool) -> None:
    if not is_speedy(case) or case.doc["state"] != "asked":
        raise business("当前售后单不支持取消发货")
    if not failed and shop.market.find_sale(case.doc["order"]).doc["shipped_ms"]:
        raise business("订单已发货，无法取消发货")
    if request.text("refund_fee") and request.number("refund_fee") != case.doc["amount"]:
        raise business("退款金额与售后单不一致")


def warehoused(shop: Shop, params: Params) -> Doc:
    """A returned parcel has come in (1: then the platform pays by itself) or could not be taken (2)."""
    request = params.inner("request", *CASE, "operate_time", "reverse_logistics_id", "reverse_tracking_number",
                           "warehouse_status")  # fmt: skip
    status = request.choice("warehouse_status", (1, 2))
    with shop.market.storage.write():
        case = shop.case(request)
        if case.doc["state"] not in ("agreed", "returned"):
            raise business("当前售后状态不支持退货入库")
        waybill = request.text("reverse_tracking_number")
        case.doc["received"] = case.doc["received"] or status == 1
        if status == 1 and type_of(case) == RETURN:
            start_paying(shop, case, "received", waybill)
        else:
            report = "received" if status == 1 else "not_received"
            case.doc["reports"].append({"what": report, "words": waybill, "at_ms": shop.market.now_ms()})
            shop.market.case_changed(case, "case_changed")
    return {"result": _told(request)}


def _told(request: Params) -> Doc:
    return {"after_sales_id": request.number("after_sales_id"), "order_sn": request.text("order_sn")}


METHODS = {
    "pdd.refund.list.increment.get": Method(
        increment, "refund_increment_get_response", ("after_sales_type", "after_sales_status")
    ),
    "pdd.refund.information.get": Method(information, "", CASE),
    "pdd.refund.agree": Method(agree, "response", ("request",)),
    "pdd.refund.returngoods.agree": Method(agree_return, "response", ("request",)),
    "pdd.refund.address.list.get": Method(addresses, "refund_address_list_get_response"),
    "pdd.refund.exchange.shipping": Method(ship_exchange, "response", ("request",)),
    "pdd.rdc.pddgenius.sendgoods.cancel": Method(intercepted, "rdc_pddgenius_sendgoods_cancel_response", ("param",)),
    "pdd.nextone.logistics.warehouse.update": Method(warehoused, "response", ("request",)),
}
