"""The lists and details of Suning: which calls give orders and returns, and the documents cut out of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.contract.errors import BadRecord, Refused, Retryable
from connectors.contract.records import ListedOrder, RawDocument
from connectors.marketplaces.suning import cases, codes, orders
from connectors.marketplaces.suning.client import Sop
from connectors.marketplaces.suning.reading import Json, count_of, moment, required, rows, soft_moment

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ListCall:
    """A list call: its method, what it is asked under, what it may answer under, its widest window."""

    method: str
    root: str
    roots: tuple[str, ...]
    widest: timedelta
    asked: Mapping[str, str] = field(default_factory=dict)

    def ask(self, sop: Sop, start: str, end: str, page: int, size: int) -> tuple[int, list[Json]]:
        """How many rows the window has, and those of one page."""
        window = {"startTime": start, "endTime": end, "pageNo": str(page), "pageSize": str(size)}
        answer = sop.read(self.method, self.root, **window, **self.asked)
        if not answer:
            return 0, []
        found = body_rows(answer, *self.roots)
        head = answer.get("sn_head")
        total = count_of(head, "totalSize") if isinstance(head, dict) else -1
        if total < 0:
            # An answer that does not count is taken to be whole only when it does not fill its page.
            if page == 1 and len(found) < size:
                return len(found), found
            raise Retryable("the platform answered without a count", code="not-an-answer")
        return total, found


def changed_orders(line_status: str = "") -> ListCall:
    """Orders by change, of one line status or of all; some shops may ask for a day at most."""
    asked = {"orderLineStatus": line_status} if line_status else {}
    return ListCall("suning.custom.ord.query", "ordQuery", ("ordQuery", "orderQuery"), timedelta(days=1), asked)


CREATED = ListCall("suning.custom.order.query", "orderQuery", ("orderQuery",), MONTH)
RETURNS = ListCall("suning.custom.batchrejected.query", cases.ROOT, (cases.ROOT,), MONTH)


def body_rows(answer: Mapping[str, Any], *roots: str) -> list[Json]:
    """The rows under the first of `roots` that the answer's body has."""
    body = answer["sn_body"]
    return next((rows(body[root], root) for root in roots if root in body), [])


def get_order(sop: Sop, order_no: str) -> RawDocument:
    """An order's document, read now."""
    return order_document(read_order(sop, order_no), sop.clock())


def read_order(sop: Sop, order_no: str) -> Json:
    """An order as the platform tells it; Refused when it knows no such order."""
    answer = sop.read("suning.custom.order.get", "orderGet", orderCode=order_no)
    if not answer:
        raise Refused("the platform knows no such order", code="no-result")
    found = body_rows(answer, *orders.ROOTS)
    if len(found) != 1 or str(found[0].get("orderCode")) != order_no:
        raise Retryable("the platform answered without the order", code="not-an-answer")
    return found[0]


def order_document(order: Json, now: datetime) -> RawDocument:
    """An order cut out of an answer; lists and details give the same bytes for the same content."""
    number, sold = required(order, "orderCode"), soft_moment(order, "orderSaleTime")
    try:
        changed = orders.changed_at(order, rows(order.get("orderDetail"), "orderDetail"), sold) if sold else None
    except BadRecord:
        changed = sold
    return RawDocument("order", number, orjson.dumps({"orderGet": order}), now, changed)


def case_document(row: Json, now: datetime) -> RawDocument:
    """A return cut out of a list; one without a part of its number is parked by what it has, and stops no other."""
    try:
        number = cases.number_of(row)
    except BadRecord:
        number = "-".join(str(row.get(name) or "") for name in ("orderCode", "orderLineNumber", "productCode"))
    return RawDocument("case", number, orjson.dumps({cases.ROOT: row}), now, soft_moment(row, "applyTime"))


def listed(found: Sequence[Json], reader: codes.Reader) -> tuple[ListedOrder, ...]:
    """Orders as the list by creation tells them; one that cannot be parsed keeps its number and time."""
    return tuple(_listed(row, reader) for row in found)


def _listed(row: Json, reader: codes.Reader) -> ListedOrder:
    number, created = required(row, "orderCode"), moment(row, "orderSaleTime")
    try:
        order = orders.order_of(row, reader)
    except BadRecord:
        return ListedOrder(number, created)
    return ListedOrder(number, order.created_at, state=order.state, paid_total=order.paid_total)
