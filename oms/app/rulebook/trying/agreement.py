"""一致率: whether people agree with what rules send them, and whether what rules let go was right, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.domain.months import months_between

#: Of so many orders a share begins to mean something.
LEAST_ORDERS: Final = 20
#: People let go this share of what a rule sends them within a minute: it may be loosened.
LOOSEN_SHARE: Final = 0.95
#: This share of what a rule let go was stopped or paid back later: it may be tightened.
TIGHTEN_SHARE: Final = 0.05
AT_ONCE_S: Final = 60
#: Stands for orders that no rule matched.
NO_RULE: Final = ""
MOST_ORDERS: Final = 5

#: The last review of each order in the period, with every rule that matched; what is asked of people and what is let go.
_REVIEWED: Final = """
with d as (
  select distinct on (x.order_id) x.order_id, x.rule_set_version_id as version_id, x.verdict, x.at, o.review, o.status,
    coalesce(nullif(x.matched, '{}'), array['']) as matched
  from decision x join orders o on o.id = x.order_id
  where x.month = any(:months) and x.stage = 'review' and x.at >= :since and x.at < :until and o.shop_id = any(:shops)
    and x.rule_set_version_id is not null
  order by x.order_id, x.id desc),
v as (select id, rule_set_id, body from rule_set_version where id in (select version_id from d)),
a as (
  select v.id as version_id, r.value ->> 'id' as rule_id,
    r.value -> 'actions' @> '[{"action": "send_to_tier"}]' as sends
  from v cross join lateral jsonb_array_elements(v.body -> 'rules') r),
m as (
  select v.rule_set_id, d.order_id, d.verdict, d.at, d.status, d.review, u.rule_id, coalesce(a.sends, false) as sends
  from d join v on v.id = d.version_id cross join lateral unnest(d.matched) u(rule_id)
  left join a on a.version_id = d.version_id and a.rule_id = u.rule_id)"""
_SENT = text(f"""{_REVIEWED}
select m.rule_set_id, s.name as rule_set, m.rule_id, count(*) as sent,
  count(*) filter (where r.passed_s <= :at_once and not r.sent_back) as at_once,
  count(*) filter (where r.passed_s is not null and not r.sent_back) as released,
  count(*) filter (where r.sent_back) as sent_back, count(*) filter (where m.status = 'cancelled') as cancelled,
  count(*) filter (where m.review = 'waiting') as waiting,
  percentile_cont(0.5) within group (order by r.passed_s) filter (where r.passed_s is not null) as median_s,
  (array_agg(m.order_id order by m.order_id desc))[1:{MOST_ORDERS}] as orders
from m join rule_set s on s.id = m.rule_set_id
cross join lateral (select coalesce(bool_or(w.verdict = 'sent_back'), false) as sent_back,
    case when m.review = 'passed'
      then extract(epoch from max(w.at) filter (where w.verdict in ('passed', 'forced')) - m.at) end as passed_s
  from review_decision w where w.order_id = m.order_id and w.at >= m.at) r
where m.verdict <> 'passed' and m.sends group by 1, 2, 3 order by count(*) desc, 1, 3""")
_LET_GO = text(f"""{_REVIEWED}
select m.rule_set_id, s.name as rule_set, m.rule_id, count(*) as passed,
  count(*) filter (where t.intercepted) as intercepted, count(*) filter (where t.refunded) as refunded,
  (array_agg(m.order_id order by m.order_id desc) filter (where t.intercepted or t.refunded))[1:{MOST_ORDERS}] as orders
from m join rule_set s on s.id = m.rule_set_id
cross join lateral (select exists (select from interception i where i.order_id = m.order_id) as intercepted,
  exists (select from cases k where k.order_id = m.order_id and k.kind in ('refund', 'return')
    and k.outcome <> 'withdrawn') as refunded) t
where m.verdict = 'passed' group by 1, 2, 3 order by count(*) filter (where t.intercepted or t.refunded) desc, 1, 3""")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a rule sent to people and what became of it; `median_s` is the usual time until they let an order go."""

    rule_set_id: int
    rule_set: str
    rule_id: str
    sent: int
    at_once: int
    released: int
    sent_back: int
    cancelled: int
    waiting: int
    median_s: int | None
    orders: Sequence[int]

    @property
    def share(self) -> float:
        """The share of the orders that are decided that people let go at once."""
        decided = self.sent - self.waiting
        return self.at_once / decided if decided else 0.0

    @property
    def may_be_loosened(self) -> bool:
        """Whether people hardly look at what it sends them."""
        return self.sent - self.waiting >= LEAST_ORDERS and self.share >= LOOSEN_SHARE


@dataclass(frozen=True, slots=True)
class LetGo:
    """What a rule let go and how often that was wrong; `rule_id` is empty for orders that no rule matched."""

    rule_set_id: int
    rule_set: str
    rule_id: str
    passed: int
    intercepted: int
    refunded: int
    orders: Sequence[int]

    @property
    def share(self) -> float:
        """The share that was stopped or asked back, at most all."""
        return min(1.0, (self.intercepted + self.refunded) / self.passed)

    @property
    def may_be_tightened(self) -> bool:
        """Whether too much of it came back."""
        return self.passed >= LEAST_ORDERS and self.share >= TIGHTEN_SHARE


@dataclass(frozen=True, slots=True)
class Agreement:
    """Rules by how people, and the world, agreed with them."""

    sent: list[Sent]
    let_go: list[LetGo]


def agreement(connection: Connection, shop_ids: Sequence[int], since: datetime, until: datetime) -> Agreement:
    """The agreement over the orders of these shops that were reviewed in a period, each by its last review."""
    asked: dict[str, Any] = {
        "shops": list(shop_ids), "since": since, "until": until, "months": months_between(since, until),
    }  # fmt: skip
    sent = connection.execute(_SENT, asked | {"at_once": AT_ONCE_S})
    let_go = connection.execute(_LET_GO, asked)
    return Agreement(
        [Sent(**dict(row._mapping) | {"median_s": _whole(row.median_s), "orders": row.orders or ()}) for row in sent],
        [LetGo(**dict(row._mapping) | {"orders": row.orders or ()}) for row in let_go],
    )


def _whole(seconds: Any) -> int | None:
    return None if seconds is None else max(0, int(seconds))
