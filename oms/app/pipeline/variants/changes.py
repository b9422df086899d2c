"""What a variant changes of sourcing, as JSON and on the master rows it is tried with; rules are tried beside it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from oms.app.kernel.masters import CarrierCard, Masters
from oms.app.kernel.sourcing_rules import SourcingCard, SourcingRules
from oms.app.pipeline.variants.settings import read_settings, with_settings
from oms.db.planning import SOURCING_POLICIES
from oms.domain.errors import Invalid

OUT: Final = "outage"
#: A tariff becomes so many percent of what it is.
LEAST_PERCENT, MOST_PERCENT = 1, 1_000
MOST_PARCELS: Final = 20
Tariff = tuple[int, str, tuple[int, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Changes:
    """Versions of rules that decide (0: those in force), main points by pool, points that are out, suspended carriers.

    `policies` by pool count for all its shops, whatever is set for one alone; a pool with another main point and none is
    served from that first. `settings` by place (`shop:3`) are tried instead of what it says. `tariffs` are percent by
    carrier, `most_parcels` a limit for every shop; None leaves each shop its own.
    """

    route_version: int = 0
    carrier_version: int = 0
    main_points: Mapping[int, int] = field(default_factory=dict)
    policies: Mapping[int, str] = field(default_factory=dict)
    points_out: tuple[int, ...] = ()
    carriers_out: tuple[int, ...] = ()
    tariffs: Mapping[int, int] = field(default_factory=dict)
    most_parcels: int | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """As JSON types; what is not changed is left out."""
        told: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value in (0, None, ()) or value == {}:
                continue
            if isinstance(value, Mapping):
                value = {str(key): one for key, one in sorted(value.items())}
            told[each.name] = list(value) if isinstance(value, tuple) else value
        return told

    @property
    def versions(self) -> dict[str, int]:
        """The versions of rules that decide, by stage."""
        found = {"route": self.route_version, "carrier": self.carrier_version}
        return {stage: version for stage, version in found.items() if version}

    def apply(self, masters: Masters) -> Masters:
        """Master rows as they would be; the given ones stay as they are."""
        points = {
            id_: replace(card, state=OUT) if id_ in self.points_out else card for id_, card in masters.points.items()
        }
        pools = {id_: _led_by(self.main_points.get(id_), members) for id_, members in masters.pools.items()}
        sourcing = self._sourcing(masters, pools)
        carriers = {id_: self._carrier(card) for id_, card in masters.carriers.items()}
        shops = masters.shops
        if self.most_parcels is not None:
            shops = {id_: replace(card, max_parcels=self.most_parcels) for id_, card in shops.items()}
        return replace(
            masters, points=points, pools=pools, carriers=carriers, shops=shops, sourcing=sourcing,
            plans=deepcopy(masters.plans), rates={}, served={}, gaps={},
        )  # fmt: skip

    def _sourcing(self, masters: Masters, pools: Mapping[int, list[tuple[int, int]]]) -> SourcingRules:
        """The cards of shops whose pool has another policy or main point."""
        cards = dict(masters.sourcing.cards)
        for shop in masters.shops.values():
            pool_id = shop.pool_id or 0
            rule = self.policies.get(pool_id) or ("main_first" if pool_id in self.main_points else "")
            if rule:
                known = masters.sourcing.card(shop.id, shop.channel_id, shop.pool_id) or SourcingCard()
                order = tuple(point_id for _, point_id in pools.get(pool_id, ()))
                cards["shop", shop.id] = replace(known, policy=replace(known.policy, rule=rule, order=order))
        found = replace(masters.sourcing, cards=cards) if cards else masters.sourcing
        return with_settings(found, masters, self.settings)

    def _carrier(self, card: CarrierCard) -> CarrierCard:
        percent = self.tariffs.get(card.id, 100)
        tariffs = card.tariffs if percent == 100 else tuple(_times(tariff, percent) for tariff in card.tariffs)
        return replace(card, is_suspended=card.is_suspended or card.id in self.carriers_out, tariffs=tariffs)


NO_CHANGES: Final = Changes()


def _led_by(main: int | None, members: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The main point before all others, whose order stays."""
    if main is None:
        return members
    least = min([rank for rank, _ in members], default=0)
    return sorted([(least - 1 if point_id == main else rank, point_id) for rank, point_id in members])


