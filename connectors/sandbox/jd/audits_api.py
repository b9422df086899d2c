"""What the seller does to service orders: agree in one way or another, refuse, receive goods, send new ones."""

from __future__ import annotations

from functools import partial
from typing import Any

from connectors.sandbox.jd.errors import Refused, missing
from connectors.sandbox.jd.params import Params
from connectors.sandbox.jd.services import TO_CONFIRM, TO_HANDLE, finished, mark, pay_in_steps
from connectors.sandbox.jd.services_api import FINE, ONE, SINGLE, check_operator, find
from connectors.sandbox.jd.shop import Method, Shop
from connectors.sandbox.kit.market import Case, decide
from connectors.sandbox.kit.market.model import line_of
from connectors.sandbox.kit.market.selling import move_case

Doc = dict[str, Any]
#: What JD's own documents call required besides, where the shop's default address serves as well.
STRICT = ("sysVersion", "approveReasonCid1", "returnContactName", "returnContactTel", "returnZipcode",
          "returnProvince", "returnCity", "returnCounty", "returnDetailAddress", "returnAddressType",
          "applyDetailIdList")  # fmt: skip


def agree(shop: Shop, params: Params, result: int, pickware: int) -> Doc:
    """The customer may send, bring or exchange the goods."""
    if shop.settings.get("strict_audit"):
        params.require(*STRICT)
    with shop.market.storage.write():
        case = _waiting(shop, params)
        _approve(shop, params, case, result, "agree", pickware_type=pickware)
        move_case(shop.market, shop.market.find_case(case.number), "agreed")
    return {"result": FINE}


def compensate(shop: Shop, params: Params) -> Doc:
    """The customer is paid and keeps the goods."""
    with shop.market.storage.write():
        case = _waiting(shop, params)
        _approve(shop, params, case, 91, "agree")
        move_case(shop.market, shop.market.find_case(case.number), "agreed")
        mark(shop.market, case.number, TO_HANDLE)
        pay_in_steps(shop, case.number)
    return {"result": FINE}


def refuse(shop: Shop, params: Params) -> Doc:
    """The service order is closed with a reason."""
    with shop.market.storage.write():
        case = _waiting(shop, params)
        decide(shop.market, case.number, False, params.text("approveNotes"))
        mark(shop.market, case.number, None, **_approval(shop, params, None))
    return {"result": FINE}


def reissue(shop: Shop, params: Params) -> Doc:
    """Missing goods are sent after; the waybill is told at once."""
    with shop.market.storage.write():
        case = _waiting(shop, params)
        _approve(shop, params, case, 87, "agree")
        move_case(shop.market, shop.market.find_case(case.number), "agreed")
        _send_again(shop, params, case.number, 100)
    return {"result": FINE}


def receive(shop: Shop, params: Params) -> Doc:
    """The parcel is here and was opened; a return is paid after a while, an exchange waits for new goods."""
    market = shop.market
    with market.storage.write():
        check_operator(shop, params)
        case = find(shop, params)
        if case.doc["state"] not in ("agreed", "returned") or case.doc["received"]:
            raise Refused(40014, "SERVICE_STATUS_ERROR", "服务单不在待收货状态")
        case.doc["reports"].append({"what": "received", "words": "", "at_ms": market.now_ms()})
        case.doc["received"] = True
        move_case(market, case, "returned")
        mark(market, case.number, TO_HANDLE, process_pin=params.text("receivePin"),
             process_name=params.text("receiveName"))  # fmt: skip
        if case.doc["expect"] != 20:
            pay_in_steps(shop, case.number)
    return {"result": FINE}


def send_new(shop: Shop, params: Params) -> Doc:
    """New goods of an exchange are on their way with the seller's own carrier."""
    with shop.market.storage.write():
        check_operator(shop, params)
        case = _to_exchange(shop, params)
        _send_again(shop, params, case.number, 80)
    return {"result": FINE}


