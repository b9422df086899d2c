"""Writes a batch: new rows by COPY, changed rows by one UPDATE a table, stock rows last."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from oms.app.kernel.batch import Batch
from oms.app.kernel.capacity import count_planned
from oms.app.kernel.feed import feed_rows
from oms.app.kernel.levels import apply_stock
from oms.app.kernel.marks import write_marks
from oms.app.kernel.partnered import write_partnering
from oms.app.kernel.sight import store_phases
from oms.app.kernel.work import DemandWork, LineWork, OrderWork
from oms.db.bulk import copy_rows, psycopg_connection, update_rows
from oms.domain.progress import line_progress


def recount(batch: Batch, order: OrderWork) -> None:
    """Bring the lines' counters in step with their demands; what is void and not planned is cancelled."""
    by_line: dict[int, list[DemandWork]] = {}
    for demand in order.demands:
        if demand.origin != "gift":
            by_line.setdefault(demand.line_id, []).append(demand)
    for line in order.lines:
        mine = by_line.get(line.id, [])
        before = (line.cancelled, line.planned, line.shipped)
        line.planned, line.shipped = progress_of(line, mine)
        if line.is_void or order.status == "cancelled":
            line.cancelled = line.ordered - line.planned - line.shipped
            _cancel_open(batch, mine)
        if (line.cancelled, line.planned, line.shipped) != before:
            batch.touched_lines[line.id] = line


def progress_of(line: LineWork, demands: Iterable[DemandWork]) -> tuple[int, int]:
    """(planned, shipped) whole units of a line by its demands, gifts left out."""
    return line_progress(line.ordered - line.cancelled, [(d.sku_id, d.per_unit, d.planned, d.shipped) for d in demands])


def _cancel_open(batch: Batch, demands: Iterable[DemandWork]) -> None:
    for demand in demands:
        if demand.open_units:
            demand.cancelled += demand.open_units
            if not demand.is_new:
                batch.touched_demands[demand.id] = demand


def flush(batch: Batch) -> None:
    """Write everything the batch collected. Call once, at the end, in the transaction that locked its orders."""
    store_phases(batch)
    _write_new(batch)
    _write_changed(batch)
    write_marks(batch)
    if batch.partnering.orders:
        write_partnering(batch)
    feed_rows(batch)
    count_planned(batch)
    apply_stock(batch)


DEMAND = (
    "id",
    "order_id",
    "order_line_id",
    "sku_id",
    "origin",
    "units",
    "planned",
    "shipped",
    "cancelled",
    "share_amount",
    "per_unit",
)
HOLD = ("id", "order_id", "kind", "blocks", "clears", "seen", "placed_at", "placed_by")
EVENT = ("month", "order_id", "id", "kind", "fulfilment_id", "actor", "at", "detail")
DECISION = (
    "month", "order_id", "id", "stage", "rule_set_version_id", "verdict", "matched", "facts", "choices", "engine",
    "input_hash", "at",
)  # fmt: skip
FULFILMENT = (
    "id", "status", "stop", "lead_order_id", "shop_id", "stock_point_id", "carrier_id", "version", "merge_key",
    "order_count", "goods_amount", "freight_amount", "collect_amount", "currency", "is_cod", "is_split", "is_sealed",
    "ship_by", "planned_at", "sent_at", "closed_at", "merged_into_id", "mode",
)  # fmt: skip
FULFILMENT_LINE = (
    "id", "fulfilment_id", "demand_id", "order_id", "order_line_id", "sku_id", "planned", "shipped", "short",
    "cancelled", "share_amount",
)  # fmt: skip
OUTBOUND = (
    "id", "kind", "account_id", "state", "key", "order_id", "fulfilment_id", "parcel_id", "shop_id",
    "stock_point_id", "carrier_id", "detail", "created_at", "due_at",
)  # fmt: skip
INTERCEPTION = ("id", "fulfilment_id", "order_id", "reason", "state", "asked_at", "asked_by", "case_no",
                "order_line_ids", "words", "ended_at", "detail", "asked_of", "due_at", "parcel_id",
                "user_group_id")  # fmt: skip


