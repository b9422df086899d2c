"""Rows that say whose orders are partners': read for a batch, and written with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.partners import Partnered, Settled
from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.settling import Agreed

LOAD: Final = """
select p.order_id, p.partner_id, p.via, p.ships, p.code, p.reference, p.stated, p.left_lines, s.order_line_id,
  l.settlement_amount, s.basis, s.unit_amount, s.rate_bp, s.base_amount, s.valid_from, s.units, s.sku_id, s.bundle_id
from order_partner p left join line_settlement s on s.order_id = p.order_id
left join order_line l on l.id = s.order_line_id where p.order_id = any(%s)"""
KEEP: Final = """
insert into order_partner (order_id, partner_id, via, ships, code, reference, stated, left_lines, noted_at)
select v.order_id, v.partner_id, v.via, v.ships, v.code, v.reference, v.stated,
  array(select jsonb_array_elements_text(v.left_lines)::bigint), %s
from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[])
  as v(order_id, partner_id, via, ships, code, reference, stated, left_lines)
on conflict (order_id) do update set partner_id = excluded.partner_id, via = excluded.via, ships = excluded.ships,
  code = excluded.code, reference = excluded.reference, stated = excluded.stated, left_lines = excluded.left_lines"""
AMOUNTS: Final = """
update order_line l set settlement_amount = v.amount from unnest(%s::bigint[], %s::bigint[]) as v(id, amount)
where l.id = v.id"""
SETTLE: Final = """
insert into line_settlement (order_line_id, order_id, basis, units, sku_id, bundle_id, base_amount, unit_amount,
  rate_bp, valid_from, priced_at, priced_by)
select v.*, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::bigint[],
  %s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[]) as v
on conflict (order_line_id) do update set basis = excluded.basis, units = excluded.units, sku_id = excluded.sku_id,
  bundle_id = excluded.bundle_id, base_amount = excluded.base_amount, unit_amount = excluded.unit_amount,
  rate_bp = excluded.rate_bp, valid_from = excluded.valid_from, priced_at = excluded.priced_at,
  priced_by = excluded.priced_by"""
FULFILLERS: Final = """
update order_line l set fulfiller = v.fulfiller from unnest(%s::bigint[], %s::text[]) as v(id, fulfiller)
where l.id = v.id and l.fulfiller <> v.fulfiller"""


def load_partnered(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Read once what is kept of these orders; those that are new have nothing yet."""
    state = batch.partnering
    wanted = [order.id for order in orders if order.id not in state.seen and not order.is_new]
    state.seen.update([order.id for order in orders])
    if not wanted:
        return
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(LOAD, (array_of(wanted),))
        for row in cursor.fetchall():
            _add(state.orders, row)


def _add(found: dict[int, Partnered], row: tuple[Any, ...]) -> None:
    order_id, partner_id, via, ships, code, reference, stated, left, line_id, amount, *rest = row
    known = found.get(order_id)
    if known is None:
        known = found[order_id] = Partnered(partner_id, via, ships, code, reference, dict(stated), set(left))
    if line_id is not None and amount is not None:
        basis, unit_amount, rate_bp, base, valid_from, units, sku_id, bundle_id = rest
        agreed = Agreed(amount, basis, unit_amount, rate_bp, base, valid_from)
        known.lines[line_id] = Settled(agreed, units, (sku_id, bundle_id))


def write_partnering(batch: Batch) -> None:
    """Write what was decided of partners' orders; their rows and those of their lines are written already."""
    state = batch.partnering
    with psycopg_connection(batch.connection).cursor() as cursor:
        if state.changed:
            rows = [_row(id_, state.orders[id_]) for id_ in sorted(state.changed)]
            cursor.execute(KEEP, (batch.now, *_columns(rows)))
        if state.priced:
            priced = [state.priced[id_] for id_ in sorted(state.priced)]
            cursor.execute(AMOUNTS, _columns([(line.id, settled.agreed.amount) for line, settled in priced]))
            cursor.execute(SETTLE, (batch.now, batch.actor, *_columns([_settlement(*one) for one in priced])))
        if state.fulfillers:
            cursor.execute(FULFILLERS, _columns(sorted(state.fulfillers.items())))
    state.changed, state.priced, state.fulfillers = set(), {}, {}


def _row(order_id: int, kept: Partnered) -> tuple[Any, ...]:
    stated, left = orjson.dumps(kept.stated).decode(), orjson.dumps(sorted(kept.left)).decode()
    return order_id, kept.partner_id, kept.via, kept.ships, kept.code, kept.reference, stated, left


def _settlement(line: LineWork, settled: Settled) -> tuple[Any, ...]:
    agreed = settled.agreed
    return (line.id, line.order_id, agreed.basis, settled.units, *settled.goods, agreed.base_amount, agreed.unit_amount,
            agreed.rate_bp, agreed.valid_from)  # fmt: skip


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
