"""Rule sets as people read them: lists, one with its versions, and the inheritance of every shop and stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from oms.app.rulebook.changing import AnyRow, find_version
from oms.app.rulebook.diff import Drift, drift_of
from oms.app.rulebook.scopes import Standing, list_standings
from oms.db.rulebook import STAGES, RuleSet, RuleSetVersion
from oms.domain.errors import NotFound

SIZE = 50
VERSIONS = 200

_LIST = text("""
select s.id, s.stage, s.scope, s.scope_id, s.name, s.copied_from_id,
       v.id as version_id, v.number, v.activated_at, v.activated_by,
       c.id as canary_id, c.number as canary_number, c.canary,
       (select count(*) from rule_set_version d where d.rule_set_id = s.id and d.state = 'draft') as drafts,
       (select count(*) from rule_trouble t where t.rule_set_id = s.id and t.cleared_at is null) as troubles
from rule_set s
left join rule_set_version v on v.rule_set_id = s.id and v.state = 'active' and v.canary = 100
left join rule_set_version c on c.rule_set_id = s.id and c.state = 'active' and c.canary < 100
where s.id > :after and (s.stage = :stage or :stage = '') and (s.scope = :scope or :scope = '')
  and (s.scope_id = :scope_id or :scope_id = -1) and (s.id = :id or :id = 0)
  and (s.scope <> 'shop' or s.scope_id = any(:shops))
order by s.id limit :size""")


@dataclass(frozen=True, slots=True)
class Inherited:
    """What decides for a shop at a stage, and how a copy that decides has drifted."""

    standing: Standing
    drift: Drift | None


def list_sets(
    connection: Connection,
    shop_ids: Sequence[int],
    *,
    stage: str = "",
    scope: str = "",
    scope_id: int = -1,
    after: int = 0,
) -> list[AnyRow]:
    """Fifty rule sets behind the id `after`: those of wider scopes, and those of these shops."""
    asked = {"stage": stage, "scope": scope, "scope_id": scope_id, "after": after, "id": 0, "size": SIZE}
    return list(connection.execute(_LIST, asked | {"shops": list(shop_ids)}))


def find_set(connection: Connection, rule_set_id: int, shop_ids: Sequence[int]) -> AnyRow:
    """One rule set; NotFound when it is of a shop that is not among these."""
    asked = {"stage": "", "scope": "", "scope_id": -1, "after": 0, "id": rule_set_id, "size": 1}
    row = connection.execute(_LIST, asked | {"shops": list(shop_ids)}).one_or_none()
    if row is None:
        raise NotFound("there is no such rule set")
    return row


def versions_of(connection: Connection, rule_set_id: int) -> Sequence[AnyRow]:
    """The newest two hundred versions of a set, newest first, without their rules."""
    columns = [column for column in RuleSetVersion.__table__.c if column.name not in ("body", "limits")]
    question = select(*columns).where(RuleSetVersion.rule_set_id == rule_set_id)
    return connection.execute(question.order_by(RuleSetVersion.number.desc()).limit(VERSIONS)).all()


def place_of(connection: Connection, rule_set_id: int) -> tuple[str, int]:
    """(scope, id) of a rule set; NotFound otherwise."""
    question = select(RuleSet.scope, RuleSet.scope_id).where(RuleSet.id == rule_set_id)
    row = connection.execute(question).one_or_none()
    if row is None:
        raise NotFound("there is no such rule set")
    return row.scope, row.scope_id


def list_inherited(
    connection: Connection, shop_ids: Sequence[int], *, stages: Sequence[str] = STAGES, after: int = 0, size: int = SIZE
) -> list[Inherited]:
    """For a page of shops, behind the shop id `after`, and each stage: what decides, and its drift if it is a copy."""
    drifts: dict[int, Drift | None] = {}
    found = []
    for standing in list_standings(connection, shop_ids, stages, after=after, size=size):
        version_id = standing.winner.version_id if standing.winner else None
        found.append(Inherited(standing, _drift(connection, version_id, drifts) if version_id else None))
    return found


def _drift(connection: Connection, version_id: int, known: dict[int, Any]) -> Drift | None:
    if version_id not in known:
        known[version_id] = drift_of(connection, find_version(connection, version_id))
    found: Drift | None = known[version_id]
    return found
