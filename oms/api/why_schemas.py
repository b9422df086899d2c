"""What comes out of the API about why an order went its way; nothing personal is in it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from oms.app.rulebook.carriers_out import WHY
from oms.app.rulebook.retelling import Compared
from oms.app.rulebook.rules_told import STATES
from oms.app.rulebook.scopes import REASONS
from oms.app.rulebook.telling import MARKS
from rules.trace import Outcome

OUTCOMES = [outcome.value for outcome in Outcome]


class WhyLineOut(Schema):
    """A condition, or the head of a group whose children follow one deeper.

    `seen` is null when the fact was missing or is not shown; `mark` says why it is not.
    """

    depth = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["condition", "all", "any", "none"]))
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    zh = fields.String(required=True)
    en = fields.String(required=True)
    fact = fields.String(required=True)
    op = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    seen = fields.Raw(required=True, allow_none=True)
    seen_zh = fields.String(required=True)
    seen_en = fields.String(required=True)
    mark = fields.String(required=True, validate=validate.OneOf(["", *MARKS]))
    error = fields.String(required=True)


class WhyRuleOut(Schema):
    """A rule with what became of it; `misses` conditions at least would have to come out otherwise.

    `is_as_stored` could not be judged again, since what it asks for was erased, has changed or was not kept.
    """

    id = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([*STATES]))
    state_zh = fields.String(required=True)
    state_en = fields.String(required=True)
    place = fields.Integer(required=True)
    misses = fields.Integer(required=True)
    actions_zh = fields.List(fields.String(), required=True)
    actions_en = fields.List(fields.String(), required=True)
    stops = fields.Boolean(required=True)
    kept_back = fields.String(required=True)
    kept_back_zh = fields.String(required=True)
    kept_back_en = fields.String(required=True)
    is_as_stored = fields.Boolean(required=True)
    error = fields.String(required=True)
    lines = fields.List(fields.Nested(WhyLineOut), required=True)


class WhyDifferenceOut(Schema):
    """What is stored otherwise than it is worked out now."""

    what = fields.String(required=True, validate=validate.OneOf(["matched", "verdict", "facts"]))
    stored = fields.String(required=True)
    now = fields.String(required=True)


class WhyComparisonOut(Schema):
    """The stored verdict beside the one worked out now; rules in `not_judged` count as they are stored."""

    outcome = fields.String(required=True, validate=validate.OneOf([outcome.value for outcome in Compared]))
    differences = fields.List(fields.Nested(WhyDifferenceOut), required=True)
    not_judged = fields.List(fields.String(), required=True)
    engine_then = fields.String(required=True)
    engine_now = fields.String(required=True)


class WhySetOut(Schema):
    """The version that decided and its rule set; `state` and `canary` are as they stand today, `share` was so then."""

    rule_set_id = fields.Integer(required=True)
    name = fields.String(required=True)
    stage = fields.String(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    place_zh = fields.String(required=True)
    place_en = fields.String(required=True)
    version_id = fields.Integer(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True)
    canary = fields.Integer(required=True)
    share = fields.Integer(required=True)
    author = fields.String(required=True)
    comment = fields.String(required=True)
    activated_at = fields.AwareDateTime(required=True, allow_none=True)
    archived_at = fields.AwareDateTime(required=True, allow_none=True)


class WhyOthersOut(Schema):
    """Another place with a rule set of the stage, as things stand today."""

    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    rule_set_id = fields.Integer(required=True)
    name = fields.String(required=True)
    number = fields.Integer(required=True, allow_none=True)
    why = fields.String(required=True, validate=validate.OneOf([*REASONS]))
    why_zh = fields.String(required=True)
    why_en = fields.String(required=True)


class WhyPointOut(Schema):
    """A stock point."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class WhyCostPartOut(Schema):
    """A part of a cost in fen, as tariffs are written, whatever the order's currency."""

    code = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    amount = fields.Integer(required=True)


