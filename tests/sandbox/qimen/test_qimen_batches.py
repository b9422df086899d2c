"""deliveryorder.batchcreate: what is wrong at once, what is worked off later, and the answer that may be lost."""

from typing import Any

from connectors.sandbox.qimen.xmltext import Rows, render

from .documents import HEAD, PERSON, a_line
from .harness import Caller, Hub, verdict


def a_batch(*codes: str | None, **changes: Any) -> str:
    orders = [
        {
            "deliveryOrder": {"deliveryOrderCode": code, **HEAD, "senderInfo": PERSON, "receiverInfo": PERSON, **changes},
            "orderLines": Rows("orderLine", [a_line()]),
        }
        for code in codes
    ]
    return render("request", {"orders": Rows("order", orders)}).decode()


def told(hub: Hub) -> dict[str | None, str | None]:
    found = hub.documents("deliveryorder.batchcreate.answer")
    return {o.findtext("deliveryOrderCode"): o.findtext("flag") for one in found for o in one.findall("orders/order")}


def test_a_batch_is_worked_off_later_and_answered_order_by_order(caller: Caller, hub: Hub) -> None:
    answer = caller.send("deliveryorder.batchcreate", a_batch("DO1", "DO2"))
    assert (verdict(answer), answer.findall("orders/order")) == (("success", "ok"), [])
    assert verdict(caller.send("deliveryorder.query", query("DO1")))[0] == "failure"
    caller.pass_time(2)
    assert told(hub) == {"DO1": "success", "DO2": "success"}
    assert caller.ledger("DO2")["created_times"] == 1


def query(code: str) -> str:
    return render("request", {"orderCode": code, "page": 1, "pageSize": 10}).decode()


def test_what_can_be_seen_to_be_wrong_is_in_the_answer(caller: Caller, hub: Hub) -> None:
    answer = caller.send("deliveryorder.batchcreate", a_batch(None, "DO2"))
    assert [o.findtext("message") for o in answer.findall("orders/order")] == ["deliveryOrderCode不能为空"]
    caller.pass_time(2)
    assert told(hub) == {"DO2": "success"}


def test_a_repeat_ships_nothing_twice_and_an_empty_or_huge_batch_is_refused(caller: Caller, hub: Hub) -> None:
    for _ in range(2):
        caller.send("deliveryorder.batchcreate", a_batch("DO1"))
        caller.pass_time(2)
    assert (told(hub), caller.ledger("DO1")["created_times"]) == ({"DO1": "success"}, 2)
    for codes in ((), tuple(f"DO{n}" for n in range(51))):
        assert verdict(caller.send("deliveryorder.batchcreate", a_batch(*codes)))[0] == "failure"


def test_an_answer_may_be_lost_although_the_order_is_there(caller: Caller, hub: Hub) -> None:
    caller.control("share", answer_lost=1)
    caller.send("deliveryorder.batchcreate", a_batch("DO1"))
    caller.pass_time(2)
    assert (told(hub), caller.ledger("DO1")["status"]) == ({}, "NEW")
