"""What every change to a rule set begins with: the locked set, what is in force, the refusals of a second hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import OperationalError

from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.app.rulebook.book import book_of
from oms.db.rulebook import RuleSet, RuleSetVersion
from oms.domain.errors import Busy, NotFound, Stale

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """A rule set locked for one person's change."""

    hub: Hub
    connection: Connection
    actor: str
    now: datetime
    rule_set: AnyRow

    def version(self, version_id: int) -> AnyRow:
        """A version of this set."""
        row = find_version(self.connection, version_id)
        if row.rule_set_id != self.rule_set.id:
            raise NotFound("this rule set has no such version", "read the rule set again")
        return row

    def in_force(self) -> tuple[AnyRow | None, AnyRow | None]:
        """(main version, canary) as of now."""
        columns = RuleSetVersion.__table__.c
        question = select(*columns).where(columns.rule_set_id == self.rule_set.id, columns.state == "active")
        rows = self.connection.execute(question).all()
        main = next((row for row in rows if row.canary == 100), None)
        return main, next((row for row in rows if row.canary < 100), None)

    def set_version(self, version_id: int, **values: Any) -> None:
        """Change fields of a version; the database refuses those that are settled."""
        self.connection.execute(update(RuleSetVersion).where(RuleSetVersion.id == version_id).values(**values))

    def leave(self, kind: str, **detail: Any) -> None:
        """Leave a trail of the change."""
        place = {"rule_set": self.rule_set.id, "stage": self.rule_set.stage, "scope": self.rule_set.scope}
        leave_trail(self.hub, self.connection, kind, self.actor, place | {"scope_id": self.rule_set.scope_id} | detail)


@contextmanager
def changing(hub: Hub, rule_set_id: int, actor: str) -> Iterator[Change]:
    """A rule set locked until the change is committed; Busy while somebody else changes it."""
    try:
        with hub.begin() as connection:
            question = select(*RuleSet.__table__.c).where(RuleSet.id == rule_set_id)
            # Not the stronger lock: a batch that notes a rule's trouble must not keep anybody from rolling back.
            row = connection.execute(question.with_for_update(nowait=True, key_share=True)).one_or_none()
            if row is None:
                raise NotFound("there is no such rule set")
            yield Change(hub, connection, actor, hub.clock(), row)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            raise Busy("somebody else is changing this rule set", "look again in a moment") from error
        raise
    book_of(hub).forget()


def find_version(connection: Connection, version_id: int) -> AnyRow:
    """A version with everything; NotFound otherwise."""
    question = select(*RuleSetVersion.__table__.c).where(RuleSetVersion.id == version_id)
    row = connection.execute(question).one_or_none()
    if row is None:
        raise NotFound("there is no such version", "read the rule set again")
    return row


def place_of(connection: Connection, rule_set_id: int) -> tuple[str, int]:
    """(scope, its id) of a rule set."""
    row = connection.execute(select(RuleSet.scope, RuleSet.scope_id).where(RuleSet.id == rule_set_id)).one()
    return row.scope, row.scope_id


def set_of(hub: Hub, version_id: int) -> int:
    """The rule set that a version belongs to."""
    with hub.engine.connect() as connection:
        return int(find_version(connection, version_id).rule_set_id)


def check_revision(version: AnyRow, revision: int | None) -> None:
    """Stale when the draft is another than the one that was seen."""
    if revision is not None and revision != version.revision:
        words = f"the draft was changed meanwhile by {version.changed_by or version.author}"
        raise Stale(words, "read it again and repeat what you changed")
