"""Parses Pinduoduo's after-sales documents to normalised cases. Pure.

The platform finds a case only by its order, so the hub's case number carries both: `90000000001@260114-000…002`.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import to_minor
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.reading import (
    Json,
    moment,
    moment_of_ms,
    needed_moment,
    number_text,
    part,
    required,
    soft_moment,
    text,
    tree,
    whole,
)

_GOODS_WITH_BUYER = {"1": False, "2": True}
_PHASES = {"0": "onsale", "1": "aftersale"}


class CaseKey(NamedTuple):
    """The platform's two halves of a case's number."""

    case_id: str
    order_no: str


def case_no(case_id: str, order_no: str) -> str:
    """The hub's number of a case."""
    return f"{case_id}@{order_no}"


def key_of(number: str, order_no: str = "") -> CaseKey:
    """Both halves of a hub's case number; `order_no` helps where a number carries only the first."""
    case_id, _, told = number.partition("@")
    if not case_id.isdigit() or not (told or order_no):
        raise Refused("Pinduoduo finds a case by its order: name it like 90000000001@260114-000000000000002")
    return CaseKey(case_id, told or order_no)


def parse_case(body: bytes, *, in_fen: bool = True) -> CaseRecord:
    """The case in an answer of refund.information.get, which has no root, or in a row of the list.

    `in_fen` says what a whole number of money in such an answer means; texts and fractions are always yuan.
    """
    return case_of(tree(body, "id"), in_fen=in_fen)


def case_of(case: Json, *, in_fen: bool) -> CaseRecord:
    """The case in a case object; BadRecord names the field at fault."""
    alerts: list[str] = []
    order_no, status = required(case, "order_sn"), text(case, "after_sales_status")
    kind, waybill_no = _kind(case, alerts), text(case, "express_no") or text(case, "tracking_number")
    state = _state(status, kind, waybill_no, alerts)
    changed = needed_moment(case, "updated_time")
    units, amount, line_no = whole(case, "goods_number"), _amount(case, in_fen), number_text(case, "sku_id")
    reason = text(case, "after_sales_reason") or text(case, "after_sale_reason")
    wanted = part(case, "exchange_shipping_detail")
    return CaseRecord(
        external_no=case_no(required(case, "id"), order_no),
        order_no=order_no,
        line_no=line_no,
        kind=kind,
        state=state,
        platform_status=status,
        currency="CNY",
        amount=amount,
        changed_at=changed,
        created_at=moment(case, "created_time") or moment_of_ms(case, "recreated_at") or changed,
        units=units,
        reason=reason,
        words=text(case, "remark"),
        phase=_PHASES.get(text(case, "shipping_status"), ""),
        return_carrier=_carrier(text(case, "shipping_name")),
        return_waybill=waybill_no,
        respond_by=_respond_by(case, state),
        goods_received_by_buyer=_GOODS_WITH_BUYER.get(text(case, "user_shipping_status")),
        lines=(CaseLine(line_no, units, amount, reason),) if line_no else (),
        evidence=_evidence(case),
        allows=_allows(kind, state, status),
        wanted_variant_no=number_text(wanted, "sku_id_exchange"),
        alerts=tuple(alerts),
    )


def _kind(case: Json, alerts: list[str]) -> str:
    told = text(case, "after_sales_type")
    if told not in codes.CASE_KINDS:
        alerts.append(f"after_sales_type={told:.40}")
    return codes.CASE_KINDS.get(told, "other")


def _state(status: str, kind: str, waybill_no: str, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked. What comes back is on its way once it has a waybill, whatever else is said."""
    if not status:
        raise BadRecord("this is missing", field="after_sales_status")
    if status not in codes.CASES:
        alerts.append(f"after_sales_status={status:.40}")
    state = codes.CASES.get(status, RefundState.ASKED)
    comes_back = kind in codes.COMES_BACK and bool(waybill_no)
    return RefundState.RETURNED if comes_back and state in (RefundState.ASKED, RefundState.AGREED) else state


def _amount(case: Json, in_fen: bool) -> int:
    """The list tells yuan as text, the detail whole fen; its page shows that for one amount only."""
    value = case.get("refund_amount")
    if value is None or value == "":
        return 0
    amount = whole(case, "refund_amount") if in_fen and type(value) is int else to_minor(value, "refund_amount")
    if not 0 <= amount < 10**15:
        raise BadRecord("this is no amount of a refund", field="refund_amount")
    return amount


def _carrier(name: str) -> str:
    """The hub's carrier code; a name we do not know stays as the buyer chose it."""
    return next((ours for ours, (_, word) in codes.CARRIERS.items() if word in name), name)


def _respond_by(case: Json, state: RefundState) -> datetime | None:
    if state not in (RefundState.ASKED, RefundState.RETURNED):
        return None
    value = case.get("expire_time")
    return soft_moment(case, "expire_time") if isinstance(value, str) else moment_of_ms(case, "expire_time")


def _evidence(case: Json) -> tuple[str, ...]:
    images = case.get("images")
    return tuple(image for image in images if isinstance(image, str)) if isinstance(images, list) else ()


def _allows(kind: str, state: RefundState, status: str) -> tuple[str, ...]:
    """What the platform has a call for; it has none to refuse."""
    if kind in ("exchange", "reship"):
        may_ship = status in codes.SELLER_SHIPS or (state is RefundState.RETURNED and status not in codes.BUYER_CONFIRMS)
        return ("ship_exchange",) if may_ship else ()
    if state is RefundState.RETURNED:
        return ("agree", "goods_received") if kind == "return" else ()
    return ("agree",) if state is RefundState.ASKED and kind in ("refund", "return") else ()
