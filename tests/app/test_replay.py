"""A day's documents read anew come to what is stored; what another connector would make of them is told by field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.contract import records as r
from connectors.contract.errors import BadRecord
from oms.app.capture.replay import replay_day
from oms.domain.errors import NotFound
from tests.factories import START, World, a_document, a_line, raw, take
from tests.fakes import PlainMarket

TODAY = START.date()  # Ten in the morning in Shanghai.


def shop_code(world: World) -> str:
    return str(world.one("select code from shop where id = 1"))


def test_what_is_stored_comes_out_the_same_again(world: World) -> None:
    take(world, *[raw(a_document(f"N{n}", [a_line("1", "A", 2, 2000), a_line("2", "B", 1, 500)])) for n in range(3)])
    take(world, raw(a_document("N0", [a_line("1", "A", 2, 2000)], at=60), 60))
    found = replay_day(world.hub, shop_code(world), TODAY)
    assert (found.documents, found.compared, found.same, found.older) == (4, 3, 3, 1)
    assert (found.differences, found.unreadable, found.not_stored) == ([], [], [])


def test_another_reading_is_told_by_order_line_and_field(world: World) -> None:
    take(world, raw(a_document("N1", [a_line("1", "A", 2, 2000)])), raw(a_document("N2", [a_line("1", "A", 1, 900)])))

    class Other(PlainMarket):
        def parse_order(self, body: bytes) -> r.OrderRecord:
            record = super().parse_order(body)
            if record.external_no == "N2":
                raise BadRecord("is unknown", field="state")
            return replace(record, lines=(replace(record.lines[0], seller_code="Z"),), is_presale=True)

    world.hub.vendors["plain"] = Other
    found = replay_day(world.hub, shop_code(world), TODAY)
    told = {(d.order_no, d.place): (d.stored, d.replayed) for d in found.differences}
    assert told == {("N1", "is_presale"): (False, True), ("N1", "line 1 seller_code"): ("A", "Z")}
    assert found.unreadable == [("N2", "state: is unknown")]
    assert world.one("select count(*) from orders where is_presale") == 0


def test_erased_buyers_are_counted_not_read(world: World) -> None:
    take(world, raw(a_document("N1", [a_line("1", "A", 2, 2000)])))
    world.run("delete from data_key")
    assert replay_day(world.hub, shop_code(world), TODAY).erased == 1


def test_an_unknown_shop_is_named(world: World) -> None:
    with pytest.raises(NotFound, match="NOPE"):
        replay_day(world.hub, "NOPE", TODAY)
