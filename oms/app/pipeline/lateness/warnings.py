"""Tells a team in time of orders that are going to be late: each order once a warning, one notice for many."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from oms.app.kernel.hub import Hub

ANY: Final = text("select true from deadline_setting where cardinality(warn_minutes) > 0 limit 1")

#: An order is counted with the first run that finds it within a warning; the table of escalations remembers it. The
#: key names the deadline, since one that was put off is warned of anew.
WARN: Final = text("""
with place as (
  select s.id as shop_id, d.warn_minutes, d.warn_group_id from shop s cross join lateral (
    select warn_minutes, warn_group_id from deadline_setting d
    where case d.scope when 'global' then true when 'channel' then d.scope_id = s.channel_id
      when 'shop_group' then d.scope_id = s.shop_group_id when 'user_group' then d.scope_id = s.user_group_id
      else d.scope_id = s.id end
    order by array_position(array['shop', 'user_group', 'shop_group', 'channel', 'global'], d.scope) limit 1) d
  where cardinality(d.warn_minutes) > 0),
near as (
  select o.id, o.shop_id, p.warn_group_id, o.ship_by,
    (select min(m) from unnest(p.warn_minutes) m where o.ship_by - make_interval(mins => m::int) <= :now) as minutes
  from place p join orders o on o.shop_id = p.shop_id
  where o.status = 'open' and o.fulfiller = 'us' and o.ship_by > :now
    and o.phase in ('captured', 'held', 'short', 'review', 'sent_back', 'merging', 'to_dispatch', 'blocked',
                    'dispatching', 'stopping', 'at_warehouse', 'part_shipped')
    and o.ship_by - make_interval(mins => (select max(m) from unnest(p.warn_minutes) m)::int) <= :now),
fresh as (
  insert into escalation (order_id, rule_id, user_group_id, due_at, done_at)
  select id, 'deadline:' || minutes, warn_group_id, ship_by, :now from near where minutes is not null
  on conflict (order_id, rule_id) do nothing returning order_id, rule_id, user_group_id),
told as (
  insert into notice (kind, key, shop_id, order_id, user_group_id, at, detail)
  select 'deadline',
    f.rule_id || ':' || n.shop_id || ':' || min(f.order_id) || ':' || extract(epoch from min(n.ship_by))::bigint,
    n.shop_id, case when count(*) = 1 then min(f.order_id) end, f.user_group_id, :now,
    jsonb_build_object('orders', count(*), 'minutes', min(n.minutes), 'first', min(n.ship_by))
  from fresh f join near n on n.id = f.order_id group by f.rule_id, n.shop_id, f.user_group_id
  on conflict (key) do nothing)
select count(*) from fresh""")


def warn_late(hub: Hub) -> int:
    """Tell of orders whose deadline has come near since the last time; answers how many."""
    with hub.begin() as connection:
        if not connection.execute(ANY).first():
            return 0
        return int(connection.execute(WARN, {"now": hub.clock()}).scalar_one())
