"""Listings: read page by page, suggested set-wise, matched by people; waiting orders go on by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import records as r
from connectors.contract.errors import Retryable
from oms.app.capture.listings import Pair, match, match_sure, pull_listings_of, unmatch
from oms.app.capture.suggesting import Suggestion, suggest
from oms.app.kernel.queries import listings as queries
from oms.domain.errors import HubError, Invalid, NotFound
from tests.factories import World, a_line, advance, an_order
from tests.fakes import PlainMarket


class Shelf(PlainMarket):
    """A platform that lists its goods two a page."""

    goods: list[r.ListingRecord]

    def pull_listings(self, cursor: str) -> r.ListingPage:
        self.script.play("pull_listings", cursor, None)
        at = int(cursor or "0")
        return r.ListingPage(str(at + 2), at + 2 < len(self.goods), tuple(self.goods[at : at + 2]))


def a_shelf(world: World, *goods: r.ListingRecord) -> None:
    world.hub.vendors["plain"] = type("ShelfHere", (Shelf,), {"script": world.script, "goods": list(goods)})
    world.hub.kept_connectors.clear()


def a_listing(no: str, code: str = "", title: str = "goods", **more: Any) -> r.ListingRecord:
    return r.ListingRecord(no, "V", code, title, **more)


def id_of(world: World, no: str) -> int:
    return int(world.one("select id from listing where listing_no = :no", no=no))


def suggestions(world: World, *, titles: bool = False) -> dict[str, Suggestion]:
    names = {row[0]: row[1] for row in world.rows("select id, listing_no from listing")}
    with world.hub.begin() as connection:
        return {names[one.listing_id]: one for one in suggest(connection, 1, list(names) if titles else None)}


def test_every_page_is_kept_and_a_second_reading_refreshes(world: World) -> None:
    a_shelf(world, *[a_listing(f"L{n}") for n in range(5)])
    assert pull_listings_of(world.hub, 1).count == 5
    a_shelf(world, a_listing("L1", "A", "new words", is_on_sale=False, barcode="690"))
    world.clock.forward(60)
    assert pull_listings_of(world.hub, 1).count == 1
    row = world.rows("select * from listing where listing_no = 'L1'")[0]
    assert (row.title, row.seller_code, row.barcode, row.is_on_sale) == ("new words", "A", "690", False)
    assert row.seen_at == world.clock()
    assert world.one("select count(*) from listing") == 5


def test_a_long_reading_goes_on_where_it_stopped(world: World) -> None:
    a_shelf(world, *[a_listing(f"L{n}") for n in range(3)])
    first = pull_listings_of(world.hub, 1, patience=timedelta(0))
    assert (first.count, first.cursor) == (2, "2")
    assert pull_listings_of(world.hub, 1, first.cursor).count == 1
    assert world.one("select count(*) from listing") == 3


def test_a_reading_that_breaks_keeps_what_came_and_says_what_to_do(world: World) -> None:
    a_shelf(world, *[a_listing(f"L{n}") for n in range(4)])
    world.script.next("pull_listings", None, Retryable("the platform is busy"))
    with pytest.raises(HubError, match="busy") as caught:
        pull_listings_of(world.hub, 1)
    assert "try again" in caught.value.remedy
    assert world.one("select count(*) from listing") == 2


def test_a_platform_without_such_a_list_is_named_with_another_way(world: World) -> None:
    with pytest.raises(Invalid, match="does not list its goods") as caught:
        pull_listings_of(world.hub, 1)
    assert "first order" in caught.value.remedy


def test_reading_never_touches_what_a_person_matched_but_ends_a_match_by_an_old_code(world: World) -> None:
    an_order(
        world, [a_line("1", "A", listing_no="L1", variant_no="V"), a_line("2", "A", listing_no="L2", variant_no="V")]
    )
    advance(world)
    match(world.hub, [Pair(id_of(world, "L1"), sku_id=world.skus["C"])], "u1")
    a_shelf(world, a_listing("L1", "B"), a_listing("L2", "B"))
    pull_listings_of(world.hub, 1)
    rows = {row.listing_no: row for row in world.rows("select * from listing")}
    assert (rows["L1"].sku_id, rows["L1"].matched_by) == (world.skus["C"], "u1")
    assert (rows["L2"].sku_id, rows["L2"].matched_by, rows["L2"].seller_code) == (None, "", "B")


def test_suggestions_by_code_barcode_other_writing_and_title(world: World) -> None:
    world.run("update sku set barcode = '6901' where code = 'B'")
    world.run("update sku set code = 'LY-KET 15' where code = 'C'")
    world.run("update sku set name = '长绒棉四件套' where code = 'D'")
    a_shelf(world, a_listing("CODE", "A"), a_listing("SET", "SET"), a_listing("BAR", barcode="6901"),
            a_listing("BARE", "lyket15"), a_listing("WORDS", title="罗雅 长绒棉 四件套 包邮"),
            a_listing("NOTHING", "ZZZ", title="棉"))  # fmt: skip
    pull_listings_of(world.hub, 1)
    found = suggestions(world, titles=True)
    told = {no: (one.how, one.code, one.is_sure) for no, one in found.items()}
    assert told == {
        "CODE": ("code", "A", True), "SET": ("code", "SET", True), "BAR": ("barcode", "B", True),
        "BARE": ("written", "LY-KET 15", False), "WORDS": ("title", "D", False),
    }  # fmt: skip
    assert "WORDS" not in suggestions(world)


def test_contradicting_or_ambiguous_evidence_is_never_sure(world: World) -> None:
    world.run("update sku set barcode = '77' where code in ('B', 'C')")
    world.run("update sku set barcode = '88' where code = 'D'")
    a_shelf(world, a_listing("TWO", barcode="77"), a_listing("AGAINST", "A", barcode="88"))
    pull_listings_of(world.hub, 1)
    found = suggestions(world)
    assert "TWO" not in found
    assert (found["AGAINST"].code, found["AGAINST"].is_sure) == ("A", False)
    assert match_sure(world.hub, 1, "u1") == 0


def test_all_sure_ones_are_matched_at_once_and_only_those(world: World) -> None:
    a_shelf(world, a_listing("L1", "A"), a_listing("L2", "SET"), a_listing("L3", "ZZZ"))
    pull_listings_of(world.hub, 1)
    assert match_sure(world.hub, 1, "u1") == 2
    rows = {row.listing_no: (row.sku_id, row.bundle_id, row.matched_by) for row in world.rows("select * from listing")}
    assert rows == {"L1": (world.skus["A"], None, "u1"), "L2": (None, 900, "u1"), "L3": (None, None, "")}


def test_an_order_goes_on_at_once_when_a_person_matches_its_listing(world: World) -> None:
    held = an_order(world, [a_line(code="NEW", listing_no="L", variant_no="V")])
    advance(world)
    assert world.holds(held) == {"unmatched_sku"}
    with world.hub.begin() as connection:
        assert [(row.listing_no, row.orders) for row in queries.unmatched(connection, 1)] == [("L", 1)]
    assert match(world.hub, [Pair(id_of(world, "L"), sku_id=world.skus["A"])], "u1") == 1
    advance(world)
    assert world.holds(held) == set()
    assert world.one("select count(*) from fulfilment") == 1


def test_a_match_taken_back_holds_the_next_order_only(world: World) -> None:
    first = an_order(world, [a_line(code="NEW", listing_no="L", variant_no="V")])
    advance(world)
    match(world.hub, [Pair(id_of(world, "L"), sku_id=world.skus["A"])], "u1")
    advance(world)
    assert unmatch(world.hub, [id_of(world, "L")]) == 1
    second = an_order(world, [a_line(code="NEW", listing_no="L", variant_no="V")])
    advance(world)
    assert (world.holds(first), world.holds(second)) == (set(), {"unmatched_sku"})


def test_the_nameless_listing_is_never_matched(world: World) -> None:
    an_order(world, [a_line(code="NEW", listing_no="", variant_no="")])
    advance(world)
    assert match(world.hub, [Pair(id_of(world, ""), sku_id=world.skus["A"])], "u1") == 0
    with world.hub.begin() as connection:
        assert queries.unmatched(connection, 1) == []


def test_a_match_to_nothing_to_two_things_or_to_archived_goods_is_refused(world: World) -> None:
    a_shelf(world, a_listing("L1"))
    pull_listings_of(world.hub, 1)
    at = id_of(world, "L1")
    with pytest.raises(Invalid, match="nothing is chosen"):
        match(world.hub, [], "u1")
    for pair in (Pair(at), Pair(at, world.skus["A"], 900)):
        with pytest.raises(Invalid, match="one SKU or one bundle"):
            match(world.hub, [pair], "u1")
    world.run("update sku set is_archived = true where code = 'A'")
    for pair in (Pair(at, world.skus["A"]), Pair(at, bundle_id=12345)):
        with pytest.raises(NotFound, match="archived"):
            match(world.hub, [pair], "u1")
