"""What is promised of goods before a stock point is known, as a batch sees it; what is written is in oms.app.stock.

Nothing is asked of the database where nobody has a reservation: the snapshot of the masters says whether there are any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from oms.domain.keeping import LARGE_UNITS, LATER, NOW, SHARE_BP, Kept, Terms

GOOD, PRESALE = "good", "presale"


class Policy(NamedTuple):
    """How long promises hold, what may be sold beyond stock and what waiting orders keep; see PromisePolicy."""

    unpaid: timedelta = timedelta(minutes=30)
    short: timedelta = timedelta(hours=72)
    backorder: int = 0
    last_units: int = 0
    late_fine: int = 0
    keeping: Terms = Terms()


DEFAULT: Final = Policy()


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether anything is promised at all, who reserves before payment, and every pool's and shop's policy."""

    is_any: bool = False
    has_timed: bool = False
    has_exclusive: bool = False
    at_order: frozenset[int] = frozenset()
    policies: dict[tuple[int, int], Policy] = field(default_factory=dict)
    #: Pool → all pools that share stock points with it, itself among them; only those that share any.
    sharing: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

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
    kept: int
    reach: str
    is_there: bool


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


class Sums(NamedTuple):
    """Of a pool's SKU: units kept, units that those who wait will need, units kept for what is on its way."""

    kept: int = 0
    due: int = 0
    parted: int = 0


NO_SUMS: Final = Sums()


@dataclass(slots=True)
class Promised:
    """Reservations that matter to a batch; `ahead` are the sums of those before an order's own, `totals` all of a SKU.

    `gone` are own reservations that the batch has turned into allocations, `added` what is kept and will be needed for
    orders of the batch that wait since; `decided` is what was decided for them.
    """

    rows: dict[int, list[Row]] = field(default_factory=dict)
    timed: dict[int, list[Timed]] = field(default_factory=dict)
    places: dict[tuple[int, int], Place] = field(default_factory=dict)  # order, SKU
    ahead: dict[tuple[int, int, int], Sums] = field(default_factory=dict)  # order, pool, SKU
    mine: dict[tuple[int, int], int] = field(default_factory=dict)  # order, SKU
    totals: dict[PoolSku, Sums] = field(default_factory=dict)
    gone: dict[PoolSku, list[tuple[Place, int]]] = field(default_factory=dict)
    added: dict[PoolSku, dict[int, tuple[int, int]]] = field(default_factory=dict)  # in the order of the batch
    decided: dict[int, tuple[dict[int, int], dict[int, Kept]]] = field(default_factory=dict)  # order → wanted, kept
    coming: dict[PoolSku, list[tuple[datetime, int]]] | None = None  # None until somebody asks what is on its way
    presale: frozenset[PoolSku] = frozenset()  # what is sold before it arrives, of orders that owe a balance
    exclusive: dict[int, list[Exclusive]] = field(default_factory=dict)  # SKU
    drawn: dict[tuple[int, int], int] = field(default_factory=dict)  # quota, order

    @property
    def is_any(self) -> bool:
        """Whether anything of a pool is kept for somebody."""
        return bool(self.totals or self.added or self.exclusive)

    def before(self, order_id: int, key: PoolSku) -> int:
        """Units of a pool's SKU that are kept for others who come before an order."""
        place = self.places.get((order_id, key[1]))
        gone = self.gone.get(key, ())
        if place is not None:
            ahead = self.ahead.get((order_id, *key), NO_SUMS).kept
            return max(0, ahead - sum([units for other, units in gone if other < place]))
        units = self.totals.get(key, NO_SUMS).kept - sum([units for _, units in gone])
        return max(0, units + self._added(order_id, key)[0])

    def due_before(self, order_id: int, key: PoolSku) -> int:
        """Units of a pool's SKU that those before an order will need, of what is there and of what is on its way."""
        if (order_id, key[1]) in self.places:
            return self.ahead.get((order_id, *key), NO_SUMS).due
        return self.totals.get(key, NO_SUMS).due + self._added(order_id, key)[1]

    def wanted_before(self, order_id: int, key: PoolSku) -> int:
        """Units of a pool's SKU that are not for an order: kept for those before it, or what they will need."""
        return max(self.before(order_id, key), self.due_before(order_id, key))

    def parted(self, order_id: int, key: PoolSku) -> int:
        """Units of a pool's SKU that others keep who wait for what is on its way."""
        row = self.row(order_id, key[1])
        mine = row.kept if row is not None and row.reach == LATER else 0
        return max(0, self.totals.get(key, NO_SUMS).parted - mine)

    def row(self, order_id: int, sku_id: int) -> Row | None:
        """What an order has reserved of goods."""
        rows = self.rows.get(order_id, ())
        return next((row for row in rows if row.sku_id == sku_id and row.kind == GOOD), None)

    def _added(self, order_id: int, key: PoolSku) -> tuple[int, int]:
        kept = due = 0
        for other_id, (units, needs) in self.added.get(key, {}).items():
            if other_id == order_id:
                break
            kept, due = kept + units, due + needs
        return kept, due

    def let_go(self, order_id: int, pool_id: int, sku_ids: Iterable[int]) -> None:
        """An order was planned: what was kept for it is an allocation now."""
        for sku_id in sku_ids:
            place = self.places.get((order_id, sku_id))
            if place is not None:
                self.gone.setdefault((pool_id, sku_id), []).append((place, self.mine[order_id, sku_id]))

    def keep(self, order_id: int, pool_id: int, wanted: dict[int, int], kept: dict[int, Kept]) -> None:
        """An order waits from now on: those who come later in the batch leave to it what is kept for it."""
        self.decided[order_id] = (wanted, kept)
        for sku_id, one in kept.items():
            more = one.units - self.mine.get((order_id, sku_id), 0)
            is_new = (order_id, sku_id) not in self.places
            due = wanted[sku_id] if is_new and one.reach in (NOW, LATER) else 0
            if more > 0 or due:
                self.added.setdefault((pool_id, sku_id), {})[order_id] = (max(0, more), due)


