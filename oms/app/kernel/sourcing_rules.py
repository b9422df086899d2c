"""How shops choose between stock points: settings of the shop, its channel or its pool, as sourcing needs them.

Nothing is in here while nobody has set anything, so that it costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from oms.domain.sourcing import Point, Policy
from oms.domain.sourcing.speed import TransitTable

#: After so many refusals an order waits for people, unless a setting says otherwise.
MOST_REFUSALS: Final = 3
#: A day whose load is below this part weighs nothing; loads are told in steps, so that what is worked out holds longer.
EASY_PERCENT, LOAD_STEP = 50, 10


@dataclass(frozen=True, slots=True)
class SourcingCard:
    """What decides for the orders of a shop; amounts are minor units (an hour, a full day, a place in the pool).

    `points` are the main point and its backups as they were set; `barred` are points of the pool that never serve.
    `together` are lists of SKUs that leave together. `place` is (scope, id, revision) of the setting.
    """

    policy: Policy = field(default_factory=Policy)
    ships_whole: bool = False
    hour_amount: int = 0
    pressure_amount: int = 0
    most_refusals: int = MOST_REFUSALS
    max_parcels: int | None = None
    points: tuple[int, ...] = ()
    only_points: bool = False
    whole_lines: bool = False
    together: tuple[tuple[int, ...], ...] = ()
    rank_amount: int = 1
    handling_percent: int = 100
    place: tuple[str, int, int] = ("", 0, 0)
    barred: frozenset[int] = frozenset()

    @property
    def weighs_points(self) -> bool:
        """Whether points weigh otherwise than by their handling and rank alone."""
        weighs = self.hour_amount or self.pressure_amount or self.policy.rule == "fastest"
        return bool(weighs or self.rank_amount != 1 or self.handling_percent != 100)

    @property
    def binds(self) -> bool:
        """Whether goods leave together that the platform did not bind."""
        return self.whole_lines or bool(self.together)

    def parcels(self, of_shop: int) -> int:
        """How many parcels an order may make, where the shop itself allows so many."""
        return of_shop if self.max_parcels is None else self.max_parcels


@dataclass(frozen=True, slots=True)
class SourcingRules:
    """Cards by (scope, id), and of points their division and the percent of today's capacity that is used."""

    cards: Mapping[tuple[str, int], SourcingCard] = field(default_factory=dict)
    divisions: Mapping[int, str] = field(default_factory=dict)
    loads: Mapping[int, int] = field(default_factory=dict)
    transit: TransitTable = field(default_factory=TransitTable)
    #: Hours until the day on which goods planned now leave, of points that do not work today any more.
    waits: Mapping[int, int] = field(default_factory=dict)

    def card(self, shop_id: int, channel_id: int, pool_id: int | None) -> SourcingCard | None:
        """The most exact card; None where nothing is set."""
        for key in (("shop", shop_id), ("channel", channel_id), ("pool", pool_id or 0)):
            found = self.cards.get(key)
            if found is not None:
                return found
        return None

    def weight(self, card: SourcingCard, point_id: int, division: str) -> tuple[int, int, int]:
        """(pressure, lateness, hours) of a parcel from a point to a division."""
        hours = self.waits.get(point_id, 0) + self.transit.hours(self.divisions.get(point_id, ""), division)
        load = max(0, self.loads.get(point_id, 0) - EASY_PERCENT) * card.pressure_amount
        return load // (100 - EASY_PERCENT), hours * card.hour_amount, hours

    def weigh(self, card: SourcingCard, point: Point, division: str) -> Point:
        """A point as this card weighs it for orders to a division."""
        pressure, lateness, hours = self.weight(card, point.id, division)
        handling = (point.handling * card.handling_percent + 50) // 100
        rank = point.rank * card.rank_amount
        return replace(point, handling=handling, rank=rank, pressure=pressure, lateness=lateness, hours=hours)


NO_SOURCING: Final = SourcingRules()
SETTINGS = text("""
select s.scope, s.scope_id, s.policy, s.ships_whole, s.splits_units, s.parcel_amount, s.split_gain, s.gain_hours,
       s.hour_amount, s.pressure_amount, s.most_refusals, s.max_parcels, s.points, s.only_points, s.together_lines,
       s.together_skus, s.rank_amount, s.handling_percent, s.scarcity_percent, s.revision from sourcing_setting s
union all
select 'pool', p.id, case when p.main_point_id is null then p.split_policy else 'main_first' end, false, true,
       300, 0, 0, 0, 0, 3, null, '{}', false, false, '[]', 1, 100, 100, 0 from stock_pool p
where (p.main_point_id is not null or p.split_policy in ('cheapest', 'main_first', 'fastest'))
  and not exists (select from sourcing_setting s where s.scope = 'pool' and s.scope_id = p.id)""")
