"""What partners owe is booked as it leaves and comes back, stated once, and always adds up to the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from random import Random

import pytest

from oms.app.finance.partner_ledger import (
    book_all,
    close_statement,
    entries_of,
    open_sums,
    statements_of,
    sums_between,
)
from oms.app.finance.partners import PartnerForm, partners_of, save_partner
from oms.domain.errors import Invalid, NotPossible
from oms.domain.settling import Standing, owed
from tests.app.partners import a_partner, a_price, amounts, of_shop, said
from tests.app.shipping import ship_all
from tests.factories import World, a_line, a_world, an_order, settle

TODAY, TOMORROW, LATER = date(2026, 11, 21), date(2026, 11, 22), date(2030, 12, 31)


def test_what_left_is_booked_and_stated_once_and_refunds_come_off_the_next(world: World) -> None:
    partner = a_partner(world)
    of_shop(world, partner)
    a_price(world, partner, "A", 333)
    order = an_order(world, [a_line("1", "A", 3, 3000)], no="S1")
    settle(world)
    assert book_all(world.hub) == 0
    ship_all(world, order)
    assert (book_all(world.hub), book_all(world.hub)) == (1, 0)
    with pytest.raises(Invalid, match="not over"):
        close_statement(world.hub, partner, TODAY, "user:1")
    world.clock.forward(86400)
    close_statement(world.hub, partner, TODAY, "user:1")
    with pytest.raises(NotPossible, match="nothing is left"):
        close_statement(world.hub, partner, TODAY, "user:1")
    world.run("update order_line set refunded = 2")
    book_all(world.hub)
    world.clock.forward(86400)
    close_statement(world.hub, partner, TOMORROW, "user:1")
    world.run("update order_line set refunded = 0")
    with world.hub.engine.connect() as connection:
        stated = [(row.number, row.units, row.units_back, row.total) for row in statements_of(connection, partner)]
        first = entries_of(connection, partner, number=1)
        both = sums_between(connection, partner, TODAY, LATER)
    assert stated == [(2, 0, 2, -666), (1, 3, 0, 999)]
    assert [(e.kind, e.units, e.amount, e.external_no, e.sku) for e in first] == [("sale", 3, 999, "S1", "A")]
    assert (both.orders, both.total) == (1, 333)


def test_what_a_partner_sends_itself_is_stated_only_where_that_was_agreed(world: World) -> None:
    for code, settles in (("YES", True), ("NO", False)):
        a_price(world, a_partner(world, code, ships="partner", settles_own=settles), "A", 200)
    lines = [a_line("1", "A", 2, state="shipped")]
    for code in ("YES", "NO"):
        an_order(world, lines, partner=said(code), state="part_shipped")
    settle(world)
    book_all(world.hub)
    assert [tuple(row) for row in world.rows("select units, amount from settlement_entry")] == [(2, 400)]


def test_saving_a_partner_takes_its_shops_and_lets_waiting_orders_go(world: World) -> None:
    order = an_order(world, partner=said("LATE"))
    settle(world)
    partner = save_partner(world.hub, None, PartnerForm("late", "迟到", "agent"), [1], "user:1")
    settle(world)
    assert (world.holds(order), world.one("select owner from shop where id = 1")) == (set(), "agent")
    with pytest.raises(NotPossible, match="another partner"):
        save_partner(world.hub, None, PartnerForm("LATE", "又一个", "agent"), [], "user:1")
    with pytest.raises(NotPossible, match="belongs to another"):
        save_partner(world.hub, None, PartnerForm("X", "又一个", "agent"), [1], "user:1")
    with pytest.raises(NotPossible, match="currency"):
        save_partner(world.hub, partner, PartnerForm("late", "迟到", "agent", "USD"), [1], "user:1")
    save_partner(world.hub, partner, PartnerForm("late", "迟到", "agent"), [], "user:1")
    assert world.one("select owner from shop where id = 1") == "own"
    with world.hub.engine.connect() as connection:
        assert [(row.code, row.shops, row.orders) for row in partners_of(connection)] == [("late", 0, 1)]


@pytest.fixture(scope="module")
def ledger(make_database: Callable[[], str]) -> Iterator[tuple[World, int]]:
    """A world whose lines are moved by hand, so that its counters are not those of the pipeline."""
    world = a_world(make_database())
    partner = a_partner(world)
    of_shop(world, partner)
    a_price(world, partner, rate_bp=7777, basis="paid")
    yield world, partner
    world.hub.engine.dispose()


MOVES = ("ship", "refund", "reprice", "close", "book")


@pytest.mark.parametrize("seed", range(8))
def test_statements_and_lines_agree_to_the_cent(ledger: tuple[World, int], seed: int) -> None:
    dice = Random(seed)
    lines = [(dice.randint(1, 9), dice.randint(1, 10**6)) for _ in range(dice.randint(1, 3))]
    moves = [(dice.randrange(3), dice.choice(MOVES), dice.randint(0, 9)) for _ in range(12)]
    world, partner = ledger
    told = [a_line(str(n), "ABC"[n], units, paid) for n, (units, paid) in enumerate(lines)]
    order = an_order(world, told, no=f"H{seed}")
    settle(world)
    assert None not in amounts(world, order).values()
    for at, move, count in moves:
        asked = {"id": order, "no": str(at % len(lines)), "n": count}
        where = "where order_id = :id and external_no = :no"
        if move == "ship":
            world.run(f"update order_line set planned = 0, shipped = least(ordered - cancelled, :n) {where}", **asked)
        elif move == "refund":
            world.run(f"update order_line set refunded = least(ordered, :n) {where}", **asked)
        elif move == "reprice":
            world.run(f"update order_line set settlement_amount = settlement_amount + :n {where}", **asked)
        elif move == "book":
            book_all(world.hub)
        else:
            close(world, partner)
    close(world, partner)
    owing = world.rows("""select l.settlement_amount, s.units, l.shipped, least(l.shipped, greatest(0, l.refunded -
        l.cancelled)) from order_line l join line_settlement s on s.order_line_id = l.id""")
    with world.hub.engine.connect() as connection:
        stated = sum(row.total for row in statements_of(connection, partner, 10_000))
        left = open_sums(connection, partner, LATER)
    assert stated == sum(owed(Standing(*row)) for row in owing)
    assert (left.orders, left.total) == (0, 0)


def close(world: World, partner: int) -> None:
    """State everything there is, the day after."""
    book_all(world.hub)
    world.clock.forward(86400)
    with suppress(NotPossible):
        close_statement(world.hub, partner, (world.clock() - timedelta(days=1)).date(), "user:1")
