"""The calls about orders and cases: which lists there are, and the documents read one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from connectors.contract.errors import Refused, Retryable
from connectors.contract.notices import Receipt
from connectors.contract.records import CreatedPage, ListedOrder, RawDocument, Reference
from connectors.marketplaces.medusa import cases, codes
from connectors.marketplaces.medusa.client import Admin
from connectors.marketplaces.medusa.orders import changed_at
from connectors.marketplaces.medusa.reading import Json, moment, needed, part, required, rows, text, units
from connectors.marketplaces.medusa.windows import Listing, stamped, written

_CREATED_PAGE = 200


def order_lists(channel: str) -> tuple[Listing, ...]:
    """Orders changed, then payments changed; `channel` is the one sales channel wanted, empty for all."""

    def paid_for(payment: Json, _: datetime, start: datetime) -> Reference | None:
        order = part(part(payment, "payment_collection"), "order")
        if not order.get("id") or (channel and text(order, "sales_channel_id") != channel):
            return None
        # An order that changed in this window or later comes by its own list, with its payments.
        changed = moment(order, "updated_at")
        return None if changed and changed >= start else stamped(payment, text(order, "id"))

    return (
        Listing("orders", "orders", codes.ORDER_FIELDS, _listed, filters=_of_channel(channel)),
        Listing("payments", "payments", codes.PAYMENT_FIELDS, paid_for, optional=True),
    )


#: Returns, which exchanges have too, then claims that no goods come back for.
CASE_LISTS = (
    Listing("returns", "returns", "id,updated_at", lambda row, *_: stamped(row, required(row, "id"))),
    Listing(
        "claims",
        "claims",
        "id,return_id,updated_at",
        lambda row, *_: None if row.get("return_id") else stamped(row, required(row, "id")),
        optional=True,
    ),
)


def get_order(admin: Admin, order_no: str, now: datetime) -> RawDocument:
    """An order's document, as the list gives it."""
    order = part(admin.read(f"orders/{_segment(order_no)}", fields=codes.ORDER_FIELDS), "order")
    if order.get("id") != order_no:
        raise Retryable("the store answered with another document", code="not-an-answer")
    return _document(order, now)


def get_case(admin: Admin, case_no: str, now: datetime) -> RawDocument:
    """A case's document: the return or claim, its exchange, and of its order what prices it."""
    body = read_case(admin, case_no)
    return RawDocument("case", case_no, orjson.dumps(body), now, cases.case_changed_at(body))


def read_case(admin: Admin, case_no: str) -> dict[str, Any]:
    """`{"return" | "claim": …, "order": …, "exchange": …}`; Medusa answers a return's order under no field of it."""
    name, path = ("claim", "claims") if case_no.startswith("claim_") else ("return", "returns")
    wanted = {"fields": codes.RETURN_FIELDS} if name == "return" else {}
    case = part(admin.query(f"{path}/{_segment(case_no)}", wanted), name)
    if case.get("id") != case_no:
        raise Retryable("the store answered with another document", code="not-an-answer")
    order = admin.read(f"orders/{_segment(required(case, 'order_id'))}", fields=codes.CASE_ORDER_FIELDS)
    body: dict[str, Any] = {name: case, "order": part(order, "order")}
    exchange = text(case, "exchange_id")
    if exchange:
        body["exchange"] = part(admin.read(f"exchanges/{_segment(exchange)}"), "exchange")
    return body


def list_created(admin: Admin, channel: str, since: datetime, until: datetime, cursor: str) -> CreatedPage:
    """Orders by time of creation, which never changes, so that rows keep their places."""
    offset = int(cursor) if cursor.isdecimal() else 0
    answer = _ask_created(admin, channel, since, until, offset, _CREATED_PAGE)
    found = tuple(
        ListedOrder(required(row, "id"), needed(row, "created_at"), moment(row, "updated_at"))
        for row in rows(answer, "orders")
    )
    following = offset + len(found)
    return CreatedPage(str(following), bool(found) and following < units(answer, "count"), found)


def count_orders(admin: Admin, channel: str, since: datetime, until: datetime) -> int:
    """How many orders were created in a window."""
    return units(_ask_created(admin, channel, since, until, 0, 1), "count")


def cancel_order(admin: Admin, order_no: str) -> Receipt:
    """Cancel; Medusa gives authorised and captured money back by itself, and refuses once a fulfilment stands."""
    try:
        admin.write(f"orders/{_segment(order_no)}/cancel", {})
    except Refused:
        order = part(admin.read(f"orders/{_segment(order_no)}", fields="id,status"), "order")
        if order.get("status") != "canceled":
            raise
        return Receipt(order_no, "the store had cancelled it already")
    return Receipt(order_no)


def _ask_created(admin: Admin, channel: str, since: datetime, until: datetime, offset: int, limit: int) -> Json:
    window = {"created_at[$gte]": written(since), "created_at[$lt]": written(until)}
    paging = {"order": "created_at", "limit": str(limit), "offset": str(offset), "fields": "id,created_at,updated_at"}
    return admin.query("orders", dict(_of_channel(channel)) | window | paging)


def _of_channel(channel: str) -> tuple[tuple[str, str], ...]:
    return (("sales_channel_id[]", channel),) if channel else ()


def _listed(order: Json, now: datetime, _: datetime) -> RawDocument:
    return _document(order, now)


def _document(order: Json, now: datetime) -> RawDocument:
    return RawDocument("order", required(order, "id"), orjson.dumps(order), now, changed_at(order))


def _segment(number: str) -> str:
    """An id as a part of a path; Medusa's are letters, digits and underscores."""
    if not number.replace("_", "").replace("-", "").isalnum():
        raise Refused("this is not a number of Medusa's")
    return number
