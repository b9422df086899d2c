"""Plans of the batch planner as people steer them: which pools, how often, from how many hours, compute now, undo."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail
from oms.app.pipeline.steering.history import find_change, lock_place, note_change, require_newest
from oms.app.pipeline.steering.policies import require_revision
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.sourcing.allocating import GUIDED

PLAN: Final = "plan"
#: (least, most) of each number.
BOUNDS: Final = {"every_min": (1, 1_440), "looks_back_h": (1, 2_160), "horizon_h": (1, 2_160)}
_LIST: Final = text("""
select p.id, p.code, p.name, s.pool_id is not null as is_set, coalesce(s.is_on, false) as is_on,
  coalesce(s.every_min, 10) as every_min, coalesce(s.looks_back_h, 168) as looks_back_h,
  coalesce(s.horizon_h, 168) as horizon_h, coalesce(s.revision, 0) as revision, coalesce(s.changed_by, '') as changed_by,
  s.changed_at, s.due_at, s.made_at, s.valid_until, s.counted_from, coalesce(s.version, 0) as version,
  coalesce(s.orders, 0) as orders, coalesce(s.kinds, 0) as kinds, coalesce(s.cost, 0) as cost,
  coalesce(s.milliseconds, 0) as milliseconds, coalesce(s.error, '') as error,
  (select count(*) from pool_member m join stock_point t on t.id = m.stock_point_id
    where m.pool_id = p.id and t.state = 'open') as points,
  (select count(*) from shop h where h.stock_pool_id = p.id) as shops
from stock_pool p left join sourcing_plan s on s.pool_id = p.id where :id = 0 or p.id = :id order by p.code""")
_SET: Final = text("""
insert into sourcing_plan (pool_id, is_on, every_min, looks_back_h, horizon_h, due_at, revision, changed_by, changed_at)
values (:pool_id, :is_on, :every_min, :looks_back_h, :horizon_h, :now, :revision, :actor, :now)
on conflict (pool_id) do update set is_on = excluded.is_on, every_min = excluded.every_min,
  looks_back_h = excluded.looks_back_h, horizon_h = excluded.horizon_h, due_at = excluded.due_at,
  revision = excluded.revision, changed_by = excluded.changed_by, changed_at = excluded.changed_at""")
_NOW: Final = text("update sourcing_plan set due_at = :now where pool_id = :pool_id and is_on")


@dataclass(frozen=True, slots=True)
class PlanSetting:
    """Whether a pool is planned for, every so many minutes, from orders of the last hours, for the hours to come."""

    is_on: bool
    every_min: int = 10
    looks_back_h: int = 168
    horizon_h: int = 168


def list_plans(connection: Connection) -> list[AnyRow]:
    """Every pool with its plan's setting and how the last plan was made; revision 0 where nothing was ever set."""
    return list(connection.execute(_LIST, {"id": 0}))


def find_plan(connection: Connection, pool_id: int) -> AnyRow:
    """One pool as in the list; NotFound otherwise."""
    row = connection.execute(_LIST, {"id": pool_id}).one_or_none() if pool_id else None
    if row is None:
        raise NotFound("there is no such stock pool", "choose one of the list")
    return row


def set_plan(hub: Hub, pool_id: int, wanted: PlanSetting, revision: int, actor: str, undoes: int | None = None) -> int:
    """Switch planning for a pool on or off, or change how it plans; a plan that is on is made at once.

    Answers the new revision. Stale when somebody else has changed it since `revision`.
    """
    with hub.begin() as connection:
        count = lock_place(connection, PLAN, "pool", pool_id)
        row = find_plan(connection, pool_id)
        if undoes is not None:
            require_newest(connection, find_change(connection, undoes))
            revision = row.revision
        _check(hub, connection, row, wanted)
        require_revision(row.revision, revision, row.changed_by)
        before = setting_of(row) if row.is_set else None
        if before == wanted:
            return int(row.revision)
        connection.execute(_SET, {
            "pool_id": pool_id, **asdict(wanted), "now": hub.clock(), "revision": max(row.revision, count) + 1,
            "actor": actor,
        })  # fmt: skip
        place = (PLAN, "pool", pool_id)
        note_change(hub, connection, place, asdict(before) if before else None, asdict(wanted), actor, undoes)
    hub.masters.forget()
    if wanted.is_on:
        hub.poke("plans")
    return max(int(row.revision), count) + 1


def undo_plan(hub: Hub, change_id: int, actor: str) -> None:
    """Put back what was set before the newest change of a pool's plan; one that was not set is switched off."""
    with hub.engine.connect() as connection:
        change = find_change(connection, change_id)
    if change.subject != PLAN:
        raise NotFound("that is no change of a plan", "look at the list of changes")
    before = PlanSetting(**change.before) if change.before else PlanSetting(**{**change.after, "is_on": False})
    set_plan(hub, change.scope_id, before, 0, actor, undoes=change_id)


def compute_now(hub: Hub, pool_id: int, actor: str) -> None:
    """Have a pool's plan made now, without waiting for its turn."""
    with hub.begin() as connection:
        pool = find_plan(connection, pool_id)
        if not connection.execute(_NOW, {"now": hub.clock(), "pool_id": pool_id}).rowcount:
            raise NotPossible("orders of this pool are not planned for", "switch its plan on first")
        leave_trail(hub, connection, "plan_asked", actor, {"pool": pool.code})
    hub.poke("plans")


def setting_of(row: AnyRow) -> PlanSetting:
    """A pool's setting as its row has it."""
    return PlanSetting(row.is_on, row.every_min, row.looks_back_h, row.horizon_h)


def _check(hub: Hub, connection: Connection, row: AnyRow, wanted: PlanSetting) -> None:
    values: dict[str, Any] = asdict(wanted)
    for name, (least, most) in BOUNDS.items():
        if not isinstance(values[name], int) or not least <= values[name] <= most:
            raise Invalid(name, "this number is too small or too large", f"write {least} to {most}")
    if not wanted.is_on or row.is_on:
        return
    if row.points < 2:
        words = "there is nothing to plan: fewer than two open stock points are in this pool"
        raise Invalid("is_on", words, "put more points into it under Stock, Pools")
    card = hub.masters.get(connection, hub.clock()).sourcing.cards.get(("pool", row.id))
    if card is not None and card.policy.rule not in GUIDED:
        words = "orders of this pool go by its main point or by speed, which follow no plan"
        raise Invalid("is_on", words, "let the pool choose whole first or cheapest, then switch it on")
