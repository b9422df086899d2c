"""What the seller's system reports of goods in after-sale: not sent, back in the warehouse, stopped, sent again."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.douyin.carriers import carrier_name
from connectors.sandbox.douyin.errors import STATE, ApiError, business, invalid
from connectors.sandbox.douyin.params import Params
from connectors.sandbox.douyin.parcels import carrier_of
from connectors.sandbox.douyin.shop import Method, Shop
from connectors.sandbox.douyin.states import case_type
from connectors.sandbox.kit.market import CASE_OVER, Case, decide, goods_are_back
from connectors.sandbox.kit.market.selling import end_case, move_case

Doc = dict[str, Any]
RESEND, PICK_UP, REPAIR = 1, 3, 4


def not_sent(shop: Shop, params: Params) -> Doc:
    """The goods were stopped before they left: the platform refunds at once."""
    with shop.market.storage.write():
        case = shop.case(params.text("aftersale_id"))
        params.number("op_time", low=1)
        if case_type(case) != 2 or case.doc["state"] != "asked":
            raise _state()
        decide(shop.market, case.number, True, "", report="not_sent")
    return {}


def back_in_warehouse(shop: Shop, params: Params) -> Doc:
    """Returned goods reached the warehouse: the platform refunds at once."""
    with shop.market.storage.write():
        case = shop.case(params.text("aftersale_id"))
        params.number("op_time", low=1)
        if case.doc["kind"] != "return" or case.doc["state"] not in ("agreed", "returned"):
            raise _state()
        with shop.received_stays(case.doc["order"]):
            goods_are_back(shop.market, case.number, report="back_in_warehouse")
    return {}


def intercept(shop: Shop, params: Params) -> Doc:
    """Ask the carrier to bring parcels back; some say no (setting `intercept_fails`: all of them)."""
    targets = params.items("intercept_targets", 20)
    if params.number("op_from") not in (1, 3):
        raise invalid("op_from", "op_from只能为1或3")
    with shop.market.storage.write():
        case = shop.case(params.text("after_sale_id"))
        if case.doc["state"] in CASE_OVER or not case.doc["line_shipped_when_asked"]:
            raise _state()
        results = [_intercepted(shop, case, target) for target in targets]
        case.doc["reports"].append({"what": "intercept", "words": "", "at_ms": shop.market.now_ms()})
        shop.market.case_changed(case, "case_intercepted")
    lost = [result for result in results if not result["is_success"]]
    why = lost[0] if lost else {"unavailable_reason_code": 0, "unavailable_reason": ""}
    return {
        "intercept_results": results, "success_count": len(results) - len(lost), "failed_count": len(lost),
        "unavailable_reason_code": why["unavailable_reason_code"], "unavailable_reason": why["unavailable_reason"],
        "refund_amount": case.doc["amount"],
    }  # fmt: skip


def fill_logistics(shop: Shop, params: Params) -> Doc:
    """The seller sends a re-ship (1), or fills in the buyer's way back of a repair (4) or a pick-up (3)."""
    send_type = params.number("send_type")
    company, waybill = carrier_of(Params({"company_code": params.text("company_code"),
                                          "logistics_code": params.text("tracking_no")}))  # fmt: skip
    with shop.market.storage.write():
        case = shop.case(params.text("aftersale_id"))
        kinds = {RESEND: ("resend",), PICK_UP: ("return", "exchange"), REPAIR: ("repair",)}
        if send_type not in kinds:
            raise invalid("send_type", "send_type只能为1、3、4")
        if case.doc["kind"] not in kinds[send_type] or case.doc["state"] != "agreed":
            raise _state()
        case.doc["reports"].append({"what": "logistics", "words": waybill, "at_ms": shop.market.now_ms()})
        if send_type == RESEND:
            case.doc |= {"sent_company": company, "sent_waybill": waybill}
            with shop.received_stays(case.doc["order"]):
                end_case(shop.market, case, "succeeded")
        else:
            case.doc |= {"return_carrier": company, "return_waybill": waybill}
            move_case(shop.market, case, "returned")
    return {}


def _state() -> ApiError:
    return business(STATE, "售后单当前状态不允许该操作")


def _intercepted(shop: Shop, case: Case, target: Params) -> Doc:
    target.require("company_code", "tracking_no")
    company, waybill = target.text("company_code"), target.text("tracking_no")
    sent = any(pack["waybill"] == waybill for pack in shop.packs(case.doc["order"]))
    reason = "包裹不属于该售后单" if not sent else "快递不支持拦截" if shop.settings.get("intercept_fails") else ""
    return {
        "company_code": company, "company_name": carrier_name(company), "tracking_no": waybill,
        "value_amount": case.doc["amount"], "can_intercept": not reason, "is_success": not reason,
        "unavailable_reason_code": int(bool(reason)), "unavailable_reason": reason, "intercept_cost": 0,
        "other_products": [], "other_product_amount": 0, "settlement_mode": 0,
    }  # fmt: skip


METHODS = {
    "afterSale/CancelSendGoodsSuccess": Method(not_sent, ("aftersale_id", "op_time")),
    "afterSale/returnGoodsToWareHouseSuccess": Method(
        back_in_warehouse, ("aftersale_id", "op_time", "tracking_no", "logistics_company_code")
    ),
    "afterSale/applyLogisticsIntercept": Method(intercept, ("after_sale_id", "op_from", "intercept_targets")),
    "afterSale/fillLogistics": Method(fill_logistics, ("aftersale_id", "send_type", "company_code", "tracking_no")),
}
