"""Certificates of a platform whose orders change while they are listed: what moved is never told to be missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract import records as r
from connectors.contract.errors import ConnectorError, NotSupported, Refused, Retryable
from oms.app.capture.completeness import NIGHTLY, ask_check, ask_nightly, check_next, pull_missing, settle_rows
from oms.app.capture.references import fetch_details
from oms.app.kernel.queries.completeness import differences, moving
from tests.factories import START, World, a_document, a_line, raw, take
from tests.fakes import PlainMarket

DAY = timedelta(days=1)
NOON = 36_000  # Seconds after the start: when the certificates of these tests are asked for.


class Busy(PlainMarket):
    """A platform that lists two orders a page, and on which something happens before a page is made."""

    orders: dict[str, dict[str, Any]]
    happens: dict[str, Callable[[], None]]
    readings: list[str]
    hidden: frozenset[str] | set[str] = frozenset()
    error: ConnectorError | None = None

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        self.script.play("list_created", cursor, None)
        self.happens.pop(cursor, lambda: None)()
        found, at = sorted(set(self.orders) - self.hidden), int(cursor or "0")
        page = tuple(self.listed(no) for no in found[at : at + 2])
        return r.CreatedPage(str(at + 2), at + 2 < len(found), page)

    def listed(self, no: str) -> r.ListedOrder:
        order = self.parse_order(orjson.dumps(self.orders[no]))
        return r.ListedOrder(no, order.created_at, order.changed_at, order.state, order.paid_total)

    def get_order(self, external_no: str) -> r.RawDocument:
        self.readings.append(external_no)
        self.happens.pop(f"read {external_no}", lambda: None)()
        if self.error is not None:
            raise self.error
        if external_no not in self.orders:
            raise Refused("there is no such order")
        return r.RawDocument("order", external_no, orjson.dumps(self.orders[external_no]), self.clock())


class Stage:
    """Five orders, here and on the platform; later the platform moves under the certificate."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.orders = {no: a_document(no, [a_line("1", "A", 1, 1000)]) for no in ("N1", "N2", "N3", "N4", "N5")}
        self.happens: dict[str, Callable[[], None]] = {}
        self.readings: list[str] = []
        members = {"script": world.script, "orders": self.orders, "happens": self.happens, "readings": self.readings}
        self.market = type("BusyHere", (Busy,), members)
        world.hub.vendors["plain"] = self.market
        world.hub.kept_connectors.clear()
        take(world, *[raw(document) for document in self.orders.values()])
        world.clock.forward(NOON)

    def change(self, no: str, at: int, **changes: Any) -> None:
        """The order changes on the platform so many seconds after noon."""
        stamp = (START + timedelta(seconds=NOON + at)).isoformat()
        self.orders[no] = {**self.orders[no], "changed_at": stamp, **changes}

    def arrive(self, no: str, at: int) -> None:
        """Our capture takes in the platform's newest version so many seconds after noon."""
        take(self.world, raw(self.orders[no], NOON + at))

    def late(self, no: str) -> None:
        """An order of this morning that the platform's list does not name yet arrives here before the last page."""

        def arrives() -> None:
            self.orders[no] = a_document(no, [a_line("1", "A", 1, 1000)], at=NOON + 3)
            self.arrive(no, 4)
            self.market.hidden = {no}

        self.happens["2"] = arrives

    def certify(self, asked_by: str = "u1") -> int:
        check_id = ask_check(self.world.hub, 1, START - DAY, START + DAY, asked_by)
        self.work()
        return check_id

    def work(self) -> None:
        for _ in range(20):
            if not check_next(self.world.hub):
                return

    def counts(self, check_id: int) -> dict[str, int]:
        """What the certificate counts, with what still moves; nothing else is told."""
        row = self.world.rows("select * from completeness_check where id = :id", id=check_id)[0]._mapping
        assert row["state"] == "done"
        with self.world.hub.begin() as connection:
            found = {"moving": moving(connection, [check_id]).get(check_id, 0)}
        names = ("listed", "matched", "missing", "extra", "differing")
        return {name: n for name, n in ({name: row[name] for name in names} | found).items() if n}


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


def test_what_is_listed_and_then_changes_here_and_there_matches(stage: Stage) -> None:
    def cancelled() -> None:
        stage.change("N1", 5, state="cancelled")
        stage.arrive("N1", 8)

    stage.happens["2"] = cancelled
    check_id = stage.certify()
    assert stage.readings == ["N1"]
    assert stage.counts(check_id) == {"listed": 5, "matched": 5}


def test_what_changes_before_its_page_and_is_not_captured_yet_moves(stage: Stage) -> None:
    stage.happens["2"] = lambda: stage.change("N3", 5, state="cancelled")
    check_id = stage.certify()
    assert stage.counts(check_id) == {"listed": 5, "matched": 4, "moving": 1}
    stage.arrive("N3", 30)
    assert settle_rows(stage.world.hub, check_id) == 1
    assert stage.counts(check_id) == {"listed": 5, "matched": 4}


