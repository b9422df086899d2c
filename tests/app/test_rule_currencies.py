"""Rules about amounts that mean something else from shop to shop are told of, and keep nobody from activating."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.rulebook.changing import find_version
from oms.app.rulebook.drafts import Content, create_set
from oms.app.rulebook.versions import activate, findings_of
from tests.app.rule_sets import a_draft, a_rule
from tests.factories import World

PAID = {"fact": "order.paid", "op": "gt", "value": 50_000}
SECOND = """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, currency, shop_group_id, mode)
select 2, 's2', 's2', channel_id, account_id, stock_pool_id, :currency, 7, 'live' from shop where id = 1"""


@pytest.fixture
def abroad(world: World) -> World:
    """A shop in dollars, alone in its group, beside the one in yuan."""
    world.run("insert into shop_group (id, code, name) values (7, 'abroad', 'abroad')")
    world.run(SECOND, currency="USD")
    return world


def told(world: World, draft: int) -> list[tuple[Any, ...]]:
    return [(found["kind"], found["rule"], found["is_proved"]) for found in findings_of(world.hub, draft)]


def test_an_amount_over_shops_of_several_currencies_is_told_and_may_be_put_in_force(abroad: World) -> None:
    draft = a_draft(abroad, a_rule("dear", "finance", when={"all": [PAID]}))
    (found,) = findings_of(abroad.hub, draft)
    assert (found["kind"], found["rule"], found["path"], found["is_proved"]) == ("currency", "dear", "/rules/0", False)
    assert ("CNY、USD" in str(found["reason_zh"]), "CNY, USD" in str(found["reason_en"])) == (True, True)
    activate(abroad.hub, draft, "user:1")
    with abroad.hub.engine.connect() as connection:
        assert find_version(connection, draft).state == "active"


@pytest.mark.parametrize("asked", [
    {"fact": "order.currency", "op": "eq", "value": "CNY"}, {"fact": "shop.currency", "op": "in", "value": ["CNY"]},
    {"fact": "shop.code", "op": "eq", "value": "s1"},
])  # fmt: skip
def test_a_rule_that_asks_the_currency_is_right(abroad: World, asked: dict[str, Any]) -> None:
    when = {"all": [{"any": [asked]}, PAID]}
    assert told(abroad, a_draft(abroad, a_rule("dear", "finance", when=when))) == []


def test_what_reaches_one_currency_and_speaks_of_no_amount_is_right(abroad: World) -> None:
    dear = a_rule("dear", "finance", when={"all": [PAID]})
    cod = a_rule("cod", "finance", when={"all": [{"fact": "order.is_cod", "op": "eq", "value": True}]})
    assert told(abroad, a_draft(abroad, dear, scope="shop", scope_id=1)) == []
    assert told(abroad, a_draft(abroad, dear, scope="shop_group", scope_id=7)) == []
    assert told(abroad, a_draft(abroad, cod)) == []
    abroad.run("update shop set mode = 'closed' where id = 2")
    channel = abroad.one("select channel_id from shop where id = 1")
    assert told(abroad, a_draft(abroad, dear, scope="channel", scope_id=channel)) == []


def test_one_currency_without_hundredths_is_told(abroad: World) -> None:
    """500.00 as it is written is 50,000 yen."""
    abroad.run("update shop set currency = 'JPY' where id = 2")
    draft = a_draft(abroad, a_rule("dear", "finance", when={"all": [PAID]}), scope="shop", scope_id=2)
    assert told(abroad, draft) == [("currency", "dear", False)]


@pytest.mark.parametrize(("stage", "action", "kinds"), [
    ("gift", {"action": "amount_off", "params": {"off": 500, "name": "less", "funder": "merchant"}},
     ["unlimited", "currency"]),
    ("route", {"action": "prefer_point", "params": {"point": "WH1", "extra": 500}}, []),
])  # fmt: skip
def test_what_is_given_is_an_amount_and_what_a_way_may_cost_is_yuan_everywhere(
    abroad: World, stage: str, action: dict[str, Any], kinds: list[str]
) -> None:
    when = {"all": [{"fact": "order.is_cod", "op": "eq", "value": True}]}
    rule = {"id": "act", "name": "act", "when": when, "actions": [action]}
    draft = create_set(abroad.hub, stage, "global", 0, "", Content([rule], [], "first"), "user:1")
    assert [found["kind"] for found in findings_of(abroad.hub, draft)] == kinds
