"""Returns whose money the platform pays under a case that the buyer opened there: found by a sweep, never paid twice."""

from __future__ import annotations

from typing import Final

from oms.app.aftersales.stored import lock_case
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_with_siblings
from oms.app.pipeline.outbound.decisions import leave_step, note_on
from oms.app.pipeline.outbound.repayments import close_own_case
from oms.app.pipeline.repaid import count_repaid
from oms.db.bulk import psycopg_connection

AT_ONCE: Final = 100
#: Our open case, and the oldest paid case of the platform on one of its lines, opened no earlier than a day before.
FOUND: Final = """
select c.id, c.order_id, min(p.id) from cases c join store_return r on r.case_id = c.id and r.platform_case_id is null
join cases p on p.order_id = c.order_id and p.origin = 'platform' and p.money = 'paid' and p.kind in ('refund', 'return')
  and p.opened_at > c.opened_at - interval '1 day'
where c.origin = 'store' and c.outcome = 'open' and c.review = 'agreed' and c.money in ('due', 'failed')
  and c.asked_amount > r.store_part
  and not exists (select from store_return x where x.platform_case_id = p.id)
  and (exists (select from order_line l join case_line m on m.order_line_id = l.id
       where m.case_id = c.id and l.case_no = p.external_no)
    or exists (select from case_line m join case_line n on n.order_line_id = m.order_line_id
       where m.case_id = c.id and n.case_id = p.id))
group by 1, 2 order by 1 limit %s"""
READY: Final = """exists (select from cases where origin = 'store' and outcome = 'open' and review = 'agreed'
and money in ('due', 'failed'))"""


def follow_platform(hub: Hub) -> int:
    """End our side of returns that the platform has paid; answers how many."""
    with hub.engine.connect() as connection:
        found = fetch(connection, FOUND, (AT_ONCE,))
    for case_id, order_id, platform_id in found:
        _join(hub, case_id, order_id, platform_id)
    return len(found)


def _join(hub: Hub, case_id: int, order_id: int, platform_id: int) -> None:
    """The platform's case counts the units and its part of the money; ours keeps what the store gives back."""
    with hub.begin() as connection:
        lock_with_siblings(connection, [order_id])
        case = lock_case(connection, case_id)
        if case.outcome != "open" or case.money not in ("due", "failed"):
            return
        told = fetch(connection, "select external_no from cases where id = %s", (platform_id,))[0][0]
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("update store_return set platform_case_id = %s where case_id = %s", (platform_id, case_id))
            cursor.execute("update case_line set units = 0, amount = 0 where case_id = %s", (case_id,))
            cursor.execute(
                """update cases set version = version + 1, agreed_amount = (select coalesce(sum(store_part), 0)
                     from store_return where case_id = %s) where id = %s""",
                (case_id, case_id),
            )
        leave_step(connection, case_id, "platform", "", "paid_on_platform", told, {"case": told}, hub.clock())
        detail = {"case": case.external_no, "platform_case": told}
        note_on(hub, connection, order_id, "platform", "case_paid_on_platform", detail)
        close_own_case(connection, case_id, hub.clock())
        count_repaid(connection, [order_id])
