"""What the platform turns away before the warehouse looks."""

from collections.abc import Callable

import pytest

from connectors.sandbox.qimen.signing import signature

from .documents import a_delivery
from .harness import SECRET, Caller, ago, verdict

SYSTEM = ("method", "timestamp", "format", "app_key", "v", "sign_method", "customerId")


@pytest.mark.parametrize("name", SYSTEM)
def test_every_missing_system_parameter_is_named(caller: Caller, name: str) -> None:
    params = caller.params("deliveryorder.create", **{name: None})
    params["sign"] = "X"
    code, message = verdict(caller.send_raw(params, a_delivery().encode()))
    assert code == f"missing-{name.lower().replace('_', '-')}"
    assert message == f"Missing {name}"


def test_a_missing_signature_is_named(caller: Caller) -> None:
    answer = caller.send_raw(caller.params("deliveryorder.create"), a_delivery().encode())
    assert verdict(answer)[0] == "missing-sign"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "json"),
        ("v", "9.9"),
        ("sign_method", "sha1"),
        ("app_key", "stranger"),
        ("customerId", "nobody"),
        ("timestamp", "21.11.2026"),
    ],
)
def test_a_wrong_system_parameter_is_refused(caller: Caller, name: str, value: str) -> None:
    answer = caller.send("deliveryorder.create", a_delivery(), sign="X", **{name: value})
    assert verdict(answer)[0] == f"invalid-{name.lower().replace('_', '-')}"


@pytest.mark.parametrize("seconds", [700, -700])
def test_a_clock_more_than_ten_minutes_off_is_refused(caller: Caller, seconds: float) -> None:
    answer = caller.send("deliveryorder.create", a_delivery(), timestamp=ago(seconds))
    assert verdict(answer)[0] == "invalid-timestamp"


def test_a_clock_nine_minutes_off_is_still_right(caller: Caller) -> None:
    answer = caller.send("deliveryorder.create", a_delivery(), timestamp=ago(540))
    assert verdict(answer)[0] == "success"


def test_a_wrong_signature_changes_nothing(caller: Caller) -> None:
    answer = caller.send("deliveryorder.create", a_delivery(), sign="0" * 32)
    assert answer.findtext("success") == "false"
    assert verdict(answer) == ("sign-check-failure", "Illegal request")
    assert caller.client.get("/_twin/ledger").get_json()["orders"] == []


def test_a_body_changed_after_signing_is_refused(caller: Caller) -> None:
    params = caller.params("deliveryorder.create")
    params["sign"] = signature(params, a_delivery("DO1").encode(), SECRET)
    answer = caller.send_raw(params, a_delivery("DO2").encode())
    assert verdict(answer)[0] == "sign-check-failure"


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_every_sign_method_is_accepted_with_and_without_prefix(caller: Caller, method: str) -> None:
    for name in ("deliveryorder.create", "taobao.qimen.deliveryorder.create"):
        assert verdict(caller.send(name, a_delivery(), sign_method=method))[0] == "success"


def test_the_classic_envelope_can_be_asked_for(start: Callable[..., Caller]) -> None:
    answer = start(gateway_envelope="classic").send("deliveryorder.create", a_delivery(), sign="X")
    assert (answer.findtext("flag"), answer.findtext("code")) == ("failure", "sign-check-failure")


def test_an_unknown_method_is_a_business_failure(caller: Caller) -> None:
    assert verdict(caller.send("wavenum.report", "<request/>")) == ("failure", "不支持的方法:wavenum.report")


@pytest.mark.parametrize("body", ["", "<request>", '<!DOCTYPE r [<!ENTITY a "b">]><request>&a;</request>', "<other/>"])
def test_what_is_no_acceptable_xml_is_a_failure(caller: Caller, body: str) -> None:
    assert verdict(caller.send("deliveryorder.create", body))[0] == "failure"


def test_a_rate_limit_fault_is_answered_in_the_platforms_own_envelope(caller: Caller) -> None:
    caller.control("faults", faults=[{"kind": "rate_limit", "match": "deliveryorder.*", "max_times": 1}])
    assert verdict(caller.send("deliveryorder.create", a_delivery()))[0] == "isp.call-limited"
    assert verdict(caller.send("deliveryorder.create", a_delivery()))[0] == "success"


def test_a_time_out_after_accepting_leaves_an_order_that_a_repeat_finds(caller: Caller) -> None:
    caller.control("faults", faults=[{"kind": "timeout_after_accept", "match": "deliveryorder.create", "max_times": 1}])
    with pytest.raises(ConnectionAbortedError):
        caller.send("deliveryorder.create", a_delivery())
    assert verdict(caller.send("deliveryorder.create", a_delivery()))[0] == "success"
    assert caller.ledger("DO1")["created_times"] == 2
