"""What can be told of the stages behind a changed one, for the orders that it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.rulebook.scopes import list_standings
from oms.app.rulebook.trying.comparing import Compared
from oms.app.rulebook.trying.outcomes import CHANGED, Outcome, outcome_of, stops
from oms.app.rulebook.trying.past import read_past, see_kept
from oms.app.rulebook.trying.versions import Side, sides_of
from rules.facts import UNKNOWN

#: The way of an order through the stages that rules take part in; others stand beside it.
WAY: Final = ("fetch", "preprocess", "gift", "route", "carrier", "review", "merge")
#: What of an order an action changes, by the facts of later stages that it is seen in.
CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "hold": frozenset({"order.holds", "order.holds_lifted"}),
    "people": frozenset({"order.holds", "order.holds_lifted"}),
    "wait": frozenset({"order.holds", "order.holds_lifted"}),
    "add_tag": frozenset({"order.tags"}),
    "remove_tag": frozenset({"order.tags"}),
    "set_priority": frozenset({"order.priority"}),
    "set_owner": frozenset({"order.owner", "order.fulfiller"}),
    "seal": frozenset({"order.is_sealed", "order.keeps_together"}),
    "send_to_tier": frozenset({"order.tiers_passed"}),
}
#: Prefixes of facts that sourcing, gifts and carriers decide about.
_SOURCED: Final = ("plan.", "order.parcels", "goods.", "lines.", "order.lines", "order.units")
_SOURCING: Final = frozenset({"gift", "route", "carrier"})


@dataclass(frozen=True, slots=True)
class LaterStage:
    """A stage behind the changed one with the rules in force for each shop."""

    stage: str
    sides: Mapping[int, Side]


def later_stages(connection: Connection, stage: str, shop_ids: Sequence[int]) -> list[LaterStage]:
    """The stages behind one at which rules are in force for any of these shops."""
    behind = WAY[WAY.index(stage) + 1 :] if stage in WAY else ()
    found = []
    for name in behind:
        standings = list_standings(connection, shop_ids, [name], size=len(shop_ids) + 1)
        by_shop = {each.shop_id: each.winner.version_id for each in standings if each.winner}
        if by_shop:
            sides = sides_of(connection, name, [id_ for id_ in by_shop.values() if id_])
            found.append(LaterStage(name, {shop: sides[id_] for shop, id_ in by_shop.items() if id_ in sides}))
    return found


def tell_later(
    connection: Connection, stage: str, compared: Sequence[Compared], later: Sequence[LaterStage], months: Sequence[date]
) -> dict[int, dict[str, str]]:
    """For each changed order and later stage: kept, reached, same or not_comparable.

    `kept`: the order would not come so far by itself. `reached`: it would come there earlier, and what is decided there
    is known. `same`: the rules there decide as they did. `not_comparable`: what they would see of the change is not
    known.
    """
    changed = [each for each in compared if each.kind in CHANGED]
    told: dict[int, dict[str, str]] = {each.order.id: {} for each in changed}
    for behind in later if changed else ():
        for each in changed:
            if stops(each.after):
                told[each.order.id][behind.stage] = "kept"
        going = [each for each in changed if not stops(each.after) and each.order.shop_id in behind.sides]
        judged = _judge(connection, stage, behind, going, months)
        for each in going:
            told[each.order.id][behind.stage] = judged[each.order.id]
    return told


def _judge(
    connection: Connection, stage: str, behind: LaterStage, going: Sequence[Compared], months: Sequence[date]
) -> dict[int, str]:
    """What the stored decision of a later stage would become, for orders that would come there."""
    past = {order.id: order for order in read_past(connection, behind.stage, [each.order.id for each in going], months)}
    found = {}
    for each in going:
        order, side = past[each.order.id], behind.sides[each.order.shop_id]
        touched = _touched(stage, each.before, each.after, side.rules.facts_read)
        if not touched and order.decided_at is not None:
            found[order.id] = "reached" if stops(each.before) else "same"
            continue
        see_kept([order], side.rules.facts_read)
        found[order.id] = _settled(side, dict(order.facts), touched, order)
    return found


def _settled(side: Side, facts: dict[str, Any], touched: frozenset[str], order: Any) -> str:
    """Whether the later rules decide alike whatever the touched facts are."""
    if order.decided_at is None:
        return "not_comparable"
    before = side.rules.decide(facts, order.at)
    after = side.rules.decide(facts | dict.fromkeys(touched, UNKNOWN), order.at)
    if after.unknown and after.unknown != before.unknown:
        return "not_comparable"
    return "same" if outcome_of(before) == outcome_of(after) else "not_comparable"


def _touched(stage: str, before: Outcome, after: Outcome, read: frozenset[str]) -> frozenset[str]:
    differing = set(before) ^ set(after)
    facts = frozenset().union(*(CHANGES.get(name, frozenset()) for name, _ in differing))
    if stage in _SOURCING:
        facts |= {name for name in read if name.startswith(_SOURCED)}
    return facts & read
