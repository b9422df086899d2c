"""How far a rule set reaches: the shops it decides for when it is in force, and those where a more exact one does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.scopes import Standing, list_standings
from oms.console.context import connection, shops
from oms.console.messages import _
from oms.console.rules.access import VIEW

#: Names that are spelt out before the rest is counted.
NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Reach:
    """The names of shops: those it decides for, and those where a more exact place is in force."""

    decided: list[str] = field(default_factory=list)
    covered: list[str] = field(default_factory=list)


def reach_of(row: AnyRow) -> Reach:
    """The reach of a rule set, whether it is in force or about to be; of shops that the person may see."""
    seen = shops(VIEW).ids
    reach = Reach()
    for standing in list_standings(connection(), seen, [row.stage], size=max(1, len(seen))):
        is_covered = _is_covered(standing, row.id)
        if is_covered is not None:
            (reach.covered if is_covered else reach.decided).append(standing.shop_name)
    return reach


def some_of(names: list[str]) -> str:
    """The first names, and how many there are when not all are told."""
    told = _("、").join(names[:NAMED])
    return told if len(names) <= NAMED else _("%(names)s 等 %(n)s 家", names=told, n=len(names))


def _is_covered(standing: Standing, rule_set_id: int) -> bool | None:
    """Whether a more exact place decides for this shop; None when the set is none of its places."""
    for at, contender in enumerate(standing.contenders):
        if contender.rule_set_id == rule_set_id:
            return any(before.wins for before in standing.contenders[:at])
    return None
