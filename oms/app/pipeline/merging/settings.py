"""What a shop's orders must have in common to leave as one, as old as the master rows; editing is in merge_editing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters, ShopCard
from oms.app.rulebook.scopes import places_of
from oms.db.joining import PARTS

FIELDS: Final = ("reach", "parts", "merges_cod", "merges_presale", "merges_split", "window_s", "cap", "gift_policy",
                 "invoice_policy")  # fmt: skip
SETTINGS: Final = f"select scope, scope_id, {', '.join(FIELDS)} from merge_setting"
EVERYTHING: Final = frozenset(PARTS)

#: (scope, id) → what this place says; a field it leaves to a wider place is not in it.
Said = Mapping[tuple[str, int], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class MergeRule:
    """What holds for a shop's orders. `merges_with` is equal for shops whose orders may leave together.

    `parts` must be equal besides address, stock point, payment, presale, owner and currency, which always must. Without
    a policy the shop's own holds.
    """

    merges_with: int
    parts: frozenset[str] = EVERYTHING
    merges_cod: bool = True
    merges_presale: bool = True
    merges_split: bool = False
    window_s: int = 0
    cap: int = 20
    gift_policy: str | None = None
    invoice_policy: str | None = None

    @property
    def counts_all(self) -> bool:
        """Whether all of the receiver counts, so that the order's own key tells it."""
        return "name" in self.parts and "phone" in self.parts


@dataclass(slots=True)
class Merging:
    """What was set by place; each shop's rule is worked out once.

    `strict` are the vendors whose platforms let no two orders with cash on delivery leave as one.
    """

    said: Said
    strict: frozenset[str] = frozenset()
    _rules: dict[int, MergeRule] = field(default_factory=dict)

    def rule_of(self, shop: ShopCard) -> MergeRule:
        """What holds for a shop."""
        rule = self._rules.get(shop.id)
        if rule is None:
            rule = self._rules[shop.id] = rule_from(self.said, shop, self.strict)
        return rule


def rule_from(said: Said, shop: ShopCard, strict: Collection[str] = ()) -> MergeRule:
    """Each field by the most exact place that says anything; at last by the shop itself, or its platform."""
    found = {name: value for name, (value, _) in told_for(said, shop).items()}
    reach = found.pop("reach", None)
    with_ = shop.merges_with
    if reach == "all":
        with_ = 0
    elif reach is not None:
        with_ = -shop.shop_group_id if reach == "group" and shop.shop_group_id else shop.id
    parts = frozenset(found.pop("parts", EVERYTHING))
    own = {"window_s": shop.merge_window_s, "cap": shop.merge_cap, "merges_cod": shop.vendor not in strict}
    return MergeRule(**{**own, **found}, merges_with=with_, parts=parts)


def told_for(said: Said, place: Any) -> dict[str, tuple[Any, str]]:
    """Field → (what holds, the scope that says so), for the shop or other place whose wider places `place` names."""
    found: dict[str, tuple[Any, str]] = {}
    if not said:
        return found
    for scope, scope_id in places_of(place):
        for name, value in said.get((scope, scope_id), {}).items() if scope_id is not None else ():
            found.setdefault(name, (value, scope))
    return found


#: By database, what was read together with the master rows of a moment: both are forgotten together.
_KEPT: WeakKeyDictionary[Engine, tuple[Masters, Merging]] = WeakKeyDictionary()


def merging_of(batch: Batch) -> Merging:
    """What is set, as old as the batch's master rows."""
    kept = _KEPT.get(batch.hub.engine)
    if kept is None or kept[0] is not batch.masters:
        kept = _KEPT[batch.hub.engine] = (batch.masters, read_merging(batch.connection, strict_vendors(batch.hub)))
    return kept[1]


def strict_vendors(hub: Hub) -> frozenset[str]:
    """Vendors whose platforms merge nothing that pays on delivery, unless a setting says otherwise."""
    return frozenset([name for name, vendor in hub.vendors.items() if not vendor.manifest.merges_cod])


def read_merging(connection: Connection, strict: frozenset[str] = frozenset()) -> Merging:
    """What is set as of this transaction."""
    said = {
        (scope, scope_id): {name: value for name, value in zip(FIELDS, values, strict=True) if value is not None}
        for scope, scope_id, *values in fetch(connection, SETTINGS)
    }
    return Merging(said, strict)
