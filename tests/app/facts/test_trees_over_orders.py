"""Generated trees over stored orders: SQL selects what closures match, and nothing more where it says so."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from oms.app.capture.intake import take_in
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fill, lock_orders
from oms.app.pipeline.advance import advance_batch
from oms.app.rulebook.vocabulary import VOCABULARY, facts_of
from rules.engine import compile_rule_set
from rules.facts import UNKNOWN
from rules.model import Action, FactSpec, ParamSpec, Rule, RuleSet
from rules.sql import where
from tests.app.facts.telling import activate, selected
from tests.factories import World, a_document, a_line, drain, raw
from tests.rules.generator import Draw

KNOWN = tuple(spec for spec in VOCABULARY.facts.values() if "review" in spec.stages)
PAGE = 500
CODES = ("A", "B", "SET", "C", "D", "E", "TWO", "FEW", "NONE1", "?")
CITIES = (("浙江省", "杭州市", "西湖区"), ("广东省", "深圳市", "南山区"), ("北京市", "北京市", "朝阳区"), ("", "", ""))


class Seen(Draw):
    """Draws mostly facts that differ among the orders, and values that some order has: others seldom tell them apart."""

    def __init__(self, seed: int, facts: dict[int, dict[str, Any]]) -> None:
        super().__init__(seed, (*KNOWN, *differing(facts) * 3))
        self.pool = pool_of(facts)

    def scalar(self, spec: FactSpec | ParamSpec) -> Any:
        values = self.pool.get(spec.name)
        return self.chance.choice(values) if values and self.chance.random() < 0.8 else super().scalar(spec)


def documents(count: int) -> list[dict[str, Any]]:
    """Orders of every kind, of few buyers."""
    chance = Random(20)
    return [a_document(f"W{at}", lines_of(chance), **told_of(chance)) for at in range(count)]


def lines_of(chance: Random) -> list[dict[str, Any]]:
    lines = []
    for number in range(chance.choice((1, 1, 1, 2, 3))):
        paid = chance.choice((0, 100, 999, 30_000, 120_000))
        off = chance.choice((0, 0, 500))
        lines.append(
            a_line(
                str(number + 1), chance.choice(CODES), chance.choice((1, 1, 2, 7)), paid,
                list_amount=paid + off, discount_merchant=off, is_gift=chance.random() < 0.05,
                refund=chance.choice(("none",) * 9 + ("asked",)),
                fulfiller=chance.choice(("us",) * 9 + ("platform",)),
            )
        )  # fmt: skip
    if chance.random() < 0.3:
        lines.append(a_line("F", "", 1, 800, kind="freight"))
    return lines


def told_of(chance: Random) -> dict[str, Any]:
    state, city, district = chance.choice(CITIES)
    phone = chance.choice(("13800002207", "13999999999", "0571-88888888"))
    return {
        "receiver": {"name": chance.choice(("王一", "Li")), "phone": phone, "country": "CN", "state": state, "city": city,
                     "district": district, "address": chance.choice(("文三路 1 号", "一号楼"))},
        "buyer": {"external_id": chance.choice(("b-bad", *[f"b{n}" for n in range(40)]))},
        "is_cod": chance.random() < 0.2, "state": chance.choice(("open",) * 6 + ("unpaid", "completed", "cancelled")),
        "seller_memo": chance.choice(("", "", "发票 12-3")), "flag": chance.choice(("", "red")),
        "platform_holds": chance.choice(([], [], ["risk"])), "at": chance.randrange(60),
    }  # fmt: skip


def stored(world: World, count: int) -> dict[int, dict[str, Any]]:
    """The facts of orders that came page by page through the connector, as the hub tells them of what it stored."""
    made = documents(count)
    for at in range(0, count, PAGE):
        page = tuple(raw(document) for document in made[at : at + PAGE])
        with world.hub.begin() as connection:
            shop = world.hub.masters.get(connection, world.clock()).shops[1 + at // PAGE % 6]
            take_in(world.hub, connection, shop, page, walks=True)
        drain(advance_batch, world)
    ids = [row[0] for row in world.rows("select id from orders where external_no like 'W%' order by id")]
    assert len(ids) == count
    facts: dict[int, dict[str, Any]] = {}
    for at in range(0, count, PAGE):
        facts |= told(world, ids[at : at + PAGE])
    return facts


def told(world: World, ids: list[int]) -> dict[int, dict[str, Any]]:
    names = frozenset(spec.name for spec in KNOWN)
    with world.hub.begin() as connection:
        batch = Batch(world.hub, connection, world.hub.masters.get(connection, world.clock()), world.clock())
        fill(batch, lock_orders(connection, ids))
        return {
            id_: facts_of(batch, order, batch.masters.shops[order.shop_id], names) for id_, order in batch.orders.items()
        }


def pool_of(facts: dict[int, dict[str, Any]]) -> dict[str, list[Any]]:
    """A few values of each fact, elements of sets, in an order of their own."""
    pool: dict[str, list[Any]] = {}
    for spec in KNOWN:
        seen: set[Any] = set()
        for one in facts.values():
            value = one[spec.name]
            if value is None or value is UNKNOWN or value == "":
                continue
            seen.update(value if isinstance(value, frozenset) else (value,))
            if len(seen) > 40:
                break
        pool[spec.name] = sorted(value for value in seen if value != "")
    return pool


def differing(facts: dict[int, dict[str, Any]]) -> list[FactSpec]:
    """What is not the same of all these orders."""
    seen: dict[str, set[Any]] = {spec.name: set() for spec in KNOWN}
    for one in facts.values():
        for name, values in seen.items():
            if one[name] is not UNKNOWN and len(values) < 2:
                values.add(one[name])
    return [spec for spec in KNOWN if len(seen[spec.name]) > 1]


@pytest.mark.parametrize(("orders", "trees"), [(500, 40), (2999, 200), pytest.param(20_000, 200, marks=pytest.mark.full)])
def test_closures_and_sql_agree_over_stored_orders(facts_world: World, orders: int, trees: int) -> None:
    activate(facts_world, None)
    facts = stored(facts_world, orders)
    draw = Seen(orders, facts)
    act = (Action("pass"),)
    rules = tuple(Rule(f"t{at}", f"tree {at}", draw.tree(), act) for at in range(trees))
    compiled = compile_rule_set(RuleSet("review", rules), VOCABULARY)
    matched: dict[str, set[int]] = {rule.id: set() for rule in rules}
    unsure: dict[str, set[int]] = {rule.id: set() for rule in rules}
    for id_, one in facts.items():
        verdict = compiled.decide(one, facts_world.clock())
        assert not verdict.unhealthy
        for rule_id in verdict.matched:
            matched[rule_id].add(id_)
        for rule_id in verdict.unknown:
            unsure[rule_id].add(id_)
    wrong = {}
    pure = narrowed = 0
    for rule in rules:
        fragment = where(rule.when, VOCABULARY, facts_world.clock())
        found = selected(facts_world, fragment, list(facts))
        missing = (matched[rule.id] | unsure[rule.id]) - found
        extra = set() if fragment.confirm else found - matched[rule.id]
        pure += not fragment.confirm
        narrowed += 0 < len(found) < len(facts)
        if missing or extra:
            wrong[rule.id] = (rule.when, sorted(missing)[:3], sorted(extra)[:3])
    assert wrong == {}
    assert pure > trees // 4
    assert narrowed > trees // 3
