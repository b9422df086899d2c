"""What an explanation costs to keep: facts are written small, and read back to the same values."""

from __future__ import annotations

import orjson

from oms.app.rulebook.facts.dictionary import DICTIONARIES, NEWEST
from oms.app.rulebook.facts.keeping import plain_facts, read_facts, write_facts
from oms.app.rulebook.vocabulary import VOCABULARY
from tests.app.rule_sets import decided, in_force
from tests.app.told_rules import rules_over_every_fact
from tests.factories import World, a_line


def test_facts_are_read_back_from_whatever_they_were_written_with() -> None:
    facts = {"order.paid": 1000, "order.tags": frozenset({"急"}), "order.is_cod": False}
    old = orjson.dumps({"order.is_cod": False, "order.paid": 1000, "order.tags": ["急"]})
    for kept in (old, write_facts(facts)):
        assert read_facts(kept, VOCABULARY.facts) == facts


def test_a_dictionary_that_was_in_use_is_never_changed() -> None:
    """A row that was written with the first one, as it stands in databases."""
    assert sorted(DICTIONARIES) == list(range(1, NEWEST + 1))
    kept = bytes.fromhex(WRITTEN)
    assert orjson.loads(plain_facts(kept)) == {"order.is_cod": True, "order.paid": 4200, "receiver.province": "330000"}


def test_a_hundred_rules_over_every_fact_leave_little_of_an_order(world: World) -> None:
    in_force(world, *rules_over_every_fact(100))
    for number in range(20):
        decided(world, lines=[a_line("1", "AB"[number % 2], 1 + number % 3, 1000 + 137 * number)])
    sizes = world.rows("select sum(pg_column_size(decision.*)) from decision group by order_id order by 1")
    facts = world.rows("select facts from decision where stage = 'review' limit 1")[0][0]
    assert len(read_facts(bytes(facts), VOCABULARY.facts)) >= 100
    assert sizes[len(sizes) // 2][0] <= 1500
    assert sizes[-1][0] <= 4000


WRITTEN = "0128b52ffd2044550100a07b636f64223a343230223a22333330303030227d0600d48b0030052b59d9467f41007ee19876b77c05"
