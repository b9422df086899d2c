"""The built-in roles as rows, and permissions that were split off carried to whoever had what they came from."""

from __future__ import annotations

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from oms.console.permissions import BUILT_IN_ROLES, PERMISSIONS, SPLIT_OFF
from oms.db.people import Role

ALL = "admin"
#: Since it is known, only who is named for a store or a warehouse sees it, or who runs all.
NAMED = "store.lead"

#: Roles made by hand and keys; built-in roles follow the program.
_CARRY = """update {} set permissions = array_append(permissions, cast(:new as text))
  where :old = any(permissions) and not :new = any(permissions)"""
#: Before that, who was named for no point and worked in every shop worked everywhere: they are named for all points.
_NAME_PEOPLE = text("""
with may as (select g.user_id, array_agg(p) as permissions from user_role g join role r on r.id = g.role_id,
  unnest(r.permissions) p where g.shop_ids is null group by g.user_id)
insert into user_point (user_id, stock_point_id) select m.user_id, p.id from may m cross join stock_point p
where (m.permissions @> array['store.work'] and not m.permissions && array['store.edit', 'store.assign']
    or m.permissions @> array['packing.work']
      and not m.permissions && array['store.edit', 'store.assign', 'packing.edit'])
  and not exists (select from user_point x where x.user_id = m.user_id)""")
_NAME_KEYS = text("""
insert into api_key_point (api_key_id, stock_point_id) select k.id, p.id from api_key k cross join stock_point p
where k.shop_ids is null and k.revoked_at is null
  and (k.permissions @> array['store.work'] and not k.permissions && array['store.edit', 'store.assign']
    or k.permissions @> array['packing.work']
      and not k.permissions && array['store.edit', 'store.assign', 'packing.edit'])
  and not exists (select from api_key_point x where x.api_key_id = k.id)""")


def keep_roles(connection: Connection) -> None:
    """Write the built-in roles as this program knows them; roles made by hand and keys lose nothing by an upgrade."""
    _carry_over(connection)
    for role in BUILT_IN_ROLES.values():
        values = {"label_zh": role.label_zh, "label_en": role.label_en, "permissions": sorted(role.permissions)}
        row = insert(Role).values(name=role.name, **values)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def _carry_over(connection: Connection) -> None:
    """Give what was split off since to whoever had the permission that it came from, once.

    The administrators' row holds every permission of the program that wrote it: what it lacks is new. Locked, so that of
    two processes that start together one carries over and the other finds it done.
    """
    known = connection.scalar(select(Role.permissions).where(Role.name == ALL).with_for_update())
    if known is None:
        return
    if NAMED not in known:
        connection.execute(_NAME_PEOPLE)
        connection.execute(_NAME_KEYS)
    for new in PERMISSIONS.keys() - set(known):
        old = SPLIT_OFF.get(new)
        if old is None:
            continue
        for table in ("role", "api_key"):
            connection.execute(text(_CARRY.format(table)), {"new": new, "old": old})
