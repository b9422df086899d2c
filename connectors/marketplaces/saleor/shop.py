"""The shop's own side: notes and flag of an order, stock of variants, listings, counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.saleor import codes, documents
from connectors.marketplaces.saleor.client import Api, complaint_of
from connectors.marketplaces.saleor.orders import notes_of
from connectors.marketplaces.saleor.reading import Json, currency_of, inner, money, nodes, required, rows, text, time_text

ROWS_A_CALL = 100

#: What Saleor holds of a variant in its warehouses: (variant, warehouse) → units set aside for orders.
_Held = dict[tuple[str, str], int]


def set_memo(api: Api, order_no: str, memo: str, flag: str) -> Receipt:
    """Add a note to the order's history, unless it is there; the flag is private metadata, an empty one keeps it."""
    order = api.read(documents.ORDER_NOTES, "order", id=order_no)
    changed = False
    if memo and memo not in notes_of(order):
        api.write(documents.NOTE, "orderNoteAdd", order=order_no, input={"message": memo})
        changed = True
    if flag and flag != text(order, "flag"):
        entry = [{"key": codes.FLAG, "value": flag}]
        api.write(documents.FLAG, "updatePrivateMetadata", id=order_no, input=entry)
        changed = True
    return Receipt(order_no, "" if changed else "nothing to change")


def count_orders(api: Api, since: datetime, until: datetime, channel: str) -> int:
    """Orders created in a window, as the platform counts them."""
    span = {"createdAt": {"gte": time_text(since), "lte": time_text(until)}}
    answer = api.read(documents.COUNT, "orders", filter=span, channel=channel or None)
    counted = answer.get("totalCount")
    if not isinstance(counted, int):
        raise Refused("Saleor did not count the orders; this needs 3.22, see the account's list filter")
    return counted


def push_stock(api: Api, levels: Sequence[StockLevel], warehouse: str) -> StockAnswer:
    """Set what is sellable; a refused level leaves the others to go on.

    Saleor's quantity holds what is set aside for orders too, so that is read first and added.
    """
    refused: dict[tuple[str, str], str] = {}
    done = 0
    for start in range(0, len(levels), ROWS_A_CALL):
        part = levels[start : start + ROWS_A_CALL]
        if not warehouse and not all(level.location for level in part):
            warehouse = _only_warehouse(api)
        known, held = _held(api, part)
        ready = []
        for level in part:
            if level.variant_no in known:
                ready.append((level, level.location or warehouse))
            else:
                refused[level.listing_no, level.variant_no] = "Saleor has no such variant"
        done += _set_levels(api, [row for row in ready if (row[0].variant_no, row[1]) in held], held, refused)
        for level, place in ready:
            if (level.variant_no, place) not in held:
                done += _first_level(api, level, place, refused)
    return StockAnswer(done, refused)


def _held(api: Api, levels: Sequence[StockLevel]) -> tuple[set[str], _Held]:
    ids = list(dict.fromkeys(level.variant_no for level in levels if level.variant_no))
    if not ids:
        return set(), {}
    found = nodes(api.read(documents.STOCKS, "productVariants", first=len(ids), ids=ids))
    held = {
        (text(row, "id"), text(inner(stock, "warehouse"), "id")): int(stock.get("quantityAllocated") or 0)
        for row in found
        for stock in rows(row, "stocks")
    }
    return {text(row, "id") for row in found}, held


def _only_warehouse(api: Api) -> str:
    found = nodes(api.read(documents.WAREHOUSES, "warehouses"))
    if len(found) != 1:
        raise Refused("this shop has not one warehouse; set the account's warehouse", code="no-warehouse")
    return required(found[0], "id", "warehouses.id")


def _set_levels(api: Api, levels: list[tuple[StockLevel, str]], held: _Held, refused: dict[tuple[str, str], str]) -> int:
    if not levels:
        return 0
    stocks = [
        {
            "variantId": level.variant_no,
            "warehouseId": place,
            "quantity": max(level.units, 0) + held[level.variant_no, place],
        }
        for level, place in levels
    ]
    answer = api.write(documents.STOCK, "stockBulkUpdate", stocks=stocks)
    results, done = rows(answer, "results"), 0
    for (level, _), result in zip(levels, results, strict=False):
        complaint = complaint_of(result)
        if complaint is None:
            done += 1
        else:
            refused[level.listing_no, level.variant_no] = complaint.words
    for level, _ in levels[len(results) :]:
        refused[level.listing_no, level.variant_no] = "Saleor did not answer for this level"
    return done


def _first_level(api: Api, level: StockLevel, place: str, refused: dict[tuple[str, str], str]) -> int:
    """A variant that was never in this warehouse: the bulk call only changes what is there."""
    stock = [{"warehouse": place, "quantity": max(level.units, 0)}]
    try:
        api.write(documents.NEW_STOCK, "productVariantStocksUpdate", id=level.variant_no, stocks=stock)
    except Refused as refusal:
        refused[level.listing_no, level.variant_no] = refusal.words
        return 0
    return 1


def pull_listings(api: Api, cursor: str, channel: str) -> ListingPage:
    """The next page of variants; the cursor is the platform's own."""
    answer = api.read(
        documents.VARIANTS, "productVariants", first=ROWS_A_CALL, after=cursor or None, channel=channel or None
    )
    listings = tuple(_listing(row, channel) for row in nodes(answer))
    turned = inner(answer, "pageInfo")
    more = turned.get("hasNextPage") is True and bool(text(turned, "endCursor"))
    return ListingPage(text(turned, "endCursor") if more else "", more, listings)


def _listing(row: Json, channel: str) -> ListingRecord:
    product = inner(row, "product")
    offers = [offer for offer in _in_channel(row, channel) if offer.get("price") is not None]
    currency = currency_of(offers[0], "price") if offers else ""
    stocks = rows(row, "stocks")
    return ListingRecord(
        listing_no=required(product, "id", "product.id"),
        variant_no=required(row, "id"),
        seller_code=text(row, "sku"),
        title=text(product, "name"),
        variant=text(row, "name"),
        price=money(offers[0], "price", currency) if offers else None,
        currency=currency,
        units=sum(int(stock.get("quantity") or 0) - int(stock.get("quantityAllocated") or 0) for stock in stocks),
        is_on_sale=bool(offers) and any(offer.get("isPublished") is True for offer in _in_channel(product, channel)),
    )


def _in_channel(record: Json, channel: str) -> list[Json]:
    return [
        row for row in rows(record, "channelListings") if not channel or text(inner(row, "channel"), "slug") == channel
    ]
