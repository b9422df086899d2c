"""Both schemas of a database, the hub's and the job queue's, brought to the newest version or compared with it.

The country's divisions come along where set-up fetched them; a hub without them works with provinces. Built-in roles
get the permissions that this program knows.
"""

from __future__ import annotations

from oms.db import migrate
from oms.db.divisions import load_divisions
from oms.db.session import make_engine
from oms.jobs import schema as queue


def bring_up_to_date(url: str) -> None:
    """Apply what is missing; safe to run by several processes at once and when nothing is missing."""
    migrate.upgrade(url)
    queue.apply(url)
    _load_divisions(url)
    _keep_roles(url)


def is_behind(url: str) -> bool:
    """Whether `bring_up_to_date` would change something."""
    engine = make_engine(url, name="oms migrate", pool_size=1)
    try:
        return migrate.is_behind(engine) or queue.is_behind(url)
    finally:
        engine.dispose()


def _load_divisions(url: str) -> None:
    engine = make_engine(url, name="oms migrate", pool_size=1)
    try:
        load_divisions(engine)
    finally:
        engine.dispose()


def _keep_roles(url: str) -> None:
    """A newer program may know more permissions than the roles in the database were written with."""
    from oms.console.sign_in.roles import keep_roles  # Brings the web framework, which nothing else here needs.

    engine = make_engine(url, name="oms migrate", pool_size=1)
    try:
        with engine.begin() as connection:
            keep_roles(connection)
    finally:
        engine.dispose()
