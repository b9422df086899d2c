"""Parks documents that cannot be understood; reading them again is in reading_again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from connectors.contract.errors import BadRecord
from connectors.contract.records import RawDocument
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.db.sealed import content_hash


def park(hub: Hub, connection: Connection, shop_id: int, items: Sequence[tuple[RawDocument, BadRecord]]) -> None:
    """Keep each document sealed, with the field at fault and the reason; a newer one replaces an older.

    The same document once more changes nothing: neither that it waits nor that a person gave it up.
    """
    latest = {(document.kind, document.external_no): (document, error) for document, error in items}
    if not latest:
        return
    held = _held(connection, shop_id, list(latest))
    fresh, replaced = [], []
    for key, (document, error) in latest.items():
        found = held.get(key)
        if found is None or found.hash != content_hash(document.body):
            fresh.append((document, error))
            replaced += [found.key_id] if found else []
        elif found.state == "resolved":
            _reopen(connection, found.id, error)
    _keep(hub, connection, shop_id, fresh)
    _forget_keys(connection, replaced)


class _Held(NamedTuple):
    """A parked record that is there already."""

    id: int
    key_id: int
    hash: bytes
    state: str


def _held(connection: Connection, shop_id: int, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], _Held]:
    rows = fetch(
        connection,
        """select r.kind, r.external_no, r.id, r.data_key_id, r.content_hash, r.state from parked_record r
           join unnest(%s::text[], %s::text[]) as v(kind, no) on v.kind = r.kind and v.no = r.external_no
           where r.shop_id = %s order by r.id for update of r""",
        (*[array_of(column) for column in zip(*keys, strict=True)], shop_id),
    )
    return {(row[0], row[1]): _Held(*row[2:]) for row in rows}


def _keep(hub: Hub, connection: Connection, shop_id: int, items: Sequence[tuple[RawDocument, BadRecord]]) -> None:
    """Write documents with a data key each."""
    if not items:
        return
    keys, records = [], []
    for id_, (document, error) in zip(hub.ids.take(connection, len(items)), items, strict=True):
        key, wrapped = hub.keys.new_data_key(id_)
        keys.append((id_, hub.keys.current, wrapped))
        records.append((id_, shop_id, document.kind, document.external_no, id_, key.seal(document.body),
                        content_hash(document.body), document.changed_at, document.fetched_at, *_why(error)))  # fmt: skip
    copy_rows(connection, "data_key", ("id", "master_key_id", "wrapped"), keys)
    with psycopg_connection(connection).cursor() as cursor:
        cursor.executemany(
            """insert into parked_record (id, shop_id, kind, external_no, data_key_id, sealed, content_hash,
                 changed_at, fetched_at, field, reason)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (shop_id, kind, external_no) do update set
                 data_key_id = excluded.data_key_id, sealed = excluded.sealed,
                 content_hash = excluded.content_hash, changed_at = excluded.changed_at,
                 fetched_at = excluded.fetched_at, field = excluded.field, reason = excluded.reason,
                 state = 'parked', attempts = parked_record.attempts + 1, last_at = now()""",
            records,
        )


def _why(error: BadRecord) -> tuple[str, str]:
    return error.field.replace("\0", ""), error.words.replace("\0", "")[:500]


def _reopen(connection: Connection, id_: int, error: BadRecord) -> None:
    """A document that is read again, and still cannot be understood."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update parked_record set state = 'parked', resolved_by = '', field = %s, reason = %s,
                 attempts = attempts + 1, last_at = now() where id = %s""",
            (*_why(error), id_),
        )


def _forget_keys(connection: Connection, ids: Sequence[int]) -> None:
    if not ids:
        return
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("delete from data_key where id = any(%s)", (list(ids),))


def resolve(
    connection: Connection, shop_id: int, external_nos: Sequence[str], by: str = "system", kind: str = "order"
) -> None:
    """Documents of these numbers were understood after all."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update parked_record set state = 'resolved', resolved_by = %s, last_at = now()
               where shop_id = %s and kind = %s and external_no = any(%s) and state = 'parked'""",
            (by, shop_id, kind, array_of(external_nos)),
        )


def has_parked(connection: Connection, shop_id: int) -> bool:
    """Whether a shop has parked orders at all."""
    rows = fetch(connection, "select 1 from parked_record where state = 'parked' and shop_id = %s limit 1", (shop_id,))
    return bool(rows)


def discard(hub: Hub, ids: Sequence[int], actor: str, reason: str) -> int:
    """Give documents up; they stay stored and can be found, but nobody is asked again."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update parked_record set state = 'discarded', resolved_by = %s, reason = reason || ' · ' || %s,
               last_at = now() where id = any(%s) and state = 'parked'""",
            (actor, reason[:200], list(ids)),
        )
        return cursor.rowcount
