"""Parcels that are refused or come back open one return receipt each, and people receive what is in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.contract import notices as n
from oms.app.kernel.queries.remittances import owed_parcels
from oms.app.pipeline.tracking.coming_back import Received, lose_back, receipts_of, receive_back
from oms.domain.errors import Invalid, NotFound, WrongState
from tests.app.shipping import ship_all, waybills
from tests.factories import World, a_line, an_order, report, settle

S = n.ParcelState


def shipped(world: World) -> tuple[int, str]:
    """An order of two SKUs that has left, and its waybill."""
    id_ = an_order(world, [a_line("1", "A", 2), a_line("2", "B", 1)])
    settle(world)
    ship_all(world, id_)
    (waybill,) = waybills(world, id_)
    return id_, waybill


def scan(world: World, waybill: str, *states: n.ParcelState) -> None:
    for state in states:
        world.clock.forward(3600)
        event = n.TrackEvent(world.clock() - timedelta(minutes=1), state, state.value, state.value)
        report(world, n.TrackReport("ZTO", waybill, state, (event,)))


def receipts(world: World, *, is_open: bool = True) -> list[tuple[str, list[tuple[str, int, int, int, str]]]]:
    with world.hub.engine.connect() as connection:
        found = receipts_of(connection, list(world.points), is_open=is_open)
    return [(one["status"], [(line[1], *line[3:]) for line in one["lines"]]) for one in found]


def the_receipt(world: World) -> tuple[int, dict[str, int]]:
    with world.hub.engine.connect() as connection:
        (found,) = receipts_of(connection, list(world.points), is_open=True)
    return found["id"], {line[1]: line[0] for line in found["lines"]}


def on_hand(world: World, code: str, kind: str = "good") -> int:
    return int(world.one("select coalesce(sum(on_hand), 0) from stock_level where sku_id = :id and kind = :kind",
                         id=world.skus[code], kind=kind))  # fmt: skip


def test_a_refused_parcel_is_expected_once_and_arrives(world: World) -> None:
    id_, waybill = shipped(world)
    scan(world, waybill, S.REFUSED, S.RETURNING)
    assert receipts(world) == [("expected", [("A", 2, 0, 0, "open"), ("B", 1, 0, 0, "open")])]
    scan(world, waybill, S.RETURNED)
    assert receipts(world)[0][0] == "arrived"
    assert [kind for kind in world.events(id_) if kind.startswith("return_")] == ["return_expected", "return_arrived"]


def test_what_came_back_is_in_stock_by_what_may_be_done_with_it(world: World) -> None:
    id_, waybill = shipped(world)
    before = on_hand(world, "A"), on_hand(world, "B")
    scan(world, waybill, S.RETURNING)
    receipt, lines = the_receipt(world)
    receive_back(world.hub, receipt, {lines["A"]: Received(1, 1)}, "user:1")
    assert (on_hand(world, "A"), on_hand(world, "B")) == (before[0] + 1, before[1] + 1)
    assert on_hand(world, "A", "defective") == 1
    assert receipts(world, is_open=False) == [("put_away", [("A", 2, 1, 1, "damaged"), ("B", 1, 1, 0, "equal")])]
    assert world.events(id_)[-1] == "return_put_away"
    assert (world.one("select state from parcel"), world.rows("select 1 from parcel_look")) == ("returned", [])
    with pytest.raises(WrongState):
        receive_back(world.hub, receipt, {}, "user:2")
    assert on_hand(world, "B") == before[1] + 1


def test_more_or_less_than_was_sent_is_told_by_line(world: World) -> None:
    _, waybill = shipped(world)
    scan(world, waybill, S.RETURNING)
    receipt, lines = the_receipt(world)
    receive_back(world.hub, receipt, {lines["A"]: Received(1), lines["B"]: Received(2)}, "user:1")
    assert [line[-1] for line in receipts(world, is_open=False)[0][1]] == ["short", "over"]


def test_what_is_delivered_after_all_is_expected_no_more(world: World) -> None:
    _, waybill = shipped(world)
    scan(world, waybill, S.RETURNING, S.DELIVERED)
    assert receipts(world) == []
    assert receipts(world, is_open=False)[0][0] == "withdrawn"


def test_what_never_comes_back_is_given_up(world: World) -> None:
    id_, waybill = shipped(world)
    scan(world, waybill, S.RETURNING)
    receipt, _ = the_receipt(world)
    lose_back(world.hub, receipt, "user:1")
    assert (receipts(world), world.events(id_)[-1]) == ([], "return_lost")
    assert (world.one("select state from parcel"), world.rows("select 1 from parcel_look")) == ("lost", [])


@pytest.mark.parametrize(("line", "came"), [(4_711, Received(1)), (0, Received(-1)), (0, Received(2_000_000))])
def test_nonsense_is_refused_and_nothing_is_booked(world: World, line: int, came: Received) -> None:
    _, waybill = shipped(world)
    scan(world, waybill, S.RETURNING)
    receipt, lines = the_receipt(world)
    before = on_hand(world, "A")
    with pytest.raises(Invalid):
        receive_back(world.hub, receipt, {line or lines["A"]: came}, "user:1")
    with pytest.raises(NotFound):
        receive_back(world.hub, 4_711, {}, "user:1")
    assert (on_hand(world, "A"), receipts(world)[0][0]) == (before, "expected")


def test_what_was_refused_and_delivered_at_the_second_try_is_expected_no_more_and_its_money_is_asked_for(
    world: World,
) -> None:
    id_, waybill = shipped(world)
    world.run("update parcel set collect_amount = 4900")
    scan(world, waybill, S.REFUSED, S.OUT_FOR_DELIVERY)
    assert world.one("select state from parcel") == "out_for_delivery"
    scan(world, waybill, S.DELIVERED)
    assert (world.one("select state from parcel"), receipts(world)) == ("delivered", [])
    assert world.phase(id_) == "delivered"
    with world.hub.engine.connect() as connection:
        assert [row.collect_amount for row in owed_parcels(connection, [1])] == [4900]


def test_what_is_delivered_and_comes_back_all_the_same_is_expected_again(world: World) -> None:
    id_, waybill = shipped(world)
    scan(world, waybill, S.REFUSED, S.DELIVERED, S.RETURNED)
    assert receipts(world) == [("arrived", [("A", 2, 0, 0, "open"), ("B", 1, 0, 0, "open")])]
    assert world.one("select closed_at from return_receipt") is None
    told = [kind for kind in world.events(id_) if kind.startswith("return_")]
    assert told == ["return_expected", "return_withdrawn", "return_expected", "return_arrived"]


@pytest.mark.parametrize("before", [S.AT_PICKUP_POINT, S.DELIVERED])
def test_what_comes_back_from_a_locker_without_a_word_on_its_way_has_its_receipt(
    world: World, before: n.ParcelState
) -> None:
    _, waybill = shipped(world)
    scan(world, waybill, before, S.RETURNED)
    assert [status for status, _ in receipts(world)] == ["arrived"]


def test_what_is_lost_from_a_locker_is_lost(world: World) -> None:
    _, waybill = shipped(world)
    scan(world, waybill, S.AT_PICKUP_POINT, S.LOST)
    assert world.one("select state from parcel") == "lost"


def test_what_is_expected_no_more_is_not_received(world: World) -> None:
    _, waybill = shipped(world)
    scan(world, waybill, S.RETURNING)
    receipt, _ = the_receipt(world)
    scan(world, waybill, S.DELIVERED)
    with pytest.raises(WrongState):
        receive_back(world.hub, receipt, {}, "user:1")
