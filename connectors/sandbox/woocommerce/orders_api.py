"""The calls about orders: list, look up, change, trash. What a change does to the sale is in `changes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market import Sale
from connectors.sandbox.woocommerce.changes import change_order, trash_order
from connectors.sandbox.woocommerce.documents import order_document
from connectors.sandbox.woocommerce.gateway import EDIT, V3, Ask, Endpoint, paged
from connectors.sandbox.woocommerce.params import Listing, Window, chosen_ids, is_true, listing_from
from connectors.sandbox.woocommerce.refusal import Refusal, answer, bad_params, invalid_id
from connectors.sandbox.woocommerce.shop import Shop
from connectors.sandbox.woocommerce.spoil import as_shown
from connectors.sandbox.woocommerce.status import NOT_DELETED_SQL, STATUS_SQL, STATUSES

LISTED = ("any", "trash", *STATUSES)


def shown_order(shop: Shop, sale: Sale, places: int = 2) -> dict[str, Any]:
    """An order as the platform answers it, its damage included."""
    return as_shown(order_document(shop, sale, places), sale.spoil)


def order_for(ask: Ask, status: int = 404, name: str = "id") -> Sale:
    """The order that the address names; a look-up of none is answered with 404, a change with 400."""
    sale = ask.shop.find_sale(str(ask.number(name)))
    if sale is None:
        raise invalid_id("shop_order", status)
    return sale


def list_orders(ask: Ask) -> Response:
    listing = listing_from(ask.query, ask.shop.utc_offset)
    where, values = _condition(ask.query)
    rows = _rows(ask.shop, listing, where, values)
    return paged(ask, listing, [shown_order(ask.shop, sale, ask.places) for sale in rows.found], rows.total)


def get_order(ask: Ask) -> Response:
    return answer(shown_order(ask.shop, order_for(ask), ask.places))


def update_order(ask: Ask) -> Response:
    sale = order_for(ask, 400)
    status = ask.body.get("status")
    if status is not None and status not in STATUSES:
        raise bad_params({"status": f"status is not one of auto-draft, {', '.join(STATUSES)}."})
    change_order(ask.shop, sale.number, ask.body)
    return answer(shown_order(ask.shop, order_for(ask), ask.places))


def delete_order(ask: Ask) -> Response:
    sale = order_for(ask)
    force = is_true(ask.query.get("force", ask.body.get("force", False)))
    before = shown_order(ask.shop, sale, ask.places)
    if not force and sale.doc.get("trashed"):
        raise Refusal(410, "woocommerce_rest_already_trashed", "The shop_order has already been deleted.")
    trash_order(ask.shop, sale.number, force=force)
    return answer(before if force else {**before, "status": "trash"})


def _rows(shop: Shop, listing: Listing, where: str, values: list[Any]) -> Any:
    by_change = listing.orderby == "modified"
    main, other = (listing.changed, listing.created) if by_change else (listing.created, listing.changed)
    stamp, second = ("changed_ms", "created_ms") if by_change else ("created_ms", "changed_ms")
    if other != Window():
        where, values = f"{where} and {second} between ? and ?", [*values, other.since_ms, other.until_ms]
    return shop.market.shelves.list_sales(
        stamp, main.since_ms, main.until_ms, listing.offset, listing.per_page,
        newest_first=listing.newest_first, where=where, args=values,
    )  # fmt: skip


def _condition(query: Mapping[str, str]) -> tuple[str, list[Any]]:
    statuses = [status.strip() for status in query.get("status", "any").split(",")]
    wrong = [n for n, status in enumerate(statuses) if status not in LISTED]
    if wrong:
        raise bad_params({"status": f"status[{wrong[0]}] is not one of {', '.join(LISTED)}."})
    where, values = [NOT_DELETED_SQL], list[Any]()
    if "any" in statuses:
        where.append(f"{STATUS_SQL} <> 'trash'")
    else:
        where.append(f"{STATUS_SQL} in ({_marks(statuses)})")
        values += statuses
    for name, operator in (("include", "in"), ("exclude", "not in")):
        if ids := chosen_ids(query, name):
            where.append(f"number {operator} ({_marks(ids)})")
            values += ids
    return " and ".join(where), values


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


ENDPOINTS = (
    Endpoint("orders.list", ("GET",), f"{V3}/orders", list_orders),
    Endpoint("orders.get", ("GET",), f"{V3}/orders/<int:id>", get_order),
    Endpoint("orders.update", EDIT, f"{V3}/orders/<int:id>", update_order),
    Endpoint("orders.delete", ("DELETE",), f"{V3}/orders/<int:id>", delete_order),
)
