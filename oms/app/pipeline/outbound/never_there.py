"""A hand-over nobody wants any more: it is not made up for when the warehouse does not have it, and called back if late.

A lost call may still be worked off, so one look-up that finds nothing is no proof: it is looked up again a minute later,
longer than any call is waited for, and once more ten minutes on. What turns up after all is called back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connectors.contract.notices import FulfilmentFound, WarehouseState
from oms.app.intercept.asking import last_reason
from oms.app.intercept.enforce import ledger, send_cancel
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork, Result
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.ghosts import book_ghost
from oms.app.pipeline.giving_back import end_interceptions, give_up
from oms.domain.numbers import document_no

#: A call that is not answered within thirty seconds may arrive this long after it was made.
LATE_S: Final = 60.0
LOOK_AGAIN: Final = timedelta(minutes=10)
NOT_THERE: Final = "not-there"
NEVER_THERE: Final = "never-there"
WORDS: Final = "the warehouse never had it"
#: Since when every attempt has found nothing.
FIRST_EMPTY: Final = """
select min(at) from outbound_attempt where outbound_id = %s and code = %s and at > coalesce(
  (select max(at) from outbound_attempt where outbound_id = %s and code <> %s), '-infinity')"""
#: A hand-over that was called and given up, and nothing asked of the warehouse since.
GIVEN_UP: Final = """
select 1 from outbound o where o.fulfilment_id = %s and o.kind = 'create_fulfilment' and o.code = %s
and not exists (select from outbound c where c.fulfilment_id = o.fulfilment_id and c.kind = 'cancel_fulfilment'
  and c.created_at >= o.sent_at)"""
OPEN: Final = "select 1 from interception where fulfilment_id = %s and ended_at is null and asked_of = 'warehouse'"


def not_sent(hub: Hub, work: OutboundWork) -> Result:
    """How a hand-over ends that a look-up has not found and that is to be stopped: void once it cannot arrive any more.

    One whose last call surely did not arrive is void at once.
    """
    if work.was == "unknown":
        with hub.engine.connect() as connection:
            first = fetch(connection, FIRST_EMPTY, (work.id, NOT_THERE, work.id, NOT_THERE))[0][0]
        if first is None or hub.clock() - first < timedelta(seconds=LATE_S):
            return Result("unknown", "not there yet", NOT_THERE, wait=LATE_S, counts=False)
    return Result("void", WORDS, NEVER_THERE)


def given_up(batch: Batch, work: FulfilmentWork, result: Result) -> None:
    """The stop has succeeded, the goods are free; one more look tells whether the lost call came very late."""
    if work.status != "sending" or work.stop != "asked":
        return
    number = document_no("fulfilment", work.id, work.version)
    give_up(batch, work, result.words)
    account_id = batch.masters.points[work.stock_point_id].account_id
    if account_id is not None:
        batch.send(
            "find_fulfilment", account_id, f"find:{number}:{batch.new_id()}", fulfilment_id=work.id,
            order_id=work.lead_order_id, shop_id=work.shop_id, stock_point_id=work.stock_point_id,
            due_at=batch.now + LOOK_AGAIN,
        )  # fmt: skip


def found_late(batch: Batch, work: FulfilmentWork, answer: object) -> None:
    """What a look-up of a cancelled fulfilment has found: it left all the same, or it is called back."""
    if not isinstance(answer, FulfilmentFound):
        return
    if answer.shipment is not None:
        book_ghost(batch, work, answer.shipment)
    elif answer.state not in (WarehouseState.CANCELLED, WarehouseState.REFUSED):
        call_back_late(batch, work)


def call_back_late(batch: Batch, work: FulfilmentWork) -> None:
    """A hand-over that was given up has arrived after all: ask for it back, for the reason it was stopped for."""
    if work.status != "cancelled" or not fetch(batch.connection, GIVEN_UP, (work.id, NEVER_THERE)):
        return
    reason = last_reason(batch, work)
    for order_id in work.order_ids:
        ledger(batch, batch.orders[order_id], work, reason, "asked")
    send_cancel(batch, work, reason)


def end_late(batch: Batch, work: FulfilmentWork, state: str, words: str) -> None:
    """Write how calling back what had arrived late ended."""
    if work.status == "cancelled" and fetch(batch.connection, OPEN, (work.id,)):
        end_interceptions(batch, work, state, words)
