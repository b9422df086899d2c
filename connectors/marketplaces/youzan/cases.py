"""Parses a refund, return or exchange to a normalised case. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.youzan import codes
from connectors.marketplaces.youzan.reading import CHINA, Json, document, fen, moment, number, required, text


def parse_case(body: bytes) -> CaseRecord:
    """The case in a stored document; BadRecord names the field at fault."""
    case = document(body, "refund")
    alerts: list[str] = []
    created = moment(case, "created") or _made_at(required(case, "refund_id"))
    required(case, "refund_fee")
    return CaseRecord(
        external_no=required(case, "refund_id"),
        order_no=required(case, "tid"),
        line_no=text(case, "oid"),
        kind=_kind(case, alerts),
        state=_state(case, alerts),
        platform_status=text(case, "status"),
        currency=codes.CURRENCY,
        amount=fen(case, "refund_fee"),
        changed_at=moment(case, "modified") or created,
        created_at=created,
        reason=text(case, "reason"),
        version=text(case, "version"),
        alerts=tuple(alerts),
    )


def _made_at(case_no: str) -> datetime:
    """A case's number begins with the time it was made, which the detail may leave out."""
    try:
        return datetime.strptime(case_no[:14], "%Y%m%d%H%M%S").replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRecord("this is missing", field="created") from None


def _kind(case: Json, alerts: list[str]) -> str:
    """`demand` says it; without it, whether goods go back."""
    demand = number(case, "demand")
    if demand in codes.CASE_KINDS:
        return codes.CASE_KINDS[demand]
    if text(case, "demand"):
        alerts.append(f"demand={text(case, 'demand'):.40}")
    return "return" if case.get("return_goods") is True else "refund"


def _state(case: Json, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it stops the shipment until someone looks."""
    status = required(case, "status")
    if status not in codes.REFUNDS:
        alerts.append(f"status={status:.40}")
    return codes.REFUNDS.get(status, RefundState.ASKED)