#: Columns of a new order or line that its connector's record gives; what the hub decides is added at the end.
ORDER_GIVEN = (
    "id", "shop_id", "origin", "external_no", "customer_id", "platform_state", "platform_status", "platform_holds",
    "currency", "paid_total", "presentment_currency", "presentment_total", "is_cod", "is_presale", "keeps_together",
    "owner", "fulfiller", "has_memo", "has_message", "flag", "division_code", "receiver_key", "is_masked",
    "ordered_at", "paid_at", "ship_by", "collect_by", "captured_at", "changed_at", "fetched_at", "content_hash",
)  # fmt: skip
LINE_GIVEN = (
    "id", "order_id", "line_no", "external_no", "kind", "listing_no", "variant_no", "seller_code", "title", "variant",
    "ordered", "list_amount", "discount_merchant", "discount_platform", "discount_coin", "discount_member",
    "discount_distributor", "tax_amount", "tax_included", "paid_amount", "platform_state", "refund_state", "case_no",
    "is_gift", "fulfiller", "bound_group",
)  # fmt: skip


def _write_orders(batch: Batch) -> None:
    """New orders and lines, each written once with everything the steps have decided already."""
    names = [name for name, _ in ORDER_CHANGES]
    decided = attrgetter(*names)
    orders = [(*given, *decided(order)) for order, given in batch.new_orders]
    copy_rows(batch.connection, "orders", (*ORDER_GIVEN, *names), orders)
    names = [name for name, _ in LINE_CHANGES]
    decided = attrgetter(*names)
    lines = [(*given, *decided(line)) for line, given in batch.new_lines]
    copy_rows(batch.connection, "order_line", (*LINE_GIVEN, *names), lines)


def _write_new(batch: Batch) -> None:
    connection, now, actor = batch.connection, batch.now, batch.actor
    _write_orders(batch)
    copy_rows(connection, "demand", DEMAND, [
        (d.id, d.order_id, d.line_id, d.sku_id, d.origin, d.units, d.planned, d.shipped, d.cancelled, d.share_amount,
         d.per_unit)
        for d in batch.new_demands
    ])  # fmt: skip
    copy_rows(connection, "hold", HOLD, [
        (h.id, h.order_id, h.kind, h.blocks, h.clears, h.seen, now, actor) for h in batch.new_holds
    ])  # fmt: skip
    copy_rows(connection, "decision", DECISION, batch.decisions)
    copy_rows(connection, "fulfilment", FULFILMENT, [
        (f.id, f.status, f.stop, f.lead_order_id, f.shop_id, f.stock_point_id, f.carrier_id, f.version, f.merge_key,
         f.order_count, f.goods_amount, f.freight_amount, f.collect_amount, f.currency, f.is_cod, f.is_split,
         f.is_sealed, f.ship_by, f.planned_at, f.sent_at, f.closed_at, f.merged_into_id, f.mode)
        for f in batch.new_fulfilments
    ])  # fmt: skip
    copy_rows(connection, "fulfilment_line", FULFILMENT_LINE, [
        (x.id, x.fulfilment_id, x.demand_id, x.order_id, x.line_id, x.sku_id, x.planned, x.shipped, x.short,
         x.cancelled, x.share_amount)
        for x in batch.new_fulfilment_lines
    ])  # fmt: skip
    copy_rows(connection, "outbound", OUTBOUND, [_outbound_row(batch, row) for row in batch.outbound])
    copy_rows(connection, "interception", INTERCEPTION, [
        tuple(row.get(column) if column != "detail" else row.get(column, {}) for column in INTERCEPTION)
        for row in batch.interceptions
    ])  # fmt: skip
    copy_rows(connection, "event", EVENT, batch.events)
    _upsert_groups(batch)


