"""The shop's own side: memo and flag of an order, stock of variants, listings, statements, counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import to_minor
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord, Page, RawDocument, StatementLine
from connectors.marketplaces.shopify import codes, documents
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.reading import (
    Json,
    document,
    gid,
    inner,
    needed_moment,
    nodes,
    plain_money,
    required,
    text,
    time_text,
    whole,
)

ROWS_A_CALL = 100
NOTE_LENGTH = 5000


def set_memo(admin: Admin, order_no: str, memo: str, flag: str) -> Receipt:
    """Write our memo below the buyer's own note, and the flag as a tag; an empty flag keeps the colour."""
    number = gid("Order", order_no)
    order = admin.read(documents.ORDER_MEMO, "order", id=number)
    there, tags = text(order, "note"), order.get("tags")
    kept = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    message, _, ours = there.partition(codes.MEMO_MARK)
    joined = ours if memo in ours else memo if ours in memo else f"{ours}\n{memo}"
    note = f"{message}{'' if not message or message.endswith(chr(10)) else chr(10)}{codes.MEMO_MARK}{joined}"
    note = note if joined else there
    wanted = [*(tag for tag in kept if not tag.startswith(codes.FLAG_TAG)), f"{codes.FLAG_TAG}{flag}"] if flag else kept
    if len(note) > NOTE_LENGTH:
        raise Refused(f"the note would be longer than the {NOTE_LENGTH} characters Shopify keeps; shorten it there first")
    if (note, wanted) == (there, kept):
        return Receipt(number, "nothing to change")
    admin.write(documents.ORDER_UPDATE, "orderUpdate", input={"id": number, "note": note, "tags": wanted})
    return Receipt(number)


def count_orders(admin: Admin, since: datetime, until: datetime) -> int:
    """Orders created in a window, as the platform counts them."""
    query = f"created_at:>='{time_text(since)}' created_at:<='{time_text(until)}'"
    return whole(admin.read(documents.ORDERS_COUNT, "ordersCount", query=query), "count")


def push_stock(admin: Admin, levels: Sequence[StockLevel], location: str) -> StockAnswer:
    """Set what is available at a location, whatever was there before; a refused level leaves the others to go on."""
    refused: dict[tuple[str, str], str] = {}
    done = 0
    for start in range(0, len(levels), ROWS_A_CALL):
        part = levels[start : start + ROWS_A_CALL]
        items = _inventory_items(admin, part)
        ready = []
        for level in part:
            item = items.get(gid("ProductVariant", level.variant_no)) if level.variant_no else None
            if item is None:
                refused[level.listing_no, level.variant_no] = "Shopify has no such variant"
            else:
                ready.append((level, item))
        location = location or (_primary_location(admin) if ready else "")
        done += _set_levels(admin, ready, location, refused)
    return StockAnswer(done, refused)


def _inventory_items(admin: Admin, levels: Sequence[StockLevel]) -> dict[str, str]:
    ids = list(dict.fromkeys(gid("ProductVariant", level.variant_no) for level in levels if level.variant_no))
    if not ids:
        return {}
    rows = admin.read_list(documents.INVENTORY_ITEMS, "nodes", ids=ids)
    found = {text(row, "id"): text(inner(row, "inventoryItem"), "id") for row in rows}
    return {variant: item for variant, item in found.items() if item}


def _primary_location(admin: Admin) -> str:
    return required(admin.read(documents.LOCATION, "location"), "id", "location.id")


