"""Open orders whose deadline is near or over, with what being late costs and what it is expected to cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow
from oms.domain.sla import Fine, expected_fine

#: So many orders with the nearest deadlines are weighed; more than a team gets out in a shift.
MOST: Final = 2_000
#: What usually lies ahead of an order where nothing of the last days tells.
USUAL: Final = timedelta(hours=12)
_PHASES: Final = (
    "'captured', 'held', 'short', 'review', 'sent_back', 'merging', 'to_dispatch', 'blocked', 'dispatching', "
    "'stopping', 'at_warehouse', 'part_shipped'"
)
_NEAR = text(f"""
select o.id, o.external_no, o.shop_id, s.name as shop, c.mark, o.phase, o.paid_total, o.currency, o.ship_by, o.ordered_at,
  o.is_cod, o.is_presale, d.fine_amount, d.fine_bp, d.fine_least, d.fine_most,
  (select h.kind from hold h where h.order_id = o.id and h.cleared_at is null and h.blocks > 0
   order by h.blocks desc, h.id limit 1) as held
from orders o join shop s on s.id = o.shop_id join channel c on c.id = s.channel_id
left join lateral (
  select d.* from deadline_setting d
  where case d.scope when 'global' then true when 'channel' then d.scope_id = s.channel_id
    when 'shop_group' then d.scope_id = s.shop_group_id when 'user_group' then d.scope_id = s.user_group_id
    else d.scope_id = s.id end
  order by array_position(array['shop', 'user_group', 'shop_group', 'channel', 'global'], d.scope) limit 1) d on true
where o.status = 'open' and o.fulfiller = 'us' and o.phase in ({_PHASES}) and o.ship_by < :until
  and o.shop_id = any(:shops)
order by o.ship_by, o.id limit :most""")
#: How long it took lately from the plan, and from the hand-over, until goods had left; the newest fulfilments tell.
_USUAL = text("""
select percentile_cont(0.5) within group (order by extract(epoch from shipped_at - planned_at)) as planned,
  percentile_cont(0.5) within group (order by extract(epoch from shipped_at - sent_at)) as sent
from (select planned_at, sent_at, shipped_at from fulfilment where shipped_at is not null and shipped_at >= planned_at
      order by id desc limit 500) f""")


@dataclass(frozen=True, slots=True)
class Due:
    """An order that must leave soon; amounts in minor units of its currency."""

    row: AnyRow
    left: timedelta
    fine: int
    expected: int

    @property
    def is_late(self) -> bool:
        """Whether its deadline is over."""
        return self.left < timedelta()


@dataclass(frozen=True, slots=True)
class Usual:
    """How long goods usually take to leave, from the plan and from the hand-over to the stock point."""

    planned: timedelta
    sent: timedelta

    def of(self, phase: str) -> timedelta:
        """What usually lies ahead of an order in a phase."""
        return self.sent if phase in ("at_warehouse", "part_shipped") else self.planned


def usual_times(connection: Connection) -> Usual:
    """What the newest fulfilments that left took."""
    row = connection.execute(_USUAL).one()
    planned = timedelta(seconds=float(row.planned)) if row.planned is not None else USUAL
    return Usual(planned, timedelta(seconds=float(row.sent)) if row.sent is not None else planned)


def orders_due(
    connection: Connection, shop_ids: Sequence[int], now: datetime, within: timedelta, usual: Usual
) -> list[Due]:
    """Open orders that must leave within a time or are late, those first whose fine is expected to be largest.

    Among equal fines, also where none is known, the nearest deadline comes first.
    """
    asked = {"shops": list(shop_ids), "until": now + within, "most": MOST}
    found = [_due(row, now, usual) for row in connection.execute(_NEAR, asked)]
    return sorted(found, key=lambda due: (-due.expected, due.row.ship_by, due.row.id))


def _due(row: AnyRow, now: datetime, usual: Usual) -> Due:
    left = row.ship_by - now
    fine = Fine(row.fine_amount or 0, row.fine_bp or 0, row.fine_least or 0, row.fine_most).of(row.paid_total)
    return Due(row, left, fine, expected_fine(fine, left, usual.of(row.phase)))
