"""Receipts, transfers and adjustments move stock once each, by people and by warehouses that confirm step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract import stocking as s
from connectors.contract.errors import OutcomeUnknown, Refused
from oms.app.pipeline.inbox import apply_report
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.stock import receipts, transfers
from oms.app.stock.adjusting import Change, adjust
from oms.app.stock.arriving import ask_next
from oms.app.stock.confirming import Confirm, Units
from oms.app.stock.handing_over import number_of
from oms.app.stock.receipts import NewReceipt, create_receipt
from oms.app.stock.transfers import NewTransfer, close_transfer, create_transfer
from oms.domain.errors import Invalid, NotPossible, Stale
from tests.app.stocking import on_hand
from tests.factories import START, World, drain
from tests.fakes import PlainWarehouse

SKU = 100


class StockingWarehouse(PlainWarehouse):
    """A warehouse whose system takes receipts and stock-outs, and tells its levels."""

    def create_stock_order(self, notice: s.StockOrderNotice) -> n.Receipt:
        receipt: n.Receipt = self.script.play("create_stock_order", notice, n.Receipt("W-1"))
        return receipt

    def find_stock_order(self, ref: s.StockOrderRef) -> s.StockOrderFound | None:
        found: s.StockOrderFound | None = self.script.play("find_stock_order", ref, None)
        return found

    def cancel_stock_order(self, ref: s.StockOrderRef) -> n.Receipt:
        receipt: n.Receipt = self.script.play("cancel_stock_order", ref, n.Receipt())
        return receipt

    def pull_stock(self, sku_codes: Sequence[str], warehouse_code: str = "", owner_code: str = "") -> s.StockReport:
        report: s.StockReport = self.script.play("pull_stock", tuple(sku_codes), None)
        return report


@pytest.fixture
def room(world: World) -> World:
    """Point 1 has a warehouse system, point 2 has none."""
    world.hub.vendors["plainwms"] = type("Stocking", (StockingWarehouse,), {"script": world.script})
    world.run("update stock_point set account_id = null where id = 2")
    world.clock.forward(3600)
    return world


def a_confirm(world: World, units: int, key: str, *, final: bool = False, kind: str = "good") -> Confirm:
    return Confirm(key, world.clock(), final, (Units(SKU, kind, units),), "青禾")


def line_of(world: World, receipt_id: int) -> Any:
    columns = "expected, received_good, received_defective, result"
    return tuple(world.rows(f"select {columns} from goods_receipt_line where goods_receipt_id = :id", id=receipt_id)[0])


def status(world: World, table: str, id_: int) -> str:
    return str(world.one(f"select status from {table} where id = :id", id=id_))


def test_goods_are_received_in_parts_short_and_faulty_and_each_part_once(room: World) -> None:
    receipt = create_receipt(room.hub, NewReceipt("WH2", {"A": 10}, "PO-1"), "青禾").id
    for key, units, kind in (("k1", 6, "good"), ("k1", 6, "good"), ("k2", 1, "defective")):
        receipts.receive(room.hub, receipt, a_confirm(room, units, key, kind=kind))
    assert line_of(room, receipt) == (10, 6, 1, "open")
    receipts.receive(room.hub, receipt, Confirm("k3", room.clock(), True, ()))
    assert (line_of(room, receipt), status(room, "goods_receipt", receipt)) == ((10, 6, 1, "short"), "received")
    assert (on_hand(room, point=2), on_hand(room, kind="defective", point=2)) == (106, 1)
    line_id = room.one("select id from goods_receipt_line")
    receipts.close_receipt(room.hub, receipt, {line_id: "supplier_short"}, "青禾")
    assert status(room, "goods_receipt", receipt) == "closed"
    with pytest.raises(NotPossible):
        receipts.receive(room.hub, receipt, a_confirm(room, 1, "k4"))


def a_report(world: World, order: int, direction: str, key: str, units: int, **changes: Any) -> s.StockOrderReport:
    given: dict[str, Any] = {"number": number_of(order, direction), "direction": direction, "key": key, "final": False,
             "state": s.StockOrderState.PART_DONE, "at": world.clock(),
             "lines": (s.StockMoved("1", "A", "good", units),)}  # fmt: skip
    return s.StockOrderReport(**given | changes)


def arrive(world: World, report: s.StockOrderReport) -> None:
    with world.hub.begin() as connection:
        apply_report(world.hub, connection, 2, report)


def test_a_warehouse_confirms_step_by_step_and_corrects_after_its_last_word(room: World) -> None:
    receipt = create_receipt(room.hub, NewReceipt("WH1", {"A": 10}, "PO-1"), "青禾").id
    drain(send_batch, room)
    (notice,) = room.script.asked("create_stock_order")
    assert (notice.kind, notice.related_no, [line.units for line in notice.lines]) == ("purchase", "PO-1", [10])
    order = room.one("select id from warehouse_order")
    last = a_report(room, order, "in", "m2", 5, final=True, state=s.StockOrderState.DONE)
    for report in (a_report(room, order, "in", "m1", 4), last, last, a_report(room, order, "in", "m3", 1)):
        arrive(room, report)
    assert (line_of(room, receipt), on_hand(room)) == ((10, 10, 0, "equal"), 110)
    assert (status(room, "goods_receipt", receipt), status(room, "warehouse_order", order)) == ("received", "done")


def test_a_large_document_is_whole_when_all_its_lines_have_come(room: World) -> None:
    receipt = create_receipt(room.hub, NewReceipt("WH1", {"A": 1, "B": 1}), "青禾").id
    order = room.one("select id from warehouse_order")
    arrive(room, a_report(room, order, "in", "m1", 1, final=True, line_count=2))
    assert status(room, "goods_receipt", receipt) == "part_received"
    second = (s.StockMoved("2", "B", "good", 1),)
    arrive(room, a_report(room, order, "in", "m2", 1, final=True, line_count=2, lines=second))
    assert status(room, "goods_receipt", receipt) == "received"


def test_a_lost_answer_is_looked_up_and_a_refusal_waits_for_people(room: World) -> None:
    create_receipt(room.hub, NewReceipt("WH1", {"A": 1}), "青禾")
    create_receipt(room.hub, NewReceipt("WH1", {"B": 1}), "青禾")
    room.script.next("create_stock_order", OutcomeUnknown("lost"), Refused("货主未开通"))
    room.script.next("find_stock_order", s.StockOrderFound("x", s.StockOrderState.ACCEPTED, "W-9"))
    drain(send_batch, room)
    room.clock.forward(60)
    drain(send_batch, room)
    assert len(room.script.asked("create_stock_order")) == 2
    assert sorted(room.rows("select status, reference from warehouse_order")) == [("refused", ""), ("sent", "W-9")]
    assert room.one("select count(*) from alert where kind = 'stock_order_refused'") == 1


def test_a_receipt_called_off_before_its_warehouse_heard_of_it_is_never_sent(room: World) -> None:
    receipt = create_receipt(room.hub, NewReceipt("WH1", {"A": 1}), "青禾").id
    receipts.cancel_receipt(room.hub, receipt, "青禾")
    other = create_receipt(room.hub, NewReceipt("WH1", {"A": 1}), "青禾").id
    drain(send_batch, room)
    receipts.cancel_receipt(room.hub, other, "青禾")
    drain(send_batch, room)
    assert (len(room.script.asked("create_stock_order")), len(room.script.asked("cancel_stock_order"))) == (1, 1)
    assert [row[0] for row in room.rows("select status from warehouse_order")] == ["cancelled"] * 2


def test_a_transfer_is_on_its_way_until_it_arrives_and_the_rest_is_lost(room: World) -> None:
    transfer = create_transfer(room.hub, NewTransfer("WH2", "WH1", {"A": 8}), "青禾").id
    with pytest.raises(NotPossible):
        transfers.send(room.hub, transfer, replace(a_confirm(room, 101, "s0"), takes_more=True))
    transfers.send(room.hub, transfer, a_confirm(room, 8, "s1", final=True))
    assert (on_hand(room, point=2), on_hand(room, kind="in_transit"), on_hand(room)) == (92, 8, 100)
    drain(send_batch, room)
    order = room.one("select id from warehouse_order where direction = 'in'")
    arrive(room, a_report(room, order, "in", "m1", 5))
    assert (on_hand(room, kind="in_transit"), on_hand(room)) == (3, 105)
    with pytest.raises(Invalid):
        arrive(room, a_report(room, order, "in", "m2", 1, lines=(s.StockMoved("1", "B", "good", 1),)))
    arrive(room, a_report(room, order, "in", "m3", 1, final=True, state=s.StockOrderState.DONE))
    with pytest.raises(Invalid):
        close_transfer(room.hub, transfer, "", "青禾")
    close_transfer(room.hub, transfer, "lost", "青禾")
    assert (on_hand(room, kind="in_transit"), on_hand(room), status(room, "transfer", transfer)) == (0, 106, "closed")
    assert room.one("select lost from transfer_plan") == 2


def test_a_sending_warehouse_corrects_after_its_last_word_and_the_other_end_is_told_once(room: World) -> None:
    room.run("update stock_point set account_id = 2 where id = 2")
    transfer = create_transfer(room.hub, NewTransfer("WH2", "WH1", {"A": 10}), "青禾").id
    drain(send_batch, room)
    out = room.one("select id from warehouse_order")
    for key, units in (("m1", 7), ("m2", 3), ("m2", 3), ("m3", -1)):
        arrive(room, a_report(room, out, "out", key, units, final=True, state=s.StockOrderState.DONE))
    drain(send_batch, room)
    assert (on_hand(room, point=2), on_hand(room, kind="in_transit")) == (91, 9)
    told = [(notice.direction, notice.lines[0].units) for notice in room.script.asked("create_stock_order")]
    assert told == [("out", 10), ("in", 10)]
    (order,) = room.rows("select id, document_id from warehouse_order where direction = 'in'")
    assert order.document_id == transfer
    arrive(room, a_report(room, order.id, "in", "m4", 9, final=True, state=s.StockOrderState.DONE))
    assert (on_hand(room, kind="in_transit"), on_hand(room)) == (0, 109)


def test_a_sending_warehouse_corrects_after_the_other_end_has_received(room: World) -> None:
    room.run("update stock_point set account_id = 2 where id = 2")
    transfer = create_transfer(room.hub, NewTransfer("WH2", "WH1", {"A": 10}), "青禾").id
    drain(send_batch, room)
    out = room.one("select id from warehouse_order")
    arrive(room, a_report(room, out, "out", "m1", 8, final=True, state=s.StockOrderState.DONE))
    drain(send_batch, room)
    order = room.one("select id from warehouse_order where direction = 'in'")
    arrive(room, a_report(room, order, "in", "m2", 9, final=True, state=s.StockOrderState.DONE))
    assert (on_hand(room, point=2), on_hand(room, kind="in_transit"), on_hand(room)) == (92, 0, 109)
    arrive(room, a_report(room, out, "out", "m3", 2, final=True, state=s.StockOrderState.DONE))
    assert (on_hand(room, point=2), on_hand(room, kind="in_transit"), on_hand(room)) == (90, 1, 109)
    arrive(room, a_report(room, out, "out", "m4", -1, final=True, state=s.StockOrderState.DONE))
    assert (on_hand(room, point=2), on_hand(room, kind="in_transit"), on_hand(room)) == (91, 0, 109)
    close_transfer(room.hub, transfer, "", "青禾")


def test_two_people_cannot_book_the_same_goods(room: World) -> None:
    transfer = create_transfer(room.hub, NewTransfer("WH2", "WH1", {"A": 7}), "青禾").id
    receipt = create_receipt(room.hub, NewReceipt("WH2", {"A": 30}), "青禾").id
    for book, id_, units in (
        (transfers.send, transfer, 7),
        (transfers.receive, transfer, 7),
        (receipts.receive, receipt, 30),
    ):
        book(room.hub, id_, a_confirm(room, units, f"mine {units}{book.__name__}", final=True))
        booked = on_hand(room), on_hand(room, point=2)
        assert not book(room.hub, id_, a_confirm(room, units, f"mine {units}{book.__name__}", final=True))
        with pytest.raises(Invalid):
            book(room.hub, id_, a_confirm(room, units, "theirs", final=True))
        assert (on_hand(room), on_hand(room, point=2)) == booked
    with pytest.raises(Stale):
        receipts.receive(room.hub, receipt, replace(a_confirm(room, 1, "late"), seen=0, takes_more=True))
    assert receipts.receive(room.hub, receipt, replace(a_confirm(room, 2, "more"), seen=1, takes_more=True))
    assert (on_hand(room), on_hand(room, point=2)) == (107, 125)


def test_an_adjustment_moves_between_kinds_and_never_takes_more_than_lies_there(room: World) -> None:
    adjust(room.hub, "WH1", [Change("A", -3), Change("A", 3, "defective")], "damaged", "受潮", "青禾")
    assert (on_hand(room), on_hand(room, kind="defective")) == (97, 3)
    with pytest.raises(NotPossible):
        adjust(room.hub, "WH1", [Change("A", -98)], "loss", "", "青禾")
    assert room.one("select actor from stock_adjustment") == "青禾"


def test_a_warehouse_is_asked_by_schedule_about_what_lies_there(room: World) -> None:
    room.run("update stock_point set query_every_s = 600 where id = 1")
    asked_at = START + timedelta(minutes=59)
    levels = (("A", "good", 90), ("A", "defective", 2), ("B", "in_transit", 4))
    room.script.next("pull_stock", s.StockReport("WH1", "q1", asked_at, levels))
    assert ask_next(room.hub) == 1
    assert room.script.asked("pull_stock") == [("A", "B", "C", "D", "E")]
    assert (on_hand(room), on_hand(room, kind="defective")) == (90, 2)
    assert ask_next(room.hub) == 0, "the next round is due in ten minutes"
    lines = room.rows("select sku_code, kind, state, difference_class from stock_report_line order by id")
    assert [tuple(line) for line in lines] == [
        ("A", "good", "booked", "compared"),
        ("A", "defective", "booked", "first"),
        ("B", "in_transit", "told", "compared"),
    ]
