"""One order typed in: once however often it is sent and by however many at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from oms.app.capture.entered.columns import COLUMNS
from oms.app.capture.entered.entering import NotEntered, enter_order, number_of
from oms.app.capture.entered.rows import Row
from tests.app.entered.kit import a_row, as_csv, bring, told
from tests.app.shipping import ship_all
from tests.factories import START, World, settle


def typed(number: str, **changes: str) -> list[Row]:
    """What the form sends of one line."""
    return [Row(dict(zip([column.key for column in COLUMNS], a_row(number, **changes), strict=True)))]


def outbound(world: World) -> set[str]:
    """What was sent or is to be sent."""
    return {row[0] for row in world.rows("select kind from outbound")}


def test_a_typed_order_goes_the_way_of_all_orders(world: World) -> None:
    order = enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    settle(world)
    assert world.phase(order) == "at_warehouse"
    assert world.rows("select kind, actor from event where order_id = :id and kind = 'entered'", id=order) == [
        ("entered", "user:7")
    ]
    assert world.one("select count(*) from receiver where phone_blind is not null") == 1


def test_eight_clicks_at_once_make_one_order(world: World) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: enter_order(world.hub, typed("H1"), "user:7", [world.shop]), range(8)))
    assert len(set(made)) == 1
    assert world.one("select count(*) from orders") == 1
    assert world.one("select count(*) from order_line") == 1


def test_one_file_uploaded_by_four_at_once_comes_in_once(world: World) -> None:
    body = as_csv([a_row(f"N{n}") for n in range(20)])
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: bring(world, body), range(4)))
    assert world.one("select count(*) from orders") == 20
    last = bring(world, body)
    assert told(last) == (0, 20, 0, 0)


def test_a_number_that_is_taken_is_told_at_its_field(world: World) -> None:
    enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    with pytest.raises(NotEntered) as caught:
        enter_order(world.hub, typed("H1", units="2"), "user:7", [world.shop])
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(0, "order_no")]
    assert world.one("select count(*) from orders") == 1


def test_a_number_made_of_a_forms_key_is_the_same_again_and_another_for_another_form() -> None:
    assert number_of("key", START) == number_of("key", START)
    assert number_of("key", START) != number_of("other", START)
    assert number_of("key", START).startswith("H261121")


def test_nothing_of_a_receiver_is_in_a_refusal(world: World) -> None:
    with pytest.raises(NotEntered) as caught:
        enter_order(world.hub, typed("H1", phone="138123456789"), "user:7", [world.shop])
    told_words = f"{caught.value} {caught.value.remedy} {caught.value.problems}"
    assert "138123456789" not in told_words
    assert "王小二" not in told_words


def test_a_typed_order_ships_and_nothing_is_told_to_the_platform(world: World) -> None:
    order = enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    settle(world)
    ship_all(world, order)
    settle(world)
    assert world.phase(order) in ("shipped", "in_transit")
    assert outbound(world) == {"create_fulfilment", "subscribe_parcel"}


def test_an_order_from_before_going_live_is_left_to_the_system_before(world: World) -> None:
    world.run("update shop set go_live_at = '2026-11-21T00:00:00Z' where id = 1")
    order = enter_order(world.hub, typed("H1"), "user:7", [world.shop])
    settle(world)
    assert outbound(world) == set()
    assert "platform_hold" in world.holds(order)
