"""Builds an order from a document of the interface. Pure."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import delivering as d
from connectors.contract import records as r
from connectors.contract.errors import BadRecord
from connectors.contract.quick import quick
from connectors.marketplaces.standard.reading import (
    LONGEST_ID,
    Json,
    amount,
    coordinate,
    currency,
    document,
    given_amount,
    given_moment,
    moment,
    part,
    required,
    rows,
    switch,
    text,
    units,
    word,
)

LINE_KINDS = ("goods", "freight", "fee", "tip", "gift_card", "service")
INVOICE_KINDS = ("personal", "company", "special")
MOST_LINES = 500
RECEIVER = ("name", "phone", "telephone", "country", "state", "city", "district", "town", "address", "postcode", "email")

_line = quick(r.LineRecord)
_order = quick(r.OrderRecord)


def read_order(body: bytes) -> r.OrderRecord:
    """The normalised order; BadRecord names the field at fault."""
    tree = document(body)
    lines = _lines(tree)
    paid_total = given_amount(tree, "paid_total")
    if sum([line.paid_amount for line in lines]) != paid_total:
        raise BadRecord("this is not the sum of the lines' paid_amount", field="paid_total")
    state = word(r.OrderState, tree, "state")
    created_at = given_moment(tree, "created_at")
    is_cod, payments = _at_the_door(tree, state, _payments(tree, paid_total))
    return _order(
        external_no=required(tree, "external_no"),
        state=state,
        platform_status=state.value,
        created_at=created_at,
        changed_at=given_moment(tree, "changed_at"),
        currency=currency(tree, "currency"),
        paid_total=paid_total,
        buyer=_buyer(tree),
        receiver=_receiver(tree),
        lines=lines,
        payments=payments,
        paid_at=moment(tree, "paid_at"),
        is_cod=is_cod,
        is_presale=switch(tree, "is_presale"),
        buyer_message=text(tree, "buyer_message"),
        seller_memo=text(tree, "seller_memo"),
        flag=text(tree, "flag"),
        ship_by=moment(tree, "ship_by"),
        part_shipment_forbidden=switch(tree, "part_shipment_forbidden"),
        invoice=_invoice(tree),
        delivery=_delivery(tree),
        partner=_partner(tree, lines),
    )


def _buyer(tree: Json) -> r.BuyerRecord:
    buyer = part(tree, "buyer")
    return r.BuyerRecord(text(buyer, "external_id", "buyer.", LONGEST_ID), text(buyer, "nick", "buyer."))


def _receiver(tree: Json) -> r.ReceiverRecord:
    person = part(tree, "receiver")
    latitude, longitude = _coordinates(person, "receiver.")
    words = {name: text(person, name, "receiver.") for name in RECEIVER}
    return r.ReceiverRecord(**words, latitude=latitude, longitude=longitude)  # type: ignore[arg-type]


def _coordinates(tree: Json, where: str) -> tuple[float | None, float | None]:
    latitude, longitude = (coordinate(tree, name, most, where) for name, most in (("latitude", 90), ("longitude", 180)))
    if (latitude is None) is not (longitude is None):
        raise BadRecord("latitude and longitude come together", field=f"{where}latitude")
    return latitude, longitude


def _lines(tree: Json) -> tuple[r.LineRecord, ...]:
    found = rows(tree, "lines")
    if not 1 <= len(found) <= MOST_LINES:
        raise BadRecord(f"an order has 1 to {MOST_LINES} lines", field="lines")
    lines = tuple([_line_of(row, f"lines[{index}].") for index, row in enumerate(found)])
    if len({line.external_no for line in lines}) != len(lines):
        raise BadRecord("two lines have the same external_no", field="lines")
    return lines


def _line_of(row: Json, where: str) -> r.LineRecord:
    kind = text(row, "kind", where) or "goods"
    if kind not in LINE_KINDS:
        raise BadRecord(f"this is none of {', '.join(LINE_KINDS)}", field=where + "kind")
    code = text(row, "seller_code", where, LONGEST_ID)
    listing_no = text(row, "listing_no", where, LONGEST_ID) or code
    if kind == "goods" and not listing_no:
        raise BadRecord("goods need a seller_code or a listing_no", field=where + "seller_code")
    line = _line(
        external_no=required(row, "external_no", where),
        listing_no=listing_no,
        variant_no=text(row, "variant_no", where, LONGEST_ID),
        seller_code=code,
        title=text(row, "title", where),
        units=units(row, "units", where),
        list_amount=given_amount(row, "list_amount", where),
        paid_amount=given_amount(row, "paid_amount", where),
        variant=text(row, "variant", where),
        discount_merchant=amount(row, "discount_merchant", where),
        discount_platform=amount(row, "discount_platform", where),
        discount_coin=amount(row, "discount_coin", where),
        discount_member=amount(row, "discount_member", where),
        discount_distributor=amount(row, "discount_distributor", where),
        tax_amount=amount(row, "tax_amount", where),
        tax_included=switch(row, "tax_included", where, default=True),
        kind=kind,
        state=word(r.OrderState, row, "state", where, r.OrderState.OPEN),
        refund=word(r.RefundState, row, "refund", where, r.RefundState.NONE),
        is_gift=switch(row, "is_gift", where),
        fulfiller=word(r.Fulfiller, row, "fulfiller", where, r.Fulfiller.US),
        bound_group=text(row, "bound_group", where, LONGEST_ID),
    )
    if _expected(line) != line.paid_amount:
        raise BadRecord("list_amount − discounts + tax is another amount", field=where + "paid_amount")
    return line


def _expected(line: r.LineRecord) -> int:
    """What the buyer pays for a line by its other amounts."""
    given = line.list_amount + (0 if line.tax_included else line.tax_amount)
    taken = line.discount_merchant + line.discount_platform + line.discount_coin
    return given - taken - line.discount_member - line.discount_distributor


def _payments(tree: Json, paid_total: int) -> tuple[r.PaymentRecord, ...]:
    payments = tuple([_payment(row, f"payments[{index}].") for index, row in enumerate(rows(tree, "payments"))])
    if payments and sum([payment.amount for payment in payments]) != paid_total:
        raise BadRecord("the payments do not add up to paid_total", field="payments")
    return payments


def _at_the_door(
    tree: Json, state: r.OrderState, payments: tuple[r.PaymentRecord, ...]
) -> tuple[bool, tuple[r.PaymentRecord, ...]]:
    """Whether the courier collects money, and the payments: a balance still due when the goods may leave is part of it.

    That of a presale is paid online first, and a store takes its own.
    """
    is_cod = switch(tree, "is_cod")
    if state is r.OrderState.UNPAID or switch(tree, "is_presale") or part(tree, "delivery"):
        return is_cod, payments
    due = [payment.kind is r.PaymentKind.BALANCE and payment.paid_at is None for payment in payments]
    if not any(due):
        return is_cod, payments
    told = zip(payments, due, strict=True)
    return True, tuple([replace(one, kind=r.PaymentKind.COD) if is_due else one for one, is_due in told])


def _payment(row: Json, where: str) -> r.PaymentRecord:
    return r.PaymentRecord(
        word(r.PaymentKind, row, "kind", where),
        given_amount(row, "amount", where),
        moment(row, "paid_at", where),
        text(row, "reference", where, LONGEST_ID),
    )


def _invoice(tree: Json) -> r.InvoiceRecord | None:
    wish = part(tree, "invoice")
    if not wish:
        return None
    kind = text(wish, "kind", "invoice.") or "personal"
    if kind not in INVOICE_KINDS:
        raise BadRecord(f"this is none of {', '.join(INVOICE_KINDS)}", field="invoice.kind")
    return r.InvoiceRecord(text(wish, "title", "invoice."), kind, text(wish, "tax_no", "invoice.", LONGEST_ID))


def _partner(tree: Json, lines: tuple[r.LineRecord, ...]) -> r.PartnerRecord | None:
    whose = part(tree, "partner")
    if not whose:
        return None
    amounts = {
        line.external_no: amount(row, "settlement_amount", f"lines[{index}].")
        for index, (line, row) in enumerate(zip(lines, rows(tree, "lines"), strict=True))
        if row.get("settlement_amount") is not None
    }
    code, reference = (text(whose, name, "partner.", LONGEST_ID) for name in ("code", "reference"))
    if not code:
        raise BadRecord("a partner has a code", field="partner.code")
    return r.PartnerRecord(code, reference, amounts)


def _delivery(tree: Json) -> d.DeliveryRecord | None:
    way = part(tree, "delivery")
    if not way:
        return None
    mode = word(d.DeliveryMode, way, "mode", "delivery.")
    usual = d.LastLeg.DELIVERY if mode is d.DeliveryMode.STORE_DELIVERY else d.LastLeg.PICKUP
    leg = word(d.LastLeg, way, "leg", "delivery.", usual)
    if mode is not d.DeliveryMode.UNIFIED and leg is not usual:
        raise BadRecord(f"{mode} means {usual}", field="delivery.leg")
    latitude, longitude = _coordinates(way, "delivery.")
    return d.DeliveryRecord(
        mode,
        leg,
        text(way, "store", "delivery.", LONGEST_ID),
        text(way, "person", "delivery.", LONGEST_ID),
        text(way, "phone", "delivery.", LONGEST_ID),
        moment(way, "promise_at", "delivery."),
        latitude,
        longitude,
        moment(way, "wanted_from", "delivery."),
    )
