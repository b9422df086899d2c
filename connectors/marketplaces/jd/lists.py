"""The lists and details of JD: which calls give orders and cases, and the documents cut out of their answers.

Service orders (asc) have no list by change time here, and refunds before shipment (refundapply) neither: both are
read by every time they can be asked by, and applications of the last days once more every half hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.contract.errors import Refused, Retryable
from connectors.contract.records import ListedOrder, RawDocument
from connectors.marketplaces.jd import codes
from connectors.marketplaces.jd.client import Jos, jd_time
from connectors.marketplaces.jd.reading import Json, code, fen, found_under, required, rows, soft_moment, text, whole

#: Cases come from two systems whose numbers may be equal: this tells them apart.
APPLY, SERVICE = "R", "S"

APPLIES = "jingdong.pop.afs.soa.refundapply.queryPageList"
SERVICES = "jingdong.asc.query.list"
#: How far back orders can be asked by change time and by creation.
CHANGES_REACH, CREATED_REACH = timedelta(days=89), timedelta(days=720)

#: Everything parse_order reads; most of it comes only when it is named here.
FIELDS = (
    "orderId venderId orderType payType orderTotalPrice orderSellerPrice orderPayment freightPrice sellerDiscount "
    "balanceUsed taxFee serviceFee actualPay shouldPay totalOriginalPrice totalSellerReceivable totalSellerDiscount "
    "payDiscount orderState orderStateRemark deliveryType orderStartTime paymentConfirmTime modified orderEndTime "
    "orderRemark venderRemark invoiceInfo invoiceCode invoiceEasyInfo vatInfo consigneeInfo pin open_id_buyer xid_buyer "
    "itemInfoList couponDetailList waybill logisticsId parentOrderId directParentOrderId returnOrder storeOrder "
    "idSopShipmenttype orderSource orderMarkDesc scDT customs menDianId storeId"
).replace(" ", ",")
_CREATED_FIELDS = "orderId,orderState,modified,orderStartTime,shouldPay,balanceUsed,returnOrder,payType"


@dataclass(frozen=True, slots=True)
class ListCall:
    """A list call of JD: its method, time parameters, paging and where the rows stand."""

    jos: Jos
    method: str
    since: str
    until: str
    rows_at: str
    total_at: str
    page: str
    size: str
    page_size: int
    most_pages: int = 1000
    looks_back: bool = False
    reach: timedelta | None = None
    as_text: bool = False
    given: dict[str, Any] = field(default_factory=dict)

    def ask(self, start: str, end: str, page: int) -> tuple[int, list[Json]]:
        """How many rows the window has, and those of one page."""
        shown: dict[str, object] = {self.page: page, self.size: self.page_size}
        if self.as_text:
            shown = {name: str(number) for name, number in shown.items()}
        answer = self.jos.read(self.method, **{self.since: start, self.until: end}, **shown, **self.given)
        total = found_under(answer, self.total_at)
        if total in (None, ""):
            raise Retryable("the platform answered without a count", code="not-an-answer")
        return whole({self.total_at: total}, self.total_at), rows(found_under(answer, self.rows_at), self.rows_at)


def gives_ciphertext(jos: Jos) -> bool:
    """Whether the account reads orders by the calls with encrypted receivers, as nearly all apps must."""
    return jos.setting("receiver_calls", "en") != "plain"


def orders(jos: Jos, page_size: int, *, by_creation: bool = False, brief: bool = False) -> ListCall:
    """Orders newest first, by change or by creation; `brief` leaves out all but states and sums."""
    return ListCall(
        jos,
        "jingdong.pop.order." + ("enSearch" if gives_ciphertext(jos) else "search"),
        "start_date",
        "end_date",
        "orderInfoList",
        "orderTotal",
        "page",
        "page_size",
        page_size,
        reach=CREATED_REACH if by_creation else CHANGES_REACH,
        as_text=True,
        given={
            "order_state": codes.ASKED_STATES,
            "optional_fields": _CREATED_FIELDS if brief else FIELDS,
            "sortType": 1,
            "dateType": int(by_creation),
        },
    )


def cases(jos: Jos) -> tuple[ListCall, ...]:
    """Every list of cases: refunds by application and by check, services by application, approval and end."""
    refunds = [
        ListCall(jos, APPLIES, f"{name}Start", f"{name}End", "result", "totalCount", "pageIndex", "pageSize", 50, 100,
                 looks_back=name == "applyTime")
        for name in ("applyTime", "checkTime")
    ]  # fmt: skip
    if not jos.setting("vender_id"):
        return tuple(refunds)
    services = [
        ListCall(jos, SERVICES, f"{name}Begin", f"{name}End", "data", "totalCount", "pageNumber", "pageSize", 50, 100,
                 looks_back=name == "applyTime", given=operator(jos))
        for name in ("applyTime", "approveTime", "finishTime")
    ]  # fmt: skip
    return (*refunds, *services)


def operator(jos: Jos) -> dict[str, str]:
    """Who acts: every call about service orders wants the shop and a person."""
    pin = jos.setting("operator", "oms")
    return {"buId": jos.setting("vender_id"), "operatePin": pin, "operateNick": pin}


def count(jos: Jos, since: datetime, until: datetime) -> int:
    """How many orders were created in a window, without reading them."""
    return orders(jos, 1, by_creation=True, brief=True).ask(jd_time(since), jd_time(until), 1)[0]


def system_of(case: Json) -> str:
    """Whether a row is a refund before shipment or a service order."""
    return SERVICE if "serviceId" in case else APPLY


def order_document(order: Json, encrypted: bool, now: datetime) -> RawDocument:
    """An order cut out of an answer; lists and details give the same bytes for the same content."""
    body = orjson.dumps({"encrypted": encrypted, "orderInfo": order})
    return RawDocument("order", required(order, "orderId"), body, now, soft_moment(order, "modified"))


def case_document(case: Json, system: str, now: datetime) -> RawDocument:
    """A refund or a service order cut out of an answer."""
    name, number = ("refundApply", "id") if system == APPLY else ("serviceOrder", "serviceId")
    times = ("modified", "checkTime", "applyTime", "approveTime", "processTime", "finishTime")
    changed = max((at for field_ in times if (at := soft_moment(case, field_))), default=None)
    return RawDocument("case", system + required(case, number), orjson.dumps({name: case}), now, changed)


def read_order(jos: Jos, order_no: str, fields: str = FIELDS) -> Json:
    """One order's orderInfo, read now."""
    method = "jingdong.pop.order." + ("enGet" if gives_ciphertext(jos) else "get")
    answer = jos.read(method, order_id=order_no, optional_fields=fields)
    order = found_under(answer, "orderInfo")
    if not isinstance(order, dict):
        raise Retryable("the platform answered without the order", code="not-an-answer")
    if required(order, "orderId") != order_no:
        raise Retryable("the platform answered with another order", code="not-an-answer")
    return order


