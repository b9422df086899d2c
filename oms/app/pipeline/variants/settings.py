"""Settings of sourcing as a variant tries them: instead of what a pool, channel or shop says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from oms.app.kernel.masters import Masters, ShopCard
from oms.app.kernel.sourcing_rules import SourcingCard, SourcingRules, card_of, within_pool
from oms.app.pipeline.steering.setting import parse_setting
from oms.db.planning import SOURCING_SCOPES
from oms.domain.errors import Invalid

MOST_SETTINGS: Final = 20
Place = tuple[str, int]


def read_settings(document: Any) -> dict[str, dict[str, Any]]:
    """Settings by place (`shop:3`), each with all of its fields; Invalid names what is wrong."""
    if not isinstance(document, dict) or len(document) > MOST_SETTINGS:
        raise Invalid("changes.settings", "that is not an object of settings", f"send at most {MOST_SETTINGS}")
    for key in document:
        place_of(key)
    return {key: parse_setting(one, "changes.settings").written() for key, one in document.items()}


def place_of(key: str) -> Place:
    """(scope, id) of a key; Invalid when it is none."""
    scope, _colon, number = key.partition(":")
    if scope not in SOURCING_SCOPES or not number.isascii() or not number.isdigit() or len(number) > 18:
        words = "that names no pool, channel or shop"
        raise Invalid("changes.settings", words, "write the scope and the id, like shop:3")
    return scope, int(number)


def with_settings(sourcing: SourcingRules, masters: Masters, settings: Mapping[str, Mapping[str, Any]]) -> SourcingRules:
    """Rules in which these places say something else; a more exact place that says something of its own still counts."""
    if not settings:
        return sourcing
    cards = dict(sourcing.cards)
    own = {place_of(key): card_of(*place_of(key), 0, setting) for key, setting in settings.items()}
    for shop in masters.shops.values():
        said = sourcing.card(shop.id, shop.channel_id, shop.pool_id)
        card = _for_shop(shop, said, own)
        if card is not None:
            points = [point_id for _, point_id in masters.pools.get(shop.pool_id or 0, ())]
            cards["shop", shop.id] = within_pool(card, points)
    return replace(sourcing, cards=cards)


def _for_shop(shop: ShopCard, said: SourcingCard | None, own: Mapping[Place, SourcingCard]) -> SourcingCard | None:
    """The tried setting that counts for a shop; None where what it has is more exact, or none is about it."""
    for place in (("shop", shop.id), ("channel", shop.channel_id), ("pool", shop.pool_id or 0)):
        if place in own:
            return own[place]
        if said is not None and said.place[:2] == place:
            return None
    return None
