"""Returns taken at stores: who may see the order, what comes back, where goods and money go, each exactly once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from connectors.contract import notices as n
from oms.app.aftersales.at_store.finding import MOST_TRIES, find_orders, prove_order, seen_by
from oms.app.aftersales.at_store.following import follow_platform
from oms.app.aftersales.at_store.paying_out import give_back, pay_out
from oms.app.aftersales.at_store.taking import Told, take_back
from oms.app.aftersales.deciding import decide_case, pay_by_hand, refund_case
from oms.app.pipeline.stores import handing, notes, sending_back, tasks
from oms.app.pipeline.stores.money import Taken
from oms.domain.errors import HubError, Invalid, NotFound, NotPossible, Stale
from tests.app.invariants import check_invariants
from tests.app.stores.kit import FAR, NEAR, at_once, carried, code_of, doing, note_of, on_hand, through_store, with_stores
from tests.factories import World, a_line, settle

TAIL = "0001"


def ready(world: World, **changes: Any) -> tuple[int, int]:
    """(order, parcel) of warehouse goods that wait for their buyer at the near store."""
    id_, parcel, waybill = carried(world, **changes)
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="1")
    return id_, parcel


def collected(world: World, units: int = 3, paid: int = 1000, **changes: Any) -> tuple[int, int, int]:
    """(order, parcel, line) of warehouse goods that their buyer has collected at the near store."""
    id_, parcel = ready(world, lines=[a_line("1", "A", units, paid)], **changes)
    handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel))
    return id_, parcel, world.one("select id from order_line where order_id = :id", id=id_)


def own_goods(world: World, **changes: Any) -> tuple[int, int]:
    """(order, line) of the store's own goods that their buyer has, partly paid at the store."""
    id_ = through_store(world, "store_pickup", "pickup", **changes)
    work = world.fulfilments(id_)[0]
    for act in (tasks.accept, tasks.pick, tasks.finish):
        act(world.hub, doing(NEAR), work.id)
    parcel = world.one("select parcel_id from store_parcel where order_id = :id", id=id_)
    due = world.one("select coalesce(sum(amount), 0) from payment where order_id = :id and state = 'due'", id=id_)
    handing.hand_over(world.hub, doing(NEAR), parcel, code_of(world, parcel), Taken(due, "cash") if due else None)
    return id_, world.one("select id from order_line where order_id = :id", id=id_)


def told(line: int, units: int = 1, **changes: Any) -> Told:
    return Told(**{"units": {line: units}, "conditions": {}, "reason": "not_wanted", **changes})


def paying(world: World) -> None:
    """The platform pays back what we tell it to."""
    script = world.script

    class Paying(world.hub.vendors["plain"]):  # type: ignore[misc,name-defined]
        def refund_case(self, notice: n.RefundNotice) -> n.Receipt:
            return script.play("refund", notice, n.Receipt("R-1"))  # type: ignore[no-any-return]

        def find_refund(self, notice: n.RefundNotice) -> n.Receipt | None:
            return script.play("find_refund", notice, None)  # type: ignore[no-any-return]

    world.hub.vendors["plain"] = Paying


def limit(world: World, amount: int, days: int = 7) -> None:
    world.run("insert into return_terms (shop_id, days, own_limit) values (1, :days, :amount)", days=days, amount=amount)


def case_of(world: World, return_id: int) -> Any:
    return world.rows(
        """select c.id, c.review, c.goods, c.money, c.outcome, c.asked_amount from cases c join store_return r
           on r.case_id = c.id where r.id = :id""", id=return_id,
    )[0]  # fmt: skip


def counted(world: World, line: int) -> tuple[Any, ...]:
    return tuple(world.rows("select returned, refunded, refunded_amount from order_line where id = :id", id=line)[0])