def read_case(jos: Jos, case_no: str) -> Json:
    """One refund or service order, read now; Refused when there is none."""
    system, number = split_case_no(case_no)
    if system == APPLY:
        answer = jos.read("jingdong.pop.afs.soa.refundapply.queryById", id=number)
        found, name = rows(found_under(answer, "result"), "result"), "id"
    else:
        answer = jos.read(SERVICES, serviceId=number, pageNumber=1, pageSize=10, **operator(jos))
        found, name = rows(found_under(answer, "data"), "data"), "serviceId"
    case = next((row for row in found if text(row, name) == number), None)
    if case is None:
        raise Refused(f"JD knows no case {case_no}", code="no-such-case")
    return case


def split_case_no(case_no: str) -> tuple[str, str]:
    """Which system a case is of, and its number there."""
    system, number = case_no[:1], case_no[1:]
    if system not in (APPLY, SERVICE) or not number:
        raise Refused(f"a case of JD is named {APPLY} or {SERVICE} and its number, not {case_no:.40}")
    return system, number


def listed(order: Json) -> ListedOrder:
    """A row of the list by creation."""
    counts = text(order, "shouldPay") and not fen(order, "balanceUsed") and code(order, "returnOrder") in ("", "0")
    return ListedOrder(
        required(order, "orderId"),
        soft_moment(order, "orderStartTime"),
        soft_moment(order, "modified"),
        codes.STATES.get(text(order, "orderState")),
        fen(order, "shouldPay") if counts else None,
    )
