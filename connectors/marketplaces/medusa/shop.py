"""Writes the seller's memo and stock to Medusa and reads what the store sells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.notices import Receipt, StockAnswer, StockLevel
from connectors.contract.records import ListingPage, ListingRecord
from connectors.marketplaces.medusa import codes
from connectors.marketplaces.medusa.amounts import minor, scale_of
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.reading import Json, part, required, rows, text, units

_T = TypeVar("_T")

VARIANTS_A_CALL = 100
_ITEM_FIELDS = "id,sku,*location_levels"
_VARIANT_FIELDS = "id,manage_inventory,inventory_items.required_quantity,*inventory_items.inventory.location_levels"


class _Level(NamedTuple):
    """One stock level to write; `known` when the item is stocked there already."""

    name: tuple[str, str]
    item: str
    location: str
    units: int
    known: bool

    def body(self) -> dict[str, Any]:
        """As the batch call wants it."""
        return {"inventory_item_id": self.item, "location_id": self.location, "stocked_quantity": self.units}


def set_memo(admin: Admin, order_no: str, memo: str, flag: str, keys: tuple[str, str]) -> Receipt:
    """Put `memo` below what is there, in the order's metadata under `keys` of memo and flag; other keys stay."""
    if flag and flag not in codes.FLAGS:
        raise Refused(f"there is no {flag} flag; there are {', '.join(codes.FLAGS)}")
    memo_key, flag_key = keys
    order = part(admin.read(f"orders/{order_no}", fields="id,metadata"), "order")
    metadata = part(order, "metadata")
    there, colour = str(metadata.get(memo_key) or ""), str(metadata.get(flag_key) or "")
    wanted = there if memo in there else memo if there in memo else f"{there}\n{memo}"
    if (wanted, flag or colour) == (there, colour):
        return Receipt(order_no, "nothing to change")
    told = {**metadata, memo_key: wanted} | ({flag_key: flag or colour} if flag or colour else {})
    admin.write(f"orders/{order_no}", {"metadata": told})
    return Receipt(order_no)


def push_stock(admin: Admin, levels: Sequence[StockLevel], location: str) -> StockAnswer:
    """Sellable units, absolute: Medusa keeps units on the shelf, so what its orders have reserved is added."""
    refused: dict[tuple[str, str], str] = {}
    items, places = _items_of(admin, levels), _locations(admin)
    found: list[_Level] = []
    for level in levels:
        item = items.get(level.variant_no) or items.get(level.seller_code) or "the store has no such variant"
        told = item if isinstance(item, str) else _level_of(level, item, level.location or location, places)
        if isinstance(told, str):
            refused[level.listing_no, level.variant_no] = told
        else:
            found.append(told)
    for chunk in _chunks(found):
        refused |= _write_levels(admin, chunk)
    return StockAnswer(len(levels) - len(refused), refused)


def pull_listings(admin: Admin, cursor: str, currency: str) -> ListingPage:
    """Variants by id, which never changes; `currency` chooses among prices, empty takes the first."""
    if cursor and not cursor.isdecimal():
        raise BadRecord("this cursor is not one of this connector's; start anew", field="cursor")
    offset = int(cursor or 0)
    answer = admin.read(
        "product-variants", fields=codes.VARIANT_FIELDS, order="id", limit=str(VARIANTS_A_CALL), offset=str(offset)
    )
    found = tuple(_listing(row, currency.lower()) for row in rows(answer, "variants"))
    following = offset + len(found)
    return ListingPage(str(following), bool(found) and following < units(answer, "count"), found)


