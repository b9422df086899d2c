"""Drafts of rule sets: made from nothing, from what is in force or as a copy; edited by people; thrown away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from oms.app.kernel.hub import Hub
from oms.app.rulebook.changing import AnyRow, Change, changing, check_revision, find_version, set_of
from oms.app.rulebook.documents import read_document
from oms.app.rulebook.naming import check_names
from oms.app.rulebook.scopes import LABELS, check_place
from oms.db.rulebook import STAGES, RuleSet, RuleSetVersion
from oms.domain.errors import Invalid, NotPossible, WrongState

LONGEST_NAME, LONGEST_COMMENT, MOST_DRAFTS = 100, 500, 50


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft says: rules and limits as JSON types, and what it is for."""

    rules: list[Any] = field(default_factory=list)
    limits: list[Any] = field(default_factory=list)
    comment: str = ""


def create_set(hub: Hub, stage: str, scope: str, scope_id: int, name: str, content: Content, actor: str) -> int:
    """A rule set of a stage and scope with its first draft; answers the draft's id.

    NotPossible when the place has one already; asked again before anybody has touched the draft, it is answered.
    """
    if stage not in STAGES:
        raise Invalid("stage", f"there is no stage {stage}", f"use one of {', '.join(STAGES)}")
    body, limits = read_document(stage, content.rules, content.limits)
    with hub.engine.connect() as connection:
        check_names(connection, body)
    rule_set_id, is_new = _place(hub, stage, scope, scope_id, name, actor)
    with changing(hub, rule_set_id, actor) as change:
        again = _untouched(change, body, limits, content.comment, None)
        if again is not None:
            return again
        if not is_new and change.connection.execute(_count(rule_set_id)).scalar():
            words = f"the stage {stage} has a rule set for this {LABELS[scope][1]}"
            raise NotPossible(words, f"make a draft in rule set {rule_set_id}")
        return _insert(change, body, limits, content.comment, None)


def create_draft(hub: Hub, rule_set_id: int, actor: str, *, is_empty: bool = False, comment: str = "") -> int:
    """A draft of what is in force, or of nothing; answers its id."""
    with changing(hub, rule_set_id, actor) as change:
        main, _ = change.in_force()
        if is_empty:
            body, limits = read_document(change.rule_set.stage, [], [])
            return _add(change, body, limits, comment, None)
        if main is None:
            raise NotPossible("no version is in force that a draft could begin with", "begin with an empty one")
        return _add(change, main.body, main.limits, comment, main.copied_from_id)


def copy_version(
    hub: Hub, version_id: int, scope: str, scope_id: int, actor: str, *, name: str = "", comment: str = ""
) -> int:
    """A draft in another place, or in the same one, with the rules of any version; answers its id.

    The place gets a rule set of the stage if it has none. What was copied is remembered, so that both can be compared.
    Invalid when it names what has gone; in its own place it can be taken up again to mend that.
    """
    with hub.engine.connect() as connection:
        source = find_version(connection, version_id)
        origin = connection.execute(select(*RuleSet.__table__.c).where(RuleSet.id == source.rule_set_id)).one()
        if (origin.scope, origin.scope_id) != (scope, scope_id):
            check_names(connection, source.body)
    rule_set_id, _ = _place(hub, origin.stage, scope, scope_id, name or origin.name, actor, copied_from_id=origin.id)
    copied_from_id = source.copied_from_id if rule_set_id == origin.id else source.id
    words = comment or f"copy of {origin.name}, version {source.number}"
    with changing(hub, rule_set_id, actor) as change:
        return _add(change, source.body, source.limits, words, copied_from_id)


def edit_draft(hub: Hub, version_id: int, content: Content, revision: int, actor: str) -> int:
    """Replace what a draft says; answers its new revision. Stale when it is not the revision that was seen.

    The same edit sent twice is done once.
    """
    with changing(hub, set_of(hub, version_id), actor) as change:
        draft = _draft(change, version_id, "edit")
        body, limits = read_document(change.rule_set.stage, content.rules, content.limits)
        check_names(change.connection, body)
        wanted = (body, limits, _words("comment", content.comment, LONGEST_COMMENT))
        is_same = wanted == (draft.body, draft.limits, draft.comment)
        if is_same and (draft.revision == revision or (draft.revision, draft.changed_by) == (revision + 1, actor)):
            return int(draft.revision)
        check_revision(draft, revision)
        change.set_version(
            version_id, body=body, limits=limits, comment=wanted[2], revision=revision + 1, changed_by=actor,
            changed_at=change.now,
        )  # fmt: skip
        change.leave("rule_draft_edited", version=draft.number)
        return revision + 1


