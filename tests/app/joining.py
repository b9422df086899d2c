"""Merging and splitting by hand for tests: what became of fulfilments, and the money that must never change."""

from __future__ import annotations

from typing import Any

from tests.factories import World, a_line, advance, an_order

BUYER = {"external_id": "one-buyer", "nick": "买**"}


def waiting(world: World, *lines: Any, **changes: Any) -> int:
    """A planned order of one buyer that waits for its window."""
    id_ = an_order(world, list(lines) or [a_line("1", "A", 1, 1000)], **({"buyer": BUYER} | changes))
    advance(world)
    return id_


def live(world: World, order_id: int) -> list[Any]:
    """Its fulfilments that are neither merged away nor cancelled."""
    return [work for work in world.fulfilments(order_id) if work.status not in ("merged", "cancelled")]


def money(work: Any) -> tuple[int, int, int]:
    """What it declares, its part of the freight, and what it collects."""
    return work.goods_amount, work.freight_amount, work.collect_amount


def last_joining(world: World) -> int:
    """The newest line of the log."""
    return int(world.one("select max(id) from joining"))


def units_of(world: World, fulfilment_id: int) -> dict[str, int]:
    """Open units by SKU of a fulfilment."""
    rows = world.rows(
        """select k.code, sum(l.planned - l.shipped - l.short - l.cancelled)::int from fulfilment_line l
           join sku k on k.id = l.sku_id where l.fulfilment_id = :id group by 1
           having sum(l.planned - l.shipped - l.short - l.cancelled) > 0""", id=fulfilment_id,
    )  # fmt: skip
    return dict(tuple(row) for row in rows)
