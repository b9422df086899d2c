"""The calls about orders: list, look up, metadata and address, cancel, complete, archive."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit import json_answer
from connectors.sandbox.kit.market import NotAllowed, stop
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.store import Rows
from connectors.sandbox.medusa.booking import pay_all_back
from connectors.sandbox.medusa.documents import shown_order
from connectors.sandbox.medusa.gateway import ADMIN, Ask, Endpoint, paged
from connectors.sandbox.medusa.params import STAMPS, Listing, check_body, listing_from, values_of
from connectors.sandbox.medusa.parcels import live
from connectors.sandbox.medusa.refusal import Refusal, broken, invalid
from connectors.sandbox.medusa.status import STATUS_SQL, STATUSES

ADDRESS = ("first_name", "last_name", "phone", "company", "address_1", "address_2", "city", "country_code", "province",
           "postal_code")  # fmt: skip


def list_orders(ask: Ask) -> Response:
    listing = listing_from(ask.query)
    rows = listed_sales(ask, listing, *_condition(ask))
    return paged("orders", listing, [shown_order(ask.shop, sale, ask.fields, listed=True) for sale in rows.found],
                 rows.total)  # fmt: skip


def get_order(ask: Ask) -> Response:
    return json_answer({"order": shown_order(ask.shop, ask.sale(), ask.fields)})


def update_order(ask: Ask) -> Response:
    sale = ask.sale()
    check_body(ask.body, {}, {"metadata": "object", "shipping_address": "object", "billing_address": "object",
                              "email": "string"})  # fmt: skip
    for name, value in (ask.body.get("metadata") or {}).items():
        _write(sale.doc, ask.shop.setup.note_key, str(name), value)
    address = ask.body.get("shipping_address") or {}
    if address:
        _move(sale.doc, address)
    ask.shop.market.changed(sale, "address" if address else "memo")
    return get_order(ask)


def cancel_order(ask: Ask) -> Response:
    sale = ask.sale()
    check_alive(sale.doc)
    if live(sale.doc):
        raise Refusal("not_allowed", "All fulfillments must be canceled before canceling an order")
    try:
        stop(ask.shop.market, sale.number, "seller")
    except NotAllowed as error:
        raise Refusal("not_allowed", str(error)) from None
    pay_all_back(ask.shop, sale.number, "order canceled")
    return get_order(ask)


def complete_order(ask: Ask) -> Response:
    sale = ask.sale()
    check_alive(sale.doc)
    if sale.doc["status"] == "shipped":
        act(ask.shop.market, sale.number, "finish", {})
    else:
        sale.doc["shown"] = "completed"
        ask.shop.market.changed(sale, "completed")
    return get_order(ask)


def archive_order(ask: Ask) -> Response:
    sale = ask.sale()
    sale.doc["shown"] = "archived"
    ask.shop.market.changed(sale, "archived")
    return get_order(ask)


def check_alive(doc: dict[str, Any]) -> None:
    """Refuse to change a cancelled order."""
    if doc["status"] == "cancelled":
        raise invalid(f"Order with id {doc['number']} has been canceled.")


def listed_sales(ask: Ask, listing: Listing, where: str, values: list[Any]) -> Rows:
    """Sales of a page, sorted by one stamp and bounded by both; order by id is the order of creation."""
    by_change = listing.order == "updated_at"
    main, other = ("updated_at", "created_at") if by_change else ("created_at", "updated_at")
    if other in listing.windows:
        where, values = f"{where} and {STAMPS[other]} between ? and ?", [*values, *listing.windows[other]]
    since, until = listing.windows[main]
    return ask.shop.market.shelves.list_sales(
        STAMPS[main], since, until, listing.offset, listing.limit, newest_first=listing.newest_first, where=where,
        args=values,
    )  # fmt: skip


def _condition(ask: Ask) -> tuple[str, list[Any]]:
    """Drafts are never listed; filters that the platform does not know change nothing."""
    where, values = ["kind <> 'draft'"], list[Any]()
    statuses = values_of(ask.query, "status")
    if any(status not in STATUSES for status in statuses):
        raise broken()
    for name, found in (("number", values_of(ask.query, "id")), (f"({STATUS_SQL})", statuses)):
        if found:
            where.append(f"{name} in ({', '.join('?' * len(found))})")
            values += found
    channels = values_of(ask.query, "sales_channel_id")
    if channels and ask.shop.sales_channel not in channels:
        where.append("0")
    return " and ".join(where), values


def _write(doc: dict[str, Any], note_key: str, name: str, value: Any) -> None:
    """One key of the metadata: an empty text takes it away. What is called a memo is the ledger's memo."""
    if name == note_key:
        doc["message"] = str(value)
    elif value == "":
        doc["meta"].pop(name, None)
    else:
        doc["meta"] = {**doc["meta"], name: value}
    doc["memo"] = "\n".join(str(text) for key, text in doc["meta"].items() if "memo" in key)


def _move(doc: dict[str, Any], address: dict[str, Any]) -> None:
    check_body(address, {}, dict.fromkeys((*ADDRESS, "id"), "string") | {"metadata": "object"}, "shipping_address, ")
    name = f"{address.get('last_name') or ''}{address.get('first_name') or ''}"
    told = {"name": name, "mobile": address.get("phone"), "address": address.get("address_1"), "district": "", "town": "",
            "city": address.get("city"), "state": address.get("province"), "zip": address.get("postal_code")}  # fmt: skip
    doc["receiver"] = {**doc["receiver"], **{key: value for key, value in told.items() if value is not None}}
    doc["address_changed"] = True


ENDPOINTS = (
    Endpoint("orders.list", "GET", f"{ADMIN}/orders", list_orders),
    Endpoint("orders.get", "GET", f"{ADMIN}/orders/<id>", get_order),
    Endpoint("orders.update", "POST", f"{ADMIN}/orders/<id>", update_order),
    Endpoint("orders.cancel", "POST", f"{ADMIN}/orders/<id>/cancel", cancel_order),
    Endpoint("orders.complete", "POST", f"{ADMIN}/orders/<id>/complete", complete_order),
    Endpoint("orders.archive", "POST", f"{ADMIN}/orders/<id>/archive", archive_order),
)
