"""What was mended of stock, refusals, couriers' money and stops: each of these went wrong once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import notices as n
from oms.app.finance import remittances
from oms.app.finance.remittances import Paid, settle_returned
from oms.app.intercept import emergency
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.load import fill, lock_orders
from oms.app.kernel.phases_anew import derive_held
from oms.app.kernel.queries import stock_papers as kept
from oms.app.kernel.queries.packing import open_work
from oms.app.pipeline import refusals
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing import waves
from oms.app.pipeline.variants.ground import Question, ids_of
from oms.app.stock.adjusting import Change, adjust
from oms.app.stock.deciding import book_differences, refuse_differences
from oms.app.stock.receipts import NewReceipt, create_receipt
from oms.app.stock.transfers import NewTransfer, create_transfer
from tests.app.labels import own_labels, states
from tests.app.routes import EAST, empty
from tests.app.shipping import a_trail, ship_fulfilment, waybills
from tests.app.test_concurrency import wait_until
from tests.app.test_packing import by_hand, sent, teller
from tests.app.test_remittances import book, payments
from tests.factories import START, World, a_line, advance, an_order, receive_stock, report, settle

__all__ = ["by_hand"]
LINES = "select state, told, expected, difference from stock_report_line order by id"
ON_HAND = "select on_hand from stock_level where stock_point_id = 1 and sku_id = 100"


@pytest.mark.parametrize(("limit", "left", "there", "lines"), [
    (5, 0, 99, [("waiting", 0, 99, -99)]),
    (5, 95, 95, []),
    (5, 94, 99, [("waiting", 94, 99, -5)]),
    (None, 0, 0, []),
    (0, None, 99, []),
])  # fmt: skip
def test_an_empty_shelf_beyond_the_limit_waits_for_people(
    by_hand: World, limit: int | None, left: int | None, there: int, lines: list[Any]
) -> None:
    by_hand.run("update stock_point set difference_limit = :n", n=limit)
    _, work = sent(by_hand)
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"), left=left)
    assert (by_hand.one(ON_HAND), [tuple(row) for row in by_hand.rows(LINES)]) == (there, lines)


def test_of_two_who_say_that_a_shelf_is_empty_nothing_is_taken_off_twice(by_hand: World) -> None:
    by_hand.run("update stock_point set difference_limit = 5")
    first, second = sent(by_hand, no="T1")[1], sent(by_hand, no="T2")[1]
    for work in (first, second):
        by_hand.clock.forward(60)
        packing.report_short(by_hand.hub, work, {"A": 1}, teller(f"k{work}"), left=0)
    ids = [row.id for row in by_hand.rows("select id from stock_report_line order by id")]
    assert book_differences(by_hand.hub, ids, "loss", "", "user:1") == (1, 1)
    assert by_hand.rows("select on_hand, owed from stock_level where stock_point_id = 1 and sku_id = 100") == [(0, 0)]


def test_a_proposed_correction_that_is_refused_changes_nothing(by_hand: World) -> None:
    by_hand.run("update stock_point set difference_limit = 5")
    packing.report_short(by_hand.hub, sent(by_hand)[1], {"A": 1}, teller("k"), left=0)
    assert refuse_differences(by_hand.hub, [by_hand.one("select id from stock_report_line")], "counted", "user:1") == 1
    assert by_hand.one(ON_HAND) == 99


def test_orders_that_wait_for_a_courier_never_keep_those_back_that_are_settled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remittances, "MOST_SETTLED", 1)
    world.run("""insert into stock_point (id, code, name, account_id, warehouse_code, owner_code)
                 values (3, 'WH3', 'south', 2, 'WH3', 'OWNER')""")
    world.run("insert into pool_member (pool_id, stock_point_id, rank) values (1, 3, 3)")
    with world.hub.begin() as connection:
        receive_stock(connection, 3, world.skus["C"], 5)
    for point, code in ((2, "A"), (1, "B"), (1, "C"), (2, "C")):
        empty(world, point, code)
    waits = an_order(world, [a_line("1", "A"), a_line("2", "B"), a_line("3", "C")], is_cod=True)
    ready = an_order(world, [a_line("1", "A"), a_line("2", "B")], is_cod=True)
    settle(world)
    for id_ in (waits, ready):  # The first parcel is paid for, the second comes back, a third is under way.
        for work in world.fulfilments(id_):
            ship_fulfilment(world, work.id)
        paid, back = waybills(world, id_)[:2]
        report(world, a_trail(world, back, n.ParcelState.RETURNED))
        due = world.one("select collect_amount from parcel where waybill_no = :no", no=paid)
        assert book(world, f"R{id_}", Paid(paid, due)) == {"matched": 1}
    world.run("update payment set state = 'due', paid_at = null where kind = 'cod'")
    assert settle_returned(world.hub) == 1
    assert payments(world, waits, ready) == ["due", "paid"]


def test_a_new_refusal_does_not_count_those_that_are_over(by_hand: World) -> None:
    by_hand.run("update stock_point set handling_amount = 0 where id = 1")
    order, work = sent(by_hand)
    packing.refuse(by_hand.hub, work, "no room", teller("1"))
    settle(by_hand)
    by_hand.clock.forward(60)
    with by_hand.hub.begin() as connection:
        receive_stock(connection, EAST, by_hand.skus["A"], 5, by_hand.clock.now)
    west = by_hand.fulfilments(order)[-1]
    assert west.stock_point_id != EAST
    by_hand.clock.forward(60)
    packing.refuse(by_hand.hub, west.id, "no room", teller("2"))
    settle(by_hand)
    assert (by_hand.holds(order), by_hand.fulfilments(order)[-1].stock_point_id) == (set(), EAST)


def test_who_vouches_for_an_order_reads_what_refused_it_first(by_hand: World) -> None:
    order, work = sent(by_hand)
    packing.refuse(by_hand.hub, work, "no room", teller("1"))
    with by_hand.hub.begin() as connection:
        batch = Batch(by_hand.hub, connection, by_hand.hub.masters.get(connection, by_hand.clock()), by_hand.clock())
        fill(batch, lock_orders(connection, [order]))
        one = batch.orders[order]
        with refusals.vouched_for(batch, one):
            assert refusals.refused_by(batch, one) == frozenset()
        assert refusals.refused_by(batch, one) == {EAST}


def test_a_fulfilment_that_waits_for_its_number_is_not_shown_beside_a_stop(by_hand: World) -> None:
    own_labels(by_hand)
    order = an_order(by_hand)
    advance(by_hand)
    stop = emergency.place(by_hand.hub, "stock_point", EAST, "flood", "user:1")
    assert send_batch(by_hand.hub) == 1
    advance(by_hand)
    (work,) = by_hand.fulfilments(order)
    assert (work.status, by_hand.holds(order), states(by_hand)) == ("planned", {"emergency_stop"}, ["got"])
    with by_hand.hub.engine.connect() as connection:
        assert open_work(connection, [EAST]) == []
    emergency.end(by_hand.hub, stop, "user:1")
    settle(by_hand)
    assert (by_hand.fulfilments(order)[0].status, states(by_hand)) == ("sent", ["got"])
    assert len(by_hand.script.asked("request_waybill")) == 1


def between(world: World, act: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, place: str) -> list[str]:
    """What happens in which order when a stop is placed after an act has looked whether there is one."""
    told: list[str] = []
    before = getattr(waves, place)

    def put() -> None:
        emergency.place(world.hub, "all", 0, "flood", "user:1")
        told.append("placed")

    placing = threading.Thread(target=put)

    def looked(*given: Any) -> Any:
        answer = before(*given)
        placing.start()
        wait_until(world, "select count(*) from pg_locks where locktype = 'advisory' and not granted")
        told.append("done")
        return answer

    monkeypatch.setattr(waves, place, looked)
    act()
    placing.join(timeout=30)
    return told


@pytest.mark.parametrize("act", ["wave", "check"])
def test_a_stop_waits_for_what_packers_do_at_this_moment(
    by_hand: World, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    _, work = sent(by_hand)
    acts = {
        "wave": lambda: waves.make_wave(by_hand.hub, EAST, "user:7", (EAST,), [work]),
        "check": lambda: waves.check_unit(by_hand.hub, work, "A", "user:7", (EAST,)),
    }
    assert between(by_hand, acts[act], monkeypatch, "stop_keeping_until_then") == ["done", "placed"]


def test_a_hold_that_went_because_its_order_closed_lets_nothing_through(by_hand: World) -> None:
    stop = emergency.place(by_hand.hub, "all", 0, "flood", "user:1")
    order = an_order(by_hand)
    settle(by_hand)
    assert by_hand.holds(order) == {"emergency_stop"}
    with by_hand.hub.begin() as connection:
        batch = Batch(by_hand.hub, connection, by_hand.hub.masters.get(connection, by_hand.clock()), by_hand.clock())
        fill(batch, lock_orders(connection, [order]))
        batch.clear_hold(batch.orders[order], "emergency_stop", "closed")
        batch.orders[order].ready_at = by_hand.clock()
        batch.touched.add(order)
        flush(batch)
    settle(by_hand)
    assert (by_hand.holds(order), by_hand.fulfilments(order)[0].status) == ({"emergency_stop"}, "planned")
    emergency.end(by_hand.hub, stop, "user:1")
    settle(by_hand)
    assert by_hand.fulfilments(order)[0].status == "sent"


def test_orders_of_services_that_were_kept_as_held_are_derived_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oms.app.kernel.phases_anew.LIMIT", 2)
    services = [an_order(world, [a_line("1", "A", kind="service")]) for _ in range(3)]
    held = an_order(world, no="HELD")
    advance(world)
    world.run("""insert into hold (order_id, kind, blocks, clears, placed_at, seen)
                 values (:id, 'manual', 15, 'person', now(), '{}')""", id=held)  # fmt: skip
    world.run("update orders set phase = 'held'")
    assert [derive_held(world.hub) for _ in range(3)] == [2, 1, 0]
    assert [world.phase(id_) for id_ in (*services, held)] == ["nothing"] * 3 + ["held"]


TIMES = {"goods_receipt": "created_at", "transfer": "created_at", "stock_adjustment": "at", "orders": "ordered_at"}


def test_documents_stand_in_the_order_of_time_whoever_took_their_ids(world: World) -> None:
    made: dict[str, list[int]] = {table: [] for table in TIMES}
    for code in "ABC":
        made["goods_receipt"].append(create_receipt(world.hub, NewReceipt("WH1", {code: 5}), "ann").id)
        made["transfer"].append(create_transfer(world.hub, NewTransfer("WH1", "WH2", {code: 5}), "ann").id)
        made["stock_adjustment"].append(adjust(world.hub, "WH1", [Change(code, -1)], "loss", "", "ann").id)
        made["orders"].append(an_order(world, [a_line("1", code)]))
    advance(world)
    world.run("update fulfilment set status = 'planned', sent_at = null")
    for table, at in TIMES.items():  # The first ids came last, and the others at one moment.
        world.run(f"update {table} set {at} = '2026-11-20' where id <> :first", first=made[table][0])
    order = {table: [ids[0], ids[2], ids[1]] for table, ids in made.items()}
    with world.hub.engine.connect() as connection:
        for table, listed in (("goods_receipt", kept.list_receipts), ("transfer", kept.list_transfers),
                              ("stock_adjustment", kept.list_adjustments)):  # fmt: skip
            assert [row.id for row in listed(connection)] == order[table]
            assert [row.id for row in listed(connection, before=order[table][0])] == order[table][1:]
        assert kept.papers_of(connection, "transfer", 10**12) is None
        shown = kept.papers_of(connection, "goods_receipt", order["goods_receipt"][1])
        assert shown is not None
        assert shown["head"].id == order["goods_receipt"][1]
        asked = Question((1,))
        assert ids_of(connection, asked) == order["orders"][::-1]
        past = Question((1,), START - timedelta(days=30), START + timedelta(days=30))
        assert ids_of(connection, past) == order["orders"][::-1]
