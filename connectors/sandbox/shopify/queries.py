"""The functions behind the fields of the query root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.shopify import lists
from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.documents.order import order_document
from connectors.sandbox.shopify.doing import hooks
from connectors.sandbox.shopify.ids import gid, number_in, order_of_line, owner
from connectors.sandbox.shopify.search import search_of
from connectors.sandbox.shopify.shop import LOCATIONS, Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
Query = Callable[[Shop, Args], Any]


def _shop(shop: Shop, args: Args) -> Doc:
    return {
        "id": gid("Shop", 90_000_001), "name": "示例旗舰店", "email": "shop@example.invalid",
        "myshopifyDomain": shop.domain, "currencyCode": shop.currency, "ianaTimezone": "Asia/Shanghai",
        "timezoneOffset": "+0800", "taxesIncluded": True, "url": f"https://{shop.domain}",
        "plan": {"publicDisplayName": shop.plan.title(), "shopifyPlus": shop.plan == "plus", "partnerDevelopment": False},
        "primaryDomain": {"host": shop.domain, "url": f"https://{shop.domain}"},
        "enabledPresentmentCurrencies": sorted({shop.currency, "USD"}),
    }  # fmt: skip


def _installation(shop: Shop, args: Args) -> Doc:
    scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(shop.scopes)]
    app = {"id": gid("App", 1), "title": "Order hub", "handle": "order-hub"}
    return {"id": gid("AppInstallation", 1), "accessScopes": scopes, "app": app}


def order(shop: Shop, args: Args) -> Doc | None:
    """The order of a global id, or None."""
    return _order(shop, number_in(args["id"], "Order"))


def _order(shop: Shop, number: str | None) -> Doc | None:
    sale = shop.market.shelves.sale(number) if number else None
    return order_document(shop, sale) if sale is not None and lists.is_shown(shop, sale) else None


def _count(shop: Shop, args: Args) -> Doc:
    search = search_of(args.get("query") or "")
    hits = sum(1 for sale in shop.market.shelves.sales() if search.test(lists.facts(shop, sale)))
    limit = args.get("limit") or 10_000
    return {"count": min(hits, limit), "precision": "EXACT" if hits <= limit else "AT_LEAST"}


def _belonging(kind: str, field: str) -> Query:
    """Something that belongs to an order, found through it."""

    def find(shop: Shop, args: Args) -> Doc | None:
        found = owner(kind, args["id"])
        parent = _order(shop, found[0]) if found else None
        return next((row for row in parent[field]({}) if row["id"] == args["id"]), None) if parent else None

    return find


def _return(shop: Shop, args: Args) -> Doc | None:
    number = number_in(args["id"], "Return")
    case = shop.market.shelves.case(number) if number else None
    parent = _order(shop, case.doc["order"]) if case else None
    return next((row for row in parent["returns"]({}) if row["id"] == args["id"]), None) if parent else None


def _line(shop: Shop, args: Args) -> Doc | None:
    parent = _order(shop, order_of_line(number_in(args["id"], "LineItem") or ""))
    return next((row for row in parent["lineItems"]({}) if row["id"] == args["id"]), None) if parent else None


def _location(shop: Shop, args: Args) -> Doc | None:
    wanted = args.get("id") or gid("Location", LOCATIONS[0][0])
    return next((found for found in _locations(shop, {}) if found["id"] == wanted), None)


def _locations(shop: Shop, args: Args) -> list[Doc]:
    """The shop's own places; those of fulfilment services only with includeLegacy."""
    return [{"__typename": "Location", **goods.location(n)} for n, found in enumerate(LOCATIONS)
            if not found[6] or args.get("includeLegacy", True) is None or args.get("includeLegacy")]  # fmt: skip


def _item_by(key: Callable[[Doc], str], kind: str, make: Callable[[Shop, Doc], Doc]) -> Query:
    def find(shop: Shop, args: Args) -> Doc | None:
        wanted = number_in(args["id"], kind)
        return next((make(shop, item) for item in shop.items() if key(item) == wanted), None)

    return find


def _products(shop: Shop, args: Args) -> list[Doc]:
    first = {item["num_iid"]: item for item in reversed(shop.items())}
    test = search_of(args.get("query") or "").test
    return [goods.product(shop, item) for _, item in sorted(first.items())
            if test({"id": str(item["num_iid"]), "title": item["title"], "sku": item["code"], "status": "active",
                     "barcode": item["barcode"]})]  # fmt: skip


def _variants(shop: Shop, args: Args) -> list[Doc]:
    test = search_of(args.get("query") or "").test
    return [goods.variant(shop, item) for item in shop.items() if test(_item_facts(item))]


def _stock_items(shop: Shop, args: Args) -> list[Doc]:
    test = search_of(args.get("query") or "").test
    return [goods.stock_item(shop, item) for item in shop.items() if test(_item_facts(item))]


def _item_facts(item: Doc) -> Doc:
    return {"id": item["sku_id"], "sku": item["code"], "title": item["title"], "barcode": item["barcode"],
            "product_id": str(item["num_iid"])}  # fmt: skip


def node(shop: Shop, args: Args) -> Doc | None:
    """Anything by its global id; an id of an unknown kind is refused."""
    kind = str(args["id"]).removeprefix("gid://shopify/").partition("/")[0]
    if kind not in BY_KIND:
        raise FieldRefusal("Invalid global id", "RESOURCE_NOT_FOUND")
    found = BY_KIND[kind](shop, args)
    return None if found is None else {**found, "__typename": kind}


def _nodes(shop: Shop, args: Args) -> list[Doc | None]:
    return [node(shop, {"id": id_}) for id_ in args["ids"]]


BY_KIND: dict[str, Query] = {
    "Order": order, "LineItem": _line, "Return": _return, "Location": _location,
    "FulfillmentOrder": _belonging("FulfillmentOrder", "fulfillmentOrders"),
    "Fulfillment": _belonging("Fulfillment", "fulfillments"), "Refund": _belonging("Refund", "refunds"),
    "Product": _item_by(lambda item: str(item["num_iid"]), "Product", goods.product),
    "ProductVariant": _item_by(lambda item: str(item["sku_id"]), "ProductVariant", goods.variant),
    "InventoryItem": _item_by(goods.stock_number, "InventoryItem", goods.stock_item),
    "WebhookSubscription": lambda shop, args: hooks.find(shop, args["id"]),
}  # fmt: skip
QUERIES: dict[str, Query] = {
    "shop": _shop, "currentAppInstallation": _installation, "order": order, "orders": lists.orders,
    "ordersCount": _count, "return": _return, "refund": BY_KIND["Refund"], "fulfillment": BY_KIND["Fulfillment"],
    "fulfillmentOrder": BY_KIND["FulfillmentOrder"], "fulfillmentOrders": lists.fulfillment_orders,
    "location": _location, "locations": _locations, "product": BY_KIND["Product"], "products": _products,
    "productVariant": BY_KIND["ProductVariant"], "productVariants": _variants,
    "inventoryItem": BY_KIND["InventoryItem"], "inventoryItems": _stock_items,
    "webhookSubscription": BY_KIND["WebhookSubscription"], "webhookSubscriptions": hooks.rows,
    "job": lambda shop, args: {"id": args["id"], "done": True}, "node": node, "nodes": _nodes,
}  # fmt: skip
