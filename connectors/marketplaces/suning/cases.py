"""Parses a row of Suning's list of returns to a normalised case. Pure.

The list gives its rows no number of their own: a case is named by its order, its line and when it was asked for.
"""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseRecord, RefundState
from connectors.marketplaces.suning import codes
from connectors.marketplaces.suning.reading import Json, document, fen, needed, required, soft_moment, text

ROOT = "batchQueryRejected"


def parse_case(body: bytes, reader: codes.Reader) -> CaseRecord:
    """The case in a stored document, or in an answer that has one."""
    return case_of(document(body, ROOT), reader)


def number_of(row: Json) -> str:
    """A case's number: order, line (or product, where no line is told) and the digits of its time."""
    line = text(row, "orderLineNumber") or required(row, "productCode")
    return f"{required(row, 'orderCode')}-{line}-{''.join(filter(str.isdigit, required(row, 'applyTime')))}"


def case_of(row: Json, reader: codes.Reader) -> CaseRecord:
    """The case in a row; BadRecord names the field at fault."""
    alerts: list[str] = []
    asked_at = needed(row, "applyTime")
    told, waybill = text(row, "statusDesc"), text(row, "expressNo")
    status = codes.REFUND_WORDS.get(told) or told.partition("-")[0].strip()
    return CaseRecord(
        external_no=number_of(row),
        order_no=required(row, "orderCode"),
        line_no=text(row, "orderLineNumber"),
        kind="return" if waybill or status in codes.GOODS_GO_BACK else "refund",
        state=_state(status, alerts),
        platform_status=told,
        currency="CNY",
        amount=_amount(row),
        changed_at=max(asked_at, soft_moment(row, "operateTime") or asked_at),
        created_at=asked_at,
        reason=text(row, "returnReason"),
        return_carrier=reader.carrier(text(row, "expressCompanyCode")),
        return_waybill=waybill,
        respond_by=soft_moment(row, "statusPassTime"),
        alerts=tuple(alerts),
    )


def _state(status: str, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it stops the shipment until someone looks."""
    if status not in codes.REFUNDS:
        alerts.append(f"statusDesc={status:.40}")
    return codes.REFUNDS.get(status, RefundState.ASKED)


def _amount(row: Json) -> int:
    field = "returnMoney" if text(row, "returnMoney") else "dealMoney"
    if not text(row, field):
        raise BadRecord("this is missing", field="returnMoney")
    amount = fen(row, field)
    if amount < 0:
        raise BadRecord("a refund is not negative", field=field)
    return amount
