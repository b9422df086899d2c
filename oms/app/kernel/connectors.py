"""Makes the connector of an account: settings, unsealed secrets, gateway and relay."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection

from connectors.contract.families import Connector
from connectors.contract.http import Http
from connectors.contract.manifest import Account
from oms.app.kernel.budget import Budget
from oms.app.kernel.hub import Hub, utc_now
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import ConfigError, NotFound

ACCOUNT = """select a.id, a.vendor, a.state, a.paused_reason, a.gateway, a.relay, a.timezone, a.settings,
a.sealed_secrets, a.secrets_key_id, a.name, a.calls_per_second from account a"""


class AccountPaused(ConfigError):
    """Calls of this account are paused; a person must authorise it again."""

    code = "account-paused"


def connector_of(
    hub: Hub, *, shop_id: int | None = None, account_id: int | None = None, even_paused: bool = False
) -> Connector:
    """The connector of an account or of a shop's account; kept while the account's row stays the same.

    A paused account has none, except `even_paused`: for a person who tries or authorises it.
    """
    with hub.engine.connect() as connection:
        return connector_on(hub, connection, shop_id=shop_id, account_id=account_id, even_paused=even_paused)


def connector_on(
    hub: Hub,
    connection: Connection,
    *,
    shop_id: int | None = None,
    account_id: int | None = None,
    even_paused: bool = False,
) -> Connector:
    """The same on a given connection."""
    where = "join shop s on s.account_id = a.id where s.id = %s" if shop_id is not None else "where a.id = %s"
    rows = fetch(connection, f"{ACCOUNT} {where}", (shop_id if shop_id is not None else account_id,))
    if not rows:
        raise NotFound("there is no such account", "add it under Settings · Shops")
    id_, vendor, state, reason, gateway, relay, timezone, settings, sealed, key_id, name, rate = rows[0]
    if state == "paused" and not even_paused:
        raise AccountPaused(f"account {name} is paused: {reason}", "authorise it again under Settings · Shops")
    row = repr(rows[0])
    kept = hub.kept_connectors.get(id_)
    if kept is not None and kept[0] == row:
        return kept[1]
    vendor_class = hub.vendors.get(vendor)
    if vendor_class is None:
        raise ConfigError(f"there is no connector {vendor!r}", "install it or name its module in OMS_EXTRA_CONNECTORS")
    secrets = orjson.loads(hub.keys.open_secret(sealed, key_id, f"account {id_}")) if sealed else {}
    account = Account(settings, secrets, gateway, relay, timezone)
    said = vendor_class.manifest
    gate = Budget(hub.engine, id_, rate or said.calls_per_second, utc_now, operations=said.operations)
    connector = vendor_class(account, Http(relay=relay, gate=gate), clock=hub.clock)
    hub.kept_connectors[id_] = (row, connector)
    return connector


def seal_secrets(hub: Hub, connection: Connection, account_id: int, secrets: dict[str, str]) -> None:
    """Store an account's secrets, sealed with the master key; the ones not given stay."""
    sealed = hub.keys.seal_secret(
        orjson.dumps(_open_secrets(hub, connection, account_id) | secrets), f"account {account_id}"
    )
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update account set sealed_secrets = %s, secrets_key_id = %s where id = %s",
            (sealed, hub.keys.current, account_id),
        )


def held_secrets(hub: Hub, connection: Connection, account_id: int) -> frozenset[str]:
    """The names of the secrets that an account has; never what they are."""
    return frozenset(name for name, value in _open_secrets(hub, connection, account_id).items() if value)


def _open_secrets(hub: Hub, connection: Connection, account_id: int) -> dict[str, str]:
    rows = fetch(connection, "select sealed_secrets, secrets_key_id from account where id = %s", (account_id,))
    if not rows or not rows[0][0]:
        return {}
    opened: dict[str, str] = orjson.loads(hub.keys.open_secret(rows[0][0], rows[0][1], f"account {account_id}"))
    return opened


def pause_account(hub: Hub, account_id: int, reason: str) -> None:
    """Stop calling for an account whose credentials are refused, and tell people what to do."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update account set state = 'paused', paused_reason = %s where id = %s and state = 'active'",
            (reason[:500], account_id),
        )
        if cursor.rowcount:
            raise_alert(connection, "account_paused", str(account_id), reason)


def raise_alert(connection: Connection, kind: str, subject: str, words: str) -> None:
    """Open an alert, or count it again."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into alert (kind, subject, words) values (%s, %s, %s)
               on conflict (kind, subject) do update set count = alert.count + 1, last_at = now(), state = 'open',
                 words = excluded.words""",
            (kind, subject, words[:500]),
        )
