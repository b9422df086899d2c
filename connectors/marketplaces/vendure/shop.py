"""The store's own side: notes of an order, stock of variants, listings, counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.vendure import codes, documents
from connectors.marketplaces.vendure.client import Admin
from connectors.marketplaces.vendure.orders import notes_of
from connectors.marketplaces.vendure.reading import Coins, Json, inner, required, rows, text, time_text, whole
from connectors.marketplaces.vendure.walk import placed_filter

ROWS_A_CALL = 100


def set_memo(admin: Admin, order_no: str, memo: str, flag: str) -> Receipt:
    """Add private notes to the order, unless they are there; the flag is a note of its own, an empty one keeps it."""
    notes = notes_of(admin.read(documents.ORDER_NOTES, "order", id=order_no))
    flags = [note for note in notes if note.startswith(codes.FLAG)]
    wanted = [memo] if memo and memo not in notes else []
    wanted += [f"{codes.FLAG}{flag}"] if flag and flags[-1:] != [f"{codes.FLAG}{flag}"] else []
    for note in wanted:
        entry = {"id": order_no, "note": note, "isPublic": False}
        admin.write(documents.NOTE, "addNoteToOrder", input=entry)
    return Receipt(order_no, "" if wanted else "nothing to change")


def count_orders(admin: Admin, since: datetime, until: datetime) -> int:
    """Orders placed in a window, as the platform counts them, those of all types."""
    span = {"between": {"start": time_text(since), "end": time_text(until)}}
    options = {"take": 1, "filter": placed_filter() | {"orderPlacedAt": span}}
    return whole(admin.read(documents.PLACED, "orders", options=options), "totalItems")


def push_stock(admin: Admin, levels: Sequence[StockLevel], location: str) -> StockAnswer:
    """Set what is sellable; a refused level leaves the others to go on.

    Vendure's stock on hand holds what is allocated to orders too, so that is read first and added.
    """
    refused: dict[tuple[str, str], str] = {}
    done = 0
    for start in range(0, len(levels), ROWS_A_CALL):
        part = levels[start : start + ROWS_A_CALL]
        if not location and not all(level.location for level in part):
            location = _only_location(admin)
        known, held = _allocated(admin, part)
        ready: list[tuple[StockLevel, dict[str, object]]] = []
        for level in part:
            if level.variant_no not in known:
                refused[level.listing_no, level.variant_no] = "Vendure has no such variant in this channel"
                continue
            place = level.location or location
            units = max(level.units, 0) + held.get((level.variant_no, place), 0)
            stock = {"stockLocationId": place, "stockOnHand": units}
            ready.append((level, {"id": level.variant_no, "stockLevels": [stock]}))
        done += _set_levels(admin, ready, refused)
    return StockAnswer(done, refused)


def _allocated(admin: Admin, levels: Sequence[StockLevel]) -> tuple[set[str], dict[tuple[str, str], int]]:
    ids = list(dict.fromkeys(level.variant_no for level in levels if level.variant_no))
    if not ids:
        return set(), {}
    options = {"take": len(ids), "filter": {"id": {"in": ids}}}
    found = rows(admin.read(documents.STOCKS, "productVariants", options=options), "items")
    held = {
        (text(row, "id"), text(stock, "stockLocationId")): int(stock.get("stockAllocated") or 0)
        for row in found
        for stock in rows(row, "stockLevels")
    }
    return {text(row, "id") for row in found}, held


def _only_location(admin: Admin) -> str:
    found = rows(admin.read(documents.LOCATIONS, "stockLocations"), "items")
    if len(found) != 1:
        raise Refused("this store has not one stock location; set the account's location", code="no-location")
    return required(found[0], "id", "stockLocations.id")


def _set_levels(
    admin: Admin, levels: list[tuple[StockLevel, dict[str, object]]], refused: dict[tuple[str, str], str]
) -> int:
    """One call takes all or nothing, so a refused one is halved until the levels at fault stand alone."""
    if not levels:
        return 0
    try:
        admin.write(documents.STOCK, "updateProductVariants", input=[update for _, update in levels])
    except Refused as refusal:
        if refusal.code == codes.FORBIDDEN:
            raise
        if len(levels) == 1:
            refused[levels[0][0].listing_no, levels[0][0].variant_no] = refusal.words
            return 0
        half = len(levels) // 2
        return _set_levels(admin, levels[:half], refused) + _set_levels(admin, levels[half:], refused)
    return len(levels)


def pull_listings(admin: Admin, cursor: str, digits: int) -> ListingPage:
    """The next page of variants, by id; the cursor is how many were read."""
    skip = int(cursor) if cursor.isdigit() else 0
    options = {"take": ROWS_A_CALL, "skip": skip, "sort": {"id": "ASC"}}
    answer = admin.read(documents.VARIANTS, "productVariants", options=options)
    found = rows(answer, "items")
    onward = skip + len(found)
    more = bool(found) and onward < whole(answer, "totalItems")
    return ListingPage(str(onward) if more else "", more, tuple(_listing(row, digits) for row in found))


def _listing(row: Json, digits: int) -> ListingRecord:
    product, coins, stocks = inner(row, "product"), Coins(row, digits), rows(row, "stockLevels")
    return ListingRecord(
        listing_no=required(product, "id", "product.id"),
        variant_no=required(row, "id"),
        seller_code=text(row, "sku"),
        title=text(product, "name"),
        variant=text(row, "name"),
        price=coins.of(row, "priceWithTax"),
        currency=coins.currency,
        units=sum(int(stock.get("stockOnHand") or 0) - int(stock.get("stockAllocated") or 0) for stock in stocks),
        is_on_sale=row.get("enabled") is not False and product.get("enabled") is not False,
    )