def _items_of(admin: Admin, levels: Sequence[StockLevel]) -> dict[str, Json | str]:
    """Seller code or variant → its inventory item, or why there is none: by SKU, and by variant for the rest."""
    found: dict[str, Json | str] = {}
    for codes_asked in _chunks(sorted({level.seller_code for level in levels if level.seller_code})):
        answer = _asked(admin, "inventory-items", "sku", codes_asked, _ITEM_FIELDS)
        found |= {required(row, "sku"): row for row in rows(answer, "inventory_items") if row.get("sku")}
    rest = {level.variant_no for level in levels if level.variant_no and level.seller_code not in found}
    for numbers in _chunks(sorted(rest)):
        answer = _asked(admin, "product-variants", "id", numbers, _VARIANT_FIELDS)
        found |= {required(row, "id"): _item_of(row) for row in rows(answer, "variants")}
    return found


def _asked(admin: Admin, path: str, filtered: str, values: list[str], fields: str) -> Json:
    params = {f"{filtered}[{place}]": value for place, value in enumerate(values)}
    return admin.query(path, params | {"fields": fields, "limit": str(len(values))})


def _item_of(variant: Json) -> Json | str:
    if variant.get("manage_inventory") is False:
        return "the store does not count this variant's stock"
    items = rows(variant, "inventory_items")
    if len(items) != 1 or units(items[0], "required_quantity") > 1:
        return "this variant is made of several inventory items; set those"
    return part(items[0], "inventory")


def _locations(admin: Admin) -> frozenset[str]:
    """Medusa would take levels of locations that it does not have, so they are asked for first."""
    found = rows(admin.read("stock-locations", fields="id", limit="1000"), "stock_locations")
    return frozenset(required(row, "id") for row in found)


def _level_of(level: StockLevel, item: Json, location: str, places: frozenset[str]) -> _Level | str:
    """The level to write, or why it cannot be; no location stands for the store's only one."""
    if not location and len(places) == 1:
        location = next(iter(places))
    if location not in places:
        return "the store has no such stock location" if location else "name a stock location in the shop's settings"
    there = next((row for row in rows(item, "location_levels") if row.get("location_id") == location), None)
    wanted = max(level.units, 0) + (units(there, "reserved_quantity") if there else 0)
    name = (level.listing_no, level.variant_no)
    return _Level(name, required(item, "id"), location, wanted, there is not None)


def _write_levels(admin: Admin, levels: list[_Level]) -> dict[tuple[str, str], str]:
    """One call for all; it refuses all for one, and then each is set by itself."""
    body = {
        "update": [level.body() for level in levels if level.known],
        "create": [level.body() for level in levels if not level.known],
    }
    path = "inventory-items/location-levels/batch"
    try:
        admin.write(path, body, fields="")
    except Refused as error:
        if len(levels) == 1:
            return {levels[0].name: error.words}
        refused: dict[tuple[str, str], str] = {}
        for level in levels:
            refused |= _write_levels(admin, [level])
        return refused
    return {}


def _listing(row: Json, currency: str) -> ListingRecord:
    product = part(row, "product")
    prices = rows(row, "prices")
    price = next((one for one in prices if not currency or text(one, "currency_code") == currency), None)
    coin = text(price, "currency_code").upper() if price else ""
    return ListingRecord(
        listing_no=text(row, "product_id") or text(product, "id"),
        variant_no=required(row, "id"),
        seller_code=text(row, "sku"),
        title=text(product, "title"),
        variant=text(row, "title"),
        barcode=text(row, "barcode"),
        price=minor(price, "amount", scale_of(coin)) if price else None,
        currency=coin,
        units=_sellable(row),
        is_on_sale=text(product, "status") == "published",
    )


def _sellable(row: Json) -> int | None:
    """Over all locations; None where the store does not count."""
    items = rows(row, "inventory_items")
    if row.get("manage_inventory") is False or len(items) != 1:
        return None
    total = Decimal(0)
    for stocked in rows(part(items[0], "inventory"), "location_levels"):
        total += units(stocked, "stocked_quantity") - units(stocked, "reserved_quantity")
    return max(int(total) // max(units(items[0], "required_quantity"), 1), 0)


def _chunks(items: Sequence[_T]) -> Iterable[list[_T]]:
    return (list(items[i : i + VARIANTS_A_CALL]) for i in range(0, len(items), VARIANTS_A_CALL))