def test_warehouse_goods_wait_at_the_store_for_the_transfer_and_the_case_goes_the_ordinary_way(world: World) -> None:
    with_stores(world)
    before = on_hand(world, 1)
    id_, _, line = collected(world)
    sold = on_hand(world, 1)
    click = doing(NEAR)
    return_id = take_back(world.hub, click, id_, told(line, 2))
    assert take_back(world.hub, click, id_, told(line, 2)) == return_id
    case, *state, asked = case_of(world, return_id)
    assert (state, asked) == (["waiting", "inspected", "none", "open"], 666)
    assert on_hand(world, 1) == sold
    assert on_hand(world, NEAR) == 10
    transfer = world.one("select id from transfer where status = 'open'")
    line_id = world.one("select id from store_return_line where transfer_id = :id", id=transfer)
    sending_back.send_transfer(world.hub, doing(NEAR), transfer, "VAN")
    assert world.rows("select kind, sent, received from transfer_line") == [("good", 2, 0)]
    with pytest.raises(Invalid, match="more than was sent"):
        sending_back.receive_returned(world.hub, doing(1), transfer, line_id, 2, 1)
    sending_back.receive_returned(world.hub, doing(1), transfer, line_id, 1, 1)
    assert (on_hand(world, 1), on_hand(world, 1, kind="defective")) == (sold + 1, 1)
    assert world.one("select status from transfer") == "closed"
    decide_case(world.hub, case, True, "可以", {}, "user:1")
    pay_by_hand(world.hub, case, "转账 8812", "user:1")
    assert case_of(world, return_id)[1:5] == ("agreed", "inspected", "paid", "succeeded")
    assert counted(world, line) == (2, 2, 666)
    assert before == sold + 3
    check_invariants(world)


def test_the_stores_own_goods_are_its_stock_at_once_and_its_money_goes_back_over_the_counter(world: World) -> None:
    with_stores(world)
    limit(world, 5000)
    paying(world)
    due = {"kind": "store", "amount": 700, "paid_at": None}
    paid = {"kind": "online", "amount": 300, "paid_at": "2026-11-21T02:00:00+00:00"}
    id_, line = own_goods(world, payments=[paid, due])
    assert on_hand(world, NEAR) == 9
    return_id = take_back(world.hub, doing(NEAR), id_, told(line))
    assert on_hand(world, NEAR) == 10
    assert world.rows("select count(*) from transfer") == [(0,)]
    settle(world)
    (notice,) = world.script.asked("refund")
    assert (notice.amount, notice.case_no, notice.lines) == (300, "", (("1", 1),))
    assert case_of(world, return_id)[3:5] == ("due", "open")
    with pytest.raises(Invalid, match="amount"):
        pay_out(world.hub, doing(NEAR), return_id, Taken(699, "cash"))
    click = doing(NEAR)
    for _ in range(2):
        pay_out(world.hub, click, return_id, Taken(700, "cash"))
    with pytest.raises(NotPossible):
        pay_out(world.hub, doing(NEAR), return_id, Taken(700, "cash"))
    assert case_of(world, return_id)[3:5] == ("paid", "succeeded")
    assert counted(world, line) == (1, 1, 1000)
    assert world.rows("select amount from store_payout") == [(700,)]
    assert "store_paid_back" in world.events(id_)
    check_invariants(world)


def test_a_worn_or_dear_return_waits_for_people_whatever_the_store_may_decide(world: World) -> None:
    with_stores(world)
    limit(world, 400)
    for units, condition, review in ((3, "good", "waiting"), (1, "opened", "waiting"), (1, "good", "agreed")):
        id_, _, line = collected(world)
        return_id = take_back(world.hub, doing(NEAR), id_, told(line, units, conditions={line: condition}))
        assert case_of(world, return_id)[1] == review


