"""Rule documents with one fault each, of every sort that people, screens and programs make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from rules.codec import write_rule_set
from rules.model import RuleSet

_RUNAWAY = (
    "(a+)+b",
    "(a|a)*c",
    "(.*)*x",
    ".*.*.*=",
    "((a?){9}){9}",
    "(x+x+)+y",
    "a{1,200}b{1,200}c{1,200}d$",
    "([a-z]+)*1",
)
_NO_VALUE = (None, {}, [], "", [[]], {"from": 1}, float("nan"), "\ud800", [None], "\x00")


class Fault(NamedTuple):
    """A broken document and the pointer below which, or at which, it must be refused."""

    document: Any
    path: str


def break_one(rule_set: RuleSet, chance: Random) -> Fault:
    """The document of a rule set with one fault."""
    document: Any = deepcopy(write_rule_set(rule_set))
    place = chance.choice([*_places(document, "")])
    fault = chance.choice(_FAULTS)(document, place, chance) if _conditions(document) else None
    return fault or _wrong_type(document, place, chance)


class _Place(NamedTuple):
    owner: Any
    key: Any
    path: str


def _places(value: Any, path: str) -> Iterator[_Place]:
    children = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    for key, child in children:
        yield _Place(value, key, f"{path}/{key}")
        yield from _places(child, f"{path}/{key}")


def _conditions(document: Any) -> list[_Place]:
    return [place for place in _places(document, "") if isinstance(place.owner[place.key], dict)
            and "fact" in place.owner[place.key]]  # fmt: skip


def _wrong_type(document: Any, place: _Place, chance: Random) -> Fault:
    """Nothing in a rule document may be a fraction."""
    place.owner[place.key] = chance.choice((0.5, -1e308, float("nan"), float("inf")))
    return Fault(document, place.path)


def _unknown_key(document: Any, place: _Place, chance: Random) -> Fault | None:
    if not isinstance(place.owner[place.key], dict) or place.path.endswith("/params"):
        return None
    place.owner[place.key][chance.choice(("extra", "", "a/b~c", "所有", "\ud800", "x" * 9999))] = 1
    return Fault(document, place.path)


def _missing_key(document: Any, place: _Place, chance: Random) -> Fault | None:
    if place.key not in ("format", "stage", "rules", "id", "name", "when", "actions", "fact", "op", "time_zone", "to"):
        return None
    del place.owner[place.key]
    return Fault(document, place.path.rpartition("/")[0])


def _condition_fault(change: Callable[[Any, Random], None]) -> Callable[[Any, _Place, Random], Fault | None]:
    def fault(document: Any, _: _Place, chance: Random) -> Fault:
        place = chance.choice(_conditions(document))
        change(place.owner[place.key], chance)
        return Fault(document, place.path)

    return fault


def _runaway(condition: Any, chance: Random) -> None:
    condition.update(fact="order.memo", op="matches", value=chance.choice(_RUNAWAY))


def _unknown_fact(condition: Any, chance: Random) -> None:
    condition["fact"] = chance.choice(("order.paymnt", "", 5, None, ["order.paid"], {"a": 1}, "order.paid\x00"))


def _unknown_operator(condition: Any, chance: Random) -> None:
    condition["op"] = chance.choice(("is", "EQ", "", None, 7, ["eq"], "__class__"))


def _bad_value(condition: Any, chance: Random) -> None:
    condition.update(op="is_empty" if chance.random() < 0.3 else "eq", fact="order.paid", value=chance.choice(_NO_VALUE))


def _huge(condition: Any, chance: Random) -> None:
    values = ([f"{at}" for at in range(1001)], ["长" * 501], ["a"] * 2, 10**30)
    condition.update(fact="order.memo", op="in", value=chance.choice(values))


def _too_deep(document: Any, _: _Place, chance: Random) -> Fault:
    place = chance.choice(_conditions(document))
    inner = place.owner[place.key]
    for _ in range(chance.choice((20, 60, 400))):
        inner = {chance.choice(("all", "any", "none")): [inner]}
    place.owner[place.key] = inner
    return Fault(document, place.path)


def _too_many(document: Any, _: _Place, chance: Random) -> Fault:
    place = chance.choice(_conditions(document))
    place.owner[place.key] = {"any": [place.owner[place.key]] * chance.choice((200, 201, 5000))}
    return Fault(document, "/".join(place.path.split("/")[:4]))


def _empty_group(document: Any, _: _Place, chance: Random) -> Fault:
    place = chance.choice(_conditions(document))
    place.owner[place.key] = {chance.choice(("any", "none")): []}
    return Fault(document, place.path)


def _two_kinds(document: Any, _: _Place, chance: Random) -> Fault:
    place = chance.choice(_conditions(document))
    place.owner[place.key] = {"all": [], "any": [place.owner[place.key]]}
    return Fault(document, place.path)


def _repeated_id(document: Any, _: _Place, chance: Random) -> Fault:
    document["rules"].append(deepcopy(chance.choice(document["rules"])))
    return Fault(document, f"/rules/{len(document['rules']) - 1}/id")


def _action(document: Any, _: _Place, chance: Random) -> Fault:
    at = chance.randrange(len(document["rules"]))
    broken = chance.choice(({"action": "sue"}, {"action": "send_to"}, {"action": "hold", "params": {"reason": 5}}, 3))
    document["rules"][at]["actions"] = [broken]
    return Fault(document, f"/rules/{at}/actions/0")


_FAULTS: tuple[Callable[[Any, _Place, Random], Fault | None], ...] = (
    _wrong_type,
    _unknown_key,
    _missing_key,
    *map(_condition_fault, (_runaway, _unknown_fact, _unknown_operator, _bad_value, _huge)),
    _too_deep,
    _too_many,
    _empty_group,
    _two_kinds,
    _repeated_id,
    _action,
)
