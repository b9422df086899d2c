"""Order fulfillments, the core feature of WooCommerce 10: parcels with their lines. Off by a setting: no route."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.model import line_of, open_num, status_after
from connectors.sandbox.kit.market.selling import change_waybill
from connectors.sandbox.woocommerce.gateway import EDIT, V3, Ask, Endpoint
from connectors.sandbox.woocommerce.refusal import Refusal, answer, no_route

Doc = dict[str, Any]
KIND = "fulfillment"
COMPANY_KEYS = ("_shipping_provider", "_shipment_provider")
PATH = f"{V3}/orders/<int:order>/fulfillments"


def list_fulfillments(ask: Ask) -> Response:
    sale = _order(ask)
    return answer([_shown(doc) for doc in ask.shop.records.of(KIND, sale.number) if not doc["date_deleted"]])


def get_fulfillment(ask: Ask) -> Response:
    return answer(_shown(_find(ask, _order(ask))))


def create_fulfillment(ask: Ask) -> Response:
    with ask.shop.market.storage.write():
        sale = _order(ask)
        meta = _meta(ask, _with_id(ask.body.get("meta_data")))
        items = _items(sale, meta)
        status = _status(ask.body)
        doc = {
            "entity_type": "WC_Order", "entity_id": sale.number, "status": status, "is_fulfilled": status == "fulfilled",
            "date_updated": _now(ask), "date_deleted": None, "meta_data": meta, "shipment": 0,
        }  # fmt: skip
        if ask.shop.setup.strict_fulfillments:
            _check_open(ask, sale, items, meta)
        doc["shipment"] = _ship(ask, sale, items, meta) if doc["is_fulfilled"] else 0
        _stamp(ask, doc)
        kept = ask.shop.records.add(KIND, sale.number, doc)
    return answer(_shown(kept), 201)


def update_fulfillment(ask: Ask) -> Response:
    with ask.shop.market.storage.write():
        sale = _order(ask)
        doc = _find(ask, sale)
        meta = _meta(ask, ask.body["meta_data"]) if isinstance(ask.body.get("meta_data"), list) else doc["meta_data"]
        items = _items(sale, meta)
        status = _status({"status": doc["status"], **ask.body})
        doc |= {"meta_data": meta, "status": status, "is_fulfilled": status == "fulfilled", "date_updated": _now(ask)}
        if doc["shipment"]:
            told = (_value(meta, *COMPANY_KEYS), _value(meta, "_tracking_number"))
            doc["shipment"] = change_waybill(ask.shop.market, sale.number, doc["shipment"], *told)
        elif doc["is_fulfilled"]:
            doc["shipment"] = _ship(ask, sale, items, meta)
        _stamp(ask, doc)
        ask.shop.records.save(KIND, doc)
    return answer(_shown(doc))


def delete_fulfillment(ask: Ask) -> Response:
    """A deleted fulfillment stays as a row with its date; its goods are open again."""
    with ask.shop.market.storage.write():
        sale = _order(ask)
        doc = _find(ask, sale)
        if doc["shipment"]:
            _take_back(ask, sale, doc)
        doc["date_deleted"] = _now(ask)
        ask.shop.records.save(KIND, doc)
    return answer({"message": "Fulfillment deleted successfully."})


def _ship(ask: Ask, sale: Sale, items: Mapping[str, int], meta: list[Doc]) -> int:
    """Let the sale know. An order whose state forbids it is fulfilled all the same, as the platform asks no state."""
    company, waybill = _value(meta, *COMPANY_KEYS), _value(meta, "_tracking_number")
    try:
        return ship(ask.shop.market, sale.number, company, waybill, oids=list(items), units=dict(items), kind=KIND)
    except NotAllowed:
        return 0


def _check_open(ask: Ask, sale: Sale, items: Mapping[str, int], meta: list[Doc]) -> None:
    over = [number for number, num in items.items() if num > open_num(line_of(sale.doc, number))]
    if not over:
        return
    company, waybill = _value(meta, *COMPANY_KEYS), _value(meta, "_tracking_number")
    reason = f"line {over[0]} has fewer units left to fulfil"
    raise _Kept((sale.number, list(items), company, waybill, KIND), reason)


class _Kept(Refusal):
    """A refused parcel, which the ledger keeps although the transaction of the call is rolled back."""

    def __init__(self, parcel: tuple[str, list[str], str, str, str], reason: str) -> None:
        super().__init__(400, 0, f"Invalid item: {reason}.")
        self.parcel = parcel
        self.reason = reason


def create_or_keep(ask: Ask) -> Response:
    try:
        return create_fulfillment(ask)
    except _Kept as refused:
        ask.shop.market.shelves.add_shipment(*refused.parcel, reason=refused.reason)
        raise


def _items(sale: Sale, meta: list[Doc]) -> dict[str, int]:
    """Units by line out of `_items`, checked as the data store checks them."""
    items = next((entry["value"] for entry in meta if entry["key"] == "_items"), None)
    if not items:
        raise _invalid("The fulfillment should contain at least one item.")
    if not isinstance(items, list):
        raise _invalid("The fulfillment items should be an array.")
    known = {line["no"] for line in sale.lines}
    found: dict[str, int] = {}
    for item in items:
        number, num = _item(item)
        if number not in known:
            raise _invalid("Invalid item.")
        found[number] = found.get(number, 0) + num
    return found


def _item(item: Any) -> tuple[str, int]:
    """Line and units of an item; numbers given as text are no numbers."""
    number, num = (item.get("item_id"), item.get("qty")) if isinstance(item, dict) else (None, None)
    if type(number) is int and isinstance(num, int | float) and not isinstance(num, bool) and num > 0:
        return str(number), int(num)
    raise _invalid("Invalid item.")


def _meta(ask: Ask, given: Any) -> list[Doc]:
    if not isinstance(given, list):
        return []
    first = ask.shop.market.storage.next_number("woo:fulfillment_meta", 61_001, 50)
    return [{"id": first + n, "key": str(item.get("key")), "value": item.get("value")} for n, item in enumerate(given)]


def _with_id(given: Any) -> list[Any]:
    """A fulfillment is made from entries with an id alone, even if it is 0; the others are passed over."""
    found = given if isinstance(given, list) else []
    return [item for item in found if isinstance(item, dict) and None not in (item.get("id"), item.get("value"))]


def _value(meta: list[Doc], *keys: str) -> str:
    return next((str(entry["value"]) for key in keys for entry in meta if entry["key"] == key and entry["value"]), "")


def _status(body: Mapping[str, Any]) -> str:
    """Only the status decides; one that the shop does not know becomes `unfulfilled`."""
    return "fulfilled" if body.get("status") == "fulfilled" else "unfulfilled"


def _stamp(ask: Ask, doc: Doc) -> None:
    """A fulfilled parcel carries when that was, in its meta."""
    if doc["is_fulfilled"] and not _value(doc["meta_data"], "_date_fulfilled"):
        number = ask.shop.market.storage.next_number("woo:fulfillment_meta", 61_001, 50)
        doc["meta_data"] = [*doc["meta_data"], {"id": number, "key": "_date_fulfilled", "value": _now(ask)}]


def _take_back(ask: Ask, sale: Sale, doc: Doc) -> None:
    items = _items(sale, doc["meta_data"])
    for number, num in items.items():
        line = line_of(sale.doc, number)
        line["shipped_num"] -= min(num, line["shipped_num"])
        line["waybills"] = line["waybills"] if line["shipped_num"] else []
    sale.doc["status"] = "open"
    sale.doc["status"] = status_after(sale.doc)
    ask.shop.market.storage.execute(
        "update shipment set accepted = 0, reason = 'fulfillment deleted' where id = ?", (doc["shipment"],)
    )
    ask.shop.market.changed(sale, "shipped")


def _find(ask: Ask, sale: Sale) -> Doc:
    doc = ask.shop.records.find(KIND, ask.number(), sale.number)
    if doc is None or doc["date_deleted"]:
        raise _invalid("Fulfillment not found.")
    return doc


def _order(ask: Ask) -> Sale:
    if not ask.shop.setup.fulfillments:
        raise no_route()
    sale = ask.shop.find_sale(str(ask.number("order")))
    if sale is None:
        raise Refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
    return sale


def _invalid(message: str) -> Refusal:
    return Refusal(400, 0, message)


def _now(ask: Ask) -> str:
    """The site's own clock as the database keeps it: no zone is told."""
    now = datetime.fromtimestamp(ask.shop.market.now_ms() // 1000, UTC) + ask.shop.utc_offset
    return now.strftime("%Y-%m-%d %H:%M:%S")


def _shown(doc: Doc) -> Doc:
    return {name: value for name, value in doc.items() if name != "shipment"}


ENDPOINTS = (
    Endpoint("fulfillments.list", ("GET",), PATH, list_fulfillments),
    Endpoint("fulfillments.create", ("POST",), PATH, create_or_keep),
    Endpoint("fulfillments.get", ("GET",), f"{PATH}/<int:id>", get_fulfillment),
    Endpoint("fulfillments.update", EDIT, f"{PATH}/<int:id>", update_fulfillment),
    Endpoint("fulfillments.delete", ("DELETE",), f"{PATH}/<int:id>", delete_fulfillment),
)
