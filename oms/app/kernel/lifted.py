"""What people have lifted by hand, so that it is not placed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.db.bulk import array_of
from oms.domain.holds import CLOSED

#: The stage of rules that a hold names without saying so.
STAGES: Final = {"by_rule": "preprocess", "stopped_by_rule": "intercept"}
#: Of holds that rules placed, the rules count and not the kind.
LIFTED: Final = """
select order_id, kind, seen ->> 'stage', case when jsonb_typeof(seen -> 'rules') = 'array'
  then array(select jsonb_array_elements_text(seen -> 'rules')) else '{}' end
from hold where order_id = any(%s) and cleared_at is not null
and cleared_by <> all(array['system', 'platform']) and clear_reason <> %s"""


def lifted_mark(rule_id: str, stage: str = "") -> str:
    """How an order remembers that a person has lifted what this rule held; without a stage that of any stage."""
    return f"by_rule:{stage}:{rule_id}" if stage else f"by_rule:{rule_id}"


def load_lifted(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Tell the orders what people have lifted from them; only orders seen before can have any."""
    ids = [order.id for order in orders if order.version > 1]
    if not ids:
        return
    lifted: dict[int, set[str]] = {}
    for order_id, kind, at, rules in fetch(batch.connection, LIFTED, (array_of(ids), CLOSED)):
        stage = at or STAGES.get(kind, "")
        marks = [lifted_mark(rule_id, where) for rule_id in rules for where in {"", stage}]
        lifted.setdefault(order_id, set()).update([kind, *marks])
    for order_id, kinds in lifted.items():
        batch.orders[order_id].lifted = frozenset(kinds)
