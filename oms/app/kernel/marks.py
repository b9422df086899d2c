"""What few orders have changed about them besides their progress: tags, priority, deadline, owner; who is told of it."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import orjson

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import OrderWork
from oms.db.bulk import psycopg_connection, update_rows

MARKS: Final = [
    ("priority", "int"), ("is_sealed", "bool"), ("ship_by", "timestamptz"), ("owner", "text"), ("fulfiller", "text"),
]  # fmt: skip
TAGS: Final = """
update orders o set tags = array(
  select distinct t from unnest(o.tags || v.added) t where t <> all(v.removed) order by t)
from (select id, array(select jsonb_array_elements_text(added)) as added,
             array(select jsonb_array_elements_text(removed)) as removed
      from unnest(%s::bigint[], %s::jsonb[], %s::jsonb[]) as v(id, added, removed)) v where o.id = v.id"""
NOTICE: Final = """
insert into notice (kind, key, shop_id, order_id, user_group_id, words, at)
select v.kind, v.key, v.shop_id, v.order_id, g.id, v.words, %s
from unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
  as v(kind, key, shop_id, order_id, team, words)
left join user_group g on g.code = v.team on conflict (key) do nothing"""
ESCALATION: Final = """
insert into escalation (order_id, rule_id, user_group_id, words, due_at)
select v.order_id, v.rule_id, g.id, v.words, v.due_at
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
  as v(order_id, rule_id, team, words, due_at)
left join user_group g on g.code = v.team
on conflict (order_id, rule_id) do update set due_at = excluded.due_at, words = excluded.words
where escalation.done_at is null and escalation.due_at <> excluded.due_at"""


def mark(batch: Batch, order: OrderWork, field: str, value: Any) -> bool:
    """Set a column that the pipeline seldom changes; answers whether it was another."""
    if getattr(order, field) == value:
        return False
    setattr(order, field, value)
    batch.marked.add(order.id)
    batch.note(order, f"set_{field}", {"value": value.isoformat() if isinstance(value, datetime) else str(value)})
    return True


def tag(batch: Batch, order: OrderWork, word: str, *, is_on: bool) -> None:
    """Put a tag on an order, or take it off."""
    batch.tags.setdefault(order.id, {})[word] = is_on
    batch.touched.add(order.id)


def tell(batch: Batch, order: OrderWork, kind: str, key: str, team: str, words: str) -> None:
    """A notice to a team, by its code; of one key there is one. A team that is not known is everybody."""
    batch.notices.append((kind, key[:200], order.shop_id, order.id, team, words[:300]))


def write_marks(batch: Batch) -> None:
    """Write what was collected; orders and their rows are locked and written already."""
    connection = batch.connection
    if batch.marked:
        values = attrgetter("id", *[name for name, _ in MARKS])
        update_rows(connection, "orders", "id", MARKS, [values(batch.orders[id_]) for id_ in sorted(batch.marked)])
    if not (batch.tags or batch.notices or batch.escalations):
        return
    with psycopg_connection(connection).cursor() as cursor:
        if batch.tags:
            cursor.execute(TAGS, _tag_columns(batch.tags))
        if batch.notices:
            cursor.execute(NOTICE, (batch.now, *_columns(batch.notices)))
        if batch.escalations:
            cursor.execute(ESCALATION, _columns(batch.escalations))


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _tag_columns(tags: dict[int, dict[str, bool]]) -> list[list[Any]]:
    ids = sorted(tags)
    added = [orjson.dumps([word for word, is_on in tags[id_].items() if is_on]).decode() for id_ in ids]
    removed = [orjson.dumps([word for word, is_on in tags[id_].items() if not is_on]).decode() for id_ in ids]
    return [ids, added, removed]
