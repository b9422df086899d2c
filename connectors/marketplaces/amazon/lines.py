"""Builds the lines of an order from Amazon's items and charges. Pure; the money comes from `amounts`."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.quick import quick
from connectors.contract.records import Fulfiller, LineRecord, OrderState, PromotionRecord, RefundState
from connectors.contract.records import Funder as Funder
from connectors.marketplaces.amazon import codes
from connectors.marketplaces.amazon.amounts import CHARGES, Amounts, Share
from connectors.marketplaces.amazon.reading import Json, moment, part, required, rows, text, units, words

_line = quick(LineRecord)


class Packages(NamedTuple):
    """What the packages say: item → (waybill, time it left, carrier) of its last one, and whether all have arrived."""

    of_item: dict[str, tuple[str, datetime | None, str]]
    all_delivered: bool


def packages_of(order: Json, alerts: list[str]) -> Packages:
    """Packages that have left; cancelled ones and labels without a parcel say nothing."""
    found: dict[str, tuple[str, datetime | None, str]] = {}
    statuses = []
    for package in rows(order, "packages"):
        status = text(part(package, "packageStatus"), "status")
        if status and status not in codes.PACKAGES:
            alerts.append(f"packageStatus={status:.40}")
        if status == codes.CANCELLED:
            continue
        statuses.append(status)
        carrier = text(package, "carrier")
        ours = codes.CARRIERS_BY_NAME.get(carrier.lower(), carrier)
        left = (text(package, "trackingNumber"), moment(package, "shipTime"), ours)
        for row in rows(package, "packageItems"):
            found[text(row, "orderItemId")] = left
    return Packages(found, bool(statuses) and all(status == codes.DELIVERED for status in statuses))


def goods_lines(
    items: list[Json], amounts: Amounts, state: OrderState, fulfiller: Fulfiller, packages: Packages
) -> list[LineRecord]:
    """One line for each item."""
    return [
        _goods_line(item, share, state, fulfiller, packages)
        for item, share in zip(items, amounts.goods, strict=True)
    ]  # fmt: skip


def _goods_line(
    item: Json, share: Share, order: OrderState, fulfiller: Fulfiller, packages: Packages
) -> LineRecord:  # fmt: skip
    product = part(item, "product")
    number = required(item, "orderItemId")
    asin = text(product, "asin")
    ordered = units(item, "quantityOrdered")
    state, refund = _state(item, ordered or 0, order)
    waybill, left, carrier = packages.of_item.get(number, ("", None, ""))
    return _line(
        number,
        asin,
        # The offer that was bought goes by its SKU, as listings are told.
        text(product, "sellerSku"),
        text(product, "sellerSku"),
        text(product, "title"),
        # An item that was cancelled whole is listed with no units; a line has at least one.
        ordered or 1,
        share.listed,
        share.paid,
        "",
        share.discount,
        tax_amount=share.tax,
        tax_included=share.included,
        state=state,
        refund=refund,
        fulfiller=fulfiller,
        waybill_no=waybill,
        shipped_at=left,
        carrier=carrier,
    )


def _state(item: Json, ordered: int, order: OrderState) -> tuple[OrderState, RefundState]:
    """An item's own state, and whether its buyer asks to cancel what has not left."""
    cancellation = part(item, "cancellation")
    sent = units(part(item, "fulfillment"), "quantityFulfilled") or 0
    left = units(part(item, "fulfillment"), "quantityUnfulfilled")
    if order is OrderState.CANCELLED or not ordered:
        return OrderState.CANCELLED, RefundState.NONE
    if part(cancellation, "cancellationExecution") and not sent and not left:
        return OrderState.CANCELLED, RefundState.NONE
    if order in (OrderState.SHIPPED, OrderState.COMPLETED, OrderState.UNPAID):
        return order, RefundState.NONE
    if sent and (sent >= ordered or left == 0):
        return OrderState.SHIPPED, RefundState.NONE
    asked = part(cancellation, "cancellationRequest") and not part(cancellation, "cancellationExecution")
    refund = RefundState.ASKED if asked else RefundState.NONE
    return OrderState.PART_SHIPPED if sent else OrderState.OPEN, refund


def charge_lines(amounts: Amounts, state: OrderState, fulfiller: Fulfiller) -> list[LineRecord]:
    """Shipping and the like, one line for the whole order each, then the tip and what only the total knows."""
    shares = [(name.lower(), *CHARGES[name], share) for name, share in amounts.charges.items()]
    shares += [
        (number, kind, title, Share(amount, 0, 0, True))
        for number, kind, title, amount in (
            ("tip", "tip", "Delivery tip", amounts.tip),
            ("rest", "fee", "Charges beside the items", amounts.rest),
        )
        if amount
    ]
    return [_charge_line(number, kind, title, share, state, fulfiller) for number, kind, title, share in shares]


def _charge_line(
    number: str, kind: str, title: str, share: Share, state: OrderState, fulfiller: Fulfiller
) -> LineRecord:  # fmt: skip
    return _line(
        number,
        "",
        "",
        "",
        title,
        1,
        share.listed,
        share.paid,
        "",
        share.discount,
        tax_amount=share.tax,
        tax_included=share.included,
        kind=kind,
        state=state,
        fulfiller=fulfiller,
    )


def promotions_of(items: list[Json], amounts: Amounts) -> tuple[PromotionRecord, ...]:
    """The goods' discount by item. Amazon names an item's promotions without their amounts, so they stand together."""
    found = []
    for item, share in zip(items, amounts.goods, strict=True):
        if share.discount:
            names = [text(row, "promotionId") for row in rows(part(item, "promotion"), "breakdowns")]
            number = ",".join(name for name in names if name)
            line_no = text(item, "orderItemId")
            found.append(PromotionRecord(Funder.MERCHANT, share.discount, number, number, line_no))
    return tuple(found)


def messages_of(items: list[Json]) -> list[str]:
    """What the buyer wrote to go with gifts."""
    found = []
    for item in items:
        gift = part(part(part(item, "fulfillment"), "packing"), "giftOption")
        message = text(gift, "giftMessage") if gift else ""
        if message:
            found.append(message)
    return found


def asks_cash(items: list[Json]) -> bool:
    """Whether the carrier has to collect money for an item."""
    for item in items:
        limits = part(part(part(item, "fulfillment"), "shipping"), "shippingConstraints")
        if limits and text(limits, "cashOnDelivery") == "MANDATORY":
            return True
    return False


def programs_of(order: Json, alerts: list[str]) -> list[str]:
    """The special programmes an order is in."""
    programs = words(order, "programs")
    alerts.extend(f"programs={program:.40}" for program in programs if program not in codes.PROGRAMS)
    return programs
