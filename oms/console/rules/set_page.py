"""规则 · one rule set as a page: what is in force, its versions, its troubles. What buttons start is in set_acts."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook import diff, drafts, sets, troubles
from oms.app.rulebook.changing import find_version
from oms.app.rulebook.diff import Drift
from oms.console.context import connection, shops
from oms.console.notes import Note
from oms.console.rules.access import ACTIVATE, EDIT, VIEW, has_page, visible_set, why_not
from oms.console.rules.names import rule_names
from oms.console.rules.places import Places
from oms.console.rules.reach import reach_of, some_of
from oms.console.rules.trail import told_changes
from oms.console.rules.words import STATES, field_words, stage_word, trouble_reason, who
from oms.domain.errors import NotFound


def render(rule_set_id: int, note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    """The page, with a refusal and what was typed where there is one."""
    row = visible_set(rule_set_id)
    versions = list(sets.versions_of(connection(), rule_set_id))
    open_troubles = [each for each in _troubles() if each.rule_set_id == rule_set_id] if row.troubles else []
    return render_template(
        "rules/set.html", row=row, versions=versions, note=note, typed=typed or {}, states=STATES,
        stage=stage_word(row.stage), place=Places().words(row.scope, row.scope_id),
        people=who(actor for each in versions for actor in (each.author, each.activated_by, each.changed_by)),
        reach=reach_of(row), some_of=some_of,
        edit_off=why_not(EDIT, row.scope, row.scope_id), activate_off=why_not(ACTIVATE, row.scope, row.scope_id),
        last=_last(versions), troubles=open_troubles, longest=drafts.LONGEST_NAME, drift=drift_of(row.version_id),
        names=rule_names(open_troubles), drifts=diff.DRIFTS, told=told_changes(rule_set_id),
        trouble_reason=trouble_reason, field_words=field_words, has_page=has_page,
    )  # fmt: skip


def drift_of(version_id: int | None) -> Drift | None:
    """How a copy stands to its source, unless the source is of a shop that the person may not see."""
    found = diff.drift_of(connection(), find_version(connection(), version_id)) if version_id else None
    try:
        return found if found and visible_set(found.source_set_id) else None
    except NotFound:
        return None


def _troubles() -> list[AnyRow]:
    return list(troubles.list_troubles(connection(), shops(VIEW).ids))


def _last(versions: list[AnyRow]) -> AnyRow | None:
    """The archived version that was in force last: the first choice of who rolls back."""
    ended = [version for version in versions if version.state == "archived" and version.archived_at is not None]
    return max(ended, key=lambda version: (version.archived_at, version.number), default=None)
