"""How a fact is bound: its words, its expression over a stored order, its value from an order in memory.

What is not in memory is looked up here for all orders of a batch at once, the first time a rule asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.db.rulebook import STAGES
from rules.model import Choice, FactSpec, ValueType

#: From the order in memory, its shop and its batch to the value: None when missing, UNKNOWN when it cannot be told.
Binding = Callable[[OrderWork, ShopCard, Batch], Any]
EVERYWHERE: Final = frozenset(STAGES)
#: Once lines are matched to SKUs and needed goods are known.
MATCHED: Final = EVERYWHERE - {"fetch"}
#: Once sourcing has had its say.
PLANNED: Final = frozenset({"review", "merge", "intercept", "aftersales", "sla"})
SEALED_REASON: Final = "sealed with the order's key"
MOVED_ON: Final = "the plan and the stock have moved on since"

#: What the expressions of facts are written over: a stored order, its shop and channel, and the moment of the decision.
STORED: Final = """orders o join shop s on s.id = o.shop_id join channel c on c.id = s.channel_id
cross join lateral (select cast({moment} as timestamptz) as at) m"""


def stored_orders(moment: str) -> str:
    """The FROM clause that facts are written over; `moment` is SQL, a placeholder or a column of its own for each row."""
    return STORED.format(moment=moment)


def gathered(expression: str, source: str) -> str:
    """The expression of a set: empty, never null, where there is nothing."""
    return f"(select coalesce(array_agg(distinct {expression}), '{{}}') from {source})"


class Stands(StrEnum):
    """For which moment the value of a stored order stands; what it was at an earlier decision may be another."""

    CAPTURED = "captured"  # As the platform last told it.
    AS_OF = "as_of"  # Reckoned for the moment of the decision, also of a past one.
    NOW = "now"  # As things stand today; of a past decision only the value it kept is known.


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact with its binding; `is_sealed` ones are personal and never written down in plain.

    Of orders taken in before `since` it is unknown, whatever their columns say: what it is told from was not kept then.
    """

    spec: FactSpec
    bind: Binding
    stands: Stands = Stands.CAPTURED
    is_sealed: bool = False
    since: datetime | None = None

    @property
    def may_be_unknown(self) -> bool:
        """Whether the binding may say UNKNOWN; its expression is null there."""
        return self.spec.may_be_unknown


@dataclass(frozen=True, slots=True)
class Facts:
    """Makes the facts of one subject, which share a prefix of their names, stages, and how sure they are."""

    subject: str
    stages: frozenset[str] = EVERYWHERE
    stands: Stands = Stands.CAPTURED
    may_be_unknown: bool = False
    since: datetime | None = None

    def __call__(
        self, name: str, kind: ValueType, zh: str, en: str, sql: str | None, bind: Binding, *, reason: str = "",
        unit: str = "", unit_en: str = "", choices: Iterable[tuple[str, str, str]] = (), is_sealed: bool = False,
    ) -> Fact:  # fmt: skip
        """A fact; `sql` is None with the reason why it can only be told in memory; a unit of one word is for both."""
        if kind is ValueType.MONEY:
            unit = unit or "CNY"
        spec = FactSpec(
            f"{self.subject}.{name}", kind, zh, en, self.stages, unit=unit, unit_en=unit_en, sql=sql,
            python_only_reason=reason, choices=tuple(Choice(*choice) for choice in choices),
            may_be_unknown=self.may_be_unknown,
        )  # fmt: skip
        return Fact(spec, bind, self.stands, is_sealed, self.since)


Found = TypeVar("Found")


@dataclass(frozen=True)
class LookUp(Generic[Found]):
    """What is looked up of a kind for many orders with one statement; `none` stands for an order without any."""

    name: str
    load: Callable[[Batch, Sequence[OrderWork]], Mapping[int, Found]]
    none: Found

    def of(self, batch: Batch, order: OrderWork) -> Found:
        """What was found of an order; the first question of a batch looks it up for all its orders."""
        found = kept(batch, self.name)
        if order.id not in found:
            missing = [other for other in batch.orders.values() if other.id not in found]
            if order.id not in batch.orders:
                missing.append(order)
            loaded = self.load(batch, missing)
            found.update({other.id: loaded.get(other.id, self.none) for other in missing})
        return found[order.id]  # type: ignore[no-any-return]  # each name keeps what its own LookUp loads


@dataclass(slots=True)
class _Kept:
    """What a batch has looked up so far, recognised by its orders."""

    orders: dict[int, OrderWork]
    by_name: dict[str, dict[int, Any]] = field(default_factory=dict)


#: By the connection of the batch, which lives as long as its transaction; holds nothing that refers to it.
_KEPT: WeakKeyDictionary[Connection, _Kept] = WeakKeyDictionary()


def kept(batch: Batch, name: str) -> dict[int, Any]:
    """What the batch has looked up under a name so far, by id; the caller adds what it looks up."""
    mine = _KEPT.get(batch.connection)
    if mine is None or mine.orders is not batch.orders:
        mine = _KEPT[batch.connection] = _Kept(batch.orders)
    return mine.by_name.setdefault(name, {})