def _set_levels(
    admin: Admin, levels: list[tuple[StockLevel, str]], location: str, refused: dict[tuple[str, str], str]
) -> int:
    """One call takes all or nothing, so a refused one is halved until the levels at fault stand alone."""
    if not levels:
        return 0
    quantities = [
        {
            "inventoryItemId": item,
            "locationId": gid("Location", level.location or location),
            "quantity": max(level.units, 0),
            # Null says: whatever is there now. Ours are absolute units, so there is nothing to compare with.
            "changeFromQuantity": None,
        }
        for level, item in levels
    ]
    stock = {"name": "available", "reason": "correction", "quantities": quantities}
    key = str(uuid5(NAMESPACE_URL, f"{admin.clock().isoformat()} {orjson.dumps(quantities).decode()}"))
    try:
        admin.write(documents.INVENTORY_SET, "inventorySetQuantities", input=stock, key=key)
    except Refused as refusal:
        if len(levels) == 1:
            refused[levels[0][0].listing_no, levels[0][0].variant_no] = refusal.words
            return 0
        half = len(levels) // 2
        first = _set_levels(admin, levels[:half], location, refused)
        return first + _set_levels(admin, levels[half:], location, refused)
    return len(levels)


def pull_listings(admin: Admin, cursor: str, currency: str) -> ListingPage:
    """The next page of variants; the cursor is the platform's own."""
    answer = admin.read(documents.VARIANTS, "productVariants", first=ROWS_A_CALL, after=cursor or None)
    listings = tuple(_listing(row, currency) for row in nodes(answer, "nodes"))
    turned = inner(answer, "pageInfo")
    more = turned.get("hasNextPage") is True and bool(text(turned, "endCursor"))
    return ListingPage(text(turned, "endCursor") if more else "", more, listings)


def shop_currency(admin: Admin, otherwise: str) -> str:
    """The currency prices of this shop are in; `otherwise` where the app may not ask."""
    try:
        return text(admin.read(documents.SHOP, "shop"), "currencyCode") or otherwise
    except Refused:
        return otherwise


def _listing(row: Json, currency: str) -> ListingRecord:
    product, price, units = inner(row, "product"), text(row, "price"), row.get("inventoryQuantity")
    variant = text(row, "title")
    return ListingRecord(
        listing_no=required(product, "id", "product.id"),
        variant_no=required(row, "id"),
        seller_code=text(row, "sku"),
        title=text(product, "title"),
        variant="" if variant == "Default Title" else variant,
        barcode=text(row, "barcode"),
        price=to_minor(price, "price", currency) if price else None,
        currency=currency,
        units=units if isinstance(units, int) else None,
        is_on_sale=text(product, "status") in ("", "ACTIVE"),
    )


def pull_statements(admin: Admin, cursor: str, now: datetime) -> Page:
    """The next page of Shopify Payments' balance, oldest first; it goes on behind the last row seen."""
    body, account = admin.read_raw(documents.BALANCE, "shopifyPaymentsAccount", first=ROWS_A_CALL, after=cursor or None)
    listed = inner(account, "balanceTransactions")
    turned = inner(listed, "pageInfo")
    end = text(turned, "endCursor") or cursor
    rows = nodes(listed, "nodes")
    if not rows:
        return Page(end, False)
    name = f"{required(rows[0], 'id')}..{len(rows)}"
    return Page(end, turned.get("hasNextPage") is True and end != cursor, (RawDocument("statement", name, body, now),))


def parse_statement(body: bytes) -> tuple[StatementLine, ...]:
    """Two lines for each movement: the amount, and the fee kept of it."""
    rows = nodes(inner(document(body, "shopifyPaymentsAccount")[1], "balanceTransactions"), "nodes")
    return tuple(line for row in rows if row.get("test") is not True for line in _statement_lines(row))


def _statement_lines(row: Json) -> list[StatementLine]:
    number, at, words = required(row, "id"), needed_moment(row, "transactionDate"), text(row, "type")
    amount, currency = plain_money(row, "amount")
    if not currency:
        raise BadRecord("this is missing", field="amount")
    fee, fee_currency = plain_money(row, "fee")
    order = text(inner(row, "associatedOrder"), "id")
    lines = [StatementLine(number, codes.BALANCE_KINDS.get(words, "other"), amount, currency, at, order, words=words)]
    if fee:
        lines.append(StatementLine(f"{number}/fee", "fee", -fee, fee_currency, at, order, words=f"{words} fee"))
    return lines
