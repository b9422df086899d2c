"""Builds the lines of an order: goods, gifts, postage and fees. Pure; the money comes from `amounts`.

The platform has no number for a line: within its order a line is known by its variant, which is what cases name too.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from connectors.contract.records import BundlePart, Fulfiller, LineRecord, OrderState, RefundState
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.amounts import Amounts, Share, price_of
from connectors.marketplaces.pinduoduo.reading import Json, moment, number_text, part, required, rows, text, whole

FREIGHT = "freight"
FEE = "fee"
GIFT = "gift-"


class LineFacts(NamedTuple):
    """What an order says of all its lines at once."""

    state: OrderState
    refund: RefundState
    fulfiller: Fulfiller
    kind: str
    waybill_no: str
    shipped_at: datetime | None
    carrier: str


def facts_of(order: Json, state: OrderState, refund: RefundState, tags: frozenset[str], ours: bool) -> LineFacts:
    """The facts that lines share; `ours` says that a subscribed depot's orders are ours to ship all the same."""
    subscribed = not ours and text(part(order, "order_depot_info"), "depot_type") == "2"
    company = number_text(order, "logistics_id")
    return LineFacts(
        state,
        refund,
        Fulfiller.PLATFORM if subscribed else Fulfiller.US,
        "service" if codes.DIFFERENCE_TAG in tags else "goods",
        text(order, "tracking_number"),
        moment(order, "shipping_time"),
        codes.COMPANIES.get(company, company),
    )


def goods_lines(order: Json, items: list[Json], shares: list[Share], facts: LineFacts) -> list[LineRecord]:
    """A line per item and per gift; gifts cost nothing and must leave too."""
    lines: list[LineRecord] = []
    taken: set[str] = set()
    bundle = _bundle_parts(order) if len(items) == 1 else ()
    for item, share in zip(items, shares, strict=True):
        number = _free(line_number(item, "item_list"), taken)
        lines.append(_goods_line(item, number, share, facts, bundle))
    for gift in rows(order, "gift_list"):
        number = _free(GIFT + line_number(gift, "gift_list"), taken)
        listed = price_of(gift, "gift_list")
        lines.append(_goods_line(gift, number, Share(listed, 0, listed, 0), facts, (), is_gift=True))
    return lines


def charge_lines(amounts: Amounts, state: OrderState) -> list[LineRecord]:
    """Postage and fees as lines of their own."""
    lines = []
    freight = amounts.freight
    if freight.list_amount:
        lines.append(
            LineRecord(
                FREIGHT,
                "",
                "",
                "",
                "运费",
                1,
                freight.list_amount,
                freight.paid,
                discount_merchant=freight.merchant,
                discount_platform=freight.platform,
                kind="freight",
                state=state,
            )
        )
    for place, (name, amount) in enumerate(amounts.fees):
        number = f"{FEE}-{place + 1}"
        lines.append(LineRecord(number, "", "", "", name or "服务费", 1, amount, amount, kind="fee", state=state))
    return lines


def line_number(item: Json, where: str) -> str:
    """What a line is known by within its order; goods without variants have only their own number."""
    return number_text(item, "sku_id") or required(item, "goods_id", where)


def _free(number: str, taken: set[str]) -> str:
    """The number itself, or with a count where the same variant stands in an order twice."""
    free, count = number, 1
    while free in taken:
        count += 1
        free = f"{number}#{count}"
    taken.add(free)
    return free


def _goods_line(
    item: Json, number: str, share: Share, facts: LineFacts, bundle: tuple[BundlePart, ...], *, is_gift: bool = False
) -> LineRecord:
    return LineRecord(
        number,
        text(item, "goods_id"),
        number_text(item, "sku_id"),
        text(item, "outer_id") or text(item, "outer_goods_id"),
        text(item, "goods_name"),
        whole(item, "goods_count"),
        share.list_amount,
        share.paid,
        text(item, "goods_spec"),
        share.merchant,
        share.platform,
        kind=facts.kind,
        state=facts.state,
        refund=facts.refund,
        is_gift=is_gift,
        fulfiller=facts.fulfiller,
        bundle_parts=bundle,
        waybill_no=facts.waybill_no,
        shipped_at=facts.shipped_at,
        carrier=facts.carrier,
    )


def _bundle_parts(order: Json) -> tuple[BundlePart, ...]:
    """Parts of a combined ware, which the platform tells of the order's one item; those without a code tell nothing."""
    depot = part(order, "order_depot_info")
    if text(depot, "ware_type") != "1":
        return ()
    found = [(text(row, "ware_sn"), whole(row, "ware_quantity") or 1) for row in rows(depot, "ware_sub_info_list")]
    return tuple(BundlePart(code, units) for code, units in found) if all(code for code, _ in found) else ()
