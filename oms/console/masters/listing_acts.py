"""What buttons of the page of listings start, each for the person at the console."""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.capture import listings
from oms.console.acts import clicked
from oms.console.context import actor, hub


@clicked
def pull_listings(shop_id: int, cursor: str) -> listings.Pulled:
    """Read what a shop sells on its platform."""
    return listings.pull_listings_of(hub(), shop_id, cursor)


@clicked
def match_listings(pairs: Sequence[listings.Pair]) -> int:
    """Match listings."""
    return listings.match(hub(), pairs, actor())


@clicked
def match_sure(shop_id: int) -> int:
    """Match what leaves no doubt."""
    return listings.match_sure(hub(), shop_id, actor())


@clicked
def unmatch_listings(listing_ids: Sequence[int]) -> int:
    """Take matches back."""
    return listings.unmatch(hub(), listing_ids)
