"""Parses JD's two kinds of case: refunds asked before shipment and service orders after it. Pure."""

from __future__ import annotations

from datetime import datetime

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.jd import codes
from connectors.marketplaces.jd.lists import APPLY, SERVICE
from connectors.marketplaces.jd.reading import (
    Json,
    fen,
    found_under,
    moment,
    needed_moment,
    required,
    text,
    tree_of,
    whole,
)

_CHANGES = ("modified", "checkTime", "approveTime", "processTime", "finishTime")
_DECIDE = ("agree", "refuse")


def parse_case(body: bytes) -> CaseRecord:
    """The case in a document as `lists` cuts it out of an answer."""
    tree = tree_of(body, "case")
    apply, service = found_under(tree, "refundApply"), found_under(tree, "serviceOrder")
    if isinstance(apply, dict):
        return _refund_of(apply)
    if isinstance(service, dict):
        return _service_of(service)
    raise BadRecord("there is neither a refundApply nor a serviceOrder in the document", field="case")


def _refund_of(apply: Json) -> CaseRecord:
    """A refund of the whole order, asked before shipment; its amount is in fen."""
    alerts: list[str] = []
    status = required_status(apply, "status")
    state = _state(codes.APPLIES, status, "status", alerts)
    created = needed_moment(apply, "applyTime")
    return CaseRecord(
        external_no=APPLY + required(apply, "id"),
        order_no=required(apply, "orderId"),
        line_no="",
        kind="refund",
        state=state,
        platform_status=status,
        currency="CNY",
        amount=whole(apply, "applyRefundSum"),
        changed_at=_changed(apply, created),
        created_at=created,
        reason=text(apply, "reason"),
        words=text(apply, "checkRemark"),
        phase="onsale",
        goods_received_by_buyer=False,
        allows=_DECIDE if state is RefundState.ASKED else (),
        alerts=tuple(alerts),
    )


def _service_of(service: Json) -> CaseRecord:
    """A service order of one SKU.

    JD does not say whether actualPayPrice is for one unit or for all; it is taken for all. The customer's waybill is
    not in this list.
    """
    alerts: list[str] = []
    status = required_status(service, "serviceStatus")
    state = _state(codes.SERVICE_STATES, status, "serviceStatus", alerts)
    if status == "10010" and text(service, "processResult") == codes.CANCELLED_RESULT:
        state = RefundState.CLOSED
    created, order_no = needed_moment(service, "applyTime"), required(service, "orderId")
    sku = text(service, "skuId") or text(service, "wareId")
    kind = _kind(service, alerts)
    return CaseRecord(
        external_no=SERVICE + required(service, "serviceId"),
        order_no=order_no,
        line_no=f"{order_no}-{sku}" if sku else "",
        kind=kind,
        state=state,
        platform_status=status,
        currency="CNY",
        amount=fen(service, "actualPayPrice"),
        changed_at=_changed(service, created),
        created_at=created,
        units=whole(service, "serviceCount"),
        reason=text(service, "questionTypeName") or text(service, "customerExpectName"),
        words=text(service, "questionDesc"),
        version=text(service, "sysVersion"),
        phase="aftersale",
        goods_received_by_buyer=True,
        allows=_allowed(state, kind),
        alerts=tuple(alerts),
    )


def required_status(record: Json, field: str) -> str:
    """A status that must be there; 0 is one."""
    status = text(record, field)
    if not status:
        raise BadRecord("this is missing", field=field)
    return status


def _state(known: dict[str, RefundState], status: str, field: str, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it stops the shipment until someone looks."""
    if status not in known:
        alerts.append(f"{field}={status:.40}")
    return known.get(status, RefundState.ASKED)


def _kind(service: Json, alerts: list[str]) -> str:
    answered = codes.APPROVED_AS.get(text(service, "approveResult"))
    if answered:
        return answered
    wish = text(service, "customerExpect")
    if wish not in codes.EXPECTS:
        alerts.append(f"customerExpect={wish:.40}")
    return codes.EXPECTS.get(wish, "other")


def _changed(record: Json, created: datetime) -> datetime:
    return max((at for field in _CHANGES if (at := moment(record, field))), default=created)


def _allowed(state: RefundState, kind: str) -> tuple[str, ...]:
    if state is RefundState.ASKED:
        return ("agree",) if kind in ("return", "exchange", "reship") else ()
    return ("goods_received",) if state is RefundState.AGREED and kind in ("return", "exchange", "repair") else ()
