"""Warehouses without a system: people accept, pick, check, ship, miss, refuse and answer stops; twice is harmless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from oms.app.intercept import emergency
from oms.app.kernel.queries.packing import open_work, wave_picks
from oms.app.pipeline.packing import desk as packing
from oms.app.pipeline.packing import waves as packing_waves
from oms.app.pipeline.packing.parcels import PackedParcel
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible
from tests.app.routes import empty
from tests.factories import World, a_document, a_line, an_order, raw, receive_stock, settle, take

EAST = 1
POINTS = (1, 2)


@pytest.fixture
def by_hand(make_world: Callable[..., World]) -> World:
    """Both points work by hand."""
    world = make_world()
    world.run("update stock_point set account_id = null")
    return world


def teller(key: str, points: tuple[int, ...] = POINTS) -> packing.Teller:
    return packing.Teller("user:7", points, key)


def parcel(waybill: str, grams: int | None = None, **items: int) -> PackedParcel:
    return PackedParcel("ZTO", waybill, items, grams)


def sent(world: World, *lines: Any, no: str = "T") -> tuple[int, int]:
    """An order at the point: (order, fulfilment)."""
    id_ = an_order(world, list(lines) or None, no=no)
    settle(world)
    return id_, world.fulfilments(id_)[-1].id


def refund(world: World, no: str = "T") -> None:
    """The buyer asks the money back."""
    world.clock.forward(1)
    take(world, raw(a_document(no, [a_line(refund="asked", case_no="C1")], at=1), 1))
    settle(world)


def status(world: World, id_: int) -> tuple[str, str]:
    (row,) = world.rows("select status, stop from fulfilment where id = :id", id=id_)
    return row.status, row.stop


def test_what_is_dispatched_is_on_the_points_page_at_once(by_hand: World) -> None:
    _, work = sent(by_hand, a_line(units=2))
    with by_hand.hub.engine.connect() as connection:
        (row,) = open_work(connection, POINTS)
        assert open_work(connection, [99]) == []
    assert (row.id, row.status, row.units, row.kinds) == (work, "sent", 2, 1)
    assert by_hand.script.asked("create") == []


def test_a_shipment_told_twice_leaves_once_and_is_written_back(by_hand: World) -> None:
    order, work = sent(by_hand, a_line(units=2))
    assert packing.accept(by_hand.hub, work, teller("a"))
    assert packing.ship(by_hand.hub, work, [parcel("ZT1000", 350)], teller("k"))
    assert not packing.ship(by_hand.hub, work, [parcel("ZT1000", 350)], teller("k"))
    settle(by_hand)
    assert by_hand.rows("select waybill_no, weight_g from parcel") == [("ZT1000", 350)]
    assert by_hand.one("select on_hand from stock_level where stock_point_id = 1 and sku_id = 100") == 98
    assert (status(by_hand, work), by_hand.phase(order)) == (("shipped", "none"), "shipped")
    assert [told.waybill_no for told in by_hand.script.asked("push_shipment")] == ["ZT1000"]


def test_parcels_leave_one_by_one_until_the_last(by_hand: World) -> None:
    _, work = sent(by_hand, a_line("1", "A", 3), a_line("2", "B", 1))
    packing.ship(by_hand.hub, work, [parcel("ZT1001", A=2)], teller("1"), final=False)
    assert status(by_hand, work)[0] == "part_shipped"
    packing.ship(by_hand.hub, work, [parcel("ZT1002", A=1), parcel("ZT1003")], teller("2"), final=False)
    assert status(by_hand, work)[0] == "shipped"
    held = by_hand.rows(
        """select p.waybill_no, k.code, i.units from parcel p join parcel_item i on i.parcel_id = p.id
           join sku k on k.id = i.sku_id order by 1"""
    )
    assert held == [("ZT1001", "A", 2), ("ZT1002", "A", 1), ("ZT1003", "B", 1)]


@pytest.mark.parametrize(
    ("parcels", "field"),
    [
        ([], "parcels"),
        ([PackedParcel("NOBODY", "ZT1000")], "carrier"),
        ([PackedParcel("ZTO", "x")], "waybill"),
        ([PackedParcel("ZTO", "ZT1000", {}, 0)], "weight"),
        ([PackedParcel("ZTO", "ZT1000", {"A": 3})], "items"),
        ([PackedParcel("ZTO", "ZT1000", {"B": 1})], "items"),
        ([PackedParcel("ZTO", "ZT1000", {"A": 0})], "items"),
        ([PackedParcel("ZTO", "ZT1000"), PackedParcel("ZTO", "ZT1001")], "items"),
    ],
    ids=["none", "carrier", "waybill", "weight", "too many", "foreign", "nothing", "unsaid"],
)
def test_a_parcel_that_cannot_be_is_refused(by_hand: World, parcels: list[PackedParcel], field: str) -> None:
    _, work = sent(by_hand, a_line(units=2))
    with pytest.raises(Invalid) as refused:
        packing.ship(by_hand.hub, work, parcels, teller("k"))
    assert refused.value.field == field
    assert (by_hand.rows("select 1 from parcel"), by_hand.rows("select 1 from packing_report")) == ([], [])


def test_the_label_of_another_parcel_is_refused(by_hand: World) -> None:
    _, first = sent(by_hand, no="T1")
    _, second = sent(by_hand, a_line("1", "B"), no="T2")
    packing.ship(by_hand.hub, first, [parcel("ZT1000")], teller("1"))
    with pytest.raises(Invalid):
        packing.ship(by_hand.hub, second, [parcel("ZT1000")], teller("2"))


def test_what_is_missing_is_planned_where_there_is_some(by_hand: World) -> None:
    order, work = sent(by_hand, a_line("1", "A", 2), a_line("2", "B", 1))
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"), left=0)
    settle(by_hand)
    assert sellable(by_hand) == {1: 0, 2: 99}
    plan = [(row.stock_point_id, row.status) for row in by_hand.fulfilments(order)]
    assert plan == [(1, "sent"), (2, "sent")]
    packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("s"))
    assert status(by_hand, work)[0] == "shipped"


def test_what_is_missing_altogether_is_sent_from_elsewhere(by_hand: World) -> None:
    order, work = sent(by_hand)
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"))
    settle(by_hand)
    assert [(row.stock_point_id, row.status) for row in by_hand.fulfilments(order)] == [(1, "cancelled"), (2, "sent")]


def sellable(world: World) -> dict[int, int]:
    return dict(world.rows("select stock_point_id, on_hand - reserved from stock_level where sku_id = 100"))


def test_without_a_look_at_the_shelf_only_what_is_missing_goes(by_hand: World) -> None:
    order, work = sent(by_hand, a_line("1", "A", 3))
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"))
    settle(by_hand)
    assert sellable(by_hand) == {1: 97, 2: 99}
    assert [(row.stock_point_id, row.status) for row in by_hand.fulfilments(order)] == [(1, "sent"), (2, "sent")]


def test_an_order_that_lacks_goods_goes_out_when_some_come_in(by_hand: World) -> None:
    empty(by_hand, 2, "A")
    order, work = sent(by_hand)
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"), left=0)
    settle(by_hand)
    assert by_hand.holds(order) == {"short_of_stock"}
    by_hand.clock.forward(3600)
    with by_hand.hub.begin() as connection:
        receive_stock(connection, 1, by_hand.skus["A"], 5, by_hand.clock.now)
    settle(by_hand)
    assert (by_hand.holds(order), [row.status for row in by_hand.fulfilments(order)]) == (set(), ["cancelled", "sent"])


def test_what_only_a_refusal_keeps_from_going_waits_for_people(by_hand: World) -> None:
    empty(by_hand, 2, "A")
    order, work = sent(by_hand)
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"))
    settle(by_hand)
    assert by_hand.holds(order) == {"pipeline_failed"}
    seen = by_hand.one("select seen from hold where kind = 'pipeline_failed'")
    assert seen == {"words": "out of stock there", "refused_by": ["WH1"]}


def test_the_rest_of_the_shelf_stays_when_somebody_says_so(by_hand: World) -> None:
    _, work = sent(by_hand)
    packing.report_short(by_hand.hub, work, {"A": 1}, teller("k"), left=40)
    assert by_hand.one("select on_hand - reserved from stock_level where stock_point_id = 1 and sku_id = 100") == 40


def test_a_refused_one_is_sourced_again_and_a_reason_is_needed(by_hand: World) -> None:
    order, work = sent(by_hand)
    with pytest.raises(Invalid):
        packing.refuse(by_hand.hub, work, " ", teller("k"))
    packing.refuse(by_hand.hub, work, "roof leaks", teller("k"))
    settle(by_hand)
    assert [row.status for row in by_hand.fulfilments(order)] == ["cancelled", "sent"]


def test_a_stop_waits_for_the_packers_answer_and_nothing_leaves_before(by_hand: World) -> None:
    order, work = sent(by_hand)
    refund(by_hand)
    assert status(by_hand, work) == ("stopping", "asked")
    for refused in (
        lambda: packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("s")),
        lambda: packing.report_short(by_hand.hub, work, {"A": 1}, teller("s")),
        lambda: packing.refuse(by_hand.hub, work, "no", teller("s")),
    ):
        with pytest.raises(NotPossible):
            refused()
    packing.answer_stop(by_hand.hub, work, True, teller("k"))
    settle(by_hand)
    assert (status(by_hand, work), by_hand.one("select state from interception")) == (
        ("cancelled", "stopped"),
        "succeeded",
    )
    assert [told.stopped for told in by_hand.script.asked("confirm_interception")] == [True]
    assert by_hand.phase(order) != "shipped"


def test_one_that_had_gone_already_is_told_so_and_then_ships(by_hand: World) -> None:
    _, work = sent(by_hand)
    refund(by_hand)
    packing.answer_stop(by_hand.hub, work, False, teller("k"))
    settle(by_hand)
    assert by_hand.one("select state from interception") == "failed"
    packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("s"))
    settle(by_hand)
    assert status(by_hand, work) == ("shipped", "too_late")
    assert [told.stopped for told in by_hand.script.asked("confirm_interception")] == [False]
    with pytest.raises(NotPossible):
        packing.answer_stop(by_hand.hub, work, True, teller("again"))


def test_what_leaves_after_it_was_put_aside_is_flagged(by_hand: World) -> None:
    order, work = sent(by_hand)
    refund(by_hand)
    packing.answer_stop(by_hand.hub, work, True, teller("k"))
    settle(by_hand)
    packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("s"))
    assert (status(by_hand, work)[0], "already_shipped" in by_hand.holds(order)) == ("cancelled", True)


def test_nobody_reaches_work_of_other_points_or_of_a_system(by_hand: World) -> None:
    _, work = sent(by_hand)
    acts: list[Callable[[tuple[int, ...]], Any]] = [
        lambda points: packing.accept(by_hand.hub, work, teller("k", points)),
        lambda points: packing_waves.check_unit(by_hand.hub, work, "A", "user:7", points),
        lambda points: packing_waves.make_wave(by_hand.hub, EAST, "user:7", points),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act((2,))
    by_hand.run("update stock_point set account_id = 2")
    for act in acts[:2]:
        with pytest.raises(NotFound):
            act(POINTS)


def test_a_key_means_one_report_for_ever(by_hand: World) -> None:
    _, first = sent(by_hand, no="T1")
    _, second = sent(by_hand, no="T2")
    packing.accept(by_hand.hub, first, teller("k"))
    for repeated in (lambda: packing.accept(by_hand.hub, second, teller("k")),
                     lambda: packing.refuse(by_hand.hub, first, "no room", teller("k"))):  # fmt: skip
        with pytest.raises(Invalid):
            repeated()


def test_a_wave_accepts_what_it_takes_and_sums_what_is_picked(by_hand: World) -> None:
    works = [sent(by_hand, a_line("1", "A", 2), a_line("2", "B", 1), no=f"T{n}")[1] for n in range(3)]
    wave = packing_waves.make_wave(by_hand.hub, EAST, "user:7", POINTS, works[:2])
    assert {status(by_hand, work)[0] for work in works[:2]} == {"accepted"}
    with by_hand.hub.engine.connect() as connection:
        assert [(row.code, row.units) for row in wave_picks(connection, wave)] == [("A", 4), ("B", 2)]
    packing_waves.make_wave(by_hand.hub, EAST, "user:7", POINTS)
    assert by_hand.one("select count(*) from pick_wave_fulfilment") == 3
    with pytest.raises(NotPossible):
        packing_waves.make_wave(by_hand.hub, EAST, "user:7", POINTS)


def test_scanned_units_are_counted_up_to_what_is_open_and_may_be_demanded(by_hand: World) -> None:
    _, work = sent(by_hand, a_line(units=2))
    by_hand.run("update sku set barcode = '690001' where code = 'A'")
    by_hand.run("insert into packing_setting (stock_point_id, must_check) values (1, true)")
    with pytest.raises(NotPossible):
        packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("early"))
    for code, units in (("690001", 1), ("a", 2)):
        assert packing_waves.check_unit(by_hand.hub, work, code, "user:7", POINTS).units == units
    for wrong in ("690001", "B", "", "690009"):
        with pytest.raises(HubError):
            packing_waves.check_unit(by_hand.hub, work, wrong, "user:7", POINTS)
    packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("k"))
    assert (status(by_hand, work)[0], by_hand.rows("select 1 from packed_units")) == ("shipped", [])


def test_an_emergency_stop_keeps_what_was_dispatched_before_it_on_the_table(by_hand: World) -> None:
    order, work = sent(by_hand)
    stop = emergency.place(by_hand.hub, "stock_point", EAST, "wrong label printed", "user:1")
    with pytest.raises(NotPossible, match="emergency stop"):
        packing.accept(by_hand.hub, work, teller("a"))
    with pytest.raises(NotPossible, match="emergency stop"):
        packing_waves.check_unit(by_hand.hub, work, "A", "user:7", POINTS)
    with pytest.raises(NotPossible, match="nothing of it can be picked"):
        packing_waves.make_wave(by_hand.hub, EAST, "user:7", POINTS, [work])
    with pytest.raises(NotPossible, match="emergency stop"):
        packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("b"))
    assert by_hand.rows("select 1 from packing_report") == []
    emergency.end(by_hand.hub, stop, "user:1")
    assert packing.ship(by_hand.hub, work, [parcel("ZT1000")], teller("b"))
    assert by_hand.phase(order) == "shipped"
