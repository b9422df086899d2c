"""The job behind trials of variants: claims one, judges every order on every side, writes what came out at the end.

All orders are seen in one transaction that the database itself keeps from writing, so that every side sees the same
moment; how far it came is told beside it. A killed worker's trial is begun anew by another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import Masters
from oms.app.kernel.sourcing_rules import with_weights
from oms.app.pipeline.variants.changes import NO_CHANGES, Changes, read_changes
from oms.app.pipeline.variants.ground import Page, Question, held_by, ids_of, load_page, read_question
from oms.app.pipeline.variants.judging import Left, Side, judge_page, tell_way
from oms.app.pipeline.variants.lateness import read_calendars
from oms.app.rulebook.trying.versions import reached_shops, side_of
from oms.db.bulk import copy_rows
from oms.domain.errors import HubError, LostLease
from oms.domain.money import FREIGHT_CURRENCY

CLAIM: Final = timedelta(minutes=2)
PAGE: Final = 500
MOST_ATTEMPTS: Final = 3
#: Orders that a variant changes are kept one by one up to so many for each.
MOST_CHANGES: Final = 2_000
READY: Final = """exists (select from variant_trial where state = 'waiting'
  or state = 'running' and (claimed_until is null or claimed_until <= now()))"""
COLUMNS: Final = ("trial_id", "side", "order_id", "before", "after", "amount", "parcels", "currency")
GAVE_UP: Final = "it did not come to its end in three attempts"
#: Tried again this would only end the same way.
DEFECT: Final = "a defect of the hub ended it; tell who keeps the hub, its log names what happened"
LOG = structlog.get_logger("variants")

_CLAIM = text("""
with due as (
  select id from variant_trial
  where state = 'waiting' or (state = 'running' and (claimed_until is null or claimed_until <= :now))
  order by created_at, id limit 1 for update skip locked)
update variant_trial t set state = 'running', started_at = coalesce(t.started_at, :now), claimed_until = :until,
  attempts = t.attempts + 1, done = 0 from due where t.id = due.id returning t.id, t.variants, t.question, t.attempts""")
_GO_ON = text("""
update variant_trial set done = :done, total = :total, claimed_until = :until
where id = :id and state = 'running' and claimed_until = :mine""")
_END = text("""
update variant_trial set state = :state, error = :error, ended_at = :now, claimed_until = null,
  figures = coalesce(cast(:figures as jsonb), figures)
where id = :id and state = 'running' and claimed_until = :mine""")
_RULES = text("""
select v.id, v.body, s.stage, s.scope, s.scope_id from rule_set_version v join rule_set s on s.id = v.rule_set_id
where v.id = any(:ids)""")


@dataclass(slots=True)
class Claimed:
    """A trial to work on; every write checks that `mine` is still the end of our claim."""

    id: int
    variants: list[dict[str, Any]]
    question: Mapping[str, Any]
    attempts: int
    mine: datetime


@dataclass(slots=True)
class Found:
    """What came out: numbers by side, the first of what is in force, and the orders that a variant changes."""

    sides: list[Side]
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The numbers by side."""
        return [side.figures for side in self.sides]


def trial_next(hub: Hub) -> int:
    """Work on the trial that has waited longest; answers 1, or 0 when none waits."""
    with hub.begin() as connection:
        until = hub.clock() + CLAIM
        row = connection.execute(_CLAIM, {"now": hub.clock(), "until": until}).one_or_none()
    if row is None:
        return 0
    claimed = Claimed(**row._mapping, mine=until)
    try:
        if claimed.attempts > MOST_ATTEMPTS:
            _end(hub, claimed, "failed", error=GAVE_UP)
        else:
            _end(hub, claimed, "done", found=evaluate(hub, claimed))
    except LostLease:
        LOG.warning("trial taken over or stopped", id=claimed.id)
    except HubError as error:
        _end(hub, claimed, "failed", error=error.words)
    except DBAPIError:
        raise  # The database was away, or busy: it is tried again.
    except Exception:  # Whatever the defect, whoever asked is told at once that it ended; it is raised again for the log.
        _end(hub, claimed, "failed", error=DEFECT)
        raise
    return 1


