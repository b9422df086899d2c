"""What must be equal to leave as one, set by place: the most exact place speaks, field by field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.marketplaces.jd import CONNECTOR as JD
from oms.app.pipeline.merging.editing import rule_of_shop, set_merging, standing_of
from oms.domain.errors import Invalid
from tests.app.joining import BUYER, live, waiting
from tests.app.routes import carry_by, held
from tests.factories import RECEIVER, START, World, a_document, a_line, advance, an_order, order_id, raw, settle, take

OTHER = {"external_id": "another", "nick": "另**"}


@pytest.fixture
def patient(make_world: Any) -> World:
    """A shop with a merge window of ten minutes, and a second shop of its group."""
    world: World = make_world(window=600)
    world.run("insert into shop_group (id, code, name) values (7, 'g', 'group')")
    world.run("update shop set shop_group_id = 7")
    world.run(
        """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s, shop_group_id)
           values (2, 's2', '二店', 1, 1, 1, 600, 7)"""
    )
    return world


def says(world: World, scope: str = "global", scope_id: int = 0, **wanted: Any) -> None:
    assert set_merging(world.hub, scope, scope_id, wanted, "user:1")


def sent(world: World) -> list[int]:
    """How many orders each fulfilment held that was handed over, after the window."""
    advance(world)
    world.clock.forward(601)
    settle(world)
    return sorted(len({line.order_no for line in notice.lines}) for notice in world.script.asked("create"))


def in_shop_two(world: World, no: str, **changes: Any) -> int:
    take(world, raw(a_document(no, [a_line("1", "A", 1, 1000)], **({"buyer": BUYER} | changes))), shop=2)
    advance(world)
    return order_id(world, no)


def test_the_most_exact_place_speaks_field_by_field(patient: World) -> None:
    says(patient, window_s=60, cap=5, merges_cod=False)
    says(patient, "shop_group", 7, cap=9)
    says(patient, "shop", 1, merges_cod=True)
    with patient.hub.engine.connect() as connection:
        one, two = rule_of_shop(patient.hub, connection, 1), rule_of_shop(patient.hub, connection, 2)
        standing = standing_of(connection, "shop", 1)
    assert (one.window_s, one.cap, one.merges_cod) == (60, 9, True)
    assert (two.window_s, two.cap, two.merges_cod) == (60, 9, False)
    assert standing.own == {"merges_cod": True}
    assert standing.holds["cap"] == (9, "shop_group")
    assert set_merging(patient.hub, "shop", 1, {}, "user:1")
    assert not set_merging(patient.hub, "shop", 1, {}, "user:1"), "nothing was said any more"


@pytest.mark.parametrize(
    ("parts", "changes", "expected"),
    [(["buyer", "name", "phone", "carrier"], {"buyer": OTHER}, [1, 1]),
     (["name", "phone", "carrier"], {"buyer": OTHER}, [2]),
     (["phone"], {"receiver": {**RECEIVER, "name": "她"}}, [2]),
     (["phone"], {"receiver": {**RECEIVER, "phone": "13900000009"}}, [1, 1]),
     (["name"], {"receiver": {**RECEIVER, "phone": "13900000009"}}, [2]),
     (["buyer"], {"receiver": {**RECEIVER, "address": "别处"}}, [1, 1])],
    ids=["all", "any buyer", "any name", "phone differs", "any phone", "address always"],
)  # fmt: skip
def test_only_what_counts_must_be_equal(
    patient: World, parts: list[str], changes: dict[str, Any], expected: list[int]
) -> None:
    says(patient, parts=parts)
    waiting(patient)
    waiting(patient, **changes)
    assert sent(patient) == expected


@pytest.mark.parametrize(("reach", "expected"), [("shop", [1, 1]), ("group", [2]), ("all", [2])])
def test_orders_of_other_shops_join_as_far_as_the_settings_reach(patient: World, reach: str, expected: list[int]) -> None:
    says(patient, "channel", 1, reach=reach)
    waiting(patient)
    in_shop_two(patient, "S2-1")
    assert sent(patient) == expected


def test_a_channel_may_forbid_what_pays_on_delivery_and_presales(patient: World) -> None:
    says(patient, "channel", 1, merges_cod=False, merges_presale=False)
    for changes in ({"is_cod": True}, {"is_presale": True}):
        for _ in range(2):
            waiting(patient, **changes)
    advance(patient)
    settle(patient)
    told = patient.script.asked("create")
    assert [len(notice.lines) for notice in told] == [1, 1, 1, 1], "they wait for nobody"
    assert patient.rows("select 1 from merge_group") == []


def test_a_platform_that_forbids_it_merges_nothing_on_delivery_unless_a_setting_says_so(patient: World) -> None:
    patient.run("update channel set vendor = 'jd' where id = 1")
    patient.hub.vendors["jd"] = JD
    with patient.hub.engine.connect() as connection:
        assert not rule_of_shop(patient.hub, connection, 1).merges_cod
        says(patient, "shop", 1, merges_cod=True)
        assert rule_of_shop(patient.hub, connection, 1).merges_cod


def test_presales_join_presales_alone(patient: World) -> None:
    for is_presale in (True, False, True):
        waiting(patient, is_presale=is_presale)
    assert sent(patient) == [1, 2]


def test_a_window_and_a_cap_of_the_settings_count_before_the_shops(patient: World) -> None:
    says(patient, window_s=60, cap=2)
    ids = [waiting(patient) for _ in range(3)]
    assert patient.one("select due_at from merge_group") == START + timedelta(seconds=60)
    patient.clock.forward(61)
    settle(patient)
    assert sorted(len(notice.lines) for notice in patient.script.asked("create")) == [1, 2]
    assert {len(live(patient, id_)) for id_ in ids} == {1}


def test_what_waits_is_looked_at_again_when_the_settings_change(patient: World) -> None:
    waiting(patient)
    waiting(patient, buyer=OTHER)
    assert patient.one("select count(*) from merge_group") == 2
    says(patient, parts=["name", "phone"])
    assert sent(patient) == [2]


def test_any_carrier_will_do_unless_a_rule_has_named_one(patient: World) -> None:
    says(patient, parts=["buyer", "name", "phone"])
    heavy = a_line("1", "A", 1, 1000)
    waiting(patient, heavy)
    patient.run("update carrier set is_suspended = true where code = 'ZTO'")
    patient.clock.forward(3)
    waiting(patient)
    patient.run("update carrier set is_suspended = false where code = 'ZTO'")
    carry_by(patient, ("only_carrier", {"carrier": "SF"}))
    patient.clock.forward(3)
    last = waiting(patient)
    assert held(patient, last) == {}
    assert sent(patient) == [1, 2]


def test_an_address_changed_away_and_back_joins_again(patient: World) -> None:
    first = waiting(patient)
    second = waiting(patient)
    for at, address in ((60, "别处 9 号"), (120, "文三路 1 号")):
        changed = a_document("T2", [a_line("1", "A", 1, 1000)], at=at, buyer=BUYER,
                             receiver={**RECEIVER, "address": address})  # fmt: skip
        take(patient, raw(changed, fetched=at))
        settle(patient)
        keys = {live(patient, id_)[0].merge_key for id_ in (first, second)}
        assert len(keys) == (2 if at == 60 else 1)
    assert sent(patient) == [2]


def test_an_order_of_an_earlier_release_has_not_moved(patient: World) -> None:
    id_ = waiting(patient)
    parts = [RECEIVER[name] for name in ("name", "phone", "state", "city", "district")]
    once = patient.hub.keys.blind("receiver", "|".join([*parts, "", RECEIVER["address"]]))
    patient.run("update orders set receiver_key = :key where id = :id", key=once, id=id_)
    take(patient, raw(a_document("T1", [a_line("1", "A", 1, 1000)], at=90, buyer=BUYER, flag="red"), fetched=90))
    settle(patient)
    assert "address_changed" not in patient.events(id_)
    assert patient.one("select receiver_key from orders where id = :id", id=id_) != once


def test_a_receiver_without_a_buyer_joins_where_the_buyer_does_not_count(patient: World) -> None:
    nobody = {"external_id": "", "nick": ""}
    says(patient, parts=["name", "phone"])
    for _ in range(2):
        an_order(patient, [a_line("1", "A", 1, 1000)], buyer=nobody)
    assert sent(patient) == [2]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"reach": "world"}, "reach"), ({"parts": ["carrier"]}, "parts"), ({"parts": ["shoe"]}, "parts"),
     ({"window_s": -1}, "window_s"), ({"cap": 0}, "cap"), ({"merges_cod": 1}, "merges_cod"), ({"shoe": 1}, "shoe"),
     ({"invoice_policy": "two"}, "invoice_policy")],
)  # fmt: skip
def test_a_wrong_setting_is_refused_by_name(patient: World, wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_merging(patient.hub, "global", 0, wanted, "user:1")
    assert refused.value.field == field
