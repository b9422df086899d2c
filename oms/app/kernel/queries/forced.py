"""Passes by force in a span of time: who, how much, why, and what became of the orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

#: A day's report shows so many.
MOST = 1000
_FORCED = text("""
select d.id, d.order_id, d.tier, d.actor, d.at, d.amount, d.reason, d.invalidated_at, d.invalidated_by,
       o.shop_id, o.external_no, o.currency, o.status, o.phase,
       coalesce((select sum(l.refunded_amount) from order_line l where l.order_id = o.id), 0)::bigint as refunded,
       exists (select 1 from cases c where c.order_id = o.id and c.outcome = 'open') as has_case
from review_decision d join orders o on o.id = d.order_id
where d.verdict = 'forced' and d.at >= :since and d.at < :until and o.shop_id = any(:shops)
order by d.at, d.id limit :most""")


def forced_passes(connection: Connection, shop_ids: Sequence[int], since: datetime, until: datetime) -> list[AnyRow]:
    """The passes by force, oldest first; `invalidated_by` says why one does not stand any more."""
    told = {"since": since, "until": until, "shops": list(shop_ids), "most": MOST}
    return list(connection.execute(_FORCED, told))


def fate_of(row: AnyRow) -> str:
    """What became of an order that was forced: taken_back, changed, refunded, case, else its phase."""
    if row.invalidated_at is not None:
        return "taken_back" if row.invalidated_by == "revoked" else "changed"
    if row.refunded:
        return "refunded"
    return "case" if row.has_case else str(row.phase)
