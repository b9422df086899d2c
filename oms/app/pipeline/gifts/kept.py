"""The rows of gifts: the log of what was given, and the counters of limited ones, locked before any stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.gifts.wanted import RuleKey
from oms.db.bulk import array_of, psycopg_connection

CounterKey = tuple[int, str, int]  # rule set, rule, SKU
BuyerKey = tuple[int, str, int]  # rule set, rule, customer
#: Buyers take turns by stripes, so that two of their orders at once do not both get what one may.
LOCK_SPACE: Final = 7_146_011
STRIPES: Final = 4096

KEPT: Final = """
select id, order_id, line_id, demand_id, shop_id, customer_id, rule_set_id, version_id, rule_id, sku_id, units, state,
  reason from gift_given where order_id = any(%s) order by id"""
BUYERS: Final = """
select g.rule_set_id, g.rule_id, g.customer_id, sum(g.units)::bigint from gift_given g
join (select distinct * from unnest(%s::bigint[], %s::text[], %s::bigint[]) as v(rule_set_id, rule_id, customer_id)) v
  using (rule_set_id, rule_id, customer_id) where g.state = 'given' group by 1, 2, 3"""
#: A counter begins with what was given before its rule had a limit.
BEGIN: Final = """
insert into gift_counter (rule_set_id, rule_id, sku_id, given)
select v.rule_set_id, v.rule_id, v.sku_id, coalesce((select sum(g.units) from gift_given g
  where (g.rule_set_id, g.rule_id, g.sku_id) = (v.rule_set_id, v.rule_id, v.sku_id) and g.state = 'given'), 0)
from unnest(%s::bigint[], %s::text[], %s::bigint[]) as v(rule_set_id, rule_id, sku_id)
order by 1, 2, 3 on conflict do nothing"""
LOCK: Final = """
select c.rule_set_id, c.rule_id, c.sku_id, c.given from gift_counter c
join unnest(%s::bigint[], %s::text[], %s::bigint[]) as v(rule_set_id, rule_id, sku_id)
  using (rule_set_id, rule_id, sku_id) order by 1, 2, 3 for update of c"""
COUNT: Final = """
update gift_counter c set given = c.given + v.more
from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) as v(rule_set_id, rule_id, sku_id, more)
where (c.rule_set_id, c.rule_id, c.sku_id) = (v.rule_set_id, v.rule_id, v.sku_id)"""
WRITE: Final = """
insert into gift_given (id, order_id, line_id, demand_id, shop_id, customer_id, rule_set_id, version_id, rule_id,
  sku_id, units, state, reason, at, changed_at)
select v.*, %s, %s from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::int[], %s::text[], %s::text[]) as v
on conflict (order_id, rule_set_id, rule_id, sku_id) do update set line_id = excluded.line_id,
  demand_id = excluded.demand_id, version_id = excluded.version_id, units = excluded.units, state = excluded.state,
  reason = excluded.reason, changed_at = excluded.changed_at"""


@dataclass(slots=True)
class Kept:
    """A row of the log; `reason` says why it was dropped, is out, or is less than its rule would give."""

    id: int
    order_id: int
    line_id: int
    demand_id: int | None
    shop_id: int
    customer_id: int | None
    rule_set_id: int
    version_id: int
    rule_id: str
    sku_id: int
    units: int
    state: str
    reason: str

    @property
    def counter(self) -> CounterKey:
        """What counts it."""
        return self.rule_set_id, self.rule_id, self.sku_id

    @property
    def rule(self) -> RuleKey:
        """The rule that gave it."""
        return self.rule_set_id, self.rule_id


@dataclass(slots=True)
class Ledger:
    """What a batch reads and changes of the log and its counters; write it once."""

    by_order: dict[int, dict[CounterKey, Kept]] = field(default_factory=dict)
    counted: dict[CounterKey, int] = field(default_factory=dict)
    bought: dict[BuyerKey, int] = field(default_factory=dict)
    more: dict[CounterKey, int] = field(default_factory=dict)
    changed: dict[int, Kept] = field(default_factory=dict)

    def rows(self, order_id: int) -> dict[CounterKey, Kept]:
        """An order's rows."""
        return self.by_order.setdefault(order_id, {})

    def change(self, row: Kept, state: str, reason: str = "") -> None:
        """Change what became of a gift, and count it."""
        if row.state == "given" and state != "given":
            self._count(row, -row.units)
        elif row.state != "given" and state == "given":
            self._count(row, row.units)
        row.state, row.reason = state, reason
        self.changed[row.id] = row
        self.rows(row.order_id)[row.counter] = row

    def _count(self, row: Kept, units: int) -> None:
        self.more[row.counter] = self.more.get(row.counter, 0) + units
        if row.customer_id is not None:
            key = (*row.rule, row.customer_id)
            if key in self.bought:
                self.bought[key] += units

    def given_of(self, key: CounterKey) -> int:
        """Units given of a limited SKU, with what this batch has changed."""
        return self.counted.get(key, 0) + self.more.get(key, 0)


def load_ledger(batch: Batch, orders: Sequence[OrderWork]) -> Ledger:
    """The log of orders that were seen before; new ones have none."""
    ledger = Ledger()
    ids = [order.id for order in orders if not order.is_new]
    for values in fetch(batch.connection, KEPT, (array_of(ids),)) if ids else ():
        row = Kept(*values)
        ledger.rows(row.order_id)[row.counter] = row
    return ledger


def lock_buyers(batch: Batch, ledger: Ledger, keys: Iterable[BuyerKey]) -> None:
    """Let no other batch give to these buyers until commit, and read what they got; before the counters."""
    wanted = sorted(set(keys))
    if not wanted:
        return
    stripes = sorted({customer_id % STRIPES for *_, customer_id in wanted})
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, stripe) from unnest(%s::int[]) as s(stripe)",
                       (LOCK_SPACE, stripes))  # fmt: skip
    ledger.bought = dict.fromkeys(wanted, 0)
    for rule_set_id, rule_id, customer_id, units in fetch(batch.connection, BUYERS, _columns(wanted)):
        ledger.bought[rule_set_id, rule_id, customer_id] = units


def lock_counters(batch: Batch, ledger: Ledger, limited: Iterable[CounterKey], others: Iterable[CounterKey]) -> None:
    """Lock the counters, made where a limit needs one; before any stock."""
    needed = sorted(set(limited))
    wanted = sorted({*needed, *others})
    if not wanted:
        return
    if needed:
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(BEGIN, _columns(needed))
    for rule_set_id, rule_id, sku_id, given in fetch(batch.connection, LOCK, _columns(wanted)):
        ledger.counted[rule_set_id, rule_id, sku_id] = given


def write_ledger(batch: Batch, ledger: Ledger) -> None:
    """Write the changed rows and counters."""
    if not ledger.changed:
        return
    rows = [
        (row.id, row.order_id, row.line_id, row.demand_id, row.shop_id, row.customer_id, row.rule_set_id,
         row.version_id, row.rule_id, row.sku_id, row.units, row.state, row.reason)
        for row in ledger.changed.values()
    ]  # fmt: skip
    counts = [(*key, more) for key, more in ledger.more.items() if more and key in ledger.counted]
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(WRITE, (batch.now, batch.now, *_columns(rows)))
        if counts:
            cursor.execute(COUNT, _columns(counts))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
