"""What a place says of sourcing: its fields, what each may hold, and what goes with what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from oms.db.planning import SOURCING_POLICIES
from oms.domain.errors import Invalid

#: (least, most) of each number; amounts are minor units.
BOUNDS: Final = {
    "parcel_amount": (0, 1_000_000), "split_gain": (0, 1_000_000), "gain_hours": (0, 720), "hour_amount": (0, 100_000),
    "pressure_amount": (0, 1_000_000), "most_refusals": (1, 20), "rank_amount": (0, 100_000),
    "handling_percent": (0, 1_000), "scarcity_percent": (0, 1_000), "max_parcels": (1, 20),
}  # fmt: skip
FLAGS: Final = ("ships_whole", "splits_units", "only_points", "together_lines")
#: Points of one order, lists of SKUs that leave together, SKUs of one list.
MOST_POINTS, MOST_LISTS, MOST_SKUS = 50, 50, 20


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of sourcing_setting as people write it; points and SKUs by id, amounts in minor units."""

    policy: str = "whole_first"
    points: tuple[int, ...] = ()
    only_points: bool = False
    ships_whole: bool = False
    splits_units: bool = True
    together_lines: bool = False
    together_skus: tuple[tuple[int, ...], ...] = ()
    max_parcels: int | None = None
    parcel_amount: int = 300
    split_gain: int = 0
    gain_hours: int = 0
    hour_amount: int = 0
    pressure_amount: int = 0
    rank_amount: int = 1
    handling_percent: int = 100
    scarcity_percent: int = 100
    most_refusals: int = 3

    def written(self) -> dict[str, Any]:
        """As JSON types and as the table's columns."""
        return asdict(self) | {"points": list(self.points), "together_skus": [list(one) for one in self.together_skus]}


NAMES: Final = tuple(Setting.__dataclass_fields__)
USUAL: Final = Setting()


def read_setting(kept: Mapping[str, Any]) -> Setting:
    """A setting as the table or the history keeps it; what it does not name is as usual."""
    found = {name: kept[name] for name in NAMES if name in kept}
    lists = {"points": tuple(found.get("points", ())), "together_skus": tuple(map(tuple, found.get("together_skus", ())))}
    return Setting(**{**found, **lists})


def parse_setting(document: Any, field: str) -> Setting:
    """A setting from JSON; what it leaves out is as usual. Invalid for a wrong name or type; bounds are checked apart."""
    if not isinstance(document, dict):
        raise Invalid(field, "that is not an object", "send the fields of a setting")
    for name, value in document.items():
        if name not in NAMES:
            raise Invalid(field, f"there is no such field as {name[:40]}", f"use {', '.join(NAMES)}")
        if not _fits(name, value):
            raise Invalid(field, f"{name} is of another type", "look at the description of settings")
    return read_setting(document)


def _fits(name: str, value: Any) -> bool:
    if name == "together_skus":
        return isinstance(value, list) and all(isinstance(one, list) and all(map(_is_id, one)) for one in value)
    if name == "points":
        return isinstance(value, list) and all(map(_is_id, value))
    if name in FLAGS:
        return isinstance(value, bool)
    return isinstance(value, str) if name == "policy" else _is_id(value) or (name == "max_parcels" and value is None)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


def check_setting(wanted: Setting, known_points: Collection[int]) -> None:
    """Invalid names the first field that is wrong, or that does not go with another; points are those of the place."""
    if wanted.policy not in SOURCING_POLICIES:
        raise Invalid("policy", "there is no such policy", f"use one of {', '.join(SOURCING_POLICIES)}")
    for name, (least, most) in BOUNDS.items():
        value = getattr(wanted, name)
        if value is None and name == "max_parcels":
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Invalid(name, "this number is too small or too large", f"write {least} to {most}")
    for name in FLAGS:
        if not isinstance(getattr(wanted, name), bool):
            raise Invalid(name, "this is neither yes nor no", "choose one of both")
    _check_points(wanted, known_points)
    _check_lists(wanted.together_skus)
    if wanted.ships_whole and (wanted.max_parcels or 1) > 1:
        words = "orders leave in one parcel or not at all, so that no number of parcels goes with that"
        raise Invalid("max_parcels", words, "leave it empty, or let orders be split")


def _check_points(wanted: Setting, known: Collection[int]) -> None:
    points = wanted.points
    if len(set(points)) < len(points) or len(points) > MOST_POINTS:
        raise Invalid("points", "each point stands in the order once", f"name at most {MOST_POINTS}, each once")
    if any(point not in known for point in points):
        words = "one of these is no stock point that serves this place"
        raise Invalid("points", words, "leave it out, or put it into the pool under Stock first")
    if wanted.only_points and not points:
        words = "nobody could send anything: only the points of the list serve, and it is empty"
        raise Invalid("only_points", words, "number the points that serve, or let the others serve, too")


def _check_lists(lists: Sequence[Sequence[int]]) -> None:
    if len(lists) > MOST_LISTS:
        raise Invalid("together_skus", "these are too many lists", f"write at most {MOST_LISTS}")
    for skus in lists:
        if len(set(skus)) < 2 or len(set(skus)) < len(skus) or len(skus) > MOST_SKUS:
            words = "goods that leave together are at least two different SKUs"
            raise Invalid("together_skus", words, f"write 2 to {MOST_SKUS} codes in each line, each once")
