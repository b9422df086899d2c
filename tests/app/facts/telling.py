"""What the tests of facts share: orders that come through a connector, one rule over one fact, values both ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import text

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fill, lock_orders
from oms.app.rulebook.book import book_of
from oms.app.rulebook.decide import decide
from oms.app.rulebook.facts.binding import stored_orders
from oms.app.rulebook.vocabulary import FACTS, VOCABULARY, facts_of
from oms.db.bulk import psycopg_connection
from rules.codec import read_rule_set
from rules.engine import compile_rule_set
from rules.facts import UNKNOWN
from rules.model import ValueType
from rules.sql import Where, where
from tests.factories import World, a_document, advance, order_id, raw, take

FORGET = """update rule_set_version set state = 'archived' where state = 'active'"""
ACTIVATE = """insert into rule_set_version (rule_set_id, number, body, state)
values (1, (select count(*) + 1 from rule_set_version), cast(:body as jsonb), 'active')"""


@dataclass(frozen=True)
class Told:
    """An order as the connector tells it; `then` is done to its rows, with :id and :now, once it has come.

    `sisters` are orders of the same buyer that come before it, and `of_sisters` is done to their rows.
    """

    lines: list[dict[str, Any]] | None = None
    shop: int = 1
    then: str = ""
    sisters: tuple[dict[str, Any], ...] = ()
    of_sisters: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def told(lines: list[dict[str, Any]] | None = None, *, shop: int = 1, then: str = "", of_sisters: str = "",
         sisters: Iterable[dict[str, Any]] = (), **changes: Any) -> Told:  # fmt: skip
    """An order as the connector tells it; `changes` are those of the document."""
    return Told(lines, shop, then, tuple(sisters), of_sisters, changes)


def bring(world: World, order: Told) -> int:
    """Take an order and its sisters in and walk them as far as they go; answers its id."""
    changes = dict(order.changes)
    no = changes.pop("no", "") + f"F{next(world.numbers)}"
    buyer = changes.setdefault("buyer", {"external_id": f"b-{no}"})
    for number, sister in enumerate(order.sisters):
        take(world, raw(a_document(f"{no}-{number}", **{"buyer": buyer, **sister})), shop=order.shop)
        if order.of_sisters:
            world.run(order.of_sisters, id=order_id(world, f"{no}-{number}"), now=world.clock())
    assert take(world, raw(a_document(no, order.lines, **changes)), shop=order.shop).new == 1
    advance(world)
    id_ = order_id(world, no)
    if order.then:
        world.run(order.then, id=id_, now=world.clock())
    return id_


def rules_of(*conditions: dict[str, Any]) -> dict[str, Any]:
    """A rule set with a rule of its own for each condition; each sends the order to finance."""
    finance = [{"action": "send_to_tier", "params": {"tier": "finance"}}]
    return {"format": 1, "stage": "review", "rules": [
        {"id": f"r{number}", "name": "r", "when": condition, "actions": finance}
        for number, condition in enumerate(conditions)
    ]}  # fmt: skip


def activate(world: World, body: dict[str, Any] | None) -> None:
    """Put a rule set in force, or none."""
    world.run(FORGET)
    if body is not None:
        read_rule_set(body, VOCABULARY)
        world.run(ACTIVATE, body=orjson.dumps(body).decode())
    book_of(world.hub).forget()


def loaded(world: World, connection: Any, ids: list[int]) -> Batch:
    """A batch with these stored orders."""
    batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
    fill(batch, lock_orders(connection, ids))
    return batch


def tiers_asked(world: World, ids: list[int]) -> dict[int, set[str]]:
    """Which tiers the rules in force send each order to."""
    with world.hub.begin() as connection:
        batch = loaded(world, connection, ids)
        asked = {}
        for id_, order in batch.orders.items():
            _, _, verdict = decide(batch, order, batch.masters.shops[order.shop_id], "review")
            assert not verdict.unhealthy
            asked[id_] = {str(applied.params["tier"]) for applied in verdict.actions}
        return asked


def found_by_sql(world: World, condition: dict[str, Any], ids: list[int]) -> set[int]:
    """Which of the stored orders the condition finds: by SQL, and by the closure among those that SQL leaves open."""
    (rule,) = read_rule_set(rules_of(condition), VOCABULARY).rules
    fragment = where(rule.when, VOCABULARY, world.clock())
    assert fragment.confirm == VOCABULARY.facts[condition["fact"]].may_be_unknown
    found = selected(world, fragment, ids)
    if not fragment.confirm:
        return found
    compiled = compile_rule_set(read_rule_set(rules_of(condition), VOCABULARY), VOCABULARY)
    facts = in_memory(world, sorted(found), [condition["fact"]])
    return {id_ for id_ in found if compiled.decide(facts[id_], world.clock()).matched}


def selected(world: World, fragment: Where, ids: list[int]) -> set[int]:
    """Which of the stored orders a fragment keeps."""
    question = f"""select o.id from {stored_orders("%(moment)s")} where o.id = any(%(ids)s) and ({fragment.text})"""
    with world.hub.engine.connect() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(question.encode(), {**fragment.params, "moment": world.clock(), "ids": ids})
        return {row[0] for row in cursor}


def in_memory(world: World, ids: list[int], names: Iterable[str] = FACTS) -> dict[int, dict[str, Any]]:
    """The values of facts from stored orders that were loaded, by order."""
    with world.hub.begin() as connection:
        batch = loaded(world, connection, ids)
        return {id_: facts_of(batch, order, batch.masters.shops[order.shop_id], frozenset(names))
                for id_, order in batch.orders.items()}  # fmt: skip


def by_sql(world: World, name: str, ids: list[int]) -> dict[int, Any]:
    """The values of a fact by its expression."""
    question = f"select o.id, {VOCABULARY.facts[name].sql} from {stored_orders(':moment')} where o.id = any(:ids)"
    with world.hub.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(question), {"moment": world.clock(), "ids": ids})}


def alike(name: str, value: Any) -> Any:
    """A value as both ways tell it: unknown is null in SQL, a set is an array."""
    if value is UNKNOWN or value is None:
        return None
    return frozenset(value) if VOCABULARY.facts[name].type is ValueType.SET else value
