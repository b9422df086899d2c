"""已退: how many units and how much money of each order line was paid back, counted anew from paid cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.shares import split

#: What ends with goods instead of money pays nothing back.
PAID: Final = """
select c.order_id, c.id, coalesce(c.agreed_amount, c.asked_amount), l.order_line_id, l.units, l.amount
from cases c left join case_line l on l.case_id = c.id
where c.order_id = any(%s) and c.money = 'paid' and c.kind in ('refund', 'return', 'other') order by c.id, l.id"""
LINES: Final = """
select id, order_id, ordered, greatest(paid_amount, 0) from order_line
where order_id = any(%s) and not is_gone order by id"""
COUNT: Final = """
update order_line l set refunded = v.units, refunded_amount = v.amount
from unnest(%s::bigint[], %s::int[], %s::bigint[]) as v(id, units, amount)
where l.id = v.id and (l.refunded, l.refunded_amount) is distinct from (v.units, v.amount)"""
#: id, order, units ordered, amount paid.
Line = tuple[int, int, int, int]


def count_repaid(connection: Connection, order_ids: Collection[int]) -> None:
    """Bring the counters of these locked orders to what their paid cases say; repeatable.

    A case that names no line is shared over the order's lines by what was paid for them.
    """
    if not order_ids:
        return
    wanted = sorted(order_ids)
    cases: dict[tuple[int, int, int], list[tuple[Any, ...]]] = defaultdict(list)
    for order_id, case_id, amount, *line in fetch(connection, PAID, (wanted,)):
        cases[order_id, case_id, amount].append(tuple(line))
    lines: dict[int, list[Line]] = defaultdict(list)
    for id_, order_id, ordered, paid in fetch(connection, LINES, (wanted,)):
        lines[order_id].append((id_, order_id, ordered, paid))
    back: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for (order_id, _case, amount), told in cases.items():
        for line_id, units, share in _shares(amount, told, lines[order_id]):
            back[line_id][0] += units
            back[line_id][1] += share
    rows = [_capped(line, *back[line[0]]) for mine in lines.values() for line in mine]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(COUNT, tuple(list(column) for column in zip(*rows, strict=True)) or ([], [], []))


def _shares(amount: int, told: Sequence[tuple[Any, ...]], lines: Sequence[Line]) -> list[tuple[int, int, int]]:
    """Line, units and amount of one paid case."""
    named = [(line_id, units, share) for line_id, units, share in told if line_id is not None]
    if any(units is not None for _, units, _ in told):
        # What is paid may be less than was asked for; lines without an amount of their own share it by their order.
        weights = [share for _, _, share in named]
        parts = split(amount, weights) if amount and named else weights
        return [(line_id, units, part) for (line_id, units, _), part in zip(named, parts, strict=True)]
    parts = split(amount, [paid for *_, paid in lines]) if lines else []
    return [(line[0], line[2] if part >= line[3] > 0 else 0, part) for line, part in zip(lines, parts, strict=True)]


def _capped(line: Line, units: int, amount: int) -> tuple[int, int, int]:
    """Never more than was ordered and paid, whatever platforms say."""
    id_, _, ordered, paid = line
    return id_, min(units, ordered), min(amount, paid)
