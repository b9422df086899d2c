"""Cases through the API: the list, one case, and the decisions, each once for its key."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert, text
from werkzeug.test import TestResponse

from connectors.contract.families import Marketplace
from connectors.contract.manifest import Manifest
from connectors.contract.notices import Receipt
from oms.app.kernel.hub import Hub
from oms.db.aftersales import Case, CaseStep
from oms.db.channels import Account
from oms.db.logistics import Carrier
from tests.api.conftest import Caller, MakeCaller
from tests.api.rows import NOW, add, an_order

numbers = count(1)


class Toy(Marketplace):
    """A platform that takes every decision."""

    manifest = Manifest("toy", "marketplace", "玩具", "Toy", "玩", "http://127.0.0.1:1")

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Any) -> Receipt:
        return Receipt(case_no)

    def goods_received(self, case_no: str, facts: Any) -> Receipt:
        return Receipt(case_no)

    def refund_case(self, notice: Any) -> Receipt:
        return Receipt(notice.key)

    def ship_exchange(self, case_no: str, notice: Any) -> Receipt:
        return Receipt(case_no)


@pytest.fixture(scope="module", autouse=True)
def vendor(hub: Hub, shops: tuple[int, int]) -> Iterator[None]:
    hub.vendors["toy"] = Toy
    with hub.begin() as connection:
        account = add(connection, Account, family="marketplace", vendor="toy", name="toy")
        connection.execute(text("update shop set account_id = :id, mode = 'live'"), {"id": account})
        add(connection, Carrier, code="YTO", name="圆通")
    hub.masters.forget()
    yield
    del hub.vendors["toy"]


def a_case(hub: Hub, shop_id: int, *allows: str, **changes: Any) -> int:
    number = f"C{next(numbers)}"
    with hub.begin() as connection:
        order_id = an_order(connection, shop_id, f"O-{number}")
        values = {"shop_id": shop_id, "external_no": number, "order_id": order_id, "order_no": f"O-{number}",
                  "kind": "return", "platform_state": "asked", "asked_amount": 5000, "opened_at": NOW,
                  "changed_at": NOW} | changes  # fmt: skip
        case_id = add(connection, Case, **values)
        told = {"allows": allows, "urls": ["https://pictures.example/1.jpg"], "lines": [[f"O-{number}-1", 1, 5000]]}
        connection.execute(
            insert(CaseStep).values(case_id=case_id, actor_kind="buyer", action="asked", evidence=told, at=NOW)
        )
    return case_id


def act(caller: Caller, case_id: int, verb: str, key: str = "", **body: Any) -> TestResponse:
    headers = {"Idempotency-Key": key or f"test-key-{next(numbers)}"}
    return caller.post(f"/cases/{case_id}/actions/{verb}", json=body, headers=headers)


def test_one_case_tells_its_lines_history_and_what_may_be_decided(
    hub: Hub, caller: Caller, shops: tuple[int, int]
) -> None:
    case = caller.get(f"/cases/{a_case(hub, shops[0], 'agree', 'refuse')}").json
    assert (case["asked_amount"], case["currency"], case["outcome"]) == (5000, "CNY", "open")
    assert [(line["units"], line["amount"]) for line in case["lines"]] == [(1, 5000)]
    assert [step["action"] for step in case["steps"]] == ["asked"]
    assert case["evidence"] == ["https://pictures.example/1.jpg"]
    assert (case["can"], case["answer"]) == (["agree", "refuse"], None)


def test_open_cases_are_listed_and_ended_ones_found_by_their_number(
    hub: Hub, caller: Caller, shops: tuple[int, int]
) -> None:
    mine = a_case(hub, shops[1])
    agreed = a_case(hub, shops[1], review="agreed", platform_state="agreed")
    over = a_case(hub, shops[1], outcome="succeeded")
    listed = [case["id"] for case in caller.get(f"/cases?shop_id={shops[1]}").json["cases"]]
    assert (mine in listed, agreed in listed, over in listed) == (True, True, False)
    waiting = [case["id"] for case in caller.get("/cases?waiting=true").json["cases"]]
    assert (mine in waiting, agreed in waiting) == (True, False)
    number = caller.get(f"/cases/{over}").json["external_no"]
    assert [case["id"] for case in caller.get(f"/cases?external_no={number}").json["cases"]] == [over]
    for question, field in (("cursor=x", "cursor"), ("state=open", "state"), ("waiting=perhaps", "waiting")):
        answer = caller.get(f"/cases?{question}")
        assert (answer.status_code, answer.json["field"]) == (422, field)


def test_a_decision_is_written_once_for_its_key(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    case_id = a_case(hub, shops[0], "agree", "refuse")
    asked = {"reason": "已经发货", "facts": {"evidence": "https://pictures.example/2.jpg"}, "version": 1}
    first = act(caller, case_id, "refuse", "the-same-case-key", **asked)
    again = act(caller, case_id, "refuse", "the-same-case-key", **asked)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json["review"], first.json["version"], first.json["can"]) == ("refused", 2, [])
    assert first.json["answer"] == {"verb": "refuse", "state": "waiting", "words": ""}
    assert again.headers["Idempotent-Replay"] == "true"
    other = act(caller, case_id, "agree", "the-same-case-key")
    assert (other.status_code, other.json["field"]) == (422, "Idempotency-Key")
    assert (act(caller, case_id, "agree").status_code, act(caller, case_id, "agree", version=1).status_code) == (409, 409)
    assert first.json["steps"][-1]["actor"].startswith("api:")


def test_a_refund_is_paid_once_and_within_its_case(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    case_id = a_case(hub, shops[0], "refund", platform_state="returned")
    assert caller.get(f"/cases/{case_id}").json["can"] == ["refund"]
    assert act(caller, case_id, "refund", amount=5001).json["field"] == "amount"
    paid = act(caller, case_id, "refund", amount=4000, reason="折痕")
    assert (paid.json["money"], paid.json["agreed_amount"]) == ("submitted", 4000)
    assert act(caller, case_id, "refund", amount=4000).status_code == 409


def test_goods_back_and_goods_sent_in_exchange(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    back = a_case(hub, shops[0], platform_state="returned")
    assert act(caller, back, "goods-received", facts={"units": "1"}).json["answer"]["verb"] == "goods_received"
    case_id = a_case(hub, shops[0], "ship_exchange", kind="exchange", platform_state="returned")
    assert act(caller, case_id, "ship-exchange", carrier="NONE", waybill_no="YT1000001").json["field"] == "carrier"
    sent = act(caller, case_id, "ship-exchange", carrier="YTO", waybill_no="YT1000001")
    assert sent.json["answer"]["verb"] == "ship_exchange"


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("refuse", {}, "reason"),
        ("refund", {}, "amount"),
        ("refund", {"amount": "1"}, "amount"),
        ("ship-exchange", {"carrier": "YTO"}, "waybill_no"),
        ("agree", {"amount": 1}, "amount"),
        ("agree", {"facts": {"a": "b\u0000"}}, "facts.a.value"),
        ("agree", {"nonsense": 1}, "nonsense"),
    ],
)
def test_what_a_decision_lacks_or_does_not_take_is_named(
    hub: Hub, caller: Caller, shops: tuple[int, int], verb: str, body: dict[str, Any], field: str
) -> None:
    answer = act(caller, a_case(hub, shops[0], "agree", "refuse", "refund"), verb, **body)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert answer.json["remedy"]


def test_cases_want_their_permissions_in_their_shop(hub: Hub, make_caller: MakeCaller, shops: tuple[int, int]) -> None:
    case_id = a_case(hub, shops[0], "agree", "refund")
    other = make_caller(shop_ids=[shops[1]])
    assert other.get(f"/cases/{case_id}").status_code == 404
    assert act(other, case_id, "agree").status_code == 404
    assert case_id not in [case["id"] for case in other.get("/cases").json["cases"]]
    looks = make_caller("case.view", "case.decide")
    assert act(looks, case_id, "refund", amount=1).status_code == 403
    assert act(make_caller("case.view", "case.refund"), case_id, "agree").status_code == 403
    assert make_caller("order.view").get("/cases").status_code == 403
    assert act(looks, case_id, "agree").status_code == 200


def test_a_shop_that_is_only_observed_decides_nothing(hub: Hub, caller: Caller, shops: tuple[int, int]) -> None:
    case_id = a_case(hub, shops[1], "agree")
    with hub.begin() as connection:
        connection.execute(text("update shop set mode = 'observing' where id = :id"), {"id": shops[1]})
    hub.masters.forget()
    assert caller.get(f"/cases/{case_id}").json["can"] == []
    assert act(caller, case_id, "agree").status_code == 409
