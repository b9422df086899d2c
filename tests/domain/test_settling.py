"""What a partner owes for a line, and that its entries always come to it, whatever order things happen in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oms.domain.settling import Agreed, Booked, Price, Standing, agree, entries_for, follow, owed, price_at, rated

T0 = datetime(2026, 11, 1, tzinfo=UTC)
AMOUNTS = st.integers(0, 10**9)
UNITS = st.integers(1, 60)


def test_the_price_that_began_last_and_has_not_ended_holds() -> None:
    old, spring = Price("price", 9, 0, T0), Price("price", 7, 0, T0 + timedelta(days=1), T0 + timedelta(days=2))
    at = [price_at((spring, old), T0 + timedelta(hours=hours)) for hours in (-1, 0, 24, 47, 48)]
    assert at == [None, old, spring, spring, old]


def test_rates_round_halves_up_and_never_go_below_nothing() -> None:
    assert [rated(base, bp) for base, bp in ((999, 8000), (1, 5000), (1, 4999), (0, 8000), (-5, 8000))] == [
        799,
        1,
        0,
        0,
        0,
    ]


def test_an_agreement_follows_units_and_amounts_by_itself() -> None:
    fixed, rate = agree(Price("price", 700, 0, T0), 3, 0, 0), agree(Price("list", 0, 8000, T0), 3, 1000, 900)
    assert (fixed.amount, rate.amount) == (2100, 800)
    assert follow(fixed, 3, 2, 1, 1).amount == 1400
    assert (follow(rate, 3, 2, 600, 500).amount, follow(rate, 3, 2, 1000, 1).amount) == (480, 800)
    assert follow(Agreed(100, "document"), 3, 2, 0, 0).amount == 66
    assert follow(fixed, 3, 3, 5, 5) == fixed


STEPS = st.lists(st.tuples(AMOUNTS, UNITS, st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=12)


@settings(max_examples=50)
@given(STEPS)
def test_entries_always_come_to_what_is_owed_to_the_cent(steps: list[tuple[int, int, int, int]]) -> None:
    booked = Booked()
    for amount, units, sent, back in steps:
        line = Standing(amount, units, sent, min(back, sent))
        entries = entries_for(line, booked)
        by_kind = {kind: sum(e.units for e in entries if e.kind == kind) for kind in ("sale", "return", "change")}
        total = booked.amount + sum(entry.amount for entry in entries)
        booked = Booked(booked.sent + by_kind["sale"], booked.back + by_kind["return"], total)
        assert (booked.sent, booked.back, booked.amount) == (line.sent, line.back, owed(line))
        assert by_kind["change"] == 0
        assert not entries_for(line, booked)
        if sent >= units and not line.back:
            assert booked.amount == amount
        if line.back == sent:
            assert booked.amount == 0
