"""Builds the lines of an order from its items and shipping methods. Pure; the money comes from `amounts`."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Fulfiller, LineRecord, OrderState, RefundState
from connectors.marketplaces.medusa import codes
from connectors.marketplaces.medusa.amounts import Share
from connectors.marketplaces.medusa.reading import Json, moment, part, required, rows, text, units

_CLOSED = frozenset({OrderState.CANCELLED, OrderState.COMPLETED})


class Progress(NamedTuple):
    """How far the units of an item are; `asked` and `back` are returns."""

    units: int
    shipped: int
    asked: int
    back: int


class Parcel(NamedTuple):
    """With which waybill a line left, when, and by whom where the hub noted it: Medusa has no field for that."""

    waybill: str
    at: datetime | None
    carrier: str


def ways_back(order: Json, return_no: str = "") -> tuple[list[Json], list[Json]]:
    """Shipping methods that bring goods to the buyer, and those that bring them back (of one return, or of all).

    What the way back costs is kept off its refund and is no part of what the buyer paid for the order.
    """
    there: list[Json] = []
    back: list[Json] = []
    for method in rows(order, "shipping_methods"):
        number = part(method, "detail").get("return_id")
        if not number:
            there.append(method)
        elif not return_no or number == return_no:
            back.append(method)
    return there, back


def progress_of(item: Json) -> Progress:
    """Quantities of an item; `detail` holds those of the order's present version."""
    ordered, detail = units(item, "quantity"), part(item, "detail")
    if ordered < 1:
        raise BadRecord("a line needs units", field="quantity")
    back = units(detail, "return_received_quantity") + units(detail, "return_dismissed_quantity")
    # What needs no parcel has left once it is fulfilled.
    left = "fulfilled_quantity" if item.get("requires_shipping") is False else "shipped_quantity"
    return Progress(ordered, units(detail, left), units(detail, "return_requested_quantity"), back)


def lines_of(
    order: Json,
    items: list[Json],
    methods: list[Json],
    shares: list[Share],
    goods: list[Progress],
    state: OrderState,
    others_ship: bool,
) -> list[LineRecord]:
    """One line per item, then one per shipping method that costs something."""
    parcels = parcels_of(order)
    refunded = text(order, "payment_status") == codes.REFUNDED
    fulfiller = Fulfiller.PLATFORM if others_ship else Fulfiller.US
    lines = [
        _goods_line(item, share, progress, state, refunded, fulfiller, parcels)
        for item, share, progress in zip(items, shares, goods, strict=False)
    ]
    for method, share in zip(methods, shares[len(items) :], strict=True):
        if share.listed or share.paid:
            lines.append(_charge_line(method, share, state))
    return lines


def parcels_of(order: Json) -> dict[str, Parcel]:
    """Line → the first parcel it left in; cancelled fulfilments and such not shipped yet count for nothing."""
    parcels: dict[str, Parcel] = {}
    for fulfilment in rows(order, "fulfillments"):
        if fulfilment.get("canceled_at") or not fulfilment.get("shipped_at"):
            continue
        labels = [text(label, "tracking_number") for label in rows(fulfilment, "labels")]
        number, noted = next((label for label in labels if label), ""), fulfilment.get("metadata")
        carrier = text(noted, "carrier") if isinstance(noted, dict) else ""
        parcel = Parcel(number, moment(fulfilment, "shipped_at"), carrier)
        for item in rows(fulfilment, "items"):
            parcels.setdefault(text(item, "line_item_id"), parcel)
    return parcels


def _goods_line(
    item: Json,
    share: Share,
    progress: Progress,
    state: OrderState,
    refunded: bool,
    fulfiller: Fulfiller,
    parcels: dict[str, Parcel],
) -> LineRecord:
    number = required(item, "id")
    parcel = parcels.get(number)
    return LineRecord(
        external_no=number,
        listing_no=text(item, "product_id"),
        variant_no=text(item, "variant_id"),
        seller_code=text(item, "variant_sku"),
        title=text(item, "product_title") or text(item, "title"),
        units=progress.units,
        list_amount=share.listed,
        paid_amount=share.paid,
        variant=text(item, "variant_title") or text(item, "subtitle"),
        discount_merchant=share.discount,
        tax_amount=share.tax,
        tax_included=share.tax_included,
        kind=_kind(item),
        state=_line_state(progress, state),
        refund=RefundState.SUCCEEDED if refunded else _refund_state(progress),
        fulfiller=fulfiller,
        waybill_no=parcel.waybill if parcel else "",
        shipped_at=parcel.at if parcel else None,
        carrier=parcel.carrier if parcel else "",
    )


def _charge_line(method: Json, share: Share, state: OrderState) -> LineRecord:
    return LineRecord(
        required(method, "id"),
        "",
        "",
        "",
        text(method, "name"),
        1,
        share.listed,
        share.paid,
        discount_merchant=share.discount,
        tax_amount=share.tax,
        tax_included=share.tax_included,
        kind="freight",
        state=state,
    )


def _kind(item: Json) -> str:
    if item.get("is_giftcard") is True:
        return "gift_card"
    return "service" if item.get("requires_shipping") is False else "goods"


def _line_state(progress: Progress, state: OrderState) -> OrderState:
    if state in _CLOSED:
        return state
    if progress.shipped >= progress.units:
        return OrderState.SHIPPED
    if progress.shipped:
        return OrderState.PART_SHIPPED
    return OrderState.UNPAID if state is OrderState.UNPAID else OrderState.OPEN


def _refund_state(progress: Progress) -> RefundState:
    """Only when the whole line comes back; parts of it are told by cases, which name units."""
    if progress.back >= progress.units:
        return RefundState.RETURNED
    return RefundState.AGREED if progress.asked + progress.back >= progress.units else RefundState.NONE