def discard_draft(hub: Hub, version_id: int, revision: int | None, actor: str) -> None:
    """Throw a draft away; what was once in force is kept for ever."""
    with changing(hub, set_of(hub, version_id), actor) as change:
        draft = _draft(change, version_id, "discard")
        check_revision(draft, revision)
        change.connection.execute(delete(RuleSetVersion).where(RuleSetVersion.id == version_id))
        change.leave("rule_draft_discarded", version=draft.number)


def rename_set(hub: Hub, rule_set_id: int, name: str, actor: str) -> None:
    """Give a rule set another name."""
    wanted = _words("name", name, LONGEST_NAME, least=1)
    with changing(hub, rule_set_id, actor) as change:
        if wanted != change.rule_set.name:
            change.connection.execute(update(RuleSet).where(RuleSet.id == rule_set_id).values(name=wanted))
            change.leave("rule_set_renamed")


def _place(
    hub: Hub, stage: str, scope: str, scope_id: int, name: str, actor: str, *, copied_from_id: int | None = None
) -> tuple[int, bool]:
    """(id, whether it is new) of the rule set of a stage and place."""
    with hub.begin() as connection:
        place = check_place(connection, scope, scope_id)
        called = _words("name", name.strip() or f"{place} · {stage}", LONGEST_NAME)
        values = {"stage": stage, "scope": scope, "scope_id": scope_id, "name": called, "copied_from_id": copied_from_id}
        statement = upsert(RuleSet).values(**values).on_conflict_do_nothing().returning(RuleSet.id)
        made = connection.execute(statement).scalar()
        if made is not None:
            row = connection.execute(select(*RuleSet.__table__.c).where(RuleSet.id == made)).one()
            Change(hub, connection, actor, hub.clock(), row).leave("rule_set_made")
            return int(made), True
        known = select(RuleSet.id).where(RuleSet.stage == stage, RuleSet.scope == scope, RuleSet.scope_id == scope_id)
        return int(connection.execute(known).scalar_one()), False


def _add(change: Change, body: Any, limits: Any, comment: str, copied_from_id: int | None) -> int:
    again = _untouched(change, body, limits, comment, copied_from_id)
    return _insert(change, body, limits, comment, copied_from_id) if again is None else again


def _untouched(change: Change, body: Any, limits: Any, comment: str, copied_from_id: int | None) -> int | None:
    """The newest draft, if it is this person's, nobody has edited it and it says just this: the request came twice."""
    columns = RuleSetVersion.__table__.c
    question = select(*columns).where(columns.rule_set_id == change.rule_set.id).order_by(columns.number.desc()).limit(1)
    newest = change.connection.execute(question).one_or_none()
    if newest is None or newest.state != "draft" or newest.revision != 1 or newest.author != change.actor:
        return None
    wanted = (body, limits, comment.strip(), copied_from_id)
    is_same = wanted == (newest.body, newest.limits, newest.comment, newest.copied_from_id)
    return int(newest.id) if is_same else None


def _insert(change: Change, body: Any, limits: Any, comment: str, copied_from_id: int | None) -> int:
    columns = RuleSetVersion.__table__.c
    mine = columns.rule_set_id == change.rule_set.id
    drafts = select(func.count()).where(mine, columns.state == "draft")
    if change.connection.execute(drafts).scalar_one() >= MOST_DRAFTS:
        raise NotPossible(f"this rule set has {MOST_DRAFTS} drafts", "throw those away that nobody needs")
    number = change.connection.execute(select(func.coalesce(func.max(columns.number), 0)).where(mine)).scalar_one() + 1
    statement = insert(RuleSetVersion).values(
        rule_set_id=change.rule_set.id, number=number, body=body, limits=limits, author=change.actor,
        comment=_words("comment", comment, LONGEST_COMMENT), created_at=change.now, copied_from_id=copied_from_id,
    )  # fmt: skip
    version_id = int(change.connection.execute(statement.returning(RuleSetVersion.id)).scalar_one())
    change.leave("rule_draft_made", version=number)
    return version_id


def _count(rule_set_id: int) -> Any:
    return select(func.count()).where(RuleSetVersion.rule_set_id == rule_set_id)


def _draft(change: Change, version_id: int, action: str) -> AnyRow:
    version = change.version(version_id)
    if version.state != "draft":
        raise WrongState("this version", version.state, action)
    return version


def _words(field_name: str, words: str, most: int, *, least: int = 0) -> str:
    cleaned = words.strip()
    if not least <= len(cleaned) <= most or "\x00" in cleaned:
        raise Invalid(field_name, f"expected a text of {least} to {most} characters", "make it shorter or fill it in")
    return cleaned
