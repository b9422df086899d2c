"""Rule sets for tests: documents, and the shortest way to have one in force."""

from __future__ import annotations

from typing import Any

from oms.app.kernel.hub import Hub
from oms.app.rulebook.book import book_of
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate
from oms.db.session import make_engine
from tests.factories import World, advance, an_order

ANY_ORDER = {"fact": "order.lines", "op": "gt", "value": 0}


def a_rule(rule_id: str, tier: str = "", **changes: Any) -> dict[str, Any]:
    """A rule for every order: to a tier, or pass where none is named."""
    action = {"action": "send_to_tier", "params": {"tier": tier}} if tier else {"action": "pass", "params": {}}
    return {"id": rule_id, "name": f"rule {rule_id}", "when": ANY_ORDER, "actions": [action]} | changes


def a_draft(world: World, *rules: dict[str, Any], scope: str = "global", scope_id: int = 0, **changes: Any) -> int:
    """The first draft of a set for review."""
    content = Content(list(rules), changes.pop("limits", []), changes.pop("comment", "first"))
    name, actor = changes.pop("name", ""), changes.pop("actor", "user:1")
    return create_set(world.hub, "review", scope, scope_id, name, content, actor)


def in_force(world: World, *rules: dict[str, Any], **changes: Any) -> int:
    """A version in force."""
    version_id = a_draft(world, *rules, **changes)
    activate(world.hub, version_id, "user:1")
    return version_id


def set_id(world: World, version_id: int) -> int:
    """The set of a version."""
    return int(world.one("select rule_set_id from rule_set_version where id = :id", id=version_id))


def tiers_of(world: World, order_id: int) -> int:
    """The tiers that an order waits at."""
    return int(world.one("select tiers_waiting from orders where id = :id", id=order_id))


def decided(world: World, **changes: Any) -> int:
    """A new order, walked as far as it goes; answers its id."""
    order_id = an_order(world, **changes)
    advance(world)
    return order_id


def decided_by(world: World, order_id: int) -> int | None:
    """The version that decided about an order's review last."""
    rows = world.rows(
        """select rule_set_version_id from decision where order_id = :id and stage = 'review' order by id desc limit 1""",
        id=order_id,
    )
    return rows[0][0] if rows else None


def another_process(world: World) -> World:
    """The same world seen by another process: an engine, a hub and a rule book of its own."""
    engine = make_engine(world.hub.engine.url.render_as_string(hide_password=False), name="second", pool_size=2)
    hub = Hub(engine, world.hub.keys, world.hub.vendors, clock=world.clock)
    assert book_of(hub) is not book_of(world.hub)
    return World(hub, world.clock, world.script, numbers=world.numbers)