def renew(shop: Shop, params: Params) -> Doc:
    """New goods of an exchange come as a new order, which the seller ships like any other."""
    market = shop.market
    with market.storage.write():
        check_operator(shop, params)
        case = _to_exchange(shop, params)
        sale = market.find_sale(case.doc["order"])
        part = case.doc["lines"][0]
        lines = [{**line_of(sale.doc, part["no"]), "num": part["num"]}]
        number = shop.create_order(sale, lines, kind="exchange_order", return_order="2", free=True)
        _report(shop, case, "exchange_order", number)
        mark(market, case.number, TO_CONFIRM, process_result=80, processed_ms=market.now_ms(), new_order=number)
        market.scheduler.after(shop.delay("confirm_after"), "jd_finished", {"case": case.number})
    return {"result": {**FINE, "data": {"newOrderId": int(number)}}}


def _waiting(shop: Shop, params: Params) -> Case:
    check_operator(shop, params)
    case = find(shop, params)
    if case.doc["state"] != "asked":
        raise Refused(40014, "SERVICE_STATUS_ERROR", "服务单不在待审核状态")
    if params.text("sysVersion") and params.number("sysVersion") != case.doc["version"]:
        raise Refused(40015, "SYS_VERSION_ERROR", "服务单版本已变化，请刷新后重试")
    return case


def _to_exchange(shop: Shop, params: Params) -> Case:
    case = find(shop, params)
    if case.doc["expect"] != 20 or case.doc["state"] != "returned" or not case.doc["received"]:
        raise Refused(40014, "SERVICE_STATUS_ERROR", "服务单不在待处理换新状态")
    if case.doc.get("process_result"):
        raise Refused(40016, "ALREADY_PROCESSED", "服务单已处理")
    return case


def _approve(shop: Shop, params: Params, case: Case, result: int, report: str, **more: Any) -> None:
    _report(shop, case, report, params.text("approveNotes"))
    mark(shop.market, case.number, None, **_approval(shop, params, result), **more)


def _approval(shop: Shop, params: Params, result: int | None) -> Doc:
    return {"approve_result": result, "approve_pin": params.text("operatePin"),
            "approve_name": params.text("operateNick"), "approve_notes": params.text("approveNotes"),
            "approved_ms": shop.market.now_ms()}  # fmt: skip


def _send_again(shop: Shop, params: Params, number: str, result: int) -> None:
    waybill = params.text("expressCode")
    if not waybill:
        raise missing("expressCode")
    _report(shop, shop.market.find_case(number), "exchange_shipped", waybill)
    mark(shop.market, number, TO_CONFIRM, process_result=result, processed_ms=shop.market.now_ms(),
         exchange_waybill=waybill, exchange_carrier=params.text("shipWayId"))  # fmt: skip
    shop.market.scheduler.after(shop.delay("confirm_after"), "jd_finished", {"case": number})


def _report(shop: Shop, case: Case, what: str, words: str) -> None:
    case.doc["reports"].append({"what": what, "words": words, "at_ms": shop.market.now_ms()})
    shop.market.shelves.save_case(case)


def confirm(shop: Shop, number: str) -> None:
    """The buyer has the new goods."""
    finished(shop, number)


AUDIT = (*ONE, "approveNotes")
RECEIVE = (*ONE, "receivePin", "receiveName", "packingState", "qualityState")
SEND = (*ONE, "shipWayId", "expressCode")
METHODS = {
    "jingdong.asc.audit.send": Method(partial(agree, result=33, pickware=40), AUDIT, SINGLE),
    "jingdong.asc.audit.delivery": Method(partial(agree, result=32, pickware=7), AUDIT, SINGLE),
    "jingdong.asc.audit.doorRenew": Method(partial(agree, result=22, pickware=5), AUDIT, SINGLE),
    "jingdong.asc.audit.compensate": Method(compensate, AUDIT, SINGLE),
    "jingdong.asc.audit.reissue": Method(reissue, (*AUDIT, "shipWayId", "expressCode"), SINGLE),
    "jingdong.asc.audit.refuse": Method(refuse, AUDIT, SINGLE),
    "jingdong.asc.receive.register": Method(receive, RECEIVE, SINGLE),
    "jingdong.asc.process.offline.change": Method(send_new, SEND, SINGLE),
    "jingdong.asc.process.renew": Method(renew, ONE, SINGLE),
}
