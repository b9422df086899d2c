"""Builds the lines of an order from Shopify's line items. Pure; money comes from `amounts`, units from `progress`."""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import Fulfiller, LineRecord, OrderState, RefundState
from connectors.marketplaces.shopify.amounts import Amounts, Share
from connectors.marketplaces.shopify.progress import Progress, units_of
from connectors.marketplaces.shopify.reading import Json, inner, nodes, required, shop_money, text, whole

_LEFT = frozenset({OrderState.SHIPPED, OrderState.COMPLETED})


def goods_lines(
    order: Json, lines: list[Json], amounts: Amounts, progress: Progress, base: OrderState, done: bool, currency: str
) -> list[LineRecord]:
    """One line per line item; `base` is the state of what has not left, `done` says that all was delivered."""
    included = order.get("taxesIncluded") is True
    tip = shop_money(order, "totalTipReceivedSet", currency)
    gone = OrderState.COMPLETED if done else OrderState.SHIPPED
    return [
        _goods_line(line, share, progress, base, gone, included, amounts.gift_indexes, tip)
        for line, share in zip(lines, amounts.shares, strict=True)
    ]


def charge_lines(order: Json, ways: list[Json], amounts: Amounts, state: OrderState) -> list[LineRecord]:
    """Shipping, tip, duties and fees as lines of their own; shipping that never cost anything is left out."""
    included = order.get("taxesIncluded") is True
    found = [
        LineRecord(
            required(way, "id", "shippingLines.id"),
            "",
            "",
            "",
            text(way, "title"),
            1,
            share.listed,
            share.paid,
            "",
            share.discount,
            tax_amount=share.tax,
            tax_included=included,
            kind="freight",
            state=state,
        )
        for way, share in zip(ways, amounts.shipping, strict=True)
        if share.listed or share.paid
    ]
    found += [
        LineRecord(
            charge.number, "", "", "", charge.title, 1, charge.amount, charge.amount, kind=charge.kind, state=state
        )
        for charge in amounts.charges
    ]
    return found


def _goods_line(
    line: Json,
    share: Share,
    progress: Progress,
    base: OrderState,
    gone: OrderState,
    included: bool,
    gift_indexes: frozenset[int],
    tip: int,
) -> LineRecord:
    number, quantity = required(line, "id", "lineItems.id"), whole(line, "quantity")
    if not quantity:
        raise BadRecord("a line needs at least one unit", field="lineItems.quantity")
    units = units_of(progress, line, number)
    variant, product = line.get("variant"), line.get("product")
    waybill, shipped_at, carrier = progress.parcels.get(number, ("", None, ""))
    refund, case_no = _refund(line, number, units, progress)
    return LineRecord(
        number,
        text(inner(line, "product"), "id") if product is not None else "",
        text(inner(line, "variant"), "id") if variant is not None else "",
        text(line, "sku"),
        text(line, "title") or text(line, "name"),
        units or quantity,
        share.listed,
        share.paid,
        text(line, "variantTitle"),
        share.discount,
        tax_amount=share.tax,
        tax_included=included,
        kind=_kind(line, share, tip, variant is None and product is None),
        state=_state(units, progress.shipped.get(number, 0), base, gone),
        refund=refund,
        case_no=case_no,
        is_gift=bool(gift_indexes) and 0 < share.listed <= share.discount and _is_given(line, gift_indexes),
        fulfiller=_fulfiller(number, progress),
        waybill_no=waybill,
        shipped_at=shipped_at,
        carrier=carrier,
    )


def _kind(line: Json, share: Share, tip: int, is_custom: bool) -> str:
    if line.get("isGiftCard") is True:
        return "gift_card"
    if line.get("requiresShipping") is not False:
        return "goods"
    return "tip" if tip and is_custom and share.listed == tip else "service"


def _state(units: int, shipped: int, base: OrderState, gone: OrderState) -> OrderState:
    if base is OrderState.CANCELLED or not units:
        return OrderState.CANCELLED if not shipped else gone
    if shipped >= units:
        return gone
    return OrderState.PART_SHIPPED if shipped else base


def _refund(line: Json, number: str, units: int, progress: Progress) -> tuple[RefundState, str]:
    """Succeeded only when all of the line was refunded; a part of it shows in the units and in its case."""
    state, case_no = progress.cases.get(number, (RefundState.NONE, ""))
    refunded = progress.refunded.get(number, 0)
    if refunded and (not units or refunded >= whole(line, "quantity")):
        return RefundState.SUCCEEDED, case_no
    return state, case_no


def _fulfiller(number: str, progress: Progress) -> Fulfiller:
    return Fulfiller.PLATFORM if number in progress.elsewhere and number not in progress.ours else Fulfiller.US


def _is_given(line: Json, gift_indexes: frozenset[int]) -> bool:
    return any(
        whole(inner(allocation, "discountApplication"), "index") in gift_indexes
        for allocation in nodes(line, "discountAllocations")
    )
