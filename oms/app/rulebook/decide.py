"""Finds the rule set in force for an order, decides, and writes the decision down with the facts it saw."""

from __future__ import annotations

from typing import Any

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.book import book_of
from oms.app.rulebook.facts.keeping import write_facts
from oms.app.rulebook.vocabulary import facts_of, without_sealed
from rules.engine import ENGINE_VERSION, Verdict
from rules.facts import input_hash

_ENGINE = str(ENGINE_VERSION)


def decide(batch: Batch, order: OrderWork, shop: ShopCard, stage: str) -> tuple[int | None, dict[str, Any], Verdict]:
    """(version id, facts seen, verdict) of a stage for an order; no rule set means nothing is asked for."""
    found = book_of(batch.hub).winner(batch.connection, stage, shop, batch.now)
    if found is None:
        return None, {}, Verdict((), ())
    version_id, compiled = found
    facts = facts_of(batch, order, shop, compiled.facts_read)
    return version_id, without_sealed(batch, facts), compiled.decide(facts, batch.now)


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
