"""Settings of sourcing by pool, channel and shop: read, written against the revision that was seen, undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.pipeline.steering.history import find_change, lock_place, note_change, require_newest
from oms.app.pipeline.steering.setting import NAMES, Setting, check_setting, read_setting
from oms.db.planning import SOURCING_SCOPES
from oms.domain.errors import Invalid, NotFound, Stale

POLICY: Final = "policy"
_COLUMNS: Final = ", ".join(NAMES)
_ROWS: Final = f"select scope, scope_id, revision, changed_by, changed_at, {_COLUMNS} from sourcing_setting"
_ONE: Final = text(f"{_ROWS} where scope = :scope and scope_id = :scope_id for update")
_LIST: Final = text(f"{_ROWS} order by scope, scope_id")
_VALUES: Final = ", ".join(f"cast(:{name} as jsonb)" if name == "together_skus" else f":{name}" for name in NAMES)
_SET: Final = text(f"""
insert into sourcing_setting (scope, scope_id, {_COLUMNS}, revision, changed_by, changed_at)
values (:scope, :scope_id, {_VALUES}, :revision, :actor, :now)
on conflict (scope, scope_id) do update set {", ".join(f"{name} = excluded.{name}" for name in NAMES)},
  revision = excluded.revision, changed_by = excluded.changed_by, changed_at = excluded.changed_at""")
#: What holds for a pool that nothing is set for: its own policy, its main point first where it has one.
_USUAL: Final = text("""
select case when main_point_id is not null then 'main_first' when split_policy = any('{cheapest,main_first,fastest}')
  then split_policy else 'whole_first' end from stock_pool where id = :id""")
_DROP: Final = text("delete from sourcing_setting where scope = :scope and scope_id = :scope_id")
_PLACES: Final = text("""
select 'pool' as scope, id, name, '' as name_en from stock_pool
union all select 'channel', id, label_zh, label_en from channel
union all select 'shop', id, name, '' from shop where id = any(:shops)""")
_POINTS: Final = text("""
select p.id, p.code, p.name, p.kind, p.state, min(m.rank) as rank, bool_or(p.id = q.main_point_id) as is_main,
  p.handling_amount
from stock_point p join pool_member m on m.stock_point_id = p.id join stock_pool q on q.id = m.pool_id
where p.state <> 'closed' and case :scope when 'pool' then q.id = :scope_id
  when 'channel' then q.id in (select stock_pool_id from shop where channel_id = :scope_id)
  else q.id = (select stock_pool_id from shop where id = :scope_id) end
group by p.id order by bool_or(p.id = q.main_point_id) desc nulls last, min(m.rank), p.id""")


@dataclass(frozen=True, slots=True)
class Kept:
    """A setting with the revision that whoever changes it must name; revision 0 where nothing is set."""

    scope: str
    scope_id: int
    setting: Setting
    revision: int = 0
    changed_by: str = ""
    changed_at: Any = None


def list_places(connection: Connection, shop_ids: list[int]) -> list[AnyRow]:
    """Pools, channels and these shops: scope, id, name."""
    return list(connection.execute(_PLACES, {"shops": shop_ids}))


def list_settings(connection: Connection) -> dict[tuple[str, int], Kept]:
    """What is set, by (scope, id)."""
    return {(row.scope, row.scope_id): _kept(row) for row in connection.execute(_LIST)}


def find_setting(connection: Connection, scope: str, scope_id: int) -> Kept:
    """What a place says; of one that says nothing what is usual there, with revision 0. NotFound when there is none."""
    name_place(connection, scope, scope_id)
    found = list_settings(connection).get((scope, scope_id))
    if found is not None:
        return found
    pool = connection.execute(_USUAL, {"id": scope_id}).scalar() if scope == "pool" else None
    return Kept(scope, scope_id, Setting(policy=pool or "whole_first"))


def name_place(connection: Connection, scope: str, scope_id: int) -> str:
    """The name of a pool, channel or shop."""
    tables = {"pool": ("stock_pool", "name"), "channel": ("channel", "label_zh"), "shop": ("shop", "name")}
    if scope not in tables:
        raise Invalid("scope", "there is no such scope", f"use one of {', '.join(SOURCING_SCOPES)}")
    table, column = tables[scope]
    name = connection.execute(text(f"select {column} from {table} where id = :id"), {"id": scope_id}).scalar()
    if name is None:
        raise NotFound(f"there is no such {scope}", "choose one of the list")
    return str(name)


def points_of(connection: Connection, scope: str, scope_id: int) -> list[AnyRow]:
    """Points that serve a pool, a shop or a channel's shops; the main one first."""
    return list(connection.execute(_POINTS, {"scope": scope, "scope_id": scope_id}))


