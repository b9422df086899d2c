"""Facts are looked up once a batch and only when asked for; what cannot be told is unknown, what is sealed not kept."""

from __future__ import annotations

import gc
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from oms.app.capture.intake import take_in
from oms.app.rulebook.facts import binding
from oms.app.rulebook.facts.keeping import read_facts, write_facts
from oms.app.rulebook.vocabulary import BINDINGS, FACTS, SEALED_FACTS, VOCABULARY, facts_of, without_sealed
from rules.facts import UNKNOWN, input_hash
from tests.app.facts.telling import activate, alike, bring, by_sql, in_memory, loaded, rules_of, told
from tests.factories import RECEIVER, World, a_document, a_line, advance, an_order, order_id, raw

REVIEWED = [name for name, spec in VOCABULARY.facts.items() if "review" in spec.stages]
EVERY_FACT = rules_of({"all": [{"fact": name, "op": "is_not_empty"} for name in REVIEWED]})
IN_MEMORY = ("order.is_cod", "order.paid", "order.units", "order.division", "shop.code", "order.holds", "order.term")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that the driver is given."""
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        statements.append(str(query))
        return execute(self, query, *args, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    return statements


def take_walking(world: World, *documents: dict[str, Any]) -> list[int]:
    """Take a page in as it is taken in production: new orders go on at once and are written once."""
    with world.hub.begin() as connection:
        shop = world.hub.masters.get(connection, world.clock()).shops[1]
        take_in(world.hub, connection, shop, tuple(raw(document) for document in documents), walks=True)
    return [order_id(world, document["external_no"]) for document in documents]


def kept_facts(world: World, id_: int) -> dict[str, Any]:
    """What the order's review decision kept."""
    rows = world.rows("select facts from decision where order_id = :id and stage = 'review'", id=id_)
    return read_facts(bytes(rows[0][0]), VOCABULARY.facts)


def rich(no: str, **changes: Any) -> dict[str, Any]:
    """An order with something of everything."""
    lines = [
        a_line("1", "SET", 2, 4000, list_amount=6000, discount_merchant=500, discount_platform=1500, tax_amount=300),
        a_line("2", "B", 1, 0, is_gift=True, bound_group="g"),
        a_line("F", "", 1, 800, kind="freight"),
    ]
    return a_document(no, lines, **{"buyer": {"external_id": "b-rich"}, "seller_memo": "call", "flag": "red",
                      "collect_by": "2026-11-23T00:00:00+00:00", "is_cod": True, **changes})  # fmt: skip


def test_an_order_not_written_yet_has_the_facts_it_has_once_it_is_stored(facts_world: World) -> None:
    """Its sister comes on the same page and is not written yet either, an older one is."""
    activate(facts_world, None)
    bring(facts_world, told(buyer={"external_id": "b-rich"}, created_at="2026-10-01T00:00:00+00:00"))
    activate(facts_world, EVERY_FACT)
    ids = take_walking(facts_world, rich("R1"), rich("R2", seller_memo="ring"))
    stored = in_memory(facts_world, ids)
    for id_ in ids:
        kept = kept_facts(facts_world, id_)
        differing = {
            name: (kept[name], stored[id_][name])
            for name in REVIEWED
            if name not in SEALED_FACTS and alike(name, kept[name]) != alike(name, stored[id_][name])
        }
        assert differing == {}
        assert kept["buyer.orders_30d"] == 1, "the other one of the page"
        assert kept["buyer.orders_90d"] == 2
        assert kept["order.discount_platform"] == 1500


def test_many_orders_are_looked_up_with_as_many_statements_as_one(facts_world: World, asked: list[str]) -> None:
    activate(facts_world, None)
    ids = [bring(facts_world, told([a_line(), a_line("2", "SET")])) for _ in range(12)]
    counts = []
    for some in (ids[:1], ids):
        with facts_world.hub.begin() as connection:
            batch = loaded(facts_world, connection, some)
            asked.clear()
            for order in batch.orders.values():
                facts_of(batch, order, batch.masters.shops[1], frozenset(FACTS))
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_facts_that_are_in_memory_ask_the_database_nothing(facts_world: World, asked: list[str]) -> None:
    activate(facts_world, None)
    id_ = bring(facts_world, told())
    with facts_world.hub.begin() as connection:
        batch = loaded(facts_world, connection, [id_])
        asked.clear()
        facts_of(batch, batch.orders[id_], batch.masters.shops[1], frozenset(IN_MEMORY))
        assert asked == []


def test_an_order_that_joins_a_batch_later_is_looked_up_too(facts_world: World) -> None:
    activate(facts_world, None)
    first = bring(facts_world, told(is_cod=True))
    second = bring(facts_world, told(payments=[{"kind": "deposit", "amount": 300}]))
    with facts_world.hub.begin() as connection:
        batch, other = (loaded(facts_world, connection, [id_]) for id_ in (first, second))
        shop, name = batch.masters.shops[1], frozenset({"order.payment_kinds"})
        assert facts_of(batch, batch.orders[first], shop, name) == {"order.payment_kinds": {"cod"}}
        batch.orders.update(other.orders)
        assert facts_of(batch, batch.orders[second], shop, name) == {"order.payment_kinds": {"deposit"}}


