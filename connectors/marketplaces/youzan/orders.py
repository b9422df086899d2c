"""Parses an order's document to a normalised order. Pure; no calls, no clock.

Discounts are the shop's own: Youzan sells for merchants and funds none. Ciphertexts of the receiver stay ciphertexts.
"""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.quick import quick
from connectors.contract.records import (
    BuyerRecord,
    LineRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
    RefundState,
)
from connectors.marketplaces.youzan import codes
from connectors.marketplaces.youzan.amounts import Amounts, amounts_of
from connectors.marketplaces.youzan.delivery import delivery_of
from connectors.marketplaces.youzan.parcels import parcels_of
from connectors.marketplaces.youzan.reading import (
    Json,
    fen,
    moment,
    needed,
    number,
    number_of,
    optional,
    part,
    required,
    rows,
    text,
    tree,
)

#: Made for every order and line.
_ORDER, _LINE, _RECEIVER = quick(OrderRecord), quick(LineRecord), quick(ReceiverRecord)
#: The number of the line that freight becomes; the platform has no such line.
FREIGHT = "freight"
#: What ciphertexts begin and end with.
_CIPHER_MARKS = ("$", "#")


def parse_order(body: bytes) -> OrderRecord:
    """The order in a stored document; BadRecord names the field at fault."""
    document = tree(body, "full_order_info")
    order = part(document, "full_order_info")
    inner, remarks = part(order, "order_info"), optional(order, "remark_info")
    alerts: list[str] = []
    amounts = amounts_of(order)
    lines = _lines(document, order, amounts, _state(inner, alerts), alerts)
    phases = rows(optional(order, "pay_info"), "phase_payments")
    buyer = optional(order, "buyer_info")
    return _ORDER(
        external_no=required(inner, "tid"),
        state=_whole(lines, _state(inner, [])),
        platform_status=text(inner, "status"),
        created_at=needed(inner, "created"),
        changed_at=needed(inner, "update_time"),
        currency=codes.CURRENCY,
        paid_total=amounts.total,
        buyer=BuyerRecord(text(buyer, "yz_open_id") or text(buyer, "buyer_id")),
        receiver=_receiver(optional(order, "address_info")),
        lines=tuple(lines),
        payments=_payments(inner, phases, amounts.total),
        paid_at=moment(inner, "pay_time"),
        is_presale=bool(phases),
        buyer_message=text(remarks, "buyer_message"),
        seller_memo=text(remarks, "trade_memo"),
        platform_holds=_holds(inner, alerts),
        delivery=delivery_of(inner, optional(order, "address_info"), alerts),
        alerts=tuple(alerts),
    )


def _state(inner: Json, alerts: list[str]) -> OrderState:
    """An unknown status is open and held: it may mean anything."""
    status = required(inner, "status")
    if status not in codes.STATES:
        alerts.append(f"status={status:.40}")
    return codes.STATES.get(status, OrderState.OPEN)


def _whole(lines: list[LineRecord], state: OrderState) -> OrderState:
    """The platform has no word for an order of which a part has left."""
    left = any(line.state is OrderState.SHIPPED for line in lines)
    return OrderState.PART_SHIPPED if state is OrderState.OPEN and left else state


def _holds(inner: Json, alerts: list[str]) -> tuple[str, ...]:
    """Why the platform does not want the order shipped, or not by us."""
    status, way = text(inner, "status"), number(inner, "express_type")
    holds = [codes.NOT_YET[status]] if status in codes.NOT_YET else []
    if status not in codes.STATES:
        holds.append("unknown_status")
    if way not in (codes.COURIER, codes.NO_DELIVERY, *codes.THROUGH_STORE):
        alerts.append(f"express_type={text(inner, 'express_type'):.40}")
        holds.append("unknown_delivery")
    return tuple(holds)


