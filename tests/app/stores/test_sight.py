"""What people and keys of one store see of another: nothing, on the screens, by API and by address; and what leads do."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from oms.app.kernel.api_keys import make_key
from oms.app.kernel.point_scope import name_points
from oms.app.pipeline.stores import handing, notes, rounds
from oms.app.pipeline.stores.cash import cash_in_till
from oms.app.pipeline.stores.money import Taken
from oms.console.permissions import BUILT_IN_ROLES
from oms.console.sign_in import ensure_user
from tests.api.conftest import Caller
from tests.app.stores.kit import FAR, NEAR, carried, doing, note_of, through_store, with_stores
from tests.factories import World, a_world
from tests.web_kit import PASSWORD, an_app, sign_in, token_of

NUMBERS = itertools.count(1)
DUE = [{"kind": "cod", "amount": 1000, "paid_at": None}]


@dataclass(frozen=True)
class Documents:
    """One of each kind of a store, by id."""

    store: int
    task: int
    parcel: int
    note: int
    finding: int
    transfer: int
    round: int
    stop: int


@pytest.fixture(scope="module")
def world(make_database: Callable[[], str]) -> Iterator[World]:
    world = with_stores(a_world(make_database()))
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="module")
def papers(world: World) -> dict[int, Documents]:
    """Both stores' documents: a task, a parcel there, a note with a difference, a transfer, a round on its way."""
    return {store: _documents(world, store) for store in (FAR, NEAR)}


def _documents(world: World, store: int) -> Documents:
    def taken(leg: str, **changes: Any) -> tuple[int, str]:
        _order, parcel, waybill = carried(world, leg, store=f"S{store}", **changes)
        return parcel, waybill

    task = world.fulfilments(through_store(world, "store_pickup", "pickup", store=f"S{store}"))[0].id
    made = [taken("pickup"), taken("pickup"), taken("delivery", payments=DUE), taken("pickup")]
    note = note_of(world)
    notes.send_note(world.hub, doing(1), note)
    for _parcel, waybill in made[:3]:
        notes.receive_parcel(world.hub, doing(store), note, waybill, shelf="1")
    notes.finish_receiving(world.hub, doing(store), note)
    handing.refuse(world.hub, doing(store), made[1][0], "not_wanted")
    round_id = rounds.start_round(world.hub, doing(store), [made[2][0]])
    finding = world.one("select id from arrival_finding where delivery_note_id = :id", id=note)
    transfer = world.one("select id from transfer where from_point_id = :id", id=store)
    return Documents(store, task, made[0][0], note, finding, transfer, round_id, made[2][0])


