"""Compares what two versions decide about past orders from the same facts, and the first of them with what was stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.rulebook.trying.outcomes import ALWAYS_WRITTEN, NO_OUTCOME, Kind, Outcome, kind_of, outcome_of, verdict_word
from oms.app.rulebook.trying.past import PastOrder, see_kept, tell_lacking
from oms.app.rulebook.trying.prefilter import without_hopeless
from oms.app.rulebook.trying.versions import Pair, Side
from rules.engine import ENGINE_VERSION, Verdict
from rules.facts import UNKNOWN

_ENGINE: Final = str(ENGINE_VERSION)


class Stored(StrEnum):
    """How the first side, decided anew, stands to the decision that was stored."""

    SAME = "same"  # 一致
    DIFFERS = "differs"  # 不一致
    OTHER_VERSION = "other_version"  # 当时是另一版: another version decided then, and otherwise
    OTHER_ENGINE = "other_engine"  # 引擎已更新
    NOT_KEPT = "not_kept"  # 没留事实: facts that it needs were not kept
    NONE = "none"  # 没有决策: no rules decided then


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of one order; `lacks` are the facts for want of which it cannot be compared."""

    order: PastOrder
    kind: Kind
    stored: Stored
    before: Outcome = NO_OUTCOME
    after: Outcome = NO_OUTCOME
    rules_before: tuple[str, ...] = ()
    rules_after: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def compare_orders(
    hub: Hub, connection: Connection, stage: str, orders: Iterable[tuple[PastOrder, Pair]]
) -> list[Compared]:
    """How each order fares under both versions of its pair.

    Only an order on which the rules that differ may have a say is judged whole, and only for such ones is looked up
    what their decisions did not keep.
    """
    listed = list(orders)
    never = [order for order, _ in listed if order.decided_at is None] if stage in ALWAYS_WRITTEN else []
    if never:
        listed = [(order, pair) for order, pair in listed if order.decided_at is not None]
    for pair, mine in _by_pair(listed):
        see_kept(mine, pair.facts_read)
    open_: list[tuple[PastOrder, Pair]] = []
    found = [Compared(order, Kind.NOT_REACHED, Stored.NONE) for order in never]
    for order, pair in listed:
        verdict = pair.before.rules.decide(order.facts, order.at)
        stored = _stored(stage, order, pair.before, verdict)
        if _may_differ(order, pair):
            open_.append((order, pair))
        found.append(Compared(order, Kind.SAME, stored))
    open_ = without_hopeless(connection, open_)
    tell_lacking(hub, connection, [order for order, _ in open_])
    judged = {order.id: _judge(order, pair) for order, pair in open_}
    return [_with_stored(judged[each.order.id], each.stored) if each.order.id in judged else each for each in found]


def _by_pair(listed: Sequence[tuple[PastOrder, Pair]]) -> Iterable[tuple[Pair, list[PastOrder]]]:
    groups: dict[int, tuple[Pair, list[PastOrder]]] = {}
    for order, pair in listed:
        groups.setdefault(id(pair), (pair, []))[1].append(order)
    return groups.values()


def _may_differ(order: PastOrder, pair: Pair) -> bool:
    if pair.looks_at_all:
        return True
    said = pair.differing.decide(order.facts, order.at)
    return bool(said.matched or said.unknown or said.unhealthy)


def _judge(order: PastOrder, pair: Pair) -> Compared:
    """Both sides from the same facts; a rule that waits for a fact that is gone leaves nothing to compare."""
    verdicts = [side.rules.decide(order.facts, order.at) for side in (pair.before, pair.after)]
    lacks = _lacks(order, pair, verdicts)
    if lacks and _may_differ(order, pair):
        kind = Kind.UNKNOWN if lacks <= order.young else Kind.NOT_COMPARABLE
        return Compared(order, kind, Stored.NONE, lacks=tuple(sorted(lacks)))
    before, after = (
        outcome_of(verdict, side.broken) for side, verdict in zip((pair.before, pair.after), verdicts, strict=True)
    )
    kind = kind_of(before, after)
    return Compared(order, kind, Stored.NONE, before, after, verdicts[0].matched, verdicts[1].matched)


def _lacks(order: PastOrder, pair: Pair, verdicts: Sequence[Verdict]) -> frozenset[str]:
    """Facts that are gone and that a rule waits for which could not be judged."""
    cannot = order.gone | order.young
    if not cannot:
        return frozenset()
    sides = zip((pair.before, pair.after), verdicts, strict=True)
    asked = frozenset().union(*(side.facts_of(verdict.unknown) for side, verdict in sides if verdict.unknown))
    return frozenset(name for name in asked & cannot if order.facts.get(name) is UNKNOWN)


def _with_stored(compared: Compared, stored: Stored) -> Compared:
    return Compared(
        compared.order, compared.kind, stored, compared.before, compared.after, compared.rules_before,
        compared.rules_after, compared.lacks,
    )  # fmt: skip


def _stored(stage: str, order: PastOrder, side: Side, verdict: Verdict) -> Stored:
    """The verdict against the stored one: of the same version the rules that matched, of another one the word."""
    if order.version_id is None:
        return Stored.NONE
    if order.lacking and verdict.unknown and not side.facts_of(verdict.unknown).isdisjoint(order.lacking):
        return Stored.NOT_KEPT
    if order.version_id == side.version_id:
        if tuple(order.matched or ()) == verdict.matched:
            return Stored.SAME
        return Stored.DIFFERS if order.engine == _ENGINE else Stored.OTHER_ENGINE
    words = verdict_word(stage, outcome_of(verdict, side.broken))
    is_same = set((order.verdict or "").split(",")) - {"pass"} == set(words.split(","))
    return Stored.SAME if is_same else Stored.OTHER_VERSION


def count_by(values: Iterable[str]) -> Mapping[str, int]:
    """How often each value occurs."""
    counted: dict[str, int] = {}
    for value in values:
        counted[value] = counted.get(value, 0) + 1
    return counted