def test_what_arrives_while_the_list_leaves_it_out_is_no_extra(stage: Stage) -> None:
    stage.late("N9")
    check_id = stage.certify()
    assert stage.readings == ["N9"]
    assert stage.counts(check_id) == {"listed": 6, "matched": 6}


@pytest.mark.parametrize("error", [Refused("there is no such order"), NotSupported("get_order")])
def test_what_arrives_and_cannot_be_read_again_moves(stage: Stage, error: ConnectorError) -> None:
    stage.late("N9")
    stage.market.error = error
    check_id = stage.certify()
    assert stage.counts(check_id) == {"listed": 5, "matched": 5, "moving": 1}
    with stage.world.hub.begin() as connection:
        assert [(row.external_no, row.kind) for row in differences(connection, check_id)] == [("N9", "listed")]
    assert settle_rows(stage.world.hub, check_id) == 0


def test_what_was_missed_long_ago_is_missing_though_the_list_moves(stage: Stage) -> None:
    stage.orders["N6"] = a_document("N6", [a_line("1", "A", 1, 1000)], at=60)
    stage.happens["2"] = lambda: stage.change("N1", 5, state="cancelled")
    check_id = stage.certify()
    assert stage.counts(check_id) == {"listed": 6, "matched": 5, "missing": 1}
    assert stage.readings == []


def test_what_is_found_wrong_long_after_it_changed_is_told_after_one_reading(stage: Stage) -> None:
    """It changed after the list was asked for, but capture had all the time it needs."""
    stage.change("N2", 5, state="cancelled")
    stage.orders["N6"] = a_document("N6", [a_line("1", "A", 1, 1000)], at=NOON + 5)
    stage.happens["2"] = lambda: stage.world.clock.forward(1200)
    check_id = stage.certify()
    assert sorted(stage.readings) == ["N2", "N6"]
    assert stage.counts(check_id) == {"listed": 6, "matched": 4, "missing": 1, "differing": 1}


def test_what_moves_once_more_before_it_is_read_again_moves(stage: Stage) -> None:
    stage.happens["2"] = lambda: stage.change("N1", 5, state="part_shipped")
    stage.happens["4"] = lambda: stage.arrive("N1", 8)
    stage.happens["read N1"] = lambda: stage.change("N1", 9, state="shipped")
    check_id = stage.certify()
    assert stage.counts(check_id) == {"listed": 5, "matched": 4, "moving": 1}
    assert pull_missing(stage.world.hub, check_id) == 1
    fetch_details(stage.world.hub)
    assert settle_rows(stage.world.hub, check_id) == 1
    assert stage.counts(check_id) == {"listed": 5, "matched": 4}


def test_a_platform_that_is_away_at_the_second_look_is_asked_later(stage: Stage) -> None:
    stage.late("N9")
    stage.market.error = Retryable("down")
    ask_check(stage.world.hub, 1, START - DAY, START + DAY, "u1")
    stage.work()
    assert stage.world.one("select state from completeness_check") == "running"
    stage.market.error = None
    stage.world.clock.forward(61)
    stage.work()
    assert stage.counts(stage.world.one("select id from completeness_check")) == {"listed": 6, "matched": 6}
    assert len(stage.world.script.asked("list_created")) == 3


def test_many_that_move_are_read_in_several_turns_each_once(stage: Stage) -> None:
    for n in range(100, 145):
        stage.orders[f"N{n}"] = a_document(f"N{n}", [a_line("1", "A", 1, 1000)])
    take(stage.world, *[raw(document) for document in stage.orders.values()])

    def change_all() -> None:
        for n in range(100, 145):
            stage.change(f"N{n}", 5, state="cancelled")
            stage.arrive(f"N{n}", 6)

    stage.happens["48"] = change_all
    check_id = stage.certify()
    assert len(stage.readings) == len(set(stage.readings)) >= 40
    assert stage.counts(check_id) == {"listed": 50, "matched": 50}


def test_at_night_what_moves_is_read_anew_without_an_alarm(stage: Stage) -> None:
    stage.world.run("insert into sync_schedule (shop_id, stream) values (1, 'orders')")
    stage.world.clock.now = START.replace(hour=20)
    stage.happens["2"] = lambda: stage.change("N3", 40_000, state="cancelled")
    ask_nightly(stage.world.hub)
    stage.work()
    assert stage.counts(stage.world.one("select id from completeness_check where asked_by = :by", by=NIGHTLY)) == {
        "listed": 5, "matched": 4, "moving": 1
    }  # fmt: skip
    assert stage.world.one("select external_no from pending_reference") == "N3"
    assert stage.world.one("select count(*) from alert") == 0


def test_a_number_that_grows_while_it_is_asked_for_is_no_difference(stage: Stage) -> None:
    def count_orders(self: Busy, since: datetime, until: datetime) -> int:
        stage.orders["N6"] = a_document("N6", [a_line("1", "A", 1, 1000)])
        stage.arrive("N6", 1)
        return 5

    stage.market.count_orders = count_orders  # type: ignore[method-assign]
    stage.market.list_created = PlainMarket.list_created  # type: ignore[method-assign]
    check_id = stage.certify()
    assert stage.counts(check_id) == {"listed": 5, "matched": 5}
