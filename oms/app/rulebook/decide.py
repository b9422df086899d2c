"""Finds the rule set in force for an order, decides, and writes the decision down with the facts it saw."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.book import book_of
from oms.app.rulebook.facts.keeping import write_facts
from oms.app.rulebook.guarding import guard
from oms.app.rulebook.vocabulary import facts_of, without_sealed
from rules.engine import ENGINE_VERSION, Verdict
from rules.facts import input_hash

_ENGINE = str(ENGINE_VERSION)
NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


def decide(
    batch: Batch, order: OrderWork, shop: ShopCard, stage: str, amounts: Mapping[str, int] = NOTHING
) -> tuple[int | None, dict[str, Any], Verdict]:
    """(version id, facts seen, verdict) of a stage for an order; no rule set means nothing is asked for.

    `amounts` says how much an action would give to this order where its parameters do not; limits count it.
    Of facts that are personal only keyed hashes are answered, so that they can be recorded.
    """
    found = book_of(batch.hub).find(batch.connection, stage, shop, order.id, batch.now)
    if found is None:
        return None, {}, Verdict((), ())
    rules = found.version.rules
    facts = facts_of(batch, order, shop, rules.facts_read)
    verdict = rules.decide(facts, batch.now)
    if found.is_guarded or verdict.unhealthy:
        verdict = guard(batch, order, found, verdict, amounts)
    return found.version.id, without_sealed(batch, facts), verdict


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
    seen = write_facts(facts) if facts else None
    batch.decisions.append(
        (batch.month, order.id, batch.new_id(), stage, version_id, verdict, list(matched) if matched else None, seen,
         orjson.dumps(choices) if choices else None, _ENGINE if version_id else "",
         bytes.fromhex(input_hash(facts)) if facts else None, batch.now)
    )  # fmt: skip
