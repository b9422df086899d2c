"""JD's look-ups of service orders and of what was refunded for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from connectors.sandbox.jd.clock import DAY_MS, text_of
from connectors.sandbox.jd.errors import Refused, invalid, missing
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.services import document, freight_document, status_of
from connectors.sandbox.jd.shop import Method, Shop
from connectors.sandbox.kit.market import Case

Doc = dict[str, Any]
FOREVER = 10**14
EVERY = 100_000
SYSTEM = "json_extract(doc, '$.system') = 'asc'"
STAMPS = {
    "applyTime": "created_ms", "approveTime": "coalesce(json_extract(doc, '$.approved_ms'), 0)",
    "finishTime": "coalesce(json_extract(doc, '$.finished_ms'), 0)", "updateTime": "changed_ms",
    "freightUpdateDate": "changed_ms",
}  # fmt: skip
OPERATOR = ("buId", "operatePin", "operateNick")
FINE = {"success": True, "code": "00000", "message": ""}


def check_operator(shop: Shop, params: Params) -> None:
    """The shop named in a call must be the one that gave the authorisation."""
    if params.text("buId") != shop.vender_id:
        raise Refused(40001, "BU_ID_ERROR", "商家编号与授权不符")


def query(shop: Shop, params: Params, stamps: tuple[str, ...]) -> Doc:
    """Service orders of a window, oldest first."""
    check_operator(shop, params)
    page, size = params.number("pageNumber", 1, 1), params.number("pageSize", 10, 1, 50)
    found = [case for case in _listed(shop, params, stamps) if _matches(params, case.doc)]
    shown = [document(shop, case) for case in found[(page - 1) * size : page * size]]
    return {"pageResult": {**FINE, "totalCount": len(found), "pageNumber": page, "pageSize": size, "data": shown}}


def view(shop: Shop, params: Params) -> Doc:
    """One service order with its version and the parcel that comes back."""
    check_operator(shop, params)
    case = find(shop, params)
    more = {"sysVersion": case.doc["version"], "applyDetailList": [{"applyDetailId": int(case.number) + 700_000_000}],
            "questionPic": ",".join(case.doc["evidence"]), **freight_document(case.doc)}  # fmt: skip
    return {"result": {**FINE, "data": {**document(shop, case), **more}}}


def freight(shop: Shop, params: Params) -> Doc:
    """The parcel in which the customer sends goods back."""
    check_operator(shop, params)
    doc = find(shop, params).doc
    return {"result": {**FINE, "data": freight_document(doc) if doc["return_waybill"] else None}}


def refunded(shop: Shop, params: Params) -> Doc:
    """What was refunded: of an order, or of a window of at most 7 days by asking, 10 days by approval."""
    page, size = params.number("pageNumber", 1, 1), params.number("pageSize", 10, 1, 50)
    name, widest = ("approveTime", 10) if params.text("approveTimeBegin") else ("applyTime", 7)
    if not params.text("orderId"):
        _check_width(params, name, widest)
    found = [case for case in _listed(shop, params, (name,)) if _matches(params, case.doc) and _is_paid(case)]
    shown = [_refund(shop, case) for case in found[(page - 1) * size : page * size]]
    return {"pageResult": {**FINE, "totalCount": len(found), "data": shown}}


def refund_detail(shop: Shop, params: Params) -> Doc:
    """What was refunded for one service order, or as long as nothing was, what can be."""
    doc = shop.case(params.text("afsServiceId"), "asc").doc
    amount = doc["amount"] / 100
    name = "afsActualRefundDetail" if doc["state"] == "succeeded" else "afsEstimateRefundDetail"
    inner = {"actualRefundAmount": amount} if doc["state"] == "succeeded" else {"maxRefundAmount": amount}
    told = {"orderId": int(doc["order"]), name: inner}
    return {"result": {"success": True, "errorCode": "200", "errorMsg": "", "data": told}}


def find(shop: Shop, params: Params) -> Case:
    """The service order named by its number and its order's."""
    case = shop.case(params.text("serviceId"), "asc")
    if params.text("orderId") not in ("", case.doc["order"]):
        raise Refused(40003, "SERVICE_NOT_EXIST", "服务单与订单不符")
    return case


def told(name: str, refused: Refused) -> Doc:
    """How these calls tell a refusal."""
    return {name: {"success": False, "code": str(refused.number), "message": refused.chinese}}


def _listed(shop: Shop, params: Params, stamps: tuple[str, ...]) -> list[Case]:
    name = next((name for name in stamps if params.text(f"{name}Begin")), stamps[0])
    since, until = params.moment(f"{name}Begin"), params.moment(f"{name}End", FOREVER)
    rows = shop.market.shelves.list_cases(STAMPS[name], max(since, 1), until + 999, 0, EVERY, where=SYSTEM)
    found: list[Case] = rows.found
    return found


def _matches(params: Params, doc: Doc) -> bool:
    wanted = {"serviceId": doc["number"], "orderId": doc["order"], "serviceStatus": str(status_of(doc)),
              "customerExpect": str(doc["expect"])}  # fmt: skip
    return all(params.text(name) in ("", value) for name, value in wanted.items())


def _check_width(params: Params, name: str, days: int) -> None:
    for end in ("Begin", "End"):
        if not params.text(f"{name}{end}"):
            raise missing(f"{name}{end}")
    if params.moment(f"{name}End") - params.moment(f"{name}Begin") > days * DAY_MS:
        raise invalid(f"{name}End", f"is more than {days} days after {name}Begin")


def _is_paid(case: Case) -> bool:
    return bool(case.doc["state"] == "succeeded" and case.doc["expect"] in (10, 11))


def _refund(shop: Shop, case: Case) -> Doc:
    doc, shown = case.doc, document(shop, case)
    names = ("serviceId", "orderId", "wareId", "serviceCount")
    bill = {**{name: shown[name] for name in names}, "afsApplyTime": shown["applyTime"], "applyReason": doc["reason"]}
    in_fen = shop.settings.get("refound_unit") == "fen"
    return {
        "afsRefundId": int(doc["number"]) + 300_000_000, "sameOrderServiceBill": bill,
        "status": 14 if doc.get("refund_failed") else 13,
        "completeTime": text_of(doc.get("finished_ms") or doc["changed_ms"], ""),
        "refoundAmount": doc["amount"] if in_fen else doc["amount"] / 100,
    }  # fmt: skip


PAGED, SINGLE = partial(told, "pageResult"), partial(told, "result")
ONE = (*OPERATOR, "serviceId", "orderId")
METHODS = {
    "jingdong.asc.query.list": Method(partial(query, stamps=("applyTime", "approveTime", "finishTime")), OPERATOR, PAGED),
    "jingdong.asc.sync.list": Method(partial(query, stamps=("updateTime", "freightUpdateDate")), OPERATOR, PAGED),
    "jingdong.asc.query.view": Method(view, ONE, SINGLE),
    "jingdong.asc.audit.detail": Method(view, ONE, SINGLE),
    "jingdong.asc.freight.view": Method(freight, ONE, SINGLE),
    "jingdong.asc.serviceAndRefund.view": Method(refunded, (), PAGED),
    "jingdong.b2c.shop.aftersales.refund.get": Method(refund_detail, ("afsServiceId",), SINGLE),
}