class WhyCandidateOut(Schema):
    """A way of sending the order that sourcing looked at; one without a cost fell out for `reason`."""

    points = fields.List(fields.Nested(WhyPointOut), required=True)
    cost = fields.Integer(required=True, allow_none=True)
    parts = fields.List(fields.Nested(WhyCostPartOut), required=True)
    reason = fields.String(required=True)
    reason_zh = fields.String(required=True)
    reason_en = fields.String(required=True)
    is_chosen = fields.Boolean(required=True)


class WhyLostFactOut(Schema):
    """A fact that was seen and that the vocabulary knows no more."""

    name = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)


class WhyNoteOut(Schema):
    """What a stage keeps beside its verdict."""

    code = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    value_zh = fields.String(required=True)
    value_en = fields.String(required=True)


class WhyDecisionOut(Schema):
    """A stage's decision: the rule set, every rule, the comparison with what is stored; by default without a rule set.

    Alike decisions in a row are one, `times` of them since `first_at`. `rules` are those that matched first.
    """

    kind = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    id = fields.Integer(required=True)
    stage = fields.String(required=True)
    stage_zh = fields.String(required=True)
    stage_en = fields.String(required=True)
    verdict = fields.String(required=True)
    verdict_zh = fields.String(required=True)
    verdict_en = fields.String(required=True)
    is_default = fields.Boolean(required=True)
    times = fields.Integer(required=True)
    first_at = fields.AwareDateTime(required=True)
    rule_set = fields.Nested(WhySetOut, required=True, allow_none=True)
    rules = fields.List(fields.Nested(WhyRuleOut), required=True)
    comparison = fields.Nested(WhyComparisonOut, required=True, allow_none=True)
    unknown_facts = fields.List(fields.Nested(WhyLostFactOut), required=True)
    others = fields.List(fields.Nested(WhyOthersOut), required=True)
    candidates = fields.List(fields.Nested(WhyCandidateOut), required=True)
    notes = fields.List(fields.Nested(WhyNoteOut), required=True)


class WhyHoldOut(Schema):
    """A hold from when it was placed: what it blocks, which permission lifts it, when and by whom it was lifted."""

    kind = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    id = fields.Integer(required=True)
    hold = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    blocks = fields.List(fields.String(), required=True)
    clears = fields.String(required=True)
    lifted_with = fields.String(required=True)
    remedy_zh = fields.String(required=True)
    remedy_en = fields.String(required=True)
    seen = fields.Dict(required=True)
    placed_by = fields.String(required=True)
    is_open = fields.Boolean(required=True)
    lifted_at = fields.AwareDateTime(required=True, allow_none=True)
    lifted_by = fields.String(required=True)
    lift_reason = fields.String(required=True)


class WhyReviewOut(Schema):
    """A person's word on tiers of review; void since `invalidated_at`."""

    kind = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    id = fields.Integer(required=True)
    tiers = fields.List(fields.String(), required=True)
    tiers_zh = fields.String(required=True)
    tiers_en = fields.String(required=True)
    verdict = fields.String(required=True)
    actor = fields.String(required=True)
    amount = fields.Integer(required=True)
    reason = fields.String(required=True)
    invalidated_at = fields.AwareDateTime(required=True, allow_none=True)
    invalidated_by = fields.String(required=True)


class WhyCarrierOut(Schema):
    """A carrier that the order could not leave with: its own words and when it said so; null by today's master rows."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    why = fields.String(required=True, validate=validate.OneOf(list(WHY)))
    why_zh = fields.String(required=True)
    why_en = fields.String(required=True)
    words = fields.String(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class WhyOut(Schema):
    """The whole path of an order; each list is in the order in which things happened.

    `is_cut` when older decisions are left out.
    """

    order_id = fields.Integer(required=True)
    order_no = fields.String(required=True)
    shop_id = fields.Integer(required=True)
    is_cut = fields.Boolean(required=True)
    decisions = fields.List(fields.Nested(WhyDecisionOut), required=True)
    holds = fields.List(fields.Nested(WhyHoldOut), required=True)
    reviews = fields.List(fields.Nested(WhyReviewOut), required=True)
    carriers_out = fields.List(fields.Nested(WhyCarrierOut), required=True)
