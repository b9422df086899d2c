"""Gift rules for tests, and what orders got by them."""

from __future__ import annotations

from typing import Any

from oms.app.rulebook.book import book_of
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate
from tests.app.rule_sets import ANY_ORDER
from tests.factories import World

Action = tuple[str, dict[str, Any]]


def a_rule(rule_id: str, *actions: Action, **changes: Any) -> dict[str, Any]:
    """A rule for every order."""
    told = [{"action": name, "params": params} for name, params in actions]
    return {"id": rule_id, "name": rule_id, "when": ANY_ORDER, "actions": told} | changes


def gifts_in_force(world: World, *rules: dict[str, Any], limits: list[Any] | None = None) -> int:
    """A set of gift rules in force for every shop; answers the version."""
    content = Content(list(rules), limits or [], "first")
    version_id = create_set(world.hub, "gift", "global", 0, "gifts", content, "user:1")
    activate(world.hub, version_id, "user:1")
    return version_id


def gift(world: World, code: str = "E", units: int = 1, **terms: Any) -> int:
    """One rule that gives with every order."""
    return gifts_in_force(world, a_rule("g1", ("add_gift", {"sku": code, "units": units, **terms})))


def gifts_of(world: World, order_id: int) -> dict[str, int]:
    """SKU → units of gifts that are to leave or have left with an order."""
    rows = world.rows(
        """select k.code, sum(d.units - d.cancelled)::int from demand d join sku k on k.id = d.sku_id
           where d.order_id = :id and d.origin = 'gift' and d.units > d.cancelled group by 1""",
        id=order_id,
    )
    return {code: units for code, units in rows}


def log_of(world: World, order_id: int) -> list[tuple[Any, ...]]:
    """(rule, SKU, units, state, reason) of an order, oldest first."""
    rows = world.rows(
        """select g.rule_id, k.code, g.units, g.state, g.reason from gift_given g join sku k on k.id = g.sku_id
           where g.order_id = :id order by g.id""",
        id=order_id,
    )
    return [tuple(row) for row in rows]


def counted(world: World) -> dict[str, int]:
    """SKU → units that counters say were given."""
    rows = world.rows("select k.code, c.given from gift_counter c join sku k on k.id = c.sku_id")
    return {code: given for code, given in rows}


def forget(world: World) -> None:
    """Read the rule sets anew."""
    book_of(world.hub).forget()
