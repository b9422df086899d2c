"""A person pays a case back, once whatever happens on the way, or tells the parcel that goods of an exchange left in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.families import Connector
from connectors.contract.records import RawDocument
from oms.app.aftersales.deciding import decide_case, refund_case, ship_exchange
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.outbound.voiding import void_rows
from oms.domain.errors import Invalid, NotPossible
from tests.app.test_deciding_cases import a_case, sent, steps, take
from tests.factories import World, a_line, an_order, drain

REFUNDS = "select state, amount, reference from refund order by id"
MONEY = "select money from cases where external_no = 'C1'"


@pytest.fixture
def paying(world: World) -> World:
    """A world whose market leaves paying back and sending in exchange to the seller."""
    plain: type[Any] = world.hub.vendors["plain"]
    script = world.script

    class Paying(plain):  # type: ignore[misc]
        def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
            return script.play("decide", (case_no, agree), n.Receipt(case_no))  # type: ignore[no-any-return]

        def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
            return script.play("refund", notice, n.Receipt("R-1"))  # type: ignore[no-any-return]

        def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
            return script.play("find_refund", notice, None)  # type: ignore[no-any-return]

        def follow_up(self, reference: str) -> n.Receipt:
            return script.play("follow_up", reference, n.Receipt(reference))  # type: ignore[no-any-return]

        def ship_exchange(self, case_no: str, notice: n.ShipmentNotice) -> n.Receipt:
            return script.play("exchange", (case_no, notice), n.Receipt(notice.waybill_no))  # type: ignore[no-any-return]

        def get_case(self, external_no: str) -> RawDocument:
            return script.play("get_case", external_no, a_case(external_no))  # type: ignore[no-any-return]

    made: type[Connector] = Paying
    world.hub.vendors["plain"] = made
    an_order(world, [a_line(paid=3000)], no="T1")
    return world


def to_pay(world: World, **changes: Any) -> int:
    """A case whose goods are back and whose money the platform leaves to us."""
    return take(world, a_case(**{"kind": "return", "state": "returned", "allows": ["refund"], "units": 2, **changes}))


def pay(world: World, case_id: int, amount: int = 1000) -> None:
    refund_case(world.hub, case_id, amount, "退款", {"restock": "yes"}, "user:7")


def test_a_refund_is_paid_under_the_case_s_own_key(paying: World) -> None:
    pay(paying, to_pay(paying), 900)
    assert paying.one(MONEY) == "submitted"
    assert sent(paying) == ["done"]
    (notice,) = paying.script.asked("refund")
    assert notice == n.RefundNotice("T1", 900, "CNY", "refund-C1", "C1", (("1", 2),), "退款", True)
    assert paying.rows(REFUNDS) == [("paid", 900, "R-1")]
    assert paying.one(MONEY) == "paid"
    assert paying.rows("select kind, external_no from pending_reference where kind = 'case'") == [("case", "C1")]
    order_id = paying.one("select order_id from cases")
    assert {"case_refund", "case_told"} <= set(paying.events(order_id))


def test_a_case_is_paid_once_whatever_its_platform_tells_later(paying: World) -> None:
    case_id = to_pay(paying)
    pay(paying, case_id)
    with pytest.raises(NotPossible, match="on its way"):
        pay(paying, case_id)
    assert sent(paying) == ["done"]
    to_pay(paying, at=9)
    with pytest.raises(NotPossible, match="paid back already"):
        pay(paying, case_id)
    assert paying.one(MONEY) == "paid"
    assert len(paying.script.asked("refund")) == 1


def test_a_lost_answer_is_looked_up_and_a_refund_that_is_there_is_not_paid_again(paying: World) -> None:
    case_id = to_pay(paying)
    paying.script.next("refund", OutcomeUnknown("no answer"))
    paying.script.next("find_refund", OutcomeUnknown("no answer"), n.Receipt("R-9"))
    pay(paying, case_id)
    states = []
    for _ in range(3):
        states += sent(paying)
        paying.clock.forward(700)
    assert states == ["unknown", "unknown", "done"]
    assert len(paying.script.asked("refund")) == 1
    assert paying.rows(REFUNDS) == [("paid", 1000, "R-9")]


def test_a_lost_call_is_made_again_under_the_same_key_once_it_is_known_not_to_be_there(paying: World) -> None:
    paying.script.next("refund", OutcomeUnknown("no answer"))
    pay(paying, to_pay(paying))
    assert sent(paying) == ["unknown"]
    paying.clock.forward(700)
    assert sent(paying) == ["done"]
    assert [notice.key for notice in paying.script.asked("refund")] == ["refund-C1", "refund-C1"]
    assert len(paying.script.asked("find_refund")) == 1


def test_a_refund_given_up_while_unknown_is_looked_for_before_another_is_paid(paying: World) -> None:
    case_id = to_pay(paying)
    paying.script.next("refund", OutcomeUnknown("no answer"))
    pay(paying, case_id)
    assert sent(paying) == ["unknown"]
    assert (
        void_rows(paying.hub, [paying.one("select id from outbound where kind = 'decide_case'")], "user:7", "再看") == 1
    )
    assert paying.one(MONEY) == "none"
    paying.script.next("find_refund", n.Receipt("R-7"))
    pay(paying, case_id)
    assert sent(paying) == ["void", "done"]
    assert len(paying.script.asked("refund")) == 1
    assert paying.rows(REFUNDS) == [("void", 1000, ""), ("paid", 1000, "R-7")]


def test_a_refused_refund_is_back_with_people_and_may_be_paid_anew(paying: World) -> None:
    case_id = to_pay(paying)
    paying.script.next("refund", Refused("余额不足", code="9"))
    pay(paying, case_id)
    assert sent(paying) == ["refused"]
    assert ("platform", "refund_refused", "余额不足") in steps(paying)
    assert paying.one(MONEY) == "failed"
    pay(paying, case_id, 800)
    assert sent(paying) == ["void", "done"]
    assert paying.script.asked("find_refund") == []
    assert paying.rows(REFUNDS) == [("failed", 1000, ""), ("paid", 800, "R-1")]


def test_a_case_that_asks_for_another_amount_by_now_is_not_paid(paying: World) -> None:
    case_id = to_pay(paying)
    pay(paying, case_id)
    to_pay(paying, at=9, amount=500)
    assert sent(paying) == ["void"]
    assert paying.script.asked("refund") == []
    assert paying.rows(REFUNDS) == [("void", 1000, "")]
    with pytest.raises(Invalid, match="more than the buyer asks for"):
        pay(paying, case_id)


def test_no_more_is_paid_than_was_asked_for_or_paid(paying: World) -> None:
    case_id = to_pay(paying)
    for amount in (0, -1, 1001):
        with pytest.raises(Invalid, match="amount"):
            pay(paying, case_id, amount)
    free = to_pay(paying, no="C2", amount=0)
    pay(paying, case_id)
    with pytest.raises(Invalid, match="left of what was paid"):
        pay(paying, free, 2001)
    pay(paying, free, 2000)
    lost = take(paying, a_case("C3", "T-unknown", allows=["refund"]))
    with pytest.raises(NotPossible, match="not come in yet"):
        pay(paying, lost)


def test_money_is_never_offered_where_the_platform_does_not_leave_it_to_us(paying: World) -> None:
    for state, allows in (("returned", []), ("asked", ["agree"]), ("succeeded", ["refund"])):
        case_id = take(paying, a_case(f"C-{state}", state=state, allows=allows))
        with pytest.raises(NotPossible):
            pay(paying, case_id)
    assert paying.rows(REFUNDS) == []


def test_the_parcel_of_an_exchange_is_told_once(paying: World) -> None:
    case_id = take(paying, a_case(kind="exchange", state="returned", allows=[]))
    for carrier, waybill, field in (("NONE", "ZT100000001", "carrier"), ("ZTO", "运单", "waybill")):
        with pytest.raises(Invalid) as refused:
            ship_exchange(paying.hub, case_id, carrier, waybill, "user:7")
        assert refused.value.field == field
    ship_exchange(paying.hub, case_id, "ZTO", " zt100000001 ", "user:7")
    assert sent(paying) == ["done"]
    ((case_no, notice),) = paying.script.asked("exchange")
    assert (case_no, notice.order_no, notice.carrier_code, notice.waybill_no) == ("C1", "T1", "ZTO", "ZT100000001")
    assert paying.one("select remedy from cases") == "shipped"
    take(paying, a_case(kind="exchange", state="agreed", allows=["ship_exchange"], at=9))
    with pytest.raises(NotPossible, match="told already"):
        ship_exchange(paying.hub, case_id, "ZTO", "ZT100000002", "user:7")


def test_a_lost_answer_about_an_exchange_is_found_in_what_the_case_allows_now(paying: World) -> None:
    case_id = take(paying, a_case(kind="exchange", state="returned", allows=["ship_exchange"]))
    paying.script.next("exchange", OutcomeUnknown("no answer"))
    paying.script.next("get_case", a_case(kind="exchange", state="agreed", allows=[], at=8))
    ship_exchange(paying.hub, case_id, "ZTO", "ZT100000001", "user:7")
    assert sent(paying) == ["unknown"]
    paying.clock.forward(700)
    assert sent(paying) == ["done"]
    assert len(paying.script.asked("exchange")) == 1


def test_what_is_not_an_exchange_has_no_parcel(paying: World) -> None:
    case_id = take(paying, a_case(kind="return", state="returned", allows=[]))
    with pytest.raises(NotPossible, match="does not allow"):
        ship_exchange(paying.hub, case_id, "ZTO", "ZT100000001", "user:7")


def test_an_agreed_case_is_paid_before_its_new_state_is_told(paying: World) -> None:
    case_id = take(paying, a_case(allows=["agree", "refund"]))
    decide_case(paying.hub, case_id, True, "好的", {}, "user:7")
    drain(send_batch, paying)
    pay(paying, case_id)
    assert sent(paying) == ["done", "done"]


TAKEN = n.Receipt("F1", "taken", is_pending=True)


def follow(world: World, *answers: object) -> list[str]:
    """A refund goes by a file, and this is what asking about it tells each time; answers the row's states."""
    world.script.next("refund", TAKEN)
    world.script.next("follow_up", *answers)
    pay(world, to_pay(world))
    states = sent(world)
    for _ in answers:
        world.clock.forward(130)
        states += sent(world)
    return states


def test_a_refund_that_was_only_taken_is_paid_when_its_file_is_worked_off(paying: World) -> None:
    assert follow(paying, TAKEN, n.Receipt("F1")) == ["unknown", "unknown", "done"]
    assert paying.script.asked("follow_up") == ["F1", "F1"]
    assert (len(paying.script.asked("refund")), paying.script.asked("find_refund")) == (1, [])
    assert paying.rows(REFUNDS) == [("paid", 1000, "F1")]


def test_a_file_that_fails_later_gives_the_refund_back_to_people_with_its_words(paying: World) -> None:
    assert follow(paying, TAKEN, Refused("行被拒绝", code="feed-failed")) == ["unknown", "unknown", "refused"]
    assert ("platform", "refund_refused", "行被拒绝") in steps(paying)
    assert (paying.one(MONEY), paying.one("select words from outbound where kind = 'decide_case'")) == (
        "failed",
        "行被拒绝",
    )
    assert "case_decision_refused" in paying.events(paying.one("select order_id from cases"))
    assert paying.one("select detail ? 'taken' from outbound where kind = 'decide_case'") is False
