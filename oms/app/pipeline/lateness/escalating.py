"""Tells a team of orders that a rule wants told of when they are still not out in time; once each."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch

LIMIT: Final = 500
DUE: Final = """
with due as (
  select e.id from escalation e where e.done_at is null and e.due_at <= %s order by e.due_at limit %s
  for update skip locked),
done as (
  update escalation e set done_at = %s from due where e.id = due.id
  returning e.id, e.order_id, e.rule_id, e.user_group_id, e.words),
told as (
  insert into notice (kind, key, shop_id, order_id, user_group_id, words, at)
  select 'escalation', 'escalation:' || d.id, o.shop_id, o.id, d.user_group_id, d.words, %s
  from done d join orders o on o.id = d.order_id
  where o.status = 'open' and exists (
    select from order_line l where l.order_id = o.id and l.kind = 'goods' and not l.is_gone
    and l.shipped + l.cancelled < l.ordered)
  on conflict (key) do nothing)
select count(*) from done"""


def escalate_due(hub: Hub) -> int:
    """Tell of one batch of orders; answers how many escalations were due. What has left by then is not told of."""
    with hub.begin() as connection:
        now = hub.clock()
        return int(fetch(connection, DUE, (now, LIMIT, now, now))[0][0])
