"""Merging by hand: done, refused with a reason and a remedy, taken back to the cent, and never by two people at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from oms.app.kernel.holds import hold_order
from oms.app.pipeline.merging.by_hand import join_orders, preview_join
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.splitting.coming_apart import undo
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible
from tests.app.gift_rules import a_rule, gifts_in_force, gifts_of
from tests.app.joining import BUYER, last_joining, live, money, waiting
from tests.app.routes import again
from tests.app.shipping import ship_all
from tests.factories import RECEIVER, World, a_document, a_line, raw, settle, take

FREIGHT = {"kind": "freight", "listing_no": "", "seller_code": ""}


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes."""
    made: World = make_world(window=600)
    return made


def cod_order(world: World, paid: int, freight: int, **changes: Any) -> int:
    lines = [a_line("1", "A", 1, paid), a_line("2", "", 1, freight, **FREIGHT)]
    return waiting(world, *lines, is_cod=True, **changes)


def test_orders_of_two_buyers_leave_as_one_when_a_person_says_so(patient: World) -> None:
    first, second = cod_order(patient, 1999, 701), cod_order(patient, 1001, 0, buyer={"external_id": "another"})
    before = [money(live(patient, id_)[0]) for id_ in (first, second)]
    assert before == [(1999, 701, 2700), (1001, 0, 1001)]
    lead = join_orders(patient.hub, [second, first], "user:1", "same household")
    assert [work.id for work in live(patient, second)] == [lead]
    assert money(live(patient, first)[0]) == (3000, 701, 3701)
    assert [patient.events(id_)[-1] for id_ in (first, second)] == ["merged_by_hand", "merged_by_hand"]
    settle(patient)
    assert patient.script.asked("create") == []
    patient.clock.forward(121)
    settle(patient)
    (notice,) = patient.script.asked("create")
    assert (len(notice.lines), notice.collect_amount) == (2, 3701)
    ship_all(patient, first)
    settle(patient)
    assert {told.order_no for told in patient.script.asked("push_shipment")} == {"T1", "T2"}
    with pytest.raises(NotPossible, match="the fulfilment has ended"):
        undo(patient.hub, last_joining(patient), "user:1", "too late")


def test_a_merge_that_is_taken_back_gives_each_order_its_own_again(patient: World) -> None:
    ids = [cod_order(patient, 1999, 701), cod_order(patient, 1001, 0), cod_order(patient, 5, 333)]
    before = {id_: (live(patient, id_)[0].id, *money(live(patient, id_)[0])) for id_ in ids}
    join_orders(patient.hub, ids, "user:1", "")
    undo(patient.hub, last_joining(patient), "user:2", "wrong ones")
    settle(patient)
    assert {id_: (live(patient, id_)[0].id, *money(live(patient, id_)[0])) for id_ in ids} == before
    assert [len(live(patient, id_)) for id_ in ids] == [1, 1, 1]
    assert all("merge_undone" in patient.events(id_) for id_ in ids)
    patient.clock.forward(601)
    settle(patient)
    told = sorted(notice.collect_amount for notice in patient.script.asked("create"))
    assert told == [338, 1001, 2700], "what a person took apart is joined by no rule"
    with pytest.raises(NotFound):
        undo(patient.hub, last_joining(patient), "user:2", "again")


def test_what_a_rule_has_merged_is_taken_back_while_the_warehouse_was_not_called(patient: World) -> None:
    ids = [waiting(patient), waiting(patient)]
    patient.clock.forward(601)
    assert merge_batch(patient.hub) == 1
    (work,) = live(patient, ids[0])
    assert (work.status, work.order_count) == ("sending", 2)
    undo(patient.hub, last_joining(patient), "user:1", "one of them is a gift")
    settle(patient)
    patient.clock.forward(601)
    settle(patient)
    assert sorted(len(notice.lines) for notice in patient.script.asked("create")) == [1, 1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"is_cod": True}, "pays on delivery"), ({"is_presale": True}, "presale"),
     ({"receiver": {**RECEIVER, "address": "别处 9 号"}}, "another address"),
     ({"receiver": {**RECEIVER, "phone": "13900000009"}}, "another address or phone"),
     ({"receiver": {**RECEIVER, "name": "周**", "masked": True}}, "another address")],
    ids=["cod", "presale", "address", "phone", "masked"],
)  # fmt: skip
def test_what_must_be_the_same_is_said_with_a_remedy(patient: World, changes: dict[str, Any], words: str) -> None:
    ids = [waiting(patient), waiting(patient, **changes)]
    with patient.hub.engine.connect() as connection:
        preview = preview_join(patient.hub, connection, ids)
    (refused,) = preview.refused
    assert refused.order.id == ids[1]
    assert refused.refusal is not None
    assert words in refused.refusal.words
    assert refused.refusal.remedy
    with pytest.raises(NotPossible, match=words):
        join_orders(patient.hub, ids, "user:1", "")
    assert patient.one("select count(*) from joining") == 0


