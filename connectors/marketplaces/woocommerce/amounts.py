"""The money of a WooCommerce order: what each line costs, and that the lines make the total. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.contract.errors import BadRecord
from connectors.marketplaces.woocommerce.reading import Json, amount, rows

GOODS, FREIGHT, FEE = "goods", "freight", "fee"
_LISTS = ((GOODS, "line_items"), (FREIGHT, "shipping_lines"), (FEE, "fee_lines"))


@dataclass(slots=True)
class Share:
    """One line's money; `listed` is before coupons and without tax, as WooCommerce keeps it in every shop."""

    row: Json
    kind: str
    listed: int
    discount: int
    tax: int

    @property
    def paid(self) -> int:
        """What the buyer pays for the line, tax included."""
        return self.listed - self.discount + self.tax


def shares_of(order: Json, total: int, digits: int) -> list[Share]:
    """Goods, freight and fees, which together make `total`; BadRecord when they do not.

    WooCommerce rounds every line by itself and the total by itself, so they may be a few minor units apart; those
    go to the dearest lines, a unit each.
    """
    shares = [_share(row, kind, digits, field) for kind, field in _LISTS for row in rows(order, field)]
    gap = total - sum(share.paid for share in shares)
    if gap:
        _settle(shares, gap)
    return shares


def _share(row: Json, kind: str, digits: int, field: str) -> Share:
    where = field + "."
    net, tax = amount(row, "total", digits, where), amount(row, "total_tax", digits, where)
    listed = amount(row, "subtotal", digits, where) if kind == GOODS and row.get("subtotal") is not None else net
    # A price raised by hand stands above the list price: then it is the list price.
    return Share(row, kind, max(listed, net), max(listed - net, 0), tax)


def _settle(shares: list[Share], gap: int) -> None:
    if abs(gap) > len(shares) + 1 or not shares:
        raise BadRecord(f"goods, freight and fees are {-gap} minor units away from it", field="total")
    step = 1 if gap > 0 else -1
    dearest = sorted(shares, key=lambda share: -share.paid)
    for turn in range(abs(gap)):
        share = dearest[turn % len(dearest)]
        # Rounding differences come from tax; a line without any takes it in its price.
        if share.tax + step > 0 and share.tax:
            share.tax += step
        else:
            share.listed += step


def gift_cards(order: Json, digits: int) -> int:
    """What was paid with gift cards of WooCommerce's own extension, which lower `total` without a line."""
    return sum(amount(row, "amount", digits, "gift_cards.") for row in rows(order, "gift_cards"))