def test_what_has_come_back_cannot_come_back_again_and_shares_add_up(world: World) -> None:
    with_stores(world)
    id_, _, line = collected(world, units=3, paid=1000)
    amounts = [case_of(world, take_back(world.hub, doing(NEAR), id_, told(line)))[5] for _ in range(3)]
    assert (sum(amounts), max(amounts) - min(amounts)) == (1000, 1)
    with pytest.raises(NotPossible, match="nothing of it is left"):
        take_back(world.hub, doing(NEAR), id_, told(line))
    with pytest.raises(NotPossible, match="nothing of it has reached"):
        take_back(world.hub, doing(NEAR), through_store(world, "store_pickup", "pickup"), told(line))


def test_of_two_clerks_on_one_order_one_wins_and_the_other_is_told(world: World) -> None:
    with_stores(world)
    id_, _, line = collected(world, units=1)
    clicks = [doing(NEAR, "user:7"), doing(NEAR, "user:8")]
    acts = [lambda click=click: take_back(world.hub, click, id_, told(line, returned=0)) for click in clicks]
    assert at_once(world, *acts) == ["Stale", "done"]
    assert world.rows("select count(*), sum(units) from store_return_line") == [(1, 1)]
    with pytest.raises(Stale):
        take_back(world.hub, doing(NEAR), id_, told(line, returned=0))


def test_limits_of_time_and_reason_and_pictures(world: World) -> None:
    with_stores(world)
    id_, _, line = collected(world)
    wrong: list[tuple[Told, type[HubError]]] = [
        (told(line, 0), Invalid), (told(line, 4), Invalid), (told(line, -1), Invalid), (told(1), Invalid),
        (told(line, reason="because"), Invalid), (told(line, reason="damaged"), Invalid),
        (told(line, photos=[b"no picture"]), Invalid), (told(line, conditions={line: "new"}), Invalid),
    ]  # fmt: skip
    for answer, error in wrong:
        with pytest.raises(error):
            take_back(world.hub, doing(NEAR), id_, answer)
    assert world.one("select count(*) from store_return") == 0
    assert world.one("select count(*) from cases") == 0
    take_back(world.hub, doing(NEAR), id_, told(line, reason="damaged", photos=[b"\xff\xd8\xff picture"]))
    assert world.one("select media_type from store_return_photo") == "image/jpeg"
    world.clock.forward(8 * 86400)
    with pytest.raises(NotPossible, match="time for bringing it back"):
        take_back(world.hub, doing(NEAR), id_, told(line))


def test_clerks_find_what_concerns_their_store_and_nothing_else(world: World) -> None:
    with_stores(world)
    id_, parcel, _ = collected(world)
    number = world.one("select external_no from orders where id = :id", id=id_)
    waybill = world.one("select waybill_no from parcel where id = :id", id=parcel)
    with world.hub.engine.connect() as connection:
        for words in (number, waybill.lower(), TAIL, code_of(world, parcel)):
            assert [seen.order_id for seen in find_orders(world.hub, connection, NEAR, words)] == [id_], words
            assert find_orders(world.hub, connection, FAR, words) == []
        assert seen_by(world.hub, connection, FAR, id_, "") is None
    seen = prove_order(world.hub, doing(FAR), number, TAIL)
    line = world.one("select id from order_line where order_id = :id", id=id_)
    with pytest.raises(NotFound):
        take_back(world.hub, doing(FAR), id_, told(line))
    with pytest.raises(NotFound):
        take_back(world.hub, doing(11), id_ + 1, told(line, token=seen.token))
    return_id = take_back(world.hub, doing(FAR), id_, told(line, token=seen.token))
    kept = world.rows("select found_by, stock_point_id from store_return where id = :id", id=return_id)
    assert kept == [("phone", FAR)]
    assert world.rows("select from_point_id, to_point_id from transfer") == [(FAR, 1)]


def test_the_code_of_a_parcel_that_waits_is_told_to_nobody_who_guesses(world: World) -> None:
    with_stores(world)
    _, parcel = ready(world)
    with world.hub.engine.connect() as connection:
        assert find_orders(world.hub, connection, NEAR, code_of(world, parcel)) == []


