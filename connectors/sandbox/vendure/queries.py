"""The functions behind the fields of the query root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.vendure import filters, hooks, sessions, states
from connectors.sandbox.vendure.documents import goods
from connectors.sandbox.vendure.documents.order import channel, order_document
from connectors.sandbox.vendure.shop import LOCATION, Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
Query = Callable[[Shop, Args], Any]
HANDLER_CODE = "manual-fulfillment"


def orders(shop: Shop, args: Args) -> Doc:
    """A page of orders by skip and take, with the number of all that fit the filter."""
    options = filters.wanted(args.get("options") or {}, shop.list_limit)
    found = shop.market.shelves.list_sales(
        options.stamp, 0, filters.FAR_MS, options.skip, options.take, newest_first=options.newest_first,
        where=options.where, args=options.args,
    )  # fmt: skip
    return {"items": [order_document(shop, sale) for sale in found.found], "totalItems": found.total}


def order(shop: Shop, args: Args) -> Doc | None:
    sale = shop.sale(str(args["id"]))
    return order_document(shop, sale) if sale is not None else None


def me(shop: Shop, args: Args) -> Doc:
    """The administrator as a CurrentUser."""
    rights = [right for right in sessions.permissions(shop)]
    own = {"id": "1", "token": shop.keys["channel_token"], "code": channel(shop)["code"], "permissions": rights}
    return {"__typename": "CurrentUser", "id": "2", "identifier": shop.keys["username"], "channels": [own]}


def _administrator(shop: Shop, args: Args) -> Doc:
    roles = [{"id": "2", "code": "oms", "permissions": list(sessions.permissions(shop))}]
    user = {"id": "2", "identifier": shop.keys["username"], "verified": True, "roles": roles}
    return {"id": "2", "firstName": "Order", "lastName": "Hub", "emailAddress": "oms@example.invalid", "user": user}


def _settings(shop: Shop, args: Args) -> Doc:
    process = [{"name": name, "to": list(to)} for name, to in states.NEXT.items()]
    server = {"orderProcess": process, "permittedAssetTypes": ["image/*"], "moneyStrategyPrecision": 2}
    return {"id": "1", "trackInventory": True, "outOfStockThreshold": 0, "serverConfig": server}


def _rows(shop: Shop, args: Args, found: Sequence[Doc], make: Callable[[Shop, Doc], Doc]) -> Doc:
    skip, take = filters.place(args.get("options") or {}, shop.list_limit)
    return {"items": [make(shop, one) for one in found[skip : skip + take]], "totalItems": len(found)}


def _variants(shop: Shop, args: Args) -> Doc:
    told = (args.get("options") or {}).get("filter") or {}
    wanted = args.get("productId")
    found = [item for item in shop.items()
             if _fits(told, _variant_facts(shop, item)) and wanted in (None, str(item["num_iid"]))]  # fmt: skip
    held = goods.Held(shop)
    return _rows(shop, args, found, lambda shop, item: goods.variant(shop, item, held))


def _products(shop: Shop, args: Args) -> Doc:
    first = {item["num_iid"]: item for item in reversed(shop.items())}
    told = (args.get("options") or {}).get("filter") or {}
    found = [item for _, item in sorted(first.items()) if _fits(told, {
        "id": str(item["num_iid"]), "name": item["title"], "enabled": True, "sku": item["code"]})]  # fmt: skip
    return _rows(shop, args, found, goods.product)


def _variant_facts(shop: Shop, item: Doc) -> Doc:
    return {"id": item["sku_id"], "sku": item["code"], "name": goods.name_of(item), "enabled": True,
            "productId": str(item["num_iid"])}  # fmt: skip


def _fits(told: Mapping[str, Any], facts: Doc) -> bool:
    """Whether an item fits a filter; operators that make no sense for the catalogue are refused."""
    for name, operators in told.items():
        steps = operators.items() if isinstance(operators, dict) else [(name, operators or [])]
        if not all(_holds(operator, value, name, facts) for operator, value in steps):
            return False
    return True


def _holds(operator: str, value: Any, name: str, facts: Doc) -> bool:
    if operator in ("_and", "_or"):
        found = [_fits(one, facts) for one in value]
        return all(found) if operator == "_and" else any(found)
    if name not in facts:
        raise FieldRefusal(f"{name} cannot be filtered by here", "USER_INPUT_ERROR")
    held = facts[name]
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: held == value, "notEq": lambda: held != value, "in": lambda: held in value,
        "notIn": lambda: held not in value, "contains": lambda: value.lower() in held.lower(),
        "notContains": lambda: value.lower() not in held.lower(), "isNull": lambda: not value,
    }  # fmt: skip
    if operator not in tests:
        raise FieldRefusal(f"{operator} is not supported by this database", "INTERNAL_SERVER_ERROR")
    return tests[operator]()


def _one(key: str, make: Callable[[Shop, Doc], Doc]) -> Query:
    def find(shop: Shop, args: Args) -> Doc | None:
        return next((make(shop, item) for item in shop.items() if str(item[key]) == str(args.get("id"))), None)

    return find


def _locations(shop: Shop, args: Args) -> Doc:
    return {"items": [goods.location()], "totalItems": 1}


def _ways_to_fulfil(shop: Shop, args: Args) -> list[Doc]:
    fields = [{"name": name, "type": "string", "list": False, "required": False} for name in ("method", "trackingCode")]
    return [{"code": HANDLER_CODE, "description": "Manually enter fulfillment details", "args": fields}]


QUERIES: dict[str, Query] = {
    "me": me, "activeAdministrator": _administrator, "activeChannel": lambda shop, args: channel(shop),
    "channels": lambda shop, args: {"items": [channel(shop)], "totalItems": 1}, "globalSettings": _settings,
    "order": order, "orders": orders, "product": _one("num_iid", goods.product), "products": _products,
    "productVariant": _one("sku_id", goods.variant), "productVariants": _variants,
    "stockLocation": lambda shop, args: goods.location() if args["id"] == LOCATION else None,
    "stockLocations": _locations, "fulfillmentHandlers": _ways_to_fulfil, "webhooks": lambda shop, args: hooks.rows(shop),
    "availableWebhookEvents": lambda shop, args: list(hooks.EVENTS),
    "availableWebhookRequestTransformers": lambda shop, args: [hooks.transformer()],
}  # fmt: skip
