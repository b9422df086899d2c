"""Decides refunds on Taobao and tells it of stopped shipments and returned goods."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.errors import NotSupported, Refused
from connectors.contract.notices import InterceptionNotice, Receipt, ShipmentNotice
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.client import Top, top_time
from connectors.marketplaces.taobao.reading import Json


def confirm_interception(top: Top, notice: InterceptionNotice) -> Receipt:
    """Say whether a shipment was stopped (AG); when it was, the platform refunds at once."""
    answer = top.write(
        "taobao.rdc.aligenius.sendgoods.cancel",
        param={
            "refund_id": notice.case_no,
            "tid": notice.order_no,
            "oid": notice.line_no or notice.order_no,
            "status": "SUCCESS" if notice.stopped else "FAIL",
            "refund_fee": notice.amount,
            "operate_time": top_time(notice.at),
            "msg": notice.words,
        },
    )
    _accepted(answer)
    return Receipt(notice.case_no)


def decide_case(top: Top, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> Receipt:
    """Agree or refuse a case. `facts` are the case's `version` and `phase`, and by kind of decision:

    agree a refund: `amount` in fen, `code` the SMS code a sub-account got; agree a return: `kind` = "return",
    `state` = "asked", `address_no` of the seller's address; refuse: `reason_no`, and `state` = "returned" when
    it is the returned goods that are refused; an exchange: `kind` = "exchange", `state`, and `address_no`.
    """
    if facts.get("kind") == "exchange":
        return _decide_exchange(top, case_no, agree, facts)
    optimistic = {"refund_id": case_no, "refund_phase": facts.get("phase"), "refund_version": facts.get("version")}
    if not agree:
        return _refuse(top, case_no, words, facts, optimistic)
    if facts.get("kind") == "return" and facts.get("state") == "asked":
        top.write("taobao.rp.returngoods.agree", **optimistic, seller_address_id=facts.get("address_no"), remark=words)
        return Receipt(case_no)
    missing = [name for name in ("amount", "version", "phase") if not facts.get(name)]
    if missing:
        raise Refused(f"to agree a refund Taobao wants the case's {', '.join(missing)}")
    paid = "|".join((case_no, facts["amount"], facts["version"], facts["phase"]))
    answer = top.write("taobao.rp.refunds.agree", refund_infos=paid, code=facts.get("code"))
    if answer.get("msg_code") not in (None, "OP_SUCC"):
        raise Refused(str(answer.get("message") or "the platform did not pay the refund"), code=str(answer["msg_code"]))
    return Receipt(case_no)


def _decide_exchange(top: Top, case_no: str, agree: bool, facts: Mapping[str, str]) -> Receipt:
    """Agree to an exchange, or to the goods that came back for it; each is a call of its own (Tmall)."""
    if not agree:
        raise NotSupported("refuse an exchange in Taobao's own console; its call wants reasons only shown there")
    if facts.get("state") == "returned":
        answer = top.write("tmall.exchange.returngoods.agree", dispute_id=case_no)
    else:
        answer = top.write("tmall.exchange.agree", dispute_id=case_no, address_id=facts.get("address_no"))
    _accepted(answer)
    return Receipt(case_no)


def _refuse(top: Top, case_no: str, words: str, facts: Mapping[str, str], optimistic: Mapping[str, object]) -> Receipt:
    if facts.get("state") == "returned":
        top.write("taobao.rp.returngoods.refuse", **optimistic, refuse_reason_id=facts.get("reason_no"))
        return Receipt(case_no)
    if not 2 <= len(words) <= 200:
        raise Refused("Taobao wants 2 to 200 characters of explanation for a refusal")
    top.write("taobao.refund.refuse", **optimistic, refuse_message=words, refuse_reason_id=facts.get("reason_no"))
    return Receipt(case_no)


def goods_received(top: Top, case_no: str) -> Receipt:
    """Say that returned goods are in the warehouse; the platform then refunds."""
    _accepted(top.write("taobao.nextone.logistics.warehouse.update", refund_id=case_no, warehouse_status=1))
    return Receipt(case_no)


def ship_exchange(top: Top, case_no: str, notice: ShipmentNotice) -> Receipt:
    """Say that the goods of an exchange left (Tmall)."""
    carrier = codes.CARRIERS.get(notice.carrier_code)
    if carrier is None:
        raise Refused(f"Taobao's name of carrier {notice.carrier_code} is not known; add it to the carrier table")
    answer = top.write(
        "tmall.exchange.consigngoods",
        dispute_id=case_no,
        logistics_no=notice.waybill_no,
        logistics_type=200,
        logistics_company_name=carrier[1],
    )
    _accepted(answer)
    return Receipt(notice.waybill_no)


def _accepted(answer: Json) -> None:
    """Newer calls say success or not inside an answer that is no error by itself."""
    result = answer.get("result")
    told = result if isinstance(result, dict) else answer
    if told.get("success") in (False, "false") or told.get("is_success") in (False, "false"):
        words = told.get("error_info") or told.get("error_msg") or told.get("message") or told.get("msg_info")
        code = told.get("error_code") or told.get("msg_code") or "not-accepted"
        raise Refused(str(words or "the platform did not accept this"), code=str(code))
