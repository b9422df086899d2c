"""Makes an order's money add up: what each item cost, charges beside the goods, the total. Pure, in minor units.

An item tells its parts (ITEM, SHIPPING, GIFT_WRAP, COD_FEE, OTHER), DISCOUNT and TAX, and its total. Whether the parts
hold their tax (Europe, Japan) or not (America) is not told, so the total decides. Tax that Amazon collects and remits
as marketplace facilitator and leaves out of the seller's total is none of the seller's.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.marketplaces.amazon.reading import Json, money, part, rows, text, units

ITEM = "ITEM"
#: Parts that are no goods → kind of their line, and its title.
CHARGES = {
    "SHIPPING": ("freight", "Shipping"),
    "GIFT_WRAP": ("service", "Gift wrap"),
    "COD_FEE": ("fee", "Cash on delivery"),
    "OTHER": ("fee", "Other charges"),
}
TIP = "DELIVERY_TIP"


class Share(NamedTuple):
    """Amounts of a line: listed − discount (+ tax when it is not included) = paid."""

    listed: int
    discount: int
    tax: int
    included: bool

    @property
    def paid(self) -> int:
        """What the buyer pays for it."""
        return self.listed - self.discount + (0 if self.included else self.tax)


class Amounts(NamedTuple):
    """An order's money: a share for each item, shares of charges by part, a tip, and the rest the total has more."""

    goods: list[Share]
    charges: dict[str, Share]
    tip: int
    rest: int
    total: int


def amounts_of(order: Json, items: list[Json], currency: str, is_final: bool, alerts: list[str]) -> Amounts:
    """The money of an order. `is_final` is False while prices may still be missing, or may have been taken back."""
    goods: list[Share] = []
    charges: dict[str, Share] = {}
    for item in items:
        _share_out(item, currency, is_final, goods, charges, alerts)
    total = sum([share.paid for share in goods]) + sum([share.paid for share in charges.values()])
    proceeds = part(order, "proceeds")
    told = money(proceeds, "grandTotal", currency)
    rest = 0 if told is None else told - total
    tip = _tip(proceeds, currency)
    tip = tip if 0 < tip <= rest else 0
    rest -= tip
    if rest and is_final:
        alerts.append(f"proceeds.grandTotal differs from its items by {rest}")
    # Items alone say what was sold; a total below them has been reduced afterwards and is only alerted.
    rest = max(rest, 0)
    return Amounts(goods, charges, tip, rest, total + tip + rest)


def _share_out(
    item: Json, currency: str, is_final: bool, goods: list[Share], charges: dict[str, Share], alerts: list[str]
) -> None:
    """One item's parts: its goods, and what it adds to the order's charges."""
    proceeds = part(item, "proceeds")
    parts = _parts(item, rows(proceeds, "breakdowns"), currency)
    listed = sum([each[0] - each[1] for each in parts.values()])
    tax = sum([each[2] for each in parts.values()])
    told = money(proceeds, "proceedsTotal", currency)
    if told is None and is_final:
        alerts.append("proceeds are missing: this app may lack the role for them")
    included = told is not None and told != listed + tax and told == listed
    if included and _is_facilitated(item):
        for each in parts.values():
            each[2] = 0
    elif told is not None and not included and told != listed + tax:
        _settle(parts, told - listed - tax)
        alerts.append("proceeds.proceedsTotal differs from its breakdowns")
    for name, (amount, discount, taxed) in parts.items():
        share = Share(amount, discount, taxed, included)
        if amount < 0 or share.paid < 0 or taxed < 0:
            raise BadRecord("a part costs less than nothing", field="proceeds.breakdowns")
        if name == ITEM:
            goods.append(share)
        elif share.paid or amount:
            charges[name] = _joined(charges.get(name), share)


def _parts(item: Json, breakdowns: list[Json], currency: str) -> dict[str, list[int]]:
    """Part → [listed, discount, tax]; goods come first, and are known by unit price where no breakdown tells."""
    parts: dict[str, list[int]] = {ITEM: [0, 0, 0]}
    has_goods = False
    for row in breakdowns:
        kind = text(row, "type")
        amount = money(row, "subtotal", currency) or 0
        if kind == "DISCOUNT":
            # The sign of a discount is not told; a discount that raised the price would be none.
            _spread(parts, rows(row, "detailedBreakdowns"), 1, abs(amount), currency)
        elif kind == "TAX":
            _spread(parts, rows(row, "detailedBreakdowns"), 2, amount, currency)
        else:
            has_goods = has_goods or kind == ITEM
            name = kind if kind == ITEM or kind in CHARGES else "OTHER"
            parts.setdefault(name, [0, 0, 0])[0] += amount
    if not has_goods:
        price = money(part(part(item, "product"), "price"), "unitPrice", currency) or 0
        parts[ITEM][0] = price * (units(item, "quantityOrdered") or 0)
    return parts


def _spread(parts: dict[str, list[int]], details: list[Json], place: int, amount: int, currency: str) -> None:
    """Tax or discount by the part it belongs to; what no detail explains belongs to the goods."""
    for row in details:
        name = text(row, "subtype")
        if name in CHARGES and name in parts:
            value = money(row, "value", currency) or 0
            value = abs(value) if place == 1 else value
            parts[name][place] += value
            amount -= value
    parts[ITEM][place] += amount


def _settle(parts: dict[str, list[int]], difference: int) -> None:
    """What a total has more is a charge; what it has less is a discount nobody named."""
    if difference > 0:
        parts.setdefault("OTHER", [0, 0, 0])[0] += difference
    else:
        parts[ITEM][1] -= difference


def _is_facilitated(item: Json) -> bool:
    collections = rows(part(item, "tax"), "taxCollections")
    return any(text(row, "model") == "MARKETPLACE_FACILITATOR" for row in collections)


def _joined(before: Share | None, share: Share) -> Share:
    """Charges of several items as one; a tax that one of them includes and another not counts only where it is added."""
    if before is None:
        return share
    if before.included == share.included:
        tax, included = before.tax + share.tax, share.included
    else:
        tax, included = (share.tax if before.included else before.tax), False
    return Share(before.listed + share.listed, before.discount + share.discount, tax, included)


def _tip(proceeds: Json, currency: str) -> int:
    return sum(money(row, "subtotal", currency) or 0 for row in rows(proceeds, "breakdowns") if row.get("type") == TIP)
