"""What becomes of parcels, and what subscribers and askers are told of it."""

import json
from collections.abc import Callable
from random import Random

import pytest
from werkzeug.wrappers import Response

from connectors.sandbox.kuaidi100.codes import STATES
from connectors.sandbox.kuaidi100.journey import TAILS, choose, city, plan
from connectors.sandbox.kuaidi100.signing import push_signature

from .harness import SF, ZTO, Caller, Subscriber

ROAD = ["103", "1002", "1002", "1001", "5"]


def live(caller: Caller, outcome: str, hours: float) -> None:
    caller.control(f"parcels/{ZTO}", outcome=outcome)
    assert caller.subscribe() == "200"
    caller.pass_time(hours)


def happened(caller: Caller) -> list[str]:
    (parcel,) = caller.client.get("/_twin/ledger").get_json()["parcels"]
    return [event["code"] for event in parcel["events"]]


def test_a_delivered_parcel_is_pushed_step_by_step_and_then_closed(caller: Caller, subscriber: Subscriber) -> None:
    live(caller, "delivered", 80)
    codes = happened(caller)
    assert codes[:5] == ROAD
    assert codes[-1] in ("301", "303", "304")
    assert subscriber.states() == codes
    last = subscriber.params()[-1]
    assert (last["status"], last["billstatus"], last["lastResult"]["ischeck"]) == ("shutdown", "check", "1")
    assert {param["status"] for param in subscriber.params()[:-1]} == {"polling"}


def test_each_push_holds_the_whole_trail_newest_first(caller: Caller, subscriber: Subscriber) -> None:
    live(caller, "delivered", 80)
    trails = [[event["statusCode"] for event in param["lastResult"]["data"]] for param in subscriber.params()]
    assert trails == [happened(caller)[: count + 1][::-1] for count in range(len(trails))]
    oldest = subscriber.params()[-1]["lastResult"]["data"][-1]
    assert oldest["context"] == "【杭州市】快件已由揽收员揽收"
    assert (oldest["status"], oldest["areaName"]) == ("已揽收", "杭州市")


@pytest.mark.parametrize(
    ("outcome", "hours", "codes", "ended"),
    [
        ("refused", 120, [*ROAD, "203", "6", "4"], "shutdown"),
        ("troubled", 120, [*ROAD, "206", "5", "302"], "shutdown"),
        ("stuck", 100, [*ROAD[:3], "202", "208"], ""),
        ("lost", 130, [*ROAD[:2], "202", "210"], ""),
        ("returned", 80, ["103", "6", "4"], "shutdown"),
        ("no_record", 80, [], "abort"),
    ],
)
def test_every_outcome_can_be_wished(caller: Caller, outcome: str, hours: int, codes: list[str], ended: str) -> None:
    live(caller, outcome, hours)
    assert happened(caller) == codes
    assert caller.client.get("/_twin/ledger").get_json()["parcels"][0]["ended"] == ended


def test_a_stuck_parcel_is_given_up_after_sixty_days(caller: Caller, subscriber: Subscriber) -> None:
    live(caller, "stuck", 100)
    caller.pass_time(24 * 61, step=24)
    last = subscriber.params()[-1]
    assert (last["status"], last["message"]) == ("abort", "60天无变化")
    assert last["lastResult"]["state"] == "208"


def test_a_number_without_a_trail_is_given_up_after_three_days(caller: Caller, subscriber: Subscriber) -> None:
    assert caller.subscribe(company="yuantong") == "200"
    caller.pass_time(80)
    (only,) = subscriber.params()
    assert (only["status"], only["message"], only["lastResult"]["data"]) == ("abort", "3天查询无记录", [])
    assert caller.subscribe(company="zhongtong") == "200"
    caller.pass_time(6)
    assert happened(caller)[:1] == ["103"]


def test_an_intercepted_parcel_turns_round_where_it_is(caller: Caller) -> None:
    live(caller, "delivered", 10)
    before = happened(caller)
    caller.control(f"parcels/{ZTO}", outcome="returned")
    caller.pass_time(40)
    assert before == ["103", "1002"]
    assert happened(caller) == [*before, "6", "4"]


def test_the_end_can_change_on_the_road(caller: Caller) -> None:
    live(caller, "delivered", 30)
    caller.control(f"parcels/{ZTO}", outcome="refused")
    caller.pass_time(120)
    assert happened(caller) == [*ROAD, "203", "6", "4"]
    assert "has ended" in caller.control(f"parcels/{ZTO}", status=400, outcome="delivered")["error"]


@pytest.mark.parametrize("code", sorted(STATES))
def test_every_state_of_the_table_can_be_pushed(caller: Caller, subscriber: Subscriber, code: str) -> None:
    caller.subscribe()
    caller.control(f"parcels/{ZTO}", code=code)
    caller.pass_time(0.1, step=0.1)
    (param,) = subscriber.params()
    assert param["lastResult"]["state"] == code
    assert param["lastResult"]["data"][0]["status"] == STATES[code][1]


def test_wrong_wishes_are_named(caller: Caller) -> None:
    assert "outcome must be" in caller.control(f"parcels/{ZTO}", status=400, outcome="eaten")["error"]
    assert "must have started" in caller.control(f"parcels/{ZTO}", status=400, code="103")["error"]