@pytest.mark.parametrize(
    ("fact", "order"),
    [
        ("order.margin", told([a_line(), a_line("2", "D")])),
        ("order.margin", told(currency="USD")),
        ("order.worst_line_margin", told([a_line("1", "NEW")])),
        ("goods.weight", told([a_line(), a_line("2", "NEW")])),
        ("goods.skus", told([a_line(), a_line("2", "NEW")])),
        ("receiver.phone", told(receiver={**RECEIVER, "masked": True})),
        ("receiver.street", told(receiver={**RECEIVER, "masked": True})),
    ],
)
def test_what_cannot_be_told_is_unknown_and_goes_to_people(facts_world: World, fact: str, order: Any) -> None:
    activate(facts_world, None)
    id_ = bring(facts_world, order)
    assert in_memory(facts_world, [id_], [fact])[id_] == {fact: UNKNOWN}


def test_what_will_be_packed_is_unknown_before_the_order_is_preprocessed(facts_world: World) -> None:
    activate(facts_world, None)
    id_ = an_order(facts_world, [a_line("1", "D")])
    assert in_memory(facts_world, [id_], ["goods.categories"])[id_] == {"goods.categories": UNKNOWN}
    assert by_sql(facts_world, "goods.categories", [id_]) == {id_: None}
    advance(facts_world)
    assert in_memory(facts_world, [id_], ["goods.categories"])[id_] == {"goods.categories": {"home"}}


def test_goods_that_nobody_has_measured_have_no_known_weight(facts_world: World) -> None:
    activate(facts_world, None)
    facts_world.run("insert into sku (id, code, name) values (300, 'LIGHT', 'light')")
    id_ = bring(facts_world, told([a_line("1", "LIGHT")]))
    assert in_memory(facts_world, [id_], ["goods.weight"])[id_] == {"goods.weight": UNKNOWN}


def test_what_was_erased_is_unknown(facts_world: World) -> None:
    activate(facts_world, None)
    id_ = bring(facts_world, told(state="cancelled", seller_memo="gone soon"))
    names = ["receiver.name", "order.memo", "receiver.missing"]
    assert in_memory(facts_world, [id_], names)[id_]["order.memo"] == "gone soon"
    facts_world.run("delete from data_key where id = :id", id=id_)
    assert in_memory(facts_world, [id_], names)[id_] == dict.fromkeys(names, UNKNOWN)


def test_a_fact_that_fails_is_unknown_and_the_order_goes_on_to_people(
    facts_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("13800000001")

    monkeypatch.setitem(BINDINGS, "order.flag", fail)
    activate(facts_world, rules_of({"fact": "order.flag", "op": "eq", "value": "red"}))
    (id_,) = take_walking(facts_world, a_document("FAILS"))
    assert facts_world.one("select review from orders where id = :id", id=id_) == "waiting"
    assert kept_facts(facts_world, id_) == {"order.flag": UNKNOWN}


def test_a_rule_about_what_is_sealed_decides_but_its_decision_keeps_a_hash(facts_world: World) -> None:
    phone, memo = "13800138000", "金丝雀"
    asked_phone = {"fact": "receiver.phone", "op": "eq", "value": "1"}
    asked_memo = {"fact": "order.memo", "op": "contains_any", "value": [memo]}
    activate(facts_world, rules_of({"any": [asked_phone, asked_memo]}))
    document = a_document("SEALED", receiver={**RECEIVER, "phone": phone}, seller_memo=f"for {memo}")
    (id_,) = take_walking(facts_world, document)
    assert facts_world.one("select review from orders where id = :id", id=id_) == "waiting"
    kept = kept_facts(facts_world, id_)
    assert kept["receiver.phone"] == {"sealed": facts_world.hub.keys.blind("receiver.phone", phone).hex()}
    written = bytes(facts_world.one("select facts from decision where order_id = :id and stage = 'review'", id=id_))
    assert phone.encode() not in written
    assert memo.encode() not in written


def test_kept_facts_read_back_to_the_same_values(facts_world: World) -> None:
    activate(facts_world, None)
    id_ = bring(facts_world, told([a_line(), a_line("2", "D")], seller_memo="call"))
    with facts_world.hub.begin() as connection:
        batch = loaded(facts_world, connection, [id_])
        facts = facts_of(batch, batch.orders[id_], batch.masters.shops[1], frozenset(FACTS))
        facts = without_sealed(batch, facts)
        kept = write_facts(facts)
    again = read_facts(kept, VOCABULARY.facts)
    assert again["order.margin"] is UNKNOWN
    assert input_hash(again) == input_hash(facts)
    assert write_facts(again) == kept


def test_a_failing_database_is_no_fault_of_a_fact(facts_world: World) -> None:
    activate(facts_world, None)
    id_ = bring(facts_world, told())
    with facts_world.hub.begin() as connection:
        batch = loaded(facts_world, connection, [id_])
        attempt = connection.begin_nested()
        connection.execute(text("alter table payment rename to payment_gone"))
        with pytest.raises(psycopg.Error):
            facts_of(batch, batch.orders[id_], batch.masters.shops[1], frozenset({"order.deposit"}))
        attempt.rollback()


def test_what_was_looked_up_goes_with_its_transaction(facts_world: World) -> None:
    activate(facts_world, None)
    id_ = bring(facts_world, told())
    gc.collect()
    before = len(binding._KEPT)
    in_memory(facts_world, [id_])
    gc.collect()
    assert len(binding._KEPT) == before