def test_an_address_written_in_another_way_is_no_other_address(patient: World) -> None:
    same = {**RECEIVER, "address": "浙江省杭州市西湖区文三路１号", "phone": "+86 138-0000-0001", "name": "小周"}
    ids = [waiting(patient), waiting(patient, receiver=same)]
    with patient.hub.engine.connect() as connection:
        preview = preview_join(patient.hub, connection, ids)
    assert (preview.refused, len(preview.works), preview.units) == ([], 2, 2)


def test_what_is_held_or_gone_is_not_merged(patient: World) -> None:
    first, held, lost = waiting(patient), waiting(patient), waiting(patient)
    hold_order(patient.hub, held, "user:1", "wait")
    take(patient, raw(a_document("T3", [a_line("1", "A", 1, 1000, refund="asked", case_no="C1")], at=50, buyer=BUYER)))
    settle(patient)
    with patient.hub.engine.connect() as connection:
        preview = preview_join(patient.hub, connection, [first, held, lost], lambda _permission, _shop: True)
    assert {it.order.id: it.refusal.words for it in preview.refused if it.refusal} == {
        held: "it is on hold", lost: "the buyer asks for money back",
    }  # fmt: skip
    with pytest.raises(Invalid):
        join_orders(patient.hub, [first], "user:1", "")
    with pytest.raises(NotPossible, match=r"fulfilment\.merge"):
        join_orders(patient.hub, [first, held], "user:1", "", lambda _permission, _shop: False)


def test_of_two_people_at_once_one_wins_and_the_other_is_told(patient: World) -> None:
    ids = [waiting(patient) for _ in range(3)]
    told: list[str] = []
    gate = threading.Barrier(2)

    def merge(mine: list[int]) -> None:
        gate.wait()
        try:
            join_orders(patient.hub, mine, "user:1", "")
            told.append("done")
        except HubError as error:
            told.append(error.words)

    people = [threading.Thread(target=merge, args=(ids,)) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(told) == ["done", "these orders leave as one already"]
    assert patient.one("select count(*) from joining") == 1


def test_gifts_are_earned_alone_again_when_a_merge_is_taken_back(make_world: Any) -> None:
    world = make_world(window=600, merge_gift_policy="recompute")
    gifts_in_force(world, a_rule("g1", ("add_gift_per_amount", {"sku": "E", "units": 1, "amount": 1500, "stock": 9})),
                   a_rule("g2", ("add_gift", {"sku": "D", "units": 1})))  # fmt: skip
    ids = [waiting(world), waiting(world)]
    join_orders(world.hub, ids, "user:1", "")
    assert [gifts_of(world, id_) for id_ in ids] == [{"D": 1, "E": 1}, {}]
    undo(world.hub, last_joining(world), "user:1", "not these")
    settle(world)
    assert [gifts_of(world, id_) for id_ in ids] == [{"D": 1}, {"D": 1}]
    world.clock.forward(601)
    settle(world)
    assert [len(notice.lines) for notice in world.script.asked("create")] == [2, 2]


def test_a_refund_of_one_order_lets_the_others_of_a_merge_leave(patient: World) -> None:
    first, second = waiting(patient), waiting(patient)
    join_orders(patient.hub, [first, second], "user:1", "")
    take(patient, raw(a_document("T1", [a_line("1", "A", 1, 1000, refund="asked", case_no="C1")], at=50, buyer=BUYER)))
    again(patient, first)
    patient.clock.forward(700)
    settle(patient)
    assert (patient.phase(first), patient.phase(second)) == ("blocked", "at_warehouse")
    with pytest.raises(NotPossible, match="ended"):
        undo(patient.hub, last_joining(patient), "user:1", "too late")


def test_masked_receivers_are_merged_by_the_platforms_word_alone(patient: World) -> None:
    masked = {**RECEIVER, "name": "周**", "phone": "138****0001", "masked": True, "tokens": {"oaid": "x"}}
    ids = [waiting(patient, receiver=masked) for _ in range(2)]
    patient.script.next("merge_groups", [])
    with pytest.raises(NotPossible, match="platform"):
        join_orders(patient.hub, ids, "user:1", "")
    patient.script.next("merge_groups", [frozenset({"T1", "T2"})])
    assert join_orders(patient.hub, ids, "user:1", "") == live(patient, ids[0])[0].id
