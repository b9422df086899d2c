"""Which detectors look at a shop's orders and with what thresholds, as old as the master rows; editing is in settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters, ShopCard
from oms.app.pipeline.cards import Limits, Plan
from oms.app.pipeline.detecting.detectors import ALL_DETECTORS, Detector
from oms.app.rulebook.scopes import places_of

SETTINGS: Final = "select scope, scope_id, kind, is_on, thresholds from detector_setting"
#: Told with every read, so that an empty blacklist costs a batch nothing.
LISTED: Final = "select exists (select from blacklist_entry)"


@dataclass(frozen=True, slots=True)
class Switch:
    """A detector in a place: whether it looks, and its thresholds."""

    is_on: bool
    limits: Limits


@dataclass(slots=True)
class Switches:
    """What was set by place; the plan of each shop is made once."""

    rows: Mapping[tuple[str, int, str], tuple[bool, dict[str, Any]]]
    has_blacklist: bool
    _plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)

    def plan_of(self, shop: ShopCard) -> Plan:
        """What is looked for in the orders of a shop."""
        key = tuple(places_of(shop))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._make(shop)
        return plan

    def switch_of(self, detector: Detector, shop: Any) -> Switch:
        """The most exact place that says anything speaks, for the switch and for the thresholds."""
        for scope, scope_id in places_of(shop):
            row = self.rows.get((scope, scope_id, detector.kind)) if scope_id is not None else None
            if row is not None:
                return switch_of(detector, *row)
        return switch_of(detector, detector.is_on, {})

    def _make(self, shop: ShopCard) -> Plan:
        found = [(detector, self.switch_of(detector, shop)) for detector in ALL_DETECTORS]
        looking = [(detector, switch) for detector, switch in found if switch.is_on]
        return Plan(
            tuple((it.kind, it.finders, switch.limits) for it, switch in looking if it.finders),
            {it.kind: switch.limits for it, switch in looking if it.is_routed},
            frozenset(it.asks for it, _ in looking if it.asks),
        )


def switch_of(detector: Detector, is_on: bool, thresholds: Mapping[str, Any]) -> Switch:
    """A stored setting over the detector's own; what is no number any more counts as not said."""
    limits = {limit.name: limit.default for limit in detector.thresholds}
    limits |= {name: value for name, value in thresholds.items() if name in limits and isinstance(value, int)}
    return Switch(is_on or detector.is_fixed, limits)


#: By database, what was read together with the master rows of a moment: both are forgotten together.
_KEPT: WeakKeyDictionary[Engine, tuple[Masters, Switches]] = WeakKeyDictionary()


def switches_of(batch: Batch) -> Switches:
    """What is set, as old as the batch's master rows."""
    kept = _KEPT.get(batch.hub.engine)
    if kept is None or kept[0] is not batch.masters:
        kept = _KEPT[batch.hub.engine] = (batch.masters, read_switches(batch.connection))
    return kept[1]


def read_switches(connection: Connection) -> Switches:
    """What is set as of this transaction."""
    rows = {(row[0], row[1], row[2]): (row[3], row[4]) for row in fetch(connection, SETTINGS)}
    return Switches(rows, bool(fetch(connection, LISTED)[0][0]))