def _lines(document: Json, order: Json, amounts: Amounts, state: OrderState, alerts: list[str]) -> list[LineRecord]:
    goods = rows(order, "orders")
    if not goods:
        raise BadRecord("an order needs at least one line", field="orders")
    waybills, refunds = parcels_of(document), _refunds(document, alerts)
    kind = "service" if number(part(order, "order_info"), "express_type") == codes.NO_DELIVERY else "goods"
    lines = [_line(row, money, state, kind, waybills, refunds) for row, money in zip(goods, amounts.lines, strict=True)]
    if len({line.external_no for line in lines}) < len(lines):
        raise BadRecord("two lines have one number", field="orders.oid")
    if amounts.freight:
        freight = amounts.freight
        lines.append(_LINE(FREIGHT, "", "", "", "运费", 1, freight, freight, kind="freight", state=state))
    return lines


def _line(
    row: Json,
    money: tuple[int, int, int],
    state: OrderState,
    kind: str,
    waybills: dict[str, str],
    refunds: dict[str, tuple[RefundState, str]],
) -> LineRecord:
    units, listed, paid = money
    oid = required(row, "oid")
    refund, case_no = refunds.get(oid, (RefundState.NONE, ""))
    return _LINE(
        external_no=oid,
        listing_no=text(row, "item_id"),
        variant_no=text(row, "sku_id"),
        seller_code=text(row, "outer_sku_id") or text(row, "outer_item_id"),
        title=text(row, "title"),
        units=units,
        list_amount=listed,
        paid_amount=paid,
        discount_merchant=listed - paid,
        kind=kind,
        state=OrderState.SHIPPED if state is OrderState.OPEN and oid in waybills else state,
        refund=refund,
        case_no=case_no,
        is_gift=row.get("is_present") is True,
        waybill_no=waybills.get(oid, ""),
    )


def _refunds(document: Json, alerts: list[str]) -> dict[str, tuple[RefundState, str]]:
    """Line → how its refund stands and the case's number; an unknown word counts as asked."""
    found = {}
    for row in rows(document, "refund_order"):
        told = number(row, "refund_state")
        if told not in codes.LINE_REFUNDS:
            alerts.append(f"refund_state={text(row, 'refund_state'):.40}")
        state = codes.LINE_REFUNDS.get(told or 0, RefundState.ASKED)
        oids = row.get("oids")
        for each in oids if isinstance(oids, list) else []:
            found[number_of(each, "refund_order.oid")] = (state, text(row, "refund_id"))
    return found


def _payments(inner: Json, phases: list[Json], total: int) -> tuple[PaymentRecord, ...]:
    """One payment, or deposit and balance where they add up to it."""
    paid_at = moment(inner, "pay_time")
    parts = [fen(phase, "real_price") for phase in phases]
    if len(parts) == 2 and sum(parts) == total:
        balance_at = paid_at if text(inner, "status") != "WAIT_BUYER_PAY" else None
        first = PaymentRecord(PaymentKind.DEPOSIT, parts[0], paid_at)
        return (first, PaymentRecord(PaymentKind.BALANCE, parts[1], balance_at))
    return (PaymentRecord(PaymentKind.ONLINE, total, paid_at),) if total else ()


def _receiver(record: Json) -> ReceiverRecord:
    """What is encrypted goes to the tokens; what is starred stays starred."""
    told = {
        "name": text(record, "receiver_name"),
        "phone": text(record, "receiver_tel"),
        "address": text(record, "delivery_address"),
    }
    tokens = {name: value for name, value in told.items() if _is_cipher(value)}
    shown = {name: "" if name in tokens else value for name, value in told.items()}
    return _RECEIVER(
        name=shown["name"],
        phone=shown["phone"],
        state=text(record, "delivery_province"),
        city=text(record, "delivery_city"),
        district=text(record, "delivery_district"),
        address=shown["address"],
        postcode=text(record, "delivery_postal_code"),
        masked=bool(tokens) or any("*" in value for value in shown.values()),
        tokens=tokens,
    )


def _is_cipher(value: str) -> bool:
    return len(value) > 2 and value[0] in _CIPHER_MARKS and value[-1] == value[0]
