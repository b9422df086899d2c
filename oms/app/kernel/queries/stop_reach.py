"""What an emergency stop would keep back if it were placed now; counting stops where a menu's numbers do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.work import MOST
from oms.domain.phase import PHASES

#: Phases of orders that have yet to come to a stop: they are preprocessed or reviewed.
_COMING: Final = [phase.code for phase in PHASES.values() if phase.step in (2, 3)]
_SCOPES: Final = {
    "all": "true",
    "shop": "shop_id = :id",
    "stock_point": "stock_point_id = :id",
    "carrier": "carrier_id = :id",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Documents in a scope by step; `coming` orders go on until they would leave, None where it is not known yet."""

    calls: int
    planned: int
    coming: int | None

    @property
    def now(self) -> int:
        """What stands still at once."""
        return self.calls + self.planned


def reach_of(connection: Connection, scope: str, scope_id: int) -> Reach:
    """How much a stop of this scope would keep back; orders not planned yet have no stock point and no carrier."""
    given = {"id": scope_id, "most": MOST, "coming": _COMING}

    def count(table: str, condition: str) -> int:
        found = f"select 1 from {table} where {condition} and {_SCOPES[scope]} limit :most"
        return int(connection.execute(text(f"select count(*) from ({found}) found"), given).scalar_one())

    return Reach(
        count("outbound", "state not in ('done', 'void') and state = 'waiting' and kind = 'create_fulfilment'"),
        count(
            "fulfilment",
            "status not in ('shipped', 'cancelled', 'merged', 'closed_short') and status in ('planned', 'on_hold')",
        ),
        count("orders", "status in ('unpaid', 'open') and phase = any(:coming)") if scope in ("all", "shop") else None,
    )
