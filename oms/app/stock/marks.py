"""What a stock point or a pool was when somebody looked, so that nobody overwrites what others have set since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.kernel.trail import NO_ORDER
from oms.domain.errors import NotFound, Stale

Kind = Literal["point", "pool"]
#: Everything that a form of it keeps, as one short text; numbers of rows that are written anew do not matter.
_MARKS: Final[dict[Kind, str]] = {
    "point": """
select p.id, md5(row(p.code, p.name, p.kind, p.account_id, p.warehouse_code, p.owner_code, p.division_code, p.latitude,
    p.longitude, p.handling_amount, p.daily_capacity, p.cut_off, p.timezone, p.hours, p.difference_limit,
    p.query_every_s)::text
  || coalesce((select string_agg(row(a.kind, a.value, a.division_code, a.shape, a.metres, a.is_excluded)::text, ''
       order by a.id) from stock_area a where a.stock_point_id = p.id), '')
  || coalesce((select string_agg(c.closed_on::text, ',' order by c.closed_on) from stock_closure c
       where c.stock_point_id = p.id), '')) from stock_point p where p.id = any(%s)""",
    "pool": """
select l.id, md5(row(l.code, l.name, l.split_policy, l.main_point_id,
    (select g.geocoder_account_id from pool_places g where g.pool_id = l.id))::text
  || coalesce((select string_agg(row(m.stock_point_id, m.rank)::text, '' order by m.stock_point_id) from pool_member m
       where m.pool_id = l.id), '')) from stock_pool l where l.id = any(%s)""",
}
_LOCKS: Final[dict[Kind, str]] = {
    "point": "select id from stock_point where id = %s for update",
    "pool": "select id from stock_pool where id = %s for update",
}
#: Who changed it last: by its own form, by that of its store's lead, or by a file of many points.
_WHO: Final = """
select actor from event
where order_id = %s and kind in ('point_changed', 'pool_changed', 'store_profile_changed', 'coverage_imported')
  and (detail -> %s::text = to_jsonb(%s::bigint) or (%s::text = 'point' and detail -> 'ids' @> to_jsonb(%s::bigint)))
order by at desc, id desc limit 1"""


def marks_of(connection: Connection, kind: Kind, ids: Sequence[int]) -> dict[int, str]:
    """By id what points or pools are now; read before what a page shows of them, so that it is never the newer."""
    return {row[0]: row[1] for row in fetch(connection, _MARKS[kind], (list(ids),))}


def require_mark(connection: Connection, kind: Kind, id_: int, seen: str) -> None:
    """Lock it, and refuse where it is not as it was seen any more; whoever saw nothing (`seen` is empty) goes on."""
    if not fetch(connection, _LOCKS[kind], (id_,)):
        raise NotFound(f"there is no such {'stock point' if kind == 'point' else 'pool'}", "look at the list")
    if seen and marks_of(connection, kind, [id_])[id_] != seen:
        raise Stale("somebody else has changed this meanwhile", "look at what it says now, then change it again")


def who_changed(connection: Connection, kind: Kind, id_: int) -> str:
    """Who changed it last, empty when nobody knows."""
    rows = fetch(connection, _WHO, (NO_ORDER, kind, id_, kind, id_))
    return str(rows[0][0]) if rows else ""
