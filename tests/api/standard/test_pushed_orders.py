"""Orders that a partner pushes: taken once, brought up to date, refused by field and remedy."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask import Flask

from tests.api.standard.kit import Partner, a_partner
from tests.connectors.marketplaces.standard.papers import NAME, PHONE, STREET, a_case, a_line, an_order
from tests.factories import World

LATER = "2026-03-03T10:00:00+08:00"


def test_an_order_is_new_once_and_goes_on_at_once(world: World, partner: Partner) -> None:
    first = partner.put("/orders/M-10", json=an_order("M-10"))
    again = partner.put("/orders/M-10", json=an_order("M-10"))
    assert (first.status_code, first.json["outcome"]) == (200, "new")
    assert (again.status_code, again.json["outcome"]) == (200, "unchanged")
    rows = world.rows("select id, origin, phase from orders where external_no = 'M-10'")
    assert [(row.origin, row.phase) for row in rows] == [("platform", "dispatching")]


def test_of_many_who_push_the_same_at_once_one_alone_hears_that_it_is_new(
    world: World, app: Flask, partner: Partner
) -> None:
    """All wait at a gate, and none reads what there is before the first has written it."""
    partner.put("/orders/M-13", json=an_order("M-13"))
    calls = 12
    for address, document in (("/orders/M-14", an_order("M-14")), ("/cases/C-14", a_case("C-14", "M-13"))):
        gate = threading.Barrier(calls)

        def push(_: int, address: str = address, document: Any = document, gate: threading.Barrier = gate) -> str:
            caller = Partner(app.test_client(), partner.key)
            gate.wait()
            return str(caller.put(address, json=document).json["outcome"])

        with ThreadPoolExecutor(calls) as pool:
            told = sorted(pool.map(push, range(calls)))
        assert told == ["new"] + ["unchanged"] * (calls - 1)
    assert world.one("select count(*) from orders where external_no = 'M-14'") == 1


def test_the_raw_document_is_kept_sealed_and_the_receiver_nowhere_else(world: World, partner: Partner) -> None:
    partner.put("/orders/M-11", json=an_order("M-11"))
    (sealed,) = world.rows("select sealed from raw_document where external_no = 'M-11'")
    assert all(word.encode() not in bytes(sealed[0]) for word in (NAME, PHONE, STREET))
    told = (
        partner.get("/shipments").text
        + partner.browser.get("/api/v1/orders", headers={"Authorization": f"Bearer {partner.key}"}).text
    )
    assert not any(word in told for word in (NAME, PHONE, STREET))


def test_a_newer_version_changes_the_order_and_an_older_one_nothing(world: World, partner: Partner) -> None:
    partner.put("/orders/M-12", json=an_order("M-12", changed_at=LATER, state="unpaid"))
    older = partner.put("/orders/M-12", json=an_order("M-12", state="cancelled"))
    assert older.json["outcome"] == "unchanged"
    newer = partner.put("/orders/M-12", json=an_order("M-12", changed_at="2026-03-04T10:00:00Z"))
    assert newer.json["outcome"] == "newer"
    assert world.one("select status from orders where external_no = 'M-12'") == "open"


def test_each_order_of_a_batch_has_its_own_outcome(world: World, partner: Partner) -> None:
    batch = [
        an_order("M-20"),
        an_order("M-21", a_line(units=0)),
        an_order("M-22", paid_total=1),
        an_order("M-20"),
        {"external_no": "M-23"},
        7,
        None,
    ]
    answer = partner.post("/orders", json={"orders": batch})
    assert answer.status_code == 200
    told = [(row["external_no"], row["outcome"], row["field"]) for row in answer.json["outcomes"]]
    assert told == [
        ("M-20", "new", ""),
        ("M-21", "refused", "lines.0.units"),
        ("M-22", "refused", "paid_total"),
        ("M-20", "new", ""),
        ("M-23", "refused", told[4][2]),
        ("", "refused", "_schema"),
        ("", "refused", "document"),
    ]
    assert all(row["remedy"] for row in answer.json["outcomes"] if row["outcome"] == "refused")
    assert world.one("select count(*) from orders where external_no = 'M-20'") == 1
    assert world.rows("select 1 from orders where external_no in ('M-21', 'M-22', 'M-23')") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"paid_total": 999}, "paid_total"),
        ({"paid_total": "1000"}, "paid_total"),
        ({"paid_total": 10.0}, "paid_total"),
        ({"created_at": "2026-03-02"}, "created_at"),
        ({"created_at": "2026-03-02T10:00:00"}, "created_at"),
        ({"state": "paid"}, "state"),
        ({"receiver": {"name": "a\x00b"}}, "receiver.name"),
        ({"is_cod": "true"}, "is_cod"),
        ({"lines": []}, "lines"),
        ({"payments": [{"kind": "online", "amount": 5}]}, "payments"),
        ({"unknown_field": 1}, "unknown_field"),
        ({"currency": "yuan"}, "currency"),
        ({"currency": "XXZ"}, "currency"),
    ],
)
def test_a_refusal_names_field_and_remedy(partner: Partner, changes: dict[str, Any], field: str) -> None:
    answer = partner.put("/orders/M-30", json=an_order("M-30") | changes)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["field"] == field
    assert answer.json["remedy"]


def test_the_number_in_the_address_is_the_document_s(partner: Partner) -> None:
    answer = partner.put("/orders/M-31", json=an_order("M-32"))
    assert (answer.status_code, answer.json["field"]) == (422, "external_no")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"orders": [], "x": NaN}', b"\xff", b""])
def test_bodies_that_are_no_documents_are_refused(partner: Partner, body: bytes) -> None:
    answer = partner.post("/orders", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json["remedy"]


def test_a_body_that_is_not_sent_as_json_is_told_so(partner: Partner) -> None:
    body = orjson.dumps(an_order("M-33"))
    answer = partner.put("/orders/M-33", data=body, content_type="text/plain")
    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")
    assert "application/json" in answer.json["remedy"]
    assert partner.put("/orders/M-33", data=body, content_type="application/json; charset=utf-8").status_code == 200


def test_more_than_two_hundred_are_too_many(partner: Partner) -> None:
    answer = partner.post("/orders", json={"orders": [an_order(f"M-{n}") for n in range(201)]})
    assert (answer.status_code, answer.json["field"]) == (422, "orders")


def test_a_key_belongs_to_one_request(partner: Partner) -> None:
    key = {"Idempotency-Key": "order-M-40-version-1"}
    first = partner.put("/orders/M-40", json=an_order("M-40"), headers=key)
    again = partner.put("/orders/M-40", json=an_order("M-40"), headers=key)
    other = partner.put("/orders/M-40", json=an_order("M-40", flag="red"), headers=key)
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, other.json["field"]) == (422, "Idempotency-Key")


def test_a_key_for_one_shop_does_not_reach_another(world: World, app: Flask) -> None:
    stranger = a_partner(world, app, shop=1)
    stranger.shop = 2
    assert stranger.put("/orders/M-50", json=an_order("M-50")).status_code == 404
    for address in ("/shipments", "/case-results", "/stock", "/webhooks"):
        assert stranger.get(address).status_code == 404


def test_a_platform_s_shop_takes_no_pushed_orders(world: World, app: Flask) -> None:
    answer = a_partner(world, app, shop=1).put("/orders/M-51", json=an_order("M-51"))
    assert answer.status_code == 409
    assert "platform" in answer.json["detail"]
    assert answer.json["remedy"]


def test_without_the_permission_nothing_is_pushed(world: World, app: Flask) -> None:
    looker = a_partner(world, app, "order.view")
    assert looker.put("/orders/M-52", json=an_order("M-52")).status_code == 403
    assert looker.put("/sales/M-52", json=an_order("M-52")).status_code == 403


def test_a_case_has_outcomes_like_an_order(world: World, partner: Partner) -> None:
    partner.put("/orders/M-60", json=an_order("M-60"))
    first = partner.put("/cases/C-60", json=a_case("C-60", "M-60"))
    again = partner.put("/cases/C-60", json=a_case("C-60", "M-60"))
    newer = partner.put("/cases/C-60", json=a_case("C-60", "M-60", state="closed", changed_at=LATER))
    bad = partner.post("/cases", json={"cases": [a_case("C-61", "M-60", kind="gift"), a_case("C-62", "none yet")]})
    assert [first.json["outcome"], again.json["outcome"], newer.json["outcome"]] == ["new", "unchanged", "newer"]
    assert [(row["outcome"], row["field"]) for row in bad.json["outcomes"]] == [("refused", "kind"), ("new", "")]


@pytest.mark.parametrize("field", ["changed_at", "created_at", "paid_at"])
def test_a_time_more_than_a_day_ahead_is_refused_and_the_order_is_not_frozen(
    world: World, partner: Partner, field: str
) -> None:
    number = f"M-80-{field}"
    ahead = (world.clock() + timedelta(hours=25)).isoformat()
    refused = partner.put(f"/orders/{number}", json=an_order(number, **{field: ahead}))
    assert (refused.status_code, refused.json["field"]) == (422, field)
    soon = (world.clock() + timedelta(hours=23)).isoformat()
    assert partner.put(f"/orders/{number}", json=an_order(number, **{field: soon})).json["outcome"] == "new"
    case = partner.put("/cases/C-80", json=a_case("C-80", number, changed_at=ahead))
    assert (case.status_code, case.json["field"]) == (422, "changed_at")


def test_a_case_stays_with_its_order(world: World, partner: Partner) -> None:
    for number in ("M-81", "M-82"):
        partner.put(f"/orders/{number}", json=an_order(number))
    assert partner.put("/cases/C-81", json=a_case("C-81", "M-81")).json["outcome"] == "new"
    moved = partner.put("/cases/C-81", json=a_case("C-81", "M-82", changed_at=LATER))
    assert (moved.status_code, moved.json["field"]) == (422, "order_no")
    assert "a case belongs to one order" in moved.json["detail"]
    both = partner.post("/cases", json={"cases": [a_case("C-82", "M-81"), a_case("C-82", "M-82", changed_at=LATER)]})
    assert [(row["outcome"], row["field"]) for row in both.json["outcomes"]] == [("new", ""), ("refused", "order_no")]
    assert world.rows("select order_no from cases where external_no in ('C-81', 'C-82')") == [("M-81",), ("M-81",)]


@pytest.mark.parametrize(("changes", "field"), [({"units": 2}, "units"), ({"currency": "EUR"}, "currency")])
def test_a_case_that_contradicts_its_order_is_refused(partner: Partner, changes: dict[str, Any], field: str) -> None:
    partner.put("/orders/M-83", json=an_order("M-83"))
    answer = partner.put("/cases/C-83", json=a_case("C-83", "M-83", **changes))
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_a_blank_number_is_refused(partner: Partner) -> None:
    order = partner.put("/orders/%20", json=an_order(" "))
    case = partner.put("/cases/%20", json=a_case(" "))
    assert [(answer.status_code, answer.json["field"]) for answer in (order, case)] == [(422, "external_no")] * 2


def test_a_refusal_names_its_field_once(partner: Partner) -> None:
    answer = partner.put("/orders/M-84", json=an_order("M-84", paid_total=1))
    assert answer.json["detail"].count("paid_total: ") == 1
    batch = partner.post("/orders", json={"orders": [an_order("M-84", paid_total=1)]})
    assert "paid_total" not in batch.json["outcomes"][0]["detail"]


def test_what_the_database_cannot_hold_is_refused_not_broken(partner: Partner) -> None:
    deep = orjson.dumps({"orders": [{"external_no": "M-70", "lines": [[[[]]]]}]})
    answer = partner.post("/orders", data=deep, content_type="application/json")
    assert answer.json["outcomes"][0]["outcome"] == "refused"
