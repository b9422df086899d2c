"""The seller's own side of a Pinduoduo shop: memo and flag of an order, stock and list of what it sells."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.reading import Json, number_text, required, rows, text, truthy, whole
from connectors.marketplaces.pinduoduo.trades import order_of

FULL = 1


def set_memo(pop: Pop, order_no: str, memo: str, flag: str) -> Receipt:
    """Put `memo` below what is there, unless it is there already or repeats it; an empty flag keeps the colour.

    The platform's call overwrites, so what people wrote is read first; nothing is written when nothing changes.
    """
    if flag and flag not in codes.FLAG_NUMBERS:
        raise Refused(f"Pinduoduo has no {flag} flag; it has {', '.join(codes.FLAG_NUMBERS)}")
    _, order = order_of(pop, order_no)
    there, colour = text(order, "remark"), number_text(order, "remark_tag")
    wanted, number = _joined(there, memo), codes.FLAG_NUMBERS.get(flag, colour)
    if (wanted, number) == (there, colour):
        return Receipt(order_no, "nothing to change")
    name = text(order, "remark_tag_name") if number == colour else ""
    answer = pop.write(
        "pdd.order.note.update",
        "response",
        order_sn=order_no,
        note=wanted,
        tag=number,
        tag_name=name,
    )
    _confirmed(answer, "the platform did not keep the memo")
    return Receipt(order_no)


def push_stock(pop: Pop, levels: Sequence[StockLevel]) -> StockAnswer:
    """Absolute units, a call a variant. A refused call leaves the others to go on."""
    refused: dict[tuple[str, str], str] = {}
    for level in levels:
        named = {"sku_id": level.variant_no} if level.variant_no else {"outer_id": level.seller_code}
        try:
            answer = pop.write(
                "pdd.goods.quantity.update",
                "goods_quantity_update_response",
                goods_id=level.listing_no,
                quantity=max(level.units, 0),
                update_type=FULL,
                **named,
            )
            _confirmed(answer, "the platform did not set the stock")
        except Refused as error:
            refused[level.listing_no, level.variant_no] = error.words
    return StockAnswer(len(levels) - len(refused), refused)


def pull_listings(pop: Pop, cursor: str, page_size: int) -> ListingPage:
    """The next page of goods, a record a variant; the list does not tell prices."""
    page = _page(cursor)
    answer = pop.read("pdd.goods.list.get", "goods_list_get_response", page=page, page_size=page_size)
    goods = rows(answer, "goods_list")
    more = bool(goods) and whole(answer, "total_count") > page * page_size
    listings = tuple(_listing(row, sku) for row in goods for sku in rows(row, "sku_list") or [{}])
    return ListingPage(orjson.dumps([page + 1 if more else 1]).decode(), more, listings)


def _page(cursor: str) -> int:
    try:
        (page,) = orjson.loads(cursor) if cursor else [1]
    except (orjson.JSONDecodeError, ValueError, TypeError):
        page = 0
    if type(page) is not int or page < 1:
        raise BadRecord("this cursor is not one of this connector's; start the list anew", field="cursor")
    return page


def _listing(goods: Json, sku: Json) -> ListingRecord:
    return ListingRecord(
        required(goods, "goods_id", "goods_list"),
        number_text(sku, "sku_id"),
        text(sku, "outer_id") or text(sku, "outer_goods_id"),
        text(goods, "goods_name"),
        variant=text(sku, "spec"),
        currency="CNY",
        units=whole(sku, "sku_quantity") if sku else whole(goods, "goods_quantity"),
        is_on_sale=truthy(goods, "is_onsale") and (not sku or truthy(sku, "is_sku_onsale")),
    )


def _confirmed(answer: Json, words: str) -> None:
    if answer.get("is_success", answer.get("success")) in (False, "false"):
        raise Refused(words, code="not-accepted")


def _joined(there: str, memo: str) -> str:
    if memo in there:
        return there
    if there in memo:
        return memo
    return f"{there}\n{memo}"
