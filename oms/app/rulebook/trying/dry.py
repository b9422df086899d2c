"""试跑: what a version, or rules that nobody has stored, would decide for one order at this moment. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import ORDER, fetch, fill
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.book import book_of
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.documents import read_document
from oms.app.rulebook.rules_told import RuleTold
from oms.app.rulebook.telling import Manner
from oms.app.rulebook.trying.outcomes import Asked, Kind, kind_of, outcome_of, read_outcome, stops, written
from oms.app.rulebook.trying.personal import check_personal
from oms.app.rulebook.trying.telling import manner_of, tell_facts, tell_rules
from oms.app.rulebook.trying.versions import Side, no_rules, side_of
from oms.app.rulebook.vocabulary import facts_of
from oms.db.channels import Shop
from oms.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Tried:
    """How one set of rules decides about an order now; `version_id` is 0 for rules that are stored nowhere."""

    version_id: int
    asked: list[Asked]
    stops: bool
    matched: tuple[str, ...]
    rules: tuple[RuleTold, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What is tried beside what is in force, from the same facts."""

    order_id: int
    external_no: str
    stage: str
    kind: str
    facts: dict[str, Any]
    tried: Tried
    in_force: Tried


def try_version(hub: Hub, version_id: int, stage: str, order_id: int, *, sees_plain: bool = False) -> DryRun:
    """A dry run of a stored version; Forbidden when it asks for what is personal and the person may not see that."""
    with hub.engine.connect() as connection:
        body = find_version(connection, version_id).body
    check_personal(stage, body, sees_plain=sees_plain)
    return _try(hub, side_of(version_id, stage, body), order_id)


def try_rules(hub: Hub, stage: str, rules: object, order_id: int, *, sees_plain: bool = False) -> DryRun:
    """A dry run of rules that are stored nowhere; Invalid names the path of the first place that is wrong.

    Forbidden as for a stored version.
    """
    body, _limits = read_document(stage, rules, [])
    check_personal(stage, body, sees_plain=sees_plain)
    return _try(hub, side_of(0, stage, body), order_id)


def _try(hub: Hub, side: Side, order_id: int) -> DryRun:
    """Everything in one transaction that the database itself keeps from writing."""
    stage = side.rules.rule_set.stage
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("set transaction read only")
        batch, order = _load(hub, connection, order_id)
        shop = batch.masters.shops[order.shop_id]
        found = book_of(hub).find(connection, stage, shop, order_id, batch.now)
        force = no_rules(stage) if found is None else Side(found.version.id, found.version.rules, found.version.broken)
        facts = facts_of(batch, order, shop, side.rules.facts_read | force.rules.facts_read)
        zone = connection.execute(select(Shop.timezone).where(Shop.id == order.shop_id)).scalar_one()
        connection.rollback()
    manner = manner_of(order.currency, zone)
    tried, now = (_decide(each, facts, batch, manner) for each in (side, force))
    kind = kind_of(now[0], tried[0])
    return DryRun(order_id, order.external_no, stage, Kind(kind).value, tell_facts(facts), tried[1], now[1])


def _load(hub: Hub, connection: Connection, order_id: int) -> tuple[Batch, OrderWork]:
    now = hub.clock()
    rows = fetch(connection, f"select {ORDER} from orders where id = %s", (order_id,))
    if not rows:
        raise NotFound("there is no such order")
    batch = Batch(hub, connection, hub.masters.get(connection, now), now)
    order = OrderWork(*rows[0])
    fill(batch, [order], locks=False)
    return batch, order


def _decide(side: Side, facts: dict[str, Any], batch: Batch, manner: Manner) -> tuple[Any, Tried]:
    verdict = side.rules.decide(facts, batch.now)
    outcome = outcome_of(verdict, side.broken)
    rules = tell_rules(side, facts, batch.now, manner)
    return outcome, Tried(side.version_id, read_outcome(written(outcome)), stops(outcome), verdict.matched, rules)
