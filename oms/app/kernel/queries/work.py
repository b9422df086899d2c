"""How much open work there is: the numbers of the menu and of the home page, from partial indexes only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, text

#: A menu shows 9,999+ beyond this; counting stops there.
MOST = 10_000

_PHASES = text(
    "select phase, shop_id, count(*) from orders "
    "where status in ('unpaid', 'open') and shop_id = any(:shops) group by phase, shop_id"
)
_TIERS = text(
    "select coalesce(sum((tiers_waiting & 1 <> 0)::int), 0), coalesce(sum((tiers_waiting & 2 <> 0)::int), 0), "
    "coalesce(sum((tiers_waiting & 4 <> 0)::int), 0), coalesce(sum((tiers_waiting & 8 <> 0)::int), 0), count(*) "
    "from (select tiers_waiting from orders where status in ('unpaid', 'open') and phase = 'review' "
    "and shop_id = any(:shops) limit :most) waiting"
)
_TROUBLE = text(
    "select (select count(*) from (select 1 from parked_record where state = 'parked' "
    "and shop_id = any(:shops) limit :most) p), "
    "(select count(*) from (select 1 from outbound where state in ('refused', 'stuck') "
    "and state not in ('done', 'void') and (shop_id is null or shop_id = any(:shops)) limit :most) o), "
    "(select count(*) from (select 1 from interception i join orders n on n.id = i.order_id where "
    "i.acknowledged_by = '' and i.state in ('failed', 'expired') and n.shop_id = any(:shops) limit :most) t), "
    "(select count(*) from emergency_stop where ended_at is null), "
    "(select count(*) from (select 1 from cases where outcome = 'open' "
    "and (review = 'waiting' or platform_state = 'returned') and shop_id = any(:shops) limit :most) c), "
    "(select count(*) from (select 1 from push_message where state = 'failed' and (account_id in "
    "(select account_id from shop where id = any(:shops)) or account_id not in "
    "(select account_id from shop where account_id is not null and not id = any(:shops))) limit :most) m), "
    "(select count(*) from (select 1 from rule_trouble where cleared_at is null limit :most) r)"
)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Numbers beside the menu's entries."""

    tier_1: int = 0
    tier_2: int = 0
    tier_4: int = 0
    tier_8: int = 0
    review: int = 0
    parked: int = 0
    stuck: int = 0
    interceptions: int = 0
    stops: int = 0
    cases: int = 0
    messages: int = 0
    rule_troubles: int = 0

    @property
    def unread(self) -> int:
        """What the entry of parked records shows: records, and messages that could not be worked on."""
        return self.parked + self.messages

    @property
    def trouble(self) -> int:
        """What the operations entry shows."""
        return self.unread + self.stuck + self.interceptions + self.stops


@dataclass(slots=True)
class PhaseCounts:
    """Open orders by phase."""

    by_phase: dict[str, int] = field(default_factory=dict)

    def of(self, *phases: str) -> int:
        """How many open orders are in these phases."""
        return sum(self.by_phase.get(phase, 0) for phase in phases)


def open_work(connection: Connection, shop_ids: Sequence[int]) -> OpenWork:
    """The menu's numbers for these shops."""
    given = {"shops": list(shop_ids), "most": MOST}
    tiers = connection.execute(_TIERS, given).one()
    trouble = connection.execute(_TROUBLE, given).one()
    return OpenWork(*tiers, *trouble)


def phase_counts(connection: Connection, shop_ids: Sequence[int]) -> PhaseCounts:
    """How many open orders are in each phase."""
    counts = PhaseCounts()
    for phase, _shop, count in connection.execute(_PHASES.bindparams(bindparam("shops", list(shop_ids)))):
        counts.by_phase[phase] = counts.by_phase.get(phase, 0) + count
    return counts
