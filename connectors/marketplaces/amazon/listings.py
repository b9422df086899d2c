"""What the seller lists: stock that we set, and listings to match to SKUs."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import to_minor
from connectors.contract.notices import StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.amazon import codes
from connectors.marketplaces.amazon.client import Json, Selling
from connectors.marketplaces.amazon.feeds import JSON, send_feed
from connectors.marketplaces.amazon.reading import part, required, rows, text, units, words
from connectors.marketplaces.amazon.settings import marketplaces_of, setting

ITEMS = "/listings/2021-08-01/items"
STOCK_FEED = "JSON_LISTINGS_FEED"
OURS = "DEFAULT"
#: Up to here single calls are quicker and answer at once; above, one file takes all.
MOST_SINGLE = 5
_PAGE = 20


def push_stock(selling: Selling, levels: Sequence[StockLevel]) -> StockAnswer:
    """Set units that we ship ourselves: a few by one call each, more as one file that Amazon works off later."""
    refused = {(level.listing_no, level.variant_no): "the level names no SKU" for level in levels if not _sku(level)}
    ready = [level for level in levels if _sku(level)]
    if len(ready) > MOST_SINGLE:
        send_feed(selling, STOCK_FEED, _feed(selling, ready), JSON, marketplaces_of(selling.account))
        return StockAnswer(len(ready), refused)
    done = 0
    for level in ready:
        words_ = _set(selling, level)
        if words_:
            refused[level.listing_no, level.variant_no] = words_
        else:
            done += 1
    return StockAnswer(done, refused)


def pull_listings(selling: Selling, cursor: str) -> ListingPage:
    """The next page of listings by SKU; the cursor is Amazon's own token."""
    params = {
        "marketplaceIds": ",".join(marketplaces_of(selling.account)[:1]),
        "includedData": "summaries,offers,fulfillmentAvailability",
        "pageSize": str(_PAGE),
        "sortBy": "sku",
        "sortOrder": "ASC",
    }
    path, page = f"{ITEMS}/{_seller(selling)}", {"pageToken": cursor} if cursor else {}
    found = selling.read("searchListingsItems", path, params | page)
    token = text(part(found, "pagination"), "nextToken")
    listings = tuple(_listing(row) for row in rows(found, "items"))
    return ListingPage(token, bool(token) and token != cursor, listings)


def _sku(level: StockLevel) -> str:
    return level.seller_code or level.variant_no


def _patches(level: StockLevel) -> list[dict[str, object]]:
    value = [{"fulfillment_channel_code": OURS, "quantity": max(level.units, 0)}]
    return [{"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}]


def _set(selling: Selling, level: StockLevel) -> str:
    """Set one level; answers Amazon's words when it is refused."""
    path = f"{ITEMS}/{_seller(selling)}/{quote(_sku(level), safe='')}"
    patch = {"productType": setting(selling.account, "product_type"), "patches": _patches(level)}
    params = {"marketplaceIds": ",".join(marketplaces_of(selling.account))}
    try:
        # Units are absolute, so a lost answer is simply sent again.
        found = selling.send("patchListingsItem", "PATCH", path, patch, params=params)
    except Refused as refusal:
        return refusal.words
    if text(found, "status") == "ACCEPTED":
        return ""
    issues = [text(row, "message") for row in rows(found, "issues") if text(row, "severity") in ("", "ERROR")]
    return "; ".join(issues[:3])[:300] or "Amazon did not accept it and gives no reason"


def _feed(selling: Selling, levels: Sequence[StockLevel]) -> bytes:
    messages = [
        {
            "messageId": number,
            "sku": _sku(level),
            "operationType": "PATCH",
            "productType": setting(selling.account, "product_type"),
            "patches": _patches(level),
        }
        for number, level in enumerate(levels, 1)
    ]
    return orjson.dumps({"header": {"sellerId": _seller(selling), "version": "2.0"}, "messages": messages})


def _seller(selling: Selling) -> str:
    seller = setting(selling.account, "seller_id")
    if not seller:
        raise Refused("the account lacks its seller id; authorise again, or write it into the settings")
    return quote(seller, safe="")


def _listing(row: Json) -> ListingRecord:
    summary = next(iter(rows(row, "summaries")), {})
    price = next((part(offer, "price") for offer in rows(row, "offers") if part(offer, "price")), {})
    currency = text(price, "currencyCode") or codes.CURRENCIES.get(text(summary, "marketplaceId"), "")
    stock = next(
        (each for each in rows(row, "fulfillmentAvailability") if each.get("fulfillmentChannelCode") == OURS), {}
    )
    return ListingRecord(
        listing_no=text(summary, "asin") or required(row, "sku"),
        variant_no=required(row, "sku"),
        seller_code=required(row, "sku"),
        title=text(summary, "itemName"),
        price=_price(price, currency),
        currency=currency,
        units=units(stock, "quantity"),
        is_on_sale="BUYABLE" in words(summary, "status"),
    )


def _price(price: Json, currency: str) -> int | None:
    amount = price.get("amount")
    if amount is None:
        return None
    try:
        return to_minor(amount, "price", currency)
    except BadRecord:
        return None