def test_guessing_orders_of_elsewhere_ends_after_a_few_tries(world: World) -> None:
    with_stores(world)
    id_, _, _ = collected(world)
    number = world.one("select external_no from orders where id = :id", id=id_)
    for tail in range(MOST_TRIES):
        with pytest.raises(NotFound):
            prove_order(world.hub, doing(FAR), number, f"{tail + 1000}")
    with pytest.raises(NotPossible, match="too many"):
        prove_order(world.hub, doing(FAR), number, TAIL)
    assert prove_order(world.hub, doing(FAR, "user:8"), number, TAIL).order_id == id_


def test_refused_goods_go_home_with_their_buyer_and_out_of_stock_again(world: World) -> None:
    with_stores(world)
    id_, line = own_goods(world)
    return_id = take_back(world.hub, doing(NEAR), id_, told(line))
    with pytest.raises(NotPossible, match="nobody has refused"):
        give_back(world.hub, doing(NEAR), return_id)
    decide_case(world.hub, case_of(world, return_id)[0], False, "穿过了", {}, "user:1")
    click = doing(NEAR)
    for _ in range(2):
        give_back(world.hub, click, return_id)
    assert case_of(world, return_id)[1:5] == ("refused", "sent_back", "none", "closed")
    assert (on_hand(world, NEAR), counted(world, line)) == (9, (0, 0, 0))
    assert take_back(world.hub, doing(NEAR), id_, told(line)) != return_id
    other, _, other_line = collected(world)
    waiting = take_back(world.hub, doing(NEAR), other, told(other_line))
    decide_case(world.hub, case_of(world, waiting)[0], False, "穿过了", {}, "user:1")
    give_back(world.hub, doing(NEAR), waiting)
    assert world.one("select count(*) from store_return_line where transfer_id is not null") == 0
    check_invariants(world)


def test_people_have_the_platform_pay_its_part_and_never_more(world: World) -> None:
    with_stores(world)
    paying(world)
    id_, _, line = collected(world)
    return_id = take_back(world.hub, doing(NEAR), id_, told(line, 3))
    case = case_of(world, return_id)[0]
    with pytest.raises(NotPossible):
        refund_case(world.hub, case, 1000, "", {}, "user:1")
    decide_case(world.hub, case, True, "", {}, "user:1")
    with pytest.raises(Invalid):
        refund_case(world.hub, case, 1001, "", {}, "user:1")
    refund_case(world.hub, case, 1000, "", {}, "user:1")
    settle(world)
    assert case_of(world, return_id)[3:5] == ("paid", "succeeded")
    assert counted(world, line) == (3, 3, 1000)


def test_a_refund_under_the_platforms_own_case_ends_ours_and_counts_once(world: World) -> None:
    with_stores(world)
    id_, _, line = collected(world)
    return_id = take_back(world.hub, doing(NEAR), id_, told(line, 3))
    decide_case(world.hub, case_of(world, return_id)[0], True, "", {}, "user:1")
    assert follow_platform(world.hub) == 0
    with world.hub.begin() as connection:
        connection.execute(text(
            """insert into cases (id, shop_id, external_no, order_id, kind, money, outcome, asked_amount, opened_at,
                 changed_at) values (77, 1, 'C77', :id, 'return', 'paid', 'succeeded', 1000, now(), now())"""
        ), {"id": id_})  # fmt: skip
        connection.execute(text("update cases set opened_at = (select max(opened_at) from cases where origin = 'store')"))
        connection.execute(text(
            "insert into case_line (id, case_id, order_line_id, units, amount) values (78, 77, :line, 3, 1000)"
        ), {"line": line})  # fmt: skip
    assert (follow_platform(world.hub), follow_platform(world.hub)) == (1, 0)
    assert case_of(world, return_id)[4] == "succeeded"
    assert counted(world, line) == (3, 3, 1000)
