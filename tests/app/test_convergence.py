"""Taking in any multiset of versions, in any order, with repeats, ends in one order and the same state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.contract.records import RawDocument
from tests.app.invariants import check_invariants
from tests.factories import World, a_document, a_line, a_world, raw, settle, take

ORDER = """select status, platform_state, paid_total, is_cod, is_presale, fulfiller, keeps_together, has_memo, flag,
platform_holds, paid_at, ship_by, collect_by, changed_at, content_hash, division_code, is_masked
from orders where external_no = :no"""
LINES = """select l.external_no, l.ordered, l.cancelled, l.paid_amount, l.refund_state, l.case_no, l.seller_code,
l.fulfiller, l.platform_state
from order_line l join orders o on o.id = l.order_id where o.external_no = :no and not l.is_gone order by 1"""
LIVE = """select k.code, sum(x.planned - x.cancelled - x.short) from fulfilment_line x
join orders o on o.id = x.order_id join sku k on k.id = x.sku_id join fulfilment f on f.id = x.fulfilment_id
where o.external_no = :no and f.status not in ('cancelled', 'merged') group by 1 order by 1"""
MONEY = """select p.kind, p.state, p.amount from payment p join orders o on o.id = p.order_id
where o.external_no = :no order by 1, 2, 3"""


def state_of(world: World, no: str) -> set[str]:
    """Everything of an order that must not depend on how it came in."""
    found = [(name, row) for name, question in QUESTIONS.items() for row in world.rows(question, no=no)]
    return {f"{name} {key}={value}" for name, row in found for key, value in row._mapping.items()} | {
        f"{name} {tuple(row)}" for name, row in found if name != "order"
    }


QUESTIONS = {"order": ORDER, "line": LINES, "live": LIVE, "money": MONEY}
lines = st.lists(
    st.builds(
        a_line,
        no=st.sampled_from("123"),
        code=st.sampled_from(["A", "B", "SET"]),
        units=st.integers(1, 3),
        paid=st.sampled_from([100, 999, 2000]),
        refund=st.sampled_from(["none", "none", "none", "asked", "succeeded", "closed"]),
        fulfiller=st.sampled_from(["us", "us", "us", "platform"]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line["external_no"],
)
versions = st.fixed_dictionaries(
    {
        "lines": lines,
        "state": st.sampled_from(["open", "open", "open", "completed", "cancelled"]),
        "at": st.integers(0, 4),
        "is_cod": st.booleans(),
        "seller_memo": st.sampled_from(["", "hurry"]),
        "part_shipment_forbidden": st.booleans(),
        "platform_holds": st.sampled_from([[], ["risk"]]),
        "street": st.sampled_from(["one", "two"]),
    }
)


def documents(no: str, drawn: list[dict[str, Any]]) -> list[RawDocument]:
    """The drawn versions of one order, each fetched at a moment of its own."""
    made = []
    for index, version in enumerate(drawn):
        plain = dict(version)
        street, made_lines, at = plain.pop("street"), plain.pop("lines"), plain.pop("at")
        base = a_document(no, made_lines, at=at, flag=f"v{index}", **plain)
        base["receiver"] = {**base["receiver"], "address": street}
        made.append(raw(base, fetched=index))
    return made


@pytest.fixture(scope="module")
def twins(make_database: Callable[[], str]) -> Iterator[tuple[World, World]]:
    """Two worlds that take the same orders in by different ways."""
    made = a_world(make_database(), stock=10**6), a_world(make_database(), stock=10**6)
    yield made
    for world in made:
        check_invariants(world)
        world.hub.engine.dispose()


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[int, bool]]]:
    """Versions of one order, and how they come: each at least once, some again, the pipeline sometimes in between."""
    drawn = draw(st.lists(versions, min_size=1, max_size=4))
    repeats = draw(st.lists(st.integers(0, len(drawn) - 1), max_size=2))
    order = draw(st.permutations([*range(len(drawn)), *repeats]))
    return drawn, [(index, draw(st.booleans())) for index in order]


@given(deliveries())
@settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_any_order_of_messages_ends_in_the_same_state(
    twins: tuple[World, World], way: tuple[list[dict[str, Any]], list[tuple[int, bool]]]
) -> None:
    straight, tangled = twins
    no = f"T{next(straight.numbers)}"
    versions_drawn, order = way
    wanted = documents(no, versions_drawn)
    take(straight, max(wanted, key=lambda document: (stamp(document), document.fetched_at)))
    settle(straight)
    for index, is_pumped in order:
        take(tangled, wanted[index])
        if is_pumped:
            settle(tangled)
    settle(tangled)
    assert state_of(tangled, no) ^ state_of(straight, no) == set()


def stamp(document: RawDocument) -> bytes:
    return document.body.split(b'"changed_at":"')[1][:25]
