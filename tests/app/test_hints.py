"""Webhooks of marketplaces are hints: whatever arrives how often, an order is taken in once and as it is now."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import orjson
import pytest

from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import Retryable
from oms.app.capture.pushes import receive
from oms.app.capture.references import fetch_details
from oms.app.capture.sync import sync_next
from oms.app.kernel.hub import Hub
from oms.app.pipeline.inbox import work_batch
from oms.db.session import make_engine
from oms.db.trouble import PASSING
from tests.factories import World, a_document, a_line
from tests.fakes import PlainMarket, verified


class Hinting(PlainMarket):
    """A platform that pushes hints and lists its orders."""

    orders: ClassVar[dict[str, Any]] = {}

    def pull_orders(self, cursor: str) -> r.Page:
        found = tuple(r.RawDocument("order", no, orjson.dumps(doc), self.clock()) for no, doc in self.orders.items())
        return r.Page(f"{cursor}.", more=False, documents=found)

    def get_order(self, external_no: str) -> r.RawDocument:
        return r.RawDocument("order", external_no, orjson.dumps(self.orders[external_no]), self.clock())

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        if push.body == b"keys are away":
            raise Retryable("the platform's keys cannot be fetched now")
        return verified(push)

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        return (n.ChangeHint("order", orjson.loads(push.body)["no"]),)


@pytest.fixture
def hinting(world: World) -> World:
    world.hub.vendors["plain"] = Hinting
    Hinting.orders = {"N1": a_document("N1", [a_line("1", "A", 1, 1000), a_line("2", "B", 1, 500)])}
    return world


def post(world: World, hub: Hub, body: bytes) -> int:
    token = world.one("select push_token from account where id = 1")
    headers = {"x-sign": hashlib.sha256(body).hexdigest()}
    push = n.PushRequest("POST", "/", {}, headers, body, world.clock())
    return receive(hub, "marketplace", "plain", token, push).status


def drain(world: World, step: Any) -> None:
    while step(world.hub):
        world.run("update pending_reference set due_at = :at", at=world.clock())


def test_a_hint_brings_an_order_and_a_repeated_one_changes_nothing(hinting: World) -> None:
    body = orjson.dumps({"no": "N1"})
    assert [post(hinting, hinting.hub, body) for _ in range(3)] == [200, 200, 200]
    drain(hinting, work_batch)
    drain(hinting, fetch_details)
    assert hinting.rows("select external_no, version from orders")[0][0] == "N1"
    assert hinting.one("select count(*) from push_message") == 1
    assert hinting.one("select count(*) from raw_document") == 1


def test_a_push_that_cannot_be_verified_now_is_sent_again_later(hinting: World) -> None:
    assert post(hinting, hinting.hub, b"keys are away") == 503
    assert hinting.one("select count(*) from push_message") == 0
    assert hinting.one("select count(*) from refused_push") == 0


def test_a_late_hint_never_brings_back_what_has_changed_since(hinting: World) -> None:
    post(hinting, hinting.hub, b'{"no": "N1", "at": 1}')
    drain(hinting, work_batch)
    drain(hinting, fetch_details)
    Hinting.orders["N1"] = a_document("N1", [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)], at=60)
    post(hinting, hinting.hub, b'{"no": "N1", "at": 3}')
    post(hinting, hinting.hub, b'{"no": "N1", "at": 2}')
    drain(hinting, work_batch)
    drain(hinting, fetch_details)
    assert hinting.one("select ordered from order_line where external_no = '1'") == 2


def test_eight_threads_post_one_webhook_while_a_poll_runs(hinting: World) -> None:
    hinting.run("insert into sync_schedule (shop_id, stream, every_s) values (1, 'orders', 1) on conflict do nothing")
    url = hinting.hub.engine.url.render_as_string(hide_password=False)
    engine = make_engine(url, pool_size=16)
    neighbour = replace(hinting, hub=Hub(engine, hinting.hub.keys, hinting.hub.vendors, clock=hinting.clock))
    body, done = orjson.dumps({"no": "N1"}), threading.Event()

    def poll() -> None:
        for _ in range(20):
            patiently(lambda: sync_next(neighbour.hub))
            hinting.clock.forward(2)
        done.set()

    def work(step: Any) -> None:
        while not done.is_set():
            patiently(lambda: step(neighbour.hub))

    with ThreadPoolExecutor(12) as pool:
        jobs = [pool.submit(poll), pool.submit(work, work_batch), pool.submit(work, fetch_details)]
        statuses = list(pool.map(lambda _: post(hinting, hinting.hub, body), range(64)))
        for job in jobs:
            job.result(timeout=60)
    hinting.clock.forward(timedelta(days=2).total_seconds())
    drain(hinting, work_batch)
    drain(hinting, fetch_details)
    engine.dispose()
    assert set(statuses) == {200}
    assert hinting.one("select count(*) from orders") == 1
    assert hinting.one("select count(*) from order_line") == 2
    assert hinting.one("select count(*) from push_message where state <> 'done'") == 0


def patiently(step: Any) -> None:
    """A pump repeats what a deadlock or a lock's end broke off."""
    try:
        step()
    except PASSING:
        return
