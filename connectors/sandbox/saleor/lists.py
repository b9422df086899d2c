"""Lists of orders and variants: where and filter, sorting, cursors that stand for a place in the order."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.kit.gql.refusing import FieldRefusal
from connectors.sandbox.kit.gql.running import Page
from connectors.sandbox.kit.market import Sale
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.documents import goods, payments
from connectors.sandbox.saleor.documents.order import order_document
from connectors.sandbox.saleor.documents.people import email
from connectors.sandbox.saleor.shop import CHANNEL_ID, Shop, millis

Args = Mapping[str, Any]
Doc = dict[str, Any]
LARGEST = 100
FOREVER = 2**53
STAMPS = {"LAST_MODIFIED_AT": "changed_ms", "CREATED_AT": "created_ms", "CREATION_DATE": "created_ms",
          "NUMBER": "created_ms"}  # fmt: skip
#: Rows read at once where most of them are left out.
MANY = 1000
READY = ("UNFULFILLED", "PARTIALLY_FULFILLED")


def orders(shop: Shop, args: Args) -> Page:
    """Orders by sortBy (newest first unless told) and where or filter, a hundred a page at most."""
    if args.get("where") is not None and args.get("filter") is not None:
        raise FieldRefusal("Only one filtering argument (filter or where) can be specified.", "GraphQLError")
    size, is_last = page_size(args, "orders")
    sort = args.get("sortBy") or {"field": "NUMBER", "direction": "DESC"}
    stamp, backwards = STAMPS[sort["field"]], (sort["direction"] == "DESC") != is_last
    mark = read_cursor(args.get("before" if is_last else "after"))
    wanted = args.get("where") or _as_where(args.get("filter") or {})
    since, until = _window(wanted, "updatedAt" if stamp == "changed_ms" else "createdAt")
    hits: list[Sale] = []
    more, at_once = True, MANY if wanted.get("events") else size + 1
    while more and len(hits) <= size:
        found = _chunk(shop, stamp, since, until, mark, backwards, at_once)
        hits += [sale for sale in found if fits(shop, sale, wanted)]
        more = len(found) >= at_once
        mark = (found[-1].doc[stamp], found[-1].number) if found else mark
    total = sum(1 for sale in shop.market.shelves.sales() if fits(shop, sale, wanted))
    shown = list(reversed(hits[:size])) if is_last else hits[:size]
    marks = [write_cursor(sale.doc[stamp], sale.number) for sale in shown]
    came = args.get("after") is not None or args.get("before") is not None
    ends = (came, len(hits) > size) if is_last else (len(hits) > size, came)
    return Page([order_document(shop, sale) for sale in shown], marks, ends[0], ends[1], total)


def _chunk(shop: Shop, stamp: str, since: int, until: int, mark: tuple[Any, str] | None, backwards: bool,
           limit: int) -> list[Sale]:  # fmt: skip
    sign = "<" if backwards else ">"
    where = "1" if mark is None else f"({stamp} {sign} ? or ({stamp} = ? and number {sign} ?))"
    values = () if mark is None else (mark[0], mark[0], mark[1])
    rows = shop.market.shelves.list_sales(stamp, since, until, 0, limit, newest_first=backwards, where=where, args=values)
    return list(rows.found)


def _window(wanted: Args, name: str) -> tuple[int, int]:
    held = wanted.get(name) or {}
    low, high = held.get("gte"), held.get("lte")
    return millis(low) if low else 0, millis(high) if high else FOREVER


def _as_where(told: Args) -> Doc:
    """The older `filter` in the words of `where`."""
    found: Doc = {"updatedAt": told.get("updatedAt"), "ids": told.get("ids")}
    if (created := told.get("created")) is not None:
        low, high = created.get("gte"), created.get("lte")
        end = f"{high}T23:59:59.999+00:00" if high else None
        found["createdAt"] = {"gte": f"{low}T00:00:00+00:00" if low else None, "lte": end}
    if told.get("status"):
        words = {part for word in told["status"] for part in (READY if word.startswith("READY") else (word,))}
        found["status"] = {"oneOf": sorted(words)}
    for old, new in (("chargeStatus", "chargeStatus"), ("authorizeStatus", "authorizeStatus")):
        if told.get(old):
            found[new] = {"oneOf": told[old]}
    if told.get("numbers"):
        found["number"] = {"oneOf": [int(text) for text in told["numbers"] if text.isdigit()]}
    return found


def fits(shop: Shop, sale: Sale, wanted: Args) -> bool:
    """Whether an order is one that `where` asks for."""
    doc = sale.doc
    times = (("updatedAt", "changed_ms"), ("createdAt", "created_ms"))
    if not all(_within(doc[stamp], wanted.get(name)) for name, stamp in times):
        return False
    if wanted.get("ids") is not None and sale.number not in wanted["ids"]:
        return False
    if not all(_is(value, wanted.get(name)) for name, value in _facts(shop, sale, wanted)):
        return False
    if wanted.get("hasFulfillments") is not None and wanted["hasFulfillments"] != bool(doc["fulfillments"]):
        return False
    if wanted.get("isClickAndCollect") is not None and wanted["isClickAndCollect"] != (doc["kind"] == "pickup"):
        return False
    if not all(_has_event(doc, told) for told in wanted.get("events") or ()):
        return False
    if not all(fits(shop, sale, part) for part in wanted.get("AND") or ()):
        return False
    return not wanted.get("OR") or any(fits(shop, sale, part) for part in wanted["OR"])


def _facts(shop: Shop, sale: Sale, wanted: Args) -> list[tuple[str, Any]]:
    doc, granted = sale.doc, 0
    if wanted.get("chargeStatus") or wanted.get("authorizeStatus"):
        cases = payments.grants(shop.market.shelves.cases_of(sale.number))
        granted = sum(payments.granted_amount(case) for case in cases)
    return [("number", doc["serial"]), ("status", books.order_status(doc)), ("userEmail", email(doc)),
            ("channelId", CHANNEL_ID), ("chargeStatus", books.charge_status(doc, granted)),
            ("authorizeStatus", books.authorize_status(doc, granted))]  # fmt: skip


def _is(value: Any, told: Args | None) -> bool:
    if not told:
        return True
    span = told.get("range") or {}
    return (
        (told.get("eq") is None or told["eq"] == value)
        and (told.get("oneOf") is None or value in told["oneOf"])
        and (span.get("gte") is None or value >= span["gte"])
        and (span.get("lte") is None or value <= span["lte"])
    )


def _has_event(doc: Doc, told: Args) -> bool:
    """Whether one event has the time and the type that are asked for."""
    return any(_within(one["at_ms"], told.get("date")) and _is(one["type"], told.get("type")) for one in doc["notes"])


def _within(ms: int, told: Args | None) -> bool:
    low, high = _window({"x": told}, "x")
    return low <= ms <= high


def variants(shop: Shop, args: Args) -> Page:
    """Variants of all products by ids, SKU or words."""
    told = args.get("where") or {}
    skus = (args.get("filter") or {}).get("sku")
    words = str(args.get("search") or (args.get("filter") or {}).get("search") or "").lower()
    rows = [
        item for item in shop.items()
        if _is(item["code"], told.get("sku")) and (skus is None or item["code"] in skus)
        and words in f"{item['code']} {item['title']}".lower()
        and goods.variant_id(item) in (args.get("ids") or told.get("ids") or [goods.variant_id(item)])
    ]  # fmt: skip
    return page_of(rows, args, "productVariants", lambda item: goods.variant(shop, item))


def page_of(rows: Sequence[Any], args: Args, field: str, make: Any) -> Page:
    """A page of rows that are all at hand."""
    size, is_last = page_size(args, field)
    mark = read_cursor(args.get("before" if is_last else "after"))
    place = int(mark[0]) if mark else None
    if is_last:
        end = len(rows) if place is None else place
        start = max(0, end - size)
    else:
        start = 0 if place is None else place + 1
        end = min(len(rows), start + size)
    marks = [write_cursor(n, "") for n in range(start, end)]
    return Page([make(row) for row in rows[start:end]], marks, end < len(rows), start > 0, len(rows))


def page_size(args: Args, field: str) -> tuple[int, bool]:
    """(rows, whether the last ones) that a connection is asked for."""
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise FieldRefusal(f"You must provide a `first` or `last` value to properly paginate the `{field}` connection.",
                           "GraphQLError")  # fmt: skip
    name, size = ("first", int(first)) if first is not None else ("last", int(last or 0))
    if size <= 0:
        raise FieldRefusal(f"The `{name}` value must be a positive number.", "GraphQLError")
    if size > LARGEST:
        raise FieldRefusal(f"Requesting {size} records on the `{field}` connection exceeds the `{name}` limit of"
                           f" {LARGEST} records.", "GraphQLError")  # fmt: skip
    return size, first is None


def write_cursor(value: Any, key: str) -> str:
    return base64.b64encode(json.dumps([str(value), key]).encode()).decode()


def read_cursor(cursor: str | None) -> tuple[Any, str] | None:
    """The place that a cursor stands for."""
    if cursor is None:
        return None
    try:
        value, key = json.loads(base64.b64decode(cursor, validate=True))
        return int(value), str(key)
    except (ValueError, TypeError):
        raise FieldRefusal("Received cursor is invalid.", "GraphQLError") from None
