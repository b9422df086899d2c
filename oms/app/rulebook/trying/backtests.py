"""回测: asks for a backtest, stops one, and says how far one is; working on it lives in running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select, text

from oms.app.kernel.hub import Hub
from oms.app.rulebook.changing import AnyRow, find_version
from oms.app.rulebook.trying.personal import check_personal
from oms.app.rulebook.trying.questions import ALL, Filter, check_question, count_orders
from oms.app.rulebook.trying.versions import names_of, reached_shops
from oms.db.rulebook import RuleSet, RuleSetVersion
from oms.db.trying import Backtest
from oms.domain.errors import Invalid, NotFound

SIZE: Final = 50
_ADD = text("""
insert into backtest (rule_set_id, version_id, body, against_id, stage, question, from_at, until_at, created_by,
  created_at, total)
values (:rule_set_id, :version_id, cast(:body as jsonb), :against_id, :stage, cast(:question as jsonb), :since, :until,
  :actor, :now, :total) returning id""")
_STOP = text("""
update backtest set state = 'stopped', ended_at = :now, claimed_until = null
where id = :id and state in ('waiting', 'running')""")
#: A person sees a backtest who may see every shop that it looked at.
_VISIBLE: Final = """
not exists (select from jsonb_object_keys(b.question -> 'sides') k where k::bigint <> all(:shops))"""
_LIST = text(f"""
select b.id, b.rule_set_id, b.version_id, b.against_id, b.stage, b.question, b.from_at, b.until_at, b.state,
  b.total, b.done, b.counts, b.error, b.created_by, b.created_at, b.started_at, b.ended_at, v.number, s.name
from backtest b join rule_set s on s.id = b.rule_set_id left join rule_set_version v on v.id = b.version_id
where (:id = 0 or b.id = :id) and (:rule_set_id = 0 or b.rule_set_id = :rule_set_id) and (:after = 0 or b.id < :after)
  and {_VISIBLE} order by b.id desc limit :size""")


@dataclass(frozen=True, slots=True)
class Period:
    """Orders placed from one moment up to another, which is left out."""

    since: datetime
    until: datetime


def ask_backtest(
    hub: Hub, version_id: int, period: Period, shop_ids: Sequence[int], actor: str, *, asked: Filter = ALL,
    against_id: int | None = None, sees_plain: bool = False,
) -> int:  # fmt: skip
    """Have a version tried on past orders of these shops; answers the backtest's id.

    Forbidden when it asks for what is personal and the person may not see that in all of them.

    It is compared with what is in force for each shop, or with one version of the same stage. What a draft says now is
    what is tried, whatever becomes of it meanwhile.
    """
    period = Period(period.since, min(period.until, hub.clock()))
    check_question(period.since, period.until, asked)
    with hub.begin() as connection:
        version = find_version(connection, version_id)
        rule_set = connection.execute(select(*RuleSet.__table__.c).where(RuleSet.id == version.rule_set_id)).one()
        check_personal(rule_set.stage, version.body, sees_plain=sees_plain)
        if against_id is not None:
            check_personal(rule_set.stage, find_version(connection, against_id).body, sees_plain=sees_plain)
        sides = _sides(connection, rule_set, shop_ids, against_id)
        total = count_orders(connection, sorted(sides), period.since, period.until, asked)
        question = asked.written() | {"sides": {str(shop): side for shop, side in sides.items()}}
        values = {
            "rule_set_id": rule_set.id, "version_id": version_id, "body": orjson.dumps(version.body).decode(),
            "against_id": against_id, "stage": rule_set.stage, "question": orjson.dumps(question).decode(),
            "since": period.since, "until": period.until, "actor": actor, "now": hub.clock(), "total": total,
        }  # fmt: skip
        backtest_id = int(connection.execute(_ADD, values).scalar_one())
    hub.poke("backtests")
    return backtest_id


def stop_backtest(hub: Hub, backtest_id: int) -> None:
    """Stop a backtest; what it found so far stays. NotFound when it is over already."""
    with hub.begin() as connection:
        if not connection.execute(_STOP, {"id": backtest_id, "now": hub.clock()}).rowcount:
            raise NotFound("this backtest is over", "read what it found")


def list_backtests(
    connection: Connection, shop_ids: Sequence[int], *, rule_set_id: int = 0, after: int = 0
) -> list[AnyRow]:
    """Fifty backtests older than the id `after`, newest first."""
    asked = {"id": 0, "rule_set_id": rule_set_id, "after": after, "size": SIZE, "shops": list(shop_ids)}
    return list(connection.execute(_LIST, asked))


def find_backtest(connection: Connection, backtest_id: int, shop_ids: Sequence[int]) -> AnyRow:
    """One backtest; NotFound when it looked at a shop that is not among these."""
    asked = {"id": backtest_id, "rule_set_id": 0, "after": 0, "size": 1, "shops": list(shop_ids)}
    row = connection.execute(_LIST, asked).one_or_none()
    if row is None:
        raise NotFound("there is no such backtest")
    return row


def body_of(connection: Connection, backtest_id: int) -> Any:
    """The rules that are tried, as the draft said them when it was asked for."""
    return connection.execute(select(Backtest.body).where(Backtest.id == backtest_id)).scalar_one()


def rule_names(connection: Connection, backtest: AnyRow) -> dict[str, str]:
    """The names of rules on either side by their ids; the tried ones as they are tried."""
    sides = {int(side) for side in backtest.question["sides"].values()}
    bodies = connection.execute(select(RuleSetVersion.body).where(RuleSetVersion.id.in_(sides))).scalars()
    names: dict[str, str] = {}
    for body in (*bodies, body_of(connection, backtest.id)):
        names |= names_of(body)
    return names


def remaining(row: AnyRow, now: datetime) -> timedelta | None:
    """How long it will still take, by how fast it was so far; None while nobody can tell."""
    if row.state != "running" or not row.done or row.started_at is None:
        return None
    spent: timedelta = now - row.started_at
    return spent * max(0, int(row.total) - int(row.done)) / int(row.done)


def _sides(connection: Connection, rule_set: AnyRow, shop_ids: Sequence[int], against_id: int | None) -> dict[int, int]:
    """What each shop's orders are compared with."""
    sides = reached_shops(connection, rule_set.stage, (rule_set.scope, rule_set.scope_id), shop_ids)
    if not sides:
        words = "none of your shops would be decided by this rule set"
        raise Invalid("shops", words, "a more exact place decides for them; try the rules of that one")
    if against_id is None:
        return sides
    other = find_version(connection, against_id)
    stage = connection.execute(select(RuleSet.stage).where(RuleSet.id == other.rule_set_id)).scalar_one()
    if stage != rule_set.stage:
        raise Invalid("against", "that version is of another stage", "choose one of the same stage")
    return dict.fromkeys(sides, against_id)
