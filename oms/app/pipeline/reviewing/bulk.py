"""批量通过: many orders by one click, a hundred a transaction, each with its result, and taken back by one click.

The row keeps what was asked, what passed and what was refused, so that a click that was cut short can go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.reviewing.guard import May, anything
from oms.app.pipeline.reviewing.passing import Outcome, check_tier, pass_in
from oms.app.pipeline.reviewing.taking_back import take_pass_back
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Forbidden, Invalid, NotFound, NotPossible

MOST: Final = 500
#: So that people clicking, and the pipeline, never wait long for the locks of one step.
STEP: Final = 100
STANDING: Final = """
select 1 from bulk_pass b join review_decision d on d.order_id = any(b.order_ids) and d.bulk_id = b.id
where b.id = %s and d.verdict = 'passed' and d.invalidated_at is null limit 1"""
BULK: Final = "id, tier, actor, reason, at, asked_ids, order_ids, refused, undone_at, undone_by"
REFUSED: Final = 7


@dataclass(frozen=True, slots=True)
class Bulk:
    """A click on many orders and how far it has come; `refused` is order id → the sentence."""

    id: int
    tier: int
    actor: str
    reason: str
    at: datetime
    asked_ids: list[int]
    passed_ids: list[int]
    refused: dict[int, str]
    undone_at: datetime | None
    undone_by: str

    @property
    def done(self) -> int:
        """How many orders have been looked at."""
        return len(self.passed_ids) + len(self.refused)

    @property
    def is_over(self) -> bool:
        """Whether all have been."""
        return self.done >= len(self.asked_ids)


def start_bulk(hub: Hub, order_ids: Sequence[int], tier: int, actor: str, reason: str = "") -> int:
    """Note what is to be passed; answers the number of the click. Nothing is passed yet."""
    check_tier(tier)
    wanted = list(dict.fromkeys(order_ids))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid("order_ids", "this number is too small or too large", f"name 1 to {MOST} orders")
    with hub.begin() as connection:
        rows = fetch(
            connection,
            """insert into bulk_pass (tier, actor, reason, at, asked_ids, order_ids) values (%s, %s, %s, %s, %s, '{}')
               returning id""",
            (tier, actor, reason[:500], hub.clock(), wanted),
        )
    return int(rows[0][0])


def pass_next(hub: Hub, bulk_id: int, actor: str, *, may: May = anything) -> Bulk:
    """Pass the next hundred; answers how far it has come. Two that go on at once go on one after the other."""
    with hub.begin() as connection:
        bulk = load_bulk(connection, bulk_id, lock=True)
        _check_own(bulk, actor)
        if bulk.undone_at is not None or bulk.is_over:
            return bulk
        step = bulk.asked_ids[bulk.done : bulk.done + STEP]
        outcomes = pass_in(hub, connection, step, bulk.tier, actor, bulk.reason, may=may, bulk_id=bulk_id)
        bulk.passed_ids.extend([one.order_id for one in outcomes if one.is_done])
        bulk.refused.update({one.order_id: one.words for one in outcomes if not one.is_done})
        with psycopg_connection(connection).cursor() as cursor:
            refused = orjson.dumps(bulk.refused, option=orjson.OPT_NON_STR_KEYS).decode()
            cursor.execute(
                "update bulk_pass set order_ids = %s, refused = %s::jsonb where id = %s",
                (bulk.passed_ids, refused, bulk_id),
            )
    hub.poke("advance")
    return bulk


def pass_all(hub: Hub, order_ids: Sequence[int], tier: int, actor: str, reason: str, *, may: May = anything) -> Bulk:
    """Pass up to 500 orders, each with its result."""
    bulk_id = start_bulk(hub, order_ids, tier, actor, reason)
    while not (bulk := pass_next(hub, bulk_id, actor, may=may)).is_over:
        continue
    return bulk


def undo_bulk(hub: Hub, bulk_id: int, actor: str, reason: str, *, may: May = anything) -> list[Outcome]:
    """Take back what a click passed, of which nothing has left and nobody has decided anew; one result each.

    When it was cut short it can be asked for again.
    """
    with hub.begin() as connection:
        bulk = load_bulk(connection, bulk_id, lock=True)
        _check_own(bulk, actor)
        if bulk.undone_at is not None and not fetch(connection, STANDING, (bulk_id,)):
            raise NotPossible("it was taken back already", "reload the page")
        with psycopg_connection(connection).cursor() as cursor:  # What was not passed yet is not passed any more.
            cursor.execute(
                "update bulk_pass set undone_at = %s, undone_by = %s where id = %s", (hub.clock(), actor, bulk_id)
            )
    outcomes: list[Outcome] = []
    for at in range(0, len(bulk.passed_ids), STEP):
        step = bulk.passed_ids[at : at + STEP]
        outcomes += take_pass_back(hub, step, bulk.tier, actor, reason, may=may, bulk_id=bulk_id)
    return outcomes


def load_bulk(connection: Connection, bulk_id: int, *, lock: bool = False) -> Bulk:
    """A click by its number."""
    rows: list[tuple[Any, ...]] = fetch(
        connection, f"select {BULK} from bulk_pass where id = %s{' for update' if lock else ''}", (bulk_id,)
    )
    if not rows:
        raise NotFound("there is no such bulk pass", "reload the page")
    found = list(rows[0])
    found[REFUSED] = {int(id_): words for id_, words in found[REFUSED].items()}
    return Bulk(*found)


def _check_own(bulk: Bulk, actor: str) -> None:
    if bulk.actor != actor:
        raise Forbidden("somebody else passed these orders", "ask them, or take the passes back one by one")
