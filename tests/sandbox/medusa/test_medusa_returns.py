"""Returns, exchanges and money: from what a buyer asks to what has gone back; the one change an order may have."""

from __future__ import annotations

from typing import Any

import pytest

from .caller import Caller, refused, told


def shipped(store: Caller, kind: str = "plain") -> str:
    number = store.make(kind)
    store.ship(number)
    return number


def payment_of(store: Caller, number: str) -> str:
    return str(store.order(number)["payment_collections"][0]["payments"][0]["id"])


def test_a_buyers_return_is_requested_received_and_paid_back(store: Caller) -> None:
    number = shipped(store)
    item = store.items(number)[0]
    back = store.returned(number)
    asked = store.get(f"/returns/{back}")["return"]
    assert (asked["status"], asked["items"][0]["item_id"], asked["refund_amount"]) == ("requested", item["id"], None)
    owed = -store.order(number)["summary"]["pending_difference"]
    assert owed > 0
    assert store.order(number)["items"][0]["detail"]["return_requested_quantity"] == item["quantity"]
    assert store.verb(number, "return_goods").status_code == 200
    store.receive(back, [item])
    received = store.get(f"/returns/{back}")["return"]
    assert (received["status"], received["items"][0]["received_quantity"]) == ("received", item["quantity"])
    assert received["received_at"]
    before = store.order(number)["updated_at"]
    refund = store.post(f"/payments/{payment_of(store, number)}/refund", {"amount": owed, "note": "谢谢"})
    assert refund["payment"]["refunds"][0]["note"] == "谢谢"
    order = store.order(number)
    assert order["summary"]["pending_difference"] == 0
    assert (order["payment_status"], order["updated_at"]) == (
        "refunded" if order["total"] == 0 else "partially_refunded",
        before,
    )
    assert store.get(f"/returns/{back}")["return"]["updated_at"] == received["updated_at"]
    (case,) = store.trade(number)["refunds"]
    assert (case["status"], case["paid_back"]) == ("succeeded", round(owed * 100))


def test_parts_come_back_one_after_another_and_damaged(store: Caller) -> None:
    number = store.make()
    store.verb(number, "edit_quantity", num=3)
    store.ship(number)
    line = store.items(number)[0]["id"]
    back = store.returned(number, num=3)
    store.receive(back, [{"id": line, "quantity": 1}])
    assert store.get(f"/returns/{back}")["return"]["status"] == "partially_received"
    store.receive(back, [{"id": line, "quantity": 1}], [{"id": line, "quantity": 1}])
    done = store.get(f"/returns/{back}")["return"]
    assert (done["status"], done["items"][0]["damaged_quantity"]) == ("received", 1)
    detail = store.order(number)["items"][0]["detail"]
    names = ("return_requested_quantity", "return_received_quantity", "return_dismissed_quantity")
    assert [detail[name] for name in names] == [0, 2, 1]


def test_a_return_is_called_off_by_either_side(store: Caller) -> None:
    for by_seller in (True, False):
        number = shipped(store)
        back = store.returned(number)
        if by_seller:
            assert store.post(f"/returns/{back}/cancel") == {}
        else:
            store.verb(number, "withdraw_refund")
        found = store.get(f"/returns/{back}")["return"]
        assert (found["status"], bool(found["canceled_at"])) == ("canceled", True)
        assert store.order(number)["summary"]["pending_difference"] == 0
        again = store.call("POST", f"/returns/{back}/receive", {})
        assert refused(again) == (400, "invalid_data")
        assert store.trade(number)["refunds"][0]["status"] == ("refused" if by_seller else "CLOSED")


def test_staff_drafts_a_return(store: Caller) -> None:
    number = shipped(store)
    item = store.items(number)[0]
    back = store.post("/returns", {"order_id": number})["return"]["id"]
    assert store.get("/returns", status="open")["count"] == 1
    assert refused(store.call("POST", "/returns", {"order_id": number})) == (400, "invalid_data")
    assert refused(store.call("POST", f"/returns/{back}/receive", {})) == (400, "invalid_data")
    assert refused(store.call("POST", f"/returns/{back}/cancel", {})) == (400, "invalid_data")
    too_many = {"items": [{**item, "quantity": 99}]}
    assert refused(store.call("POST", f"/returns/{back}/request-items", too_many)) == (400, "invalid_data")
    store.post(f"/returns/{back}/request-items", {"items": [{**item, "note": "太大"}]})
    assert store.get(f"/returns/{back}")["return"]["items"] == []
    store.post(f"/returns/{back}/request")
    found = store.get(f"/returns/{back}")["return"]
    assert (found["status"], found["items"][0]["note"]) == ("requested", "太大")
    assert refused(store.call("POST", f"/returns/{back}/request", {})) == (400, "invalid_data")
    assert store.trade(number)["refunds"][0]["amount"] > 0


def test_a_draft_can_be_thrown_away(store: Caller) -> None:
    number = shipped(store)
    back = store.post("/returns", {"order_id": number})["return"]["id"]
    assert told(store.call("DELETE", f"/returns/{back}/request"))["deleted"] is True
    assert refused(store.call("GET", f"/returns/{back}")) == (404, "not_found")
    assert store.returned(number)