def check_for(connection: Connection, scope: str, scope_id: int, wanted: Setting) -> None:
    """Invalid when this cannot be set for the place."""
    name_place(connection, scope, scope_id)
    check_setting(wanted, [row.id for row in points_of(connection, scope, scope_id)])
    skus = {sku for one in wanted.together_skus for sku in one}
    known = connection.execute(text("select count(*) from sku where id = any(:ids)"), {"ids": sorted(skus)}).scalar_one()
    if known < len(skus):
        raise Invalid("together_skus", "there is no such SKU", "look at the spelling of its code")


def set_setting(hub: Hub, scope: str, scope_id: int, wanted: Setting, revision: int, actor: str) -> int:
    """Have a place say this; answers the new revision, or the old one where nothing changed.

    Stale when somebody else has changed it since `revision` (0: nothing was set). Holds within two seconds.
    """
    with hub.begin() as connection:
        changed = _write(hub, connection, (scope, scope_id), wanted, revision, actor)
    hub.masters.forget()
    return changed


def drop_setting(hub: Hub, scope: str, scope_id: int, revision: int, actor: str) -> None:
    """Have a place say nothing any more: the wider place counts again."""
    with hub.begin() as connection:
        name_place(connection, scope, scope_id)
        if not revision:
            raise NotFound("nothing is set here", "the wider place counts already")
        _write(hub, connection, (scope, scope_id), None, revision, actor)
    hub.masters.forget()


def undo_setting(hub: Hub, change_id: int, actor: str) -> None:
    """Put back what was said before the newest change of a place."""
    with hub.begin() as connection:
        change = find_change(connection, change_id)
        if change.subject != POLICY:
            raise NotFound("that is no change of a setting", "look at the list of changes")
        lock_place(connection, POLICY, change.scope, change.scope_id)
        require_newest(connection, change)
        now = list_settings(connection).get((change.scope, change.scope_id))
        before = None if change.before is None else read_setting(change.before)
        _write(hub, connection, (change.scope, change.scope_id), before, now.revision if now else 0, actor, change.id)
    hub.masters.forget()


def _write(
    hub: Hub, connection: Connection, place: tuple[str, int], wanted: Setting | None, revision: int, actor: str,
    undoes: int | None = None,
) -> int:  # fmt: skip
    scope, scope_id = place
    count = lock_place(connection, POLICY, scope, scope_id)
    if wanted is not None:
        check_for(connection, scope, scope_id, wanted)
    row = connection.execute(_ONE, {"scope": scope, "scope_id": scope_id}).one_or_none()
    before = _kept(row) if row is not None else None
    require_revision(before.revision if before else 0, revision, before.changed_by if before else "")
    if (before.setting if before else None) == wanted:
        return revision
    if wanted is None:
        connection.execute(_DROP, {"scope": scope, "scope_id": scope_id})
    else:
        values = wanted.written()
        values["together_skus"] = orjson.dumps(values["together_skus"]).decode()
        connection.execute(_SET, {
            "scope": scope, "scope_id": scope_id, **values, "revision": count + 1, "actor": actor, "now": hub.clock(),
        })  # fmt: skip
    note_change(hub, connection, (POLICY, scope, scope_id), before.setting.written() if before else None,
                wanted.written() if wanted else None, actor, undoes)  # fmt: skip
    return count + 1


def require_revision(kept: int, seen: int, who: str) -> None:
    """Stale unless it is still as it was seen."""
    if kept != seen:
        words = "somebody else has changed this meanwhile" if kept else "somebody else has taken this back meanwhile"
        raise Stale(words, "look at what it says now, then change it again")


def _kept(row: AnyRow) -> Kept:
    told: Mapping[str, Any] = dict(row._mapping)
    return Kept(row.scope, row.scope_id, read_setting(told), row.revision, row.changed_by, row.changed_at)
