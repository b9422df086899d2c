"""Answers JD's refunds before shipment and its service orders after it, and tells of returned goods."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.errors import NotSupported, Refused
from connectors.contract.notices import InterceptionNotice, Receipt
from connectors.marketplaces.jd.cases import parse_case
from connectors.marketplaces.jd.client import Jos
from connectors.marketplaces.jd.lists import APPLIES, APPLY, case_document, operator, read_case, split_case_no
from connectors.marketplaces.jd.reading import Json, found_under, required, rows, text

AGREE, REFUSE, INTERCEPT, FORCE_CLOSE, FOLLOW_UP = 1, 2, 6, 9, 10
_ANSWERS = {"intercept": INTERCEPT, "force_close": FORCE_CLOSE, "follow_up": FOLLOW_UP}
SHIPPED, NOT_SHIPPED = 1, 2
_ASKED = "0"
_FOLLOWED_UP = "10"
_REJECT_TYPES = ("1", "2", "3", "4", "5", "6")
#: Facts of the same name as JD's parameters, passed on as they are: where the customer sends the goods, and why.
_RETURN_FACTS = (
    "approveReasonCid1",
    "approveReasonCid2",
    "returnContactName",
    "returnContactTel",
    "returnContactMobile",
    "returnZipcode",
    "returnProvince",
    "returnCity",
    "returnCounty",
    "returnVillage",
    "returnDetailAddress",
    "returnAddressType",
)
_CONDITION_FACTS = (
    "packingState",
    "qualityState",
    "invoiceRecord",
    "judgmentReason",
    "accessoryOrGift",
    "appearanceState",
)


def decide_case(jos: Jos, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> Receipt:
    """Agree or refuse a case.

    Of a refund before shipment: `shipped` = "yes" when the goods have left, `answer` = "intercept", "force_close" or
    "follow_up" for these instead of plain agreement, `reject_type` 1–6 for a refusal. Of a service order: agreeing lets
    the customer send the goods (or a re-send begin), with JD's parameters for the return address under their own
    names (`returnContactName` …), `order_no`, `version`; refusing has no call.
    """
    system, number = split_case_no(case_no)
    if system == APPLY:
        status = _ANSWERS.get(facts.get("answer", ""), AGREE) if agree else REFUSE
        return _reply(jos, number, status, facts.get("shipped") == "yes", words, facts.get("reject_type", ""))
    if not agree:
        raise NotSupported("refuse a service order in JD's own console; its call is not open to this app")
    document = case_document(read_case(jos, case_no), system, jos.clock())
    case = parse_case(document.body)
    calls = {"return": "send", "exchange": "send", "reship": "reissue"}
    if case.kind not in calls:
        raise NotSupported(f"agree to a service order of kind {case.kind} in JD's own console")
    jos.write(
        f"jingdong.asc.audit.{calls[case.kind]}",
        serviceId=number,
        orderId=case.order_no,
        sysVersion=facts.get("version") or case.version,
        approveNotes=words,
        **{name: facts[name] for name in _RETURN_FACTS if facts.get(name)},
        **operator(jos),
    )
    return Receipt(case_no)


def confirm_interception(jos: Jos, notice: InterceptionNotice) -> Receipt:
    """Answer the refund of an order: agreed when its goods were stopped, refused as shipped when they were not."""
    case_no = notice.case_no or open_refund(jos, notice.order_no)
    system, number = split_case_no(case_no)
    if system != APPLY:
        raise Refused("only a refund asked before shipment is answered by stopping it")
    return _reply(jos, number, AGREE if notice.stopped else REFUSE, not notice.stopped, notice.words, "")


def open_refund(jos: Jos, order_no: str) -> str:
    """The case number of an order's refund that waits for an answer."""
    answer = jos.read(APPLIES, orderId=order_no, pageIndex=1, pageSize=50)
    found = rows(found_under(answer, "result"), "result")
    waiting = [row for row in found if text(row, "status") in (_ASKED, _FOLLOWED_UP)]
    if not waiting:
        raise Refused("this order has no refund that waits for an answer", code="no-such-case")
    return APPLY + required(waiting[-1], "id")


def goods_received(jos: Jos, case_no: str, facts: Mapping[str, str]) -> Receipt:
    """Register returned goods: unpacked, counted, their condition.

    `facts`: `units` (else all), `words`, and JD's numbers under its own names (`packingState`, `qualityState` …); the
    account's settings `packing_state` and `quality_state` stand in, since JD publishes no list of them.
    """
    system, number = split_case_no(case_no)
    if system == APPLY:
        raise Refused("a refund before shipment has no goods to receive")
    service: Json = read_case(jos, case_no)
    who = operator(jos)
    condition: dict[str, str] = {
        "packingState": jos.setting("packing_state", "1"),
        "qualityState": jos.setting("quality_state", "1"),
    }
    condition |= {name: facts[name] for name in _CONDITION_FACTS if facts.get(name)}
    jos.write(
        "jingdong.asc.receive.register",
        serviceId=number,
        orderId=required(service, "orderId"),
        receivePin=who["operatePin"],
        receiveName=who["operateNick"],
        receiveRemark=facts.get("words", ""),
        wareNum=facts.get("units") or text(service, "serviceCount") or "1",
        **condition,
        **who,
    )
    return Receipt(case_no)


def _reply(jos: Jos, number: str, status: int, has_left: bool, words: str, reject_type: str) -> Receipt:
    # JD publishes the numbers of reasons without their words.
    reason = reject_type or jos.setting("reject_type", "1")
    if status == REFUSE and reason not in _REJECT_TYPES:
        raise Refused("JD wants a reject_type from 1 to 6 for a refusal")
    jos.write(
        "jingdong.pop.afs.soa.refundapply.replyRefund",
        id=number,
        status=status,
        checkUserName=jos.setting("operator", "oms"),
        remark=words,
        rejectType=int(reason) if status == REFUSE else None,
        outWareStatus=SHIPPED if has_left else NOT_SHIPPED,
    )
    return Receipt(APPLY + number)
