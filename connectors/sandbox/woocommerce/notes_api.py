"""The calls about order notes: the seller's memo is the private ones among them."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market import Sale, write_memo
from connectors.sandbox.woocommerce.gateway import V3, Ask, Endpoint
from connectors.sandbox.woocommerce.params import is_true
from connectors.sandbox.woocommerce.refusal import Refusal, answer

Doc = dict[str, Any]
KIND = "note"
PATH = f"{V3}/orders/<int:order>/notes"


def list_notes(ask: Ask) -> Response:
    sale = _order(ask)
    wanted = ask.query.get("type", "any")
    notes = [*ask.shop.records.of(KIND, sale.number)][::-1]
    if sale.doc["memo"] and all(note["note"] != sale.doc["memo"] for note in notes):
        notes.append({"id": int(sale.number) % 10**9, "author": "shop_manager", "note": sale.doc["memo"],
                      "customer_note": False, "at_ms": sale.doc["created_ms"]})  # fmt: skip
    shown = {"any": (True, False), "customer": (True,), "internal": (False,)}.get(wanted, (True, False))
    return answer([_shown(ask, note) for note in notes if note["customer_note"] in shown])


def create_note(ask: Ask) -> Response:
    sale = _order(ask)
    ask.require("note")
    text, to_customer = str(ask.body["note"]), is_true(ask.body.get("customer_note", False))
    with ask.shop.market.storage.write():
        if not to_customer:
            write_memo(ask.shop.market, sale.number, text, None)
        note = ask.shop.records.add(KIND, sale.number, {
            "author": "REST", "note": text, "customer_note": to_customer, "at_ms": ask.shop.market.now_ms(),
        })  # fmt: skip
    return answer(_shown(ask, note), 201)


def delete_note(ask: Ask) -> Response:
    sale = _order(ask)
    note = ask.shop.records.find(KIND, ask.number(), sale.number)
    if note is None:
        raise Refusal(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
    ask.shop.records.remove(KIND, note["id"])
    return answer(_shown(ask, note))


def _order(ask: Ask) -> Sale:
    sale = ask.shop.find_sale(str(ask.number("order")))
    if sale is None:
        raise Refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
    return sale


def _shown(ask: Ask, note: Doc) -> Doc:
    told = {name: value for name, value in note.items() if name != "at_ms"}
    return {**told, **ask.shop.dates("date_created", note["at_ms"])}


ENDPOINTS = (
    Endpoint("notes.list", ("GET",), PATH, list_notes),
    Endpoint("notes.create", ("POST",), PATH, create_note),
    Endpoint("notes.delete", ("DELETE",), f"{PATH}/<int:id>", delete_note),
)
