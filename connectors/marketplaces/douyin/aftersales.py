"""Decides after-sales on Douyin and tells it of stopped shipments, returned goods and exchange parcels."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.errors import NotSupported, OutcomeUnknown, Refused
from connectors.contract.notices import InterceptionNotice, Receipt, ShipmentNotice
from connectors.contract.records import CaseRecord
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.cases import parse_case
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.reading import number_text, rows, text, whole
from connectors.marketplaces.douyin.shipments import company_code
from connectors.marketplaces.douyin.trades import get_case

#: "The case was met by another automatic refund already."
_REFUNDED_OTHERWISE = "isv.business-failed:12001"


def decide_case(doudian: Doudian, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> Receipt:
    """Agree or refuse. `facts`: `kind`, `state` and `phase` of the case (read from Douyin where they are missing),
    its `version` to guard against a newer one; to agree a return or exchange `address_no` of the seller's address
    (else the account's); to refuse `reason_no`, and `evidence`, addresses of pictures parted by commas;
    `refused_delivery` = "yes" agrees to refund a parcel the buyer did not accept.
    """
    if not (facts.get("kind") and facts.get("state")):
        case = parse_case(get_case(doudian, case_no).body)
        facts = {"kind": case.kind, "state": case.state.value, "phase": case.phase, "version": case.version, **facts}
    number = _decision(agree, facts)
    item: dict[str, object] = {"aftersale_id": case_no, "remark": words or None}
    version = facts.get("version", "")
    if version.isdigit():
        item["update_time"] = int(version)
    if not agree:
        item |= _refusal(words, facts)
    elif number in (101, 301):
        item["logistics"] = {"receiver_address_id": _address(doudian, facts)}
    return _operate(doudian, case_no, number, item)


def goods_received(doudian: Doudian, case_no: str, facts: Mapping[str, str]) -> Receipt:
    """Say that returned goods are in the warehouse; the platform then refunds.

    `facts`: `carrier_code` and `waybill_no` of the parcel; read from the case where they are missing.
    """
    carrier, waybill = facts.get("carrier_code", ""), facts.get("waybill_no", "")
    if not (carrier and waybill):
        case = parse_case(get_case(doudian, case_no).body)
        carrier, waybill = case.return_carrier, case.return_waybill
    doudian.write(
        "afterSale/returnGoodsToWareHouseSuccess",
        aftersale_id=case_no,
        op_time=int(doudian.clock().timestamp()),
        tracking_no=waybill or None,
        logistics_company_code=codes.COMPANIES.get(carrier, carrier) or None,
    )
    return Receipt(case_no)


def confirm_interception(doudian: Doudian, notice: InterceptionNotice) -> Receipt:
    """Say that a shipment was stopped: the platform refunds at once, where the shop's after-sale assistant
    (售后小助手) is set to. There is no word for a shipment that was not stopped.
    """
    if not notice.stopped:
        return Receipt(notice.case_no, "Douyin wants no word of a shipment that was not stopped")
    try:
        doudian.write("afterSale/CancelSendGoodsSuccess", aftersale_id=notice.case_no, op_time=int(notice.at.timestamp()))
    except Refused as refusal:
        if not refusal.code.endswith(_REFUNDED_OTHERWISE):
            raise
        return Receipt(notice.case_no, "another automatic refund was faster")
    return Receipt(notice.case_no)


def ship_exchange(doudian: Doudian, case_no: str, notice: ShipmentNotice) -> Receipt:
    """Say that the goods of an exchange, or of a re-ship, left."""
    company = company_code(doudian, notice.carrier_code)
    case = parse_case(get_case(doudian, case_no).body)
    if case.kind == "exchange":
        parcel = {"company_code": company, "logistics_code": notice.waybill_no}
        _operate(doudian, case_no, codes.SHIP_EXCHANGE, {"aftersale_id": case_no, "logistics": parcel})
    elif case.kind == "reship":
        doudian.write(
            "afterSale/fillLogistics",
            aftersale_id=_whole_number(case),
            send_type=codes.SHIP_AGAIN,
            company_code=company,
            tracking_no=notice.waybill_no,
        )
    else:
        raise NotSupported(f"Douyin takes no parcel from the seller for a {case.kind}")
    return Receipt(notice.waybill_no)


def _decision(agree: bool, facts: Mapping[str, str]) -> int:
    kind, returned = facts["kind"], facts["state"] == "returned"
    if kind == "refund" and facts.get("phase") == "onsale":
        if not agree:
            raise Refused(
                "Douyin refuses a refund before shipment only together with a parcel: "
                "ship the order with the account's setting refuse_refunds"
            )
        return codes.AGREE_BEFORE_SHIPPING
    if agree and facts.get("refused_delivery") == "yes":
        return codes.AGREE_REFUSED_DELIVERY
    number = codes.DECISIONS.get((kind, returned, agree))
    if number is None:
        verb = "agreeing" if agree else "refusing"
        raise NotSupported(f"Douyin has no call for {verb} a case of kind {kind} that is {facts['state']}")
    return number


def _refusal(words: str, facts: Mapping[str, str]) -> dict[str, object]:
    reason = facts.get("reason_no", "")
    if not reason.isdigit() or not words:
        raise Refused("Douyin wants an explanation and a reason number (reason_no) for a refusal")
    pictures = [url.strip() for url in facts.get("evidence", "").split(",") if url.strip()]
    refusal: dict[str, object] = {"reason": words, "reject_reason_code": int(reason)}
    return refusal | ({"evidence": [{"type": 1, "url": url} for url in pictures]} if pictures else {})


def _address(doudian: Doudian, facts: Mapping[str, str]) -> int:
    address = facts.get("address_no") or doudian.setting("return_address_no")
    if not address.isdigit():
        raise Refused("Douyin wants the number of the address goods go back to; set the account's return_address_no")
    return int(address)


def _operate(doudian: Doudian, case_no: str, number: int, item: Mapping[str, object]) -> Receipt:
    """One decision; the answer tells of each case whether it was taken."""
    told = {name: value for name, value in item.items() if value is not None}
    answer = doudian.write("afterSale/operate", type=number, items=[told])
    for row in rows(answer, "items"):
        if whole(row, "status_code") not in (0, 10000):
            words = text(row, "status_msg") or "the platform did not take this decision"
            raise Refused(words, code=str(whole(row, "status_code")))
        if number_text(row, "aftersale_id") not in ("", case_no):
            raise OutcomeUnknown("the platform answered for another case", code="not-an-answer")
    return Receipt(case_no)


def _whole_number(case: CaseRecord) -> int:
    if not case.external_no.isdigit():
        raise Refused("Douyin's case numbers are digits")
    return int(case.external_no)