def evaluate(hub: Hub, claimed: Claimed) -> Found:
    """Judge all orders on all sides; nothing is written but how far it came."""
    asked = read_question(claimed.question)
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
        masters = _with_weights(connection, hub.masters.get(connection, hub.clock()), hub, claimed)
        with hub.turn("variants"):  # What was used of a plan is counted by batches.
            found = Found([_side(connection, changes, masters, asked) for changes in _changes(claimed)])
        ids = ids_of(connection, asked)
        held, leaving = held_by(connection, ids), read_calendars(connection)
        for at in range(0, len(ids), PAGE):
            with hub.turn("variants"):
                batch = Batch(hub, connection, masters, hub.clock())
                page = load_page(batch, ids[at : at + PAGE], is_past=asked.is_past)
                ways = [judge_page(batch, page, side, held, leaving, is_past=asked.is_past) for side in found.sides]
                _compare(claimed.id, page, ways, found)
            _keep_progress(hub, claimed, min(at + PAGE, len(ids)), len(ids))
        connection.rollback()
    return found


def _with_weights(connection: Connection, masters: Masters, hub: Hub, claimed: Claimed) -> Masters:
    """The master rows with what points are weighed by, where a setting that is tried may ask for it."""
    if masters.sourcing.divisions or not any("settings" in variant["changes"] for variant in claimed.variants):
        return masters
    return replace(masters, sourcing=with_weights(connection, hub.clock(), masters.sourcing))


def _changes(claimed: Claimed) -> list[Changes]:
    return [NO_CHANGES, *[read_changes(variant["changes"]) for variant in claimed.variants]]


def _side(connection: Connection, changes: Changes, masters: Masters, asked: Question) -> Side:
    """Master rows and rules of a side; a draft decides for shops for which no more exact place does."""
    drafts = {}
    rows = {row.id: row for row in connection.execute(_RULES, {"ids": list(changes.versions.values())})}
    for stage, version_id in changes.versions.items():
        row = rows.get(version_id)
        if row is None or row.stage != stage:
            raise HubError("a version of rules that is tried is gone", "change the variant, then try it again")
        rules = side_of(version_id, stage, row.body).rules
        shops = reached_shops(connection, stage, (row.scope, row.scope_id), asked.shop_ids)
        drafts[stage] = dict.fromkeys(shops, rules)
    return Side(changes.apply(masters), drafts)


def _compare(trial_id: int, page: Page, ways: Sequence[Mapping[int, Left]], found: Found) -> None:
    """Keep the orders that leave otherwise than they would by what is in force."""
    before = ways[0]
    for number, side in enumerate(found.sides[1:], 1):
        for order in page.orders:
            was, now = before[order.id], ways[number][order.id]
            if (was.places, was.failure) == (now.places, now.failure):
                continue
            side.figures["changed"] = side.figures.get("changed", 0) + 1
            if side.figures["changed"] <= MOST_CHANGES:
                amount = now.cost - was.cost if was.parcels and now.parcels else 0
                both = tell_way(was, found.sides[0].masters), tell_way(now, side.masters)
                more = len(now.parcels) - len(was.parcels)
                found.rows.append((trial_id, number, order.id, *both, amount, more, FREIGHT_CURRENCY))


def _keep_progress(hub: Hub, claimed: Claimed, done: int, total: int) -> None:
    until = hub.clock() + CLAIM
    values = {"done": done, "total": total, "until": until, "id": claimed.id, "mine": claimed.mine}
    with hub.begin() as connection:
        if not connection.execute(_GO_ON, values).rowcount:
            raise LostLease("this trial goes on elsewhere, or was stopped", "write nothing")
    claimed.mine = until


def _end(hub: Hub, claimed: Claimed, state: str, *, error: str = "", found: Found | None = None) -> None:
    figures = orjson.dumps(found.figures).decode() if found else None
    values = {"state": state, "error": error[:500], "now": hub.clock(), "figures": figures}
    with hub.begin() as connection:
        if not connection.execute(_END, values | {"id": claimed.id, "mine": claimed.mine}).rowcount:
            raise LostLease("this trial goes on elsewhere, or was stopped", "write nothing")
        if found is not None:
            copy_rows(connection, "variant_trial_change", COLUMNS, found.rows)
