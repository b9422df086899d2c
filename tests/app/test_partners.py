"""Whose an order is, what its lines are settled at, and who sends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from oms.app.finance.partner_ledger import book_all
from oms.app.finance.partners import unpriced
from oms.app.finance.settling_by_hand import price_missing, set_amount
from oms.app.kernel import partnered
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.partners import deciding as partnering
from oms.app.pipeline.partners import settling
from tests.app.partners import a_partner, a_price, amounts, of_shop, said
from tests.app.shipping import ship_all
from tests.factories import World, a_document, a_line, an_order, raw, settle, take


def newer(world: World, no: str, lines: list[dict[str, object]], at: int = 60, **changes: object) -> None:
    """A newer version of an order's document."""
    world.clock.forward(at)
    take(world, raw(a_document(no, lines, at=at, **changes), fetched=at))
    settle(world)


def test_a_shops_orders_get_the_prices_of_their_day_and_lists_change_nothing_later(world: World) -> None:
    partner = a_partner(world)
    of_shop(world, partner)
    a_price(world, partner, "A", 700)
    a_price(world, partner, rate_bp=8000, basis="paid")
    a_price(world, partner, "B", 500, valid_until="2026-11-20T00:00:00+00:00")
    order = an_order(world, [a_line("1", "A", 3, 3000), a_line("2", "B", 1, 999), a_line("3", "SET", 2, 4000)], no="P1")
    settle(world)
    assert amounts(world, order) == {"1": 2100, "2": 799, "3": 3200}
    assert world.events(order).count("partner_set") == 1
    world.run("update settlement_price set amount = 900 where amount = 700")
    newer(world, "P1", [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 999), a_line("3", "SET", 2, 4000)])
    assert amounts(world, order) == {"1": 1400, "2": 799, "3": 3200}
    told = world.rows("select detail from event where order_id = :id and kind = 'settlement_changed'", id=order)
    assert [row[0] for row in told] == [{"lines": ["1"], "amount": 1400, "was_amount": 2100, "currency": "CNY"}]
    assert world.rows("select owner from orders")[0][0] == "distributor"


def test_parts_price_a_bundle_that_has_no_price_of_its_own(world: World) -> None:
    partner = a_partner(world)
    of_shop(world, partner)
    a_price(world, partner, "A", 300)
    a_price(world, partner, "B", 200)
    order = an_order(world, [a_line("1", "SET", 2, 4000)])
    settle(world)
    assert amounts(world, order) == {"1": 2 * (300 + 2 * 200)}


def test_a_document_names_its_partner_and_its_own_price_wins(world: World) -> None:
    shops, named = a_partner(world, "SHOP"), a_partner(world, "DX", kind="agent")
    of_shop(world, shops)
    a_price(world, named, "A", 100)
    a_price(world, named, "B", 100)
    order = an_order(world, [a_line("1", "A"), a_line("2", "B")], no="D1", partner=said("dx", n1=640))
    plain = an_order(world, [a_line("1", "A")])
    settle(world)
    assert amounts(world, order) == {"1": 640, "2": 100}
    assert amounts(world, plain) == {"1": None}
    rows = world.rows("select o.owner, p.partner_id, p.reference from orders o join order_partner p on p.order_id = o.id")
    assert sorted(map(tuple, rows)) == [("agent", named, "R-dx"), ("distributor", shops, "")]
    newer(world, "D1", [a_line("1", "A"), a_line("2", "B")], partner=said("dx", n1=650))
    assert amounts(world, order) == {"1": 650, "2": 100}
    assert world.events(order).count("settlement_changed") == 1


def test_an_order_of_a_partner_we_do_not_know_waits_until_there_is_one(world: World) -> None:
    order = an_order(world, partner=said("NEW"))
    settle(world)
    assert world.holds(order) == {"partner_unknown"}
    assert not world.fulfilments(order)
    a_partner(world, "NEW")
    world.run("update orders set ready_at = captured_at")
    settle(world)
    assert world.phase(order) == "at_warehouse"


def test_a_missing_price_holds_only_where_the_partner_asks_for_it(world: World) -> None:
    strict, easy = a_partner(world, "STRICT", needs_price=True), a_partner(world, "EASY")
    held = an_order(world, [a_line("1", "A", 2)], partner=said("STRICT"))
    goes = an_order(world, [a_line("1", "A", 2)], partner=said("EASY"))
    settle(world)
    assert (world.holds(held), world.holds(goes)) == ({"no_settlement_price"}, set())
    assert world.phase(goes) == "at_warehouse"
    assert not [row for row in world.fulfilments(held) if row.status != "planned"]
    a_price(world, strict, "A", 55)
    a_price(world, easy, "A", 44)
    assert (price_missing(world.hub, easy, "user:1"), price_missing(world.hub, easy, "user:1")) == (1, 0)
    world.run("update orders set ready_at = captured_at where id = :id", id=held)
    settle(world)
    assert (world.holds(held), world.phase(held)) == (set(), "at_warehouse")
    assert (amounts(world, held), amounts(world, goes)) == ({"1": 110}, {"1": 88})


