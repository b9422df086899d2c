"""What warehouses say of receipts and transfers they were handed: each message adds its units to the document."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.stocking import StockOrderReport, StockOrderState
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.stock import receipts, transfers
from oms.app.stock.confirming import Confirm, Units, open_batch, skus_by_code
from oms.app.stock.handing_over import LETTER, settle
from oms.domain.errors import HubError
from oms.domain.numbers import parse_document_no

#: What a state without units does to the order.
STEPS: Final = {
    StockOrderState.ACCEPTED: "receive",
    StockOrderState.REFUSED: "refuse",
    StockOrderState.CANCELLED: "cancel",
}


def take_stock_order(hub: Hub, connection: Connection, account_id: int, report: StockOrderReport) -> set[str]:
    """Book what a message says of a receipt or a transfer; answers the pumps to wake."""
    order_id, kind, document_id = _order(connection, account_id, report)
    batch = open_batch(hub, connection, "warehouse")
    if report.lines:
        codes = {line.sku_code for line in report.lines}
        skus = skus_by_code(connection, codes)
        lines = tuple(Units(skus[line.sku_code], line.kind, line.units) for line in report.lines)
        is_final = report.final and _is_whole(connection, kind, document_id, report)
        confirm = Confirm(report.key, report.at, is_final, lines, "warehouse")
        book = receipts.book_receipt if kind == "goods_receipt" else BOOKS[report.direction]
        if book(batch, document_id, confirm):
            settle(connection, order_id, "confirm" if is_final else "confirm_part", reference=report.reference)
    elif report.state in STEPS:
        settle(connection, order_id, STEPS[report.state], reference=report.reference, words=report.words)
    if report.state in (StockOrderState.REFUSED, StockOrderState.FAILED):
        raise_alert(connection, "stock_order_refused", report.number, report.words or report.state.value)
    return batch.pokes | {"advance"}


BOOKS: Final = {"out": transfers.book_sent, "in": transfers.book_arrived}


def _order(connection: Connection, account_id: int, report: StockOrderReport) -> tuple[Any, ...]:
    """(id, kind of document, its id) of the order a message names; HubError when the account has none."""
    parsed = parse_document_no(report.number)
    rows = []
    if parsed is not None and parsed[0] == LETTER[report.direction]:
        rows = fetch(
            connection,
            """select o.id, o.document_kind, o.document_id from warehouse_order o
               join stock_point p on p.id = o.stock_point_id
               where o.id = %s and o.direction = %s and p.account_id = %s""",
            (parsed[1], report.direction, account_id),
        )
    if not rows:
        raise HubError(
            f"{report.number!r:.60} is none of our receipts or transfers", "compare it with the warehouse by hand"
        )
    return rows[0]


def _is_whole(connection: Connection, kind: str, document_id: int, report: StockOrderReport) -> bool:
    """Whether all lines have come, where a large document is confirmed in several messages."""
    if report.line_count is None:
        return True
    rows = fetch(
        connection,
        """select distinct line ->> 0 from stock_confirm c, jsonb_array_elements(c.lines -> 'lines') as line
           where c.document_kind = %s and c.document_id = %s and c.direction = %s and c.key <> %s""",
        (kind, document_id, report.direction, report.key),
    )
    codes = {line.sku_code for line in report.lines}
    ids = fetch(connection, "select id from sku where code = any(%s)", (sorted(codes),))
    return len({row[0] for row in rows} | {str(row[0]) for row in ids}) >= report.line_count
