"""A masked receiver is another one when the platform's stable word says so; what it stops telling is not forgotten."""

from __future__ import annotations

from typing import Any

from oms.app.kernel.receivers import open_receiver
from tests.factories import RECEIVER, World, a_document, a_line, an_order, raw, settle, take

MASKED = {**RECEIVER, "name": "周**", "phone": "*******0001", "masked": True,
          "tokens": {"open_address_id": "same", "name": "~cipher1~"}, "identity": "same"}  # fmt: skip


def a_version(world: World, at: int, **changes: Any) -> None:
    document = a_document("T", [a_line("1", "A", 1, 1000)], at=at, **changes)
    assert take(world, raw(document, at)).newer == 1
    settle(world)


def kept(world: World, id_: int) -> Any:
    with world.hub.engine.connect() as connection:
        return open_receiver(world.hub, connection, id_)[0]


def test_another_ciphertext_of_the_same_address_calls_nothing_back(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000)], no="T", receiver=MASKED)
    settle(world)
    a_version(world, 60, receiver={**MASKED, "tokens": {**MASKED["tokens"], "name": "~cipher2~"}}, address_changed=True)
    assert world.holds(id_) == set()
    assert "address_changed" not in world.events(id_)
    assert kept(world, id_).tokens["name"] == "~cipher2~"


def test_another_address_behind_the_same_stars_calls_the_goods_back(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000)], no="T", receiver=MASKED)
    settle(world)
    a_version(world, 60, receiver={**MASKED, "tokens": {"open_address_id": "other"}, "identity": "other"})
    assert "address_changed" in world.events(id_)
    assert dict(kept(world, id_).tokens) == {"open_address_id": "other"}


def test_ciphertexts_that_the_platform_stops_telling_stay(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000)], no="T", receiver=MASKED)
    settle(world)
    a_version(world, 60, receiver={**MASKED, "tokens": {"open_address_id": "same"}}, seller_memo="hello")
    assert dict(kept(world, id_).tokens) == MASKED["tokens"]


def test_a_document_without_a_receiver_changes_none(world: World) -> None:
    id_ = an_order(world, [a_line("1", "A", 1, 1000)], no="T")
    settle(world)
    before = kept(world, id_)
    a_version(world, 60, receiver={}, state="completed")
    assert kept(world, id_) == before
    assert "address_changed" not in world.events(id_)
    assert world.one("select division_code <> '' from orders where id = :id", id=id_)