MAINS = text("""
select p.id, m.stock_point_id from stock_pool p join pool_member m on m.pool_id = p.id
order by m.stock_point_id <> coalesce(p.main_point_id, 0), m.rank, m.stock_point_id""")
SHOP_POOLS = text("select id, channel_id, coalesce(stock_pool_id, 0) from shop")
POINTS = text("""
select p.id, p.division_code, coalesce(100 * c.used / nullif(p.daily_capacity, 0), 0) from stock_point p
left join stock_capacity c on c.stock_point_id = p.id
  and c.day = (cast(:now as timestamptz) at time zone p.timezone)::date where p.state <> 'closed'""")
TRANSIT = text("select from_prefix, to_prefix, hours from transit_time")


def read_sourcing_rules(connection: Connection, now: datetime) -> SourcingRules:
    """Settings as of this transaction; a pool's order of points counts for every shop that takes the main one first."""
    rows = connection.execute(SETTINGS).all()
    if not rows:
        return NO_SOURCING
    orders: dict[int, list[int]] = {}
    for pool_id, point_id in connection.execute(MAINS):
        orders.setdefault(pool_id, []).append(point_id)
    cards = {(row.scope, row.scope_id): _card(row) for row in rows}
    named = {
        ("shop", shop_id): within_pool(found, orders.get(pool_id, []))
        for shop_id, channel_id, pool_id in connection.execute(SHOP_POOLS)
        for found in [SourcingRules(cards).card(shop_id, channel_id, pool_id)]
        if found is not None
    }
    pools = {key: within_pool(card, orders.get(key[1], [])) for key, card in cards.items() if key[0] == "pool"}
    found = SourcingRules({**pools, **named})
    return with_weights(connection, now, found) if any(card.weighs_points for card in cards.values()) else found


def with_weights(connection: Connection, now: datetime, rules: SourcingRules) -> SourcingRules:
    """The rules with what points are told apart by: where they are, how full their day is, hours between places."""
    points = connection.execute(POINTS, {"now": now}).all()
    loads = {id_: min(100, used) // LOAD_STEP * LOAD_STEP for id_, _, used in points}
    divisions = {id_: division for id_, division, _ in points}
    return replace(rules, divisions=divisions, loads=loads, transit=read_transit(connection))


def read_transit(connection: Connection) -> TransitTable:
    """Transit hours as people wrote them."""
    return TransitTable({(row[0], row[1]): row[2] for row in connection.execute(TRANSIT)})


def _card(row: Row[Any]) -> SourcingCard:
    return card_of(row.scope, row.scope_id, row.revision, dict(row._mapping))


def card_of(scope: str, scope_id: int, revision: int, said: Mapping[str, Any]) -> SourcingCard:
    """What a place says, by the columns of its row, as sourcing needs it."""
    policy = Policy(
        said["policy"], said["parcel_amount"], said["split_gain"], said["gain_hours"], said["splits_units"],
        scarcity=said["scarcity_percent"],
    )  # fmt: skip
    return SourcingCard(
        policy, said["ships_whole"], said["hour_amount"], said["pressure_amount"], said["most_refusals"],
        said["max_parcels"], tuple(said["points"]), said["only_points"], said["together_lines"],
        tuple([tuple(skus) for skus in said["together_skus"]]), said["rank_amount"], said["handling_percent"],
        (scope, scope_id, revision),
    )  # fmt: skip


def within_pool(card: SourcingCard, points: Sequence[int]) -> SourcingCard:
    """The card for shops of one pool: in which order its points are taken, and which of them never are."""
    if card.only_points:
        card = replace(card, barred=frozenset(points) - frozenset(card.points))
    if card.policy.rule != "main_first":
        return card
    first = [id_ for id_ in card.points if id_ in points]
    order = (*first, *[id_ for id_ in points if id_ not in first])
    return replace(card, policy=replace(card.policy, order=order))
