"""What was done to a parcel ends its stop on a clerk's round, wherever it was done; a round without open stops closes."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection


def end_stop(batch: Batch, parcel_id: int, result: str, reason: str = "") -> None:
    """delivered, refused, failed (to be brought again) or left; nothing for a parcel that is on no round."""
    rows = fetch(
        batch.connection,
        """update round_stop set result = %s, reason = %s, ended_at = %s where parcel_id = %s and result = 'open'
           returning delivery_round_id""",
        (result, reason, batch.now, parcel_id),
    )
    with psycopg_connection(batch.connection).cursor() as cursor:
        for (round_id,) in rows:
            cursor.execute(
                """update delivery_round set status = 'closed', closed_at = %s where id = %s and not exists (
                     select from round_stop where delivery_round_id = %s and result = 'open')""",
                (batch.now, round_id, round_id),
            )
