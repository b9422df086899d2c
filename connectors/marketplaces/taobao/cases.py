"""Parses Taobao's refund document to a normalised case, and names what a decision needs. Pure parsing."""

from __future__ import annotations

from datetime import datetime

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.reading import (
    Json,
    document,
    fen,
    moment,
    required,
    soft_moment,
    text,
    truthy,
    whole,
)

FIELDS = (
    "refund_id tid oid status order_status created modified good_status has_good_return refund_fee payment total_fee "
    "reason desc num num_iid outer_id sku title company_name sid good_return_time refund_phase refund_version "
    "operation_contraint refund_remind_timeout cs_status advance_status combine_item_info dispute_type"
).replace(" ", ",")

_GOODS_WITH_BUYER = {"BUYER_NOT_RECEIVED": False, "BUYER_RECEIVED": True, "BUYER_RETURNED_GOODS": True}


def parse_case(body: bytes) -> CaseRecord:
    """The case in an answer of refund.get, or in a bare `{"refund": …}`."""
    return case_of(document(body, "refund"))


def case_of(refund: Json) -> CaseRecord:
    """The case in a refund object; BadRecord names the field at fault."""
    alerts: list[str] = []
    status = text(refund, "status")
    kind = _kind(refund, alerts)
    return CaseRecord(
        external_no=required(refund, "refund_id"),
        order_no=required(refund, "tid"),
        line_no=text(refund, "oid"),
        kind=kind,
        state=_state(status, alerts),
        platform_status=status,
        currency="CNY",
        amount=_amount(refund),
        changed_at=_needed(refund, "modified"),
        created_at=_needed(refund, "created"),
        units=whole(refund, "num"),
        reason=text(refund, "reason"),
        words=text(refund, "desc"),
        version=text(refund, "refund_version"),
        phase=text(refund, "refund_phase"),
        return_carrier=_carrier(text(refund, "company_name")),
        return_waybill=text(refund, "sid"),
        respond_by=_respond_by(refund),
        goods_received_by_buyer=_GOODS_WITH_BUYER.get(text(refund, "good_status")),
        allows=_allows(refund, kind, status),
        alerts=tuple(alerts),
    )


def _allows(refund: Json, kind: str, status: str) -> tuple[str, ...]:
    """What the seller may do now, by the platform's states; `operation_contraint` forbids some refusals."""
    verbs = codes.EXCHANGE_VERBS.get(status, ()) if kind == "exchange" else codes.VERBS.get(status, ())
    if text(refund, "operation_contraint") == "cannot_refuse":
        return tuple(verb for verb in verbs if verb != "refuse")
    return verbs


def _kind(refund: Json, alerts: list[str]) -> str:
    told = text(refund, "dispute_type")
    if not told:
        return "return" if truthy(refund, "has_good_return") else "refund"
    if told not in codes.CASE_KINDS:
        alerts.append(f"dispute_type={told:.40}")
    return codes.CASE_KINDS.get(told, "other")


def _state(status: str, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it stops the shipment until someone looks."""
    if not status:
        raise BadRecord("this is missing", field="status")
    if status not in codes.REFUNDS:
        alerts.append(f"status={status:.40}")
    return codes.REFUNDS.get(status, RefundState.ASKED)


def _amount(refund: Json) -> int:
    amount = fen(refund, "refund_fee")
    if amount < 0:
        raise BadRecord("a refund is not negative", field="refund_fee")
    return amount


def _needed(refund: Json, field: str) -> datetime:
    at = moment(refund, field)
    if at is None:
        raise BadRecord("this is missing", field=field)
    return at


def _carrier(name: str) -> str:
    """The hub's carrier code; a name we do not know stays as the buyer chose it."""
    return codes.CARRIERS_BY_NAME.get(name) or codes.CARRIERS_BY_COMPANY.get(name, name)


def _respond_by(refund: Json) -> datetime | None:
    limit = refund.get("refund_remind_timeout")
    if not isinstance(limit, dict) or limit.get("exist_timeout") is False:
        return None
    return soft_moment(limit, "timeout")
