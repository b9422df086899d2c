"""可达: asks carriers whose numbers we take whether they go to a place, outside of every transaction; kept a while.

What is chosen by the answers is in labels_refused.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import structlog

from connectors.contract.errors import AuthFailed, ConnectorError
from connectors.contract.families import Carrier
from connectors.contract.labels import Reach
from oms.app.intercept.enforce import take_back
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_receiver
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError

LOG: Final = structlog.get_logger("labels")
#: So long an answer holds; what could not be answered is asked again sooner.
HOLDS: Final = {"yes": timedelta(days=14), "no": timedelta(days=1), "unknown": timedelta(hours=6)}
CLAIM: Final = """
update carrier_reach set due_at = %s where (carrier_id, division_code, place) = (
  select carrier_id, division_code, place from carrier_reach where state = 'wanted' and due_at <= %s
  order by due_at limit 1 for update skip locked)
returning carrier_id, division_code, place, account_id, order_id"""
KEEP: Final = """
update carrier_reach set state = %s, words = %s, until = %s, asked_at = %s, due_at = %s
where carrier_id = %s and division_code = %s and place = %s"""
AGAIN: Final = timedelta(minutes=5)


def ask_reach(hub: Hub) -> int:
    """Ask one carrier about one place, and plan anew what it was chosen for in vain; 0 when nothing is to be asked."""
    now = hub.clock()
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(CLAIM.encode(), (now + AGAIN, now))
        claimed = cursor.fetchone()
    if claimed is None:
        return 0
    carrier_id, division, place, account_id, order_id = claimed
    found = _ask(hub, carrier_id, account_id, order_id)
    state = "unknown" if found is None else "yes" if found.is_reachable else "no"
    words, until = (found.words[:500], found.until) if found is not None else ("", None)
    with hub.begin() as connection:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(KEEP, (state, words, until, now, now + HOLDS[state], carrier_id, division, place))
        if state == "no":
            _plan_anew(hub, connection, order_id, carrier_id)
    if state == "no":
        hub.poke("advance")
    return 1


def _ask(hub: Hub, carrier_id: int, account_id: int, order_id: int) -> Reach | None:
    """The carrier's answer; None where it gave none."""
    try:
        with hub.engine.connect() as connection:
            person, _ = open_receiver(hub, connection, order_id)
            ((code,),) = fetch(connection, "select code from carrier where id = %s", (carrier_id,))
        connector = connector_of(hub, account_id=account_id)
        return connector.reachable(code, person) if isinstance(connector, Carrier) else None
    except AuthFailed as error:
        refused(hub, account_id, error.words)
    except (ConnectorError, HubError) as error:
        LOG.warning("a carrier does not say whether it goes there", account=account_id, error=type(error).__name__)
    return None


def _plan_anew(hub: Hub, connection: Any, order_id: int, carrier_id: int) -> None:
    """What of the order is planned with that carrier, and nobody was told of, is sourced again without it."""
    batch = open_batch(hub, connection, [order_id])
    for work in list(batch.orders[order_id].fulfilments):
        if work.status == "planned" and work.carrier_id == carrier_id:
            take_back(batch, work, "carrier_refused")
    close_batch(batch)
