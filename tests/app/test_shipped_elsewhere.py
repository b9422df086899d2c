"""A platform shows lines as shipped: by somebody else they are called back wherever they are, by us nothing happens."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from oms.app.kernel.holds import lift
from oms.app.kernel.queries.order_list import OrderFilters, list_orders
from oms.app.pipeline.advance import advance_batch
from tests.app.shipping import a_parcel, a_shipment, ship_all, ship_fulfilment
from tests.factories import RECEIVER, World, a_document, a_line, advance, an_order, raw, report, settle, take
from tests.fakes import PlainMarket

TWO = [a_line("1", "A"), a_line("2", "B", units=2, paid=2000)]
BUYER = {"external_id": "one-buyer", "nick": "买**"}


def shown(no: str, said: dict[str, str], *, lines: list[dict[str, Any]] = TWO, at: int = 60, **changes: Any) -> Any:
    """The platform shows these lines as shipped: line → waybill."""
    whole = set(said) >= {line["external_no"] for line in lines}
    state = changes.pop("state", "shipped" if whole else "part_shipped")
    rows = [line | ({"state": state if whole else "shipped", "waybill_no": said[line["external_no"]]}
                    if line["external_no"] in said else {}) for line in lines]  # fmt: skip
    return raw(a_document(no, rows, at=at, state=state, platform_status="GONE", **changes), at)


def show(world: World, no: str, said: dict[str, str], **changes: Any) -> None:
    """The document is taken in and everything that follows is done."""
    world.clock.forward(10)
    take(world, shown(no, said, **changes))
    settle(world)


def statuses(world: World, order_id: int) -> list[str]:
    return [work.status for work in world.fulfilments(order_id)]


def stops(world: World) -> list[tuple[str, str]]:
    """(reason, state) of every attempt to stop something."""
    return [tuple(row) for row in world.rows("select reason, state from interception order by id")]


def seen(world: World, order_id: int) -> dict[str, Any]:
    """What the open hold names, with the platform's numbers of the lines."""
    names = dict(
        tuple(row) for row in world.rows("select id, external_no from order_line where order_id = :id", id=order_id)
    )
    found = world.one("""select seen from hold where order_id = :id and kind = 'already_shipped'
                         and cleared_at is null""", id=order_id)  # fmt: skip
    return {name: [names[id_] for id_ in value] if name in ("lines", "left") else value for name, value in found.items()}


def reserved(world: World) -> int:
    return int(world.one("select coalesce(sum(reserved), 0) from stock_level"))


def split_world(make_world: Any) -> World:
    """A world where line 1 leaves from one point and line 2 from the other."""
    world: World = make_world()
    world.run("update shop set max_parcels = 3")
    world.run("update stock_level set safety = 1000 where stock_point_id = 2 and sku_id = 100")
    world.run("update stock_level set safety = 1000 where stock_point_id = 1 and sku_id = 101")
    return world


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def test_what_is_planned_is_given_back(patient: World) -> None:
    id_ = an_order(patient, TWO, no="T")
    settle(patient)
    assert reserved(patient) == 3
    show(patient, "T", {"1": "X1", "2": "X1"})
    assert (statuses(patient, id_), reserved(patient)) == (["cancelled"], 0)
    assert seen(patient, id_) == {"platform": "shipped", "lines": ["1", "2"], "waybills": ["X1"]}
    patient.clock.forward(3600)
    settle(patient)
    assert patient.script.asked("create") == []


