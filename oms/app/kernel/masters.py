"""Master rows that every batch needs (shops, pools, stock points, carriers, tariffs), kept for two seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, text

from oms.app.kernel.partners import NOBODY, Partners, read_partners
from oms.app.kernel.pauses import read_pauses
from oms.app.kernel.point_rules import NO_RULES, PointRules, read_point_rules
from oms.app.kernel.promised import NOTHING, Standing, read_standing
from oms.app.kernel.sourcing_plans import NO_PLANS, Plans, read_plans
from oms.app.kernel.sourcing_rules import NO_SOURCING, SourcingRules, read_sourcing_rules
from oms.domain.money import freight
from oms.domain.review import AS_RULES_SAY, ReviewPlan, plan_of
from oms.domain.shaping import pick
from oms.domain.sla import Pauses
from oms.domain.sourcing import Point, Quotes, quote

FRESH = timedelta(seconds=2)
#: Freight is looked up by started half kilo.
STEP_G = 500
#: Started half kilos → (carrier, freight) of the cheapest, None if none goes there.
Rates = dict[int, tuple[int, int] | None]
NO_POINTS: Final[frozenset[int]] = frozenset()
#: First weight and its amount, step and its amount, surcharge; grams and fen.
Tariff = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class ShopCard:
    """What the pipeline needs to know of a shop and its channel."""

    id: int
    code: str
    name: str
    vendor: str
    platform_code: str
    channel_id: int
    account_id: int | None
    pool_id: int | None
    mode: str
    owner: str
    currency: str
    merge_window_s: int
    merge_cap: int
    merges_with: int
    max_parcels: int
    hours_paid: int
    hours_cod: int
    user_group_id: int | None
    shop_group_id: int | None
    go_live_at: datetime | None
    #: Of the shop's account: what its connector reads documents by, and the zone of the times in them.
    settings: Mapping[str, str]
    timezone: str
    plan: ReviewPlan = AS_RULES_SAY
    #: Times in which its own deadlines do not run.
    pauses: Pauses = ()


@dataclass(frozen=True, slots=True)
class PointCard:
    """A stock point as sourcing and dispatch see it."""

    id: int
    code: str
    kind: str
    state: str
    account_id: int | None
    warehouse_code: str
    owner_code: str
    handling: int

    @property
    def packs(self) -> bool:
        """Whether it packs for couriers: a store without a system hands out and brings."""
        return self.kind != "store" or self.account_id is not None


@dataclass(frozen=True, slots=True)
class StoresCard:
    """How a shop's orders go through stores: how stores are found, and when the platform hears of a shipment."""

    finds_by: str
    tells_at: str
    geocoder_account_id: int | None


@dataclass(frozen=True, slots=True)
class CarrierCard:
    """A carrier with where it delivers and what it charges; prefixes longest first."""

    id: int
    code: str
    rank: int
    is_suspended: bool
    allows_cod: bool
    tracking_account_id: int | None
    coverage: tuple[tuple[str, bool], ...]
    tariffs: tuple[tuple[int, str, Tariff], ...]

    def delivers_to(self, division: str) -> bool:
        """Whether it goes there; the longest prefix speaks, silence means yes."""
        return next((yes for prefix, yes in self.coverage if division.startswith(prefix)), True)

    def tariff(self, point_id: int, division: str) -> Tariff | None:
        """The tariff from a point to a division; None where none of its tariffs speaks."""
        there = (card for at, prefix, card in self.tariffs if at in (0, point_id) and division.startswith(prefix))
        return next(there, None)

    def cost(self, point_id: int, division: str, weight_g: int) -> int | None:
        """Freight from a point; None where it has no tariff."""
        tariff = self.tariff(point_id, division)
        return None if tariff is None else freight(weight_g, *tariff)

    def prices_all(self, points: Iterable[int]) -> bool:
        """Whether it has a price from all of these points to everywhere."""
        everywhere = {at for at, prefix, _ in self.tariffs if not prefix}
        return 0 in everywhere or everywhere.issuperset(points)