@pytest.fixture(scope="module")
def app(world: World, papers: dict[int, Documents], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_app(world.hub, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def person(world: World, app: Flask) -> Callable[..., FlaskClient]:
    """Somebody with a role who is named for these points, signed in."""

    def make(role: str, *points: int) -> FlaskClient:
        email = f"{role}{next(NUMBERS)}@example.com"
        user_id = ensure_user(world.hub, email, PASSWORD, role)
        with world.hub.begin() as connection:
            name_points(connection, f"user:{user_id}", points)
        browser = app.test_client()
        sign_in(browser, email)
        return browser

    return make


@pytest.fixture(scope="module")
def key(world: World, app: Flask) -> Callable[..., Caller]:
    """A key with a role's permissions that is named for these points."""

    def make(role: str, *points: int) -> Caller:
        with world.hub.begin() as connection:
            key_id, made = make_key(connection, "test", BUILT_IN_ROLES[role].permissions)
            name_points(connection, f"api:{key_id}", points)
        return Caller(app.test_client(), made)

    return make


def pages_of(one: Documents) -> list[str]:
    """Addresses that show a store's documents."""
    return [f"/stores/parcels/{one.parcel}", f"/stores/notes/{one.note}", f"/stores/transfers/{one.transfer}",
            f"/stores/rounds/{one.round}"]  # fmt: skip


def clicks_of(one: Documents) -> list[tuple[str, dict[str, Any]]]:
    """Forms that change a store's documents, sent as that store's or as one's own."""
    return [
        (f"/stores/tasks/{one.task}/accept", {"point": one.store}),
        (f"/stores/parcels/{one.parcel}/refuse", {"reason": "other"}),
        (f"/stores/notes/{one.note}/findings/{one.finding}", {"resolution": "lost"}),
        (f"/stores/transfers/{one.transfer}/send", {}),
        (f"/stores/rounds/{one.round}/stops/{one.stop}/refuse", {"reason": "other"}),
        ("/stores/rounds", {"point": one.store, "parcel": one.parcel}),
        ("/stores/day/cash", {"point": one.store, "amount": "1"}),
        ("/stores/own", {"point": one.store, "address": "mine"}),
        ("/stores/returns/prove", {"point": one.store, "number": "W1", "tail": "0001"}),
    ]


def calls_of(one: Documents) -> list[tuple[str, str, dict[str, Any]]]:
    """The same through the API."""
    return [
        ("GET", f"/stores/{one.store}/work", {}),
        ("GET", f"/stores/{one.store}/day", {}),
        ("GET", f"/stores/{one.store}/settings", {}),
        ("PUT", f"/stores/{one.store}/settings", settings(revision="0" * 32)),
        ("POST", f"/stores/{one.store}/cash", {"amount": 1}),
        ("POST", f"/stores/findings/{one.finding}", {"store_id": one.store, "resolution": "lost"}),
        ("POST", f"/stores/tasks/{one.task}/accept", {"store_id": one.store}),
        ("POST", f"/stores/parcels/{one.parcel}/refuse", {"store_id": one.store, "reason": "other"}),
        ("POST", f"/stores/notes/{one.note}/finish", {"point_id": one.store}),
    ]


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "address": "street 1", "phone": "0571-1", "email": "", "hands_out": True, "delivers": True, "ready_min": 30,
        "overdue_days": 5, "hours": {"mon": ["09:00", "18:00"]}, "closed_on": ["2026-12-31"], **changes,
    }  # fmt: skip


def asked(caller: Caller, method: str, path: str, body: dict[str, Any]) -> Any:
    given = {"headers": {"Idempotency-Key": f"sight-{next(NUMBERS):08}"}, "json": body} if method != "GET" else {}
    return caller.ask(method, path, **given)


def state_of(world: World, one: Documents) -> list[Any]:
    """What would be different had anything been done."""
    return [*world.rows(
        """select f.status, p.state, (select resolution from arrival_finding where id = :finding),
             (select status from transfer where id = :transfer), (select status from delivery_round where id = :round),
             (select count(*) from cash_hand_in), (select address from store_profile where stock_point_id = :store)
           from fulfilment f, parcel p where f.id = :task and p.id = :parcel""",
        finding=one.finding, transfer=one.transfer, round=one.round, task=one.task, parcel=one.parcel, store=one.store,
    )]  # fmt: skip


@pytest.mark.parametrize("points", [(NEAR,), ()], ids=["of the other store", "of no store"])
def test_who_leads_one_store_sees_and_changes_nothing_of_another(
    world: World, papers: dict[int, Documents], person: Callable[..., FlaskClient], key: Callable[..., Caller],
    points: tuple[int, ...],
) -> None:  # fmt: skip
    lead, caller, far = person("store_lead", *points), key("store_lead", *points), papers[FAR]
    before = state_of(world, far)
    for path in pages_of(far):
        assert lead.get(path).status_code == 404, path
    for path in ("/stores", "/stores/arrivals", "/stores/hand-over", "/stores/back", "/stores/rounds", "/stores/day",
                 "/stores/own", "/stores/returns"):  # fmt: skip
        assert "store 12" not in lead.get(f"{path}?point={FAR}").text, path
    for path, fields in clicks_of(far):
        answer = _clicked(lead, path, fields)
        assert answer.status_code == 404, (path, answer.status_code)
    for path in ("/orders", "/stock", "/cases", "/settings/stores", "/stores/unplaced", "/stock/points"):
        assert lead.get(path).status_code == 403, path
    assert [one["id"] for one in caller.get("/stores").get_json()["stores"]] == list(points)
    for method, path, body in calls_of(far):
        assert asked(caller, method, path, body).status_code == 404, path
    for path in ("/orders", "/stock", "/cases", "/changes"):
        assert caller.get(path).status_code == 403, path
    assert state_of(world, far) == before


def test_another_stores_document_is_refused_under_ones_own_name(
    world: World, papers: dict[int, Documents], key: Callable[..., Caller], person: Callable[..., FlaskClient]
) -> None:
    caller, lead, far, near = key("store_lead", NEAR), person("store_lead", NEAR), papers[FAR], papers[NEAR]
    before = state_of(world, far)
    for method, path, body in calls_of(far)[5:]:
        own = {name: NEAR if name in ("store_id", "point_id") else value for name, value in body.items()}
        assert asked(caller, method, path, own).status_code == 404, path
    answer = _clicked(lead, f"/stores/notes/{near.note}/findings/{far.finding}", {"resolution": "lost"})
    assert answer.status_code == 404
    assert state_of(world, far) == before


def test_who_leads_a_store_does_what_its_clerks_only_see(
    world: World, papers: dict[int, Documents], person: Callable[..., FlaskClient]
) -> None:
    lead, clerk, near = person("store_lead", NEAR), person("store_clerk", NEAR), papers[NEAR]
    for browser in (lead, clerk):
        assert browser.get("/").headers["Location"] == "/stores"
        for path in pages_of(near):
            assert browser.get(path).status_code == 200, path
    assert "等店长处理" in clerk.get(f"/stores/notes/{near.note}").text
    for path in ("/stores/day", "/stores/own"):
        assert (lead.get(path).status_code, clerk.get(path).status_code) == (200, 403), path
    for path, fields in clicks_of(near)[2:3] + clicks_of(near)[6:8]:
        assert _clicked(clerk, path, fields).status_code == 403, path
    rounds.deliver_stop(world.hub, doing(NEAR), near.round, near.stop, Taken(1000, "cash"))
    assert _clicked(lead, "/stores/day/cash", {"point": NEAR, "amount": "4", "currency": "CNY"}).status_code == 303
    assert _clicked(lead, *clicks_of(near)[2]).status_code == 303
    with world.hub.engine.connect() as connection:
        assert cash_in_till(connection, NEAR) == {"CNY": 600}
    assert world.one("select resolution from arrival_finding where id = :id", id=near.finding) == "lost"


def test_a_stores_settings_are_kept_by_who_leads_it_and_leave_place_and_reach(
    world: World, person: Callable[..., FlaskClient], key: Callable[..., Caller]
) -> None:
    kept = "select latitude, delivery_radius_m, hours from stock_point where id = :id"
    place = world.rows(kept, id=NEAR)[0][:2]
    lead, caller = person("store_lead", NEAR), key("store_lead", NEAR)
    fields = {"point": NEAR, "address": "street 9", "phone": "1", "email": "", "hands_out": "on", "ready_min": "45",
              "overdue_days": "3", "hours_mon": "10:00-19:00", "closed_on": "2026-10-01"}  # fmt: skip
    assert _clicked(lead, "/stores/own", fields).status_code == 303
    told = caller.get(f"/stores/{NEAR}/settings").get_json()
    assert (told["address"], told["delivers"], told["ready_min"], told["closed_on"]) == (
        "street 9", False, 45, ["2026-10-01"]
    )  # fmt: skip
    assert told["hours"]["mon"] == ["10:00", "19:00"]
    for wrong, field in (({"ready_min": "0"}, "ready_min"), ({"hours_mon": "19:00-10:00"}, "hours")):
        answer = _clicked(lead, "/stores/own", fields | wrong)
        assert (answer.status_code, "street 9" in answer.text) == (422, True), field
    put = asked(caller, "PUT", f"/stores/{NEAR}/settings", settings(revision=told["revision"])).get_json()
    assert put == settings(revision=put["revision"])
    wrong = settings(hours={"mon": ["18:00", "09:00"]}, revision=put["revision"])
    wrong_hours = asked(caller, "PUT", f"/stores/{NEAR}/settings", wrong)
    assert (wrong_hours.status_code, wrong_hours.get_json()["field"]) == (422, "hours")
    assert world.rows(kept, id=NEAR)[0][:2] == place
    assert world.rows(kept, id=NEAR)[0][2] == {"mon": ["09:00", "18:00"]}


def test_a_lead_overwrites_nothing_that_others_set_of_the_store_meanwhile(
    world: World, person: Callable[..., FlaskClient]
) -> None:
    lead = person("store_lead", NEAR)
    fields = {"point": NEAR, "address": "street 9", "hands_out": "on", "ready_min": "45", "overdue_days": "3"}
    shown = re.search(r'name="seen" value="(\w+)"', lead.get("/stores/own").text)
    assert shown
    world.run("insert into stock_closure (stock_point_id, closed_on) values (:id, '2026-12-30')", id=NEAR)
    late = _clicked(lead, "/stores/own", fields | {"seen": shown[1]})
    assert (late.status_code, "street 9" in late.text, shown[1] in late.text) == (409, True, True)
    assert world.one("select count(*) from stock_closure where closed_on = '2026-12-30'") == 1
    shown = re.search(r'name="seen" value="(\w+)"', lead.get("/stores/own").text)
    assert shown
    assert _clicked(lead, "/stores/own", fields | {"seen": shown[1]}).status_code == 303
    world.run("delete from stock_closure where stock_point_id = :id", id=NEAR)


def test_of_two_systems_that_read_the_same_settings_the_second_is_told_and_overwrites_nothing(
    key: Callable[..., Caller]
) -> None:
    caller, path = key("store_lead", NEAR), f"/stores/{NEAR}/settings"
    read = caller.get(path).get_json()["revision"]
    first = asked(caller, "PUT", path, settings(phone="first", revision=read))
    second = asked(caller, "PUT", path, settings(phone="second", revision=read))
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.get_json()["remedy"]
    kept = caller.get(path).get_json()
    assert (kept["phone"], kept["revision"]) == ("first", first.get_json()["revision"])
    assert asked(caller, "PUT", path, settings(phone="second", revision=kept["revision"])).status_code == 200
    blind = asked(caller, "PUT", path, settings(phone="blind"))
    assert (blind.status_code, blind.get_json()["field"]) == (422, "revision")


def _clicked(browser: FlaskClient, path: str, fields: dict[str, Any]) -> Any:
    """The form sent with the session's token."""
    token = token_of(browser.get("/stores"))
    return browser.post(path, data={"csrf_token": token, "key": f"k{next(NUMBERS)}", **fields})


def test_who_takes_one_parcel_sees_where_to_go(
    world: World, person: Callable[..., FlaskClient], papers: dict[int, Documents]
) -> None:
    order, parcel, waybill = carried(world, "delivery", store=f"S{NEAR}")
    notes.send_note(world.hub, doing(1), note_of(world))
    notes.receive_parcel(world.hub, doing(NEAR), note_of(world), waybill, shelf="2")
    clerk = person("store_clerk", NEAR)
    page = f"/stores/parcels/{parcel}"
    assert "文三路 1 号" not in clerk.get(page).text
    form = {"csrf_token": token_of(clerk.get(page)), "key": "go-1"}
    answer = clerk.post(f"{page}/go-out", data=form)
    assert clerk.post(f"{page}/go-out", data=form).location == answer.location
    assert answer.location in clerk.get(page).text
    assert "文三路 1 号" in clerk.get(answer.location).text
    assert "13800000001" in clerk.get(answer.location).text
    assert "文三路 1 号" not in person("store_clerk", NEAR).get(answer.location).text
    assert world.events(order).count("receiver_unmasked") == 1
    rounds.deliver_stop(world.hub, doing(NEAR), int(answer.location.rsplit("/", 1)[1]), parcel)
    assert world.phase(order) == "completed"
