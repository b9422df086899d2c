"""The relay: signed events of orders, parcels, money and returns, as the store's own subscriber sends them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from connectors.sandbox.medusa import credentials

from .caller import SEED, Caller, Hub


def events(hub: Hub) -> list[tuple[str, dict[str, Any]]]:
    return [(told["event"], told["data"]) for told in (json.loads(body) for _, body in hub.arrived)]


def test_every_event_is_signed_and_has_a_number(start: Callable[..., Caller], hub: Hub) -> None:
    store = start(push_url=hub.url)
    number = store.make()
    store.twin.scheduler.run_due()
    store.ship(number)
    store.twin.scheduler.run_due()
    found = events(hub)
    assert [name for name, _ in found] == ["order.placed", "order.fulfillment_created", "shipment.created"]
    assert found[0][1] == {"id": number}
    assert found[1][1]["order_id"] == number
    secret = credentials(SEED)["relay_secret"].encode()
    for headers, body in hub.arrived:
        assert headers["X-OMS-Signature"] == "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    assert len({headers["X-OMS-Event-Id"] for headers, _ in hub.arrived}) == 3


def test_money_returns_and_cancelling_are_relayed(start: Callable[..., Caller], hub: Hub) -> None:
    store = start(push_url=hub.url)
    number = store.make()
    store.ship(number)
    back = store.returned(number)
    store.receive(back, [store.items(number)[0]])
    other = store.make()
    store.verb(other, "edit_address")
    store.verb(other, "cancel")
    store.twin.scheduler.run_due()
    told = dict(events(hub))
    assert told["order.return_requested"] == {"order_id": number, "return_id": back}
    assert told["order.return_received"] == {"order_id": number, "return_id": back}
    assert (told["order.canceled"], told["order.updated"]) == ({"id": other}, {"id": other})
    assert told["payment.refunded"]["id"].startswith("pay_")


def test_nothing_is_relayed_without_an_address(store: Caller) -> None:
    store.make()
    assert store.client.get("/_twin/pushes").json == {"pushes": []}


def test_pushes_are_lost_doubled_and_tried_again(start: Callable[..., Caller], hub: Hub) -> None:
    store = start(push_url=hub.url)
    store.faults({"kind": "lost_push", "max_times": 1})
    store.make()
    store.faults({"kind": "duplicate_push", "max_times": 1})
    store.make()
    store.twin.scheduler.run_due()
    assert len(hub.arrived) == 2
    store.faults()
    hub.status = 500
    store.make()
    store.twin.scheduler.run_due()
    hub.status = 200
    store.twin.scheduler.advance(20)
    assert [push["state"] for push in store.twin.pushes.ledger()] == ["lost", "done", "done"]
    assert store.twin.pushes.ledger()[-1]["tries"] == 2
