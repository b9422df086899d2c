"""Reports go out until the hub says success, at least once, also across a restart."""

from collections.abc import Callable

import pytest
from werkzeug.wrappers import Response

from .documents import a_delivery
from .harness import BUSY, Caller, Hub, verdict


@pytest.fixture
def shipped(start: Callable[..., Caller]) -> Caller:
    """A shipped order whose confirmation has not been sent yet."""
    caller = start(process_reports=False)
    caller.send("deliveryorder.create", a_delivery())
    caller.control("stall", order="DO1", stage="DELIVERED")
    caller.advance("DO1", "DELIVERED")
    return caller


@pytest.mark.parametrize(
    "answer",
    [
        Response(BUSY, content_type="text/xml"),
        Response("gateway time-out", status=504),
        Response("not xml"),
        Response(b"<response><flag>success</flag></response>", status=500),
    ],
)
def test_a_confirmation_is_repeated_until_the_hub_says_success(shipped: Caller, hub: Hub, answer: Response) -> None:
    hub.answers = [answer] * 3
    shipped.control("release", order="DO1")
    shipped.pass_time(60)
    assert hub.methods()["deliveryorder.confirm"] == 4
    codes = {root.findtext("deliveryOrder/outBizCode") for root in hub.documents("deliveryorder.confirm")}
    assert len(codes) == 1
    assert shipped.client.get("/_twin/ledger").get_json()["callbacks"] == {"answered": 1}


def test_pauses_between_tries_grow(shipped: Caller, hub: Hub) -> None:
    hub.answers = [Response(BUSY) for _ in range(50)]
    shipped.control("release", order="DO1")
    shipped.pass_time(10)
    assert hub.methods()["deliveryorder.confirm"] == 4
    shipped.pass_time(60)
    assert hub.methods()["deliveryorder.confirm"] == 7


def test_an_absent_hub_loses_nothing(shipped: Caller, hub: Hub) -> None:
    shipped.control("callback", url="http://127.0.0.1:9/closed")
    shipped.control("release", order="DO1")
    shipped.pass_time(10)
    shipped.control("callback", url=hub.url)
    shipped.pass_time(60)
    assert hub.methods()["deliveryorder.confirm"] == 1


def test_a_restart_between_shipping_and_confirming_loses_nothing(
    shipped: Caller, start: Callable[..., Caller], hub: Hub
) -> None:
    hub.answers = [Response(BUSY)]
    shipped.control("release", order="DO1")
    shipped.pass_time(0.5, step=0.5)
    again = start(process_reports=False)
    again.pass_time(10)
    assert hub.methods()["deliveryorder.confirm"] == 2


def test_patience_ends_after_the_configured_days(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(process_reports=False, retry_days=0.0)
    hub.answers = [Response(BUSY) for _ in range(50)]
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(120)
    assert caller.client.get("/_twin/ledger").get_json()["callbacks"] == {"given_up": 1}


def test_a_share_of_confirmations_is_sent_twice_alike(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(process_reports=False, shares={"duplicate_confirm": 1.0})
    caller.send("deliveryorder.create", a_delivery())
    caller.pass_time(60)
    (_, first), (_, second) = hub.received
    assert first == second
    assert len(caller.ledger("DO1")["parcels"]) == 1


def test_many_reports_go_out_side_by_side(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(process_reports=False, senders=4)
    for number in range(70):
        assert verdict(caller.send("deliveryorder.create", a_delivery(f"DO{number}")))[0] == "success"
    caller.pass_time(60, step=60)
    caller.pass_time(60, step=5)
    assert hub.methods()["deliveryorder.confirm"] == 70
