"""Builds the lines of an order from Vendure's. Pure; money comes from `amounts`, units from `progress`."""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import LineRecord, OrderState
from connectors.marketplaces.vendure.amounts import Amounts, Share, units_paid
from connectors.marketplaces.vendure.progress import Progress, refund_of
from connectors.marketplaces.vendure.reading import Json, inner, required, rows, text, whole


def goods_lines(
    lines: list[Json], shares: list[Share], progress: Progress, base: OrderState, gone: OrderState
) -> list[LineRecord]:
    """One line per order line; `base` is the state of what has not left, `gone` of what has."""
    return [_goods_line(line, share, progress, base, gone) for line, share in zip(lines, shares, strict=True)]


def charge_lines(order: Json, amounts: Amounts, state: OrderState) -> list[LineRecord]:
    """Shipping and surcharges as lines of their own; shipping that never cost anything is left out."""
    found = [
        LineRecord(
            f"shipping-{required(way, 'id', 'shippingLines.id')}",
            "",
            "",
            "",
            text(inner(way, "shippingMethod"), "name") or "Shipping",
            1,
            share.listed,
            share.paid,
            "",
            share.listed - share.paid,
            tax_amount=share.tax,
            kind="freight",
            state=state,
        )
        for way, share in zip(rows(order, "shippingLines"), amounts.shipping, strict=True)
        if share.listed or share.paid
    ]
    found += [
        LineRecord(
            f"charge-{charge.number}", "", "", "", charge.title, 1, charge.amount, charge.amount, kind="fee", state=state
        )
        for charge in amounts.charges
    ]
    return found


def _goods_line(line: Json, share: Share, progress: Progress, base: OrderState, gone: OrderState) -> LineRecord:
    number, paid_units = required(line, "id", "lines.id"), units_paid(line)
    if not paid_units:
        raise BadRecord("a line needs at least one unit", field="lines.quantity")
    shipped = min(progress.shipped.get(number, 0), paid_units)
    # Units cancelled after they had left are no longer in the line, and yet they left.
    units = max(whole(line, "quantity"), shipped)
    variant = inner(line, "productVariant")
    product = inner(variant, "product")
    waybill, shipped_at, carrier = progress.parcels.get(number, ("", None, ""))
    refund, case_no = refund_of(progress, number, paid_units)
    return LineRecord(
        number,
        text(product, "id"),
        text(variant, "id"),
        text(variant, "sku"),
        text(product, "name") or text(variant, "name"),
        units or paid_units,
        share.listed,
        share.paid,
        text(variant, "name"),
        share.listed - share.paid,
        tax_amount=share.tax,
        state=_state(units, shipped, base, gone),
        refund=refund,
        case_no=case_no,
        is_gift=share.listed > 0 and not share.paid,
        waybill_no=waybill,
        shipped_at=shipped_at,
        carrier=carrier,
    )


def _state(units: int, shipped: int, base: OrderState, gone: OrderState) -> OrderState:
    if not units:
        return OrderState.CANCELLED
    if shipped >= units:
        return gone
    if base is OrderState.CANCELLED:
        return base
    return OrderState.PART_SHIPPED if shipped else base
