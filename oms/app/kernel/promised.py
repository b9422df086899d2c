"""What is promised of goods before a stock point is known, as a batch sees it; what is written is in oms.app.stock.

Nothing is asked of the database where nobody has a reservation: the snapshot of the masters says whether there are any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

GOOD, PRESALE = "good", "presale"


class Policy(NamedTuple):
    """How long promises hold and what may be sold beyond stock; see PromisePolicy."""

    unpaid: timedelta = timedelta(minutes=30)
    short: timedelta = timedelta(hours=72)
    backorder: int = 0
    last_units: int = 0
    late_fine: int = 0


DEFAULT: Final = Policy()


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether anything is promised at all, who reserves before payment, and every pool's and shop's policy."""

    is_any: bool = False
    has_timed: bool = False
    has_exclusive: bool = False
    at_order: frozenset[int] = frozenset()
    policies: dict[tuple[int, int], Policy] = field(default_factory=dict)

    def policy(self, pool_id: int | None, shop_id: int) -> Policy:
        """The policy of a shop in its pool."""
        if not self.policies:
            return DEFAULT
        key = pool_id or 0
        return self.policies.get((key, shop_id)) or self.policies.get((key, 0), DEFAULT)


NOTHING: Final = Standing()


class Row(NamedTuple):
    """A reservation of an order as it is stored."""

    id: int
    order_id: int
    pool_id: int
    sku_id: int
    kind: str
    units: int
    since: datetime
    expires_at: datetime | None


class Timed(NamedTuple):
    """Units held for a time, for the order that comes with the holder's reference."""

    id: int
    pool_id: int
    sku_id: int
    units: int
    since: datetime


@dataclass(slots=True)
class Exclusive:
    """Units of a SKU that are for one place alone; `left` of them are not drawn yet."""

    quota_id: int
    scope: str
    scope_id: int
    left: int


Place = tuple[datetime, int]  # since, id: the place in the queue
PoolSku = tuple[int, int]


@dataclass(slots=True)
class Promised:
    """Reservations that matter to a batch; `ahead` counts those before an order's own, `totals` all of a pool's SKU.

    `gone` are own reservations that the batch has turned into allocations, `added` what orders of the batch wait for
    since.
    """

    rows: dict[int, list[Row]] = field(default_factory=dict)
    timed: dict[int, list[Timed]] = field(default_factory=dict)
    places: dict[tuple[int, int], Place] = field(default_factory=dict)  # order, SKU
    ahead: dict[tuple[int, int], int] = field(default_factory=dict)  # order, SKU
    mine: dict[tuple[int, int], int] = field(default_factory=dict)  # order, SKU
    totals: dict[PoolSku, int] = field(default_factory=dict)
    gone: dict[PoolSku, list[tuple[Place, int]]] = field(default_factory=dict)
    added: dict[PoolSku, dict[int, int]] = field(default_factory=dict)  # order → units, in the order of the batch
    presale: frozenset[PoolSku] = frozenset()  # what is sold before it arrives, of orders that owe a balance
    exclusive: dict[int, list[Exclusive]] = field(default_factory=dict)  # SKU
    drawn: dict[tuple[int, int], int] = field(default_factory=dict)  # quota, order

    @property
    def is_any(self) -> bool:
        """Whether anything of a pool is kept for somebody."""
        return bool(self.totals or self.added or self.exclusive)

    def before(self, order_id: int, key: PoolSku) -> int:
        """Units of a pool's SKU that are promised to others who come before an order."""
        place = self.places.get((order_id, key[1]))
        gone = self.gone.get(key, ())
        if place is not None:
            return max(0, self.ahead[order_id, key[1]] - sum([units for other, units in gone if other < place]))
        units = self.totals.get(key, 0) - sum([units for _, units in gone])
        for other_id, more in self.added.get(key, {}).items():
            if other_id == order_id:
                break
            units += more
        return max(0, units)

    def keep(self, order_id: int, pool_id: int, wanted: Iterable[tuple[int, int]], *, is_planned: bool) -> None:
        """An order was planned, or waits from now on, for these (SKU, units)."""
        for sku_id, units in wanted:
            key = (pool_id, sku_id)
            place = self.places.get((order_id, sku_id))
            if is_planned and place is not None:
                self.gone.setdefault(key, []).append((place, self.mine[order_id, sku_id]))
            elif not is_planned and place is None:
                self.added.setdefault(key, {})[order_id] = units


STANDING: Final = text("""
select exists (select from demand_reservation),
  exists (select from demand_reservation where order_id is null),
  exists (select from stock_quota where is_enabled and exclusive > 0),
  array(select id from shop where reserve_at = 'order')""")
POLICIES: Final = text("""
select p.pool_id, p.shop_id, coalesce(p.unpaid_minutes, a.unpaid_minutes), coalesce(p.short_hours, a.short_hours),
  coalesce(p.backorder_units, a.backorder_units), coalesce(p.last_units, a.last_units), coalesce(p.late_fine, a.late_fine)
from promise_policy p left join promise_policy a on a.pool_id = p.pool_id and a.shop_id = 0""")


def read_standing(connection: Connection) -> Standing:
    """The flags and policies of the masters' snapshot."""
    is_any, has_timed, has_exclusive, at_order = connection.execute(STANDING).one()
    policies = {(pool, shop): policy_of(*given) for pool, shop, *given in connection.execute(POLICIES)}
    return Standing(is_any, has_timed, has_exclusive, frozenset(at_order), policies)


def policy_of(
    unpaid_minutes: int | None, short_hours: int | None, backorder: int | None, last: int | None, fine: int | None
) -> Policy:
    """A policy from its row; an empty field is as it is everywhere."""
    return Policy(
        DEFAULT.unpaid if unpaid_minutes is None else timedelta(minutes=unpaid_minutes),
        DEFAULT.short if short_hours is None else timedelta(hours=short_hours),
        backorder or 0,
        last or 0,
        fine or 0,
    )


FREED: Final = """
insert into stock_freed (sku_id) select v.sku from unnest(%s::bigint[]) as v(sku)
where exists (select from demand_reservation r where r.sku_id = v.sku) and not exists (
  select from stock_freed f where f.sku_id = v.sku)"""


def freed_skus(sums: Iterable[tuple[tuple[int, int, str], int]]) -> Collection[int]:
    """SKUs of which good units came free, from (level, units more sellable)."""
    more: dict[int, int] = {}
    for (_, sku_id, kind), units in sums:
        if kind == GOOD:
            more[sku_id] = max(more.get(sku_id, 0), units)
    return sorted(sku_id for sku_id, units in more.items() if units > 0)
