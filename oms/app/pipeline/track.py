"""Step 6 跟踪: a carrier's trail becomes parcel events and the parcel's state; a signed order is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from connectors.contract.notices import ParcelState, TrackReport
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import copy_rows, psycopg_connection
from oms.db.sealed import content_hash
from oms.domain import lifecycle
from oms.domain.months import months_between

EVENT = ("month", "parcel_id", "id", "at", "state", "code", "words", "place")
ACTIONS: Final = {
    ParcelState.COLLECTED: "move",
    ParcelState.ON_THE_WAY: "move",
    ParcelState.OUT_FOR_DELIVERY: "go_out",
    ParcelState.AT_PICKUP_POINT: "make_ready",
    ParcelState.DELIVERED: "deliver",
    ParcelState.TROUBLE: "report_trouble",
    ParcelState.REFUSED: "refuse",
    ParcelState.RETURNING: "send_back",
    ParcelState.RETURNED: "return",
    ParcelState.LOST: "lose",
}
#: The same of a parcel on its way to a store. That it came, and what its buyer did, is the store's word: to the courier
#: the store is who signs. What the store did not take is trouble until it is back at its warehouse.
TO_STORE: Final = {
    ParcelState.COLLECTED: "move",
    ParcelState.ON_THE_WAY: "move",
    ParcelState.TROUBLE: "report_trouble",
    ParcelState.REFUSED: "report_trouble",
    ParcelState.RETURNING: "report_trouble",
    ParcelState.RETURNED: "return",
    ParcelState.LOST: "lose",
}
PARCEL: Final = """
select p.handed_over_at, p.last_event_at, s.parcel_id is not null,
       coalesce(s.arrived_at, s.ready_at, s.ended_at) is not null
from parcel p left join store_parcel s on s.parcel_id = p.id where p.id = %s"""


def parcels_of(batch: Batch, report: TrackReport) -> list[tuple[int, int, str]]:
    """(parcel, fulfilment, state) of a trail's waybill; a number alone finds it when the carrier was corrected."""
    rows = fetch(
        batch.connection,
        """select p.id, p.fulfilment_id, p.state from parcel p join carrier c on c.id = p.carrier_id
           where p.waybill_no = %s order by (c.code = %s) desc, p.id limit 1""",
        (report.waybill_no, report.carrier_code),
    )
    return [(int(row[0]), int(row[1]), str(row[2])) for row in rows]


def apply_trail(batch: Batch, parcel_id: int, state: str, report: TrackReport) -> str:
    """Add the scans that are new, oldest first, and move the parcel to where the newest says. Answers its state.

    An older trail that arrives late adds nothing and moves nothing; nor does any once the parcel is at its store. A scan
    dated ahead counts as one of now.
    """
    earliest, last_event_at, goes_to_store, is_there = fetch(batch.connection, PARCEL, (parcel_id,))[0]
    actions = {} if is_there else TO_STORE if goes_to_store else ACTIONS
    known = _known_scans(batch, parcel_id, earliest)
    newest_known = None if last_event_at is None else min(last_event_at, batch.now)
    trail = sorted(report.events, key=lambda event: min(event.at, batch.now), reverse=True)[::-1]
    fresh = [event for event in trail if (event.at, event.code, event.words[:500]) not in known]
    rows = [
        (_month(event.at, earliest, batch.now), parcel_id, batch.new_id(), event.at, event.state.value, event.code,
         event.words[:500], event.place[:100])
        for event in fresh
    ]  # fmt: skip
    copy_rows(batch.connection, "parcel_event", EVENT, rows)
    for event in fresh:
        if newest_known is None or min(event.at, batch.now) >= newest_known:
            state = _step(state, actions.get(event.state))
    newest = max((min(event.at, batch.now) for event in fresh), default=None)
    _store(batch, parcel_id, state, report, newest)
    return state


def _known_scans(batch: Batch, parcel_id: int, earliest: datetime | None) -> set[tuple[datetime, str, str]]:
    """The scans kept already; the months they can be under are named, so that no other partition is read."""
    question, values = "select at, code, words from parcel_event where parcel_id = %s", [parcel_id]
    if earliest is None:
        return {(at, code, words) for at, code, words in fetch(batch.connection, question, values)}
    months = months_between(min(earliest, batch.now), batch.now)
    rows = fetch(batch.connection, question + " and month = any(%s)", [*values, months])
    return {(at, code, words) for at, code, words in rows}


def _month(at: datetime, earliest: datetime | None, now: datetime) -> date:
    """The month a scan is kept under: a carrier's wrong year must not reach into months without a partition."""
    within = min(max(at, earliest or at), now).astimezone(UTC)
    return date(within.year, within.month, 1)


def _step(state: str, action: str | None) -> str:
    if action is None or not lifecycle.PARCEL.allows(state, action):
        return state
    return lifecycle.PARCEL.target(state, action)


def _store(batch: Batch, parcel_id: int, state: str, report: TrackReport, newest: datetime | None) -> None:
    delivered = next((min(e.at, batch.now) for e in report.events if e.state is ParcelState.DELIVERED), None)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update parcel set state = %s, last_event_at = greatest(least(last_event_at, %s), %s), trail_hash = %s,
                 delivered_at = case when %s = 'delivered' then coalesce(delivered_at, %s) else delivered_at end
               where id = %s""",
            (state, batch.now, newest, content_hash(repr(report.events).encode()), state, delivered, parcel_id),
        )
