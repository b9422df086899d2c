"""The job behind backtests: claims one that waits, compares page after page of orders, and writes what it finds.

Each page is committed with how far it came, so that a killed worker's backtest goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.rulebook.trying.comparing import Compared, compare_orders
from oms.app.rulebook.trying.later import LaterStage, later_stages, tell_later
from oms.app.rulebook.trying.outcomes import CHANGED, written
from oms.app.rulebook.trying.past import read_past
from oms.app.rulebook.trying.people import then_of
from oms.app.rulebook.trying.plans import count_without_effect
from oms.app.rulebook.trying.questions import Filter, next_ids, read_filter
from oms.app.rulebook.trying.tally import add_up, is_listed, tally
from oms.app.rulebook.trying.versions import Pair, pair_of, side_of, sides_of
from oms.db.bulk import copy_rows
from oms.domain.errors import HubError, LostLease
from oms.domain.months import months_between

CLAIM: Final = timedelta(minutes=2)
#: Orders looked up at once, and compared in one transaction.
AHEAD: Final = 20_000
PAGE: Final = 1_000
#: How long one worker stays with one backtest while others may wait.
SLICE_S: Final = 10.0
MOST_ATTEMPTS: Final = 5
COLUMNS: Final = (
    "backtest_id", "order_id", "kind", "before", "after", "rules_before", "rules_after", "person", "amount", "currency",
)  # fmt: skip
LOG = structlog.get_logger("backtest")

_CLAIM = text("""
with due as (
  select id from backtest
  where state = 'waiting' or (state = 'running' and (claimed_until is null or claimed_until <= :now))
  order by claimed_until nulls first, created_at, id limit 1 for update skip locked)
update backtest b set state = 'running', started_at = coalesce(b.started_at, :now), claimed_until = :until,
  attempts = b.attempts + 1
from due where b.id = due.id
returning b.id, b.version_id, b.body, b.stage, b.question, b.from_at as since, b.until_at as until, b.reached, b.counts,
  b.attempts""")
_GO_ON = text("""
update backtest set reached = :reached, done = done + :done, counts = cast(:counts as jsonb), claimed_until = :until,
  attempts = 0
