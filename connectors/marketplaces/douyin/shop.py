"""Writes memos and stock of a shop on Douyin, and reads what it sells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.reading import Json, number_text, rows, text, whole
from connectors.marketplaces.douyin.trades import read_order

MEMO_CHARACTERS = 60
#: Each product costs a call of its own for its variants, so a page of listings is short.
PRODUCTS_A_PAGE = 20
#: The platform lists page × size ≤ 10,000 products.
LAST_PAGE = 10_000 // PRODUCTS_A_PAGE


def set_memo(doudian: Doudian, order_no: str, memo: str, flag: str) -> Receipt:
    """Put `memo` below what is there, unless it is there already or repeats it; an empty flag keeps the colour.

    The platform's call overwrites, so what people wrote is read first; nothing is written when nothing changes.
    """
    if flag and flag not in codes.FLAG_NUMBERS:
        raise Refused(f"Douyin has no {flag} flag; it has {', '.join(codes.FLAG_NUMBERS)}")
    order = read_order(doudian, order_no)
    there, colour = text(order, "seller_words"), text(order, "seller_remark_stars")
    wanted, star = _joined(there, memo), codes.FLAG_NUMBERS.get(flag, colour)
    if len(wanted) > MEMO_CHARACTERS:
        raise Refused(f"the memo would be longer than the {MEMO_CHARACTERS} characters Douyin keeps; shorten it there")
    if (wanted, star) == (there, colour):
        return Receipt(order_no, "nothing to change")
    starred = {"is_add_star": "true", "star": star} if star else {}
    doudian.write("order/addOrderRemark", order_id=order_no, remark=wanted, **starred)
    return Receipt(order_no)


def push_stock(doudian: Doudian, levels: Sequence[StockLevel]) -> StockAnswer:
    """Absolute units, a variant a call; one that is refused leaves the others to go on."""
    refused: dict[tuple[str, str], str] = {}
    for level in levels:
        try:
            doudian.write("sku/syncStock", stock_num=max(level.units, 0), incremental=False, **_variant(level))
        except Refused as error:
            refused[level.listing_no, level.variant_no] = error.words
    return StockAnswer(len(levels) - len(refused), refused)


def pull_listings(doudian: Doudian, cursor: str) -> ListingPage:
    """The next products with their variants; the cursor is the page's number."""
    page = int(cursor) if cursor.isdigit() else 1 if not cursor else 0
    if page < 1:
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor")
    answer = doudian.read("product/listV2", page=page, size=PRODUCTS_A_PAGE)
    products = rows(answer, "data")
    found = tuple(record for product in products for record in _listings(doudian, product))
    more = len(products) > 0 and page * PRODUCTS_A_PAGE < whole(answer, "total") and page < LAST_PAGE
    return ListingPage(str(page + 1), more, found)


def _variant(level: StockLevel) -> dict[str, Any]:
    if level.variant_no.isdigit():
        named: dict[str, Any] = {"sku_id": int(level.variant_no)}
    elif level.seller_code:
        named = {"code": level.seller_code}
    else:
        raise Refused("Douyin wants the number or the merchant code of the variant")
    if level.listing_no.isdigit():
        named["product_id"] = int(level.listing_no)
    return named | ({"out_warehouse_id": level.location} if level.location else {})


def _listings(doudian: Doudian, product: Json) -> list[ListingRecord]:
    number = number_text(product, "product_id")
    if not number.isdigit():
        raise BadRecord("a product of the list has no number", field="product_id")
    variants = doudian.read_list("sku/list", product_id=int(number))
    on_sale = (whole(product, "status"), whole(product, "check_status")) == (0, 3)
    return [_listing(number, text(product, "name"), sku, on_sale) for sku in variants if isinstance(sku, dict)]


def _listing(number: str, title: str, sku: Json, on_sale: bool) -> ListingRecord:
    names = [text(value, "value_name") for value in rows(sku, "sell_properties")]
    names = names or [text(sku, f"spec_detail_name{i}") for i in (1, 2, 3)]
    return ListingRecord(
        number,
        number_text(sku, "id"),
        text(sku, "code") or number_text(sku, "out_sku_id"),
        title,
        ";".join(name for name in names if name),
        price=whole(sku, "price"),
        currency="CNY",
        units=whole(sku, "stock_num"),
        is_on_sale=on_sale,
    )


def _joined(there: str, memo: str) -> str:
    if memo in there:
        return there
    if there in memo:
        return memo
    return f"{there}\n{memo}"
