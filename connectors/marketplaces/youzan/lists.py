"""Youzan's lists and details: which calls give orders and cases, and the documents cut out of their answers."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import orjson

from connectors.contract.errors import BadRecord, Retryable
from connectors.contract.records import ListedOrder, RawDocument, Reference
from connectors.contract.windows import Listing
from connectors.marketplaces.youzan.client import Platform
from connectors.marketplaces.youzan.reading import CHINA, Json, moment, part, required, rows, text

#: How many rows of a window can be paged through; cases are searched less deep than orders.
DEEPEST_ORDER, DEEPEST_CASE = 10_000, 3_000
#: The fields of the cursors that shops kept of older releases.
FORMER_CURSOR = ("start", "end", "page", "top", "limit", "width")
#: What of an order's answer is kept; lists and details bring the same.
KEPT = ("full_order_info", "delivery_order", "refund_order")


def changed_orders(platform: Platform) -> Listing[Json]:
    """Orders by the time of their last change: what capture reads."""
    return Listing(partial(_orders, platform, "update"), DEEPEST_ORDER)


def created_orders(platform: Platform) -> Listing[Json]:
    """Orders by the time they were made: what the completeness certificate reads."""
    return Listing(partial(_orders, platform, "created"), DEEPEST_ORDER)


def changed_cases(platform: Platform) -> Listing[Json]:
    """Cases by the time of their last change; this call alone writes times as Unix seconds."""
    return Listing(partial(_cases, platform), DEEPEST_CASE)


def _orders(platform: Platform, by: str, start: datetime, end: datetime, page: int, size: int) -> tuple[int, list[Json]]:
    window = {f"start_{by}": _time(start), f"end_{by}": _time(end)}
    answer = platform.read("youzan.trades.sold.get", **window, page_no=page, page_size=size)
    return _counted(answer, "total_results", "full_order_info_list")


def _cases(platform: Platform, start: datetime, end: datetime, page: int, size: int) -> tuple[int, list[Json]]:
    window = {"update_time_start": int(start.timestamp()), "update_time_end": int(end.timestamp())}
    answer = platform.read("youzan.trade.refund.search", **window, page_no=page, page_size=size)
    return _counted(answer, "total", "refunds")


def _counted(answer: Json, count: str, name: str) -> tuple[int, list[Json]]:
    total = answer.get(count)
    if not isinstance(total, int):
        raise Retryable("the platform answered without a count", code="not-an-answer")
    return total, rows(answer, name)


def _time(moment_: datetime) -> str:
    """A moment as Youzan writes it; a date without its time is refused."""
    return moment_.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def read_order(platform: Platform, order_no: str) -> Json:
    """An order as the platform tells it now; Refused when it knows none, or the token is another shop's."""
    found = platform.read("youzan.trade.get", tid=order_no)
    if _tid(found) != order_no:
        raise Retryable("the platform answered without the order asked for", code="not-an-answer")
    return found


def read_case(platform: Platform, case_no: str) -> Json:
    """A case as the platform tells it now."""
    found = platform.read("youzan.trade.refund.get", refund_id=case_no)
    if text(found, "refund_id") != case_no:
        raise Retryable("the platform answered without the case asked for", code="not-an-answer")
    return found


def _head_of(row: Json) -> Json:
    return part(part(row, "full_order_info"), "order_info")


def _tid(row: Json) -> str:
    try:
        return text(_head_of(row), "tid")
    except BadRecord:
        return ""


def order_document(row: Json, now: datetime) -> RawDocument:
    """An order cut out of an answer; lists and details give the same bytes for the same content."""
    inner = _head_of(row)
    body = orjson.dumps({name: row[name] for name in KEPT if row.get(name)}, option=orjson.OPT_SORT_KEYS)
    return RawDocument("order", required(inner, "tid"), body, now, _changed(inner, "update_time"))


def case_document(row: Json, now: datetime) -> RawDocument:
    """A case's detail as it is stored."""
    body = orjson.dumps({"refund": row}, option=orjson.OPT_SORT_KEYS)
    return RawDocument("case", required(row, "refund_id"), body, now, _changed(row, "modified"))


def case_reference(row: Json) -> Reference:
    """A case in the list, which does not tell its line: the detail is fetched."""
    return Reference(required(row, "refund_id"), _changed(row, "modified"))


def listed(row: Json) -> ListedOrder:
    """An order as the list by creation tells it."""
    inner = _head_of(row)
    return ListedOrder(required(inner, "tid"), moment(inner, "created"), moment(inner, "update_time"))


def _changed(record: Json, field: str) -> datetime | None:
    try:
        return moment(record, field)
    except BadRecord:
        # The document is stored all the same; parsing it names the field and parks it.
        return None
