"""Past orders with the facts of their decisions: what was kept, then what the stored order still tells of that moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.rulebook.facts.binding import Stands, stored_orders
from oms.app.rulebook.facts.keeping import NOT_KNOWN, SEALED, plain_facts
from oms.app.rulebook.trying.sealed import look_again, look_at
from oms.app.rulebook.vocabulary import FACTS, SEALED_FACTS
from oms.db.bulk import array_of
from rules.facts import UNKNOWN
from rules.model import ValueType

#: Orders with the last decision of a stage about each; months find the partitions. Of routing what its rules said last
#: counts before what sourcing then did.
PAGE: Final = """
with d as (select distinct on (order_id) order_id, at, rule_set_version_id, verdict, matched, facts, engine
  from decision where month = any(%s) and order_id = any(%s) and stage = %s
  order by order_id, (stage = 'route' and rule_set_version_id is not null) desc, id desc)
select o.id, o.shop_id, o.captured_at, o.paid_total, o.currency, d.at, d.rule_set_version_id, d.verdict, d.matched,
  d.facts, d.engine
from orders o left join d on d.order_id = o.id where o.id = any(%s) order by o.id"""

#: Facts by the time from which orders have them: of an older order such a fact is unknown, whatever its columns say.
YOUNGER: Final = {name: fact.since for name, fact in FACTS.items() if fact.since is not None}
_FROM: Final = f"unnest(%s::bigint[], %s::timestamptz[]) as t(id, at), {stored_orders('t.at')}"


@dataclass(slots=True)
class PastOrder:
    """An order with the last decision of a stage about it; `at` is the moment that facts stand for.

    `facts` are those known so far, `gone` names those that cannot be told, `young` those that the order never had.
    """

    id: int
    shop_id: int
    captured_at: datetime
    amount: int
    currency: str
    decided_at: datetime | None
    version_id: int | None
    verdict: str | None
    matched: Sequence[str] | None
    kept: bytes | None
    engine: str | None
    facts: dict[str, Any] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    young: frozenset[str] = frozenset()

    @property
    def at(self) -> datetime:
        """When the stage decided, or when the order came where no decision was written."""
        return self.decided_at or self.captured_at


def read_past(connection: Connection, stage: str, ids: Sequence[int], months: Sequence[date]) -> list[PastOrder]:
    """Stored orders, in order of id, with the last decision of the stage; their facts are not read yet."""
    wanted = array_of(ids)
    return [PastOrder(*row) for row in fetch(connection, PAGE, (list(months), wanted, stage, wanted))]


def see_kept(orders: Iterable[PastOrder], names: frozenset[str]) -> None:
    """Read the named facts from what the decisions kept; what none has kept is UNKNOWN and noted as lacking.

    A fact that the decision itself could not tell stays UNKNOWN without being lacking: so it was decided. One that was
    of another type when it was kept is lacking.
    """
    readers = [(name, *_READERS[FACTS[name].spec.type]) for name in sorted(names)]
    loads = orjson.loads
    for order in orders:
        kept: Mapping[str, Any] = loads(plain_facts(order.kept)) if order.kept else {}
        facts = order.facts
        lacking = []
        for name, written_as, read in readers:
            value = kept.get(name, _NOT_KEPT)
            if value.__class__ is written_as:
                facts[name] = value if read is None else read(value)
            elif value is None:
                facts[name] = None
            else:
                facts[name] = UNKNOWN
                if value != NOT_KNOWN:
                    lacking.append(name)
        order.lacking = tuple(lacking)


def tell_lacking(hub: Hub, connection: Connection, orders: Sequence[PastOrder]) -> None:
    """Tell what the decisions did not keep, as far as stored orders and receivers tell it for that moment."""
    by_names: dict[tuple[str, ...], list[PastOrder]] = defaultdict(list)
    for order in orders:
        _note_young(order)
        if order.lacking:
            by_names[order.lacking].append(order)
    for names, alike in by_names.items():
        told = _ask(connection, tuple(name for name in names if is_told(name)), alike)
        for order in alike:
            order.facts.update(told.get(order.id, {}))
            order.gone = frozenset(name for name in names if not is_told(name) and name not in SEALED_FACTS)
        _ask_receivers(hub, connection, [name for name in names if name in SEALED_FACTS], alike)
    for order in orders:
        order.facts.update(dict.fromkeys(order.young, UNKNOWN))
        order.gone -= order.young


def is_told(name: str) -> bool:
    """Whether a stored order tells a fact for a past moment."""
    fact = FACTS[name]
    return fact.spec.sql is not None and fact.stands is not Stands.NOW


def _note_young(order: PastOrder) -> None:
    if YOUNGER:
        order.young = frozenset(name for name in order.facts if name in YOUNGER and order.captured_at < YOUNGER[name])


def _ask(connection: Connection, names: tuple[str, ...], orders: Sequence[PastOrder]) -> dict[int, dict[str, Any]]:
    if not names or not orders:
        return {}
    asked = (array_of([order.id for order in orders]), array_of([order.at for order in orders]))
    readers = [(name, _converter(name)) for name in names]
    return {
        row[0]: {name: convert(value) for (name, convert), value in zip(readers, row[1:], strict=True)}
        for row in fetch(connection, _question(names), asked)
    }


@lru_cache(maxsize=256)
def _question(names: tuple[str, ...]) -> str:
    columns = [f"({(FACTS[name].spec.sql or 'null').replace('%', '%%')})" for name in names]
    return f"select o.id, {', '.join(columns)} from {_FROM} where o.id = t.id"


def _converter(name: str) -> Callable[[Any], Any]:
    """From a column to the value that rules see; null of a fact that may be unknown says that it is."""
    fact = FACTS[name]
    nothing = UNKNOWN if fact.may_be_unknown else None
    if fact.spec.type is ValueType.SET:
        return lambda value: nothing if value is None else frozenset(value)
    return lambda value: nothing if value is None else value


def _ask_receivers(hub: Hub, connection: Connection, names: Sequence[str], orders: Sequence[PastOrder]) -> None:
    """Sealed facts from the receiver: one whose hash was kept only while it is still the same."""
    if not names:
        return
    opened = look_at(hub, connection, [order.id for order in orders])
    for order in orders:
        kept = orjson.loads(plain_facts(order.kept)) if order.kept else {}
        for name in names:
            mark = kept.get(name)
            hash_ = mark.get(SEALED) if isinstance(mark, dict) else None
            value, is_gone = look_again(hub, opened.get(order.id), name, hash_)
            order.facts[name] = value
            if is_gone:
                order.gone |= {name}


#: How JSON has the values of a type, and what makes the value of it that rules see.
_READERS: Final[dict[ValueType, tuple[type, Callable[[Any], Any] | None]]] = {
    ValueType.BOOL: (bool, None),
    ValueType.INTEGER: (int, None),
    ValueType.MONEY: (int, None),
    ValueType.DURATION: (int, None),
    ValueType.COUNT: (int, None),
    ValueType.DECIMAL: (str, Decimal),
    ValueType.TEXT: (str, None),
    ValueType.CODE: (str, None),
    ValueType.SET: (list, frozenset),
    ValueType.DATETIME: (str, datetime.fromisoformat),
}
#: Stands for a fact that a decision did not look at; of the type of no value.
_NOT_KEPT: Final = ()