def test_a_push_is_signed_when_a_salt_was_registered(caller: Caller, subscriber: Subscriber) -> None:
    caller.subscribe(ZTO, {"salt": "salt-1"})
    caller.subscribe("75000000000002", {"salt": ""})
    caller.subscribe("75000000000003", {"salt": None})
    caller.pass_time(4)
    signs = {json.loads(form["param"])["lastResult"]["nu"]: form for form in subscriber.forms}
    assert signs[ZTO]["sign"] == push_signature(signs[ZTO]["param"], "salt-1")
    assert signs["75000000000002"]["sign"] == push_signature(signs["75000000000002"]["param"], "")
    assert "sign" not in signs["75000000000003"]


@pytest.mark.parametrize(
    "answer",
    [Response('{"result":false,"returnCode":"500"}'), Response("no", status=502), Response("<html>"), Response("[]")],
)
def test_an_unanswered_push_is_repeated_with_the_same_text(
    caller: Caller, subscriber: Subscriber, answer: Response
) -> None:
    subscriber.answers = [answer]
    caller.subscribe()
    caller.control(f"parcels/{ZTO}", code="103")
    caller.pass_time(1, step=0.1)
    first, second = subscriber.forms
    assert first == second


def test_a_push_is_repeated_three_times_at_most(caller: Caller, subscriber: Subscriber) -> None:
    subscriber.answers = [Response("no", status=500) for _ in range(20)]
    caller.control(f"parcels/{ZTO}", outcome="no_record")
    caller.subscribe()
    caller.control(f"parcels/{ZTO}", code="103")
    caller.pass_time(6, step=0.1)
    assert len(subscriber.forms) == 4
    assert caller.client.get("/_twin/ledger").get_json()["pushes"] == {"given_up": 1}


def test_a_share_of_pushes_comes_twice(caller: Caller, subscriber: Subscriber) -> None:
    caller.control("share", duplicate_push=1.0)
    caller.subscribe()
    caller.control(f"parcels/{ZTO}", code="103")
    caller.pass_time(1, step=0.1)
    assert len(subscriber.forms) == 2
    assert subscriber.forms[0] == subscriber.forms[1]


def test_a_corrected_company_is_told(caller: Caller, subscriber: Subscriber) -> None:
    caller.subscribe(company="yuantong", wishes={"autoCom": "1"})
    caller.pass_time(4)
    param = subscriber.params()[0]
    assert [param[name] for name in ("autoCheck", "comOld", "comNew")] == ["1", "yuantong", "zhongtong"]


def test_a_late_subscriber_is_told_what_has_happened(caller: Caller, subscriber: Subscriber) -> None:
    live(caller, "delivered", 80)
    before = len(subscriber.forms)
    assert caller.subscribe() == "200"
    caller.pass_time(1, step=0.1)
    assert subscriber.params()[before]["status"] == "shutdown"
    assert len(subscriber.forms) == before + 1


@pytest.mark.parametrize(("version", "state"), [("4", "1002"), ("1", "0"), ("0", "0")])
def test_details_depend_on_the_wished_version(caller: Caller, subscriber: Subscriber, version: str, state: str) -> None:
    caller.subscribe(wishes={"resultv2": version})
    caller.control(f"parcels/{ZTO}", code="1002")
    caller.pass_time(0.1, step=0.1)
    result = subscriber.params()[0]["lastResult"]
    assert result["state"] == state
    assert ("statusCode" in result["data"][0]) is (version != "0")


def test_an_enquiry_tells_the_trail_in_either_order(caller: Caller) -> None:
    assert caller.ask()["returnCode"] == "500"
    caller.pass_time(20)
    newest = caller.ask()
    assert (newest["message"], newest["status"], newest["nu"]) == ("ok", "200", ZTO)
    codes = [event["statusCode"] for event in newest["data"]]
    assert codes[-1] == "103"
    assert [event["statusCode"] for event in caller.ask(order="asc")["data"]] == codes[::-1]


def test_a_wrong_enquiry_gets_its_code(caller: Caller) -> None:
    caller.subscribe()
    caller.pass_time(10)
    assert caller.ask(sign="X")["returnCode"] == "503"
    assert caller.ask(customer="OTHER")["returnCode"] == "600"
    assert caller.ask(num=None)["returnCode"] == "400"
    assert caller.ask(com=None)["returnCode"] == "400"
    assert caller.ask(com="nowhere")["returnCode"] == "400"
    assert caller.ask(com="yuantong")["returnCode"] == "500"
    assert caller.ask(com="shunfeng", num=SF)["returnCode"] == "408"


def test_a_restart_goes_on_where_it_was(start: Callable[..., Caller], subscriber: Subscriber) -> None:
    live(start(), "refused", 30)
    before = len(subscriber.forms)
    again = start()
    again.pass_time(120)
    assert happened(again) == [*ROAD, "203", "6", "4"]
    assert len(subscriber.forms) == 8 > before


def test_a_usual_life_lasts_about_two_days() -> None:
    hours = {tail: sum(step.hours for step in plan(tail)) for tail in ("delivered", "by_neighbour", "to_locker")}
    assert all(36 <= value <= 50 for value in hours.values())


def test_shares_decide_the_outcome() -> None:
    shares = {"refused": 0.5, "troubled": 0.0, "stuck": 0.0, "lost": 0.0, "no_record": 0.0}
    found = [choose(shares, Random(number)) for number in range(400)]
    assert 150 < found.count("refused") < 250
    assert set(found) <= {*TAILS} - {"troubled", "stuck", "lost", "no_record"}
    assert {"delivered", "to_locker", "by_neighbour"} < set(found)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("浙江省杭州市余杭区", "杭州市"),
        ("上海市徐汇区", "上海市"),
        ("", "杭州市"),
        ("广西壮族自治区南宁市", "南宁市"),
    ],
)
def test_the_city_is_read_from_an_address(address: str, expected: str) -> None:
    assert city(address) == expected
