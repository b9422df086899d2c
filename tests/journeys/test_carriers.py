"""Connectors of carriers against their twins over HTTP: neither was written from the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client

from connectors.carriers.cainiao import Cainiao
from connectors.carriers.easypost import EasyPost
from connectors.carriers.sf import Sf
from connectors.contract import labels as lb
from connectors.contract import notices as n
from connectors.contract.errors import AuthFailed
from connectors.contract.manifest import Account
from connectors.contract.notices import ParcelState as State
from connectors.sandbox.cainiao.twin import CainiaoTwin
from connectors.sandbox.easypost.twin import EasyPostTwin
from connectors.sandbox.kit import Twin, TwinOptions
from connectors.sandbox.sf.twin import SfTwin
from tests.connectors.carriers.papers import RECEIVER, a_notice

Serve = Callable[..., tuple[Twin, str]]


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        return None


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves a twin on a port of its own until the test is over."""
    running: list[Any] = []

    def serve(kind: type[Twin], **settings: Any) -> tuple[Twin, str]:
        twin = kind(TwinOptions(tmp_path, 1, 1.0, settings))
        server = make_server("127.0.0.1", 0, twin, threaded=True, request_handler=Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        running.append((twin, server, thread))
        return twin, f"http://127.0.0.1:{server.server_port}"

    yield serve
    for twin, server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()
        twin.close()


def now() -> datetime:
    return datetime.now(UTC)


def test_cainiao_gives_finds_changes_and_takes_back_a_number(serve: Serve) -> None:
    twin, url = serve(CainiaoTwin, app_key="a", app_secret="b", session="c", quantity=2, sender="示例路一号")
    account = Account({"app_key": "a", "user_id": "1"}, {"app_secret": "b", "session": "c"}, f"{url}/router/rest")
    vendor, notice = Cainiao(account, clock=now), a_notice()
    assert vendor.check().ok
    label = vendor.request_waybill(notice)
    assert vendor.request_waybill(notice) == label
    other = vendor.request_waybill(replace(notice, number="F1234-2_2"))
    ref = n.LabelRef(notice.number, "ZTO")
    assert vendor.find_waybill(ref) is None, "orders do not say which of their packages a number is for"
    assert vendor.request_waybill(notice) == label != other
    found = vendor.find_waybill(replace(ref, waybill_no=label.waybill_no))
    assert found is not None
    assert found.waybill_no == label.waybill_no
    changed = vendor.change_label(replace(notice, waybill_no=label.waybill_no, receiver=replace(RECEIVER, phone="139")))
    assert (changed.waybill_no, changed.print_data == label.print_data) == (label.waybill_no, False)
    assert {row.carrier_code: row.numbers for row in vendor.balance()}["ZTO"] == 0
    refusals: dict[type[Exception], n.LabelNotice] = {
        lb.NumbersUsedUp: replace(notice, number="F2_1"),
        lb.Unreachable: replace(notice, receiver=replace(RECEIVER, address="超区")),
        lb.SenderUnknown: replace(notice, sender=replace(notice.sender, street="别处")),
        lb.TokenStale: replace(notice, receiver=replace(RECEIVER, masked=True, tokens={"oaid": "expired"})),
    }
    for kind, asked in refusals.items():
        with pytest.raises(kind):
            vendor.request_waybill(asked)
    assert not vendor.reachable("ZTO", replace(RECEIVER, address="超区")).is_reachable
    gone = replace(ref, waybill_no=label.waybill_no)
    vendor.cancel_waybill(gone)
    vendor.cancel_waybill(gone)
    assert vendor.find_waybill(gone) is None
    assert [row["state"] for row in twin.ledger()["numbers"]] == ["cancelled", "got"]


def test_sf_places_finds_and_follows_an_order(serve: Serve) -> None:
    twin, url = serve(SfTwin, partner_id="p", checkword="w")
    vendor = Sf(Account({"partner_id": "p"}, {"checkword": "w"}, f"{url}/std/service"), clock=now)
    assert vendor.check().ok
    notice = a_notice(carrier_code="SF")
    label = vendor.request_waybill(notice)
    assert vendor.request_waybill(notice) == label
    vendor.change_label(replace(notice, waybill_no=label.waybill_no, receiver=replace(RECEIVER, phone="13900000009")))
    Client(twin).post(f"/_twin/routes/{label.waybill_no}", json={"code": "80", "words": "已签收"})
    report = vendor.track(n.TrackRequest("SF", label.waybill_no, "", "0009"))
    assert (report.state, report.ended) == (State.DELIVERED, True)
    with pytest.raises(lb.LabelInUse):
        vendor.cancel_waybill(n.LabelRef(notice.number, "SF", label.waybill_no))
    with pytest.raises(lb.Unreachable):
        vendor.request_waybill(replace(notice, number="F9_1", receiver=replace(RECEIVER, address="超区")))
    wrong = Sf(Account({"partner_id": "p"}, {"checkword": "x"}, f"{url}/std/service"), clock=now)
    with pytest.raises(AuthFailed):
        wrong.track(n.TrackRequest("SF", "SF1", "", "0000"))


def test_easypost_follows_a_parcel(serve: Serve) -> None:
    twin, url = serve(EasyPostTwin, api_key="k")
    vendor = EasyPost(Account({}, {"api_key": "k", "webhook_secret": "s"}, url), clock=now)
    assert vendor.check().ok
    request = n.TrackRequest("FEDEX", "EZ1", "")
    vendor.subscribe(request)
    Client(twin).post("/_twin/trackers/EZ1", json={"status": "out_for_delivery"})
    report = vendor.track(request)
    assert (report.carrier_code, report.state, len(report.events)) == ("FEDEX", State.OUT_FOR_DELIVERY, 1)
    assert not EasyPost(Account({}, {"api_key": "x"}, url), clock=now).check().ok
