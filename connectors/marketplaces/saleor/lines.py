"""Builds the lines of an order from Saleor's. Pure; money comes from `amounts`, units from `progress`."""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import Fulfiller, LineRecord, OrderState
from connectors.marketplaces.saleor import codes
from connectors.marketplaces.saleor.amounts import Amounts, Share
from connectors.marketplaces.saleor.progress import Progress, refund_of
from connectors.marketplaces.saleor.reading import Json, inner, required, rows, text, whole


def goods_lines(
    lines: list[Json], shares: list[Share], progress: Progress, base: OrderState, our_warehouses: frozenset[str]
) -> list[LineRecord]:
    """One line per order line; `base` is the state of what has not left."""
    return [_goods_line(line, share, progress, base, our_warehouses) for line, share in zip(lines, shares, strict=True)]


def charge_lines(order: Json, amounts: Amounts, state: OrderState) -> list[LineRecord]:
    """Shipping and what nothing explains as lines of their own; shipping that never cost anything is left out."""
    freight, found = amounts.freight, []
    if freight.listed or freight.paid:
        title = text(order, "shippingMethodName") or "Shipping"
        found.append(
            LineRecord(
                "freight",
                "",
                "",
                "",
                title,
                1,
                freight.listed,
                freight.paid,
                "",
                freight.listed - freight.paid,
                tax_amount=freight.tax,
                kind="freight",
                state=state,
            )
        )
    if amounts.charges:
        charged = amounts.charges
        found.append(LineRecord("charges", "", "", "", "Other charges", 1, charged, charged, kind="fee", state=state))
    return found


def _goods_line(
    line: Json, share: Share, progress: Progress, base: OrderState, our_warehouses: frozenset[str]
) -> LineRecord:
    number, units = required(line, "id", "lines.id"), whole(line, "quantity")
    if not units:
        raise BadRecord("a line needs at least one unit", field="lines.quantity")
    variant = inner(line, "variant")
    product = inner(variant, "product")
    waybill, shipped_at = progress.parcels.get(number, ("", None))
    refund, case_no = refund_of(progress, number, units)
    return LineRecord(
        number,
        text(product, "id"),
        text(variant, "id") or text(line, "productVariantId"),
        text(line, "productSku") or text(variant, "sku"),
        text(line, "productName"),
        units,
        share.listed,
        share.paid,
        text(line, "variantName"),
        share.listed - share.paid,
        tax_amount=share.tax,
        kind=_kind(line, product),
        state=_state(units, progress.shipped.get(number, 0), base),
        refund=refund,
        case_no=case_no,
        is_gift=line.get("isGift") is True,
        fulfiller=_fulfiller(line, our_warehouses) if our_warehouses else Fulfiller.US,
        waybill_no=waybill,
        shipped_at=shipped_at,
    )


def _kind(line: Json, product: Json) -> str:
    if inner(product, "productType").get("kind") == codes.GIFT_CARD:
        return "gift_card"
    return "service" if line.get("isShippingRequired") is False else "goods"


def _state(units: int, shipped: int, base: OrderState) -> OrderState:
    if shipped >= units:
        return OrderState.SHIPPED
    if base is OrderState.CANCELLED:
        return base
    return OrderState.PART_SHIPPED if shipped else base


def _fulfiller(line: Json, our_warehouses: frozenset[str]) -> Fulfiller:
    """Stock set aside for a line only in warehouses of others is shipped by them."""
    places = [text(inner(row, "warehouse"), "id") for row in rows(line, "allocations")]
    return Fulfiller.PLATFORM if places and our_warehouses.isdisjoint(places) else Fulfiller.US
