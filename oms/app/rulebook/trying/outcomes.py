"""What a verdict leads to, in a form that can be stored and compared, and the kinds of change between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import orjson

from oms.app.rulebook.vocabulary import VOCABULARY
from oms.domain.review import BY_CODE
from rules.engine import Applied, Verdict


class Kind(StrEnum):
    """How a draft decides about an order beside what it is compared with."""

    NEWLY_HELD = "newly_held"  # 新拦下
    NEWLY_PASSED = "newly_passed"  # 新放行
    OTHER_TIER = "other_tier"  # 换级别
    OTHER_ACTION = "other_action"  # 换动作
    SAME = "same"  # 不变
    NOT_COMPARABLE = "not_comparable"  # 无法比较: a fact was not kept and cannot be told any more
    UNKNOWN = "unknown"  # 当时未知: a fact is younger than the order
    NOT_REACHED = "not_reached"  # 没走到: the stage never decided about the order


#: Kinds whose orders are kept one by one; of the others only the number.
LISTED: Final = tuple(kind for kind in Kind if kind not in (Kind.SAME, Kind.NOT_REACHED))
#: Stages that write a decision about every order they see, rules or not: without one they never saw it.
ALWAYS_WRITTEN: Final = frozenset({"review", "route"})
CHANGED: Final = (Kind.NEWLY_HELD, Kind.NEWLY_PASSED, Kind.OTHER_TIER, Kind.OTHER_ACTION)
#: Actions that keep an order from going on by itself.
STOPS: Final = frozenset({"send_to_tier", "hold", "wait", "cancel", "stop", "leave_to_owner"})
#: What stands for an order that goes to people because rules could not decide; the name of no action.
PEOPLE: Final = "people"
#: Letting an order pass is what happens anyway.
_NO_CHANGE: Final = frozenset({"pass"})
_NOTHING: Final = "nothing"

Asked = tuple[str, Mapping[str, Any]]
Outcome = tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]
NO_OUTCOME: Final[Outcome] = ()


def outcome_of(verdict: Verdict, broken: Sequence[object] = ()) -> Outcome:
    """What is asked for, each once: of an action that can be had only once the first, the order of others is nothing."""
    asked = _asked(verdict.actions)
    if not (verdict.unhealthy or verdict.unknown or broken):
        return asked
    return (*asked, (PEOPLE, ()))


def stops(outcome: Outcome) -> bool:
    """Whether the order does not go on by itself."""
    return any(name in STOPS or name == PEOPLE for name, _ in outcome)


def kind_of(before: Outcome, after: Outcome) -> Kind:
    """The kind of change from one outcome to another."""
    if before == after:
        return Kind.SAME
    held, now_held = stops(before), stops(after)
    if held is not now_held:
        return Kind.NEWLY_HELD if now_held else Kind.NEWLY_PASSED
    is_other_tier = held and _tiers(before) != _tiers(after)
    return Kind.OTHER_TIER if is_other_tier else Kind.OTHER_ACTION


@lru_cache(maxsize=4096)
def written(outcome: Outcome) -> str:
    """An outcome as JSON text, as it is kept."""
    return orjson.dumps([[name, dict(params)] for name, params in outcome], default=_plain).decode()


def read_outcome(kept: str) -> list[Asked]:
    """The actions of an outcome that was kept, `people` among them when rules could not decide."""
    return [(name, params) for name, params in orjson.loads(kept or "[]")]


def verdict_word(stage: str, outcome: Outcome) -> str:
    """The word that a decision of the stage keeps of such an outcome."""
    if stage == "review":
        tiers = _tiers(outcome)
        return ",".join(code for code in BY_CODE if code in tiers) or "passed"
    return ",".join(dict.fromkeys(name for name, _ in outcome if name != PEOPLE)) or _NOTHING


def _tiers(outcome: Outcome) -> frozenset[str]:
    """The tiers that must look; what rules cannot decide goes to the first."""
    tiers = {str(dict(params)["tier"]) for name, params in outcome if name == "send_to_tier"}
    return frozenset(tiers | ({"service"} if (PEOPLE, ()) in outcome else set()))


def _asked(actions: Sequence[Applied]) -> Outcome:
    found: dict[Any, None] = {}
    once: set[str] = set()
    for applied in actions:
        if applied.action in _NO_CHANGE or applied.action in once:
            continue
        spec = VOCABULARY.actions.get(applied.action)
        if spec is not None and spec.exclusive:
            once.add(applied.action)
        found[applied.action, tuple(sorted(applied.params.items()))] = None
    return tuple(sorted(found, key=repr)) if len(found) > 1 else tuple(found)


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
