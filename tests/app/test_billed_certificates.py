"""Bills as the third list of a certificate: what they name as sold and we do not hold is missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import records as r
from oms.app.capture.completeness import ask_check, ask_nightly, check_next, pull_missing
from tests.factories import START, World, a_document, a_line, raw, take
from tests.fakes import PlainMarket

DAY = timedelta(days=1)
CHECK = "select method, state, listed, matched, missing, differing from completeness_check order by id desc limit 1"


class Billing(PlainMarket):
    """A platform that tells bills and has no other list."""

    def pull_statements(self, cursor: str) -> r.Page:
        return r.Page(cursor or "1", more=False)


class Both(Billing):
    """A platform that also lists what was ordered in a window: one order."""

    def list_created(self, since: datetime, until: datetime, cursor: str) -> r.CreatedPage:
        return r.CreatedPage("1", False, (r.ListedOrder("N1", state=r.OrderState.OPEN),))


def a_platform(world: World, kind: type[PlainMarket]) -> None:
    world.hub.vendors["plain"] = type("Here", (kind,), {"script": world.script})
    world.hub.kept_connectors.clear()


def billed(world: World, *orders: str, kind: str = "sale", at: datetime = START - timedelta(hours=2)) -> None:
    """A bill names these orders."""
    for number in orders:
        world.run(
            """insert into statement_row (shop_id, external_no, kind, order_no, amount, currency, at, document_no)
               values (1, :row, :kind, :no, 1000, 'CNY', :at, 'B1')""",
            row=f"{number}-{kind}-{at}", kind=kind, no=number, at=at,
        )  # fmt: skip


def certify(world: World) -> tuple[int, tuple[Any, ...]]:
    check_id = ask_check(world.hub, 1, START - DAY, START, "user:1")
    assert check_next(world.hub) == 1
    return check_id, tuple(world.rows(CHECK)[0])


def found(world: World) -> list[tuple[str, str, str | None]]:
    question = "select external_no, kind, seen ->> 'list' from completeness_row order by external_no"
    return [tuple(row) for row in world.rows(question)]


def test_what_only_a_bill_names_is_missing_and_is_brought(world: World) -> None:
    a_platform(world, Both)
    take(world, raw(a_document("N1", [a_line()])), raw(a_document("N2", [a_line()])))
    billed(world, "N1", "N2", "N3")
    billed(world, "N4", kind="refund")
    billed(world, "N5", at=START - 3 * DAY)
    check_id, said = certify(world)
    assert said == ("list+bill", "done", 2, 1, 1, 0)
    assert found(world) == [("N3", "missing", "bill")]
    assert pull_missing(world.hub, check_id) == 1
    assert world.one("select external_no from pending_reference") == "N3"


@pytest.mark.parametrize(("orders", "missing"), [((), 0), (("N1",), 1)])
def test_a_platform_with_bills_alone_is_compared_by_them(world: World, orders: tuple[str, ...], missing: int) -> None:
    a_platform(world, Billing)
    billed(world, *orders)
    assert certify(world)[1] == ("bill", "done", missing, 0, missing, 0)


def test_without_bills_in_the_window_only_the_list_is_named(world: World) -> None:
    a_platform(world, Both)
    take(world, raw(a_document("N1", [a_line()])))
    assert certify(world)[1] == ("list", "done", 1, 1, 0, 0)


def test_what_is_parked_is_no_order_we_lack(world: World) -> None:
    a_platform(world, Both)
    take(world, raw(a_document("N1", [a_line()])), raw({"external_no": "N2", "state": "open"}))
    world.run("update parked_record set external_no = 'N2'")
    billed(world, "N2")
    assert certify(world)[1] == ("list+bill", "done", 2, 1, 0, 1)


@pytest.mark.parametrize(("first", "method"), [(10, "list"), (60, "list+bill")])
def test_by_itself_only_a_shop_captured_for_long_is_compared_with_bills(world: World, first: int, method: str) -> None:
    """Bills of a new shop name orders from before it was connected."""
    a_platform(world, Both)
    world.run("insert into sync_schedule (shop_id, stream) values (1, 'orders')")
    take(world, raw(a_document("N0", [a_line()], created_at=(START - first * DAY).isoformat())))
    billed(world, "N9", at=START.replace(hour=16, minute=0) - timedelta(hours=3))
    world.clock.now = START.replace(hour=19, minute=30)
    assert ask_nightly(world.hub) == 1
    check_next(world.hub)
    assert world.one("select method from completeness_check") == method
