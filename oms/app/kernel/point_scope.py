"""At which stock points somebody works: a person's or a key's own points, else all for those of every shop.

What is done at stores asks for more: who is named for no store sees none, unless they run all stores.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

#: Who runs all stores: with one of these in every shop nobody needs to be named for a store.
RUNS_STORES: Final = ("store.edit", "store.assign")
TABLES: Final = {"user": ("user_point", "user_id"), "api": ("api_key_point", "api_key_id")}


class Worker(Protocol):
    """A person or a key."""

    @property
    def actor(self) -> str:
        """How events name them."""
        ...

    def allows(self, permission: str, shop_id: int | None = None) -> bool:
        """Whether they may do this, in this shop when one is named."""
        ...


def points_of(connection: Connection, worker: Worker, permission: str) -> list[int]:
    """Stock points at which somebody may use a permission.

    Their own when some are named; else every point for those whose permission reaches every shop, and none for others.
    """
    if not worker.allows(permission):
        return []
    own = named_points(connection, worker.actor)
    if own or not worker.allows(permission, 0):  # No shop has the id 0: only who is allowed in every shop passes.
        return own
    return [row[0] for row in fetch(connection, "select id from stock_point order by id")]


def store_points_of(connection: Connection, worker: Worker, permission: str) -> list[int]:
    """Stock points whose store work somebody does: their own; every one only for those who run all stores."""
    own = named_points(connection, worker.actor)
    if not own and not any(worker.allows(one, 0) for one in RUNS_STORES):
        return []
    return points_of(connection, worker, permission)


def named_points(connection: Connection, actor: str) -> list[int]:
    """The points that are named for a person or a key."""
    kind, _, number = actor.partition(":")
    if kind not in TABLES or not number.isdecimal():
        return []
    table, column = TABLES[kind]
    question = f"select stock_point_id from {table} where {column} = %s order by 1"
    return [row[0] for row in fetch(connection, question, (int(number),))]


def name_points(connection: Connection, actor: str, point_ids: Iterable[int]) -> None:
    """Put somebody to these points and no others; none means wherever their shops reach."""
    kind, _, number = actor.partition(":")
    table, column = TABLES[kind]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(f"delete from {table} where {column} = %s".encode(), (int(number),))
        statement = f"insert into {table} ({column}, stock_point_id) select %s, unnest(%s::bigint[])"
        cursor.execute(statement.encode(), (int(number), sorted(set(point_ids))))
