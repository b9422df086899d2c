"""The ledger of stops: asked, received, expired as work and not as an end, looked up, and called back after hand-over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from oms.app.intercept import calling_back
from oms.app.intercept.expiring import expire_due, look_again, take_over
from oms.app.kernel.queries.stop_rates import StopFilters, open_stops
from oms.domain.errors import HubError, Invalid, NotPossible
from tests.app.shipping import a_trail, progress, ship_fulfilment, waybills
from tests.factories import World, a_document, a_line, an_order, raw, report, settle, take
from tests.fakes import PlainWarehouse


class PausingWarehouse(PlainWarehouse):
    """A warehouse that can pause work, and ask its couriers for parcels."""

    def hold(self, ref: n.FulfilmentRef, on: bool) -> n.Receipt:
        return self.script.play("hold", (ref.number, on), n.Receipt())  # type: ignore[no-any-return]

    def call_back(self, ref: n.FulfilmentRef, waybill_no: str) -> n.Receipt:
        return self.script.play("call_back", waybill_no, n.Receipt())  # type: ignore[no-any-return]


@pytest.fixture
def pausing(make_world: Callable[..., World]) -> World:
    """Its warehouse pauses work before it gives anything back."""
    world = make_world()
    world.hub.vendors["plainwms"] = type("Pausing", (PausingWarehouse,), {"script": world.script})
    world.run("""update account set settings = '{"pending_first": "yes"}' where id = 2""")
    return world


def asked(world: World, *outcomes: Any, of: str = "cancel", no: str = "T") -> tuple[int, int]:
    """An order at its warehouse of which the buyer asks the money back: (order, fulfilment)."""
    id_ = an_order(world, no=no)
    settle(world)
    world.script.next(of, *outcomes)
    world.clock.forward(1)
    take(world, raw(a_document(no, [a_line(refund="asked", case_no="C1")], at=1), 1))
    settle(world)
    return id_, world.fulfilments(id_)[-1].id


def ledger(world: World) -> list[tuple[str, str]]:
    return [tuple(row) for row in world.rows("select asked_of, state from interception order by id")]


def calls(world: World) -> list[Any]:
    return [name if name != "hold" else (name, asked[1]) for name, asked in world.script.calls
            if name in ("hold", "cancel", "call_back")]  # fmt: skip


def test_work_is_paused_before_it_is_called_back_and_the_ledger_says_who_heard(pausing: World) -> None:
    order, _ = asked(pausing)
    assert (calls(pausing), ledger(pausing)) == ([("hold", True), "cancel"], [("warehouse", "succeeded")])
    assert "interception_received" in pausing.events(order)


def test_what_is_not_given_back_goes_on(pausing: World) -> None:
    _, work = asked(pausing, Refused("packed"))
    assert (calls(pausing), ledger(pausing)) == ([("hold", True), "cancel", ("hold", False)], [("warehouse", "failed")])
    assert pausing.one("select stop from fulfilment where id = :id", id=work) == "too_late"


def test_one_that_cannot_pause_is_asked_all_the_same(pausing: World) -> None:
    asked(pausing, Refused("no such method"), of="hold")
    assert (calls(pausing), ledger(pausing)) == ([("hold", True), "cancel"], [("warehouse", "succeeded")])


def test_a_warehouse_that_does_not_pause_first_is_asked_at_once(world: World) -> None:
    asked(world)
    assert calls(world) == ["cancel"]


def test_an_answer_that_never_comes_is_work_for_somebody_and_never_an_end(world: World) -> None:
    order, _ = asked(world, *[OutcomeUnknown("no answer")] * 100)
    world.clock.forward(29 * 60)
    assert expire_due(world.hub) == 0
    world.clock.forward(120)
    assert (expire_due(world.hub), expire_due(world.hub)) == (1, 0)
    ((state, ended),) = world.rows("select state, ended_at from interception")
    assert (state, ended, "interception_expired" in world.events(order)) == ("expired", None, True)
    interception = world.one("select id from interception")
    take_over(world.hub, interception, 7)
    assert world.one("select owner_id from interception") == 7
    number = world.script.asked("create")[0].number
    world.script.outcomes.clear()
    world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.CANCELLED))
    settle(world)
    assert ledger(world) == [("warehouse", "succeeded")]


def test_what_is_still_being_worked_on_is_asked_for_again_until_it_is_known(world: World) -> None:
    asked(world, *[OutcomeUnknown("no answer")] * 100)
    world.run("update outbound set state = 'stuck', due_at = null where kind = 'cancel_fulfilment'")
    world.clock.forward(1900)
    expire_due(world.hub)
    number = world.script.asked("create")[0].number
    for _ in range(2):
        world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.WORKING))
        settle(world)
        assert ledger(world) == [("warehouse", "expired")]
        world.run("update outbound set state = 'stuck', due_at = null where kind = 'cancel_fulfilment'")
        world.clock.forward(901)
        assert look_again(world.hub) == 1
    world.script.outcomes.clear()
    world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.WORKING))
    settle(world)
    assert ledger(world) == [("warehouse", "succeeded")]


def left_late(world: World) -> tuple[int, int, int]:
    """A parcel that left in spite of a stop: (order, fulfilment, parcel)."""
    order, work = asked(world, Refused("packed"))
    ship_fulfilment(world, work)
    settle(world)
    return order, work, int(world.one("select id from parcel"))


def test_a_parcel_is_called_back_once_and_its_scans_tell_how_it_ended(pausing: World) -> None:
    order, _, parcel = left_late(pausing)
    calling_back.call_back(pausing.hub, parcel, "user:7", "refunded")
    settle(pausing)
    assert (calls(pausing)[-1], ledger(pausing)[-1]) == ("call_back", ("courier", "received"))
    with pytest.raises(NotPossible):
        calling_back.call_back(pausing.hub, parcel, "user:7", "again")
    (waybill,) = waybills(pausing, order)
    report(pausing, a_trail(pausing, waybill, n.ParcelState.COLLECTED, n.ParcelState.RETURNING))
    assert ledger(pausing)[-1] == ("courier", "succeeded")


@pytest.mark.parametrize("end", ["refused", "delivered", "step"])
def test_a_call_back_that_comes_too_late_is_a_failure_for_people(pausing: World, end: str) -> None:
    order, work, parcel = left_late(pausing)
    pausing.script.next("call_back", *([Refused("too late")] if end == "refused" else []))
    calling_back.call_back(pausing.hub, parcel, "user:7", "refunded")
    settle(pausing)
    if end == "delivered":
        report(pausing, a_trail(pausing, waybills(pausing, order)[0], n.ParcelState.COLLECTED, n.ParcelState.DELIVERED))
    elif end == "step":
        progress(pausing, work, n.WarehouseState.SHIPPED, "TMSCANCELFAILED")
    assert ledger(pausing)[-1] == ("courier", "failed")


def test_a_point_that_is_set_so_calls_back_by_itself(pausing: World) -> None:
    pausing.run("insert into packing_setting (stock_point_id, calls_back) values (1, true)")
    left_late(pausing)
    assert calls(pausing)[-1] == "call_back"


def test_nobody_to_ask_and_nothing_on_its_way_are_refused(world: World) -> None:
    _, _, parcel = left_late(world)
    refusals: list[tuple[str, type[HubError], str]] = [
        ("select 1", NotPossible, "refunded"),
        ("select 1", Invalid, " "),
        ("update parcel set state = 'delivered'", NotPossible, "refunded"),
    ]
    for change, kind, reason in refusals:
        world.run(change)
        with pytest.raises(kind):
            calling_back.call_back(world.hub, parcel, "user:7", reason)
    assert ledger(world) == [("warehouse", "failed")]


def test_the_open_stops_are_listed_newest_first_whatever_their_ids(world: World) -> None:
    for no in ("T1", "T2", "T3"):
        asked(world, Refused("packed"), no=no)
        world.clock.forward(60)
    world.run("update interception set id = 900000000000 - id")  # Each process takes its ids in blocks.
    wanted = [row[0] for row in world.rows("select id from interception order by asked_at desc")]
    with world.hub.engine.connect() as connection:
        first = [row.id for row in open_stops(connection, [1], StopFilters(), None)]
        rest = [row.id for row in open_stops(connection, [1], StopFilters(), wanted[0])]
    assert (first, rest) == (wanted, wanted[1:])
