"""Builds the lines of an order from WooCommerce's items. Pure; the money comes from `amounts`."""

from __future__ import annotations

import html
from typing import Any

from connectors.contract.errors import BadRecord
from connectors.contract.records import LineRecord, OrderState, RefundState
from connectors.marketplaces.woocommerce.amounts import FREIGHT, GOODS, Share
from connectors.marketplaces.woocommerce.reading import Json, number_text, plain, required, text, whole

#: Where shipping plugins leave their waybills, as a list in the order's meta.
TRACKING_META = "_wc_shipment_tracking_items"


def lines_of(
    shares: list[Share], state: OrderState, refund: RefundState, parcel: tuple[str, str]
) -> tuple[LineRecord, ...]:
    """One line per item; free freight and free fees are none. `parcel` is the waybill and the carrier of all goods."""
    return tuple(
        _goods_line(share, state, refund, parcel) if share.kind == GOODS else _charge_line(share, state, refund)
        for share in shares
        if share.kind == GOODS or share.paid or share.listed
    )


def _goods_line(share: Share, state: OrderState, refund: RefundState, parcel: tuple[str, str]) -> LineRecord:
    row = share.row
    units = whole(row, "quantity", "line_items.")
    if units < 1:
        raise BadRecord("a line needs at least one unit", field="line_items.quantity")
    return LineRecord(
        _number(row, "line_items"),
        number_text(row, "product_id"),
        number_text(row, "variation_id"),
        text(row, "sku"),
        plain(row, "name"),
        units,
        share.listed,
        share.paid,
        _variant(row.get("meta_data")),
        share.discount,
        tax_amount=share.tax,
        tax_included=False,
        state=state,
        refund=refund,
        bound_group=_bound_group(row),
        waybill_no=parcel[0],
        carrier=parcel[1],
    )


def _charge_line(share: Share, state: OrderState, refund: RefundState) -> LineRecord:
    row = share.row
    field, title = ("shipping_lines", "method_title") if share.kind == FREIGHT else ("fee_lines", "name")
    return LineRecord(
        _number(row, field),
        "",
        "",
        "",
        plain(row, title) or share.kind,
        1,
        share.listed,
        share.paid,
        kind=share.kind,
        tax_amount=share.tax,
        tax_included=False,
        state=state,
        refund=refund,
    )


def _number(row: Json, field: str) -> str:
    try:
        return required(row, "id")
    except BadRecord as error:
        raise BadRecord("this is missing or no number", field=f"{field}.id") from error


def _variant(entries: Any) -> str:
    """The chosen attributes as people read them; keys that begin with "_" are plugins' own."""
    if not entries or not isinstance(entries, list):
        return ""
    told = []
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        key = entry.get("display_key") or entry.get("key")
        value = entry.get("display_value") or entry.get("value")
        if isinstance(key, str) and isinstance(value, str) and key[:1] != "_":
            told.append(f"{key}: {value}")
    words = "; ".join(told)
    return html.unescape(words) if "&" in words else words


def _bound_group(row: Json) -> str:
    """Parts of a bundle leave with their container; the extension Product Bundles names it in `bundled_by`."""
    container = row.get("bundled_by") or row.get("composite_parent")
    if container:
        return str(container) if isinstance(container, (int, str)) else ""
    return str(row.get("id", "")) if row.get("bundled_items") or row.get("composite_children") else ""


def holds_of(known: bool, status: str, paid: bool) -> tuple[str, ...]:
    """Reasons not to ship: a status we do not know may mean anything."""
    holds = [] if known else ["unknown_status"]
    if status == "on-hold" and paid:
        holds.append("on-hold")
    return tuple(holds)
