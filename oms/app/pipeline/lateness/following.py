"""What hangs on a deadline goes with it when it moves: reminders, warnings given already, what fulfilments sort by."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.db.bulk import array_of, psycopg_connection, update_rows

_MOVED: Final = "unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) as m(order_id, was, is_now)"
_PUT_OFF: Final = f"""
update escalation e set due_at = e.due_at + (m.is_now - m.was) from {_MOVED}
where e.order_id = m.order_id and e.done_at is null"""
#: Told of already, and not due any more: a warning names its minutes, a rule's reminder the moment it was due.
_TOLD: Final = f"""
delete from escalation e using {_MOVED} where e.order_id = m.order_id and e.done_at is not null
  and case when e.rule_id like 'deadline:%%' then m.is_now - make_interval(mins => split_part(e.rule_id, ':', 2)::int)
      else e.due_at + (m.is_now - m.was) end > %s
returning e.order_id, e.rule_id, e.user_group_id, e.words, e.due_at + (m.is_now - m.was)"""
_AGAIN: Final = "insert into escalation (order_id, rule_id, user_group_id, words, due_at) values (%s, %s, %s, %s, %s)"
_ENDED: Final = ("shipped", "cancelled", "merged", "closed_short")


def follow_deadlines(batch: Batch, moved: list[tuple[OrderWork, datetime, datetime]]) -> None:
    """Move what hangs on the deadlines of these orders, each with the former and the present one; they are locked."""
    if not moved:
        return
    columns = [
        array_of([order.id for order, *_ in moved]), [was for _, was, _ in moved], [is_now for *_, is_now in moved]
    ]  # fmt: skip
    again = [row for row in fetch(batch.connection, _TOLD, (*columns, batch.now)) if not row[1].startswith("deadline:")]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(_PUT_OFF, columns)
        cursor.executemany(_AGAIN, again)
    works = [
        work for order, was, _ in moved for work in order.fulfilments
        if work.lead_order_id == order.id and work.ship_by == was and work.status not in _ENDED
    ]  # fmt: skip
    for work in works:
        work.ship_by = batch.orders[work.lead_order_id].ship_by
    rows = sorted((work.id, work.ship_by) for work in works)
    update_rows(batch.connection, "fulfilment", "id", [("ship_by", "timestamptz")], rows)
