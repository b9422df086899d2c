"""What a Taobao shop sells: its items on the shelf and in the stockroom, one record a variant."""

from __future__ import annotations

from connectors.contract.errors import Retryable
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.taobao.client import Top
from connectors.marketplaces.taobao.reading import Json, fen, required, rows, text, whole

#: Details are asked by so many numbers at once, so lists are read in pages of as many.
PAGE_SIZE = 20
#: The lists, one after the other: what is on sale and what is not.
LISTS = {"onsale": "taobao.items.onsale.get", "inventory": "taobao.items.inventory.get"}
DETAILS = "taobao.items.seller.list.get"
FIELDS = "num_iid,title,outer_id,barcode,price,num,approve_status,sku"
ON_SALE = "onsale"


def pull_listings(top: Top, cursor: str) -> ListingPage:
    """The next page; the cursor is the name of a list and the number of its page."""
    name, _, number = (cursor or "onsale:1").partition(":")
    page = int(number or "1")
    answer = top.read(LISTS[name], fields="num_iid", page_no=page, page_size=PAGE_SIZE)
    numbers = [required(item, "num_iid") for item in rows(answer.get("items"), "items")]
    listings = tuple(record for item in _details(top, numbers) for record in _records(item))
    if page * PAGE_SIZE < whole(answer, "total_results") and numbers:
        return ListingPage(f"{name}:{page + 1}", True, listings)
    following = next((other for other in LISTS if other != name), "") if name == ON_SALE else ""
    return ListingPage(f"{following}:1" if following else "", bool(following), listings)


def _details(top: Top, numbers: list[str]) -> list[Json]:
    if not numbers:
        return []
    answer = top.read(DETAILS, fields=FIELDS, num_iids=",".join(numbers))
    found = rows(answer.get("items"), "items")
    if not found:
        raise Retryable("the platform answered without the items asked for", code="not-an-answer")
    return found


def _records(item: Json) -> list[ListingRecord]:
    """A record for each variant; an item without variants is one by itself."""
    variants = rows(item.get("skus"), "skus")
    return [_record(item, variant) for variant in variants] or [_record(item, {})]


def _record(item: Json, variant: Json) -> ListingRecord:
    return ListingRecord(
        listing_no=required(item, "num_iid"),
        variant_no=text(variant, "sku_id"),
        seller_code=text(variant, "outer_id") or text(item, "outer_id"),
        title=text(item, "title"),
        variant=_names(text(variant, "properties_name")),
        barcode=text(variant, "barcode") or text(item, "barcode"),
        price=fen(variant or item, "price") or fen(item, "price"),
        currency="CNY",
        units=whole(variant, "quantity") if variant else whole(item, "num"),
        is_on_sale=text(item, "approve_status") in ("", ON_SALE),
    )


def _names(properties: str) -> str:
    """`1627207:28341:颜色分类:黑色;…` as people read it: 颜色分类:黑色;…"""
    return ";".join(":".join(part.split(":")[-2:]) for part in properties.split(";") if part)
