"""EasyPost: trackers asked for and pushed, every status, signatures."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any, ClassVar

import orjson
import pytest
import responses

from connectors.carriers.easypost import EasyPost
from connectors.contract import errors as e
from connectors.contract import notices as n
from connectors.contract.manifest import Account
from connectors.contract.notices import ParcelState as State
from tests.connectors.contract_push import PushSuite
from tests.connectors.contract_suite import NOW, CarrierSuite, Kit, Refusal

GATEWAY = "https://ep.example.invalid"
REQUEST = n.TrackRequest("FEDEX", "EZ1000000001", "https://hub.example.invalid/hooks")
SECRET = "ep-secret"


def tracker(status: str = "in_transit", detail: str = "", **changes: Any) -> dict[str, Any]:
    scan = {"message": "Arrived", "status": status, "status_detail": detail, "datetime": "2026-11-21T10:00:00Z",
            "tracking_location": {"city": "HOUSTON", "state": "TX", "country": None, "zip": "77063"}}  # fmt: skip
    older = {"message": "Label", "status": "pre_transit", "datetime": "2026-11-20T10:00:00Z"}
    return {"id": "trk_1", "object": "Tracker", "tracking_code": "EZ1000000001", "status": status,
            "status_detail": detail, "carrier": "FedEx", "tracking_details": [older, scan]} | changes  # fmt: skip


def event(result: dict[str, Any] | None = None, **changes: Any) -> bytes:
    told = {"id": "evt_1", "object": "Event", "description": "tracker.updated", "result": result or tracker()}
    return orjson.dumps(told | changes)


def a_push(body: bytes, secret: str = SECRET, prefix: str = "hmac-sha256-hex=") -> n.PushRequest:
    """A push signed here by hand, apart from the connector's own signing."""
    mark = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return n.PushRequest("POST", "/hooks/easypost", {}, {"X-Hmac-Signature": mark}, body, NOW)


def failing(code: str, words: str) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": words, "errors": []}})


class TestContract(PushSuite, CarrierSuite):
    connector: ClassVar = EasyPost
    kit: ClassVar = Kit(
        read=lambda vendor: vendor.track(REQUEST),
        settings=(("webhook_secret", SECRET),),
        refusals=(
            Refusal(failing("TRACKER.CREATE.ERROR", "no such carrier"), e.Refused, status=422),
            Refusal(failing("APIKEY.INACTIVE", "key is off"), e.AuthFailed, status=401),
            Refusal(failing("RATE_LIMITED", "slow down"), e.RateLimited, status=429),
        ),
        pushes=(a_push(event()), a_push(event(tracker("delivered"), id="evt_2"), prefix="")),
    )


@pytest.fixture
def side() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def a_vendor(secret: str = SECRET, **settings: str) -> EasyPost:
    return EasyPost(Account(settings, {"api_key": "ek", "webhook_secret": secret}, GATEWAY), clock=lambda: NOW)


def test_a_tracker_is_made_with_its_carrier_and_answers_the_whole_trail(side: responses.RequestsMock) -> None:
    side.post(f"{GATEWAY}/v2/trackers", json=tracker())
    report = a_vendor().track(REQUEST)
    assert orjson.loads(side.calls[0].request.body or b"") == {
        "tracker": {"tracking_code": "EZ1000000001", "carrier": "FedEx"}
    }
    assert side.calls[0].request.headers["Authorization"].startswith("Basic ")
    assert (report.carrier_code, report.waybill_no, report.state) == ("FEDEX", "EZ1000000001", State.ON_THE_WAY)
    assert [(scan.code, scan.place) for scan in report.events] == [("in_transit", "HOUSTON, TX"), ("pre_transit", "")]


def test_of_scans_of_one_second_the_one_told_last_is_the_newest(side: responses.RequestsMock) -> None:
    at = "2026-11-21T10:00:00Z"
    scans = [{"message": status, "status": status, "datetime": at} for status in ("in_transit", "out_for_delivery")]
    side.post(f"{GATEWAY}/v2/trackers", json=tracker(tracking_details=scans))
    assert [scan.code for scan in a_vendor().track(REQUEST).events] == ["out_for_delivery", "in_transit"]


def test_own_names_of_carriers_go_both_ways(side: responses.RequestsMock) -> None:
    side.post(f"{GATEWAY}/v2/trackers", json=tracker(carrier="Aramex"))
    vendor = a_vendor(carriers="ARX=Aramex")
    assert vendor.track(n.TrackRequest("ARX", "EZ1", "")).carrier_code == "ARX"
    assert b'"Aramex"' in (side.calls[0].request.body or b"")
    side.post(f"{GATEWAY}/v2/trackers", json=tracker())
    assert vendor.subscribe(REQUEST).reference == "trk_1"


@pytest.mark.parametrize(
    ("status", "detail", "state", "ended"),
    [
        ("unknown", "", State.UNKNOWN, False),
        ("pre_transit", "", State.CREATED, False),
        ("in_transit", "", State.ON_THE_WAY, False),
        ("out_for_delivery", "", State.OUT_FOR_DELIVERY, False),
        ("delivered", "", State.DELIVERED, True),
        ("available_for_pickup", "", State.AT_PICKUP_POINT, False),
        ("return_to_sender", "", State.RETURNING, False),
        ("return_to_sender", "delivered", State.RETURNED, True),
        ("failure", "", State.TROUBLE, False),
        ("failure", "refused", State.REFUSED, False),
        ("cancelled", "", State.CANCELLED, True),
        ("error", "", State.UNKNOWN, False),
        ("teleported", "", State.UNKNOWN, False),
    ],
)
def test_every_status_has_its_state(status: str, detail: str, state: State, ended: bool) -> None:
    report = a_vendor().parse_push(a_push(event(tracker(status, detail))))
    assert isinstance(report, n.TrackReport)
    assert (report.state, report.ended, report.events[0].code) == (state, ended, status)
    assert bool(report.alerts) is (status == "teleported")


def test_the_signature_is_that_of_the_worked_kind_and_must_fit() -> None:
    vendor, body = a_vendor(), event()
    envelope = vendor.verify_push(a_push(body))
    assert (envelope.key, envelope.number) == ("evt_1", "EZ1000000001")
    for forged in (a_push(body, "other"), n.PushRequest("POST", "/", {}, {}, body, NOW)):
        with pytest.raises(e.BadSignature):
            vendor.verify_push(forged)
    with pytest.raises(e.BadSignature, match="no webhook secret"):
        a_vendor("").verify_push(a_push(body, ""))


def test_events_of_other_things_tell_nothing_and_one_without_its_tracker_is_parked() -> None:
    assert a_vendor().parse_push(a_push(event(description="batch.created"))) is None
    with pytest.raises(e.BadRecord):
        a_vendor().parse_push(a_push(event(result={}, object="Event").replace(b'"result"', b'"nothing"')))
