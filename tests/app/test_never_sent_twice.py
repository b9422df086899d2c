"""What a warehouse may have received is looked up before anything else, and never counted as unsent."""

from __future__ import annotations

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, RateLimited, Retryable
from oms.app.kernel import outbound
from oms.app.pipeline.outbound.outbox import send_batch
from tests.app.shipping import number_of
from tests.factories import World, a_document, a_line, advance, an_order, raw, settle, take

CREATE = "select state from outbound where kind = 'create_fulfilment'"


def stuck_unknown(world: World) -> int:
    """A hand-over of order T of which nobody knows the outcome, tried too often; answers its row."""
    an_order(world, no="T")
    world.script.next("create", *[OutcomeUnknown("no answer")] * 20)
    for _ in range(outbound.SOON_STUCK.tries + 1):
        settle(world)
        world.clock.forward(700)
    world.script.outcomes.clear()
    assert world.one(CREATE) == "stuck"
    return int(world.one("select id from outbound"))


def test_a_stuck_row_that_was_called_is_looked_up_when_a_person_retries_it(world: World) -> None:
    row = stuck_unknown(world)
    calls = len(world.script.asked("create"))
    number = world.script.asked("create")[0].number
    world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.ACCEPTED))
    assert outbound.retry(world.hub, [row], "user:1") == 1
    settle(world)
    assert world.one(CREATE) == "done"
    assert len(world.script.asked("create")) == calls


def test_a_refund_after_a_retry_asks_the_warehouse_that_may_have_it(world: World) -> None:
    row = stuck_unknown(world)
    outbound.retry(world.hub, [row], "user:1")
    take(world, raw(a_document("T", [a_line(refund="asked", case_no="C1")], at=1), 1))
    advance(world)
    assert (world.one(CREATE), world.script.asked("confirm_interception")) == ("unknown", [])
    number = number_of(world.one("select id from fulfilment"))
    world.script.next("find", n.FulfilmentFound(number, n.WarehouseState.ACCEPTED))
    settle(world)
    assert len(world.script.asked("cancel")) == 1
    assert [told.stopped for told in world.script.asked("confirm_interception")] == [True]


def test_calls_that_were_not_let_in_never_make_a_row_stuck(world: World) -> None:
    an_order(world)
    advance(world)
    times = outbound.SOON_STUCK.tries + 2
    world.script.next("create", *[RateLimited("slow down", retry_after=5)] * times)
    for _ in range(times):
        assert send_batch(world.hub) == 1
        world.clock.forward(6)
    assert world.rows("select state, attempts from outbound") == [("waiting", 0)]
    settle(world)
    assert world.one(CREATE) == "done"


def test_what_was_never_let_in_is_stopped_without_asking_anybody(world: World) -> None:
    id_ = an_order(world, no="T")
    world.script.next("create", RateLimited("slow down", retry_after=60))
    settle(world)
    take(world, raw(a_document("T", [a_line(refund="asked", case_no="C1")], at=1), 1))
    settle(world)
    world.clock.forward(61)
    settle(world)
    assert ([w.status for w in world.fulfilments(id_)], len(world.script.asked("create"))) == (["cancelled"], 1)


def test_what_was_called_once_is_not_counted_as_unsent(world: World) -> None:
    an_order(world, no="T")
    world.script.next("create", Retryable("busy"), RateLimited("slow down", retry_after=60))
    settle(world)
    world.clock.forward(5)
    settle(world)
    take(world, raw(a_document("T", [a_line(refund="asked", case_no="C1")], at=1), 1))
    advance(world)
    assert world.rows("select stop, status from fulfilment") == [("asked", "sending")]
