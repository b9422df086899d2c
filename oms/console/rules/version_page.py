"""规则 · one version as a page: its rules in words, what is wrong with them, how it differs from another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook import diff, drafts, sets
from oms.app.rulebook.currencies import currencies_of
from oms.app.rulebook.diff import Diff
from oms.app.rulebook.documents import find_faults
from oms.console.context import close_connection, connection, hub, person
from oms.console.forms import chosen_id
from oms.console.messages import _
from oms.console.notes import Note
from oms.console.rendering import label
from oms.console.rules.access import ACTIVATE, EDIT, has_page, visible_version, why_not
from oms.console.rules.notes import note_of
from oms.console.rules.places import Places
from oms.console.rules.reach import reach_of, some_of
from oms.console.rules.set_page import drift_of
from oms.console.rules.words import FINDINGS, STATES, field_words, spoken_rules, stage_word, who
from oms.domain.errors import HubError


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with a rule beside the others, in words."""

    rule: str
    kind: str
    reason: str
    remedy: str
    is_proved: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A version beside the one it is compared with; without a difference `note` says why there is none."""

    against: AnyRow | None = None
    name: str = ""
    diff: Diff | None = None
    choices: list[AnyRow] = field(default_factory=list)
    note: Note | None = None


def render(rule_set_id: int, version_id: int, note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    """The page, with a refusal and what was typed where there is one."""
    version, row = visible_version(version_id, rule_set_id)
    versions = list(sets.versions_of(connection(), rule_set_id))
    places = Places()
    values: dict[str, Any] = {
        "row": row,
        "version": version,
        "stage": stage_word(row.stage),
        "place": places.words(row.scope, row.scope_id),
        "place_key": f"{row.scope}:{row.scope_id}",
        "places": places.within(EDIT),
        "states": STATES,
        "rules": spoken_rules(row.stage, version),
        "older": next((each for each in versions if each.number < version.number), None),
        "newer": next((each for each in reversed(versions) if each.number > version.number), None),
        "compared": _compared(row, version, versions),
        "drift": drift_of(version.id if version.copied_from_id else None),
        "people": who([version.author, version.changed_by, version.activated_by]),
        "edit_off": why_not(EDIT, row.scope, row.scope_id),
        "activate_off": why_not(ACTIVATE, row.scope, row.scope_id),
        "reach": reach_of(row),
        "some_of": some_of,
        "may_copy": person().allows(EDIT),
    }
    findings = _findings(row, version)
    return render_template(
        "rules/version.html", note=note, typed=typed or {}, findings=findings, kinds=FINDINGS, drifts=diff.DRIFTS,
        longest=drafts.LONGEST_COMMENT, field_words=field_words, off=_why_off(row, version, findings),
        has_page=has_page, held_back=any(each.is_proved for each in findings), **values,
    )  # fmt: skip


def _why_off(row: AnyRow, version: AnyRow, findings: Sequence[Found]) -> str:
    """Why a draft cannot be put in force now, whatever was seen of it; empty when it can."""
    refused = why_not(ACTIVATE, row.scope, row.scope_id)
    if refused:
        return refused
    if row.canary_id is not None:
        return _("v%(n)s 正在灰度，先推全或结束它", n=row.canary_number)
    if not version.comment and why_not(EDIT, row.scope, row.scope_id):
        return _("草稿还没写说明，写草稿的人补上才能启用")
    return ""


def _findings(row: AnyRow, version: AnyRow) -> list[Found]:
    """What is wrong with the rules of a draft; may take seconds, so the connection is given back before."""
    if version.state != "draft":
        return []
    currencies = currencies_of(connection(), row.scope, row.scope_id)
    close_connection()
    return [
        Found(
            str(each["rule"]),
            str(each["kind"]),
            label(str(each["reason_zh"]), str(each["reason_en"])),
            label(str(each["remedy_zh"]), str(each["remedy_en"])),
            bool(each["is_proved"]),
        )
        for each in find_faults(row.stage, version.body, version.limits, hub().clock(), currencies)
    ]


def _compared(row: AnyRow, version: AnyRow, versions: list[AnyRow]) -> Compared:
    """The difference to the version that is asked for, else to the one in force, else to the one before."""
    choices = [each for each in versions if each.id != version.id]
    wanted = chosen_id("against") or _usual(row, version, choices)
    if wanted is None or wanted == version.id:
        return Compared(choices=choices)
    try:
        against, other = visible_version(wanted)
        found = diff.diff_versions(connection(), against.id, version.id)
    except HubError as error:
        return Compared(choices=choices, note=note_of(error) if request.args.get("against") else None)
    return Compared(against, other.name if other.id != row.id else "", found, choices)


def _usual(row: AnyRow, version: AnyRow, choices: list[AnyRow]) -> int | None:
    if row.version_id not in (None, version.id):
        return int(row.version_id)
    earlier = [each for each in choices if each.number < version.number and each.state != "draft"]
    return int(earlier[0].id) if earlier else None
