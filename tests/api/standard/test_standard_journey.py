"""A partner's whole journey: push an order, learn of the parcel by webhook and polling, ask money back, be answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from oms.app.capture.references import fetch_details
from oms.app.capture.webhooks.announcing import announce_next
from oms.app.capture.webhooks.delivering import deliver_batch
from tests.api.standard.kit import Inbox, Partner, a_partner, a_standard_world, an_api, an_inbox, is_signed
from tests.app.invariants import check_invariants
from tests.app.shipping import ship_all
from tests.connectors.marketplaces.standard.papers import a_case, a_line, an_order
from tests.factories import World, drain, settle

TOPICS = ["order.changed", "shipment.created", "case.changed"]


def work(world: World) -> None:
    """Every pump until nothing is left, the ones that tell partners last."""
    settle(world)
    drain(fetch_details, world)
    settle(world)
    drain(announce_next, world)
    drain(deliver_batch, world)


def poll(partner: Partner, address: str, name: str) -> list[dict[str, Any]]:
    """Everything a partner learns by polling, page by page from the beginning."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = partner.get(address, query_string={"cursor": cursor, "limit": 1}).json
        found += page[name]
        cursor = page["cursor"]
        if not page["more"]:
            return found


@pytest.fixture
def journey(own_database_url: str, tmp_path: Path) -> Any:
    world = a_standard_world(own_database_url)
    world.hub.allow_private_addresses = True
    app: Flask = an_api(world, tmp_path)
    yield world, a_partner(world, app)
    world.hub.engine.dispose()


def test_push_ship_and_result_then_case_and_answer(journey: tuple[World, Partner]) -> None:
    world, partner = journey
    with an_inbox() as inbox:
        secret = partner.post("/webhooks", json={"url": inbox.url, "topics": TOPICS}).json["secret"]
        _ship_one(world, partner, inbox)
        _ask_back_one(world, partner, inbox)
        assert all(is_signed(secret, headers, body) for headers, body in inbox.seen)
    check_invariants(world)
    assert world.rows("select 1 from outbound where state not in ('done', 'void')") == []
    assert world.rows("select 1 from pending_reference") == []


def _ship_one(world: World, partner: Partner, inbox: Inbox) -> None:
    """The parcel is told by webhook and by polling, and the line counts as written back."""
    partner.put("/orders/J-1", json=an_order("J-1", a_line("1", "A", 2, 3000), a_line("2", "SET", 1, 900)))
    work(world)
    order_id = world.one("select id from orders where external_no = 'J-1'")
    ship_all(world, order_id)
    work(world)
    (told,) = inbox.bodies("shipment.created")
    assert {item["line_no"] for item in told["items"]} == {"1", "2"}
    assert {(item["sku"], item["units"]) for item in told["items"]} == {("A", 2), ("A", 1), ("B", 2)}
    polled = {shipment["shipment_id"]: shipment for shipment in poll(partner, "/shipments", "shipments")}
    assert polled[told["shipment_id"]]["waybill_no"] == told["waybill_no"]
    assert len(polled) == 1
    assert "written_back" in world.events(order_id)
    assert inbox.bodies("order.changed")[-1]["order_no"] == "J-1"


def _ask_back_one(world: World, partner: Partner, inbox: Inbox) -> None:
    """Money asked back before shipment: the order is stopped, the partner is told so, pays and closes the case."""
    partner.put("/orders/J-2", json=an_order("J-2"))
    work(world)
    partner.put("/cases/JC-2", json=a_case("JC-2", "J-2"))
    work(world)
    answers = [told for told in inbox.bodies("case.changed") if told["case_no"] == "JC-2"]
    assert [told["stopped"] for told in answers][-1] is True
    polled = poll(partner, "/case-results", "cases")[-1]
    assert (polled["case_no"], polled["stopped"], polled["outcome"]) == ("JC-2", True, "open")
    paid = a_case("JC-2", "J-2", state="succeeded", changed_at="2026-03-03T10:00:00Z")
    assert partner.put("/cases/JC-2", json=paid).json["outcome"] == "newer"
    work(world)
    assert inbox.bodies("case.changed")[-1]["outcome"] == "succeeded"
    order_id = world.one("select id from orders where external_no = 'J-2'")
    assert world.phase(order_id) == "cancelled"
    assert all(work.status == "cancelled" for work in world.fulfilments(order_id))


def test_a_case_after_the_parcel_left_is_answered_as_too_late(journey: tuple[World, Partner]) -> None:
    world, partner = journey
    partner.put("/orders/J-3", json=an_order("J-3"))
    work(world)
    ship_all(world, world.one("select id from orders where external_no = 'J-3'"))
    partner.put("/cases/JC-3", json=a_case("JC-3", "J-3", kind="return"))
    work(world)
    (polled,) = {row["case_no"]: row for row in poll(partner, "/case-results", "cases")}.values()
    assert (polled["case_no"], polled["review"], polled["stopped"]) == ("JC-3", "waiting", None)


def test_an_order_that_others_ship_is_never_dispatched(journey: tuple[World, Partner]) -> None:
    world, partner = journey
    partner.put("/orders/J-4", json=an_order("J-4", a_line(fulfiller="platform")))
    partner.put("/orders/J-5", json=an_order("J-5", a_line(refund="asked")))
    work(world)
    rows = world.rows("select id from orders where external_no in ('J-4', 'J-5')")
    assert [world.fulfilments(row.id) for row in rows] == [[], []]