def test_what_the_partner_sends_reaches_no_warehouse_and_stays_tracked(world: World) -> None:
    partner = a_partner(world, "OWN", ships="partner")
    of_shop(world, partner)
    a_price(world, partner, "A", 500)
    order = an_order(world, [a_line("1", "A")], no="O1")
    settle(world)
    assert (world.phase(order), world.fulfilments(order), amounts(world, order)) == ("elsewhere", [], {"1": None})
    world.run("update partner set ships = 'us', settles_own = true")
    newer(world, "O1", [a_line("1", "A")], seller_memo="hello")
    assert world.phase(order) == "elsewhere"
    assert amounts(world, order) == {"1": 500}
    assert not world.script.asked("create")
    assert "set_fulfiller" not in world.events(order)


def test_goods_that_the_partner_sends_are_left_to_it_and_the_rest_is_ours(world: World) -> None:
    partner = a_partner(world, "MIX", ships="sku")
    of_shop(world, partner)
    world.run("insert into partner_goods values (:id, :sku, 0)", id=partner, sku=world.skus["B"])
    lines = [a_line("1", "A"), a_line("2", "B")]
    both = an_order(world, lines, no="M1")
    theirs = an_order(world, [a_line("1", "B")], no="M2")
    settle(world)
    assert world.phase(theirs) == "elsewhere"
    assert [row[0] for row in world.rows("select sku_id from demand")] == [world.skus["A"]]
    newer(world, "M1", lines, seller_memo="hello")
    assert "goods_changed" not in world.events(both)
    assert world.phase(both) == "at_warehouse"
    fulfillers = world.rows("select external_no, fulfiller from order_line where order_id = :id order by 1", id=both)
    assert [tuple(row) for row in fulfillers] == [("1", "us"), ("2", "owner")]
    ship_all(world, both)
    settle(world)
    assert world.phase(both) == "shipped"


def test_orders_of_two_partners_never_leave_in_one_parcel(make_world: Callable[..., World]) -> None:
    world = make_world(window=600)
    a_partner(world, "ONE")
    a_partner(world, "TWO")
    buyer = {"external_id": "b", "nick": "b"}
    orders = [an_order(world, [a_line("1", "A")], buyer=buyer, partner=said(code)) for code in ("ONE", "TWO", "ONE")]
    settle(world)
    world.clock.forward(700)
    settle(world)
    joined = [{row[0] for row in world.rows("select fulfilment_id from fulfilment_line where order_id = :id", id=id_)}
              for id_ in orders]  # fmt: skip
    assert joined[0] & joined[2]
    assert not joined[0] & joined[1]


def test_batches_without_partners_ask_nothing_and_those_with_ask_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for module in (partnered, partnering, settling):
        for name in ("fetch", "psycopg_connection"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, counting(asked, f"{module.__name__}.{name}", getattr(module, name)))
    an_order(world)
    settle(world)
    assert asked == []
    partner = a_partner(world)
    of_shop(world, partner)
    a_price(world, partner, "A", 700)
    take(world, *[raw(a_document(f"Q{number}", [a_line("1", "A")])) for number in range(5)])
    asked.clear()
    advance_batch(world.hub)
    assert sorted(asked) == [
        "oms.app.kernel.partnered.psycopg_connection",  # What is kept of the five.
        "oms.app.kernel.partnered.psycopg_connection",  # Their amounts are written.
        "oms.app.pipeline.partners.settling.fetch",
    ]
    assert [row[0] for row in world.rows("select settlement_amount from order_line order by id")] == [None, *[700] * 5]