@dataclass(slots=True)
class Served:
    """The points that may serve a place, with their quotes by started step of weight."""

    points: list[Point]
    by_steps: dict[int, Quotes] = field(default_factory=dict)

    def quotes(self, weight_g: int) -> Quotes:
        """What a parcel of this weight costs from each of the points."""
        steps = -(-weight_g // STEP_G)
        found = self.by_steps.get(steps)
        if found is None:
            found = self.by_steps[steps] = quote(self.points, steps * STEP_G)
        return found


@dataclass(slots=True)
class Masters:
    """A snapshot of the master rows."""

    taken_at: datetime
    shops: dict[int, ShopCard] = field(default_factory=dict)
    points: dict[int, PointCard] = field(default_factory=dict)
    pools: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # pool → (rank, point)
    carriers: dict[int, CarrierCard] = field(default_factory=dict)
    stores: dict[int, StoresCard] = field(default_factory=dict)  # only shops whose orders go through stores
    promises: Standing = NOTHING
    partners: Partners = NOBODY
    labels: dict[tuple[int, int], int] = field(default_factory=dict)  # point, carrier → account that gives the numbers
    label_vendors: dict[int, str] = field(default_factory=dict)  # account that gives numbers → vendor
    rules: PointRules = NO_RULES
    sourcing: SourcingRules = NO_SOURCING
    plans: Plans = field(default_factory=dict)  # pool → what the batch planner planned for it
    prefix_length: int = 0
    has_gaps: bool = False  # some carriers have tariffs, though not all of them from everywhere to everywhere
    rates: dict[tuple[int, str, bool], Rates] = field(default_factory=dict)  # point, place, cash on delivery
    served: dict[tuple[int, str, bool], Served] = field(default_factory=dict)  # pool, place, cash on delivery
    gaps: dict[tuple[int, str, bool], tuple[str, ...]] = field(default_factory=dict)  # as rates: who has no price
    unsure: dict[tuple[int, str], frozenset[int]] = field(default_factory=dict)  # pool, place

    def carrier_by_code(self, code: str) -> CarrierCard | None:
        """The carrier a warehouse or platform names."""
        return next((card for card in self.carriers.values() if card.code == code), None)

    def open_points(self, pool_id: int | None) -> list[tuple[int, PointCard]]:
        """(rank, point) of a pool, open ones only."""
        members = ((rank, self.points[point_id]) for rank, point_id in self.pools.get(pool_id or 0, []))
        return [(rank, card) for rank, card in members if card.state == "open"]

    def packing_points(self, pool_id: int | None) -> list[tuple[int, PointCard]]:
        """(rank, point) of a pool's open points that pack for couriers."""
        return [member for member in self.open_points(pool_id) if member[1].packs]

    def serving_points(self, pool_id: int | None, place: str) -> list[tuple[int, PointCard]]:
        """(rank, point) of a pool's open points that deliver to a place by courier, or might (`rules.placed`)."""
        members = self.packing_points(pool_id)
        rules = self.rules
        if rules.coverage:
            members = [member for member in members if rules.may_serve(member[1].id, place)]
        return members

    def points_for(self, pool_id: int | None, division: str, is_cod: bool) -> Served:
        """The open points of a pool with their carriers to a place; the same for every order that goes there."""
        place = division[: self.prefix_length]
        key = (pool_id or 0, place, is_cod)
        if key not in self.served:
            self.served[key] = Served([
                Point(
                    card.id, rank, card.handling, self._best_carrier(card.id, place, is_cod),
                    is_priced=self.is_priced(card.id, place, self.carriers_to(place, is_cod)),
                )
                for rank, card in self.serving_points(pool_id, place)
            ])  # fmt: skip
        return self.served[key]

    def unsure_points(self, pool_id: int | None, division: str) -> frozenset[int]:
        """Points of a pool that may serve a division, or not: that depends on where in it the receiver is."""
        rules = self.rules
        if not rules.placed:
            return NO_POINTS
        key = (pool_id or 0, division[: self.prefix_length])
        if key not in self.unsure:
            members = [card.id for _, card in self.packing_points(pool_id)]
            self.unsure[key] = frozenset([id_ for id_ in members if rules.is_unsure(id_, key[1])])
        return self.unsure[key]

    def _best_carrier(self, point_id: int, place: str, is_cod: bool) -> Callable[[int], tuple[int, int] | None]:
        """From a weight to (carrier, freight) of the cheapest carrier from a point to a place, None if none goes."""
        rates = self.rates.setdefault((point_id, place, is_cod), {})
        # What there is to choose from is the same for every weight.
        offers = [(card.tariff(point_id, place), card.rank, card.id) for card in self.carriers_to(place, is_cod)]

        def best_carrier(weight_g: int) -> tuple[int, int] | None:
            steps = -(-weight_g // STEP_G)
            if steps not in rates:
                weight = steps * STEP_G
                rates[steps] = pick([(t and freight(weight, *t), rank, id_) for t, rank, id_ in offers], {})
            return rates[steps]

        return best_carrier

    def carriers_to(self, place: str, is_cod: bool) -> list[CarrierCard]:
        """The carriers that go to a place."""
        return [
            card
            for card in self.carriers.values()
            if not card.is_suspended and (card.allows_cod or not is_cod) and card.delivers_to(place)
        ]

    def unpriced(self, point_id: int, place: str, is_cod: bool) -> tuple[str, ...]:
        """Codes of the carriers that go from a point to a place without a price."""
        key = (point_id, place, is_cod)
        if key not in self.gaps:
            cards = self.carriers_to(place, is_cod) if self.has_gaps else ()
            self.gaps[key] = tuple([card.code for card in cards if card.cost(point_id, place, 0) is None])
        return self.gaps[key]

    def is_priced(self, point_id: int, place: str, cards: Sequence[CarrierCard]) -> bool:
        """Whether one of these carriers has a price from a point to a place, or there is nothing to compare it with."""
        if not self.has_gaps or not cards:
            return True
        return any(card.cost(point_id, place, 0) is not None for card in cards)


class MastersCache:
    """The newest snapshot, read again when it is older than FRESH."""

    def __init__(self) -> None:
        self._kept: Masters | None = None

    def get(self, connection: Connection | Engine, now: datetime) -> Masters:
        """A snapshot not older than FRESH; reads on the given connection."""
        kept = self._kept  # Another thread may forget it at any moment.
        if kept is not None and now - kept.taken_at <= FRESH:
            return kept
        if isinstance(connection, Engine):
            with connection.connect() as own:
                fresh = read_masters(own, now, kept)
        else:
            fresh = read_masters(connection, now, kept)
        if kept is not None and kept.carriers == fresh.carriers:
            fresh.rates = kept.rates  # Tariffs are as they were, so what was computed still holds.
            if (kept.points, kept.pools, kept.rules) == (fresh.points, fresh.pools, fresh.rules):
                fresh.served, fresh.unsure = kept.served, kept.unsure
        self._kept = fresh
        return fresh

    def forget(self) -> None:
        """Read anew next time; after an edit in this process and in tests."""
        self._kept = None


SHOPS = text("""
select s.id, s.code, s.name, c.vendor, c.platform_code, s.channel_id, s.account_id, s.stock_pool_id, s.mode,
       s.owner, s.currency, s.merge_window_s, s.merge_cap,
       case when g.merges_across then -g.id else s.id end, s.max_parcels,
       coalesce(s.ship_hours_paid, c.ship_hours_paid), coalesce(s.ship_hours_cod, c.ship_hours_cod),
       s.user_group_id, s.shop_group_id, s.go_live_at, coalesce(a.settings, '{}'), coalesce(a.timezone, s.timezone),
       s.reviews_in_order
from shop s join channel c on c.id = s.channel_id left join shop_group g on g.id = s.shop_group_id
left join account a on a.id = s.account_id""")
TIERS = text("select shop_id, tier, mode, position from shop_tier")
POINTS = text("""
select id, code, kind, state, account_id, warehouse_code, owner_code, handling_amount from stock_point""")
MEMBERS = text("select pool_id, rank, stock_point_id from pool_member order by rank, stock_point_id")
CARRIERS = text("""
select id, code, rank, is_suspended, allows_cod, tracking_account_id from carrier order by rank, id""")
LABELS = text("""
select s.stock_point_id, s.carrier_id, s.account_id, a.vendor from e_waybill_setting s
join account a on a.id = s.account_id where s.is_on""")
STORES = text("select shop_id, finds_by, tells_at, geocoder_account_id from shop_stores where is_on")
COVERAGE = text("""
select carrier_id, division_prefix, is_deliverable from carrier_coverage
order by length(division_prefix) desc""")
TARIFFS = text("""
select carrier_id, stock_point_id, division_prefix, first_g, first_amount, step_g, step_amount, surcharge
from carrier_tariff order by length(division_prefix) desc, stock_point_id desc""")


def read_masters(connection: Connection, now: datetime, before: Masters | None = None) -> Masters:
    """All master rows as of this transaction; plans that are kept go on with what was used of them."""
    masters = Masters(now)
    tiers: dict[int, list[tuple[int, str, int]]] = {}
    for shop_id, *tier in connection.execute(TIERS):
        tiers.setdefault(shop_id, []).append((tier[0], tier[1], tier[2]))
    pauses = read_pauses(connection, now)
    for row in connection.execute(SHOPS):
        card = [*row[:-1], plan_of(tiers.get(row[0], ()), in_order=row[-1]), pauses.get(row[0], ())]
        masters.shops[row[0]] = ShopCard(*card)
    masters.points = {row[0]: PointCard(*row) for row in connection.execute(POINTS)}
    for pool_id, rank, point_id in connection.execute(MEMBERS):
        masters.pools.setdefault(pool_id, []).append((rank, point_id))
    masters.promises = read_standing(connection)
    masters.partners = read_partners(connection)
    for point_id, carrier_id, account_id, vendor in connection.execute(LABELS):
        masters.labels[point_id, carrier_id], masters.label_vendors[account_id] = account_id, vendor
    masters.stores = {row[0]: StoresCard(*row[1:]) for row in connection.execute(STORES)}
    coverage: dict[int, list[tuple[str, bool]]] = {}
    for carrier_id, prefix, yes in connection.execute(COVERAGE):
        coverage.setdefault(carrier_id, []).append((prefix, yes))
    tariffs: dict[int, list[tuple[int, str, tuple[int, int, int, int, int]]]] = {}
    for carrier_id, point_id, prefix, *amounts in connection.execute(TARIFFS):
        tariffs.setdefault(carrier_id, []).append((point_id, prefix, tuple(amounts)))
    for row in connection.execute(CARRIERS):
        id_, code, rank, is_suspended, allows_cod, account_id = row
        masters.carriers[id_] = CarrierCard(
            id_, code, rank, is_suspended, allows_cod, account_id,
            tuple(coverage.get(id_, ())), tuple(tariffs.get(id_, ())),
        )  # fmt: skip
    cards = [card for card in masters.carriers.values() if not card.is_suspended]
    sending = [card.id for card in masters.points.values() if card.state != "closed" and card.packs]
    masters.has_gaps = any(card.tariffs for card in cards) and not all(card.prices_all(sending) for card in cards)
    kept = [prefix for card in masters.carriers.values() for prefix, _ in card.coverage]
    kept += [prefix for card in masters.carriers.values() for _, prefix, _ in card.tariffs]
    masters.rules = read_point_rules(connection, now, before.rules if before else NO_RULES)
    sourcing = read_sourcing_rules(connection, now)
    masters.sourcing = replace(sourcing, waits=masters.rules.waits) if sourcing.cards else sourcing
    masters.plans = read_plans(connection, now, before.plans if before else NO_PLANS)
    masters.prefix_length = max([masters.rules.longest_code, *map(len, kept)])
    return masters
