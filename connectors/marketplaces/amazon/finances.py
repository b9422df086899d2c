"""The seller's transactions: statements for the books, and which refunds of an order were paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson

from connectors.contract.errors import BadRecord
from connectors.contract.money import to_minor
from connectors.contract.records import Page, RawDocument, StatementLine
from connectors.marketplaces.amazon import codes
from connectors.marketplaces.amazon.client import Json, Selling, time_text
from connectors.marketplaces.amazon.reading import moment_of, needed_moment, part, required, rows, text, tree
from connectors.marketplaces.amazon.settings import MANIFEST
from connectors.marketplaces.amazon.windows import starting

TRANSACTIONS = "/finances/2024-06-19/transactions"
#: Transactions may appear this long after the time they bear, so so much is read again.
LATE = timedelta(hours=48)
_FEES = frozenset({"fee", "commission"})
SHORTEST = timedelta(hours=1)
#: Amazon wants more than two minutes between the end asked for and now.
_MARGIN = timedelta(seconds=10)


def pull_statements(selling: Selling, cursor: str) -> Page:
    """The next page of transactions by the time they were posted."""
    account, edge = selling.account, selling.clock() - MANIFEST.lag - _MARGIN
    first = min(starting(account.settings.get("since", ""), account.timezone, edge), edge)
    start, end, token = _place(cursor) or (time_text(first), "", "")
    if not end:
        until = min(moment_of(start) + MANIFEST.widest_window, edge)
        if until - moment_of(start) < SHORTEST:
            return Page(_cursor(start, "", ""), False)
        end = time_text(until)
    params = {"postedAfter": time_text(moment_of(start) - LATE), "postedBefore": end} | (
        {"nextToken": token} if token else {}
    )
    payload = part(selling.read("listTransactions", TRANSACTIONS, params), "payload")
    following = text(payload, "nextToken")
    documents = _documents(rows(payload, "transactions"), f"{start}/{token}"[:80], selling.clock())
    if following:
        return Page(_cursor(start, end, following), True, documents)
    is_behind = moment_of(end) - moment_of(start) >= MANIFEST.widest_window
    return Page(_cursor(end, "", ""), is_behind, documents)


def parse_statement(body: bytes) -> tuple[StatementLine, ...]:
    """The lines of a page of transactions: by breakdown where they add up to the total, else one for the total."""
    found = tree(body, "statement")
    return tuple(line for row in rows(found, "transactions") for line in _lines(row))


def refunds_of(selling: Selling, order_no: str) -> Iterator[tuple[str, int, str]]:
    """Number, signed amount and currency of what each refund of an order gave the buyer, fees given back left out."""
    params = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": order_no}
    for row in rows(part(selling.read("listTransactions", TRANSACTIONS, params), "payload"), "transactions"):
        if "refund" in (text(row, "transactionType") + text(row, "description")).lower():
            total, currency = _money(row, "totalAmount")
            yield required(row, "transactionId"), total - _fees(row, total), currency


def _fees(row: Json, total: int) -> int:
    """What Amazon gives back of its own fees within a transaction, by breakdowns that add up to its total."""
    parts = [(text(each, "breakdownType"), _money(each, "breakdownAmount")[0]) for each in rows(row, "breakdowns")]
    if sum(amount for _, amount in parts) != total:
        return 0
    return sum(amount for words, amount in parts if _kind(words, True) in _FEES)


def _documents(found: list[Json], name: str, now: datetime) -> tuple[RawDocument, ...]:
    if not found:
        return ()
    return (RawDocument("statement", name, orjson.dumps({"transactions": found}), now),)


def _lines(row: Json) -> list[StatementLine]:
    number, at = required(row, "transactionId"), needed_moment(row, "postedDate")
    total, currency = _money(row, "totalAmount")
    order = next(
        (
            text(each, "relatedIdentifierValue")
            for each in rows(row, "relatedIdentifiers")
            if each.get("relatedIdentifierName") == "ORDER_ID"
        ),
        "",
    )
    is_refund = "refund" in text(row, "transactionType").lower()
    parts = [(text(each, "breakdownType"), *_money(each, "breakdownAmount")) for each in rows(row, "breakdowns")]
    if not parts or sum(amount for _, amount, _ in parts) != total:
        parts = [(text(row, "transactionType"), total, currency)]
    return [
        StatementLine(f"{number}/{index}", _kind(words, is_refund), amount, currency, at, order, words=words)
        for index, (words, amount, _) in enumerate(parts)
        if amount
    ]


def _kind(words: str, is_refund: bool) -> str:
    kind = codes.BREAKDOWNS.get(words.replace(" ", "").lower(), "other")
    if words.lower() in ("shipment", "refund"):
        kind = "sale"
    return "refund" if is_refund and kind == "sale" else kind


def _money(record: Json, field: str) -> tuple[int, str]:
    value = part(record, field)
    currency = required(value, "currencyCode")
    amount = value.get("currencyAmount")
    if type(amount) not in (int, float, str):
        raise BadRecord("this is not an amount", field=field)
    # Financial amounts come as JSON numbers; a float's shortest text is what was written.
    return to_minor(amount, field, currency), currency


def _cursor(start: str, end: str, token: str) -> str:
    return orjson.dumps([start, end, token]).decode()


def _place(cursor: str) -> tuple[str, str, str] | None:
    if not cursor:
        return None
    try:
        start, end, token = (str(each) for each in orjson.loads(cursor))
        moment_of(start)
    except (orjson.JSONDecodeError, ValueError, TypeError):
        raise BadRecord("this cursor is not one of this connector's; start the stream anew", field="cursor") from None
    return start, end, token
