"""Builds the lines of an order from a trade's orders. Pure; the money comes from `amounts`."""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.quick import quick
from connectors.contract.records import BundlePart, Fulfiller, LineRecord, OrderState, RefundState
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.amounts import Amounts, Share
from connectors.marketplaces.taobao.reading import (
    Json,
    moment,
    number_text,
    rows,
    text,
    truthy,
    unwrapped,
    whole,
)

#: Made for every line of every order.
_LINE = quick(LineRecord)
FREIGHT = "freight"
COD_FEE = "cod_fee"


def goods_lines(
    trade: Json, orders: list[Json], shares: list[Share], state: OrderState, alerts: list[str]
) -> list[LineRecord]:
    """One line per order of the trade, in its order."""
    groups = _bound_groups(orders)
    cainiao = _cainiao_lines(trade)
    return [
        _goods_line(order, share, state, alerts, groups, cainiao) for order, share in zip(orders, shares, strict=True)
    ]


def charge_lines(amounts: Amounts, state: OrderState) -> list[LineRecord]:
    """Postage and the buyer's fee for cash on delivery as lines of their own."""
    charges = ((FREIGHT, "freight", "运费", amounts.freight), (COD_FEE, "fee", "货到付款服务费", amounts.cod_fee))
    return [
        LineRecord(number, "", "", "", title, 1, amount, amount, kind=kind, state=state)
        for number, kind, title, amount in charges
        if amount
    ]


def _goods_line(
    order: Json,
    share: Share,
    state: OrderState,
    alerts: list[str],
    groups: dict[str, str],
    cainiao: dict[str, bool],
) -> LineRecord:
    oid = number_text(order, "oid")
    if not oid:
        raise BadRecord("this is missing", field="orders.oid")
    parts = order.get("combine_item_info")
    return _LINE(
        external_no=oid,
        listing_no=text(order, "num_iid"),
        variant_no=text(order, "sku_id"),
        seller_code=text(order, "outer_sku_id") or text(order, "outer_iid"),
        title=text(order, "title"),
        units=whole(order, "num"),
        list_amount=share.list_amount,
        paid_amount=share.paid,
        variant=text(order, "sku_properties_name"),
        discount_merchant=share.merchant,
        discount_platform=share.platform,
        discount_coin=share.coin,
        discount_member=share.member,
        state=_line_state(order, state, alerts),
        refund=_refund_state(order, alerts),
        case_no=text(order, "refund_id"),
        is_gift=truthy(order, "is_free_gift"),
        fulfiller=_fulfiller(order, oid, cainiao),
        bound_group=groups.get(oid, ""),
        bundle_parts=_bundle_parts(parts) if parts else (),
        waybill_no=text(order, "invoice_no"),
        shipped_at=moment(order, "consign_time"),
        carrier=text(order, "logistics_company"),
    )


def _line_state(order: Json, trade_state: OrderState, alerts: list[str]) -> OrderState:
    """A line's own status, except that an unpaid presale keeps all its lines unpaid."""
    status = text(order, "status")
    state = codes.STATES.get(status)
    if state is None:
        if status:
            alerts.append(f"orders.status={status:.40}")
        return trade_state
    return OrderState.UNPAID if trade_state is OrderState.UNPAID and state is OrderState.OPEN else state


def _refund_state(order: Json, alerts: list[str]) -> RefundState:
    """An unknown refund status counts as asked: it must stop the shipment until someone looks."""
    status = text(order, "refund_status")
    state = codes.REFUNDS.get(status)
    if state is None:
        alerts.append(f"orders.refund_status={status:.40}")
        return RefundState.ASKED
    return state


def _fulfiller(order: Json, oid: str, cainiao: dict[str, bool]) -> Fulfiller:
    """Cainiao's own stores ship for us; "SC" is the platform's word for the seller's own store."""
    if oid in cainiao:
        return Fulfiller.PLATFORM if cainiao[oid] else Fulfiller.US
    return Fulfiller.PLATFORM if text(order, "store_code") not in ("", "SC") else Fulfiller.US


def _cainiao_lines(trade: Json) -> dict[str, bool]:
    """Line number → whether Cainiao ships it, where the trade's logistics advice says so."""
    infos = trade.get("logistics_infos")
    if not infos:
        return {}
    return {
        text(info, "sub_trade_id"): info.get("consign_type") == "CN"
        for info in rows(infos, "logistics_infos")
        if info.get("consign_type") in ("CN", "SC")
    }


def _bundle_parts(parts: object) -> tuple[BundlePart, ...]:
    return tuple(
        BundlePart(text(part, "outer_sku_id") or text(part, "outer_iid"), whole(part, "quantity") or 1)
        for part in rows(parts, "orders.combine_item_info")
    )


def _bound_groups(orders: list[Json]) -> dict[str, str]:
    """Line number → name of the group it must leave with; a group is named by its smallest number."""
    if not any(order.get("bind_oids") or order.get("bind_oid") for order in orders):
        return {}
    group: dict[str, set[str]] = {}
    for order in orders:
        bound = _bound_to(order)
        if bound:
            together = set().union(*(group.get(oid, {oid}) for oid in (number_text(order, "oid"), *bound)))
            group.update(dict.fromkeys(together, together))
    ours = {number_text(order, "oid") for order in orders} if group else set()
    return {oid: min(together) for oid, together in group.items() if len(together & ours) > 1}


def _bound_to(order: Json) -> list[str]:
    several = order.get("bind_oids")
    numbers = several.split(",") if isinstance(several, str) else [str(oid) for oid in unwrapped(several)]
    return [oid.strip() for oid in (*numbers, text(order, "bind_oid")) if oid.strip() not in ("", "0")]