where id = :id and state = 'running' and claimed_until = :mine""")
_LEAVE = text("""
update backtest set claimed_until = :now where id = :id and state = 'running' and claimed_until = :mine""")
_END = text("""
update backtest set state = :state, error = :error, ended_at = :now, claimed_until = null
where id = :id and state = 'running' and claimed_until = :mine""")
GAVE_UP: Final = "it made no progress in five attempts"


@dataclass(slots=True)
class Claimed:
    """A backtest to go on with; every write checks that `mine` is still the end of our claim."""

    id: int
    version_id: int
    body: Any
    stage: str
    question: Mapping[str, Any]
    since: datetime
    until: datetime
    reached: int
    counts: dict[str, Any]
    attempts: int
    mine: datetime

    @property
    def shops(self) -> dict[int, int]:
        """The shops that are looked at, with the version that each one's orders are compared with."""
        return {int(shop): int(side) for shop, side in self.question["sides"].items()}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a backtest compares: a pair of versions for each shop, and the stages behind."""

    pairs: Mapping[int, Pair]
    later: Sequence[LaterStage]
    filter: Filter
    months: Sequence[date]


def backtest_next(hub: Hub) -> int:
    """Work for some seconds on the backtest that has waited longest; answers 1, or 0 when none waits."""
    with hub.begin() as connection:
        claimed = _claim(connection, hub.clock())
    if claimed is None:
        return 0
    try:
        if claimed.attempts > MOST_ATTEMPTS:
            _end(hub, claimed, "failed", GAVE_UP)
        elif _go_on(hub, claimed):
            _end(hub, claimed, "done")
        else:
            _leave(hub, claimed)
    except LostLease:
        LOG.warning("backtest taken over or stopped", id=claimed.id)
    except HubError as error:
        _end(hub, claimed, "failed", error.words)
        LOG.warning("backtest failed", id=claimed.id, error=type(error).__name__)
    return 1


def ground_of(connection: Connection, claimed: Claimed, now: datetime) -> Ground:
    """Compile what is compared."""
    after = side_of(claimed.version_id, claimed.stage, claimed.body)
    sides = sides_of(connection, claimed.stage, claimed.shops.values())
    pairs = {side_id: pair_of(side, after) for side_id, side in sides.items()}
    gone = {side_id for side_id in claimed.shops.values() if side_id not in pairs}
    if gone:
        raise HubError("a version that was compared with is gone", "start the backtest again")
    return Ground(
        {shop: pairs[side_id] for shop, side_id in claimed.shops.items()},
        later_stages(connection, claimed.stage, list(claimed.shops)),
        read_filter(claimed.question),
        months_between(claimed.since, now),
    )


def compare_page(
    hub: Hub, connection: Connection, stage: str, ids: Sequence[int], ground: Ground
) -> tuple[list[Compared], dict[str, Any], dict[int, str]]:
    """(what became of each order, the numbers, what people then did with the changed ones) of a page of orders."""
    past = [order for order in read_past(connection, stage, ids, ground.months) if ground.filter.lets(order.verdict)]
    compared = compare_orders(hub, connection, stage, [(order, ground.pairs[order.shop_id]) for order in past])
    changed = [each for each in compared if each.kind in CHANGED]
    people = then_of(connection, [(each.order.id, each.order.at) for each in changed])
    counts = tally(compared, people)
    alike = count_without_effect(stage, compared, hub.masters.get(connection, hub.clock()).shops)
    if alike:
        counts = add_up(counts, {"without_effect": alike})
    told = tell_later(connection, stage, compared, ground.later, ground.months)
    for by_stage in told.values():
        counts = add_up(counts, {"later": {name: {word: 1} for name, word in by_stage.items()}})
    return compared, counts, people


def _claim(connection: Connection, now: datetime) -> Claimed | None:
    until = now + CLAIM
    row = connection.execute(_CLAIM, {"now": now, "until": until}).one_or_none()
    return Claimed(**row._mapping, mine=until) if row else None


def _go_on(hub: Hub, claimed: Claimed) -> bool:
    """Compare pages until the time of this turn is up; answers whether all are done."""
    began = perf_counter()
    with hub.engine.connect() as connection:
        ground = ground_of(connection, claimed, hub.clock())
    while True:
        ids = _ahead(hub, claimed, ground.filter)
        for page in _pages(ids):
            with hub.turn("backtest"):
                _settle_page(hub, claimed, page, ground)
            if perf_counter() - began > SLICE_S:
                return False
        if len(ids) < AHEAD:
            return True


def _ahead(hub: Hub, claimed: Claimed, asked: Filter) -> list[int]:
    with hub.engine.connect() as connection:
        shops = sorted(claimed.shops)
        return next_ids(connection, shops, claimed.since, claimed.until, asked, claimed.reached, AHEAD)


def _pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + PAGE] for at in range(0, len(ids), PAGE))


def _settle_page(hub: Hub, claimed: Claimed, ids: Sequence[int], ground: Ground) -> None:
    with hub.engine.connect() as connection:
        compared, counts, people = compare_page(hub, connection, claimed.stage, ids, ground)
    with hub.begin() as connection:
        claimed.counts = add_up(claimed.counts, counts)
        claimed.reached = ids[-1]
        _keep_progress(hub, connection, claimed, len(ids))
        copy_rows(connection, "backtest_change", COLUMNS, [_row(claimed.id, each, people) for each in compared
                                                           if is_listed(each)])  # fmt: skip


def _keep_progress(hub: Hub, connection: Connection, claimed: Claimed, done: int) -> None:
    until = hub.clock() + CLAIM
    values = {"reached": claimed.reached, "done": done, "counts": orjson.dumps(claimed.counts).decode(), "until": until}
    if not connection.execute(_GO_ON, values | {"id": claimed.id, "mine": claimed.mine}).rowcount:
        raise LostLease("this backtest goes on elsewhere, or was stopped", "write nothing")
    claimed.mine = until


def _row(backtest_id: int, each: Compared, people: Mapping[int, str]) -> tuple[Any, ...]:
    order = each.order
    after = ",".join(each.lacks) if each.lacks else written(each.after)
    before = "" if each.lacks else written(each.before)
    return (backtest_id, order.id, each.kind.value, before, after, list(each.rules_before), list(each.rules_after),
            people.get(order.id, ""), order.amount, order.currency)  # fmt: skip


def _leave(hub: Hub, claimed: Claimed) -> None:
    """Let other backtests have their turn before this one goes on."""
    with hub.begin() as connection:
        connection.execute(_LEAVE, {"id": claimed.id, "mine": claimed.mine, "now": hub.clock()})
    hub.poke("backtests")


def _end(hub: Hub, claimed: Claimed, state: str, error: str = "") -> None:
    with hub.begin() as connection:
        values = {"id": claimed.id, "mine": claimed.mine, "now": hub.clock(), "state": state, "error": error[:500]}
        connection.execute(_END, values)
