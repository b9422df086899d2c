"""Small hand-overs go in one call where the account says so, and each ends for itself, lost answers too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused
from tests.app.shipping import progress
from tests.factories import World, advance, an_order, settle
from tests.fakes import PlainWarehouse


class BatchingWarehouse(PlainWarehouse):
    """A warehouse that takes several at once and answers later."""

    def create_fulfilments(self, notices: Sequence[n.FulfilmentNotice]) -> Any:
        taken = {notice.number: n.Receipt(is_pending=True) for notice in notices}
        return self.script.play("batch", [notice.number for notice in notices], taken)


@pytest.fixture
def batching(make_world: Callable[..., World]) -> World:
    """Its account says that it takes batches."""
    world = make_world()
    world.hub.vendors["plainwms"] = type("Batching", (BatchingWarehouse,), {"script": world.script})
    world.run("""update account set settings = '{"batch_create": "yes"}' where id = 2""")
    return world


def three(world: World) -> list[Any]:
    """Three orders on their way to the warehouse: their fulfilments."""
    ids = [an_order(world) for _ in range(3)]
    advance(world)
    settle(world)
    return [world.fulfilments(id_)[0] for id_ in ids]


def statuses(world: World) -> list[str]:
    return [row[0] for row in world.rows("select status from fulfilment order by id")]


def test_several_go_in_one_call_and_their_answers_come_one_by_one(batching: World) -> None:
    works = three(batching)
    assert ([len(call) for call in batching.script.asked("batch")], batching.script.asked("create")) == ([3], [])
    assert statuses(batching) == ["sending"] * 3
    progress(batching, works[0].id, n.WarehouseState.ACCEPTED)
    progress(batching, works[1].id, n.WarehouseState.REFUSED)
    batching.script.next("find", n.FulfilmentFound("x", n.WarehouseState.ACCEPTED))
    batching.clock.forward(130)
    settle(batching)
    assert statuses(batching)[:3] == ["accepted", "cancelled", "sent"]
    live = batching.rows("select state from outbound where kind = 'create_fulfilment' and fulfilment_id = any(:ids)",
                         ids=[work.id for work in works])  # fmt: skip
    assert {row[0] for row in live} <= {"void", "done"}


def test_one_that_is_refused_at_once_is_sourced_again_and_hinders_no_other(batching: World) -> None:
    ids = [an_order(batching) for _ in range(2)]
    advance(batching)
    numbers = [row[0] for row in batching.rows("select key from outbound where kind = 'create_fulfilment' order by id")]
    first, second = (key.removeprefix("create:") for key in numbers)
    batching.script.next("batch", {first: Refused("out of reach"), second: n.Receipt("W2")})
    settle(batching)
    assert next(work.status for work in batching.fulfilments(ids[0])) == "cancelled"
    assert [work.status for work in batching.fulfilments(ids[1])] == ["sent"]


def test_a_lost_answer_is_looked_up_for_each_and_nothing_is_sent_twice(batching: World) -> None:
    batching.script.next("batch", OutcomeUnknown("no answer"))
    works = three(batching)
    batching.script.next("find", *[n.FulfilmentFound("x", n.WarehouseState.ACCEPTED)] * 3)
    batching.clock.forward(10)
    settle(batching)
    assert statuses(batching) == ["sent"] * 3
    assert (len(batching.script.asked("batch")), batching.script.asked("create")) == (1, [])
    assert len({ref.number for ref in batching.script.asked("find")}) == len(works)


def test_without_the_setting_each_has_a_call_of_its_own(batching: World) -> None:
    batching.run("update account set settings = '{}' where id = 2")
    three(batching)
    assert (batching.script.asked("batch"), len(batching.script.asked("create"))) == ([], 3)