def test_receiving_keeps_to_what_was_requested(store: Caller) -> None:
    number = shipped(store)
    item = store.items(number)[0]
    back = store.returned(number)
    for path in ("receive-items", "receive/confirm"):
        body = {"items": [item]} if path == "receive-items" else {}
        assert refused(store.call("POST", f"/returns/{back}/{path}", body)) == (400, "invalid_data")
    store.post(f"/returns/{back}/receive")
    more = {"items": [{**item, "quantity": item["quantity"] + 1}]}
    assert refused(store.call("POST", f"/returns/{back}/receive-items", more)) == (400, "invalid_data")
    store.call("DELETE", f"/returns/{back}/receive")
    store.receive(back, [item])
    assert refused(store.call("POST", f"/returns/{back}/cancel", {})) == (400, "not_allowed")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"amount": 0}, (400, "invalid_data")), ({"amount": -1}, (400, "invalid_data")),
        ({"amount": "x"}, (400, "invalid_data")), ({"amount": 999999}, (400, "invalid_data")),
        ({"amount": 1, "refund_reason_id": "refr_x"}, (404, "not_found")), ({"reason": "x"}, (400, "invalid_data")),
    ],
)  # fmt: skip
def test_refunds_that_cannot_be_made(store: Caller, body: dict[str, Any], answer: tuple[int, str]) -> None:
    payment = payment_of(store, store.make())
    assert refused(store.call("POST", f"/payments/{payment}/refund", body)) == answer


def test_what_was_not_captured_is_not_refunded(store: Caller) -> None:
    payment = payment_of(store, store.make("authorized"))
    assert refused(store.call("POST", f"/payments/{payment}/refund", {"amount": 1})) == (400, "invalid_data")
    assert refused(store.call("POST", "/payments/pay_x/refund", {"amount": 1})) == (404, "not_found")


def test_money_beyond_what_is_owed_becomes_a_credit_line(store: Caller) -> None:
    number = store.make()
    before = store.order(number)
    store.post(f"/payments/{payment_of(store, number)}/refund", {"amount": 1.5})
    order = store.order(number)
    assert order["total"] == pytest.approx(before["total"] - 1.5)
    assert order["updated_at"] > before["updated_at"]
    assert [line["amount"] for line in order["credit_lines"]] == [1.5]
    rows = store.order(number, "*transactions")["transactions"]
    assert [(row["reference"], row["amount"]) for row in rows] == [("capture", before["total"]), ("refund", -1.5)]


def test_staff_refunds_what_has_not_shipped(store: Caller) -> None:
    number = store.make("split")
    first, second = store.items(number)
    store.verb(number, "refund", line=first["id"])
    order = store.order(number)
    assert [item["id"] for item in order["items"]] == [second["id"]]
    assert order["payment_status"] == "partially_refunded"
    assert order["summary"]["pending_difference"] == 0
    assert store.get("/returns")["count"] == 0
    store.verb(number, "refund", line=second["id"])
    order = store.order(number)
    assert (order["status"], order["payment_status"]) == ("canceled", "refunded")
    assert store.trade(number)["payable"] is False


def test_an_exchange_sends_other_goods(store: Caller) -> None:
    number = shipped(store)
    item = store.items(number)[0]
    back = store.returned(number, exchange=True)
    found = store.get("/returns", order_id=number, fields="id,exchange_id,*items,*exchange.additional_items")["returns"][
        0
    ]
    exchange = store.get(f"/exchanges/{found['exchange_id']}")["exchange"]
    assert (exchange["return_id"], len(exchange["additional_items"])) == (back, 1)
    new = exchange["additional_items"][0]["item_id"]
    assert new in [line["id"] for line in store.order(number)["items"]]
    store.receive(back, [item])
    store.ship(number, [{"id": new, "quantity": item["quantity"]}])
    assert [shipment["kind"] for shipment in store.trade(number)["shipments"]] == ["shipment", "exchange"]
    line = next(line for line in store.order(number)["items"] if line["id"] == new)
    assert line["detail"]["shipped_quantity"] == item["quantity"]


def test_a_cancelled_exchange_takes_its_goods_off(store: Caller) -> None:
    number = shipped(store)
    back = store.returned(number, exchange=True)
    exchange = store.get(f"/returns/{back}")["return"]["exchange_id"]
    assert store.post(f"/exchanges/{exchange}/cancel")["exchange"]["canceled_at"]
    assert [line["id"] for line in store.order(number)["items"]] == [line["id"] for line in store.items(number)]
    assert refused(store.call("GET", "/exchanges/oexc_x")) == (404, "not_found")


def test_returns_are_listed_by_change(store: Caller) -> None:
    made = [store.returned(shipped(store)) for _ in range(3)]
    store.post(f"/returns/{made[0]}/cancel")
    listed = store.get("/returns", order="updated_at", limit=2)
    assert (listed["count"], [row["id"] for row in listed["returns"]]) == (3, made[1:])
    moment = store.get(f"/returns/{made[0]}")["return"]["updated_at"]
    assert [row["id"] for row in store.get("/returns", {"updated_at[$gte]": moment})["returns"]] == [made[0]]
    assert store.get("/returns", {"status[]": ["requested"]})["count"] == 2


def test_what_has_not_shipped_cannot_be_returned(store: Caller) -> None:
    number = store.make()
    line = store.items(number)[0]["id"]
    assert store.verb(number, "refund", line=line, **{"return": True}).status_code == 409
    back = store.post("/returns", {"order_id": number})["return"]["id"]
    asked = store.call("POST", f"/returns/{back}/request-items", {"items": store.items(number)})
    assert "Cannot request to return more items than what was fulfilled" in told(asked)["message"]
    assert refused(store.call("POST", "/returns", {})) == (400, "invalid_data")
    assert refused(store.call("POST", "/returns", {"order_id": "order_x"})) == (404, "not_found")
