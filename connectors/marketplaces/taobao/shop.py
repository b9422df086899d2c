"""The seller's own side of a Taobao shop: memo and flag of a trade, stock of its listings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.client import Top
from connectors.marketplaces.taobao.reading import text

MEMO_BYTES = 1000
VARIANTS_A_CALL = 20


def set_memo(top: Top, order_no: str, memo: str, flag: str) -> Receipt:
    """Put `memo` below what is there, unless it is there already or repeats it; an empty flag keeps the colour.

    The platform's call overwrites, so what people wrote is read first; nothing is written when nothing changes.
    """
    if flag and flag not in codes.FLAG_NUMBERS:
        raise Refused(f"Taobao has no {flag} flag; it has {', '.join(codes.FLAG_NUMBERS)}")
    trade = top.read("taobao.trade.fullinfo.get", tid=order_no, fields="tid,seller_memo,seller_flag").get("trade")
    there, colour = (text(trade, "seller_memo"), text(trade, "seller_flag")) if isinstance(trade, dict) else ("", "")
    wanted = _joined(there, memo)
    number = codes.FLAG_NUMBERS.get(flag, colour)
    if len(wanted.encode()) > MEMO_BYTES:
        raise Refused(f"the memo would be longer than the {MEMO_BYTES} bytes Taobao keeps; shorten it there first")
    if (wanted, number) == (there, colour):
        return Receipt(order_no, "nothing to change")
    top.write("taobao.trade.memo.update", tid=order_no, memo=wanted, flag=number)
    return Receipt(order_no)


def push_stock(top: Top, levels: Sequence[tuple[str, str, int]]) -> Receipt:
    """Absolute units by (listing, variant); an empty variant sets a listing that has none."""
    listings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for listing, variant, units in levels:
        listings[listing].append((variant, max(units, 0)))
    for listing, variants in listings.items():
        for units in (units for variant, units in variants if not variant):
            top.write("taobao.item.quantity.update", num_iid=listing, quantity=units, type=1)
        named = [f"{variant}:{units}" for variant, units in variants if variant]
        for i in range(0, len(named), VARIANTS_A_CALL):
            quantities = ";".join(named[i : i + VARIANTS_A_CALL])
            top.write("taobao.skus.quantity.update", num_iid=listing, type=1, skuid_quantities=quantities)
    return Receipt(words=f"{len(levels)} levels set")


def _joined(there: str, memo: str) -> str:
    if memo in there:
        return there
    if there in memo:
        return memo
    return f"{there}\n{memo}"