def _outbound_row(batch: Batch, row: dict[str, Any]) -> tuple[Any, ...]:
    defaults = {"state": "waiting", "created_at": batch.now, "due_at": batch.now}
    return tuple(row[column] if column in row else defaults.get(column) for column in OUTBOUND)


def _upsert_groups(batch: Batch) -> None:
    """A group whose window runs keeps its earlier end; a new member makes the platform be asked again."""
    if not batch.merge_groups:
        return
    rows = sorted((key, *value) for key, value in batch.merge_groups.items())
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into merge_group (merge_key, shop_id, due_at, asks_platform)
               select * from unnest(%s::bytea[], %s::bigint[], %s::timestamptz[], %s::bool[])
               on conflict (merge_key) do update set due_at = least(merge_group.due_at, excluded.due_at)""",
            [list(column) for column in zip(*rows, strict=True)],
        )


ORDER_CHANGES = [
    ("status", "text"), ("review", "text"), ("phase", "text"), ("ready_at", "timestamptz"), ("attempts", "int"),
    ("tiers_waiting", "int"), ("tiers_passed", "int"), ("closed_at", "timestamptz"), ("version", "int"),
    ("tiers_next", "text"),
]  # fmt: skip
LINE_CHANGES = [
    ("sku_id", "bigint"), ("bundle_id", "bigint"), ("cancelled", "int"), ("planned", "int"), ("shipped", "int"),
]  # fmt: skip
DEMAND_CHANGES = [("planned", "int"), ("shipped", "int"), ("cancelled", "int"), ("per_unit", "int")]
FULFILMENT_CHANGES = [
    ("status", "text"), ("stop", "text"), ("version", "int"), ("order_count", "int"), ("goods_amount", "bigint"),
    ("freight_amount", "bigint"), ("collect_amount", "bigint"), ("warehouse_ref", "text"), ("warehouse_step", "text"),
    ("sent_at", "timestamptz"), ("accepted_at", "timestamptz"), ("shipped_at", "timestamptz"),
    ("closed_at", "timestamptz"), ("merged_into_id", "bigint"), ("merge_key", "bytea"),
]  # fmt: skip
FULFILMENT_LINE_CHANGES = [
    ("fulfilment_id", "bigint"), ("shipped", "int"), ("short", "int"), ("cancelled", "int"),
]  # fmt: skip


def _changes(objects: Any, columns: list[tuple[str, str]]) -> list[tuple[Any, ...]]:
    values = attrgetter("id", *[name for name, _ in columns])
    return [values(item) for item in objects]


def _write_changed(batch: Batch) -> None:
    connection = batch.connection
    orders = [batch.orders[id_] for id_ in sorted(batch.touched) if id_ in batch.orders]
    orders = [order for order in orders if not order.is_new]
    for order in orders:
        order.version += 1
    update_rows(connection, "orders", "id", ORDER_CHANGES, _changes(orders, ORDER_CHANGES))
    for table, columns, touched in (
        ("order_line", LINE_CHANGES, {id_: line for id_, line in batch.touched_lines.items() if not line.is_new}),
        ("demand", DEMAND_CHANGES, batch.touched_demands),
        ("fulfilment", FULFILMENT_CHANGES, batch.touched_fulfilments),
        ("fulfilment_line", FULFILMENT_LINE_CHANGES, batch.touched_fulfilment_lines),
    ):
        update_rows(connection, table, "id", columns, _changes(touched.values(), columns))
    if batch.cleared_holds:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update hold set cleared_at = %s, cleared_by = %s, clear_reason = v.reason
                   from unnest(%s::bigint[], %s::text[]) as v(id, reason) where hold.id = v.id""",
                (batch.now, batch.actor, *[list(column) for column in zip(*batch.cleared_holds, strict=True)]),
            )
