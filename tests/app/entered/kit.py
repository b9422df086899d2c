"""Files of orders for the tests: rows with everything filled in, as CSV or as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from oms.app.capture.entered.columns import COLUMNS
from oms.app.capture.entered.uploads import Imported, import_orders, refused_rows
from oms.app.capture.sheets import write_csv, write_workbook
from tests.factories import World

HEADING = [column.zh for column in COLUMNS]
USUAL = {
    "shop": "s1", "ordered_at": "2026-11-20 09:30", "paid_at": "2026-11-20 09:31", "sku": "A", "title": "杯子",
    "units": "1", "unit_price": "10.00", "buyer": "王二", "name": "王小二", "phone": "13812345678", "state": "浙江省",
    "city": "杭州市", "district": "西湖区", "street": "文三路 2 号",
}  # fmt: skip


def a_row(number: str, **changes: str) -> list[str]:
    """A row of one paid order for goods A."""
    cells = USUAL | {"order_no": number} | changes
    return [cells.get(column.key, "") for column in COLUMNS]


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """A file of these rows under the heading."""
    return write_csv([HEADING, *rows])


def as_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """The same as a workbook of texts."""
    return write_workbook([HEADING, *rows], "orders")


def bring(world: World, body: bytes, name: str = "orders.csv", actor: str = "user:1") -> Imported:
    """Upload a file for the world's shop."""
    return import_orders(world.hub, name, body, actor, [world.shop])


def problems(world: World, imported: Imported) -> list[list[tuple[str, str]]]:
    """What is wrong with each refused row."""
    return [row.problems for row in refused_rows(world.hub, imported.id, None)]


def told(imported: Imported) -> tuple[int, int, int, int]:
    """Rows taken, repeated, failed and waiting."""
    return imported.taken, imported.repeated, imported.failed, imported.waiting


def content(world: World) -> list[Any]:
    """Orders with their lines, apart from ids."""
    return [tuple(row) for row in world.rows(
        """select o.external_no, o.origin, o.status, o.paid_total, o.is_cod, o.ordered_at, o.paid_at,
             encode(o.content_hash, 'hex'), array_agg((l.external_no, l.seller_code, l.ordered, l.paid_amount)::text
               order by l.external_no)
           from orders o join order_line l on l.order_id = o.id group by o.id order by o.external_no"""
    )]  # fmt: skip
