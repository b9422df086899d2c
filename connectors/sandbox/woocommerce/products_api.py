"""The calls about goods: products, variations, their stock, one by one and in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market.model import HOUR
from connectors.sandbox.woocommerce.gateway import EDIT, V3, Ask, Endpoint, paged
from connectors.sandbox.woocommerce.money import text_of
from connectors.sandbox.woocommerce.params import chosen_ids, listing_from
from connectors.sandbox.woocommerce.refusal import Refusal, answer, bad_params, invalid_id
from connectors.sandbox.woocommerce.shop import Shop

Doc = dict[str, Any]
BATCH_LIMIT = 100
OPENED_MS = 1_767_225_600_000


def list_products(ask: Ask) -> Response:
    listing = listing_from(ask.query, ask.shop.utc_offset)
    ids, skus = set(chosen_ids(ask.query, "include")), set(chosen_ids(ask.query, "sku"))
    found = [
        items
        for number, items in ask.shop.products.items()
        if (not ids or number in ids) and (not skus or skus & {_sku_of(items), *(item["code"] for item in items)})
    ]
    page = found[listing.offset : listing.offset + listing.per_page]
    return paged(ask, listing, [_product(ask.shop, items) for items in page], len(found))


def get_product(ask: Ask) -> Response:
    return answer(_product(ask.shop, _items(ask, 404)))


def update_product(ask: Ask) -> Response:
    return answer(_change_product(ask.shop, str(ask.number()), ask.body))


def batch_products(ask: Ask) -> Response:
    return answer(_batch(ask, lambda item: _change_product(ask.shop, str(item.get("id", "")), item)))


def list_variations(ask: Ask) -> Response:
    listing = listing_from(ask.query, ask.shop.utc_offset)
    items = [item for item in _items(ask, 404) if ask.shop.variation_of(item)]
    skus = set(chosen_ids(ask.query, "sku"))
    items = [item for item in items if not skus or item["code"] in skus]
    page = items[listing.offset : listing.offset + listing.per_page]
    return paged(ask, listing, [_variation(ask.shop, item) for item in page], len(items))


def get_variation(ask: Ask) -> Response:
    return answer(_variation(ask.shop, _item(ask.shop, str(ask.number()), str(ask.number("variation")), 404)))


def update_variation(ask: Ask) -> Response:
    return answer(_change_variation(ask.shop, str(ask.number()), str(ask.number("variation")), ask.body))


def batch_variations(ask: Ask) -> Response:
    product = str(ask.number())
    return answer(_batch(ask, lambda item: _change_variation(ask.shop, product, str(item.get("id", "")), item)))


def _change_product(shop: Shop, number: str, body: Mapping[str, Any]) -> Doc:
    items = shop.products.get(number)
    if not items:
        raise invalid_id("product", 400)
    units = _units(body)
    # The stock of a variable product's parent says nothing of its variations.
    if units is not None and not shop.variation_of(items[0]):
        shop.market.shelves.set_units(number, items[0]["sku_id"], units)
    return _product(shop, items)


def _change_variation(shop: Shop, product: str, number: str, body: Mapping[str, Any]) -> Doc:
    item = _item(shop, product, number, 400)
    units = _units(body)
    if units is not None:
        shop.market.shelves.set_units(product, number, units)
    return _variation(shop, item)


def _units(body: Mapping[str, Any]) -> int | None:
    units = body.get("stock_quantity")
    if units is None:
        return None
    if isinstance(units, bool) or not str(units).lstrip("-").isdecimal():
        raise bad_params({"stock_quantity": "stock_quantity is not of type integer,null."})
    return int(units)


def _batch(ask: Ask, change: Any) -> Doc:
    """Each change on its own: one that is refused tells its error in its place, the call itself succeeds."""
    items = ask.body.get("update") or []
    if sum(len(ask.body.get(name) or []) for name in ("create", "update", "delete")) > BATCH_LIMIT:
        message = f"Unable to accept more than {BATCH_LIMIT} items for this request."
        raise Refusal(413, "woocommerce_rest_request_entity_too_large", message)
    found = []
    for item in items:
        try:
            found.append(change(item))
        except Refusal as refusal:
            error = {"code": refusal.code, "message": str(refusal), "data": refusal.data}
            found.append({"id": item.get("id", 0), "error": error})
    return {"update": found}


def _items(ask: Ask, status: int) -> list[Doc]:
    items = ask.shop.products.get(str(ask.number()))
    if not items:
        raise invalid_id("product", status)
    return items


def _item(shop: Shop, product: str, number: str, status: int) -> Doc:
    for item in shop.products.get(product, ()):
        if str(shop.variation_of(item)) == number != "0":
            return item
    raise invalid_id("product_variation", status)


def _sku_of(items: list[Doc]) -> str:
    return str(items[0]["code"] if len(items) == 1 else items[0]["outer_iid"])


def _product(shop: Shop, items: list[Doc]) -> Doc:
    first = items[0]
    variations = [number for item in items if (number := shop.variation_of(item))]
    return {
        "id": int(first["num_iid"]), "name": first["title"], "slug": _sku_of(items).lower(), "status": "publish",
        "permalink": f"{shop.setup.url}/product/{_sku_of(items).lower()}/",
        "type": "variable" if variations else "simple", "sku": _sku_of(items), "global_unique_id": first["barcode"],
        **shop.dates("date_created", OPENED_MS), **_stock(shop, first, is_parent=bool(variations)),
        "price": _price(first), "regular_price": "" if variations else _price(first), "sale_price": "",
        "weight": _weight(first), "variations": variations, "parent_id": 0, "categories": [], "meta_data": [],
        "attributes": _attributes(items), "images": [_image(first)],
    }  # fmt: skip


def _variation(shop: Shop, item: Doc) -> Doc:
    options = [{"id": 0, "name": name, "option": value} for name, value in _pairs(item)]
    return {
        "id": shop.variation_of(item), "parent_id": int(item["num_iid"]), "sku": item["code"], "status": "publish",
        "global_unique_id": item["barcode"], "name": ", ".join(value for _, value in _pairs(item)),
        "type": "variation", **shop.dates("date_created", OPENED_MS), **_stock(shop, item), "price": _price(item),
        "regular_price": _price(item), "sale_price": "", "weight": _weight(item), "attributes": options,
        "image": _image(item), "meta_data": [],
    }  # fmt: skip


def _stock(shop: Shop, item: Doc, *, is_parent: bool = False) -> Doc:
    row = shop.market.storage.one(
        "select units, changed_ms from shelf where listing = ? and variant = ?", (str(item["num_iid"]), item["sku_id"])
    )
    changed = row["changed_ms"] if row else OPENED_MS + HOUR
    units = None if is_parent or row is None else row["units"]
    status = "outofstock" if units is not None and units <= 0 else "instock"
    return {**shop.dates("date_modified", changed), "manage_stock": not is_parent, "stock_quantity": units,
            "stock_status": status, "backorders": "no", "purchasable": True}  # fmt: skip


def _price(item: Doc) -> str:
    return text_of(item["price_fen"])


def _weight(item: Doc) -> str:
    return f"{item['weight_g'] / 1000:g}"


def _pairs(item: Doc) -> list[tuple[str, str]]:
    parts = (part.partition(":") for part in item["properties"].split(";") if part)
    return [(name, value) for name, _, value in parts]


def _attributes(items: list[Doc]) -> list[Doc]:
    values: dict[str, list[str]] = {}
    for item in items:
        for name, value in _pairs(item):
            values.setdefault(name, []).append(value)
    return [
        {"id": 0, "name": name, "position": n, "visible": True, "variation": len(items) > 1,
         "options": list(dict.fromkeys(found))}
        for n, (name, found) in enumerate(values.items())
    ]  # fmt: skip


def _image(item: Doc) -> Doc:
    return {"id": int(item["num_iid"]) % 10**6, "src": f"https://img.example.invalid/{item['outer_iid']}.jpg", "name": ""}


ENDPOINTS = (
    Endpoint("products.list", ("GET",), f"{V3}/products", list_products),
    Endpoint("products.batch", EDIT, f"{V3}/products/batch", batch_products),
    Endpoint("products.get", ("GET",), f"{V3}/products/<int:id>", get_product),
    Endpoint("products.update", EDIT, f"{V3}/products/<int:id>", update_product),
    Endpoint("variations.list", ("GET",), f"{V3}/products/<int:id>/variations", list_variations),
    Endpoint("variations.batch", EDIT, f"{V3}/products/<int:id>/variations/batch", batch_variations),
    Endpoint("variations.get", ("GET",), f"{V3}/products/<int:id>/variations/<int:variation>", get_variation),
    Endpoint("variations.update", EDIT, f"{V3}/products/<int:id>/variations/<int:variation>", update_variation),
)
