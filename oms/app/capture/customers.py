"""Finds or makes the customers of a page of orders, by channel and buyer id."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from connectors.contract.records import BuyerRecord
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection


def customer_ids(hub: Hub, connection: Connection, channel_id: int, buyers: Sequence[BuyerRecord]) -> dict[str, int]:
    """Buyer id → customer id for every buyer; two workers meeting the same new buyer end with one row."""
    wanted = {buyer.external_id: buyer.nick for buyer in buyers if buyer.external_id}
    found = _find(connection, channel_id, list(wanted))
    missing = sorted(set(wanted) - set(found))
    if missing:
        ids = list(hub.ids.take(connection, len(missing)))
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into customer (id, channel_id, external_id, nick)
                   select v.id, %s, v.external_id, v.nick
                   from unnest(%s::bigint[], %s::text[], %s::text[]) as v(id, external_id, nick)
                   on conflict (channel_id, external_id) do nothing""",
                (channel_id, array_of(ids), array_of(missing), array_of([wanted[id_] for id_ in missing])),
            )
            if cursor.rowcount == len(missing):
                return found | dict(zip(missing, ids, strict=True))
        found |= _find(connection, channel_id, missing)
    return found


def _find(connection: Connection, channel_id: int, external_ids: list[str]) -> dict[str, int]:
    rows = fetch(
        connection,
        "select external_id, id from customer where channel_id = %s and external_id = any(%s)",
        (channel_id, array_of(external_ids)),
    )
    return {external_id: id_ for external_id, id_ in rows}
