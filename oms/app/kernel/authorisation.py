"""Keeps accounts authorised: refreshes tokens before they run out, and once more when a platform refuses one."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError
from connectors.contract.families import Connector
from connectors.contract.manifest import Credentials
from oms.app.kernel import leases
from oms.app.kernel.connectors import connector_of, pause_account, raise_alert, seal_secrets
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import HubError

#: A token is renewed when a tenth of its life is left, within these bounds: the shortest live an hour, and some
#: platforms renew only on a token's last day.
MARGIN, MOST_MARGIN = timedelta(minutes=20), timedelta(hours=12)
#: An owner is told this long before they must authorise again.
NOTICE = timedelta(days=7)
LEASE_S = 60.0
#: A token younger than this was just refreshed by somebody else: try with it before refreshing again.
FRESH = timedelta(seconds=30)
LOG = structlog.get_logger("authorisation")


def keep_credentials(hub: Hub, connection: Connection, account_id: int, brought: Credentials) -> None:
    """Seal what an authorisation or a refresh brought; a paused account goes on."""
    seal_secrets(hub, connection, account_id, dict(brought.secrets))
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update account set settings = settings || %s::jsonb, token_expires_at = %s, authorised_at = %s,
                 authorisation_ends_at = coalesce(%s, authorisation_ends_at), state = 'active', paused_reason = ''
               where id = %s""",
            (orjson.dumps(dict(brought.settings)).decode(), brought.expires_at, hub.clock(), brought.ends_at, account_id),
        )


def refresh_account(hub: Hub, account_id: int) -> bool:
    """Bring an account new tokens, unless somebody else is at it; False when its keys never change.

    Refresh tokens are often good for one use only, so one process at a time holds the account's lease.
    AuthFailed when the owner must authorise again.
    """
    connector = connector_of(hub, account_id=account_id)
    if not can_refresh(connector):
        return False
    name = f"refresh:{account_id}"
    with hub.begin() as connection:
        fence = leases.acquire(connection, name, "refresh", LEASE_S, hub.clock())
    if fence is None:
        return True
    try:
        if _is_fresh(hub, account_id):
            return True  # Somebody else was at it just before.
        brought = connector.refresh()
        with hub.begin() as connection:
            leases.check(connection, name, fence)
            keep_credentials(hub, connection, account_id, brought)
    finally:
        with hub.begin() as connection:
            leases.release(connection, name, fence)
    LOG.info("token refreshed", account=account_id)
    return True


def refused(hub: Hub, account_id: int, words: str) -> None:
    """A platform refused an account's credentials: refresh them once where that is possible, else pause it.

    The work that met the refusal is simply tried again later.
    """
    if _is_fresh(hub, account_id):
        # The call may have left with the old token. When the new one is refused too, people see it counted.
        with hub.begin() as connection:
            raise_alert(connection, "account_refused", str(account_id), words)
        return
    try:
        if refresh_account(hub, account_id):
            return
    except AuthFailed as error:
        pause_account(hub, account_id, error.words)
        return
    except ConnectorError as error:
        LOG.warning("refresh failed", account=account_id, error=type(error).__name__)
        return  # The platform does not answer now; the next refusal tries again.
    except HubError as error:
        words = error.words
    pause_account(hub, account_id, words)


def refresh_due(hub: Hub) -> int:
    """Refresh every token that runs out soon and tell of authorisations that end; the clock calls it."""
    now, done = hub.clock(), 0
    with hub.begin() as connection:
        due = fetch(
            connection,
            """select id from account where state = 'active' and token_expires_at < %s + greatest(%s, least(%s,
                 (token_expires_at - coalesce(authorised_at, token_expires_at)) / 10))
               order by token_expires_at limit 50""",
            (now, MARGIN, MOST_MARGIN),
        )
        _tell_of_ends(connection, now)
    for (account_id,) in due:
        try:
            done += refresh_account(hub, account_id)
        except AuthFailed as error:
            pause_account(hub, account_id, error.words)
        except (ConnectorError, HubError) as error:
            LOG.warning("refresh failed", account=account_id, error=type(error).__name__)
    return done


def can_refresh(connector: Connector) -> bool:
    """Whether this vendor's tokens run out and can be renewed without a person."""
    return type(connector).refresh is not Connector.refresh


def can_be_granted(connector: type[Connector]) -> bool:
    """Whether a shop's owner authorises us on the platform's own page."""
    return connector.authorise_url is not Connector.authorise_url


def _is_fresh(hub: Hub, account_id: int) -> bool:
    with hub.engine.connect() as connection:
        rows = fetch(connection, "select authorised_at from account where id = %s", (account_id,))
    at: datetime | None = rows[0][0] if rows else None
    return at is not None and hub.clock() - at < FRESH


def _tell_of_ends(connection: Connection, now: datetime) -> None:
    for account_id, name, ends_at in fetch(
        connection,
        """select id, name, authorisation_ends_at from account where state = 'active' and authorisation_ends_at < %s""",
        (now + NOTICE,),
    ):
        words = f"the authorisation of {name} ends on {ends_at:%Y-%m-%d}; let the shop's owner authorise again"
        raise_alert(connection, "authorisation_ends", str(account_id), words)
