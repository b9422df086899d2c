"""Facts and actions that rules may speak of, bound to orders. Pickers, validation and docs are made from these."""

from __future__ import annotations

from typing import Any, Final

import psycopg
import structlog

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.actions import answering, giving, handling, merging, reviewing, sending, sourcing, timing
from oms.app.rulebook.facts import (
    case,
    goods,
    history,
    lines,
    margin,
    moments,
    money,
    order,
    papers,
    partner,
    plan,
    receiver,
    sealed,
    shop,
)
from oms.app.rulebook.facts.binding import Fact
from oms.app.rulebook.facts.keeping import SEALED
from oms.domain.errors import HubError
from rules.facts import UNKNOWN
from rules.model import Vocabulary

LOG = structlog.get_logger("rulebook")
SUBJECTS: Final = (
    order, lines, goods, money, margin, partner, papers, receiver, sealed, history, shop, moments, plan, case,
)  # fmt: skip
ACTING: Final = (handling, reviewing, sourcing, sending, merging, giving, timing, answering)
FACTS: Final[dict[str, Fact]] = {fact.spec.name: fact for subject in SUBJECTS for fact in subject.FACTS}

VOCABULARY: Final = Vocabulary.of(
    facts=tuple(fact.spec for subject in SUBJECTS for fact in subject.FACTS),
    actions=tuple(spec for subject in ACTING for spec in subject.ACTIONS),
)
BINDINGS: Final = {name: fact.bind for name, fact in FACTS.items()}
SEALED_FACTS: Final = frozenset([name for name, fact in FACTS.items() if fact.is_sealed])


def facts_of(batch: Batch, order: OrderWork, shop: ShopCard, names: frozenset[str]) -> dict[str, Any]:
    """The values of the named facts, as the rules see them.

    A fact that cannot be told for whatever reason is UNKNOWN; only the database and the installation may fail.
    """
    try:
        return {name: BINDINGS[name](order, shop, batch) for name in names}
    except (psycopg.Error, HubError):
        raise
    except Exception:  # noqa: BLE001  whatever is wrong with a fact, the order must go on
        return {name: _value(name, order, shop, batch) for name in names}


def _value(name: str, order: OrderWork, shop: ShopCard, batch: Batch) -> Any:
    try:
        return BINDINGS[name](order, shop, batch)
    except (psycopg.Error, HubError):
        raise
    except Exception as error:  # noqa: BLE001  its text may quote a name or a street, its type does not
        LOG.error("fact failed", fact=name, order_id=order.id, error=type(error).__name__)
        return UNKNOWN


def without_sealed(batch: Batch, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as they may be written down: of what is personal only a keyed hash."""
    if SEALED_FACTS.isdisjoint(facts):
        return facts
    return {name: _hashed(batch, name, value) if name in SEALED_FACTS else value for name, value in facts.items()}


def _hashed(batch: Batch, name: str, value: Any) -> Any:
    return {SEALED: batch.hub.keys.blind(name, value).hex()} if isinstance(value, str) else value
