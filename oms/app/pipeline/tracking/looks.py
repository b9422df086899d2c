"""The list of parcels that are looked at, and those of them that look wrong (跟踪异常)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.notices import TrackReport
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.parcels import ENDED

#: A parcel is looked at so long after it left, by whether its carrier tells of it by itself.
TOLD, UNTOLD = timedelta(hours=24), timedelta(hours=1)
#: So many parcels are on one page.
PAGE: Final = 100
#: So much of what a carrier says beside its scans is kept.
MOST_WORDS: Final = 20
WARNED: Final = """
select k.warning, k.warned_at, p.id, p.waybill_no, p.state, p.handed_over_at, p.last_event_at, k.looked_at, c.name,
  k.words, s.name, o.id as order_id, o.external_no, o.shop_id
from parcel_look k join parcel p on p.id = k.parcel_id join carrier c on c.id = p.carrier_id
join fulfilment f on f.id = p.fulfilment_id join stock_point s on s.id = f.stock_point_id
join orders o on o.id = f.lead_order_id
where k.warning <> '' and p.state <> all(%s) and (%s = '' or k.warning = %s) and (%s or o.shop_id = any(%s))
  and (%s::timestamptz is null or (k.warned_at, p.id) > (%s, %s))
order by k.warned_at, p.id limit %s"""
COLUMNS: Final = (
    "warning", "warned_at", "parcel_id", "waybill_no", "state", "handed_over_at", "last_event_at", "looked_at", "carrier",
    "words", "point", "order_id", "external_no", "shop_id",
)  # fmt: skip


def enlist(connection: Connection, parcel_id: int | None, account_id: int, now: datetime, *, is_told: bool) -> None:
    """Look at a parcel from some hours on, in case nobody tells of it."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "insert into parcel_look (parcel_id, account_id, due_at) values (%s, %s, %s) on conflict do nothing",
            (parcel_id, account_id, now + (TOLD if is_told else UNTOLD)),
        )


def heed(connection: Connection, parcel_id: int, report: TrackReport, now: datetime) -> list[str]:
    """Keep what a carrier says beside its scans; answers what is new of it. One that gives up is asked after soon."""
    if not (report.alerts or report.aborted):
        return []
    known = fetch(connection, "select words from parcel_look where parcel_id = %s for update", (parcel_id,))
    if not known:
        return []
    kept = known[0][0].split("\n") if known[0][0] else []
    fresh = [words for alert in report.alerts if (words := " ".join(alert.split())[:300]) not in kept]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update parcel_look set words = %s, due_at = case when %s then least(due_at, %s) else due_at end
               where parcel_id = %s""",
            ("\n".join((kept + fresh)[-MOST_WORDS:]), report.aborted, now + UNTOLD, parcel_id),
        )
    return fresh


def warned(
    connection: Connection,
    shop_ids: Sequence[int] | None,
    kind: str = "",
    *,
    after: tuple[datetime, int] | None = None,
    size: int = PAGE,
) -> list[dict[str, Any]]:
    """Parcels that look wrong, of these shops (None: of all), the one that has been wrong longest first.

    `after` is since when the last of the page before has been wrong, and its id.
    """
    shops, (at, id_) = array_of(shop_ids or ()), after or (None, 0)
    rows = fetch(connection, WARNED, (list(ENDED), kind, kind, shop_ids is None, shops, at, at, id_, size))
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def counts(connection: Connection, shop_ids: Sequence[int] | None) -> dict[str, int]:
    """How many of each kind there are."""
    rows = fetch(
        connection,
        """select k.warning, count(*) from parcel_look k join parcel p on p.id = k.parcel_id
           join fulfilment f on f.id = p.fulfilment_id join orders o on o.id = f.lead_order_id
           where k.warning <> '' and p.state <> all(%s) and (%s or o.shop_id = any(%s)) group by 1""",
        (list(ENDED), shop_ids is None, array_of(shop_ids or ())),
    )
    return {str(kind): int(count) for kind, count in rows}
