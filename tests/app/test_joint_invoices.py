"""One invoice for orders that leave as one: over the sum or over one order, and their own again when they part."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oms.app.pipeline.merging.by_hand import join_orders
from oms.app.pipeline.merging.editing import set_merging
from oms.app.pipeline.splitting.by_hand import split_fulfilment
from oms.app.pipeline.splitting.coming_apart import undo
from tests.app.joining import last_joining, live, waiting
from tests.factories import World, a_line, settle


def asks(world: World, order_id: int, title: str) -> int:
    """The buyer of an order wants an invoice made out to somebody."""
    master_key_id, wrapped = world.rows("select master_key_id, wrapped from data_key where id = :id", id=order_id)[0]
    key = world.hub.keys.open_data_key(order_id, master_key_id, wrapped)
    sealed = key.seal(orjson.dumps({"title": title, "tax_no": ""}))
    world.run("insert into invoice_request (order_id, kind, sealed, amount) select id, 'personal', :sealed, paid_total "
              "from orders where id = :id", id=order_id, sealed=sealed)  # fmt: skip
    return int(world.one("select id from invoice_request where order_id = :id", id=order_id))


def joint(world: World) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in world.rows("select request_id, policy, amount, order_ids from joint_invoice")]


@pytest.mark.parametrize(("policy", "amount", "covered"), [("sum", 3333, 3), ("one", 1000, 1)])
def test_the_first_request_carries_the_amount_that_the_policy_says(
    make_world: Any, policy: str, amount: int, covered: int
) -> None:
    world = make_world(window=600, merge_invoice_policy=policy)
    ids = [waiting(world, a_line("1", "A", 1, paid)) for paid in (1000, 2000, 333)]
    request = asks(world, ids[0], "周明")
    asks(world, ids[1], "周明")
    world.clock.forward(601)
    settle(world)
    assert joint(world) == [(request, policy, amount, ids[:covered])]


def test_an_invoice_to_somebody_else_stays_its_own_and_all_do_when_they_part(make_world: Any) -> None:
    world = make_world(window=600, merge_invoice_policy="one")
    assert set_merging(world.hub, "global", 0, {"invoice_policy": "sum"}, "user:1"), "settings count before the shop"
    ids = [waiting(world, a_line("1", "A", 1, paid)) for paid in (1000, 2000, 333)]
    request = asks(world, ids[0], "周明")
    asks(world, ids[1], "某某公司")
    join_orders(world.hub, ids, "user:1", "")
    assert joint(world) == [(request, "sum", 1333, [ids[0], ids[2]])]
    undo(world.hub, last_joining(world), "user:1", "no")
    assert joint(world) == []


def in_two_parcels(world: World, *amounts: int) -> list[int]:
    """Orders of one buyer that wait, each with one unit in either of two parcels."""
    ids = [waiting(world, a_line("1", "A", 2, amount)) for amount in amounts]
    for id_ in ids:
        (work,) = live(world, id_)
        line = world.one("select id from fulfilment_line where fulfilment_id = :id", id=work.id)
        split_fulfilment(world.hub, work.id, [{line: 1}], "user:1", "")
    settle(world)
    return ids


@pytest.mark.parametrize("asking", [1, 2])
@pytest.mark.parametrize(("policy", "amount"), [("sum", 3000), ("one", 1000)])
def test_orders_that_leave_together_twice_have_one_joint_invoice(
    make_world: Any, policy: str, amount: int, asking: int
) -> None:
    world = make_world(window=600, merge_invoice_policy=policy)
    ids = in_two_parcels(world, 1000, 2000)
    request, *_ = [asks(world, id_, "周明") for id_ in ids[:asking]]
    world.clock.forward(601)
    settle(world)
    assert sorted(len(notice.lines) for notice in world.script.asked("create")) == [2, 2]
    assert joint(world) == [(request, policy, amount, ids if policy == "sum" else ids[:1])]


def test_parts_that_leave_together_later_leave_the_joint_invoice_as_it_is(make_world: Any) -> None:
    world = make_world(window=600)
    ids = in_two_parcels(world, 1000, 2000)
    request = asks(world, ids[0], "周明")
    later = {one.id for id_ in ids for one in live(world, id_)[1:]}
    world.run("update fulfilment set merge_key = null, status = 'on_hold' where id = any(:ids)", ids=sorted(later))
    world.clock.forward(601)
    settle(world)
    first = joint(world)
    assert first == [(request, "sum", 3000, ids)]
    other = waiting(world, a_line("1", "A", 1, 500))
    asks(world, other, "周明")
    world.run("update fulfilment set status = 'planned' where id = any(:ids)", ids=sorted(later))
    world.run("update orders set ready_at = :now", now=world.clock())
    settle(world)
    world.clock.forward(601)
    settle(world)
    assert joint(world) == first
