"""Parses Suning's order to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

from datetime import datetime

from connectors.contract.errors import BadRecord
from connectors.contract.quick import quick
from connectors.contract.records import (
    BuyerRecord,
    Fulfiller,
    InvoiceRecord,
    LineRecord,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    ReceiverRecord,
    RefundState,
)
from connectors.marketplaces.suning import codes
from connectors.marketplaces.suning.amounts import Share, share_of
from connectors.marketplaces.suning.reading import Json, document, needed, required, rows, soft_moment, text

#: Made for every order and line.
_ORDER, _LINE, _RECEIVER, _PAYMENT = quick(OrderRecord), quick(LineRecord), quick(ReceiverRecord), quick(PaymentRecord)
FREIGHT = "freight"
#: Where an order may stand: as stored from lists and details, or in an answer.
ROOTS = ("orderGet", "orderQuery", "ordQuery")


def parse_order(body: bytes, reader: codes.Reader) -> OrderRecord:
    """The order in a stored document, or in an answer that has one."""
    return order_of(document(body, *ROOTS), reader)


def order_of(order: Json, reader: codes.Reader) -> OrderRecord:
    """The order in an object; BadRecord names the field at fault."""
    details = rows(order.get("orderDetail"), "orderDetail")
    if not details:
        raise BadRecord("an order needs at least one line", field="orderDetail")
    alerts: list[str] = []
    state = _state(order, alerts)
    shares = [share_of(detail, reader) for detail in details]
    alerts.extend(share.alert for share in shares if share.alert)
    lines = [_line(each, share, state, reader, alerts) for each, share in zip(details, shares, strict=True)]
    freight = sum(share.freight for share in shares)
    if freight:
        lines.append(_LINE(FREIGHT, "", "", "", "运费", 1, freight, freight, kind="freight", state=state))
    total = sum(share.paid for share in shares) + freight
    sold = needed(order, "orderSaleTime")
    cod = min(sum(share.cod for share in shares), total)
    paid_at = soft_moment(order, "payTime") or (None if cod else sold)
    buyer = text(order, "userName")
    return _ORDER(
        external_no=required(order, "orderCode"),
        state=state,
        platform_status=text(order, "orderTotalStatus"),
        created_at=soft_moment(order, "orderTime") or sold,
        changed_at=changed_at(order, details, sold),
        currency="CNY",
        paid_total=total,
        buyer=BuyerRecord(buyer, buyer),
        receiver=receiver_of(order),
        lines=tuple(lines),
        payments=_payments(total, cod, paid_at or sold),
        promotions=tuple(promotion for share in shares for promotion in share.promotions),
        paid_at=paid_at,
        is_cod=cod > 0,
        buyer_message=text(order, "buyerOrdRemark"),
        seller_memo=text(order, "sellerOrdRemark"),
        flag=_flag(order, alerts),
        platform_holds=() if text(order, "orderTotalStatus") in codes.STATES else ("unknown_status",),
        invoice=_invoice(order, alerts),
        alerts=tuple(alerts),
    )


def changed_at(order: Json, details: list[Json], sold: datetime) -> datetime:
    """The latest stamp the document has; Suning tells no change time of an order as a whole."""
    stamps = [sold, soft_moment(order, "payTime")]
    for detail in details:
        stamps += (soft_moment(detail, "orderLineStatusChangeTime"), soft_moment(detail, "deliveryTime"))
    return max(at for at in stamps if at is not None)


def receiver_of(order: Json) -> ReceiverRecord:
    """The receiver as the platform gives it; stars stay stars."""
    name, phone, telephone = text(order, "customerName"), text(order, "mobNum"), text(order, "phoneNum")
    state, city, district = text(order, "provinceName"), text(order, "cityName"), text(order, "districtName")
    address = text(order, "detailAddress") or _street(text(order, "customerAddress"), (state, city, district))
    return _RECEIVER(
        name=name,
        phone=phone,
        telephone=telephone,
        state=state,
        city=city,
        district=district,
        town=text(order, "townName"),
        address=address,
        postcode=text(order, "zipCode"),
        masked="*" in name or "*" in phone or "*" in telephone or "*" in address,
    )


def _street(address: str, above: tuple[str, str, str]) -> str:
    """The address without province, city and district, which Suning writes in front of it."""
    for place in above:
        address = address.removeprefix(place) if place else address
    return address.strip()


def _state(order: Json, alerts: list[str]) -> OrderState:
    """An unknown status is open and held: it may mean anything."""
    status = required(order, "orderTotalStatus")
    if status not in codes.STATES:
        alerts.append(f"orderTotalStatus={status:.40}")
    return codes.STATES.get(status, OrderState.OPEN)


def _line(detail: Json, share: Share, state: OrderState, reader: codes.Reader, alerts: list[str]) -> LineRecord:
    product, store = text(detail, "productCode"), text(detail, "invCode")
    return _LINE(
        external_no=required(detail, "orderLineNumber"),
        listing_no=product,
        variant_no=product,
        seller_code=text(detail, "itemCode"),
        title=text(detail, "productName"),
        units=share.units,
        list_amount=share.listed,
        paid_amount=share.paid,
        discount_merchant=share.merchant,
        discount_platform=share.platform,
        state=_line_state(detail, state, alerts),
        refund=_refund(detail, alerts),
        fulfiller=Fulfiller.PLATFORM if store and store in reader.platform_stores else Fulfiller.US,
        waybill_no=text(detail, "expressno"),
        shipped_at=soft_moment(detail, "deliveryTime"),
        carrier=reader.carrier(text(detail, "expresscompanycode")),
    )


def _line_state(detail: Json, order_state: OrderState, alerts: list[str]) -> OrderState:
    """A line's own status; a closed order closes its lines, since a line has no word for that."""
    status = text(detail, "orderLineStatus")
    state = codes.STATES.get(status)
    if state is None:
        if status:
            alerts.append(f"orderLineStatus={status:.40}")
        return order_state
    return order_state if order_state is OrderState.CANCELLED else state


def _refund(detail: Json, alerts: list[str]) -> RefundState:
    """A line only tells that a return is asked for; how far it is stands in the case."""
    flag = text(detail, "returnOrderFlag")
    if flag in ("", "0"):
        return RefundState.NONE
    if flag != "1":
        alerts.append(f"returnOrderFlag={flag:.40}")
    return RefundState.ASKED


def _flag(order: Json, alerts: list[str]) -> str:
    number = text(order, "colorMarkFlags")
    if number not in codes.FLAGS:
        alerts.append(f"colorMarkFlags={number:.40}")
    return codes.FLAGS.get(number, "") if number else ""


def _payments(total: int, cod: int, paid_at: datetime | None) -> tuple[PaymentRecord, ...]:
    parts = ((PaymentKind.ONLINE, total - cod, paid_at), (PaymentKind.COD, cod, None))
    return tuple(_PAYMENT(kind, amount, at) for kind, amount, at in parts if amount)


def _invoice(order: Json, alerts: list[str]) -> InvoiceRecord | None:
    kind, title = text(order, "invoiceType"), text(order, "invoiceHead")
    if kind not in codes.INVOICES:
        alerts.append(f"invoiceType={kind:.40}")
    if not title or text(order, "needinvoiceflag") == "N":
        return None
    tax_no = text(order, "vatTaxNo") or text(order, "vatTaxpayerNumber")
    whose = "special" if kind == codes.SPECIAL_INVOICE else "company" if tax_no else "personal"
    return InvoiceRecord(title, whose, tax_no, "electronic" if kind == codes.ELECTRONIC_INVOICE else "paper")
