"""What tests of stock share: movements and reports with their own time, levels and ledgers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.stock.reports import Line, lines_of, take_report
from oms.app.stock.told import Told, ToldLine
from tests.factories import World


def moved(
    world: World, units: int, as_of: datetime | None, *, sku: int = 100, kind: str = "good", point: int = 1
) -> None:
    """Units that came or left at a moment, booked now."""
    with world.hub.begin() as connection:
        batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
        batch.move_stock((point, sku, kind), on_hand=units, reason="test", document_id=batch.new_id(), as_of=as_of)
        flush(batch)


def told(world: World, report: Told) -> list[Line]:
    """Take a report over."""
    with world.hub.begin() as connection:
        masters = world.hub.masters.get(connection, world.clock())
        return take_report(Batch(world.hub, connection, masters, world.clock()), report)


def counted(world: World, levels: Mapping[str, int], as_of: datetime, key: str = "r1", **changes: Any) -> list[Line]:
    """Good units by SKU code as of a moment, at point 1."""
    lines = lines_of({(code, "good"): units for code, units in levels.items()}, key, as_of)
    given: dict[str, Any] = {"point_id": 1, "source": "count", "key": key, "as_of": as_of, "lines": lines}
    return told(world, Told(**given | changes))


def changed(world: World, code: str, units: int, as_of: datetime, key: str, **changes: Any) -> list[Line]:
    """A warehouse's change of good units at point 1."""
    line = ToldLine(code, "good", units, f"{key}|{code}|good", as_of, is_delta=True, **changes)
    return told(world, Told(1, "push", key, as_of, [line]))


def on_hand(world: World, sku: int = 100, kind: str = "good", point: int = 1) -> int:
    """Units that lie there by the level."""
    question = "select on_hand from stock_level where stock_point_id = :point and sku_id = :sku and kind = :kind"
    rows = world.rows(question, point=point, sku=sku, kind=kind)
    return int(rows[0][0]) if rows else 0


def ledger(world: World, sku: int = 100) -> list[tuple[str, int]]:
    """(reason, units) of the good units' ledger at point 1 after the opening, oldest first."""
    rows = world.rows(
        """select reason, on_hand from stock_movement where stock_point_id = 1 and sku_id = :sku and kind = 'good'
           and on_hand <> 0 order by id offset 1""",
        sku=sku,
    )
    return [(reason, units) for reason, units in rows]
