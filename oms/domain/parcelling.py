"""Dividing what leaves together into parcels: what must stay together, and whose money is whose, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oms.domain.shares import split


@dataclass(frozen=True, slots=True)
class Item:
    """Units that are to leave: `line` is the order's line, `bound` names what must leave with it."""

    id: int
    units: int
    line: int
    bound: str = ""
    is_gift: bool = False


class Money(NamedTuple):
    """What a parcel declares, its part of the freight, and what it collects on delivery, in minor units."""

    goods: int
    freight: int
    collect: int


def follow(items: Sequence[Item], chosen: Sequence[Mapping[int, int]]) -> list[dict[int, int]]:
    """The parcels, the rest first: what is in none of the chosen. A gift goes where the first unit of its line goes."""
    lines = {item.id: item.line for item in items}
    parcels: list[dict[int, int]] = [{}, *[{id_: units for id_, units in one.items() if units} for one in chosen]]
    gifts = {item.id for item in items if item.is_gift}
    for one in parcels[1:]:
        for id_ in gifts & set(one):
            if any(item.line == lines[id_] and not item.is_gift for item in items):
                del one[id_]
    for item in items:
        if item.id not in gifts:
            left = item.units - sum([one.get(item.id, 0) for one in parcels[1:]])
            if left:
                parcels[0][item.id] = left
    for item in items:
        if item.is_gift and not any(item.id in one for one in parcels[1:]):
            place = next((one for one in parcels if any(lines.get(id_) == item.line for id_ in one)), parcels[0])
            place[item.id] = item.units
    return parcels


def why_not_split(items: Sequence[Item], parcels: Sequence[Mapping[int, int]]) -> tuple[str, str, str] | None:
    """(field, what is wrong, what is right) of the first thing that speaks against these parcels."""
    units = {item.id: item.units for item in items}
    if len(parcels) < 2:
        return "parcels", "nothing was chosen", "choose units for at least one more parcel"
    for one in parcels:
        for id_, count in one.items():
            if id_ not in units:
                return "parcels", "a line is not in this fulfilment any more", "reload the page"
            if not 0 < count <= units[id_]:
                return "parcels", "more was chosen than there is", "choose no more than the units of each line"
    if not parcels[0]:
        return "parcels", "everything was chosen and nothing stays", "leave at least one unit in the first parcel"
    if not all(parcels):
        return "parcels", "a parcel would hold a gift alone or nothing", "choose goods for each parcel"
    bound: dict[str, int] = {}
    for at, one in enumerate(parcels):
        for item in items:
            if item.bound and item.id in one and bound.setdefault(item.bound, at) != at:
                return "parcels", "these lines must leave together", "put all of what belongs together into one parcel"
    return None


def share_money(whole: Money, weights: Sequence[int]) -> list[Money]:
    """The money of each parcel, by what its goods were paid; the parts of each amount add up to it exactly."""
    goods = split(whole.goods, [max(0, weight) for weight in weights])
    freight = split(whole.freight, [max(0, amount) for amount in goods])
    due = [max(0, amount + part) for amount, part in zip(goods, freight, strict=True)]
    return [Money(*parts) for parts in zip(goods, freight, split(whole.collect, due), strict=True)]
