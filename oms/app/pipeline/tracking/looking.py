"""跟踪巡查: asks after parcels that nobody tells of, less often as they age, and says which of them look wrong.

A push is quicker, but it may be lost, or the carrier has none: a parcel is looked at until it has arrived or come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from connectors.contract.errors import AuthFailed, ConnectorError, RateLimited
from connectors.contract.families import Carrier
from connectors.contract.notices import TrackReport
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork
from oms.app.pipeline.inbox import apply_report
from oms.app.pipeline.outbound import calls
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError
from oms.domain.parcels import ENDED, LONGEST, next_look, odd

LIMIT: Final = 20
#: A claimed parcel whose worker died is looked at again after this long.
CLAIM: Final = timedelta(minutes=10)
READY: Final = "exists (select from parcel_look where due_at <= now())"
LOG = structlog.get_logger("looking")


@dataclass(frozen=True, slots=True)
class Look:
    """A parcel that is due: where it is as far as we know, and since when."""

    parcel_id: int
    account_id: int
    looks: int
    warning: str
    state: str
    handed_over_at: datetime
    last_event_at: datetime | None
    fulfilment_id: int
    carrier_id: int


def look_batch(hub: Hub) -> int:
    """Look at parcels that are due; answers how many."""
    now = hub.clock()
    with hub.begin() as connection:
        due = [Look(*row) for row in fetch(connection, DUE, (now, LIMIT, now + CLAIM))]
    resting: dict[int, datetime] = {}
    for look in due:
        if look.state not in ENDED and look.account_id not in resting and _is_silent(look, now):
            _ask(hub, look, resting)
        _settle(hub, look, resting.get(look.account_id))
    return len(due)


DUE: Final = """
with due as (select parcel_id from parcel_look where due_at <= %s order by due_at limit %s for update skip locked)
update parcel_look k set due_at = %s from due, parcel p where k.parcel_id = due.parcel_id and p.id = k.parcel_id
returning k.parcel_id, k.account_id, k.looks, k.warning, p.state, p.handed_over_at, p.last_event_at, p.fulfilment_id,
  p.carrier_id"""


def _is_silent(look: Look, now: datetime) -> bool:
    """Whether nothing was told of it since it was due the last time, so that a call is worth it; it is not too old."""
    if now - look.handed_over_at > LONGEST:
        return False
    return look.last_event_at is None or now - look.last_event_at > next_look(look.state, now - look.handed_over_at) / 2


def _ask(hub: Hub, look: Look, resting: dict[int, datetime]) -> None:
    """One question; whoever asks for fewer calls is left alone for the rest of the batch."""
    try:
        connector = connector_of(hub, account_id=look.account_id)
        if not isinstance(connector, Carrier) or "track" not in connector.capabilities():
            return
        with hub.engine.connect() as connection:
            request = calls.subscription(hub, connection, _as_work(look, hub.clock()))
        _apply(hub, look, connector.track(request))
    except RateLimited as error:
        resting[look.account_id] = hub.clock() + timedelta(seconds=error.retry_after or 60)
    except AuthFailed as error:
        refused(hub, look.account_id, error.words)
        resting[look.account_id] = hub.clock() + timedelta(minutes=10)
    except (ConnectorError, HubError) as error:
        LOG.info("a parcel could not be asked after", parcel=look.parcel_id, error=type(error).__name__)


def _as_work(look: Look, now: datetime) -> OutboundWork:
    """What names a parcel to the one builder of questions about parcels."""
    return OutboundWork(
        0, "subscribe_parcel", look.account_id, "waiting", "", None, look.fulfilment_id, look.parcel_id, None, None,
        look.carrier_id, None, 0, 0, now,
    )  # fmt: skip


def _apply(hub: Hub, look: Look, report: TrackReport) -> None:
    if not report.events:
        return
    with hub.begin() as connection:
        pokes = apply_report(hub, connection, look.account_id, report)
    for signal in pokes:
        hub.poke(signal)


def _settle(hub: Hub, look: Look, rests_until: datetime | None) -> None:
    """When it is looked at next, and what is odd about it by now."""
    now = hub.clock()
    with hub.begin() as connection:
        question = "select state, handed_over_at, last_event_at from parcel where id = %s"
        state, left_at, news_at = fetch(connection, question, (look.parcel_id,))[0]
        age = now - left_at
        with psycopg_connection(connection).cursor() as cursor:
            if state in ENDED:
                cursor.execute("delete from parcel_look where parcel_id = %s", (look.parcel_id,))
                return
            warning = odd(state, age, None if news_at is None else now - news_at)
            cursor.execute(
                """update parcel_look set due_at = %s, looks = looks + %s, looked_at = %s, warning = %s,
                     warned_at = case when %s = '' then null when warning = %s then warned_at else %s end
                   where parcel_id = %s""",
                (rests_until or now + next_look(state, age), int(rests_until is None), now, warning, warning, warning,
                 now, look.parcel_id),
            )  # fmt: skip
