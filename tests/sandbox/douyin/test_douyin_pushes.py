"""Messages: registered, signed, tagged, delivered, answered by the body; and their faults."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from .caller import Caller


class Inbox:
    """A small server that keeps what it is sent; `answer` is the body it says."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer = b'{"code":0,"msg":"success"}'
        inbox = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(inbox.answer)

            def log_message(self, format: str, *args: Any) -> None:
                return None

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/push"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)

    def messages(self) -> list[tuple[str, dict[str, Any]]]:
        found = [message for _, body in self.got for message in json.loads(body)]
        return [(message["tag"], json.loads(message["data"])) for message in found]

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.messages()]

    def last(self, tag: str) -> dict[str, Any]:
        return [content for found, content in self.messages() if found == tag][-1]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


@pytest.fixture
def told(shop: Caller, inbox: Inbox) -> Caller:
    """A shop whose address is registered and has been checked."""
    assert shop.client.post("/_twin/subscription", json={"url": inbox.url}).status_code == 200
    shop.advance(0)
    assert inbox.tags() == ["0"]
    inbox.got.clear()
    return shop


def test_a_new_paid_order_is_told_in_one_signed_body(told: Caller, inbox: Inbox) -> None:
    number = told.one()
    told.advance(0)
    headers, body = inbox.got[0]
    text = told.keys["app_key"].encode() + body + told.keys["app_secret"].encode()
    assert headers["event-sign"] == hashlib.md5(text).hexdigest()
    assert (headers["app-id"], inbox.tags()) == (told.keys["app_key"], ["100", "101"])
    paid, order = inbox.last("101"), told.order(number)
    assert (paid["p_id"], paid["pay_amount"], paid["order_status"]) == (int(number), order["pay_amount"], 2)
    assert paid["s_ids"] == [int(line["order_id"]) for line in order["sku_order_list"]]


def test_the_life_of_an_order_is_told_by_tags(told: Caller, inbox: Inbox) -> None:
    number = told.one("held")
    told.act(number, "release")
    told.act(number, "delay_shipping")
    told.act(number, "edit_memo")
    told.act(number, "edit_quantity", num=2)
    told.act(number, "ask_address")
    told.call("order/addressConfirm", order_id=number, is_approved=0)
    told.ship(number)
    told.call("order/logisticsEdit", order_id=number, company_code="ems", logistics_code="EMS00000001")
    told.act(number, "finish")
    told.act(told.one("unpaid"), "cancel")
    told.advance(0)
    tags = ["100", "110", "101", "126", "113", "109", "111", "105", "102", "104", "103", "100", "106"]
    assert inbox.tags() == tags
    assert inbox.last("104")["logistics_msg"]["logistics_code"] == "EMS00000001"
    assert json.loads(inbox.last("111")["post_receiver_msg"]["addr"])["province"]["name"]


def test_a_parcel_of_a_part_is_told_as_such(told: Caller, inbox: Inbox) -> None:
    number = told.one("split")
    line = told.lines(number)[0]["order_id"]
    told.call(
        "order/logisticsAddSinglePack", order_id_list=[number], request_id="r", company_code="ems",
        logistics_code="EMS00000001", shipped_order_info=[{"shipped_order_id": line, "shipped_num": 1}],
    )  # fmt: skip
    told.advance(0)
    shipped = inbox.last("108")["logistics_msg"]["shipped_order_info"]
    assert [(found["shipped_order_id"], found["shipped_num"]) for found in shipped] == [(int(line), 1)]


def test_after_sale_is_told_by_tags(told: Caller, inbox: Inbox) -> None:
    number = told.shipped()
    inbox.got.clear()
    case = told.ask(number, **{"return": True})
    told.decide(101, case)
    told.act(number, "return_goods")
    told.decide(111, case)
    told.act(told.one(), "refund")
    told.advance(0)
    tags = [tag for tag in inbox.tags() if tag.startswith("2")]
    assert tags[:4] == ["200", "202", "203", "206"]
    success = inbox.last("206")
    assert (success["aftersale_id"], success["aftersale_status"], success["p_id"]) == (int(case), 12, int(number))
    assert success["update_time"].endswith("+08:00")


def test_refusals_withdrawals_and_changes_are_told(told: Caller, inbox: Inbox) -> None:
    refusal = {"reason": "协商一致", "remark": "已沟通", "reject_reason_code": 2}
    first, second, third = told.shipped(), told.shipped(), told.shipped()
    told.decide(202, told.ask(first), **refusal)
    told.decide(102, told.ask(second, **{"return": True}), **refusal)
    case = told.ask(third)
    told.act(third, "modify_case", amount=1)
    told.call("afterSale/timeExtend", after_sale_id=case)
    told.act(third, "withdraw_refund")
    told.advance(0)
    tags = [tag for tag in inbox.tags() if tag.startswith("2")]
    assert tags == ["200", "204", "200", "205", "200", "208", "209", "207"]


def test_an_answer_without_code_zero_is_tried_again(told: Caller, inbox: Inbox) -> None:
    inbox.answer = b'{"code":1}'
    told.one()
    told.advance(0)
    inbox.answer = b'{"code":0}'
    told.advance(60)
    states = [push["state"] for push in told.client.get("/_twin/pushes").get_json()["pushes"]]
    assert (states, len(inbox.got)) == (["done", "done"], 2)
    assert inbox.got[0][1] == inbox.got[1][1]


@pytest.mark.parametrize(
    ("kind", "at_once", "later"), [("lost_push", 0, 0), ("duplicate_push", 2, 2), ("late_push", 0, 1)]
)
def test_pushes_misbehave_on_demand(told: Caller, inbox: Inbox, kind: str, at_once: int, later: int) -> None:
    told.fault(kind=kind, match="100", seconds=600)
    told.one()
    told.advance(0)
    assert len(inbox.got) == at_once
    told.advance(600)
    assert len(inbox.got) == later


def test_nothing_is_pushed_without_an_address(shop: Caller) -> None:
    shop.one()
    assert shop.client.get("/_twin/pushes").get_json()["pushes"] == []
