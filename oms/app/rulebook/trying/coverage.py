"""覆盖: which rules in force never matched for days, and how many orders no rule of a set had a say about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from oms.domain.months import months_between

#: Orders and matches by version; a version of a set that is in force counts with those it replaced.
_DECIDED = text("""
select v.rule_set_id, count(*) as decided, count(*) filter (where coalesce(d.matched, '{}') = '{}') as by_default
from decision d join rule_set_version v on v.id = d.rule_set_version_id join orders o on o.id = d.order_id
where d.month = any(:months) and d.at >= :since and d.at < :until and o.shop_id = any(:shops) group by 1""")
_MATCHED = text("""
select v.rule_set_id, m.rule_id, count(*) as times, max(d.at) as last_at
from decision d join rule_set_version v on v.id = d.rule_set_version_id join orders o on o.id = d.order_id
cross join lateral unnest(d.matched) m(rule_id)
where d.month = any(:months) and d.at >= :since and d.at < :until and o.shop_id = any(:shops) group by 1, 2""")
_SETS = text("""
select s.id, s.name, s.stage, s.scope, s.scope_id, v.id as version_id, v.number, v.activated_at, v.body
from rule_set s join rule_set_version v on v.rule_set_id = s.id and v.state = 'active' and v.canary = 100
where s.scope <> 'shop' or s.scope_id = any(:shops) order by s.id""")


@dataclass(frozen=True, slots=True)
class Covered:
    """A rule in force with how often it matched in the period, and when last."""

    rule_id: str
    name: str
    times: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class SetCoverage:
    """A set in force: orders decided, by default alone (no rule matched), and its rules, those that never matched first.

    `is_young`: its version came into force within the period, so that a rule may not have had its chance yet.
    """

    rule_set_id: int
    name: str
    stage: str
    scope: str
    scope_id: int
    version_id: int
    number: int
    is_young: bool
    decided: int
    by_default: int
    rules: list[Covered] = field(default_factory=list)

    @property
    def silent(self) -> list[Covered]:
        """Rules that never matched."""
        return [rule for rule in self.rules if not rule.times]


def coverage(connection: Connection, shop_ids: Sequence[int], since: datetime, until: datetime) -> list[SetCoverage]:
    """Every set in force, by the decisions about orders of these shops in a period."""
    asked = {"shops": list(shop_ids), "since": since, "until": until, "months": months_between(since, until)}
    decided = {row.rule_set_id: row for row in connection.execute(_DECIDED, asked)}
    matched: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in connection.execute(_MATCHED, asked):
        matched[row.rule_set_id][row.rule_id] = row
    return [
        _set(row, decided.get(row.id), matched[row.id], since)
        for row in connection.execute(_SETS, {"shops": list(shop_ids)})
    ]


def _set(row: Any, decided: Any, matched: Mapping[str, Any], since: datetime) -> SetCoverage:
    rules = [_rule(each, matched) for each in row.body.get("rules", ()) if isinstance(each, dict) and _is_on(each)]
    return SetCoverage(
        row.id, row.name, row.stage, row.scope, row.scope_id, row.version_id, row.number,
        row.activated_at is not None and row.activated_at > since, decided.decided if decided else 0,
        decided.by_default if decided else 0, sorted(rules, key=lambda rule: (rule.times, rule.rule_id)),
    )  # fmt: skip


def _rule(document: Mapping[str, Any], matched: Mapping[str, Any]) -> Covered:
    rule_id = str(document.get("id"))
    row = matched.get(rule_id)
    return Covered(rule_id, str(document.get("name", "")), row.times if row else 0, row.last_at if row else None)


def _is_on(document: Mapping[str, Any]) -> bool:
    return document.get("enabled", True) is not False