def _times(tariff: Tariff, percent: int) -> Tariff:
    """Amounts change, weights do not; half a minor unit counts as one."""
    point_id, prefix, (first_g, first, step_g, step, surcharge) = tariff
    times = [(amount * percent + 50) // 100 for amount in (first, step, surcharge)]
    return point_id, prefix, (first_g, times[0], step_g, times[1], times[2])


def read_changes(document: Any) -> Changes:
    """Changes from JSON; Invalid names the first field that is wrong."""
    if not isinstance(document, dict):
        raise Invalid("changes", "that is not an object", "send an object of changes")
    known = {each.name for each in fields(Changes)}
    for name in document:
        if name not in known:
            raise Invalid(f"changes.{name}", "there is no such change", f"use {', '.join(sorted(known))}")
    found = Changes(
        route_version=_id(document, "route_version"), carrier_version=_id(document, "carrier_version"),
        main_points=_pairs(document, "main_points"), policies=_policies(document),
        points_out=_ids(document, "points_out"), carriers_out=_ids(document, "carriers_out"),
        tariffs=_pairs(document, "tariffs"), most_parcels=_id(document, "most_parcels") or None,
        settings=read_settings(document.get("settings", {})),
    )  # fmt: skip
    for percent in found.tariffs.values():
        if not LEAST_PERCENT <= percent <= MOST_PERCENT:
            words = "a tariff is changed to 1 to 1000 percent"
            raise Invalid("changes.tariffs", words, "150 makes it half as dear again, 100 leaves it")
    if found.most_parcels is not None and found.most_parcels > MOST_PARCELS:
        raise Invalid("changes.most_parcels", "that many parcels make no limit", f"at most {MOST_PARCELS}")
    if not found.written():
        raise Invalid("changes", "nothing is changed", "say what is to be tried")
    return found


def check_known(changes: Changes, masters: Masters) -> None:
    """Invalid when a variant names what there is not."""
    for pool_id, point_id in changes.main_points.items():
        if point_id not in [id_ for _, id_ in masters.pools.get(pool_id, ())]:
            raise Invalid("changes.main_points", "that point is not in the pool", "choose one of its points")
    for pool_id in changes.policies:
        if pool_id not in masters.pools:
            raise Invalid("changes.policies", "there is no such pool, or it has no points", "choose one of the pools")
    for name, ids, known in (
        ("points_out", changes.points_out, masters.points),
        ("carriers_out", changes.carriers_out, masters.carriers),
        ("tariffs", tuple(changes.tariffs), masters.carriers),
    ):
        if any(id_ not in known for id_ in ids):
            raise Invalid(f"changes.{name}", "there is no such point or carrier", "choose from those there are")


def _id(document: dict[str, Any], name: str) -> int:
    value = document.get(name, 0)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise Invalid(f"changes.{name}", "that is not a whole number", "send an id or a count")
    return value


def _policies(document: dict[str, Any]) -> dict[int, str]:
    mapped = document.get("policies", {})
    if not isinstance(mapped, dict) or any(rule not in SOURCING_POLICIES for rule in mapped.values()):
        raise Invalid("changes.policies", "there is no such policy", f"use one of {', '.join(SOURCING_POLICIES)}")
    pools = _pairs({"policies": dict.fromkeys(mapped, 0)}, "policies")
    return dict(zip(pools, mapped.values(), strict=True))


def _ids(document: dict[str, Any], name: str) -> tuple[int, ...]:
    listed = document.get(name, [])
    if not isinstance(listed, list) or len(listed) > 200:
        raise Invalid(f"changes.{name}", "that is not a list of ids", "send at most 200")
    return tuple(sorted({_id({name: value}, name) for value in listed}))


def _pairs(document: dict[str, Any], name: str) -> dict[int, int]:
    mapped = document.get(name, {})
    if not isinstance(mapped, dict) or len(mapped) > 200:
        raise Invalid(f"changes.{name}", "that is not an object of ids", "send at most 200")
    if not all(isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 19 for key in mapped):
        raise Invalid(f"changes.{name}", "its keys are not ids", "write ids as text")
    return {int(key): _id({name: value}, name) for key, value in mapped.items()}
