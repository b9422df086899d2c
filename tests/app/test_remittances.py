"""What couriers pay over is matched with the parcels they collected on, once, and orders are paid when all is here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import text

from connectors.contract import notices as n
from oms.app.finance.remittances import Paid, accept_line, book_remittance, read_remittance, settle_returned
from oms.app.kernel.queries.remittances import open_lines, owed_parcels, remittances
from oms.domain.errors import Invalid, NotFound, NotPossible
from tests.app.routes import empty
from tests.app.shipping import a_parcel, a_shipment, a_trail, deliver, ship_all, ship_fulfilment, waybills
from tests.factories import World, a_document, a_line, an_order, raw, report, settle, take

DAY = date(2026, 11, 22)


def delivered(world: World, lines: int = 1) -> tuple[int, list[str]]:
    """An order paid on delivery that was signed for, with its waybills."""
    id_ = an_order(world, [a_line(str(n), "AB"[n % 2], 1) for n in range(lines)], is_cod=True)
    settle(world)
    ship_all(world, id_)
    deliver(world, id_)
    return id_, list(waybills(world, id_))


def book(world: World, reference: str, *lines: Paid) -> dict[str, int]:
    booked = book_remittance(world.hub, world.carriers["ZTO"], reference, DAY, lines, "user:1")
    return dict(booked.results)


def cod(world: World, order: int) -> tuple[str, str]:
    row = world.rows("select state, reference from payment where order_id = :id and kind = 'cod'", id=order)[0]
    return row[0], row[1]


def owed(world: World) -> list[str]:
    with world.hub.engine.connect() as connection:
        return [row.waybill_no for row in owed_parcels(connection, [1])]


def waiting(world: World) -> list[tuple[int, str, str]]:
    with world.hub.engine.connect() as connection:
        return [(row.id, row.waybill_no, row.result) for row in open_lines(connection, [1], everywhere=True)]


def test_an_order_is_paid_when_its_money_is_here_and_a_second_payment_is_told(world: World) -> None:
    id_, (waybill,) = delivered(world)
    assert (cod(world, id_)[0], owed(world)) == ("due", [waybill])
    assert book(world, "R1", Paid(waybill, 1000, 20)) == {"matched": 1}
    assert (cod(world, id_), owed(world)) == (("paid", "remittance R1"), [])
    assert "cod_remitted" in world.events(id_)
    with pytest.raises(NotPossible):
        book(world, "R1", Paid(waybill, 1000))
    assert book(world, "R2", Paid(waybill, 1000)) == {"repeated": 1}
    assert [result for _, _, result in waiting(world)] == ["repeated"]


def test_what_does_not_fit_waits_for_people(world: World) -> None:
    id_, (waybill,) = delivered(world)
    prepaid = an_order(world)
    settle(world)
    ship_all(world, prepaid)
    (plain,) = waybills(world, prepaid)
    told = book(world, "R1", Paid(waybill, 900), Paid("NOBODY", 100), Paid(plain, 5))
    assert told == {"differs": 1, "unknown": 1, "not_due": 1}
    assert cod(world, id_)[0] == "due"
    lines = {result: line for line, _, result in waiting(world)}
    accept_line(world.hub, lines["unknown"], "user:1", "另一家店的")
    assert cod(world, id_)[0] == "due"
    accept_line(world.hub, lines["differs"], "user:1", "快递少付，下月补")
    assert (cod(world, id_)[0], owed(world)) == ("paid", [])
    assert [result for _, _, result in waiting(world)] == ["not_due"]
    with pytest.raises(NotFound):
        accept_line(world.hub, lines["differs"], "user:1", "once more")


def test_a_file_is_read_with_headings_in_either_language_and_names_the_row_that_is_wrong() -> None:
    body = b'amount,Waybill,fee\n"1,234.50",ZT1,3\n8,ZT2,\n'
    assert read_remittance(body, "CNY") == [Paid("ZT1", 123450, 300), Paid("ZT2", 800)]
    twice = "运单号\t代收金额\t手续费\r\nZT1\t99.00\t1\r\nZT2\t−3.50\t\r\nZT1\t-9\t\r\n"
    assert read_remittance(twice.encode("utf-16"), "CNY") == [Paid("ZT1", 9000, 100), Paid("ZT2", -350)]
    for words, broken in (
        ("row 2", "运单号,代收金额\n,5\n"), ("row 2", "运单号,代收金额\nZT1,abc\n"),
        ("first row", "no,heading\n1,2\n"), ("no rows", "运单号,代收金额\n"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=words):
            read_remittance(broken.encode(), "CNY")


@pytest.mark.parametrize(("carrier", "reference", "field"), [(4_711, "R", "carrier"), (0, " ", "reference")])
def test_a_payment_of_nobody_or_without_a_number_is_refused(
    world: World, carrier: int, reference: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        book_remittance(world.hub, carrier or world.carriers["ZTO"], reference, DAY, [Paid("W", 1)], "user:1")
    assert refused.value.field == field
    assert world.one("select count(*) from remittance") == 0


def payments(world: World, *orders: int) -> list[str]:
    return [cod(world, id_)[0] for id_ in orders]


def test_orders_that_left_together_are_paid_by_the_parcel_that_collects_for_all(
    make_world: Callable[..., World],
) -> None:
    world = make_world(window=60)
    buyer = {"external_id": "together"}
    orders = [an_order(world, [a_line("1", code, 1)], is_cod=True, buyer=buyer) for code in "AB"]
    settle(world)
    world.clock.forward(90)
    settle(world)
    (work,) = {one.id for order in orders for one in world.fulfilments(order) if one.status != "merged"}
    first, second = a_parcel(("A", 1)), a_parcel(("B", 1))
    report(world, a_shipment(work, first, second))
    assert book(world, "R1", Paid(first.waybill_no, 2000)) == {"matched": 1}
    assert payments(world, *orders) == ["paid", "paid"]


def test_an_order_is_not_paid_while_a_parcel_of_it_has_still_to_leave(world: World) -> None:
    empty(world, 1, "A")
    empty(world, 2, "B")
    id_ = an_order(world, [a_line("1", "A", 1), a_line("2", "B", 1)], is_cod=True)
    settle(world)
    first, second = [one.id for one in world.fulfilments(id_)]
    ship_fulfilment(world, first)
    (waybill,) = waybills(world, id_)
    assert book(world, "R1", Paid(waybill, 1000)) == {"matched": 1}
    assert payments(world, id_) == ["due"]
    ship_fulfilment(world, second)
    (other,) = set(waybills(world, id_)) - {waybill}
    report(world, a_trail(world, other, n.ParcelState.RETURNED))
    assert (settle_returned(world.hub), payments(world, id_)) == (1, ["paid"])
    assert settle_returned(world.hub) == 0


def test_two_fulfilments_under_one_waybill_collect_for_both(world: World) -> None:
    orders = [an_order(world, [a_line("1", code, 1)], is_cod=True, buyer={"external_id": f"own {code}"}) for code in "AB"]
    settle(world)
    for order in orders:
        (work,) = world.fulfilments(order)
        ship_fulfilment(world, work.id, "YTSHARED1")
    assert book(world, "R1", Paid("YTSHARED1", 2000)) == {"matched": 1}
    assert payments(world, *orders) == ["paid", "paid"]


def test_a_correction_waits_for_people(world: World) -> None:
    id_, (waybill,) = delivered(world)
    assert book(world, "R1", Paid(waybill, 1000)) == {"matched": 1}
    assert book(world, "R2", Paid(waybill, -100)) == {"repeated": 1}
    assert ([result for _, _, result in waiting(world)], payments(world, id_)) == (["repeated"], ["paid"])


def test_a_line_that_differs_is_closed_without_paying_once_the_carrier_has_paid_rightly(world: World) -> None:
    id_, (waybill,) = delivered(world)
    for reference in ("R1", "R2"):
        assert book(world, reference, Paid(waybill, 900)) == {"differs": 1}
    first, second = (line for line, _, _ in waiting(world))
    assert book(world, "R3", Paid(waybill, 1000)) == {"matched": 1}
    for line in (first, second):
        accept_line(world.hub, line, "user:1", "paid since")
    assert (waiting(world), cod(world, id_)) == ([], ("paid", "remittance R3"))
    other, (number,) = delivered(world)
    for reference in ("R4", "R5"):
        assert book(world, reference, Paid(number, 900)) == {"differs": 1}
    for line, _, _ in waiting(world):
        accept_line(world.hub, line, "user:1", "taken as it is")
    assert (waiting(world), cod(world, other)) == ([], ("paid", "accepted: taken as it is"))
    assert world.one("select count(*) from event where kind = 'cod_remitted' and order_id = :id", id=other) == 1


@pytest.mark.parametrize("second", ["another statement", "accepting"])
def test_two_people_who_settle_one_parcel_at_once_pay_it_once(world: World, second: str) -> None:
    id_, (waybill,) = delivered(world)
    book(world, "R1", Paid(waybill, 900))
    ((line, _, _),) = waiting(world)
    both = threading.Barrier(2)

    def told(act: Callable[[], object]) -> None:
        both.wait(10)
        act()

    acts: dict[str, Callable[[], object]] = {
        "another statement": lambda: book(world, "R3", Paid(waybill, 1000)),
        "accepting": lambda: accept_line(world.hub, line, "user:1", "taken as it is"),
    }
    with ThreadPoolExecutor(2) as people, hold_back(world):
        asked = [people.submit(told, act) for act in (lambda: book(world, "R2", Paid(waybill, 1000)), acts[second])]
    for one in asked:
        one.result()
    paid = "select count(*) from remittance_line where parcel_id is not null and result in ('matched', 'accepted')"
    assert (world.one(paid), cod(world, id_)[0]) == (1, "paid")
    assert world.one("select count(*) from event where kind = 'cod_remitted' and order_id = :id", id=id_) == 1


@contextmanager
def hold_back(world: World) -> Iterator[None]:
    """Whoever wants to pay an order waits until both are on their way."""
    waiters = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with world.hub.begin() as connection:
        connection.execute(text("select id from orders for update")).all()
        yield
        for _ in range(1000):
            if world.one(waiters) == 2:
                return
            world.one("select pg_sleep(0.01)::text")
        raise AssertionError("nobody waits")


def test_people_of_some_shops_book_accept_and_see_their_own_parcels_alone(world: World) -> None:
    id_, (waybill,) = delivered(world)
    book(world, "R1", Paid(waybill, 900), Paid("NOBODY", 1))
    lines = {result: line for line, _, result in waiting(world)}

    def booked(shop: int, *lines: Paid) -> None:
        book_remittance(world.hub, world.carriers["ZTO"], "R2", DAY, lines, "user:2", shop_ids=[shop])

    for shop, strangers in ((2, (waybill, "NOBODY")), (1, ("NOBODY",))):
        with pytest.raises(
            Invalid, match=f"file: {len(strangers)} lines are of no parcel of your shops: {', '.join(strangers)}$"
        ):
            booked(shop, Paid(waybill, 1000), Paid("NOBODY", 1))
    for shop, line in ((2, lines["differs"]), (2, lines["unknown"]), (1, lines["unknown"])):
        with pytest.raises(NotFound):
            accept_line(world.hub, line, "user:2", "paid 1.00 is fine", [shop])
    with world.hub.engine.connect() as connection:
        seen = {shop: (open_lines(connection, [shop]), remittances(connection, [shop])) for shop in (1, 2)}
    assert seen[2] == ([], [])
    assert [[row.result for row in seen[1][0]], [(row.lines, row.total) for row in seen[1][1]]] == [
        ["differs"],
        [(1, 900)],
    ]
    assert (cod(world, id_)[0], world.one("select count(*) from remittance")) == ("due", 1)
    booked(1, Paid(waybill, 1000))
    accept_line(world.hub, lines["differs"], "user:2", "paid since", [1])
    assert cod(world, id_) == ("paid", "remittance R2")


def told_again(world: World, no: str, at: int, **changes: object) -> None:
    """The platform tells the order once more; to it the money is still due."""
    world.clock.forward(60)
    assert take(world, raw(a_document(no, is_cod=True, at=at, **changes), at)).newer == 1
    settle(world)


def test_what_a_carrier_paid_over_stays_paid_whatever_the_platform_tells_later(world: World) -> None:
    id_, (waybill,) = delivered(world)
    no = world.one("select external_no from orders where id = :id", id=id_)
    lines = [a_line("0", "A", 1)]
    told_again(world, no, 60, lines=lines, seller_memo="before the money came")
    assert cod(world, id_) == ("due", "")
    book(world, "R1", Paid(waybill, 1000))
    row = "select id, state, paid_at, reference from payment where order_id = :id"
    (paid,) = world.rows(row, id=id_)
    told_again(world, no, 120, lines=lines, seller_memo="a memo")
    assert world.rows(row, id=id_) == [paid]
    told_again(world, no, 180, lines=[a_line("0", "A", 1, 900)])
    assert cod(world, id_) == ("paid", "remittance R1")
    told_again(world, no, 240, lines=[*lines, a_line("1", "B", 1, 500)])
    assert cod(world, id_)[0] == "due"


def test_money_of_another_currency_pays_nothing_by_itself(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1)], is_cod=True, currency="JPY")
    settle(world)
    ship_all(world, id_)
    (waybill,) = waybills(world, id_)
    assert book(world, "R1", Paid(waybill, 1000)) == {"differs": 1}
    with world.hub.engine.connect() as connection:
        (line,) = open_lines(connection, [1], everywhere=True)
    assert (line.currency, line.due_currency, cod(world, id_)[0]) == ("CNY", "JPY", "due")
    carrier = world.carriers["ZTO"]
    booked = book_remittance(world.hub, carrier, "R2", DAY, [Paid(waybill, 1000)], "user:1", "JPY")
    assert booked.results == {"matched": 1}
    assert cod(world, id_)[0] == "paid"
    with pytest.raises(Invalid, match="currency"):
        book_remittance(world.hub, carrier, "R3", DAY, [Paid(waybill, 1000)], "user:1", "yen")
