"""The built-in roles as rows, and permissions that were split off carried to whoever had what they came from."""

from __future__ import annotations

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from oms.console.permissions import BUILT_IN_ROLES, PERMISSIONS, SPLIT_OFF
from oms.db.people import Role

ALL = "admin"

#: Roles made by hand and keys; built-in roles follow the program.
_CARRY = """update {} set permissions = array_append(permissions, cast(:new as text))
  where :old = any(permissions) and not :new = any(permissions)"""


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
    for new in PERMISSIONS.keys() - set(known):
        old = SPLIT_OFF.get(new)
        if old is None:
            continue
        for table in ("role", "api_key"):
            connection.execute(text(_CARRY.format(table)), {"new": new, "old": old})
