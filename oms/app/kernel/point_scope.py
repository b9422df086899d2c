"""At which stock points somebody works: those that a person or a key is named for, and no other.

Who works at points and is named for none has none, so that taking somebody off their last point never widens what they
may do. Who runs all stores or warehouses, or only looks at what is there, is not limited until they are named for some.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

#: Who runs all stores: with one of these in every shop nobody needs to be named for a store.
RUNS_STORES: Final = ("store.edit", "store.assign")
#: The same of warehouses that are worked by hand.
RUNS_POINTS: Final = (*RUNS_STORES, "packing.edit")
#: What is done at a point by who stands there.
WORKS: Final = (
    "packing.work",
    "packing.receiver",
    "packing.swap",
    "store.work",
    "store.lead",
    "store.set_own",
)
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


def points_of(connection: Connection, worker: Worker, permission: str, runs: Sequence[str] = RUNS_POINTS) -> list[int]:
    """Stock points at which somebody may use a permission.

    Their own when some are named; else every point for those who may use it in every shop and run all points or work at
    none, and none for others.
    """
    if not worker.allows(permission):
        return []
    own = named_points(connection, worker.actor)
    # No shop has the id 0: only who is allowed in every shop passes.
    if own or not worker.allows(permission, 0) or _is_limited(worker, runs):
        return own
    return [row[0] for row in fetch(connection, "select id from stock_point order by id")]


def _is_limited(worker: Worker, runs: Sequence[str]) -> bool:
    """Whether somebody works at the points that they are named for, and at no other."""
    return any(worker.allows(one) for one in WORKS) and not any(worker.allows(one, 0) for one in runs)


def store_points_of(connection: Connection, worker: Worker, permission: str) -> list[int]:
    """Stock points whose store work somebody does: their own; every one only for those who run all stores."""
    return points_of(connection, worker, permission, RUNS_STORES)


def named_points(connection: Connection, actor: str) -> list[int]:
    """The points that are named for a person or a key."""
    kind, _, number = actor.partition(":")
    if kind not in TABLES or not number.isdecimal():
        return []
    table, column = TABLES[kind]
    question = f"select stock_point_id from {table} where {column} = %s order by 1"
    return [row[0] for row in fetch(connection, question, (int(number),))]


def name_points(connection: Connection, actor: str, point_ids: Iterable[int]) -> None:
    """Put somebody to these points and no others; none leaves them with none, unless they run all."""
    kind, _, number = actor.partition(":")
    table, column = TABLES[kind]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(f"delete from {table} where {column} = %s".encode(), (int(number),))
        statement = f"insert into {table} ({column}, stock_point_id) select %s, unnest(%s::bigint[])"
        cursor.execute(statement.encode(), (int(number), sorted(set(point_ids))))