def counting(asked: list[str], name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with a note of each call."""

    def noted(*args: Any) -> Any:
        asked.append(name)
        return ask(*args)

    return noted


def test_what_we_send_for_a_partner_goes_under_its_name(world: World) -> None:
    a_partner(world, "BRAND", sender_name="牌子客服", sender_phone="4001234567")
    an_order(world, partner=said("BRAND"))
    an_order(world)
    settle(world)
    senders = [(notice.sender_name, notice.sender_phone) for notice in world.script.asked("create")]
    assert sorted(senders) == [("", ""), ("牌子客服", "4001234567")]


def priced(world: World, order: int) -> tuple[int | None, str]:
    basis = "select basis from line_settlement where order_id = :id"
    return amounts(world, order)["1"], world.one(basis, id=order)


def test_what_a_person_has_set_stands_until_the_document_says_another_amount(world: World) -> None:
    a_partner(world, "DX")
    lines = [a_line("1", "A", 2)]
    order = an_order(world, lines, no="D1", partner=said("DX", n1=6000))
    settle(world)
    set_amount(world.hub, order, "1", 5000, "谈好的", "user:1")
    newer(world, "D1", lines, seller_memo="hello", partner=said("DX", n1=6000))
    assert priced(world, order) == (5000, "person")
    newer(world, "D1", lines, 120, state="completed", partner=said("DX", n1=6000))
    assert priced(world, order) == (5000, "person")
    again = an_order(world, lines, no="D2", partner=said("DX", n1=6000))
    settle(world)
    set_amount(world.hub, again, "1", 5000, "谈好的", "user:1")
    newer(world, "D2", lines, 180, partner=said("DX", n1=5500))
    assert priced(world, again) == (5500, "document")
    assert world.events(again).count("settlement_changed") == 2


def test_what_a_person_has_set_where_nothing_was_stated_stands_too(world: World) -> None:
    a_partner(world, "DX")
    lines = [a_line("1", "A", 2)]
    order = an_order(world, lines, no="D1", partner=said("DX"))
    settle(world)
    set_amount(world.hub, order, "1", 5000, "谈好的", "user:1")
    for at in (60, 120):
        newer(world, "D1", lines, at, partner=said("DX", n1=6000), seller_memo=str(at))
        assert priced(world, order) == (5000, "person")
    newer(world, "D1", [a_line("1", "A", 1, 500)], 180, partner=said("DX", n1=6000))
    assert priced(world, order) == (2500, "person")
    newer(world, "D1", [a_line("1", "A", 1, 500)], 240, partner=said("DX", n1=3000))
    assert priced(world, order) == (3000, "document")


def test_an_amount_set_by_hand_is_of_the_partners_currency(world: World) -> None:
    partner = a_partner(world, "DX")
    order = an_order(world, [a_line("1", "A", 2)], no="D1", currency="USD", partner=said("DX", n1=1230))
    settle(world)
    assert amounts(world, order) == {"1": None}
    set_amount(world.hub, order, "1", 8800, "按当天汇率", "user:1")
    newer(world, "D1", [a_line("1", "A", 1, 500)], currency="USD", partner=said("DX", n1=615))
    assert priced(world, order) == (4400, "person")
    ship_all(world, order)
    assert book_all(world.hub) == 1
    assert world.rows("select partner_id, currency, amount from settlement_entry") == [(partner, "CNY", 4400)]
    told = "select detail->>'currency' from event where order_id = :id and kind = 'settlement_changed'"
    assert [row[0] for row in world.rows(told, id=order)] == ["CNY", "CNY"]


def test_a_list_that_comes_after_its_orders_have_closed_still_prices_and_books_them(world: World) -> None:
    partner = a_partner(world, "DX")
    gone, sent, void, old = (f"D{number}" for number in range(4))
    orders = {no: an_order(world, [a_line("1", "A", 2)], no=no, partner=said("DX")) for no in (gone, sent, void, old)}
    settle(world)
    for no in (gone, sent, old):
        ship_all(world, orders[no])
    for no, state in ((gone, "completed"), (sent, "cancelled"), (void, "cancelled"), (old, "completed")):
        newer(world, no, [a_line("1", "A", 2)], state=state, partner=said("DX"))
    assert {world.one("select status from orders where id = :id", id=id_) for id_ in orders.values()} == {
        "completed", "cancelled"}  # fmt: skip
    world.run("update orders set closed_at = closed_at - interval '200 days' where id = :id", id=orders[old])
    world.run("update partner set needs_price = true")
    with world.hub.engine.connect() as connection:
        assert unpriced(connection, partner, world.clock()) == 2
    a_price(world, partner, "A", 44)
    assert price_missing(world.hub, partner, "user:1") == 2
    assert [amounts(world, orders[no])["1"] for no in (gone, sent, void, old)] == [88, 88, None, None]
    with world.hub.engine.connect() as connection:
        assert unpriced(connection, partner, world.clock()) == 0
    assert book_all(world.hub) == 2
    assert not [kind for id_ in orders.values() for kind in world.holds(id_) if kind == "no_settlement_price"]
