"""Orders that rules hold are looked at again when what is in force has changed: nobody lifts them one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch

LIMIT: Final = 500
#: By then every process has read what is in force now: a book of rules is read again when it is two seconds old.
SOON: Final = timedelta(seconds=3)
READY: Final = "exists (select from rule_set where wake_at <= now())"
_SOON = text("update rule_set set wake_at = :at where id = :id")
_NEXT: Final = "select id, wake_at, stage = 'merge' from rule_set where wake_at <= %s order by wake_at limit 1"
#: What rules hold or keep from being planned, without the orders that are looked at soon anyhow; what waits to be merged,
#: too, when rules of merging have changed.
_WAKE: Final = """
with held as (
  select h.order_id from hold h where h.cleared_at is null and h.order_id > %s
    and (h.kind in ('by_rule', 'waiting', 'stopped_by_rule') or jsonb_exists(h.seen, 'rules'))
  union
  select f.lead_order_id from fulfilment f
  where %s and f.merge_key is not null and f.status = 'planned' and f.lead_order_id > %s
  order by 1 limit %s),
locked as (select o.id from orders o join held on held.order_id = o.id order by o.id for update of o),
woken as (update orders o set ready_at = %s from locked l
  where o.id = l.id and (o.ready_at is null or o.ready_at > %s))
select max(order_id) from held"""
_DONE: Final = "update rule_set set wake_at = null where id = %s and wake_at = %s returning id"


def wake_soon(connection: Connection, rule_set_id: int, now: datetime) -> None:
    """Look again at what rules hold as soon as every process knows what is in force from now on."""
    connection.execute(_SOON, {"id": rule_set_id, "at": now + SOON})


def wake_held(hub: Hub) -> int:
    """Make the orders that rules hold ready again after a change; answers how many sets had changed."""
    with hub.engine.connect() as connection:
        found = fetch(connection, _NEXT, (hub.clock(),))
    if not found:
        return 0
    rule_set_id, at, merges = found[0]
    last: int | None = 0
    while last is not None:
        with hub.begin() as connection:
            now = hub.clock()
            last = fetch(connection, _WAKE, (last, merges, last, LIMIT, now, now))[0][0]
    with hub.begin() as connection:
        fetch(connection, _DONE, (rule_set_id, at))
    hub.poke("advance")
    return 1
