"""One call of the Admin API: its parameters, who makes it, its answer or refusal. No endpoint's own work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.medusa.fields import chosen, wanted
from connectors.sandbox.medusa.params import Listing
from connectors.sandbox.medusa.refusal import Refusal, Unauthorized, invalid, not_found
from connectors.sandbox.medusa.shop import Shop
from connectors.sandbox.medusa.signin import check_key

ADMIN = "/admin"
Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """What an endpoint gets: the shop, query and body, and the parts of the path."""

    shop: Shop
    query: Mapping[str, list[str]]
    body: Mapping[str, Any]
    args: Mapping[str, Any]

    @property
    def fields(self) -> str:
        return ",".join(self.query.get("fields", ()))

    def sale(self, number: str | None = None) -> Sale:
        """The order that the path (or the argument) names."""
        wanted_number = number or str(self.args["id"])
        sale = self.shop.market.shelves.sale(wanted_number)
        if sale is None:
            raise not_found("Order", wanted_number)
        return sale

    def case(self) -> Case:
        """The return that the path names."""
        number = str(self.args["id"])
        case = self.shop.market.shelves.case(number)
        if case is None or case.doc["kind"] == "refund":
            raise not_found("Return", number)
        return case


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route; `name` is what faults and counters call it."""

    name: str
    method: str
    path: str
    work: Callable[[Ask], Response]


def make_call(shop: Shop, api_key: str, endpoint: Endpoint, request: Request, args: Mapping[str, Any]) -> Call:
    """Answer one call as the store would, a refusal included."""
    query = {name: list(values) for name, values in request.args.lists()}
    with shop.market.storage.write():
        # A refusal is an answer and no accident: what the ledger noted of it stays.
        try:
            check_key(request, api_key)
            return Call(endpoint.work(Ask(shop, query, _body(request), args)))
        except Refusal as refusal:
            return Call(refusal.response(), f"error {refusal.kind}")


def paged(name: str, listing: Listing, documents: list[Doc], total: int) -> Response:
    """A page of a list with its place in the whole."""
    return json_answer({name: documents, "count": total, "offset": listing.offset, "limit": listing.limit})


def narrowed(ask: Ask, doc: Doc, defaults: Iterable[str]) -> Doc:
    """The fields of a document that the call asks for."""
    return chosen(doc, wanted(ask.fields, defaults))


def no_route(method: str, path: str) -> Response:
    """What the web server says to an address that nobody listens on."""
    head = '<html lang="en"><head><title>Error</title></head>'
    page = f"<!DOCTYPE html>\n{head}<body><pre>Cannot {method} {path}</pre></body></html>"
    return Response(page, status=404, content_type="text/html; charset=utf-8")


def nobody() -> Response:
    return Unauthorized().response()


def _body(request: Request) -> Doc:
    if request.method in ("GET", "DELETE") or not request.get_data():
        return {}
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        raise invalid(str(error)) from None
    if not isinstance(body, dict):
        raise invalid(f"Invalid request: Expected type: 'object', got: '{type(body).__name__}'")
    return body
