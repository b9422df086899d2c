"""What the hub writes beside shipments: the seller's memo and stock."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.marketplaces.suning import codes
from connectors.marketplaces.suning.client import Sop
from connectors.marketplaces.suning.lists import body_rows, read_order
from connectors.marketplaces.suning.reading import text


def set_memo(sop: Sop, order_no: str, memo: str, flag: str) -> Receipt:
    """Put `memo` below what is there, unless it is there already; an empty flag keeps the colour.

    The call overwrites, so what people wrote is read first; nothing is written when nothing changes.
    """
    if flag and flag not in codes.FLAG_NUMBERS:
        raise Refused(f"Suning has no {flag} flag; it has {', '.join(codes.FLAG_NUMBERS)}")
    order = read_order(sop, order_no)
    there, colour = text(order, "sellerOrdRemark"), text(order, "colorMarkFlags")
    wanted = there if memo in there else memo if there in memo else f"{there}\n{memo}"
    number = codes.FLAG_NUMBERS.get(flag, colour)
    if (wanted, number) == (there, colour):
        return Receipt(order_no, "nothing to change")
    sop.write(
        "suning.custom.ordernote.modify",
        "orderNote",
        orderCode=order_no,
        noteContent=wanted,
        colorMarkFlag=number,
        noteFlag=sop.setting("note_flag", "1"),
    )
    return Receipt(order_no)


def push_stock(sop: Sop, levels: Sequence[StockLevel]) -> StockAnswer:
    """Absolute units, one product a call. A refused call leaves the others to go on."""
    refused: dict[tuple[str, str], str] = {}
    for level in levels:
        try:
            _set(sop, level)
        except Refused as error:
            refused[level.listing_no, level.variant_no] = error.words
    return StockAnswer(len(levels) - len(refused), refused)


def _set(sop: Sop, level: StockLevel) -> None:
    answer = sop.write(
        "suning.custom.syncinventory.modify",
        "modifySyncinventory",
        productCode=level.variant_no or level.listing_no,
        invQty=str(max(level.units, 0)),
        invCode=level.location or sop.setting("stock_place") or None,
        invType=sop.setting("stock_kind", "01"),
    )
    for row in body_rows(answer, "modifySyncinventory"):
        if "N" in (text(row, "result"), text(row, "syncinventoryResult")):
            raise Refused("the platform did not accept the units", code="not-accepted")
