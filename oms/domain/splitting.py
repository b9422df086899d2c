"""Splitting what an order needs into groups that leave apart: by kind, by line, and so that no parcel is too much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from oms.domain.shaping import split_needs
from oms.domain.sourcing import Need

#: What of a parcel may be limited: grams, cubic centimetres, minor units of money, units.
MEASURES: Final = ("weight", "volume", "value", "units")
Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parting:
    """How an order is to be split.

    `line_of` names the order's line of a demand, `gifts` are demands that go with their line, `kind_of` tells goods
    apart, `size_of` measures one unit by `limits`' measures.
    """

    line_of: Mapping[int, int]
    gifts: frozenset[int]
    kind_of: Callable[[Need], object] | None = None
    size_of: Callable[[Need], Mapping[str, int]] | None = None
    limits: Mapping[str, int] | None = None


def part_needs(needs: Sequence[Need], parting: Parting) -> list[list[Need]]:
    """The groups, each a parcel at most: what is bound together stays together, a gift stays with its line."""
    gifts = [need for need in needs if need.demand_id in parting.gifts and _earner(need, needs, parting) is not None]
    taken = {need.demand_id for need in gifts}
    goods = [need for need in needs if need.demand_id not in taken]
    groups = split_needs(goods, parting.kind_of) if parting.kind_of else [goods]
    if parting.limits and parting.size_of:
        groups = [parcel for group in groups for parcel in _pack(group, gifts, parting)]
    for gift in gifts:
        line = parting.line_of[gift.demand_id]
        place = next(group for group in groups if any(parting.line_of[need.demand_id] == line for need in group))
        place.append(gift)
    return [group for group in groups if group]


def _earner(gift: Need, needs: Iterable[Need], parting: Parting) -> Need | None:
    """The goods of the gift's own line, None when they are not to leave now."""
    line = parting.line_of[gift.demand_id]
    return next((it for it in needs if it.demand_id not in parting.gifts and parting.line_of[it.demand_id] == line), None)


@dataclass(slots=True)
class _Parcel:
    """Goods packed so far, with what room is left by measure."""

    needs: dict[int, Need]
    room: list[int]

    def fits(self, sizes: Sizes) -> int:
        """How many of such units still go in; what has no size always does."""
        found = [room // size for room, size in zip(self.room, sizes, strict=True) if size]
        return max(0, min(found)) if found else 1 << 60

    def put(self, need: Need, units: int, sizes: Sizes) -> None:
        held = self.needs.get(need.demand_id)
        self.needs[need.demand_id] = replace(need, units=units + (held.units if held else 0))
        self.room = [room - size * units for room, size in zip(self.room, sizes, strict=True)]


def _pack(needs: Sequence[Need], gifts: Sequence[Need], parting: Parting) -> list[list[Need]]:
    """First fit, the needs in their order; a single unit that is too much by itself goes alone."""
    measures = tuple(parting.limits or ())
    most = [(parting.limits or {})[name] for name in measures]
    size_of = parting.size_of
    assert size_of is not None  # noqa: S101  (only called when there is one)

    def sizes(need: Need) -> Sizes:
        told = size_of(need)
        return tuple([told[name] for name in measures])

    extra = _gift_sizes(gifts, parting, sizes, len(measures))
    parcels: list[_Parcel] = []
    for block in _blocks(needs):
        if len(block) == 1 and not block[0].group:
            _spread(parcels, block[0], sizes(block[0]), most, extra.get(parting.line_of[block[0].demand_id], ()))
        else:
            _place(parcels, block, [sizes(need) for need in block], most)
    return [list(parcel.needs.values()) for parcel in parcels]


def _gift_sizes(gifts: Sequence[Need], parting: Parting, sizes: Callable[[Need], Sizes], count: int) -> dict[int, Sizes]:
    """Line → what its gifts take, which is kept free beside its first unit."""
    found: dict[int, Sizes] = {}
    for gift in gifts:
        line = parting.line_of[gift.demand_id]
        before = found.get(line, (0,) * count)
        found[line] = tuple([a + b * gift.units for a, b in zip(before, sizes(gift), strict=True)])
    return found


def _blocks(needs: Sequence[Need]) -> list[list[Need]]:
    """What is bound together, as one; anything else by itself."""
    blocks: dict[object, list[Need]] = {}
    for need in needs:
        blocks.setdefault(need.group or need.demand_id, []).append(need)
    return list(blocks.values())


def _spread(parcels: list[_Parcel], need: Need, size: Sizes, most: Sequence[int], gifts: Sizes) -> None:
    """Units of one need over the parcels; the first of them keeps the line's gifts free of others."""
    left = need.units
    if gifts and any(gifts):
        head = tuple([a + b for a, b in zip(size, gifts, strict=True)])
        place = next((parcel for parcel in parcels if parcel.fits(head)), None)
        if place is None:
            place = _Parcel({}, list(most))
            parcels.append(place)
        place.put(need, 1, head)
        left -= 1
    for parcel in parcels:
        if not left:
            return
        count = min(left, parcel.fits(size))
        if count:
            parcel.put(need, count, size)
            left -= count
    while left:
        fresh = _Parcel({}, list(most))
        count = min(left, max(1, fresh.fits(size)))
        fresh.put(need, count, size)
        parcels.append(fresh)
        left -= count


def _place(parcels: list[_Parcel], block: Sequence[Need], sizes: Sequence[Sizes], most: Sequence[int]) -> None:
    """What is bound together goes whole into the first parcel with room, else into one of its own."""
    whole = tuple(
        sum([size[at] * need.units for need, size in zip(block, sizes, strict=True)]) for at in range(len(most))
    )
    place = next((parcel for parcel in parcels if parcel.fits(whole)), None)
    if place is None:
        place = _Parcel({}, list(most))
        parcels.append(place)
    for need, size in zip(block, sizes, strict=True):
        place.put(need, need.units, size)
