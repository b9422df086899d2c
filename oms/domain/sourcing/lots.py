"""An order's needs as lots that are shared out over points, each way packed into one number that adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oms.domain.sourcing.terms import Need, Stock, sum_by_sku

#: (packed takes, grams) of what one point could send.
Option = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lot:
    """Goods that are shared out together: `most` takes, each of the units in `skus` and so many grams."""

    needs: tuple[Need, ...]
    skus: tuple[tuple[int, int], ...]
    most: int
    grams: int

    def at(self, point_id: int, stock: Stock) -> int:
        """How many takes a point has stock for, were there no other lots."""
        most = self.most
        for sku, units in self.skus:
            there = stock.get((point_id, sku), 0) // units
            if there < most:
                most = there
        return max(0, most)


def lots_of(needs: Sequence[Need], weights: Mapping[int, int], *, splits_units: bool) -> list[Lot]:
    """Bound groups and, where units may not be parted, lines are one take each; else every unit of a SKU is one."""
    bound: dict[object, list[Need]] = {}
    loose: dict[int, list[Need]] = {}
    for need in needs:
        if need.group:
            bound.setdefault(need.group, []).append(need)
        elif splits_units:
            loose.setdefault(need.sku_id, []).append(need)
        else:
            bound[need.demand_id] = [need]
    found = []
    for group in bound.values():
        skus = sum_by_sku(group)
        grams = sum([weights.get(sku, 0) * units for sku, units in skus.items()])
        found.append(Lot(tuple(group), tuple(skus.items()), 1, grams))
    for sku, alike in loose.items():
        found.append(Lot(tuple(alike), ((sku, 1),), sum([need.units for need in alike]), weights.get(sku, 0)))
    return found


class Packing:
    """Takes of every lot, and the number of parcels where that is limited, as fields of one integer.

    States of what is sent start at `start`; adding what a point sends overflows into `guard` where it is too much.
    """

    __slots__ = ("guard", "is_shared", "lots", "mask", "parcel", "shifts", "start", "states")

    def __init__(self, lots: Sequence[Lot], most_parcels: int | None) -> None:
        self.lots = lots
        self.shifts: list[tuple[int, int]] = []
        self.start = self.guard = self.mask = self.parcel = at = 0
        self.states = 1
        for lot in lots:
            width = self._add(at, lot.most)
            self.shifts.append((at, (1 << width) - 1))
            self.mask |= ((1 << width) - 1) << at
            self.states *= lot.most + 1
            at += width + 1
        if most_parcels is not None:
            self._add(at, most_parcels)
            self.parcel = 1 << at
        skus = [sku for lot in lots for sku, _ in lot.skus]
        self.is_shared = len(set(skus)) < len(skus)

    def _add(self, at: int, most: int) -> int:
        width = most.bit_length()
        self.start += ((1 << width) - 1 - most) << at
        self.guard |= 1 << (at + width)
        return width

    def options(self, point_id: int, stock: Stock) -> list[Option]:
        """Everything that a point could send; the first is nothing."""
        built: list[Option] = [(0, 0)]
        for lot, (shift, _) in zip(self.lots, self.shifts, strict=True):
            most, grams = lot.at(point_id, stock), lot.grams
            if most == 1:
                step = 1 << shift
                built += [(packed + step, weight + grams) for packed, weight in built]
            elif most:
                built += [
                    (packed + (n << shift), weight + n * grams) for n in range(1, most + 1) for packed, weight in built
                ]
        return [one for one in built if self._fits(one[0], point_id, stock)] if self.is_shared else built

    def _fits(self, packed: int, point_id: int, stock: Stock) -> bool:
        used: dict[int, int] = {}
        for lot, count in zip(self.lots, self.takes(packed), strict=True):
            for sku, units in lot.skus if count else ():
                used[sku] = used.get(sku, 0) + units * count
        return all(units <= stock.get((point_id, sku), 0) for sku, units in used.items())

    def takes(self, packed: int) -> list[int]:
        """How many takes of each lot a part has."""
        return [(packed >> shift) & field for shift, field in self.shifts]


def hand_out(lots: Sequence[Lot], parts: Sequence[Sequence[int]]) -> list[dict[int, int]]:
    """Demand → units of each part, from its takes of each lot; demands are filled in their order."""
    found: list[dict[int, int]] = [{} for _ in parts]
    for number, lot in enumerate(lots):
        rest = [[need.demand_id, need.units] for need in lot.needs]
        for units, takes in zip(found, parts, strict=True):
            want = takes[number] * (sum([left for _, left in rest]) if lot.most == 1 and takes[number] else 1)
            for slot in rest:
                sent = min(want, slot[1])
                if sent:
                    units[slot[0]] = units.get(slot[0], 0) + sent
                    slot[1] -= sent
                    want -= sent
    return found