def test_what_was_never_called_is_voided(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    advance_batch(world.hub)
    assert statuses(world, id_) == ["sending"]
    show(world, "T", {"1": "X1", "2": "X1"})
    assert (statuses(world, id_), stops(world)) == (["cancelled"], [("already_shipped", "succeeded")])
    assert world.script.asked("create") == []


def test_the_warehouse_is_asked_and_its_yes_is_told(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", {"1": "X1", "2": "X1"})
    assert [asked.reason for asked in world.script.asked("cancel")] == ["已由别处发货"]
    assert (statuses(world, id_), stops(world)) == (["cancelled"], [("already_shipped", "succeeded")])
    assert world.one("select array_length(order_line_ids, 1) from interception") == 2
    assert (reserved(world), world.phase(id_)) == (0, "elsewhere")


def test_the_warehouses_no_leaves_the_order_flagged(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    world.script.next("cancel", Refused("packed"))
    show(world, "T", {"1": "X1", "2": "X1"})
    assert stops(world) == [("already_shipped", "failed")]
    ship_all(world, id_)
    settle(world)
    assert world.holds(id_) == {"already_shipped"}
    assert world.phase(id_) == "shipped"


def test_an_unknown_hand_over_is_asked_back_once_it_is_known(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    world.script.next("create", OutcomeUnknown("cut off"))
    settle(world)
    assert statuses(world, id_) == ["sending"]
    show(world, "T", {"1": "X1", "2": "X1"})
    world.clock.forward(120)
    settle(world)
    assert statuses(world, id_) == ["cancelled"]
    assert stops(world)[0] == ("already_shipped", "succeeded")


def test_only_the_fulfilment_with_the_line_is_called_back(make_world: Any) -> None:
    world = split_world(make_world)
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", {"1": "X1"})
    assert {work.stock_point_id: work.status for work in world.fulfilments(id_)} == {1: "cancelled", 2: "sent"}
    assert seen(world, id_)["lines"] == ["1"]


def test_the_orders_merged_with_it_are_planned_again(patient: World) -> None:
    ids = [an_order(patient, TWO, no=no, buyer=BUYER) for no in ("T1", "T2")]
    settle(patient)
    patient.clock.forward(601)
    settle(patient)
    assert [len(notice.lines) for notice in patient.script.asked("create")] == [4]
    show(patient, "T1", {"1": "X1", "2": "X1"}, buyer=BUYER)
    patient.clock.forward(601)
    settle(patient)
    assert "already_shipped" in patient.holds(ids[0])
    assert patient.holds(ids[1]) == set()
    assert (statuses(patient, ids[0]), statuses(patient, ids[1])[-1]) == (["cancelled"], "sent")
    assert [len(notice.lines) for notice in patient.script.asked("create")] == [4, 2]


def test_the_rest_of_a_line_that_left_in_part_is_called_back_and_flagged(world: World) -> None:
    lines = [a_line("1", "A", units=3, paid=3000)]
    id_ = an_order(world, lines, no="T")
    settle(world)
    (work,) = world.fulfilments(id_)
    report(world, a_shipment(work.id, a_parcel(("A", 1), waybill="W1"), final=False))
    settle(world)
    show(world, "T", {"1": "X9"}, lines=lines)
    assert stops(world) == [("already_shipped", "succeeded")]
    assert seen(world, id_) == {"platform": "shipped", "lines": ["1"], "left": ["1"], "waybills": ["X9"]}
    assert (reserved(world), world.phase(id_)) == (0, "part_shipped")


@pytest.mark.parametrize("waybill", ["W1", " w1", "W1,W2"])
def test_our_own_notice_shown_by_the_platform_stops_nothing(make_world: Any, waybill: str) -> None:
    """Platforms without lines show the whole order as shipped after the first parcel of a split one."""
    world = split_world(make_world)
    id_ = an_order(world, TWO, no="T")
    settle(world)
    first, second = world.fulfilments(id_)
    ship_fulfilment(world, first.id, "W1")
    if "W2" in waybill:
        ship_fulfilment(world, second.id, "W2")
    settle(world)
    show(world, "T", {"1": waybill, "2": waybill})
    assert (world.holds(id_), stops(world)) == (set(), [])
    ship_all(world, id_)
    settle(world)
    assert world.phase(id_) == "shipped"


def test_a_platform_that_tells_no_waybills_is_taken_at_our_word(make_world: Any) -> None:
    world = split_world(make_world)
    id_ = an_order(world, TWO, no="T")
    settle(world)
    ship_fulfilment(world, world.fulfilments(id_)[0].id, "W1")
    settle(world)
    show(world, "T", {"1": "", "2": ""})
    assert (world.holds(id_), stops(world)) == (set(), [])


def test_a_line_without_waybill_beside_ours_was_shipped_by_hand(make_world: Any) -> None:
    world = split_world(make_world)
    id_ = an_order(world, TWO, no="T")
    settle(world)
    ship_fulfilment(world, world.fulfilments(id_)[0].id, "W1")
    settle(world)
    show(world, "T", {"1": "W1", "2": ""})
    assert stops(world) == [("already_shipped", "succeeded")]
    assert seen(world, id_) == {"platform": "shipped", "lines": ["2"], "untold": True}


def test_of_two_merged_orders_each_knows_the_parcel_of_both(patient: World) -> None:
    ids = [an_order(patient, TWO, no=no, buyer=BUYER) for no in ("T1", "T2")]
    settle(patient)
    patient.clock.forward(601)
    settle(patient)
    (work,) = {work.id: work for id_ in ids for work in patient.fulfilments(id_) if work.status == "sent"}.values()
    report(patient, a_shipment(work.id, a_parcel(("A", 2), ("B", 2), waybill="W1"), final=False))
    settle(patient)
    for no in ("T1", "T2"):
        show(patient, no, {"1": "W1", "2": "W1"}, buyer=BUYER)
    assert ([patient.holds(id_) for id_ in ids], stops(patient)) == ([set(), set()], [])
    ship_all(patient, ids[0])


class Telling(PlainMarket):
    """A platform whose document is taken in while we are still telling it of a parcel."""

    world: World
    state = "shipped"

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        said = dict.fromkeys(notice.line_nos or ("1", "2"), notice.waybill_no)
        take(self.world, shown(notice.order_no, said, at=60 + len(self.script.calls)))
        advance(self.world)
        return super().push_shipment(notice)


@pytest.mark.parametrize("ends", ["answered", "lost"])
def test_a_document_read_while_we_tell_cancels_nothing(make_world: Any, ends: str) -> None:
    world = split_world(make_world)
    world.hub.vendors["plain"] = type("TellingHere", (Telling,), {"script": world.script, "world": world})
    world.hub.kept_connectors.clear()
    id_ = an_order(world, TWO, no="T")
    settle(world)
    for number, work in enumerate(world.fulfilments(id_), 1):
        if ends == "lost":
            world.script.next("push_shipment", OutcomeUnknown("cut off"))
        world.clock.forward(10)
        ship_fulfilment(world, work.id, f"W{number}")
        settle(world)
    assert (world.holds(id_), stops(world), world.phase(id_)) == (set(), [], "shipped")


@pytest.mark.parametrize("is_first", [True, False])
def test_a_warehouse_that_tells_the_platform_itself_is_believed_late(world: World, is_first: bool) -> None:
    """The platform may show our parcel before the warehouse's report has come; then the hold goes again."""
    id_ = an_order(world, TWO, no="T")
    settle(world)
    (work,) = world.fulfilments(id_)
    if is_first:
        ship_fulfilment(world, work.id, "W1")
    world.script.next("cancel", Refused("it has left"))
    show(world, "T", {"1": "W1", "2": "W1"})
    if not is_first:
        assert world.holds(id_) == {"already_shipped"}
        ship_fulfilment(world, work.id, "W1")
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "shipped")


def test_another_number_typed_on_the_platform_later_is_no_second_shipment(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    ship_all(world, id_)
    settle(world)
    show(world, "T", {"1": "X7", "2": "X7"})
    assert world.holds(id_) == set()


def test_what_left_before_it_was_told_is_flagged(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    ship_all(world, id_)
    show(world, "T", {"1": "X7", "2": "X7"})
    assert seen(world, id_) == {"platform": "shipped", "lines": ["1", "2"], "left": ["1", "2"], "waybills": ["X7"]}


def test_a_second_finding_is_added_to_the_first(make_world: Any) -> None:
    world = split_world(make_world)
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", {"1": "X1"})
    show(world, "T", {"1": "X1", "2": "X2"}, at=90)
    show(world, "T", {"1": "X1", "2": "X2"}, at=120, seller_memo="seen")
    assert seen(world, id_) == {"platform": "shipped", "lines": ["1", "2"], "waybills": ["X1", "X2"]}
    assert world.events(id_).count("hold_placed") == 2
    assert statuses(world, id_) == ["cancelled", "cancelled"]


def test_what_a_person_has_lifted_is_shipped_until_something_else_is_shown(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", {"1": "X1", "2": "X1"})
    lift(world.hub, world.one("select id from hold where cleared_at is null"), "user:1", "it was lost")
    settle(world)
    assert statuses(world, id_) == ["cancelled", "sent"]
    show(world, "T", {"1": "X1", "2": "X1"}, at=90, seller_memo="again")
    assert (world.holds(id_) & {"already_shipped"}, statuses(world, id_)[-1]) == (set(), "sent")
    show(world, "T", {"1": "X2", "2": "X2"}, at=120)
    assert statuses(world, id_) == ["cancelled", "cancelled"]


def test_orders_shipped_elsewhere_are_found_by_their_phase_and_end_with_the_platform(world: World) -> None:
    ids = [an_order(world, TWO, no=no) for no in ("T1", "T2", "T3")]
    settle(world)
    show(world, "T1", {"1": "X1", "2": "X1"})
    show(world, "T2", {"1": "X2"})
    take(world, shown("OLD", {"1": "X3", "2": "X3"}))
    settle(world)
    with world.hub.engine.connect() as connection:
        page = list_orders(connection, [1], OrderFilters(phase="elsewhere"), "")
    assert sorted(row.external_no for row in page.rows) == ["OLD", "T1"]
    assert world.phase(ids[1]) == "blocked"
    show(world, "T1", {"1": "X1", "2": "X1"}, at=120, state="completed")
    assert (world.phase(ids[0]), world.holds(ids[0])) == ("completed", set())


def test_an_address_that_changes_at_the_same_time_does_not_hide_it(world: World) -> None:
    id_ = an_order(world, TWO, no="T")
    settle(world)
    show(world, "T", {"1": "X1", "2": "X1"}, receiver=RECEIVER | {"address": "文三路 2 号"})
    assert statuses(world, id_) == ["cancelled"]
    assert "already_shipped" in world.holds(id_)
    assert len(world.script.asked("create")) == 1
