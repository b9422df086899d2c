"""Lists of orders and of fulfilment orders: sorting, searching, cursors that stand for a place in the order."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.gql.cost import LARGEST_PAGE
from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.kit.gql.running import Page
from connectors.sandbox.kit.market import Sale
from connectors.sandbox.shopify import books, placements
from connectors.sandbox.shopify.documents import returns
from connectors.sandbox.shopify.documents.order import name_of, order_document
from connectors.sandbox.shopify.documents.people import email
from connectors.sandbox.shopify.ids import number_in
from connectors.sandbox.shopify.search import Search, search_of
from connectors.sandbox.shopify.shop import Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]
STAMPS = {"UPDATED_AT": ("changed_ms", "updated_at"), "CREATED_AT": ("created_ms", "created_at"),
          "PROCESSED_AT": ("created_ms", "processed_at")}  # fmt: skip
FOREVER = 2**53
SIXTY_DAYS = 60 * 86_400_000


def orders(shop: Shop, args: Args) -> Page:
    """Orders by sortKey (PROCESSED_AT unless told) and query, 250 a page at most."""
    key = args.get("sortKey") or "PROCESSED_AT"
    stamp, field = STAMPS.get(key, STAMPS["PROCESSED_AT"])
    search = search_of(args.get("query") or "")
    size, mark = _size(args), _read(args.get("after"), key)
    backwards = bool(args.get("reverse")) != (args.get("last") is not None)
    since, until = _window(search, field)
    hits: list[Sale] = []
    more = True
    while more and len(hits) <= size:
        found = _chunk(shop, stamp, since, until, mark, backwards, size + 1)
        hits += [sale for sale in found if _is_shown(shop, sale) and search.test(facts(shop, sale))]
        more = len(found) > size
        mark = (found[-1].doc[stamp], found[-1].number) if found else mark
    marks = [_write(key, sale.doc[stamp], sale.number) for sale in hits[:size]]
    nodes = [order_document(shop, sale) for sale in hits[:size]]
    return Page(nodes, marks, has_next=len(hits) > size, has_previous=args.get("after") is not None)


def _chunk(shop: Shop, stamp: str, since: int, until: int, mark: tuple[int, str] | None, backwards: bool,
           limit: int) -> list[Sale]:  # fmt: skip
    sign = "<" if backwards else ">"
    where = "1" if mark is None else f"({stamp} {sign} ? or ({stamp} = ? and number {sign} ?))"
    values = () if mark is None else (mark[0], mark[0], mark[1])
    rows = shop.market.shelves.list_sales(stamp, since, until, 0, limit, newest_first=backwards, where=where, args=values)
    return list(rows.found)


def _window(search: Search, field: str) -> tuple[int, int]:
    low, high = search.bounds.get(field, [None, None])
    return (0 if low is None else low * 1000), (FOREVER if high is None else high * 1000 + 999)


def _is_shown(shop: Shop, sale: Sale) -> bool:
    """Without read_all_orders an app sees the orders of the last sixty days."""
    return "read_all_orders" in shop.scopes or sale.doc["created_ms"] >= shop.market.now_ms() - SIXTY_DAYS


def is_shown(shop: Shop, sale: Sale) -> bool:
    """Whether this app may see the order at all."""
    return _is_shown(shop, sale)


def facts(shop: Shop, sale: Sale) -> Doc:
    """What a search can ask of an order; times in whole seconds."""
    doc = sale.doc
    ship = placements.fulfilment_status(doc).lower()
    done = {"fulfilled": ["shipped", "fulfilled"], "partially_fulfilled": ["partial", "unshipped"]}
    is_over = doc["status"] in ("cancelled", "completed")
    return {
        "created_at": doc["created_ms"] // 1000, "processed_at": doc["created_ms"] // 1000,
        "updated_at": doc["changed_ms"] // 1000, "financial_status": books.financial_status(doc).lower(),
        "fulfillment_status": [ship, *done.get(ship, ["unshipped", "unfulfilled"])],
        "return_status": returns.order_status(returns.goods_cases(shop, sale.number)).lower(),
        "status": ["cancelled" if doc["status"] == "cancelled" else "closed" if is_over else "open",
                   *(() if doc["status"] == "cancelled" else ("not_closed",))],
        "test": str(bool(doc["test"])).lower(), "tag": doc["tags"], "name": [name_of(doc), name_of(doc)[1:]],
        "sku": [line["sku"]["code"] for line in doc["lines"]], "id": doc["number"], "email": email(doc),
        "source_name": doc["source"], "source_identifier": "", "confirmation_number": doc["number"],
    }  # fmt: skip


def fulfillment_orders(shop: Shop, args: Args) -> Page:
    """Fulfilment orders of all orders; closed ones only with includeClosed."""
    key = args.get("sortKey") or "ID"
    column = {"UPDATED_AT": "updated_ms", "CREATED_AT": "created_ms"}.get(key, "id")
    search, size = search_of(args.get("query") or ""), _size(args)
    mark = _read(args.get("after"), key)
    order = "desc" if args.get("reverse") else "asc"
    sign = "<" if order == "desc" else ">"
    where = "1" if mark is None else f"({column} {sign} ? or ({column} = ? and id {sign} ?))"
    values = () if mark is None else (mark[0], mark[0], mark[1])
    hits: list[tuple[Doc, Any]] = []
    for row in shop.market.storage.rows(
        f"select * from fo_stamp where {where} order by {column} {order}, id {order}", values
    ):
        known = {"updated_at": row["updated_ms"] // 1000, "created_at": row["created_ms"] // 1000, "id": row["id"]}
        status = str(row["face"]).partition(" ")[0].lower()
        if status in ("closed", "cancelled") and not args.get("includeClosed"):
            continue
        if search.test({**known, "status": status}):
            hits.append((_document(shop, row), row))
        if len(hits) > size:
            break
    marks = [_write(key, row[column], row["id"]) for _, row in hits[:size]]
    return Page([found for found, _ in hits[:size]], marks, len(hits) > size, mark is not None)


def _document(shop: Shop, row: Any) -> Doc:
    order = order_document(shop, shop.market.find_sale(row["sale"]))
    found: Doc = next(one for one in order["fulfillmentOrders"]({})
                      if number_in(one["id"], "FulfillmentOrder") == row["id"])  # fmt: skip
    return found


def _size(args: Args) -> int:
    size = args.get("first") if args.get("first") is not None else args.get("last")
    if size is None or not 0 < int(size) <= LARGEST_PAGE:
        raise FieldRefusal(f"first must be between 1 and {LARGEST_PAGE}", "BAD_USER_INPUT")
    return int(size)


def _write(key: str, value: Any, number: str) -> str:
    text = json.dumps({"last_id": number, "last_value": value, "sort": key})
    return base64.b64encode(text.encode()).decode()


def _read(cursor: str | None, key: str) -> tuple[int, str] | None:
    """The place a cursor stands for; a cursor of another sorting is refused."""
    if cursor is None:
        return None
    try:
        found = json.loads(base64.b64decode(cursor, validate=True))
        if found["sort"] == key:
            return found["last_value"], str(found["last_id"])
    except (ValueError, KeyError, TypeError):
        pass
    raise FieldRefusal("Invalid cursor for current pagination sort.", "BAD_REQUEST")
