"""Listings to SKUs: what people matched stays, a match by code follows the code on the line."""

from __future__ import annotations

from oms.jobs.upkeep import wake_matched
from tests.factories import World, a_line, advance, an_order


def test_a_changed_code_under_one_listing_is_matched_anew(world: World) -> None:
    first = an_order(world, [a_line(code="A", listing_no="L", variant_no="V")])
    second = an_order(world, [a_line(code="B", listing_no="L", variant_no="V")])
    advance(world)
    skus = [world.one("select sku_id from order_line where order_id = :id", id=id_) for id_ in (first, second)]
    assert skus == [world.one("select id from sku where code = :code", code=code) for code in ("A", "B")]


def test_an_unknown_code_under_a_known_listing_waits_for_people(world: World) -> None:
    an_order(world, [a_line(code="A", listing_no="L", variant_no="V")])
    advance(world)
    late = an_order(world, [a_line(code="NEW", listing_no="L", variant_no="V")])
    advance(world)
    assert world.holds(late) == {"unmatched_sku"}
    assert world.one("select seller_code from listing where listing_no = 'L'") == "A"


def test_what_a_person_matched_stays_whatever_the_code(world: World) -> None:
    an_order(world, [a_line(code="A", listing_no="L", variant_no="V")])
    advance(world)
    world.run("update listing set matched_by = 'ann' where listing_no = 'L'")
    late = an_order(world, [a_line(code="B", listing_no="L", variant_no="V")])
    advance(world)
    assert world.one("select sku_id from order_line where order_id = :id", id=late) == world.one(
        "select id from sku where code = 'A'"
    )


def test_an_order_goes_on_by_itself_once_its_listing_is_matched(world: World) -> None:
    held = an_order(world, [a_line(code="NEW", listing_no="L", variant_no="V")])
    advance(world)
    assert world.holds(held) == {"unmatched_sku"}
    assert wake_matched(world.hub) == 0
    world.run(
        "update listing set matched_by = 'ann', sku_id = (select id from sku where code = 'A') where listing_no = 'L'"
    )
    assert wake_matched(world.hub) == 1
    world.clock.forward(86400 * 3650)  # ready_at is the server's now; the world's clock stands elsewhere.
    advance(world)
    assert world.holds(held) == set()
    assert world.one("select count(*) from fulfilment") == 1
