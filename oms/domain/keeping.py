"""What an order that waits for goods may keep from those who come later: never what it cannot use in its time.

One order for more than anybody will have must not starve all others, and one that is next must not be starved by a
stream of smaller ones. Both are decided here, SKU by SKU and for the order as a whole; who comes first is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from oms.domain.quotas import WHOLE_BP

#: All goods are there; they are on their way and come in its time; they are not known to come; and too many for that.
NOW, LATER, NEVER, LARGE = "now", "later", "never", "large"
REACHES: Final = (NOW, LATER, NEVER, LARGE)


@dataclass(frozen=True, slots=True)
class Ground:
    """Units of a SKU as they are for one order, once those before it have theirs.

    `there`: sellable now, `kept` of them for those before. `coming`: on their way within the order's time. `due`: what
    those before will need of both. `parted`: what other orders keep that wait for goods on their way.
    """

    there: int
    coming: int = 0
    kept: int = 0
    due: int = 0
    parted: int = 0

    @property
    def free(self) -> int:
        """What is there and kept for nobody before."""
        return max(0, self.there - self.kept)

    @property
    def known(self) -> int:
        """What there will be within the order's time, once those before have theirs."""
        return max(0, self.there + self.coming - max(self.kept, self.due))

    @property
    def comes_free(self) -> int:
        """What is on its way and is not for those before."""
        return max(0, min(self.coming, self.there + self.coming - max(self.kept, self.due)))


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of a SKU that an order waits for, and what it has kept of them while it waited for what is coming."""

    units: int
    ground: Ground
    had: int = 0

    @property
    def reach(self) -> str:
        """When this SKU alone can be had."""
        if self.units <= self.ground.free:
            return NOW
        return LATER if self.units <= self.ground.known else NEVER


#: Half of what is sellable; lines of a hundred units.
SHARE_BP, LARGE_UNITS = 5000, 100


class Terms(NamedTuple):
    """A policy: the share that waiting orders may keep in hundredths of a percent, and units that are a large line."""

    share_bp: int = SHARE_BP
    large: int = LARGE_UNITS


class Kept(NamedTuple):
    """Units kept of a SKU, when the whole order can be served, and whether this SKU is there for it now."""

    units: int
    reach: str
    is_there: bool


def keep(wishes: Mapping[int, Wish], terms: Terms, *, is_by_hand: bool = False) -> dict[int, Kept]:
    """By SKU what an order keeps.

    All of it when it can be served now. While something is on its way: of each SKU what is not, up to its share, and what
    it has kept before. Nothing when it cannot be served from what is known, unless people want it kept (`is_by_hand`).
    """
    reach = _worst(wishes, terms)
    if is_by_hand and reach != NOW:
        return {sku_id: Kept(wish.units, LATER, wish.reach == NOW) for sku_id, wish in wishes.items()}
    return {sku_id: Kept(_units(wish, reach, terms), reach, wish.reach == NOW)
            for sku_id, wish in wishes.items()}  # fmt: skip


def _worst(wishes: Mapping[int, Wish], terms: Terms) -> str:
    reaches = {wish.reach for wish in wishes.values()}
    if NEVER not in reaches:
        return LATER if LATER in reaches else NOW
    return LARGE if any(w.reach == NEVER and w.units >= terms.large for w in wishes.values()) else NEVER


def _units(wish: Wish, reach: str, terms: Terms) -> int:
    if reach == NOW:
        return wish.units
    if reach != LATER:
        return 0
    ground = wish.ground
    wanted = wish.units - min(wish.units, ground.comes_free)
    share = -(-ground.there * terms.share_bp // WHOLE_BP) - ground.parted
    return min(wish.units, ground.free, max(wish.had, min(wanted, share), 0))
