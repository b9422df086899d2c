"""The rule sets in force, compiled once a process and read again every two seconds; deciding lives in decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary
from zlib import crc32

from sqlalchemy import Connection, Engine, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import ShopCard
from oms.app.rulebook.documents import read_rules
from oms.app.rulebook.limits import Limit, limits_of
from oms.app.rulebook.scopes import Place, places_of
from oms.app.rulebook.troubles import Noticed
from oms.app.rulebook.vocabulary import VOCABULARY
from rules.engine import CompiledRuleSet, compile_rule_set
from rules.model import RuleSet

FRESH: Final = timedelta(seconds=2)
# Bodies are large and seldom new, so only their ids are read every time.
_ACTIVE = text("""
select s.id, s.scope, s.scope_id, v.id, v.canary,
       array(select t.rule_id from rule_trouble t
             where t.rule_set_id = s.id and t.kind = 'paused' and t.cleared_at is null)
from rule_set s join rule_set_version v on v.rule_set_id = s.id
where s.stage = :stage and v.state = 'active' order by v.canary desc""")
_BODIES = text("select id, rule_set_id, body, limits from rule_set_version where id = any(:ids)")


@dataclass(frozen=True, slots=True)
class Version:
    """A version ready to decide; `broken` are rules that today's vocabulary cannot read, with the reason."""

    id: int
    rule_set_id: int
    rules: CompiledRuleSet
    limits: Mapping[tuple[str, str], Limit]
    broken: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """What decides for an order: a version, and the rules of its set that are paused."""

    version: Version
    paused: frozenset[str]

    @property
    def is_guarded(self) -> bool:
        """Whether a verdict needs a second look."""
        return bool(self.paused or self.version.limits or self.version.broken)


@dataclass(slots=True)
class _Shelf:
    """The versions in force of one place; the canary takes its share, in percent, of the orders."""

    main: InForce | None = None
    canary: InForce | None = None
    share: int = 0

    def serve(self, order_id: int) -> InForce | None:
        """The version for an order. A canary whose main version has ended serves nobody."""
        if self.main and self.canary and falls_into(self.canary.version.rule_set_id, order_id, self.share):
            return self.canary
        return self.main


@dataclass(slots=True)
class RuleBook:
    """The compiled active rule sets of this process; each stage is read again when older than two seconds."""

    noticed: Noticed = field(default_factory=Noticed)
    _read_at: dict[str, datetime] = field(default_factory=dict)
    _shelves: dict[str, dict[Place, _Shelf]] = field(default_factory=dict)
    _versions: dict[int, Version] = field(default_factory=dict)

    def find(self, connection: Connection, stage: str, shop: ShopCard, order_id: int, now: datetime) -> InForce | None:
        """What decides for an order of a shop: the most exact scope with a version in force."""
        shelves = self._of(connection, stage, now)
        for scope, scope_id in places_of(shop) if shelves else ():
            shelf = shelves.get((scope, scope_id)) if scope_id is not None else None
            found = shelf.serve(order_id) if shelf else None
            if found:
                return found
        return None

    def is_in_force(self, connection: Connection, stage: str, now: datetime) -> bool:
        """Whether anything at all decides at a stage."""
        return bool(self._of(connection, stage, now))

    def forget(self) -> None:
        """Read everything anew next time; after a change in this process."""
        self._read_at.clear()

    def _of(self, connection: Connection, stage: str, now: datetime) -> dict[Place, _Shelf]:
        read_at = self._read_at.get(stage)
        if read_at is None or not timedelta() <= now - read_at <= FRESH:
            self._shelves[stage] = self._read(connection, stage)
            self._read_at[stage] = now
        return self._shelves[stage]

    def _read(self, connection: Connection, stage: str) -> dict[Place, _Shelf]:
        rows = connection.execute(_ACTIVE, {"stage": stage}).all()
        self._load(connection, [version_id for _, _, _, version_id, _, _ in rows], stage)
        shelves: dict[Place, _Shelf] = {}
        for _, scope, scope_id, version_id, canary, paused in rows:
            shelf = shelves.setdefault((scope, scope_id), _Shelf())
            if canary == 100:
                shelf.main = InForce(self._versions[version_id], frozenset(paused))
            else:
                shelf.canary = InForce(self._versions[version_id], frozenset(paused))
                shelf.share = canary
        return shelves

    def _load(self, connection: Connection, ids: list[int], stage: str) -> None:
        """Compile what is new and drop what this stage needs no more."""
        kept = self._versions.values()
        self._versions = {v.id: v for v in kept if v.id in ids or v.rules.rule_set.stage != stage}
        missing = [id_ for id_ in ids if id_ not in self._versions]
        for row in connection.execute(_BODIES, {"ids": missing}) if missing else ():
            self._versions[row.id] = compile_version(row.id, row.rule_set_id, stage, row.body, row.limits)


def compile_version(version_id: int, rule_set_id: int, stage: str, body: Any, limits: list[Any]) -> Version:
    """A stored version ready to decide."""
    rules, broken = read_rules(stage, body)
    compiled = compile_rule_set(RuleSet(stage, rules), VOCABULARY)
    return Version(version_id, rule_set_id, compiled, limits_of(limits), broken)


def falls_into(rule_set_id: int, order_id: int, share: int) -> bool:
    """Whether a canary's share, in percent, holds an order: always the same, and a larger share holds it too."""
    return crc32(b"%d:%d" % (rule_set_id, order_id)) % 100 < share


#: One book a database: ids of versions mean nothing in another one.
_BOOKS: WeakKeyDictionary[Engine, RuleBook] = WeakKeyDictionary()


def book_of(hub: Hub) -> RuleBook:
    """The rule book of a hub's database."""
    return _BOOKS.setdefault(hub.engine, RuleBook())
