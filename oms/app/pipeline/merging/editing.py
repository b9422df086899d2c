"""Editing what orders must have in common to leave as one, place by place; what holds in a place and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.app.pipeline.merging.settings import FIELDS, MergeRule, read_merging, rule_from, strict_vendors, told_for
from oms.app.rulebook.scopes import check_place
from oms.db.joining import GIFT_POLICIES, INVOICE_POLICIES, PARTS, REACHES
from oms.domain.errors import Invalid

#: What one of these fields may hold.
CHOICES: Final = {"reach": REACHES, "gift_policy": GIFT_POLICIES, "invoice_policy": INVOICE_POLICIES}
FLAGS: Final = ("merges_cod", "merges_presale", "merges_split")
BOUNDS: Final = {"window_s": (0, 86_400), "cap": (1, 200)}
_NAMES: Final = ", ".join(FIELDS)
SET: Final = text(f"""
insert into merge_setting as m (scope, scope_id, {_NAMES}, changed_at, changed_by)
values (:scope, :scope_id, {", ".join(":" + name for name in FIELDS)}, :now, :actor)
on conflict (scope, scope_id) do update set {", ".join(f"{name} = excluded.{name}" for name in FIELDS)},
  changed_at = excluded.changed_at, changed_by = excluded.changed_by
where ({", ".join("m." + name for name in FIELDS)}) is distinct from ({", ".join("excluded." + name for name in FIELDS)})
""")
CLEAR: Final = text("delete from merge_setting where scope = :scope and scope_id = :scope_id")
#: What waits by another key is looked at again: it may leave with others now.
WAKE: Final = text("""
update orders o set ready_at = :now from shop s
where s.id = o.shop_id and o.status = 'open' and o.phase = 'merging' and (o.ready_at is null or o.ready_at > :now)
  and case :scope when 'global' then true when 'channel' then s.channel_id = :scope_id
    when 'shop_group' then s.shop_group_id = :scope_id when 'user_group' then s.user_group_id = :scope_id
    else s.id = :scope_id end""")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a place stands: what it says itself, and by field what holds there with the scope that says so."""

    own: Mapping[str, Any]
    holds: Mapping[str, tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class _Place:
    """The places a scope hangs under; of a group or channel only itself and everything."""

    id: int | None = None
    user_group_id: int | None = None
    shop_group_id: int | None = None
    channel_id: int | None = None


def standing_of(connection: Connection, scope: str, scope_id: int) -> Standing:
    """What is said in a place and what holds there; a field nobody speaks of is left to each shop."""
    check_place(connection, scope, scope_id)
    said = read_merging(connection).said
    return Standing(said.get((scope, scope_id), {}), told_for(said, _place_like(connection, scope, scope_id)))


def rule_of_shop(hub: Hub, connection: Connection, shop_id: int) -> MergeRule:
    """What holds for one shop, after all."""
    shop = hub.masters.get(connection, hub.clock()).shops[shop_id]
    return rule_from(read_merging(connection).said, shop, strict_vendors(hub))


def set_merging(hub: Hub, scope: str, scope_id: int, wanted: Mapping[str, Any], actor: str) -> bool:
    """Store what a place says, and only that; None leaves a field to the wider place. Answers whether it changed.

    Invalid names the first field that is wrong. Waiting orders are looked at again.
    """
    _check(wanted)
    place = {"scope": scope, "scope_id": scope_id}
    values = {name: wanted.get(name) for name in FIELDS}
    says_nothing = all(value is None for value in values.values())
    with hub.begin() as connection:
        check_place(connection, scope, scope_id)
        if says_nothing:
            changed = bool(connection.execute(CLEAR, place).rowcount)
        else:
            found = connection.execute(SET, {**place, **values, "now": hub.clock(), "actor": actor})
            changed = bool(found.rowcount)
        if changed:
            told = {name: value for name, value in values.items() if value is not None}
            leave_trail(hub, connection, "merging_changed", actor, {**place, "value": told})
            connection.execute(WAKE, {**place, "now": hub.clock()})
    hub.masters.forget()
    hub.poke("advance")
    return changed


def _check(wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if value is None and name in FIELDS:
            continue
        if name in CHOICES and value not in CHOICES[name]:
            raise Invalid(name, "there is no such choice", f"choose one of {', '.join(CHOICES[name])}")
        if name in BOUNDS and not (isinstance(value, int) and BOUNDS[name][0] <= value <= BOUNDS[name][1]):
            raise Invalid(name, "this number is too small or too large", "write {} to {}".format(*BOUNDS[name]))
        if name in FLAGS and not isinstance(value, bool):
            raise Invalid(name, "this is neither yes nor no", "choose one of both")
        if name == "parts":
            _check_parts(value)
        elif name not in FIELDS:
            raise Invalid(name, "there is no such setting", f"use {', '.join(FIELDS)}")


def _check_parts(parts: Any) -> None:
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise Invalid("parts", "there is no such part", f"choose of {', '.join(PARTS)}")
    if not {"buyer", "name", "phone"} & set(parts):
        raise Invalid("parts", "an address alone is no person", "count the buyer, the name or the phone as well")


def _place_like(connection: Connection, scope: str, scope_id: int) -> _Place:
    if scope == "shop":
        question = text("select id, user_group_id, shop_group_id, channel_id from shop where id = :id")
        return _Place(*connection.execute(question, {"id": scope_id}).one())
    return _Place() if scope == "global" else _Place(**{f"{scope}_id": scope_id})
