"""The seller's own side of a JD shop: memo and flag of an order, stock of its SKUs."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.marketplaces.jd import codes
from connectors.marketplaces.jd.client import Jos
from connectors.marketplaces.jd.lists import read_order
from connectors.marketplaces.jd.reading import text

MEMO_CHARACTERS = 500
STOCK_CALL = "jingdong.stock.write.updateSkuStock"
DEFAULT_STORE = "0"


def set_memo(jos: Jos, order_no: str, memo: str, flag: str) -> Receipt:
    """Put `memo` below what is there, unless it is there already or repeats it, and set the flag's colour.

    The platform's call overwrites, so what people wrote is read first. The flag there cannot be read: without one
    the call leaves it out, and JD may then take grey.
    """
    if flag and flag not in codes.FLAGS:
        raise Refused(f"JD has no {flag} flag; it has {', '.join(codes.FLAGS)}")
    there = text(read_order(jos, order_no, "orderId,venderRemark,modified"), "venderRemark")
    wanted = _joined(there, memo)
    if len(wanted) > MEMO_CHARACTERS:
        raise Refused(f"the memo would be longer than the {MEMO_CHARACTERS} characters JD keeps; shorten it there first")
    if wanted == there and not flag:
        return Receipt(order_no, "nothing to change")
    number = codes.FLAGS.get(flag)
    jos.write("jingdong.pop.order.modifyVenderRemark", order_id=order_no, flag=number, remark=wanted)
    return Receipt(order_no)


def push_stock(jos: Jos, levels: Sequence[StockLevel]) -> StockAnswer:
    """Absolute units of SKUs, one call each; a refused one leaves the others to go on."""
    refused: dict[tuple[str, str], str] = {}
    method = jos.setting("stock_call", STOCK_CALL)
    for level in levels:
        place = (level.listing_no, level.variant_no)
        sku = level.variant_no or level.listing_no
        try:
            store = level.location or DEFAULT_STORE
            jos.write(method, skuId=sku, stockNum=max(level.units, 0), storeId=store)
        except Refused as error:
            refused[place] = error.words
    return StockAnswer(len(levels) - len(refused), refused)


def _joined(there: str, memo: str) -> str:
    if memo in there:
        return there
    if there in memo:
        return memo
    return f"{there}\n{memo}"
