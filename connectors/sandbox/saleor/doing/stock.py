"""Stock: what a warehouse holds of a variant, allocated units included, set to a number."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.saleor.documents import goods
from connectors.sandbox.saleor.doing.answers import Args, Refused
from connectors.sandbox.saleor.queries import item_of
from connectors.sandbox.saleor.shop import HOME, Shop

Doc = dict[str, Any]


def update(shop: Shop, args: Args) -> Doc:
    """productVariantStocksUpdate: one variant, some warehouses, all or nothing."""
    told = [name for name in ("variantId", "sku", "externalReference") if args.get(name)]
    if len(told) != 1:
        raise Refused(None, "At least one of arguments is required: 'sku', 'variant_id', 'external_reference'.",
                      "GRAPHQL_ERROR")  # fmt: skip
    item = item_of(shop, {**args, "id": args.get("variantId")})
    if item is None:
        field = {"variantId": "variantId", "sku": "sku"}.get(told[0], "externalReference")
        raise Refused(field, f"Couldn't resolve to a node: {args[told[0]]}", "NOT_FOUND")
    rows = args["stocks"]
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if row["warehouse"] in seen:
            raise Refused("warehouse", "Duplicated warehouse ID.", "UNIQUE", index=index)
        seen.add(row["warehouse"])
        if (why := _why_not(row["warehouse"], row["quantity"])) is not None:
            raise Refused(why[0], why[1], why[2], index=index)
    for row in rows:
        _put(shop, item, row["warehouse"], row["quantity"])
    return {"productVariant": goods.variant(shop, item)}


def bulk_update(shop: Shop, args: Args) -> Doc:
    """stockBulkUpdate: many variants; the error policy says what becomes of the rows beside a wrong one."""
    rows = [_row(shop, told) for told in args["stocks"]]
    refused = any(errors for _, _, _, errors in rows)
    keeps_nothing = refused and (args.get("errorPolicy") or "REJECT_EVERYTHING") == "REJECT_EVERYTHING"
    results: list[Doc] = []
    count = 0
    for item, where, quantity, errors in rows:
        if errors or keeps_nothing or item is None:
            results.append({"stock": None, "errors": errors})
            continue
        _put(shop, item, where, quantity)
        count += 1
        results.append({"stock": goods.stock(shop, item, where), "errors": []})
    return {"count": count, "results": results}


def _row(shop: Shop, told: Doc) -> tuple[Doc | None, str, int, list[Doc]]:
    item = item_of(shop, {"id": told.get("variantId"), "externalReference": told.get("variantExternalReference")})
    where = str(told.get("warehouseId"))
    if item is None:
        return None, where, 0, [{"field": "variantId", "message": "Stock was not found.", "code": "NOT_FOUND"}]
    why = _why_not(where, told["quantity"])
    errors = [] if why is None else [{"field": why[0], "message": why[1], "code": why[2]}]
    return item, where, told["quantity"], errors


def _why_not(warehouse: str, quantity: int) -> tuple[str, str, str] | None:
    if goods.warehouse(warehouse) is None:
        return "warehouse", f"Couldn't resolve to a node: {warehouse}", "NOT_FOUND"
    if quantity < 0:
        return "quantity", "Ensure this value is greater than or equal to 0.", "INVALID"
    return None


def _put(shop: Shop, item: Doc, warehouse: str, quantity: int) -> None:
    if warehouse == HOME:
        shop.market.shelves.set_units(str(item["num_iid"]), item["sku_id"], quantity)
    else:
        shop.market.storage.execute(
            "insert into far_stock (code, warehouse, units) values (?, ?, ?)"
            " on conflict (code, warehouse) do update set units = excluded.units", (item["code"], warehouse, quantity),
        )  # fmt: skip
    shop.market.announce("stock", f"{item['code']}@{warehouse}")
