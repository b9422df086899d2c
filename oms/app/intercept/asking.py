"""Whether a warehouse that said no to a stop is asked again: once for each asking, and not for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork

#: So often one warehouse is asked for the same thing; then people are told that it was asked once more.
TRIES: Final = 5
ASKED: Final = """
select case_no, detail, asked_at, asked_of from interception
where fulfilment_id = %s and order_id = %s and reason = %s and asked_of <> 'courier'"""
SINCE: Final = "select placed_at from hold where order_id = %s and kind = %s and cleared_at is null"
LAST: Final = """
select reason from interception where fulfilment_id = %s and asked_of <> 'courier'
order by ended_at is null desc, asked_at desc, id desc limit 1"""


def cases_of(order: OrderWork, work: FulfilmentWork) -> list[str]:
    """The cases of lines that a fulfilment still holds of an order."""
    held = {line.line_id for line in work.lines if line.order_id == order.id and line.open_units}
    cases = [line.case_no for line in order.lines if (line.in_refund or line.is_void) and line.id in held]
    return sorted({case for case in cases if case})


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked that was not asked before: the first new case, and whether the warehouse is asked once more."""

    case_no: str
    is_allowed: bool


def asking_anew(batch: Batch, order: OrderWork, work: FulfilmentWork, reason: str) -> Asking | None:
    """What a warehouse that said no was not asked yet: a hold placed since, or another case. None when it was."""
    rows = fetch(batch.connection, ASKED, (work.id, order.id, reason))
    since = _since(batch, order, reason)
    standing = [row for row in rows if since is None or row[2] >= since]
    asked = {case for row in standing for case in (row[0], *(row[1] or {}).get("cases", ()))}
    fresh = [case for case in cases_of(order, work) if case not in asked] if reason == "refund_asked" else []
    if standing and not fresh:
        return None
    return Asking(next(iter(fresh), ""), sum(row[3] == "warehouse" for row in rows) < TRIES)


def _since(batch: Batch, order: OrderWork, reason: str) -> datetime | None:
    """When the open hold of this kind was placed; None without one, as for a cancelled order."""
    hold = order.hold(reason)
    if hold is None:
        return None
    if hold in batch.new_holds:
        return batch.now
    return next((row[0] for row in fetch(batch.connection, SINCE, (order.id, reason))), None)


def last_reason(batch: Batch, work: FulfilmentWork) -> str:
    """Why a fulfilment is asked back, or was asked back last, as the ledger has it."""
    return next((str(row[0]) for row in fetch(batch.connection, LAST, (work.id,))), "")
