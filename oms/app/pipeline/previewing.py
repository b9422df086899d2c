"""What passing a selection would do, before the click: the very guard of the click decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.order_list import open_holds
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.reviewing.guard import Asking, May, Refusal, Standing
from oms.domain.holds import Block

_CHOSEN: Final = text("""
select id, shop_id, external_no, status, review, phase, tiers_waiting, tiers_next, currency, paid_total from orders
where id = any(:ids) and shop_id = any(:shops) order by id""")


@dataclass(slots=True)
class Preview:
    """Outcomes of passing a selection: on to merging, on but still held, on to another tier, or staying here."""

    passing: list[AnyRow] = field(default_factory=list)
    held: list[tuple[AnyRow, str]] = field(default_factory=list)
    moving: list[tuple[AnyRow, int]] = field(default_factory=list)
    staying: list[tuple[AnyRow, Refusal]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many would leave this tier."""
        return len(self.passing) + len(self.held) + len(self.moving)

    @property
    def amounts(self) -> dict[str, int]:
        """Currency → what is paid for the orders that would leave this tier."""
        sums: dict[str, int] = {}
        for row in (*self.passing, *[row for row, _ in self.held], *[row for row, _ in self.moving]):
            sums[row.currency] = sums.get(row.currency, 0) + row.paid_total
        return sums


def preview_pass(
    hub: Hub, connection: Connection, shop_ids: Sequence[int], order_ids: Sequence[int], tier: int, actor: str, may: May
) -> Preview:
    """Sort a selection by what passing it at this tier would do; orders of other shops are not told of."""
    rows = list(connection.execute(_CHOSEN, {"ids": list(order_ids), "shops": list(shop_ids)}))
    holds = open_holds(connection, [row.id for row in rows])
    now = hub.clock()
    asking = Asking(connection, hub.masters.get(connection, now), now, tier, actor, may)
    refused = asking.refusals([_standing(row, _blocking(holds.get(row.id, []), Block.REVIEW)) for row in rows])
    preview = Preview()
    for row in rows:
        left = row.tiers_waiting & ~tier
        then = left & -left or int(row.tiers_next[:1] or 0)
        holding = _blocking(holds.get(row.id, []), Block.DISPATCH)
        if row.id in refused:
            preview.staying.append((row, refused[row.id]))
        elif then:
            preview.moving.append((row, then))
        elif holding:
            preview.held.append((row, holding))
        else:
            preview.passing.append(row)
    return preview


def _blocking(holds: Sequence[AnyRow], step: Block) -> str:
    return next((str(hold.kind) for hold in holds if hold.blocks & step), "")


def _standing(row: AnyRow, hold: str) -> Standing:
    return Standing(row.id, row.shop_id, row.status, row.review, row.tiers_waiting, row.currency, row.paid_total, hold)
