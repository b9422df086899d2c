"""Certificates of completeness and backfills: what the platform has and we lack is found, named and brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract import records as r
from connectors.contract.errors import AuthFailed, Retryable
from oms.app.capture.backfill import ask_backfill, backfill_next, stop_backfill
from oms.app.capture.completeness import ask_check, ask_nightly, check_next, pull_missing, settle_rows
from oms.app.capture.references import fetch_details
from oms.domain.errors import Invalid, NotFound
from tests.factories import START, World, a_document, a_line, raw, take
from tests.fakes import PlainMarket

DAY = timedelta(days=1)


class Shelf(PlainMarket):
    """A platform with orders of its own, listed two a page."""

    orders: dict[str, dict[str, Any]]

    def between(self, since: datetime, until: datetime) -> str:
        return "0"

    def pull_orders(self, cursor: str) -> r.Page:
        self.script.play("pull_orders", cursor, None)
        found, at = sorted(self.orders), int(cursor)
        references = tuple(r.Reference(no, START + timedelta(days=3650)) for no in found[at : at + 2])
        return r.Page(str(at + 2), at + 2 < len(found), references=references)

    def get_order(self, external_no: str) -> r.RawDocument:
        return r.RawDocument("order", external_no, orjson.dumps(self.orders[external_no]), self.clock())

    def count_orders(self, since: datetime, until: datetime) -> int:
        return len(self.orders)

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        self.script.play("list_created", cursor, None)
        found, at = sorted(self.orders), int(cursor or "0")
        page = tuple(self.listed(no) for no in found[at : at + 2])
        return r.CreatedPage(str(at + 2), at + 2 < len(found), page)

    def listed(self, no: str) -> r.ListedOrder:
        return r.ListedOrder(no, state=r.OrderState(self.orders[no]["state"]), paid_total=self.orders[no]["paid_total"])


def a_shelf(world: World, numbers: Sequence[str], *, without: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    orders = {no: a_document(no, [a_line("1", "A", 1, 1000)]) for no in numbers}
    methods = dict.fromkeys(without, None)
    kind = type("ShelfHere", (Shelf,), {"script": world.script, "orders": orders})
    for name in methods:
        setattr(kind, name, getattr(PlainMarket, name))
    world.hub.vendors["plain"] = kind
    world.hub.kept_connectors.clear()
    return orders


def work(world: World, step: Any) -> None:
    for _ in range(20):
        if not step(world.hub):
            return


def certificate(world: World, check_id: int) -> dict[str, Any]:
    return dict(world.rows("select * from completeness_check where id = :id", id=check_id)[0]._mapping)


def test_a_certificate_names_what_is_missing_extra_and_differing(world: World) -> None:
    orders = a_shelf(world, ["N1", "N2", "N3", "N4", "N5"])
    take(world, *[raw(orders[no]) for no in ("N1", "N2", "N3")])
    take(world, raw(a_document("X9", [a_line("1", "A", 1, 1000)])))
    orders["N2"]["state"] = "cancelled"
    check_id = ask_check(world.hub, 1, START - DAY, START + DAY, "u1")
    assert certificate(world, check_id)["until_at"] == world.clock() - timedelta(minutes=10)
    world.run("update completeness_check set until_at = :at", at=START + DAY)
    work(world, check_next)
    found = certificate(world, check_id)
    counts = {name: found[name] for name in ("listed", "matched", "missing", "extra", "differing")}
    assert counts == {"listed": 5, "matched": 2, "missing": 2, "extra": 1, "differing": 1}
    assert (found["state"], found["method"]) == ("done", "list")
    rows = dict(tuple(row) for row in world.rows("select external_no, kind from completeness_row"))
    assert rows == {"N4": "missing", "N5": "missing", "X9": "extra", "N2": "differing"}


def test_what_is_missing_is_brought_by_one_click(world: World) -> None:
    a_shelf(world, ["N1", "N2", "N3"])
    check_id = ask_check(world.hub, 1, START - DAY, START, "u1")
    with pytest.raises(NotFound):
        pull_missing(world.hub, check_id)
    work(world, check_next)
    assert pull_missing(world.hub, check_id) == 3
    work(world, fetch_details)
    assert world.one("select count(*) from orders") == 3
    assert settle_rows(world.hub, check_id) == 3
    assert certificate(world, check_id)["pulled_again"] == 3


def test_every_night_yesterday_is_certified_once_and_mended_at_once(world: World) -> None:
    a_shelf(world, ["N1", "N2"])
    world.run("insert into sync_schedule (shop_id, stream) values (1, 'orders')")
    world.clock.now = START.replace(hour=18, minute=30)  # 02:30 in Shanghai: yesterday may still be settling.
    assert ask_nightly(world.hub) == 0
    world.clock.forward(3600)
    assert ask_nightly(world.hub) == 1
    assert ask_nightly(world.hub) == 0
    work(world, check_next)
    found = world.rows("select since_at, until_at, state, missing, pulled_again from completeness_check")[0]
    midnight = START.replace(hour=16, minute=0)
    assert tuple(found) == (midnight - DAY, midnight, "done", 2, 2)
    assert world.one("select count(*) from pending_reference") == 2
    assert world.one("select kind from alert") == "incomplete"


def test_a_platform_that_only_counts_is_certified_by_its_number(world: World) -> None:
    orders = a_shelf(world, ["N1", "N2"], without=["list_created"])
    take(world, raw(orders["N1"]))
    world.clock.forward(86_400)
    check_id = ask_check(world.hub, 1, START - DAY, START + DAY, "u1")
    work(world, check_next)
    found = certificate(world, check_id)
    assert (found["method"], found["listed"], found["missing"]) == ("count", 2, 1)


def test_a_platform_without_a_second_list_says_so(world: World) -> None:
    check_id = ask_check(world.hub, 1, START - DAY, START, "u1")
    work(world, check_next)
    assert certificate(world, check_id)["state"] == "failed"
    assert "no second list" in certificate(world, check_id)["error"]


def test_a_check_goes_on_after_the_platform_was_away(world: World) -> None:
    a_shelf(world, ["N1", "N2", "N3"])
    check_id = ask_check(world.hub, 1, START - DAY, START, "u1")
    world.script.next("list_created", None, Retryable("down"))
    work(world, check_next)
    assert certificate(world, check_id)["state"] == "running"
    world.clock.forward(61)
    work(world, check_next)
    assert (certificate(world, check_id)["state"], certificate(world, check_id)["listed"]) == ("done", 3)


def test_windows_that_make_no_sense_are_refused(world: World) -> None:
    a_shelf(world, [])
    for ask in (ask_check, ask_backfill):
        with pytest.raises(Invalid, match="until"):
            ask(world.hub, 1, START, START - DAY, "u1")
        with pytest.raises(Invalid, match="since"):
            ask(world.hub, 1, START - 500 * DAY, START, "u1")


def test_a_past_window_is_walked_beside_the_live_stream(world: World) -> None:
    a_shelf(world, [f"N{n:02d}" for n in range(11)])
    id_ = ask_backfill(world.hub, 1, START - DAY, START, "u1")
    work(world, backfill_next)
    world.run("update pending_reference set due_at = :at", at=world.clock())
    work(world, fetch_details)
    found = world.rows("select state, estimate, documents, ended_at from backfill where id = :id", id=id_)[0]
    assert tuple(found) == ("done", 11, 11, world.clock())
    assert world.one("select count(*) from orders") == 11
    assert len(world.script.asked("pull_orders")) == 6


def test_a_backfill_that_was_stopped_writes_nothing_more(world: World) -> None:
    a_shelf(world, [f"N{n:02d}" for n in range(20)])
    id_ = ask_backfill(world.hub, 1, START - DAY, START, "u1")
    backfill_next(world.hub)
    stop_backfill(world.hub, id_)
    assert backfill_next(world.hub) == 0
    assert world.one("select documents from backfill") == 8
    with pytest.raises(NotFound):
        stop_backfill(world.hub, id_)


def test_a_backfill_waits_out_failures_and_gives_up_in_the_end(world: World) -> None:
    a_shelf(world, ["N1"])
    ask_backfill(world.hub, 1, START - DAY, START, "u1")
    world.script.next("pull_orders", *[Retryable("down")] * 12)
    for _ in range(12):
        assert backfill_next(world.hub) == 1
        world.clock.forward(600)
    assert world.one("select state from backfill") == "failed"
    assert backfill_next(world.hub) == 0


def test_a_refused_account_pauses_and_its_backfill_waits(world: World) -> None:
    a_shelf(world, ["N1"])
    ask_backfill(world.hub, 1, START - DAY, START, "u1")
    world.script.next("pull_orders", AuthFailed("no"))
    backfill_next(world.hub)
    world.clock.forward(600)
    assert backfill_next(world.hub) == 0
    world.run("update account set state = 'active'")
    work(world, backfill_next)
    assert world.one("select state from backfill") == "done"


def test_a_platform_that_lists_no_past_is_refused_a_backfill(world: World) -> None:
    with pytest.raises(Invalid, match="past window"):
        ask_backfill(world.hub, 1, START - DAY, START, "u1")
