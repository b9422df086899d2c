"""Builds the lines of an order from a shop order's sku orders. Pure; the money comes from `amounts`."""

from __future__ import annotations

from connectors.contract.records import BundlePart, Fulfiller, LineRecord, OrderState, RefundState
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.amounts import Amounts, Share
from connectors.marketplaces.douyin.reading import Json, moment, number_text, part, required, rows, text, whole

_LEFT = frozenset({OrderState.SHIPPED, OrderState.COMPLETED})
FREE = "FREE"


def goods_lines(
    order: Json, skus: list[Json], shares: list[Share], state: OrderState, alerts: list[str]
) -> list[LineRecord]:
    """One line per sku order, in their order."""
    kind = "service" if whole(order, "order_type") in codes.SERVICE_TYPES else "goods"
    parcels = _parcels(order)
    refunds = _refunds(skus, alerts)
    return [
        _goods_line(sku, share, _line_state(sku, state, alerts), refund, kind, parcels, alerts)
        for sku, share, refund in zip(skus, shares, refunds, strict=True)
    ]


def charge_lines(amounts: Amounts, state: OrderState) -> list[LineRecord]:
    """Postage and fees as lines of their own."""
    return [
        LineRecord(number, "", "", "", title, 1, amount, amount, kind=kind, state=state)
        for number, kind, title, amount in amounts.charges
    ]


def waybills_of(order: Json) -> dict[str, str]:
    """Line number → waybill of the parcels the platform knows; the first parcel of a line counts."""
    return {number: waybill for number, (waybill, _) in _parcels(order).items()}


def _parcels(order: Json) -> dict[str, tuple[str, str]]:
    """Line number → waybill and the hub's carrier code; a company we do not know stays as the platform writes it."""
    found: dict[str, tuple[str, str]] = {}
    for parcel in rows(order, "logistics_info"):
        company = text(parcel, "company")
        carrier = codes.CARRIERS.get(company, company or text(parcel, "company_name"))
        left = text(parcel, "tracking_no"), carrier
        for product in rows(parcel, "product_info"):
            found.setdefault(number_text(product, "sku_order_id"), left)
    return found


def has_left(sku: Json) -> bool:
    """Whether the platform has a line as shipped."""
    return _known_state(sku) in _LEFT


def known_status(record: Json) -> int:
    """The number that says how far an order or line is: order_status, unless only main_status tells it."""
    main = whole(record, "main_status")
    return main if main in codes.MAIN_ONLY else whole(record, "order_status")


def _known_state(sku: Json) -> OrderState | None:
    return codes.STATES.get(known_status(sku))


def _goods_line(
    sku: Json,
    share: Share,
    state: OrderState,
    refund: RefundState,
    kind: str,
    parcels: dict[str, tuple[str, str]],
    alerts: list[str],
) -> LineRecord:
    number = required(sku, "order_id")
    waybill, carrier = parcels.get(number, ("", ""))
    return LineRecord(
        number,
        number_text(sku, "product_id"),
        number_text(sku, "sku_id"),
        text(sku, "code") or number_text(sku, "out_sku_id"),
        text(sku, "product_name"),
        whole(sku, "item_num"),
        share.list_amount,
        share.paid,
        variant=";".join(f"{text(spec, 'name')}:{text(spec, 'value')}" for spec in rows(sku, "spec")),
        discount_merchant=share.merchant,
        discount_platform=share.platform,
        discount_distributor=share.distributor,
        tax_amount=share.tax,
        tax_included=share.tax_included,
        kind="service" if sku.get("goods_type") == 1 else kind,
        state=state,
        refund=refund,
        is_gift=sku.get("given_product_type") == FREE,
        fulfiller=_fulfiller(sku, alerts),
        bundle_parts=_bundle_parts(sku) if sku.get("bundle_sku_info") else (),
        waybill_no=waybill,
        shipped_at=moment(sku, "ship_time"),
        carrier=carrier,
    )


def _line_state(sku: Json, order_state: OrderState, alerts: list[str]) -> OrderState:
    """A line's own status, except that an unpaid order keeps all its lines unpaid."""
    state = _known_state(sku)
    if state is None:
        if sku.get("order_status") is not None:
            alerts.append(f"sku_order_list.order_status={known_status(sku)}")
        return order_state
    return OrderState.UNPAID if order_state is OrderState.UNPAID and state is OrderState.OPEN else state


def _refunds(skus: list[Json], alerts: list[str]) -> list[RefundState]:
    """Each line's refund; a gift without one of its own goes back with the lines it came with."""
    found = [_refund_state(part(sku, "after_sale_info"), alerts) for sku in skus]
    by_number = {number_text(sku, "order_id"): state for sku, state in zip(skus, found, strict=True)}
    for i, sku in enumerate(skus):
        masters = sku.get("master_sku_order_id_list")
        if sku.get("given_product_type") == FREE and found[i] is RefundState.NONE and isinstance(masters, list):
            states = {by_number.get(str(master).removesuffix("A"), RefundState.NONE) for master in masters}
            found[i] = states.pop() if len(states) == 1 else RefundState.NONE
    return found


def _refund_state(after_sale: Json, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it must stop the shipment until someone looks.

    An exchange, re-ship or repair that is done has refunded nothing.
    """
    if not after_sale:
        return RefundState.NONE
    status = whole(after_sale, "after_sale_status")
    state = codes.CASE_STATES.get(status)
    if state is None:
        alerts.append(f"after_sale_status={status}")
        return RefundState.ASKED
    if state is RefundState.SUCCEEDED and whole(after_sale, "after_sale_type") in codes.WITHOUT_REFUND:
        return RefundState.CLOSED
    return state


def _fulfiller(sku: Json, alerts: list[str]) -> Fulfiller:
    """Cloud and cross-border warehouses are the platform's, not ours to dispatch."""
    for place in rows(sku, "inventory_list"):
        kind = whole(place, "warehouse_type")
        if kind in codes.PLATFORM_WAREHOUSES:
            return Fulfiller.PLATFORM
        if kind != codes.OUR_WAREHOUSE:
            alerts.append(f"warehouse_type={kind}")
    return Fulfiller.US


def _bundle_parts(sku: Json) -> tuple[BundlePart, ...]:
    return tuple(
        BundlePart(text(piece, "code") or number_text(piece, "sku_id"), max(whole(piece, "item_num"), 1))
        for piece in rows(sku, "bundle_sku_info")
    )
