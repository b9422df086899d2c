"""Switching detectors in a place and setting their thresholds there; what is set, and how many orders each holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.app.pipeline.detecting.detectors import ALL_DETECTORS, DETECTORS_BY_KIND, Detector
from oms.app.pipeline.switches import Switch, read_switches, switch_of
from oms.app.rulebook.scopes import check_place
from oms.domain.errors import Invalid, NotFound
from oms.domain.holds import KINDS

SET: Final = text("""
insert into detector_setting as d (scope, scope_id, kind, is_on, thresholds)
values (:scope, :scope_id, :kind, :is_on, cast(:thresholds as jsonb))
on conflict (scope, scope_id, kind) do update set is_on = excluded.is_on, thresholds = excluded.thresholds
where (d.is_on, d.thresholds) is distinct from (excluded.is_on, excluded.thresholds)""")
CLEAR: Final = text("delete from detector_setting where scope = :scope and scope_id = :scope_id and kind = :kind")
#: What an order is held for may be over with another threshold, so that the place's held orders are looked at again.
WAKE: Final = text("""
update orders o set ready_at = :now from shop s
where s.id = o.shop_id and o.status = 'open' and (o.ready_at is null or o.ready_at > :now)
  and case :scope when 'global' then true when 'channel' then s.channel_id = :scope_id
    when 'shop_group' then s.shop_group_id = :scope_id when 'user_group' then s.user_group_id = :scope_id
    else s.id = :scope_id end
  and o.id in (select order_id from hold where kind = :kind and cleared_at is null)""")
COUNTS: Final = text("""
select h.kind, count(distinct h.order_id) filter (where h.cleared_at is null) as now,
  count(distinct h.order_id) filter (where h.placed_at > :since) as lately
from hold h join orders o on o.id = h.order_id
where h.kind = any(:kinds) and o.shop_id = any(:shops) and (h.cleared_at is null or h.placed_at > :since)
group by h.kind""")
LATELY: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Standing:
    """A detector in a place: what holds there, whether this place says so itself, and the orders it holds."""

    detector: Detector
    switch: Switch
    own: bool
    now: int
    lately: int


def set_detector(
    hub: Hub, kind: str, scope: str, scope_id: int, actor: str, *, is_on: bool, thresholds: Mapping[str, int]
) -> bool:
    """Switch a detector in a place and set its thresholds; answers whether anything changed.

    Invalid names what is wrong. Orders that it holds there are looked at again.
    """
    detector = detector_of(kind)
    if detector.is_fixed and not is_on:
        raise Invalid("is_on", "this one cannot be switched off", "lift the holds of single orders instead")
    _check(detector, thresholds)
    place = {"scope": scope, "scope_id": scope_id, "kind": kind}
    with hub.begin() as connection:
        check_place(connection, scope, scope_id)
        values = place | {"is_on": is_on, "thresholds": orjson.dumps(dict(thresholds)).decode()}
        changed = bool(connection.execute(SET, values).rowcount)
        if changed:
            _tell(hub, connection, place, actor, is_on=is_on)
    hub.masters.forget()
    hub.poke("advance")
    return changed


def clear_detector(hub: Hub, kind: str, scope: str, scope_id: int, actor: str) -> bool:
    """Let the next wider place decide again; answers whether this one had said anything."""
    detector_of(kind)
    place = {"scope": scope, "scope_id": scope_id, "kind": kind}
    with hub.begin() as connection:
        check_place(connection, scope, scope_id)
        cleared = bool(connection.execute(CLEAR, place).rowcount)
        if cleared:
            _tell(hub, connection, place, actor, is_on=None)
    hub.masters.forget()
    hub.poke("advance")
    return cleared


def list_detectors(
    hub: Hub, connection: Connection, scope: str, scope_id: int, shop_ids: Collection[int]
) -> list[Standing]:
    """Every detector as it stands in a place, with the orders of these shops that it holds and held in seven days."""
    check_place(connection, scope, scope_id)
    switches = read_switches(connection)
    kinds = [detector.kind for detector in ALL_DETECTORS]
    asked = {"kinds": kinds, "shops": sorted(shop_ids), "since": hub.clock() - LATELY}
    counts = {row.kind: row for row in connection.execute(COUNTS, asked)}
    shop = _shop_like(connection, scope, scope_id)
    found = []
    for detector in ALL_DETECTORS:
        row = counts.get(detector.kind)
        own = switches.rows.get((scope, scope_id, detector.kind))
        switch = switch_of(detector, *own) if own else switches.switch_of(detector, shop)
        found.append(Standing(detector, switch, own is not None, row.now if row else 0, row.lately if row else 0))
    return found


def detector_of(kind: str) -> Detector:
    """A detector by the kind of hold it places; NotFound when there is none."""
    if kind not in DETECTORS_BY_KIND or kind not in KINDS:
        raise NotFound("there is no such detector", "reload the list of detectors")
    return DETECTORS_BY_KIND[kind]


@dataclass(frozen=True, slots=True)
class _Place:
    """The places a scope hangs under; of a group or channel only itself and everything."""

    id: int | None = None
    user_group_id: int | None = None
    shop_group_id: int | None = None
    channel_id: int | None = None


def _shop_like(connection: Connection, scope: str, scope_id: int) -> Any:
    if scope == "shop":
        question = text("select id, user_group_id, shop_group_id, channel_id from shop where id = :id")
        return _Place(*connection.execute(question, {"id": scope_id}).one())
    return _Place() if scope == "global" else _Place(**{f"{scope}_id": scope_id})


def _check(detector: Detector, thresholds: Mapping[str, Any]) -> None:
    known = {limit.name: limit for limit in detector.thresholds}
    for name, value in thresholds.items():
        limit = known.get(name)
        if limit is None:
            raise Invalid(name, "this detector has no such threshold", f"it has {', '.join(known) or 'none'}")
        if isinstance(value, bool) or not isinstance(value, int) or not limit.least <= value <= limit.most:
            raise Invalid(name, "this threshold is out of its bounds", f"write {limit.least} to {limit.most}")


def _tell(hub: Hub, connection: Connection, place: Mapping[str, Any], actor: str, *, is_on: bool | None) -> None:
    leave_trail(hub, connection, "detector_changed", actor, {**place, "is_on": is_on})
    connection.execute(WAKE, {**place, "now": hub.clock()})
