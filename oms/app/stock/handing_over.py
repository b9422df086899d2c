"""仓库出入库单: receipts and transfers are handed to warehouses that have a system, and what these confirm is booked."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.stocking import StockOrderLine, StockOrderNotice, StockOrderRef
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import void_on
from oms.app.kernel.transition import move_stock_document
from oms.db.bulk import psycopg_connection
from oms.domain.lifecycle_stock import WAREHOUSE_ORDER
from oms.domain.numbers import document_no

CREATE, CANCEL = "create_stock_order", "cancel_stock_order"
TABLE: Final = "warehouse_order"
LETTER: Final = {"in": "entry", "out": "stockout"}
NOTICE_KINDS: Final = {"goods_receipt": "purchase", "transfer": "transfer"}

HEAD: Final = """
select o.id, o.status, o.direction, o.document_kind, o.document_id, o.reference, o.created_at, p.warehouse_code,
  p.owner_code, coalesce(r.purchase_no, ''), coalesce(r.supplier_code, ''), coalesce(r.supplier_name, ''),
  coalesce(r.words, ''), r.expected_at, coalesce(other.warehouse_code, '')
from warehouse_order o join stock_point p on p.id = o.stock_point_id
left join goods_receipt r on o.document_kind = 'goods_receipt' and r.id = o.document_id
left join transfer t on o.document_kind = 'transfer' and t.id = o.document_id
left join stock_point other on other.id = case o.direction when 'in' then t.from_point_id else t.to_point_id end
where o.id = %s"""
#: A transfer's goods are taken in as they were sent, once something was.
LINES: Final = {
    "goods_receipt": """select l.id, k.code, k.name, l.expected, 'good', l.sku_id from goods_receipt_line l
        join sku k on k.id = l.sku_id where l.goods_receipt_id = %s and l.expected > 0 order by l.id""",
    "transfer": """select l.id, k.code, k.name, greatest(l.sent, t.planned), l.kind, l.sku_id from transfer_line l
        join transfer_plan t on t.transfer_line_id = l.id join sku k on k.id = l.sku_id
        where l.transfer_id = %s order by l.id""",
}


def hand_over(batch: Batch, kind: str, document_id: int, direction: str, point_id: int) -> int | None:
    """Have a document told to the stock point's warehouse system; None where there is no such system.

    Once a direction: corrections after a warehouse's last word change nothing for the other end, which counts what comes.
    """
    card = batch.masters.points.get(point_id)
    rows = (
        fetch(batch.connection, "select account_id from stock_point where id = %s", (point_id,)) if card is None else []
    )
    account_id = card.account_id if card is not None else (rows[0][0] if rows else None)
    if account_id is None or not _takes_orders(batch, account_id):
        return None
    order_id = batch.new_id()
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into warehouse_order (id, status, direction, document_kind, document_id, stock_point_id, created_at)
               values (%s, %s, %s, %s, %s, %s, %s) on conflict (document_kind, document_id, direction) do nothing""",
            (order_id, WAREHOUSE_ORDER.states[0], direction, kind, document_id, point_id, batch.now),
        )
        if not cursor.rowcount:
            return None
    detail = {"order": order_id}
    batch.send(CREATE, account_id, f"stock-order:{order_id}", stock_point_id=point_id, detail=detail)
    return order_id


def take_back(batch: Batch, kind: str, document_id: int) -> None:
    """Ask the warehouses that were told of a document to forget it."""
    rows = fetch(
        batch.connection,
        """select o.id, o.status, o.stock_point_id, p.account_id from warehouse_order o
           join stock_point p on p.id = o.stock_point_id
           where o.document_kind = %s and o.document_id = %s and o.status in ('sending', 'sent', 'refused')
           order by o.id for update of o""",
        (kind, document_id),
    )
    for order_id, status, point_id, account_id in rows:
        if status == "refused" or account_id is None or _void_unsent(batch, order_id):
            move_stock_document(batch.connection, WAREHOUSE_ORDER, TABLE, order_id, status, "cancel")
            continue
        detail = {"order": order_id}
        batch.send(CANCEL, account_id, f"stock-order-cancel:{order_id}", stock_point_id=point_id, detail=detail)


def _void_unsent(batch: Batch, order_id: int) -> bool:
    """Void the call that was never made; False when the warehouse may know of the order."""
    rows = fetch(
        batch.connection,
        "select id from outbound where key = %s and state = 'waiting' and attempts = 0 for update",
        (f"stock-order:{order_id}",),
    )
    return bool(rows) and void_on(batch.connection, [rows[0][0]], batch.now, batch.actor, "called off") == 1


def _takes_orders(batch: Batch, account_id: int) -> bool:
    rows = fetch(batch.connection, "select vendor from account where id = %s", (account_id,))
    connector = batch.hub.vendors.get(rows[0][0]) if rows else None
    return connector is not None and CREATE in connector.capabilities()


def _head(connection: Connection, order_id: int) -> tuple[Any, ...] | None:
    rows = fetch(connection, HEAD, (order_id,))
    return rows[0] if rows else None


def number_of(order_id: int, direction: str) -> str:
    """The number a warehouse knows it by."""
    return document_no(LETTER[direction], order_id)


def build_notice(connection: Connection, order_id: int, account_id: int) -> StockOrderNotice | None:
    """What the warehouse is told; None when the document has moved on."""
    head = _head(connection, order_id)
    if head is None or head[1] != "sending":
        return None
    _, _, direction, kind, document_id, _, created_at, warehouse, owner, purchase, code, name, words, at, other = head
    items = dict(fetch(connection, "select sku_id, item_id from warehouse_item where account_id = %s", (account_id,)))
    lines = tuple(
        StockOrderLine(str(line_id), sku, sku_name, units, items.get(sku_id, ""), stock)
        for line_id, sku, sku_name, units, stock, sku_id in fetch(connection, LINES[kind], (document_id,))
    )
    related = purchase if kind == "goods_receipt" else document_no("transfer", document_id)
    return StockOrderNotice(
        number_of(order_id, direction), direction, NOTICE_KINDS[kind], warehouse, owner, created_at, lines, related,
        code, name, at, other, words,
    )  # fmt: skip


def build_ref(connection: Connection, order_id: int) -> StockOrderRef | None:
    """Names the document to its warehouse; None when nothing is to be taken back any more."""
    head = _head(connection, order_id)
    if head is None or head[1] not in ("sending", "sent"):
        return None
    return StockOrderRef(number_of(order_id, head[2]), head[2], NOTICE_KINDS[head[3]], head[7], head[8], head[5])


def settle(connection: Connection, order_id: int, action: str, *, reference: str = "", words: str = "") -> None:
    """Move the order on by how a call ended; an action that does not fit any more is left out."""
    rows = fetch(connection, "select status from warehouse_order where id = %s for update", (order_id,))
    if not rows or not WAREHOUSE_ORDER.allows(rows[0][0], action):
        return
    move_stock_document(connection, WAREHOUSE_ORDER, TABLE, order_id, rows[0][0], action)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update warehouse_order set reference = case when %s = '' then reference else %s end, words = %s
               where id = %s""",
            (reference, reference, words[:500], order_id),
        )
