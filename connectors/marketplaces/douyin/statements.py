"""Pulls the lines of Douyin's settlement bill and parses them; order/getSettleBillDetailV3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.contract.errors import BadRecord, Retryable
from connectors.contract.records import Page, RawDocument, StatementLine
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.reading import Json, document, required, rows, text, whole
from connectors.marketplaces.douyin.windows import CHINA

ROOT = "settle_bill"
PAGE_SIZE = 100
#: The platform advises windows of at most a week; bills of a day are complete the next day.
WIDEST = timedelta(days=7)
OVERLAP = timedelta(days=1)
_ACCEPTED = "100000"
_FORMAT = "%Y-%m-%d %H:%M:%S"
#: Field of a bill → the kind of line it is.
_FEES = (
    ("platform_service_fee", "commission", "平台服务费"),
    ("commission", "commission", "达人佣金"),
    ("colonel_service_fee", "commission", "团长服务费"),
    ("good_learn_channel_fee", "fee", "渠道分成"),
    ("channel_promotion_fee", "promotion", "站外推广费"),
    ("other_sharing_amount", "fee", "其他分成"),
)


def pull_statements(doudian: Doudian, cursor: str, since: str) -> Page:
    """The next bills by time of settlement, a document each; the platform says where its next page starts."""
    now = doudian.clock()
    start, end, index, opened = _place(cursor, since, now)
    if end <= start:
        return Page(_cursor(start, "", "", ""), more=False)
    answer = doudian.read(
        "order/getSettleBillDetailV3",
        size=PAGE_SIZE,
        start_time=start,
        end_time=end,
        time_type="0",
        start_index=index or None,
    )
    if text(answer, "code") not in ("", _ACCEPTED):
        raise Retryable(text(answer, "code_msg") or "the bill was not given", code=text(answer, "code"))
    found = tuple(_bill(bill, now) for bill in rows(answer, "data"))
    following = text(answer, "next_start_index")
    if whole(answer, "is_end") == 0 and found and following not in ("", index):
        place = _cursor(text(answer, "next_start_time") or start, end, following, opened)
        return Page(place, more=True, documents=found)
    more = _moment(end) + OVERLAP < now
    begin = _moment(end) if more else max(_moment(end) - OVERLAP, _moment(opened))
    return Page(_cursor(_china(begin), "", "", ""), more, documents=found)


def parse_statement(body: bytes) -> tuple[StatementLine, ...]:
    """The lines of one bill: the fees as costs, and the goods as what makes the sum equal settle_amount."""
    bill = document(body, ROOT)
    number, order_no, line_no = _number(bill), text(bill, "shop_order_id"), text(bill, "order_id")
    at = _moment(required(bill, "settle_time"))
    settled = whole(bill, "settle_amount")
    # Whether costs are written with a minus is not published; they are costs in any case.
    fees = [(kind, -abs(whole(bill, field)), words) for field, kind, words in _FEES if whole(bill, field)]
    kind = "sale" if whole(bill, "trade_type") == 0 else "refund"
    goods = (kind, settled - sum(amount for _, amount, _ in fees), text(bill, "order_type") or text(bill, "remark"))
    return tuple(
        StatementLine(f"{number}-{i}", kind, amount, "CNY", at, order_no, line_no, words)
        for i, (kind, amount, words) in enumerate((goods, *fees))
    )


def _number(bill: Json) -> str:
    return f"{required(bill, 'request_no')}-{text(bill, 'order_id')}-{whole(bill, 'trade_type')}"


def _bill(bill: Json, now: datetime) -> RawDocument:
    body = orjson.dumps({ROOT: bill})
    return RawDocument("statement", _number(bill), body, now, _moment(required(bill, "settle_time")))


def _place(cursor: str, since: str, now: datetime) -> tuple[str, str, str, str]:
    """(start, end, index, start of the window) in China's text; an empty end opens a window."""
    if cursor:
        start, end, index, opened = _read_cursor(cursor)
    else:
        first = _since(since) if since else now - WIDEST
        start, end, index, opened = _china(first), "", "", ""
    if not end:
        end, opened = _china(min(_moment(start) + WIDEST, now)), start
    return start, end, index, opened


def _since(since: str) -> datetime:
    try:
        start = datetime.fromisoformat(since)
    except ValueError:
        raise BadRecord("write the start as 2026-01-15 or 2026-01-15T09:30:00+08:00", field="since") from None
    return start if start.tzinfo else start.replace(tzinfo=CHINA)


def _cursor(*parts: str) -> str:
    return orjson.dumps(parts).decode()


def _read_cursor(cursor: str) -> tuple[str, str, str, str]:
    try:
        parts: Any = orjson.loads(cursor)
        start, end, index, opened = (str(told) for told in parts)
        _moment(start)
    except (orjson.JSONDecodeError, ValueError, TypeError, BadRecord):
        words = "this cursor is not one of this connector's; start the stream anew"
        raise BadRecord(words, field="cursor") from None
    return start, end, index, opened


def _china(at: datetime) -> str:
    return at.astimezone(CHINA).strftime(_FORMAT)


def _moment(told: str) -> datetime:
    try:
        return datetime.strptime(told, _FORMAT).replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRecord("this is not a time like 2026-01-15 09:40:01", field="settle_time") from None
