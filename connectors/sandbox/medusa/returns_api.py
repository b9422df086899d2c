"""The calls about returns and exchanges: list, look up, begin, request, receive, call off."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit import json_answer
from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.kit.market.store import Rows
from connectors.sandbox.medusa import returning
from connectors.sandbox.medusa.documents import shown_order
from connectors.sandbox.medusa.gateway import ADMIN, Ask, Endpoint, narrowed, paged
from connectors.sandbox.medusa.orders_api import check_alive
from connectors.sandbox.medusa.params import STAMPS, Listing, check_body, check_items, listing_from, values_of
from connectors.sandbox.medusa.parcels import done_num
from connectors.sandbox.medusa.refusal import Refusal, invalid, not_found
from connectors.sandbox.medusa.return_docs import (
    EXCHANGE,
    RETURN,
    exchange_document,
    exchange_of,
    return_document,
    status_of,
)

Doc = dict[str, Any]
PATH = f"{ADMIN}/returns"
ONE = f"{PATH}/<id>"
STATUSES = ("open", "requested", "received", "partially_received", "canceled")


def list_returns(ask: Ask) -> Response:
    listing = listing_from(ask.query)
    rows = _rows(ask, listing, "kind <> 'refund'")
    found = [narrowed(ask, return_document(ask.shop, _sale(ask, case), case), RETURN) for case in rows.found]
    return paged("returns", listing, found, rows.total)


def get_return(ask: Ask) -> Response:
    case = ask.case()
    doc = return_document(ask.shop, _sale(ask, case), case)
    return json_answer({"return": narrowed(ask, doc, (*RETURN, "*items", "items.reason", "items.item"))})


def begin_return(ask: Ask) -> Response:
    check_body(ask.body, {"order_id": "string"}, {
        "location_id": "string", "description": "string", "internal_note": "string", "no_notification": "boolean",
        "metadata": "object", "claim_id": "string", "exchange_id": "string",
    })  # fmt: skip
    sale = ask.sale(str(ask.body["order_id"]))
    check_alive(sale.doc)
    _check_free(sale)
    serial = ask.shop.market.storage.next_number("case", 1)
    case = returning.open_draft(ask.shop, sale, ask.shop.market.case_number(serial))
    doc = narrowed(ask, return_document(ask.shop, sale, case), RETURN)
    return json_answer({"order": shown_order(ask.shop, sale, ""), "return": doc})


def request_items(ask: Ask) -> Response:
    case, sale = _changing(ask, "return_request")
    check_body(ask.body, {"items": "array"}, {})
    lines = {line["no"]: line for line in sale.lines}
    items = check_items(ask.body, {"reason_id": "string", "note": "string", "description": "string",
                                   "internal_note": "string", "metadata": "object"})  # fmt: skip
    _check_lines(sale, items)
    for item in items:
        asked = done_num(sale.doc, item["id"], "requested") + done_num(sale.doc, item["id"], "returned")
        if item["quantity"] > lines[item["id"]]["shipped_num"] - asked:
            words = f"Cannot request to return more items than what was fulfilled for item {item['id']}."
            raise invalid(words)
    sale.doc["change"]["items"] += items
    ask.shop.save_quietly(sale)
    return _preview(ask, case)


def request_return(ask: Ask) -> Response:
    case, sale = _changing(ask, "return_request")
    check_body(ask.body, {}, {"no_notification": "boolean"})
    if not sale.doc["change"]["items"]:
        raise invalid(f"Order Return request should have at least 1 item: {case.number}")
    returning.request(ask.shop, sale, case)
    return _preview(ask, case)


def drop_draft(ask: Ask) -> Response:
    case, sale = _changing(ask, "return_request")
    returning.end_change(ask.shop, sale)
    ask.shop.market.storage.execute("delete from sale_case where number = ?", (case.number,))
    return json_answer({"id": case.number, "object": "return", "deleted": True})


def begin_receiving(ask: Ask) -> Response:
    case = ask.case()
    sale = _sale(ask, case)
    _check_running(case)
    _check_free(sale)
    returning.begin_change(ask.shop, sale, "return_receive", case.number)
    return json_answer({"order": shown_order(ask.shop, sale, ""), **_told(ask, case)})


def receive_items(ask: Ask) -> Response:
    return _take(ask, "items")


def dismiss_items(ask: Ask) -> Response:
    return _take(ask, "dismissed")


def confirm_receiving(ask: Ask) -> Response:
    case, sale = _changing(ask, "return_receive")
    if not sale.doc["change"]["items"] and not sale.doc["change"]["dismissed"]:
        raise invalid("Order Return should have at least 1 item received")
    returning.receive(ask.shop, sale, case)
    return _preview(ask, case)


def drop_receiving(ask: Ask) -> Response:
    case, sale = _changing(ask, "return_receive")
    returning.end_change(ask.shop, sale)
    return json_answer({"id": case.number, "object": "return", "deleted": True})


def cancel_return(ask: Ask) -> Response:
    case = ask.case()
    _cancel(ask, case)
    return json_answer({})


def list_exchanges(ask: Ask) -> Response:
    listing = listing_from(ask.query)
    rows = _rows(ask, listing, "kind = 'exchange'")
    found = [narrowed(ask, exchange_document(_sale(ask, case), case), EXCHANGE) for case in rows.found]
    return paged("exchanges", listing, found, rows.total)


def get_exchange(ask: Ask) -> Response:
    case = _exchange(ask)
    doc = exchange_document(_sale(ask, case), case)
    return json_answer({"exchange": narrowed(ask, doc, (*EXCHANGE, "*additional_items"))})


def cancel_exchange(ask: Ask) -> Response:
    case = _exchange(ask)
    _cancel(ask, case)
    return json_answer({"exchange": exchange_document(_sale(ask, case), ask.shop.market.find_case(case.number))})


def _take(ask: Ask, name: str) -> Response:
    case, sale = _changing(ask, "return_receive")
    check_body(ask.body, {"items": "array"}, {})
    items = check_items(ask.body, {"description": "string", "internal_note": "string"})
    _check_lines(sale, items)
    change = sale.doc["change"]
    for item in items:
        part = next((part for part in case.doc["lines"] if part["no"] == item["id"]), None)
        taken = sum(i["quantity"] for i in (*change["items"], *change["dismissed"]) if i["id"] == item["id"])
        if part is None or item["quantity"] > part["num"] - part.get("received", 0) - taken:
            words = f"Cannot receive more items than what was requested to be returned for item {item['id']}."
            raise invalid(words)
    change[name] += items
    ask.shop.save_quietly(sale)
    return _preview(ask, case)


def _cancel(ask: Ask, case: Case) -> None:
    sale = _sale(ask, case)
    _check_running(case)
    _check_free(sale)
    if any(part.get("received") for part in case.doc["lines"]):
        raise Refusal("not_allowed", "Can't cancel a return which has returned items")
    returning.cancel(ask.shop, sale, case)


def _rows(ask: Ask, listing: Listing, where: str) -> Rows:
    by_change = listing.order == "updated_at"
    main, other = ("updated_at", "created_at") if by_change else ("created_at", "updated_at")
    where, values = f"{where} and {STAMPS[other]} between ? and ?", list[Any](listing.windows[other])
    for name, column in (("id", "number"), ("order_id", "sale")):
        if found := values_of(ask.query, name):
            where += f" and {column} in ({', '.join('?' * len(found))})"
            values += [value.replace("oexc_", "return_") for value in found]
    if statuses := values_of(ask.query, "status"):
        numbers = [case.number for case in _all(ask, where, values) if status_of(case.doc) in statuses]
        where += f" and number in ({', '.join('?' * len(numbers))})"
        values += numbers
    since, until = listing.windows[main]
    return ask.shop.market.shelves.list_cases(
        STAMPS[main], since, until, listing.offset, listing.limit, newest_first=listing.newest_first, where=where,
        args=values,
    )  # fmt: skip


def _all(ask: Ask, where: str, values: list[Any]) -> list[Case]:
    rows = ask.shop.market.storage.rows(f"select number from sale_case where {where}", values)
    return [ask.shop.market.find_case(row["number"]) for row in rows]


def _changing(ask: Ask, kind: str) -> tuple[Case, Sale]:
    """The return of the path and its order, whose change under way must be about it."""
    case = ask.case()
    _check_running(case)
    sale = _sale(ask, case)
    change = sale.doc["change"] or {}
    if (change.get("kind"), change.get("case")) != (kind, case.number):
        raise invalid("An active Order Change is required to proceed")
    return case, sale


def _check_running(case: Case) -> None:
    if status_of(case.doc) == "canceled":
        raise invalid(f"Return with id {case.number} has been canceled.")


def _check_free(sale: Sale) -> None:
    if sale.doc["change"]:
        raise invalid(f"Order ({sale.number}) already has an existing active order change")


def _check_lines(sale: Sale, items: list[Doc]) -> None:
    known = {line["no"] for line in sale.lines}
    strange = [item["id"] for item in items if item["id"] not in known]
    if strange:
        raise invalid(f"Items with ids {', '.join(strange)} does not exist in order with id {sale.number}.")


def _sale(ask: Ask, case: Case) -> Sale:
    return ask.shop.market.find_sale(case.doc["order"])


def _exchange(ask: Ask) -> Case:
    number = str(ask.args["id"])
    case = ask.shop.market.shelves.case(number.replace("oexc_", "return_"))
    if case is None or exchange_of(case) != number:
        raise not_found("Exchange", number)
    return case


def _told(ask: Ask, case: Case) -> Doc:
    fresh = ask.shop.market.find_case(case.number)
    return {"return": narrowed(ask, return_document(ask.shop, _sale(ask, fresh), fresh), RETURN)}


def _preview(ask: Ask, case: Case) -> Response:
    return json_answer({"order_preview": shown_order(ask.shop, _sale(ask, case), ""), **_told(ask, case)})


ENDPOINTS = (
    Endpoint("returns.list", "GET", PATH, list_returns),
    Endpoint("returns.create", "POST", PATH, begin_return),
    Endpoint("returns.get", "GET", ONE, get_return),
    Endpoint("returns.request_items", "POST", f"{ONE}/request-items", request_items),
    Endpoint("returns.request", "POST", f"{ONE}/request", request_return),
    Endpoint("returns.drop", "DELETE", f"{ONE}/request", drop_draft),
    Endpoint("returns.receive", "POST", f"{ONE}/receive", begin_receiving),
    Endpoint("returns.receive_items", "POST", f"{ONE}/receive-items", receive_items),
    Endpoint("returns.dismiss_items", "POST", f"{ONE}/dismiss-items", dismiss_items),
    Endpoint("returns.confirm", "POST", f"{ONE}/receive/confirm", confirm_receiving),
    Endpoint("returns.drop_receive", "DELETE", f"{ONE}/receive", drop_receiving),
    Endpoint("returns.cancel", "POST", f"{ONE}/cancel", cancel_return),
    Endpoint("exchanges.list", "GET", f"{ADMIN}/exchanges", list_exchanges),
    Endpoint("exchanges.get", "GET", f"{ADMIN}/exchanges/<id>", get_exchange),
    Endpoint("exchanges.cancel", "POST", f"{ADMIN}/exchanges/<id>/cancel", cancel_exchange),
)
