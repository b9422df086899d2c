"""The functions behind the fields of the query root, and the permissions that each field of a root needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.saleor import lists
from connectors.sandbox.saleor.documents import goods
from connectors.sandbox.saleor.documents.order import order_document
from connectors.sandbox.saleor.doing import hooks
from connectors.sandbox.saleor.ids import global_id, transaction_id
from connectors.sandbox.saleor.shop import VERSION, Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
Query = Callable[[Shop, Args], Any]
ORDERS, PRODUCTS, PAYMENTS, APPS = "MANAGE_ORDERS", "MANAGE_PRODUCTS", "HANDLE_PAYMENTS", "MANAGE_APPS"
STOCKED = (PRODUCTS, ORDERS, "MANAGE_SHIPPING")
#: Any one of these permissions opens the field; a field that is not named is open to all.
NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("order", "orders", "orderFulfill", "orderFulfillmentUpdateTracking", "orderFulfillmentCancel",
                     "orderFulfillmentApprove", "orderFulfillmentReturnProducts", "orderCancel", "orderConfirm",
                     "orderMarkAsPaid", "orderUpdate", "orderNoteAdd", "updateMetadata", "updatePrivateMetadata",
                     "orderGrantRefundCreate", "orderGrantRefundUpdate"), (ORDERS,)),
    **dict.fromkeys(("transaction", "transactionRequestAction", "transactionRequestRefundForGrantedRefund"),
                    (PAYMENTS,)),
    **dict.fromkeys(("warehouse", "warehouses", "products", "productVariant", "productVariants"), STOCKED),
    **dict.fromkeys(("productVariantStocksUpdate", "stockBulkUpdate"), (PRODUCTS,)),
    **dict.fromkeys(("webhook", "webhookCreate", "webhookUpdate", "webhookDelete"), (APPS,)),
    "channels": (ORDERS, PRODUCTS, PAYMENTS, APPS),
}  # fmt: skip


def _shop(shop: Shop, args: Args) -> Doc:
    return {
        "id": global_id("Shop", 1), "name": "示例旗舰店", "version": VERSION, "schemaVersion": VERSION[:4],
        "domain": {"host": shop.host, "sslEnabled": False, "url": f"http://{shop.host}/"},
        "permissions": permissions(shop.permissions), "channelCurrencies": [shop.currency],
        "fulfillmentAutoApprove": bool(shop.settings.get("auto_approve", True)), "fulfillmentAllowUnpaid": False,
        "includeTaxesInPrices": True, "displayGrossPrices": True, "chargeTaxesOnShipping": True,
    }  # fmt: skip


def permissions(held: frozenset[str]) -> list[Doc]:
    return [{"code": code, "name": code.replace("_", " ").capitalize()} for code in sorted(held)]


def app(shop: Shop) -> Doc:
    """The App that the token belongs to."""
    return {"__typename": "App", "id": global_id("App", 1), "name": "Order hub", "identifier": "order-hub",
            "isActive": True, "type": "LOCAL", "version": "1.0", "permissions": permissions(shop.permissions),
            "webhooks": lambda args: hooks.rows(shop)}  # fmt: skip


def _order(shop: Shop, args: Args) -> Doc | None:
    number = args.get("id")
    if args.get("externalReference"):
        number = next((sale.number for sale in shop.market.shelves.sales()
                       if sale.doc["external"] == args["externalReference"]), None)  # fmt: skip
    sale = shop.market.shelves.sale(number) if number else None
    return None if sale is None else order_document(shop, sale)


def _transaction(shop: Shop, args: Args) -> Doc | None:
    for sale in shop.market.shelves.sales():
        if transaction_id(sale.number) == args.get("id"):
            found = order_document(shop, sale)["transactions"]({})
            return found[0] if found else None
    return None


def _variant(shop: Shop, args: Args) -> Doc | None:
    item = item_of(shop, args)
    return None if item is None else goods.variant(shop, item)


def item_of(shop: Shop, args: Args) -> Doc | None:
    """The item of a variant's id, SKU or external reference."""
    return next((item for item in shop.items() if
                 (args.get("id") and goods.variant_id(item) == args["id"])
                 or (args.get("sku") and item["code"] == args["sku"])
                 or (args.get("externalReference") and str(item["barcode"]) == args["externalReference"])),
                None)  # fmt: skip


def _products(shop: Shop, args: Args) -> Any:
    first = {item["num_iid"]: item for item in reversed(shop.items())}
    rows = [item for _, item in sorted(first.items())]
    return lists.page_of(rows, args, "products", lambda item: goods.product(shop, item))


def _warehouses(shop: Shop, args: Args) -> Any:
    return lists.page_of(goods.warehouses(), args, "warehouses", lambda row: row)


def _channel(shop: Shop, args: Args) -> Doc | None:
    found = shop.channel()
    return found if args.get("id") in (None, found["id"]) and args.get("slug") in (None, found["slug"]) else None


QUERIES: dict[str, Query] = {
    "shop": _shop, "order": _order, "orders": lists.orders, "transaction": _transaction, "channel": _channel,
    "channels": lambda shop, args: [shop.channel()], "warehouses": _warehouses, "products": _products,
    "warehouse": lambda shop, args: goods.warehouse(str(args.get("id"))), "productVariant": _variant,
    "productVariants": lists.variants, "webhook": lambda shop, args: hooks.find(shop, args["id"]),
}  # fmt: skip
