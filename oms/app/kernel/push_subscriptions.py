"""Keeps platforms pushing to us: subscriptions are made when a shop is connected and checked every day after."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import orjson
import structlog

from connectors.contract.errors import ConnectorError
from connectors.contract.families import Connector
from connectors.contract.notices import Subscribed
from oms.app.kernel.addresses import is_inner_name, is_private
from oms.app.kernel.connectors import connector_of, raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError, Invalid

EVERY = timedelta(days=1)
#: Kept among an account's settings, beside what an authorisation brought.
CHECKED_AT, TOPICS, TROUBLE = "pushes_checked_at", "pushes_on", "pushes_trouble"
AT_ONCE = 50
LOG = structlog.get_logger("pushes")


def can_subscribe(connector: type[Connector]) -> bool:
    """Whether this platform's pushes are set up by a call."""
    return connector.ensure_pushes is not Connector.ensure_pushes


def wants_address(connector: type[Connector]) -> bool:
    """Whether the platform calls an address of ours; others send over a connection that we open."""
    return connector.open_messages is Connector.open_messages


def push_address(hub: Hub, account_id: int) -> str:
    """Where this account's platform pushes to; Invalid when the hub does not know its own public address."""
    if not _is_reachable(hub):
        words = "the hub does not know its own public address"
        raise Invalid("public_url", words, "set OMS_PUBLIC_URL to the address that platforms reach it by")
    with hub.engine.connect() as connection:
        ((family, vendor, token),) = fetch(
            connection, "select family, vendor, push_token from account where id = %s", (account_id,)
        )
    return f"{hub.public_url.rstrip('/')}/hooks/{family}s/{vendor}/{token}"


def _is_reachable(hub: Hub) -> bool:
    """Whether platforms can reach the hub by the address it knows; one at home only does for platforms at home."""
    host = urlsplit(hub.public_url).hostname or ""
    return bool(host) and (hub.allow_private_addresses or not (is_private(host) or is_inner_name(host)))


def ensure_pushes(hub: Hub, account_id: int) -> Subscribed:
    """Have the platform push to us and keep what came of it; what goes wrong is kept and told, never raised."""
    try:
        connector = connector_of(hub, account_id=account_id)
        done = connector.ensure_pushes(push_address(hub, account_id) if wants_address(type(connector)) else "")
    except (ConnectorError, HubError) as error:
        done = Subscribed(refused={"*": error.words})
    trouble = "; ".join(words if topic == "*" else f"{topic}: {words}" for topic, words in done.refused.items())
    kept = {CHECKED_AT: hub.clock().isoformat(), TOPICS: ",".join((*done.kept, *done.made)), TROUBLE: trouble[:500]}
    with hub.begin() as connection:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                "update account set settings = settings || %s::jsonb where id = %s",
                (orjson.dumps(kept).decode(), account_id),
            )
        if trouble:
            raise_alert(connection, "pushes_refused", str(account_id), trouble)
    LOG.info("pushes checked", account=account_id, made=len(done.made), refused=len(done.refused))
    return done


def ensure_due(hub: Hub) -> int:
    """Check every account that has not been checked for a day; the clock calls it. Answers how many.

    Where the hub does not know its public address, who would call it is not asked: polling brings everything.
    """
    reachable = _is_reachable(hub)
    able = [
        vendor
        for vendor, connector in hub.vendors.items()
        if can_subscribe(connector) and (reachable or not wants_address(connector))
    ]
    if not able:
        return 0
    with hub.engine.connect() as connection:
        due = fetch(
            connection,
            """select a.id from account a where a.state = 'active' and a.vendor = any(%s)
                 and exists (select 1 from shop s where s.account_id = a.id and s.mode <> 'closed')
                 and coalesce((a.settings ->> %s)::timestamptz, '-infinity') < %s order by a.id limit %s""",
            (able, CHECKED_AT, hub.clock() - EVERY, AT_ONCE),
        )
    for (account_id,) in due:
        ensure_pushes(hub, int(account_id))
    return len(due)
