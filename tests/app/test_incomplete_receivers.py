"""Receivers that lack a part: held before anything goes to a warehouse, and only where goods are to go to them."""

from __future__ import annotations

from typing import Any

import pytest

from oms.app.capture.intake import take_in
from oms.app.kernel import load
from oms.app.pipeline import goods as goods_module
from tests.factories import RECEIVER, World, a_document, a_line, an_order, order_id, raw, settle, take

MASKED = {**RECEIVER, "name": "周**", "phone": "", "address": "", "masked": True, "tokens": {"oaid": "O-1"}}
LATE = "update orders set ready_at = :now where status = 'open'"


def seen(world: World, id_: int) -> Any:
    rows = world.rows(
        "select seen from hold where order_id = :id and kind = 'bad_address' and cleared_at is null", id=id_
    )
    return rows[0][0] if rows else None


@pytest.mark.parametrize(
    ("lost", "missing"),
    [
        (("name",), ["name"]),
        (("phone",), ["phone"]),
        (("address",), ["street"]),
        (("name", "phone", "address"), ["name", "phone", "street"]),
    ],
)
@pytest.mark.parametrize("blank", ["", "  "])
def test_an_order_waits_while_its_receiver_lacks_a_part_and_goes_on_once_it_is_told(
    world: World, lost: tuple[str, ...], missing: list[str], blank: str
) -> None:
    id_ = an_order(world, no="T", receiver={**RECEIVER, **dict.fromkeys(lost, blank)})
    settle(world)
    assert seen(world, id_) == {"missing": missing}
    assert (world.phase(id_), world.script.asked("create")) == ("held", [])
    world.run(LATE, now=world.clock())
    settle(world)
    assert world.holds(id_) == {"bad_address"}
    take(world, raw(a_document("T", at=10, receiver=RECEIVER)))
    settle(world)
    assert (world.holds(id_), world.phase(id_)) == (set(), "at_warehouse")


def test_a_part_that_is_taken_away_holds_an_order_that_was_whole(world: World) -> None:
    take(world, raw(a_document("T", state="unpaid")))
    take(world, raw(a_document("T", at=10, receiver={**RECEIVER, "address": ""})))
    settle(world)
    assert seen(world, order_id(world, "T")) == {"missing": ["street"]}


def test_an_order_kept_before_it_was_paid_is_read_when_its_turn_comes(world: World) -> None:
    lacking = {**RECEIVER, "phone": "", "address": ""}
    take(world, raw(a_document("T", state="unpaid", receiver=lacking)))
    take(world, raw(a_document("T", at=10, receiver=lacking)))
    settle(world)
    assert seen(world, order_id(world, "T")) == {"missing": ["phone", "street"]}


def test_a_landline_is_a_phone_and_abroad_none_is_needed(world: World) -> None:
    landline = an_order(world, receiver={**RECEIVER, "phone": "", "telephone": "0571-5550000"})
    abroad = an_order(world, receiver={**RECEIVER, "phone": "", "country": "US"})
    settle(world)
    world.run(LATE, now=world.clock())
    settle(world)
    assert (world.holds(landline), world.holds(abroad)) == (set(), set())


def test_a_masked_receiver_is_never_held_for_what_it_does_not_show(world: World) -> None:
    id_ = an_order(world, receiver=MASKED)
    settle(world)
    world.run(LATE, now=world.clock())
    settle(world)
    assert "bad_address" not in world.holds(id_)


@pytest.mark.parametrize("change", [{"kind": "service"}, {"fulfiller": "platform"}])
def test_an_order_with_nothing_for_us_to_send_needs_no_receiver(world: World, change: dict[str, str]) -> None:
    id_ = an_order(world, [a_line("1", **change)], receiver={})
    settle(world)
    assert "bad_address" not in world.holds(id_)


def test_an_unknown_province_is_told_together_with_what_is_missing(world: World) -> None:
    id_ = an_order(world, receiver={"name": "周明", "phone": "13800000001", "state": "Atlantis"})
    settle(world)
    assert seen(world, id_) == {"division": "", "missing": ["street"]}


def test_an_erased_receiver_lacks_nothing_new(world: World) -> None:
    id_ = an_order(world, [a_line("1", "NEW")])
    settle(world)
    world.run("delete from data_key where id = :id", id=id_)
    world.run("update receiver set phone_blind = null, name_blind = null, address_blind = null")
    world.run(LATE, now=world.clock())
    settle(world)
    assert world.holds(id_) == {"unmatched_sku"}


def test_nothing_is_asked_for_orders_just_taken_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(connection: Any, statement: str, parameters: Any = ()) -> Any:
        asked.append(statement)
        return load.fetch(connection, statement, parameters)

    monkeypatch.setattr(goods_module, "fetch", fetch)
    document = raw(a_document("T", receiver={**RECEIVER, "phone": ""}))
    with world.hub.begin() as connection:
        take_in(world.hub, connection, world.hub.masters.get(connection, world.clock()).shops[1], (document,), walks=True)
    assert asked
    assert goods_module.LACKING not in asked
    assert seen(world, order_id(world, "T")) == {"missing": ["phone"]}
