"""What the tests of backtests and dry runs share: orders decided by rules in force, drafts tried on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oms.app.rulebook.drafts import Content, create_draft, edit_draft
from oms.app.rulebook.trying.backtests import Period, ask_backtest, find_backtest
from oms.app.rulebook.trying.questions import ALL, Filter
from oms.app.rulebook.trying.running import backtest_next
from tests.app.rule_sets import set_id
from tests.factories import START, World, a_line, advance, an_order, drain

PAID = {"fact": "order.paid", "op": "ge", "value": 5000}
COD = {"fact": "order.is_cod", "op": "eq", "value": True}
MANY = {"fact": "order.units", "op": "ge", "value": 3}
PERIOD = Period(START - timedelta(days=30), START + timedelta(days=30))


def some_orders(world: World, count: int = 12) -> list[int]:
    """Orders of growing amounts, each third one paid at the door, walked as far as they go."""
    ids = [an_order(world, [a_line("1", "A", 1 + at % 4, 1000 * (at + 1))], is_cod=at % 3 == 0) for at in range(count)]
    advance(world)
    return ids


def another_draft(world: World, version_id: int, *rules: dict[str, Any]) -> int:
    """A draft of the same set that says this."""
    draft = create_draft(world.hub, set_id(world, version_id), "user:1", is_empty=True, comment="")
    edit_draft(world.hub, draft, Content(list(rules), [], ""), 1, "user:1")
    return draft


def backtest(
    world: World, version_id: int, *, shops: tuple[int, ...] = (1,), asked: Filter = ALL, against: int | None = None,
    period: Period = PERIOD,
) -> Any:  # fmt: skip
    """A backtest that has run to its end."""
    world.clock.forward(1)  # The orders of this moment lie before it.
    id_ = ask_backtest(world.hub, version_id, period, shops, "user:1", asked=asked, against_id=against, sees_plain=True)
    drain(backtest_next, world)
    return found(world, id_, shops)


def found(world: World, backtest_id: int, shops: tuple[int, ...] = (1,)) -> Any:
    """A backtest as it is now."""
    with world.hub.engine.connect() as connection:
        return find_backtest(connection, backtest_id, shops)


def changed(world: World, backtest_id: int) -> dict[int, str]:
    """The listed orders with the kind of change."""
    return dict(world.rows("select order_id, kind from backtest_change where backtest_id = :id", id=backtest_id))
