"""What two versions of rules differ in, rule by rule, in words of both; and how far a copy has moved from its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from oms.app.rulebook.changing import AnyRow, find_version
from oms.app.rulebook.documents import read_rules
from oms.app.rulebook.vocabulary import VOCABULARY
from oms.db.rulebook import RuleSet, RuleSetVersion
from oms.domain.errors import Invalid, NotFound
from rules.codec import write_rule
from rules.model import Rule
from rules.wording import word_rule

#: What drifted: 中文, English.
DRIFTS: Final = {
    "same": ("与来源一致", "the same as its source"),
    "here": ("本地已改", "changed here"),
    "there": ("来源已更新", "its source has moved on"),
    "both": ("两边都改了", "changed here, and its source has moved on"),
}


@dataclass(frozen=True, slots=True)
class Worded:
    """A rule in words; one that today's vocabulary cannot read has its name only."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is on one side only, or differs in `fields`; `limits` among them are what it may give away."""

    rule_id: str
    fields: tuple[str, ...]
    before: Worded | None
    after: Worded | None


@dataclass(frozen=True, slots=True)
class Diff:
    """From one version to another; `reordered`: the rules that both have are evaluated in another order."""

    added: tuple[RuleChange, ...]
    removed: tuple[RuleChange, ...]
    changed: tuple[RuleChange, ...]
    reordered: bool

    @property
    def is_empty(self) -> bool:
        """Whether both decide alike, and may give away alike."""
        return not (self.added or self.removed or self.changed or self.reordered)


@dataclass(frozen=True, slots=True)
class Drift:
    """How a copy in force stands to what it was copied from; `state` is a key of DRIFTS.

    `here` is what was changed in the copy since, `there` what was changed in the source since.
    """

    source_set_id: int
    source_name: str
    copied_version_id: int
    copied_number: int
    source_version_id: int | None
    source_number: int | None
    here: Diff
    there: Diff

    @property
    def state(self) -> str:
        """In one word."""
        if self.here.is_empty:
            return "same" if self.there.is_empty else "there"
        return "here" if self.there.is_empty else "both"


@dataclass(frozen=True, slots=True)
class _Entry:
    place: int
    written: dict[str, Any]
    worded: Worded


def diff_versions(connection: Connection, before_id: int, after_id: int) -> Diff:
    """What changes from one version to another, of any two scopes but one stage."""
    before, after = find_version(connection, before_id), find_version(connection, after_id)
    stages = [_stage_of(connection, version.rule_set_id) for version in (before, after)]
    if stages[0] != stages[1]:
        raise Invalid("against", f"that version is of the stage {stages[0]}, this one of {stages[1]}", "compare alike")
    return compare(stages[0], before, after)


def drift_of(connection: Connection, version: AnyRow) -> Drift | None:
    """How a version stands to the one it was copied from; None when it is no copy."""
    if version.copied_from_id is None:
        return None
    try:
        copied = find_version(connection, version.copied_from_id)
    except NotFound:
        return None  # It was copied from a draft that was thrown away.
    source = connection.execute(select(*RuleSet.__table__.c).where(RuleSet.id == copied.rule_set_id)).one()
    columns = RuleSetVersion.__table__.c
    question = select(*columns).where(columns.rule_set_id == source.id, columns.state == "active", columns.canary == 100)
    standing = connection.execute(question).one_or_none()
    return Drift(
        source.id, source.name, copied.id, copied.number,
        standing.id if standing else None, standing.number if standing else None,
        here=compare(source.stage, copied, version),
        there=compare(source.stage, copied, standing or copied),
    )  # fmt: skip


def compare(stage: str, before: Any, after: Any) -> Diff:
    """The difference between two stored versions of a stage (rows with `body` and `limits`)."""
    old, new = _entries(stage, before), _entries(stage, after)
    changed = tuple(
        RuleChange(id_, fields, old[id_].worded, new[id_].worded)
        for id_ in old
        if id_ in new and (fields := _differing(old[id_].written, new[id_].written))
    )
    both = [id_ for id_ in old if id_ in new]
    return Diff(
        added=tuple(RuleChange(id_, (), None, entry.worded) for id_, entry in new.items() if id_ not in old),
        removed=tuple(RuleChange(id_, (), entry.worded, None) for id_, entry in old.items() if id_ not in new),
        changed=changed,
        reordered=both != sorted(both, key=lambda id_: new[id_].place),
    )


def word_version(stage: str, version: Any) -> dict[str, Worded]:
    """Rule id → its words, in the order of evaluation."""
    return {rule_id: entry.worded for rule_id, entry in _entries(stage, version).items()}


def _entries(stage: str, version: Any) -> dict[str, _Entry]:
    """Rule id → rule, in the order of evaluation."""
    rules, broken = read_rules(stage, version.body)
    limits: dict[str, list[Any]] = {}
    for limit in version.limits:
        limits.setdefault(limit["rule"], []).append(limit)
    found = [(rule.id, rule.priority, write_rule(rule), _worded(rule)) for rule in rules]
    raw = {str(document.get("id")): document for document in version.body.get("rules", ()) if isinstance(document, dict)}
    for rule_id, reason in broken:
        document = raw.get(rule_id, {})
        name = str(document.get("name", rule_id))
        priority = document.get("priority")
        place = priority if isinstance(priority, int) else 100
        found.append((rule_id, place, document, Worded(name, reason, reason)))
    found.sort(key=lambda entry: entry[1])
    return {
        rule_id: _Entry(place, written | {"limits": sorted(limits.get(rule_id, []), key=_by_action)}, worded)
        for place, (rule_id, _, written, worded) in enumerate(found)
    }


def _by_action(limit: dict[str, Any]) -> str:
    return str(limit["action"])


def _worded(rule: Rule) -> Worded:
    return Worded(rule.name, word_rule(rule, VOCABULARY, "zh"), word_rule(rule, VOCABULARY, "en"))


def _differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name))


def _stage_of(connection: Connection, rule_set_id: int) -> str:
    return str(connection.execute(select(RuleSet.stage).where(RuleSet.id == rule_set_id)).scalar_one())
