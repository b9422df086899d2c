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
        """What is on its way and will not be needed by those before, beyond what is kept for them."""
        return max(0, self.coming - max(0, self.due - self.kept))


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of a SKU that an order waits for; `is_waiting` when it was told before that it can have them later."""

    units: int
    ground: Ground
    is_waiting: bool = False

    @property
    def needed(self) -> int:
        """What must be kept of what is there, so that it is served once all that is on its way has come."""
        return max(0, self.units - self.ground.comes_free)

    def reach(self, share_bp: int) -> str:
        """When this SKU alone can be had, by an order that may keep this share of what is there."""
        if self.units <= self.ground.free:
            return NOW
        return LATER if self.units <= self.ground.known and self.may_wait(share_bp) else NEVER

    def may_wait(self, share_bp: int) -> bool:
        """Whether what must be kept is within the share, or the order was told before that it is."""
        share = -(-self.ground.there * share_bp // WHOLE_BP) - self.ground.parted
        return self.is_waiting or self.needed <= share


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

    All of it when it can be served now. While something is on its way: of each SKU what that does not cover, so that it
    is surely served, if this is within its share when it begins to wait. Nothing when it cannot be served from what is
    known, unless people want it kept (`is_by_hand`).
    """
    alone = {sku_id: wish.reach(terms.share_bp) for sku_id, wish in wishes.items()}
    reach = _worst(wishes, alone, terms)
    if is_by_hand and reach != NOW:
        return {sku_id: Kept(wish.units, LATER, alone[sku_id] == NOW) for sku_id, wish in wishes.items()}
    return {sku_id: Kept(_units(wish, reach), reach, alone[sku_id] == NOW) for sku_id, wish in wishes.items()}


def _worst(wishes: Mapping[int, Wish], alone: Mapping[int, str], terms: Terms) -> str:
    reaches = set(alone.values())
    if reaches <= {NOW}:
        return NOW
    if NEVER not in reaches:
        return LATER if all(wish.may_wait(terms.share_bp) for wish in wishes.values()) else NEVER
    is_large = any(alone[sku_id] == NEVER and wish.units >= terms.large for sku_id, wish in wishes.items())
    return LARGE if is_large else NEVER


def _units(wish: Wish, reach: str) -> int:
    if reach == NOW:
        return wish.units
    return min(wish.needed, wish.ground.free) if reach == LATER else 0
