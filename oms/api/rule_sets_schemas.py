"""What comes out of the API about rule sets; what goes in is in rule_sets_asked."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from oms.app.rulebook.currencies import CURRENCY
from oms.app.rulebook.diff import DRIFTS
from oms.app.rulebook.scopes import REASONS
from oms.app.rulebook.unlimited import UNLIMITED
from rules.conflicts import FindingKind


class SetBrief(Schema):
    """A rule set in a list; `version_id` decides, `canary_id` for `canary` percent of the orders."""

    id = fields.Integer(required=True)
    stage = fields.String(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    name = fields.String(required=True)
    copied_from_id = fields.Integer(required=True, allow_none=True)
    version_id = fields.Integer(required=True, allow_none=True)
    number = fields.Integer(required=True, allow_none=True)
    activated_at = fields.AwareDateTime(required=True, allow_none=True)
    activated_by = fields.String(required=True, allow_none=True)
    canary_id = fields.Integer(required=True, allow_none=True)
    canary_number = fields.Integer(required=True, allow_none=True)
    canary = fields.Integer(required=True, allow_none=True)
    drafts = fields.Integer(required=True)
    troubles = fields.Integer(required=True)


class SetPage(Schema):
    """One page of rule sets; `next` is 0 on the last."""

    rule_sets = fields.List(fields.Nested(SetBrief), required=True)
    next = fields.Integer(required=True)


class VersionBrief(Schema):
    """A version: a draft, in force for `canary` percent of the orders, or archived."""

    id = fields.Integer(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["draft", "active", "archived"]))
    canary = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    author = fields.String(required=True)
    comment = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)
    changed_by = fields.String(required=True)
    activated_at = fields.AwareDateTime(required=True, allow_none=True)
    activated_by = fields.String(required=True)
    archived_at = fields.AwareDateTime(required=True, allow_none=True)
    copied_from_id = fields.Integer(required=True, allow_none=True)


class SetFull(SetBrief):
    """A rule set with its newest two hundred versions."""

    versions = fields.List(fields.Nested(VersionBrief), required=True)


class WordedRule(Schema):
    """A rule in words."""

    rule_id = fields.String(required=True)
    name = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class VersionFull(VersionBrief):
    """A version with its rules, and their words in the order of evaluation."""

    rule_set_id = fields.Integer(required=True)
    stage = fields.String(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    rules = fields.List(fields.Dict(), required=True)
    limits = fields.List(fields.Dict(), required=True)
    words = fields.List(fields.Nested(WordedRule), required=True)


class VersionList(Schema):
    """Drafts that were made, one for each stage."""

    versions = fields.List(fields.Nested(VersionFull), required=True)


class SideOut(Schema):
    """A rule in words on one side of a difference."""

    name = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class RuleChangeOut(Schema):
    """A rule that is on one side only, or differs in `fields`."""

    rule_id = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, attribute="fields", data_key="fields")
    before = fields.Nested(SideOut, required=True, allow_none=True)
    after = fields.Nested(SideOut, required=True, allow_none=True)


class DiffOut(Schema):
    """What changes from the other version to this one."""

    added = fields.List(fields.Nested(RuleChangeOut), required=True)
    removed = fields.List(fields.Nested(RuleChangeOut), required=True)
    changed = fields.List(fields.Nested(RuleChangeOut), required=True)
    reordered = fields.Boolean(required=True)


class FindingOut(Schema):
    """What is wrong with a rule beside the others; `path` points into the rules, `example` is a case of an overlap."""

    kind = fields.String(
        required=True, validate=validate.OneOf([*[kind.value for kind in FindingKind], UNLIMITED, CURRENCY])
    )
    is_proved = fields.Boolean(required=True)
    path = fields.String(required=True)
    rule = fields.String(required=True)
    others = fields.List(fields.String(), required=True)
    reason_zh = fields.String(required=True)
    reason_en = fields.String(required=True)
    remedy_zh = fields.String(required=True)
    remedy_en = fields.String(required=True)
    example = fields.Dict(required=True, allow_none=True)


class FindingList(Schema):
    """Findings in the order of evaluation."""

    findings = fields.List(fields.Nested(FindingOut), required=True)


class ContenderOut(Schema):
    """A scope that might decide; `why` says whether it does."""

    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True, allow_none=True)
    why = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    rule_set_id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    version_id = fields.Integer(required=True, allow_none=True)
    number = fields.Integer(required=True, allow_none=True)
    canary_id = fields.Integer(required=True, allow_none=True)
    canary_number = fields.Integer(required=True, allow_none=True)
    canary = fields.Integer(required=True, allow_none=True)


class StandingOut(Schema):
    """Who decides for a shop at a stage, the most exact scope first."""

    stage = fields.String(required=True)
    winner = fields.Nested(ContenderOut, required=True, allow_none=True)
    contenders = fields.List(fields.Nested(ContenderOut), required=True)


class StandingList(Schema):
    """Every stage of a shop."""

    stages = fields.List(fields.Nested(StandingOut), required=True)


class DriftOut(Schema):
    """How a copy stands to its source: `here` was changed in the copy, `there` in the source since."""

    state = fields.String(required=True, validate=validate.OneOf(list(DRIFTS)))
    source_set_id = fields.Integer(required=True)
    source_name = fields.String(required=True)
    copied_version_id = fields.Integer(required=True)
    copied_number = fields.Integer(required=True)
    source_version_id = fields.Integer(required=True, allow_none=True)
    source_number = fields.Integer(required=True, allow_none=True)
    here = fields.Nested(DiffOut, required=True)
    there = fields.Nested(DiffOut, required=True)


class InheritedOut(Schema):
    """What decides for a shop at a stage; `drift` when that is a copy."""

    shop_id = fields.Integer(required=True)
    shop_code = fields.String(required=True)
    stage = fields.String(required=True)
    winner = fields.Nested(ContenderOut, required=True, allow_none=True)
    drift = fields.Nested(DriftOut, required=True, allow_none=True)


class InheritancePage(Schema):
    """One page of shops; `next` is 0 on the last."""

    inherited = fields.List(fields.Nested(InheritedOut), required=True)
    next = fields.Integer(required=True)


class TroubleOut(Schema):
    """A rule that was skipped, or is paused."""

    id = fields.Integer(required=True)
    rule_set_id = fields.Integer(required=True)
    rule_set = fields.String(required=True)
    stage = fields.String(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    version_id = fields.Integer(required=True)
    number = fields.Integer(required=True, allow_none=True)
    rule_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["unhealthy", "paused"]))
    reason = fields.String(required=True)
    times = fields.Integer(required=True)
    first_at = fields.AwareDateTime(required=True)
    last_at = fields.AwareDateTime(required=True)
    cleared_at = fields.AwareDateTime(required=True, allow_none=True)
    cleared_by = fields.String(required=True)


class TroubleList(Schema):
    """The newest two hundred, open ones first."""

    troubles = fields.List(fields.Nested(TroubleOut), required=True)
