"""The seller's own side of a WooCommerce shop: notes, cancelling, stock and listings."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import exponent
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.woocommerce.client import Woo, read_order
from connectors.marketplaces.woocommerce.reading import Json, amount, number_text, plain, rows, text

BATCH = 100
#: Products of one page of listings; each variable one costs another call.
PRODUCTS = 20

_CLOSED = frozenset({"cancelled", "trash"})
_TOO_LATE = frozenset({"completed", "refunded"})


def set_memo(woo: Woo, order_no: str, memo: str) -> Receipt:
    """A private note, unless it is there already; WooCommerce has no flags, so no colour is kept."""
    if not memo:
        return Receipt(order_no, "nothing to note")
    notes = woo.read(f"orders/{order_no}/notes", type="internal")
    if any(html.unescape(text(note, "note")) == memo for note in notes if isinstance(note, dict)):
        return Receipt(order_no, "the note is there already")
    answer = woo.write("POST", f"orders/{order_no}/notes", {"note": memo, "customer_note": False})
    return Receipt(number_text(answer, "id"))


def cancel_order(woo: Woo, order_no: str) -> Receipt:
    """Cancel, which gives reserved stock back to the shop's own shelf; not what has left or was paid back."""
    order = read_order(woo, order_no)
    status = text(order, "status")
    if status in _CLOSED:
        return Receipt(order_no, "the shop had cancelled it already")
    if status in _TOO_LATE:
        raise Refused(f"the order is {status} in the shop; pay it back instead")
    woo.write("PUT", f"orders/{order_no}", {"status": "cancelled"})
    return Receipt(order_no)


def push_stock(woo: Woo, levels: Sequence[StockLevel]) -> StockAnswer:
    """Absolute units, at most 100 a call, variations by their product. A refused call leaves the others to go on."""
    calls: dict[str, list[StockLevel]] = defaultdict(list)
    refused: dict[tuple[str, str], str] = {}
    for level in levels:
        if not (level.variant_no or level.listing_no).isdigit() or not level.listing_no.isdigit():
            refused[level.listing_no, level.variant_no] = "WooCommerce's numbers are digits; match the listing again"
        else:
            calls[f"products/{level.listing_no}/variations" if level.variant_no else "products"].append(level)
    for path, found in calls.items():
        for start in range(0, len(found), BATCH):
            refused |= _set_units(woo, path, found[start : start + BATCH])
    return StockAnswer(len(levels) - len(refused), refused)


def _set_units(woo: Woo, path: str, levels: list[StockLevel]) -> Mapping[tuple[str, str], str]:
    changes = [
        {"id": int(level.variant_no or level.listing_no), "manage_stock": True, "stock_quantity": max(level.units, 0)}
        for level in levels
    ]
    try:
        answer = woo.write("POST", f"{path}/batch", {"update": changes})
    except Refused as error:
        return {(level.listing_no, level.variant_no): error.words for level in levels}
    failed = {
        number_text(row, "id"): str(row["error"].get("message") or row["error"].get("code"))
        for row in rows(answer, "update")
        if isinstance(row.get("error"), dict)
    }
    return {
        (level.listing_no, level.variant_no): failed[level.variant_no or level.listing_no]
        for level in levels
        if (level.variant_no or level.listing_no) in failed
    }


def pull_listings(woo: Woo, cursor: str) -> ListingPage:
    """Products by number, page by page, each variation a record; products come and go slowly enough for pages."""
    page, currency = _read_cursor(cursor) if cursor else (1, _currency(woo))
    found = woo.page("products", per_page=PRODUCTS, page=page, orderby="id", order="asc", status="any").rows
    listings = tuple(record for product in found for record in _records(woo, product, currency))
    more = len(found) == PRODUCTS
    return ListingPage(orjson.dumps([page + 1 if more else 1, currency]).decode(), more, listings)


def _records(woo: Woo, product: Json, currency: str) -> Iterator[ListingRecord]:
    number = number_text(product, "id")
    if not product.get("variations"):
        yield _record(product, number, "", product, currency)
        return
    for variation in _variations(woo, number):
        yield _record(product, number, number_text(variation, "id"), variation, currency)


def _variations(woo: Woo, number: str) -> Iterable[Json]:
    page = 1
    while True:
        found = woo.page(f"products/{number}/variations", per_page=BATCH, page=page).rows
        yield from found
        if len(found) < BATCH:
            return
        page += 1


def _record(product: Json, number: str, variant_no: str, sold: Json, currency: str) -> ListingRecord:
    units = sold.get("stock_quantity")
    return ListingRecord(
        number,
        variant_no,
        text(sold, "sku") or text(product, "sku"),
        plain(product, "name"),
        "; ".join(
            f"{plain(row, 'name')}: {plain(row, 'option')}" for row in rows(sold, "attributes") if row.get("option")
        ),
        text(sold, "global_unique_id"),
        amount(sold, "price", exponent(currency)) if currency and sold.get("price") else None,
        currency,
        int(units) if isinstance(units, (int, float)) and sold.get("manage_stock") else None,
        text(sold, "status") == "publish" and text(product, "status") == "publish",
    )


def _currency(woo: Woo) -> str:
    """The shop's currency, which products do not tell; a key without the right to read it gets prices of none."""
    try:
        return text(woo.read("data/currencies/current"), "code")
    except Refused:
        return ""


def _read_cursor(cursor: str) -> tuple[int, str]:
    try:
        page, currency = orjson.loads(cursor)
        return int(page), str(currency)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start anew", field="cursor") from None
