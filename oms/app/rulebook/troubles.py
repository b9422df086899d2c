"""Rules that raised or are paused: kept where people see them, until a rule is mended or a person resumes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, text

from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.app.rulebook.waking import wake_soon
from oms.domain.errors import Invalid, NotFound

LOG = structlog.get_logger("rulebook")
SYSTEM: Final = "system"
OFTEN: Final = timedelta(seconds=2)
GATE: Final = 7_146_008

_TRY = text("select pg_try_advisory_xact_lock(:gate)")
_NOTE = text("""
insert into rule_trouble (rule_set_id, version_id, rule_id, kind, reason, times, first_at, last_at)
values (:rule_set_id, :version_id, :rule_id, :kind, :reason, :times, :now, :now)
on conflict (rule_set_id, rule_id, kind) where cleared_at is null do update
  set version_id = excluded.version_id, reason = excluded.reason, last_at = excluded.last_at,
      times = rule_trouble.times + excluded.times
returning (xmax = 0) as is_new""")
_LIST = text("""
select t.id, t.rule_set_id, s.name as rule_set, s.stage, s.scope, s.scope_id, t.version_id, v.number, t.rule_id, t.kind,
       t.reason, t.times, t.first_at, t.last_at, t.cleared_at, t.cleared_by
from rule_trouble t join rule_set s on s.id = t.rule_set_id left join rule_set_version v on v.id = t.version_id
where (t.cleared_at is null or :all) and (t.id = :id or :id = 0)
  and (s.scope <> 'shop' or s.scope_id = any(:shops))
order by t.cleared_at is not null, t.last_at desc, t.id desc limit 200""")
_CLEAR = text("""
update rule_trouble set cleared_at = :now, cleared_by = :actor
where (id = :id or (rule_set_id = :rule_set_id and kind = 'unhealthy')) and cleared_at is null
returning rule_set_id, rule_id, kind""")
_FIND = text("select rule_set_id, rule_id, kind from rule_trouble where id = :id")
_NAME = text("select name from rule_set where id = :id")
_CLOSE = text("update alert set state = 'closed' where kind = :kind and subject = :subject and state = 'open'")

Key = tuple[int, int, str, str]  # rule set, version, rule, reason
AnyRow = Row[*tuple[Any, ...]]


@dataclass(slots=True)
class Noticed:
    """Failures of rules that this process has seen and not written down yet.

    Written at most every two seconds, and never by waiting for another batch that writes its own: a rule that fails for
    every order must not make the workers queue up behind one row.
    """

    counts: dict[Key, int] = field(default_factory=dict)
    written_at: datetime | None = None

    def note(self, key: Key) -> None:
        """Count a failure."""
        self.counts[key] = self.counts.get(key, 0) + 1

    def write(self, connection: Connection, now: datetime) -> None:
        """Write down what has been counted, if it is time and nobody else is at it."""
        is_early = self.written_at is not None and timedelta() <= now - self.written_at < OFTEN
        if not self.counts or is_early or not connection.execute(_TRY, {"gate": GATE}).scalar():
            return
        counts, self.counts = self.counts, {}
        for (rule_set_id, version_id, rule_id, reason), times in sorted(counts.items()):
            if _write(connection, rule_set_id, version_id, rule_id, "unhealthy", reason, times, now):
                _tell(connection, rule_set_id, rule_id, reason)
        self.written_at = now


def _tell(connection: Connection, rule_set_id: int, rule_id: str, reason: str) -> None:
    name = connection.execute(_NAME, {"id": rule_set_id}).scalar_one()
    words = f"the rule {rule_id} of {name} fails: {reason}; it is skipped and its orders go to people"
    raise_alert(connection, "rule_unhealthy", _subject(rule_set_id, rule_id), words)
    LOG.error("rule unhealthy", rule_set=rule_set_id, rule=rule_id, reason=reason)


def pause(
    hub: Hub, connection: Connection, rule_set_id: int, version_id: int, rule_id: str, reason: str, now: datetime
) -> None:
    """Pause a rule in the transaction that found it past its limit; every process hears of it within two seconds."""
    if _write(connection, rule_set_id, version_id, rule_id, "paused", reason, 1, now):
        name = connection.execute(_NAME, {"id": rule_set_id}).scalar_one()
        words = f"the rule {rule_id} of {name} is paused: {reason}; its orders go to people until somebody resumes it"
        raise_alert(connection, "rule_paused", _subject(rule_set_id, rule_id), words)
        detail = {"rule_set": rule_set_id, "rule": rule_id, "reason": reason}
        leave_trail(hub, connection, "rule_paused", SYSTEM, detail)
        LOG.error("rule paused", rule_set=rule_set_id, rule=rule_id, reason=reason)


def list_troubles(connection: Connection, shop_ids: Sequence[int], *, with_cleared: bool = False) -> Sequence[AnyRow]:
    """The newest two hundred, open ones first: of what shops share, and of these shops."""
    return connection.execute(_LIST, {"all": with_cleared, "id": 0, "shops": list(shop_ids)}).all()


def find_trouble(connection: Connection, trouble_id: int, shop_ids: Sequence[int]) -> AnyRow:
    """One, open or cleared; NotFound when it is of a shop that is not among these."""
    asked = {"all": True, "id": trouble_id, "shops": list(shop_ids)}
    found = connection.execute(_LIST, asked).one_or_none()
    if found is None:
        raise NotFound("there is no such trouble", "read the list again")
    return found


def resume(hub: Hub, trouble_id: int, actor: str, reason: str) -> None:
    """Let a paused rule act again, or call an unhealthy one mended; doing it twice changes nothing more."""
    if len(reason.strip()) < 2:
        raise Invalid("reason", "a reason of two characters or more is missing", "say why it may go on")
    with hub.begin() as connection:
        found = connection.execute(_FIND, {"id": trouble_id}).one_or_none()
        if found is None:
            raise NotFound("there is no such trouble", "read the list again")
        if _clear(connection, {"id": trouble_id, "rule_set_id": 0, "now": hub.clock(), "actor": actor}):
            detail = {"rule_set": found.rule_set_id, "rule": found.rule_id, "was": found.kind, "reason": reason[:200]}
            leave_trail(hub, connection, "rule_resumed", actor, detail)
            wake_soon(connection, found.rule_set_id, hub.clock())


def clear_unhealthy(connection: Connection, rule_set_id: int, actor: str, now: datetime) -> None:
    """Another version is in force; what it does wrong will be seen anew. Paused rules stay paused."""
    _clear(connection, {"id": 0, "rule_set_id": rule_set_id, "now": now, "actor": actor})


def _clear(connection: Connection, which: dict[str, Any]) -> int:
    """Clear troubles and close their alerts; answers how many."""
    cleared = connection.execute(_CLEAR, which).all()
    for row in cleared:
        connection.execute(_CLOSE, {"kind": f"rule_{row.kind}", "subject": _subject(row.rule_set_id, row.rule_id)})
    return len(cleared)


def _subject(rule_set_id: int, rule_id: str) -> str:
    return f"{rule_id} · {rule_set_id}"


def _write(
    connection: Connection,
    rule_set_id: int,
    version_id: int,
    rule_id: str,
    kind: str,
    reason: str,
    times: int,
    now: datetime,
) -> bool:
    values = {
        "rule_set_id": rule_set_id, "version_id": version_id, "rule_id": rule_id, "kind": kind, "reason": reason,
        "times": times, "now": now,
    }  # fmt: skip
    return bool(connection.execute(_NOTE, values).scalar_one())
