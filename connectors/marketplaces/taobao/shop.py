"""The seller's own side of a Taobao shop: memo and flag of a trade, stock of its listings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
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


def push_stock(top: Top, levels: Sequence[StockLevel]) -> StockAnswer:
    """Absolute units; an empty variant sets a listing that has none. A refused call leaves the others to go on."""
    listings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for level in levels:
        listings[level.listing_no].append((level.variant_no, max(level.units, 0)))
    refused: dict[tuple[str, str], str] = {}
    for listing, variants in listings.items():
        for call, covered in _stock_calls(variants):
            try:
                top.write(num_iid=listing, type=1, **call)
            except Refused as error:
                refused |= {(listing, variant): error.words for variant in covered}
    return StockAnswer(len(levels) - len(refused), refused)


def _stock_calls(variants: list[tuple[str, int]]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """The calls that set one listing, each with the variants it covers."""
    named = [(variant, units) for variant, units in variants if variant]
    for i in range(0, len(named), VARIANTS_A_CALL):
        part = named[i : i + VARIANTS_A_CALL]
        quantities = ";".join(f"{variant}:{units}" for variant, units in part)
        yield {"method": "taobao.skus.quantity.update", "skuid_quantities": quantities}, [name for name, _ in part]
    for variant, units in variants:
        if not variant:
            yield {"method": "taobao.item.quantity.update", "quantity": units}, [variant]


def _joined(there: str, memo: str) -> str:
    if memo in there:
        return there
    if there in memo:
        return memo
    return f"{there}\n{memo}"
