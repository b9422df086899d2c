"""New orders that go on in the transaction that stores them end like those that are stored first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oms.app.capture import intake
from oms.app.capture.intake import Taken, take_in_safely
from tests.app.test_convergence import state_of
from tests.factories import World, a_document, a_line, raw, review_all, settle, take

DOCUMENTS = [
    a_document("T1", [a_line("1", "A", 2, 2000), a_line("2", "SET", 1, 999)]),
    a_document("T2", [a_line("1", "NEW")]),
    a_document("T3", is_cod=True),
    a_document("T4", state="unpaid"),
    a_document("T5", [a_line(refund="asked", case_no="C"), a_line("2", "B", 1, 10)]),
    a_document("T6", [a_line(refund="succeeded")]),
    a_document("T7", platform_holds=["risk"]),
    a_document("T8", [a_line(fulfiller="platform")]),
    a_document("T9", [a_line("1", "A", 1000, 1000)]),
    a_document("T10", state="cancelled"),
]


def test_walking_at_once_and_later_end_the_same(make_world: Callable[..., World]) -> None:
    at_once, later = make_world(), make_world()
    documents = tuple(raw(document, index) for index, document in enumerate(DOCUMENTS))
    for world in (at_once, later):
        review_all(world, "finance", fact="order.is_cod", op="eq", value=True)
    shop = at_once.hub.masters.get(at_once.hub.engine, at_once.clock()).shops[1]
    assert take_in_safely(at_once.hub, shop, documents, lambda _connection: None) == Taken(10, 0, 0, 0)
    assert at_once.one("select count(*) from orders where phase = 'captured'") == 0
    take(later, *documents)
    for world in (at_once, later):
        settle(world)
    for number in range(1, 11):
        assert state_of(at_once, f"T{number}") ^ state_of(later, f"T{number}") == set()
    phases = "select external_no || ' ' || phase from orders order by 1"
    assert at_once.rows(phases) == later.rows(phases)
    holds = """select o.external_no || ' ' || h.kind from hold h join orders o on o.id = h.order_id
               where h.cleared_at is null order by 1"""
    assert at_once.rows(holds) == later.rows(holds)


def test_a_page_with_an_order_the_database_refuses_stores_the_others(world: World) -> None:
    world.run("alter table order_line add constraint ck_test check (title <> 'forbidden')")
    bad = raw(a_document("BAD", [a_line(title="forbidden")]))
    shop = world.hub.masters.get(world.hub.engine, world.clock()).shops[1]
    taken = take_in_safely(world.hub, shop, (raw(a_document("T1")), bad, raw(a_document("T2"))), lambda _c: None)
    assert (taken.new, taken.parked) == (2, 1)
    assert world.one("select reason from parked_record") == "document: refused by the database: ck_test"
    settle(world)
    assert world.one("select count(*) from orders where phase = 'at_warehouse'") == 2


@pytest.mark.parametrize("blind", [1, 2, 3])
def test_an_order_that_another_brings_at_the_same_moment_is_never_parked(
    world: World, monkeypatch: pytest.MonkeyPatch, blind: int
) -> None:
    """However often it is looked for before the other's commit and written after it."""
    take(world, raw(a_document("T1")))
    see, looks = intake._known, iter(range(9))
    monkeypatch.setattr(intake, "_known", lambda *asked: {} if next(looks) < blind else see(*asked))
    shop = world.hub.masters.get(world.hub.engine, world.clock()).shops[1]
    taken = take_in_safely(world.hub, shop, (raw(a_document("T1")),), lambda _connection: None)
    assert (taken, taken.made) == (Taken(0, 0, 1, 0), frozenset())
    assert world.rows("select 1 from parked_record") == []