STANDING: Final = text("""
select exists (select from demand_reservation),
  exists (select from demand_reservation where order_id is null),
  exists (select from stock_quota where is_enabled and exclusive > 0),
  array(select id from shop where reserve_at = 'order')""")
POLICIES: Final = text("""
select p.pool_id, p.shop_id, coalesce(p.unpaid_minutes, a.unpaid_minutes), coalesce(p.short_hours, a.short_hours),
  coalesce(p.backorder_units, a.backorder_units), coalesce(p.last_units, a.last_units),
  coalesce(p.late_fine, a.late_fine), coalesce(p.keep_bp, a.keep_bp), coalesce(p.large_units, a.large_units)
from promise_policy p left join promise_policy a on a.pool_id = p.pool_id and a.shop_id = 0""")
SHARING: Final = text("""
select distinct a.pool_id, b.pool_id from pool_member a
join pool_member b on b.stock_point_id = a.stock_point_id and b.pool_id > a.pool_id""")


def read_standing(connection: Connection) -> Standing:
    """The flags and policies of the masters' snapshot."""
    is_any, has_timed, has_exclusive, at_order = connection.execute(STANDING).one()
    policies = {(pool, shop): policy_of(*given) for pool, shop, *given in connection.execute(POLICIES)}
    sharing = joined_pools((row[0], row[1]) for row in connection.execute(SHARING)) if is_any else {}
    return Standing(is_any, has_timed, has_exclusive, frozenset(at_order), policies, sharing)


def joined_pools(pairs: Iterable[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    """From pairs of pools that share a stock point: pool → all that are joined to it, itself among them."""
    joined: dict[int, set[int]] = {}
    for one, other in pairs:
        together = joined.get(one, {one}) | joined.get(other, {other})
        joined |= dict.fromkeys(together, together)
    return {pool_id: tuple(sorted(together)) for pool_id, together in joined.items()}


def policy_of(
    unpaid_minutes: int | None,
    short_hours: int | None,
    backorder: int | None,
    last: int | None,
    fine: int | None,
    keep_bp: int | None,
    large: int | None,
) -> Policy:
    """A policy from its row; an empty field is as it is everywhere."""
    return Policy(
        DEFAULT.unpaid if unpaid_minutes is None else timedelta(minutes=unpaid_minutes),
        DEFAULT.short if short_hours is None else timedelta(hours=short_hours),
        backorder or 0,
        last or 0,
        fine or 0,
        Terms(SHARE_BP if keep_bp is None else keep_bp, large or LARGE_UNITS),
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
