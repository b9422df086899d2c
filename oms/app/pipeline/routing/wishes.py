"""What the actions of route and carrier rules come to for one order; the stricter of two rules is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oms.domain.shaping import ANY_PRICE, Shape
from rules.engine import Applied

Allowed = dict[str, set[int | None]]


@dataclass(slots=True)
class Kinds:
    """What rules say of points, or of carriers: those that alone may serve by rule, left out, preferred."""

    only: Allowed = field(default_factory=dict)
    out: dict[int, str] = field(default_factory=dict)
    liked: dict[int, int] = field(default_factory=dict)

    def left_out(self, known: Iterable[int]) -> dict[int, str]:
        """Which of the known ids may not serve, each with the rule that says so."""
        found = {id_: rule for id_, rule in self.out.items()}
        for rule, allowed in self.only.items():
            for id_ in known:
                if id_ not in allowed:
                    found.setdefault(id_, rule)
        return found

    @property
    def rules(self) -> list[str]:
        """The rules that leave something out."""
        return list(dict.fromkeys([*self.only, *self.out.values()]))


@dataclass(slots=True)
class Wishes:
    """What rules want of one order's way out; `gone` are rules with the codes in them that nothing has any more."""

    points: Kinds = field(default_factory=Kinds)
    carriers: Kinds = field(default_factory=Kinds)
    parcels: dict[str, int] = field(default_factory=dict)
    together: list[str] = field(default_factory=list)
    split_by: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    points_out: dict[int, str] = field(default_factory=dict)
    shape: Shape = field(default_factory=Shape)

    def settle(self, points: Iterable[int], carriers: Iterable[int]) -> None:
        """Work out what is left of all points of the pool and of all carriers."""
        self.points_out = self.points.left_out(points)
        self.shape = Shape(
            frozenset(self.points_out), frozenset(self.carriers.left_out(carriers)),
            frozenset(self.points.liked.items()), frozenset(self.carriers.liked.items()),
        )  # fmt: skip

    @property
    def parts_goods(self) -> bool:
        """Whether goods leave apart by kind, by line or by what one parcel may hold."""
        return bool(self.split_by or self.limits)

    def most_parcels(self, most: int) -> int:
        """The limit of the shop, or that of a rule where it is lower."""
        return max(1, min([most, *self.parcels.values()]))

    def blamed_for(self, failure: str) -> tuple[str, list[str]]:
        """(stage, rules) that led to a failure which would not be there without them."""
        parcels = [*self.parcels, *self.together]
        if failure == "out_of_zone" and self.carriers.rules:
            return "carrier", self.carriers.rules
        if failure == "too_many_parcels" and parcels:
            return "route", list(dict.fromkeys(parcels))
        if self.points.rules or not self.carriers.rules:
            return "route", self.points.rules or list(dict.fromkeys(parcels))
        return "carrier", self.carriers.rules


#: From a code to an id, None when there is none such.
Known = Callable[[str], int | None]
Effect = Callable[[Wishes, Applied, Known], None]


def _only(which: str, name: str) -> Effect:
    def effect(wishes: Wishes, applied: Applied, known: Known) -> None:
        found = _find(wishes, applied, name, known)
        getattr(wishes, which).only.setdefault(applied.rule_id, set()).add(found)

    return effect


def _forbid(which: str, name: str) -> Effect:
    def effect(wishes: Wishes, applied: Applied, known: Known) -> None:
        found = _find(wishes, applied, name, known)
        if found is not None:
            getattr(wishes, which).out.setdefault(found, applied.rule_id)

    return effect


def _prefer(which: str, name: str) -> Effect:
    def effect(wishes: Wishes, applied: Applied, known: Known) -> None:
        found = _find(wishes, applied, name, known)
        if found is not None:
            liked: dict[int, int] = getattr(wishes, which).liked
            liked[found] = max(liked.get(found, 0), _amount(applied.params.get("extra")))

    return effect


def _amount(extra: Any) -> int:
    return ANY_PRICE if extra is None else max(0, min(int(extra), ANY_PRICE))


def _find(wishes: Wishes, applied: Applied, name: str, known: Known) -> int | None:
    code = str(applied.params[name])
    found = known(code)
    if found is None:
        wishes.gone.append(f"{applied.rule_id}: {code}")
    return found


def _limit_parcels(wishes: Wishes, applied: Applied, _known: Known) -> None:
    wishes.parcels[applied.rule_id] = int(str(applied.params["parcels"]))


def _keep_together(wishes: Wishes, applied: Applied, _known: Known) -> None:
    wishes.together.append(applied.rule_id)


def _split_by(wishes: Wishes, applied: Applied, _known: Known) -> None:
    by = str(applied.params["by"])
    if by not in wishes.split_by:
        wishes.split_by.append(by)


def _limit_parcel(wishes: Wishes, applied: Applied, _known: Known) -> None:
    """The lower of two limits holds."""
    measure, most = str(applied.params["measure"]), max(1, int(str(applied.params["most"])))
    wishes.limits[measure] = min(most, wishes.limits.get(measure, most))


EFFECTS: Final[Mapping[str, Effect]] = {
    "only_point": _only("points", "point"), "forbid_point": _forbid("points", "point"),
    "prefer_point": _prefer("points", "point"), "only_carrier": _only("carriers", "carrier"),
    "forbid_carrier": _forbid("carriers", "carrier"), "prefer_carrier": _prefer("carriers", "carrier"),
    "limit_parcels": _limit_parcels, "keep_together": _keep_together, "split_by": _split_by,
    "limit_parcel": _limit_parcel,
}  # fmt: skip
