"""Turns a return's or a claim's document into a CaseRecord. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.medusa import codes
from connectors.marketplaces.medusa.amounts import Share, minor, scale_of, shares_of
from connectors.marketplaces.medusa.lines import Progress, progress_of, ways_back
from connectors.marketplaces.medusa.payments import Refund, refunds_of
from connectors.marketplaces.medusa.reading import (
    Json,
    moment,
    needed,
    part,
    required,
    rounded,
    rows,
    text,
    tree,
    units,
)


class _Priced(NamedTuple):
    """What the order says of its lines: what one cost, and how many units there are."""

    share: Share
    progress: Progress
    item: Json


def parse_case(body: bytes) -> CaseRecord:
    """The case in a document that get_case made."""
    document = tree(body, "case")
    name = "claim" if "claim" in document else "return"
    case, order = part(document, name), part(document, "order")
    if not case or not order:
        raise BadRecord(f"there is no {name} with its order in the document", field=name)
    priced = _priced(order)
    lines = tuple(_line(row, priced) for row in rows(case, "items" if name == "return" else "claim_items"))
    if not lines and name == "return" and text(case, "status") != "open":
        raise BadRecord("a return without goods", field="items")
    exchange = part(document, "exchange")
    return _record(document, case, order, exchange, lines, priced)


def case_changed_at(document: Json) -> datetime:
    """The newest stamp of a case: its own, and those of refunds paid since it began."""
    case = part(document, "claim") or part(document, "return")
    stamps = [needed(case, "updated_at")]
    stamps += [refund.at for refund in _paid_since(case, part(document, "order"))]
    if document.get("exchange"):
        # The goods that leave in exchange are lines of the order, and move its stamp alone.
        stamps.append(needed(part(document, "order"), "updated_at"))
    return max(stamps)


def _record(
    document: Json, case: Json, order: Json, exchange: Json, lines: tuple[CaseLine, ...], priced: dict[str, _Priced]
) -> CaseRecord:
    currency = required(order, "currency_code").upper()
    kind = _kind(case, exchange)
    alerts: list[str] = []
    given = minor(case, "refund_amount", scale_of(currency))
    asked = given or (0 if kind == "exchange" else max(sum(line.amount for line in lines) - _way_back(case, order), 0))
    wanted = _wanted(exchange, priced)
    state = _state(case, kind, _is_paid(case, order, asked, currency), wanted, alerts)
    return CaseRecord(
        external_no=required(case, "id"),
        order_no=required(case, "order_id"),
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind=kind,
        state=state,
        platform_status=text(case, "status") or text(case, "type"),
        currency=currency,
        amount=asked,
        changed_at=case_changed_at(document),
        created_at=needed(case, "created_at"),
        units=sum(line.units for line in lines),
        reason=next((line.reason for line in lines if line.reason), ""),
        words="; ".join(note for row in rows(case, "items") if (note := text(row, "note"))),
        phase="aftersale",
        return_waybill=_waybill(case),
        lines=lines,
        allows=_allows(case, kind, state),
        wanted_variant_no=text(wanted[0].item, "variant_id") if wanted else "",
        wanted_seller_code=text(wanted[0].item, "variant_sku") if wanted else "",
        alerts=tuple(alerts),
    )


def _priced(order: Json) -> dict[str, _Priced]:
    items = [item for item in rows(order, "items") if item.get("quantity") != 0]
    shares = shares_of(items, [], required(order, "currency_code").upper())
    return {
        required(item, "id"): _Priced(share, progress_of(item), item) for item, share in zip(items, shares, strict=True)
    }


def _line(row: Json, priced: dict[str, _Priced]) -> CaseLine:
    number, count = required(row, "item_id"), units(row, "quantity")
    if not count:
        raise BadRecord("a line of a case needs units", field="quantity")
    found = priced.get(number)
    asked = rounded(Decimal(found.share.paid) * count / found.progress.units) if found else 0
    return CaseLine(number, count, asked, _reason(row))


def _way_back(case: Json, order: Json) -> int:
    """What the buyer pays for bringing the goods back; Medusa keeps it off the refund."""
    methods = ways_back(order, required(case, "id"))[1]
    return sum(share.paid for share in shares_of([], methods, required(order, "currency_code").upper()))


def _waybill(case: Json) -> str:
    labels = (label for row in rows(case, "fulfillments") for label in rows(row, "labels"))
    return next((number for label in labels if (number := text(label, "tracking_number"))), "")


def _reason(row: Json) -> str:
    reason = row.get("reason")
    if isinstance(reason, dict):
        return text(reason, "label") or text(reason, "value")
    return text(row, "reason") or text(row, "reason_id")


def _kind(case: Json, exchange: Json) -> str:
    if exchange or case.get("exchange_id"):
        return "exchange"
    if "type" not in case:
        return "return"
    return "reship" if case["type"] == "replace" else "refund"


def _state(case: Json, kind: str, paid: bool, wanted: list[_Priced], alerts: list[str]) -> RefundState:
    if case.get("canceled_at"):
        return RefundState.CLOSED
    if "type" in case:
        return RefundState.SUCCEEDED if paid or kind == "reship" else RefundState.AGREED
    status = text(case, "status")
    state = codes.RETURNS.get(status)
    if state is None:
        alerts.append(f"status={status:.40}")
        state = RefundState.ASKED if not case.get("requested_at") else RefundState.AGREED
    if status != "received":
        return state
    settled = _all_left(wanted) if kind == "exchange" else paid
    return RefundState.SUCCEEDED if settled else state


def _paid_since(case: Json, order: Json) -> list[Refund]:
    """Refunds have no link to what they are for, so those made since the case began count as its own."""
    begun = moment(case, "created_at")
    return [refund for refund in refunds_of(order) if begun is None or refund.at >= begun]


def _is_paid(case: Json, order: Json, asked: int, currency: str) -> bool:
    """Whether refunds name the case in their note, as ours do, or come to what it asks but for rounding."""
    refunds, number = _paid_since(case, order), text(case, "id")
    if any(number in refund.note for refund in refunds):
        return True
    total = sum((refund.amount for refund in refunds), Decimal(0)) * scale_of(currency)
    return bool(refunds) and rounded(total) + 1 >= asked


def _wanted(exchange: Json, priced: dict[str, _Priced]) -> list[_Priced]:
    numbers = [text(row, "item_id") for row in rows(exchange, "additional_items")]
    return [priced[number] for number in numbers if number in priced]


def _all_left(wanted: list[_Priced]) -> bool:
    return bool(wanted) and all(line.progress.shipped >= line.progress.units for line in wanted)


def _allows(case: Json, kind: str, state: RefundState) -> tuple[str, ...]:
    if state in (RefundState.SUCCEEDED, RefundState.CLOSED):
        return ()
    if "type" in case:
        return ("refund",) if kind == "refund" else ()
    allowed = codes.ALLOWS.get(text(case, "status"), ())
    if kind == "exchange":
        return tuple("ship_exchange" if word == "refund" else word for word in allowed)
    return allowed
