"""Decides cases on Pinduoduo and tells it of stopped shipments, returned and exchanged goods."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.errors import NotSupported, Refused
from connectors.contract.notices import InterceptionNotice, Receipt, ShipmentNotice
from connectors.marketplaces.pinduoduo.cases import CaseKey, case_no, key_of, parse_case
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.reading import Json, rows, text
from connectors.marketplaces.pinduoduo.shipments import carrier_id
from connectors.marketplaces.pinduoduo.trades import get_case

#: Why a shipment could not be stopped; 1001 is "not known here", 1003 "its waybill is printed".
SHIPPED_ALREADY = 1002
_FALSE = (False, "false", "False")


def confirm_interception(pop: Pop, notice: InterceptionNotice) -> Receipt:
    """Say whether a shipment was stopped; when it was, the platform refunds at once."""
    key = key_of(notice.case_no, notice.order_no)
    told: dict[str, object] = {
        "refund_id": int(key.case_id),
        "tid": notice.order_no,
        "status": "SUCCESS" if notice.stopped else "FAIL",
        "refund_fee": notice.amount,
        "operate_time": int(notice.at.timestamp() * 1000),
        "msg": notice.words,
    }
    if not notice.stopped:
        told["fail_reason_code"] = SHIPPED_ALREADY
    answer = pop.write("pdd.rdc.pddgenius.sendgoods.cancel", "rdc_pddgenius_sendgoods_cancel_response", param=told)
    _accepted(answer)
    return Receipt(notice.case_no)


def decide_case(pop: Pop, number: str, agree: bool, words: str, facts: Mapping[str, str]) -> Receipt:
    """Agree to a case. `facts` are `kind`, `state`, for numbers without their order `order_no`, and to agree to a
    return that was only asked for `address_no` of the seller's address, without which its default one is taken.

    Goods that have come back, and refunds without a return, are paid by agreeing.
    """
    if not agree:
        raise NotSupported("refuse a case in Pinduoduo's own console; the platform has no call for it")
    kind = facts.get("kind", "refund")
    if kind not in ("refund", "return"):
        raise NotSupported(f"decide the {kind} in Pinduoduo's own console; the platform has no call for it")
    key = key_of(number, facts.get("order_no", ""))
    request = _request(key) | {"operate_desc": words}
    if kind == "return" and facts.get("state") == "asked":
        request["return_address_id"] = facts.get("address_no") or _default_address(pop)
        answer = pop.write("pdd.refund.returngoods.agree", "response", request=request)
    else:
        answer = pop.write("pdd.refund.agree", "response", request=request)
    _accepted(answer)
    return Receipt(number)


def goods_received(pop: Pop, number: str, facts: Mapping[str, str]) -> Receipt:
    """Say that returned goods are in the warehouse, or by `accepted` = "no" that they are not as they should be.

    Other facts: `carrier_code` and `waybill_no` of the parcel that came, read from the case where they are missing;
    `order_no` for numbers without it.
    """
    key = key_of(number, facts.get("order_no", ""))
    carrier, waybill = facts.get("carrier_code", ""), facts.get("waybill_no", "")
    if not (carrier and waybill):
        case = parse_case(get_case(pop, case_no(key.case_id, key.order_no)).body)
        carrier, waybill = case.return_carrier, case.return_waybill
    request = _request(key) | {
        "operate_time": int(pop.clock().timestamp() * 1000),
        "warehouse_status": 2 if facts.get("accepted") == "no" else 1,
    }
    if waybill:
        request["reverse_tracking_number"] = waybill
    if carrier:
        request["reverse_logistics_id"] = _number(carrier_id(pop, carrier)[0])
    _accepted(pop.write("pdd.nextone.logistics.warehouse.update", "response", request=request))
    return Receipt(number)


def ship_exchange(pop: Pop, number: str, notice: ShipmentNotice) -> Receipt:
    """Say that the goods of an exchange left."""
    key = key_of(number, notice.order_no)
    carrier, name = carrier_id(pop, notice.carrier_code)
    request = _request(key) | {
        "shipping_id": _number(carrier),
        "shipping_name": name,
        "tracking_number": notice.waybill_no,
    }
    _accepted(pop.write("pdd.refund.exchange.shipping", "response", request=request))
    return Receipt(notice.waybill_no)


def _request(key: CaseKey) -> dict[str, object]:
    return {"order_sn": key.order_no, "after_sales_id": int(key.case_id)}


def _number(told: str) -> int | str:
    return int(told) if told.isdigit() else told


def _default_address(pop: Pop) -> str:
    """The seller's default address for returns, else the first."""
    addresses = rows(pop.read("pdd.refund.address.list.get", "refund_address_list_get_response"), "refund_address_list")
    if not addresses:
        raise Refused("write an address for returns into Pinduoduo's own console first")
    chosen = next((row for row in addresses if text(row, "is_default") in ("1", "Y", "True")), addresses[0])
    return text(chosen, "refund_address_id")


def _accepted(answer: Json) -> None:
    """These calls say success or not inside an answer that is no error by itself."""
    result = answer.get("result")
    for told in (answer, result if isinstance(result, dict) else {}):
        if any(told.get(name) in _FALSE for name in ("succ", "success", "is_success")):
            inner = result if isinstance(result, dict) else {}
            words = inner.get("message") or told.get("error_msg") or "the platform did not accept this"
            raise Refused(str(words), code=str(answer.get("error_code") or "not-accepted"))
