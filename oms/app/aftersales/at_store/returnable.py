"""What of an order may be brought back to a store, for how much, and why not; it writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch

#: Days where a shop says nothing.
DAYS: Final = 7
ORDER: Final = """
select o.id, o.shop_id, o.external_no, o.status, o.currency, coalesce(t.days, 7), coalesce(t.own_limit, 0),
  coalesce(t.allows_other_stores, true) from orders o left join return_terms t on t.shop_id = o.shop_id
where o.id = %s"""
LINES: Final = """
select l.id, l.line_no, l.external_no, l.title, l.variant, l.is_gift, l.ordered, l.shipped, l.returned, l.refunded,
  l.paid_amount, l.refunded_amount, l.refund_state, l.case_no,
  (select coalesce(sum(x.amount), 0)::bigint from case_line x join cases c on c.id = x.case_id
   where x.order_line_id = l.id and c.origin = 'store' and c.outcome = 'open' and c.money <> 'paid')
from order_line l where l.order_id = %s and l.kind = 'goods' and not l.is_gone order by l.line_no, l.id"""
#: Units by line, SKU and the point they came from that reached the buyer; gifts that the hub gave are nobody's line.
DELIVERED: Final = """
select d.order_line_id, i.sku_id, f.stock_point_id, max(greatest(d.per_unit, 1)), sum(i.units)::int,
  max(coalesce(p.delivered_at, p.last_event_at))
from parcel_item i join parcel p on p.id = i.parcel_id join fulfilment_line l on l.id = i.fulfilment_line_id
join demand d on d.id = l.demand_id join fulfilment f on f.id = l.fulfilment_id
where i.order_id = %s and p.state = 'delivered' and d.origin <> 'gift' group by 1, 2, 3 order by 1, 2, 3"""
BACK: Final = """
select l.order_line_id, l.sku_id, l.home_point_id, sum(l.units)::int from store_return_line l
join store_return r on r.id = l.store_return_id where r.order_id = %s
  and (l.transfer_id is not null or l.good + l.defective > 0)
group by 1, 2, 3"""
PLATFORM_CASES: Final = """
select external_no, id, kind from cases where order_id = %s and origin = 'platform' and outcome = 'open' order by id"""
#: What stores took for the order and have neither given back nor promised back.
TAKEN: Final = """
select coalesce((select sum(amount) from store_receipt where order_id = %s), 0)::bigint
  - coalesce((select sum(r.store_part) from store_return r join cases c on c.id = r.case_id
     where r.order_id = %s and c.outcome in ('open', 'succeeded')), 0)::bigint"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Units of a SKU with the buyer, and the point they came from."""

    sku_id: int
    per_unit: int
    point_id: int
    units: int


@dataclass(slots=True)
class ReturnLine:
    """An order line as a clerk sees it; `why_not` is empty when `units` of it may come back."""

    id: int
    external_no: str
    title: str
    variant: str
    is_gift: bool
    ordered: int
    returned: int
    paid: int
    repaid: int
    pending: int
    case_no: str
    is_asked: bool
    pieces: list[Piece] = field(default_factory=list)
    units: int = 0
    why_not: str = ""

    def amount(self, units: int) -> int:
        """What so many more units are worth, in minor units: the shares of all units add up to what was paid."""
        share = self.paid * (self.returned + units) // self.ordered - self.paid * self.returned // self.ordered
        return max(0, min(share, self.paid - self.repaid - self.pending))


@dataclass(slots=True)
class Returnable:
    """An order with what may come back; `returned` is how many units have, so that a page can tell it has aged."""

    order_id: int
    shop_id: int
    external_no: str
    currency: str
    own_limit: int
    lines: list[ReturnLine]
    delivered_at: datetime | None
    until: datetime | None
    taken: int
    cases: Mapping[str, tuple[int, str]]
    why_not: str = ""
    allows_other_stores: bool = False

    @property
    def returned(self) -> int:
        """Units that have come back."""
        return sum(line.returned for line in self.lines)

    def amount(self, units: Mapping[int, int]) -> int:
        """What so many units by line are worth."""
        return sum(line.amount(units.get(line.id, 0)) for line in self.lines)


def returnable(connection: Connection, order_id: int, now: datetime) -> Returnable | None:
    """The order as it stands; None when there is none."""
    heads = fetch(connection, ORDER, (order_id,))
    if not heads:
        return None
    _id, shop_id, external_no, status, currency, days, own_limit, others = heads[0]
    lines = {row[0]: _line(row) for row in fetch(connection, LINES, (order_id,))}
    delivered = fetch(connection, DELIVERED, (order_id,))
    back = {row[:3]: row[3] for row in fetch(connection, BACK, (order_id,))}
    for line_id, sku_id, point_id, per_unit, units, _at in delivered:
        if line_id in lines:
            left = units - back.get((line_id, sku_id, point_id), 0)
            lines[line_id].pieces.append(Piece(sku_id, per_unit, point_id, left))
    at = max((row[5] for row in delivered if row[5] is not None), default=None)
    until = at + timedelta(days=days) if at is not None else None
    taken = max(0, fetch(connection, TAKEN, (order_id, order_id))[0][0])
    cases = {row[0]: (row[1], row[2]) for row in fetch(connection, PLATFORM_CASES, (order_id,))}
    found = Returnable(order_id, shop_id, external_no, currency, own_limit, list(lines.values()), at, until, taken, cases,
                       _why_not(status, at, until, now), others)  # fmt: skip
    for line in found.lines:
        _judge(line, found)
    if not found.why_not and not any(line.units for line in found.lines):
        found.why_not = "nothing of it is left to come back"
    return found


def _line(row: Sequence[Any]) -> ReturnLine:
    (id_, _no, external_no, title, variant, is_gift, ordered, _shipped, returned, _refunded, paid, repaid, refund_state,
     case_no, pending) = row  # fmt: skip
    is_asked = refund_state in ("asked", "agreed", "returned")
    return ReturnLine(id_, external_no, title, variant, is_gift, ordered, returned, max(paid, 0), repaid, pending,
                      case_no, is_asked)  # fmt: skip


def _judge(line: ReturnLine, order: Returnable) -> None:
    """How many units may come back: whole sets of all its SKUs, of what the buyer has."""
    sets: dict[int, int] = {}
    per = {piece.sku_id: piece.per_unit for piece in line.pieces}
    for piece in line.pieces:
        sets[piece.sku_id] = sets.get(piece.sku_id, 0) + piece.units
    there = min((units // per[sku_id] for sku_id, units in sets.items()), default=0)
    line.units = max(0, min(there, line.ordered - line.returned))
    if line.is_asked and order.cases.get(line.case_no, (0, ""))[1] not in ("return", "exchange"):
        line.why_not = "the platform has an open request for it; customer service answers that first"
    elif not line.pieces:
        line.why_not = "it has not reached the buyer"
    elif not line.units:
        line.why_not = "it has come back already"
    if line.why_not:
        line.units = 0


def _why_not(status: str, at: datetime | None, until: datetime | None, now: datetime) -> str:
    if status == "cancelled":
        return "the order was cancelled"
    if at is None or until is None:
        return "nothing of it has reached the buyer"
    return "the time for bringing it back is over" if now > until else ""
