"""Which goods of the catalogue play a part: the best seller, what the own warehouse and the store keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oms.demo.places import SCARCE_RANK

Item = Mapping[str, Any]
OWN_KINDS, STORE_KINDS = 6, 6


@dataclass(frozen=True, slots=True)
class Range:
    """Items of the catalogue by their part; `east` and `south` are kept by one of the two big warehouses alone."""

    best_seller: Item
    own: tuple[Item, ...]
    store: tuple[Item, ...]
    east: Item
    south: Item
    gifts: tuple[Item, ...]


def range_of(items: Sequence[Item]) -> Range:
    """The same goods for the same catalogue; the best seller is the one that runs short."""
    everywhere = [item for item in items if item["stocked_at"] == "both" and item["kind"] != "bundle"]
    small = [
        item for item in everywhere
        if item["kind"] == "sku" and item["size_class"] == "small" and item is not everywhere[SCARCE_RANK]
    ]  # fmt: skip
    sided = {
        side: next(i for i in items if i["kind"] == "sku" and i["stocked_at"] == side and i["size_class"] == "small")
        for side in ("east", "south")
    }
    return Range(
        everywhere[SCARCE_RANK], tuple(small[:OWN_KINDS]), tuple(small[OWN_KINDS : OWN_KINDS + STORE_KINDS]),
        sided["east"], sided["south"], tuple(item for item in items if item["kind"] == "gift"),
    )  # fmt: skip
