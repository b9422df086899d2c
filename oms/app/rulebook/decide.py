"""Finds the rule set in force for an order, decides, and writes the decision down with the facts it saw."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, text

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.vocabulary import VOCABULARY, facts_of
from rules.codec import read_rule_set
from rules.engine import ENGINE_VERSION, CompiledRuleSet, Verdict, compile_rule_set
from rules.facts import input_hash

FRESH = timedelta(seconds=2)
ACTIVE = text("""
select s.scope, s.scope_id, v.id, v.body from rule_set s join rule_set_version v on v.rule_set_id = s.id
where s.stage = :stage and v.state = 'active' and v.canary = 100""")


class RuleBook:
    """The compiled active rule sets of this process, read again when older than two seconds."""

    def __init__(self) -> None:
        self._read_at: dict[str, datetime] = {}
        self._sets: dict[str, dict[tuple[str, int], tuple[int, CompiledRuleSet]]] = {}
        self._compiled: dict[int, CompiledRuleSet] = {}

    def winner(
        self, connection: Connection, stage: str, shop: ShopCard, now: datetime
    ) -> tuple[int, CompiledRuleSet] | None:
        """(version id, rules) of the most exact scope: shop, user group, shop group, channel, global."""
        sets = self._of(connection, stage, now)
        for scope, scope_id in (
            ("shop", shop.id),
            ("user_group", shop.user_group_id or -1),
            ("shop_group", shop.shop_group_id or -1),
            ("channel", shop.channel_id),
            ("global", 0),
        ):
            found = sets.get((scope, scope_id))
            if found:
                return found
        return None

    def _of(
        self, connection: Connection, stage: str, now: datetime
    ) -> dict[tuple[str, int], tuple[int, CompiledRuleSet]]:
        read_at = self._read_at.get(stage)
        if read_at is None or now - read_at > FRESH:
            sets = {}
            for scope, scope_id, version_id, body in connection.execute(ACTIVE, {"stage": stage}):
                if version_id not in self._compiled:
                    self._compiled[version_id] = compile_rule_set(read_rule_set(body, VOCABULARY), VOCABULARY)
                sets[scope, scope_id] = (version_id, self._compiled[version_id])
            self._sets[stage], self._read_at[stage] = sets, now
        return self._sets[stage]


#: One book a database: ids of versions mean nothing in another one.
_BOOKS: WeakKeyDictionary[Engine, RuleBook] = WeakKeyDictionary()


def book_of(hub: Hub) -> RuleBook:
    """The rule book of a hub's database."""
    return _BOOKS.setdefault(hub.engine, RuleBook())


_ENGINE = str(ENGINE_VERSION)


def decide(batch: Batch, order: OrderWork, shop: ShopCard, stage: str) -> tuple[int | None, dict[str, Any], Verdict]:
    """(version id, facts seen, verdict) of a stage for an order; no rule set means nothing is asked for."""
    found = book_of(batch.hub).winner(batch.connection, stage, shop, batch.now)
    if found is None:
        return None, {}, Verdict((), ())
    version_id, compiled = found
    facts = facts_of(order, shop, compiled.facts_read)
    return version_id, facts, compiled.decide(facts, batch.now)


def record(
    batch: Batch,
    order: OrderWork,
    stage: str,
    verdict: str,
    *,
    version_id: int | None = None,
    facts: dict[str, Any] | None = None,
    matched: tuple[str, ...] = (),
    choices: Any = None,
) -> None:
    """Append a decision; facts are JSON without any personal detail."""
    seen = orjson.dumps(facts, default=_plain, option=orjson.OPT_SORT_KEYS) if facts else None
    batch.decisions.append(
        (batch.month, order.id, batch.new_id(), stage, version_id, verdict, list(matched) if matched else None, seen,
         orjson.dumps(choices) if choices else None, _ENGINE if version_id else "",
         bytes.fromhex(input_hash(facts)) if facts else None, batch.now)
    )  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not a fact")
