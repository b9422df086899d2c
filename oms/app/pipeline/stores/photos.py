"""Pictures of damaged parcels: small, of two kinds, kept beside the parcel."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid

MOST_BYTES: Final = 3_000_000
MOST_A_PARCEL: Final = 6
#: The first bytes of the kinds that are taken.
KINDS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def kind_of(body: bytes) -> str:
    """The media type by the first bytes; Invalid for anything but a small JPEG or PNG."""
    found = next((kind for start, kind in KINDS.items() if body.startswith(start)), "")
    if not found:
        raise Invalid("photo", "this is no picture", "choose a JPEG or PNG")
    if len(body) > MOST_BYTES:
        raise Invalid("photo", "this picture is too large", "choose one of at most 3 MB")
    return found


def keep(hub: Hub, parcel_id: int, kind: str, body: bytes, actor: str) -> None:
    """Keep a picture; the same one is kept once, and only so many of a parcel."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into store_photo (parcel_id, media_type, body, at, by)
               select %s, %s, %s, %s, %s where (select count(*) from store_photo where parcel_id = %s) < %s
                 and not exists (select from store_photo where parcel_id = %s and body = %s)""",
            (parcel_id, kind, body, hub.clock(), actor, parcel_id, MOST_A_PARCEL, parcel_id, body),
        )


def load(connection: Connection, photo_id: int, point_ids: Collection[int]) -> tuple[str, bytes] | None:
    """(media type, picture) of a parcel that goes to or comes from one of these points."""
    rows = fetch(
        connection,
        """select h.media_type, h.body from store_photo h join store_parcel q on q.parcel_id = h.parcel_id
           where h.id = %s and (q.stock_point_id = any(%s) or q.from_point_id = any(%s))""",
        (photo_id, list(point_ids), list(point_ids)),
    )
    return (str(rows[0][0]), bytes(rows[0][1])) if rows else None
