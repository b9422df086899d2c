"""What comes out of the API about trials of rules; what goes in is in trying_asked."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from oms.api.why_schemas import WhyRuleOut
from oms.app.rulebook.trying.comparing import Stored
from oms.app.rulebook.trying.outcomes import Kind

STATES = ("waiting", "running", "done", "failed", "stopped")
KINDS = [kind.value for kind in Kind]


class BacktestAskedOut(Schema):
    """Something that rules ask for; `people` stands for an order that they cannot decide."""

    action = fields.Function(lambda asked: asked[0], required=True, metadata={"type": "string"})
    params = fields.Function(lambda asked: asked[1], required=True, metadata={"type": "object"})


class BacktestOut(Schema):
    """A backtest: how far it is, and in `counts` what it found by kind, money, people, rules, facts and later stage."""

    id = fields.Integer(required=True)
    rule_set_id = fields.Integer(required=True)
    name = fields.String(required=True)
    version_id = fields.Integer(required=True)
    number = fields.Integer(required=True, allow_none=True)
    against_id = fields.Integer(required=True, allow_none=True)
    stage = fields.String(required=True)
    since = fields.AwareDateTime(required=True, attribute="from_at")
    until = fields.AwareDateTime(required=True, attribute="until_at")
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    counts = fields.Dict(required=True)
    error = fields.String(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class BacktestPage(Schema):
    """Fifty backtests; `next` is 0 on the last page."""

    backtests = fields.List(fields.Nested(BacktestOut), required=True)
    next = fields.Integer(required=True)


class BacktestChangeOut(Schema):
    """An order that is not the same; `lacks` are the facts for want of which it cannot be compared."""

    order_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    shop_id = fields.Integer(required=True)
    ordered_at = fields.AwareDateTime(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    before = fields.List(fields.Nested(BacktestAskedOut), required=True)
    after = fields.List(fields.Nested(BacktestAskedOut), required=True)
    rules_before = fields.List(fields.String(), required=True)
    rules_after = fields.List(fields.String(), required=True)
    lacks = fields.List(fields.String(), required=True)
    person = fields.String(required=True)
    person_s = fields.Integer(required=True, allow_none=True)
    amount = fields.Integer(required=True)
    currency = fields.String(required=True)


class BacktestChangePage(Schema):
    """Fifty orders; `next` is 0 on the last page."""

    changes = fields.List(fields.Nested(BacktestChangeOut), required=True)
    next = fields.Integer(required=True)


class BacktestExplainedOut(Schema):
    """A past order as both versions see it, rule by rule; version 0 is no rules at all."""

    order_id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    stored = fields.String(required=True, validate=validate.OneOf([each.value for each in Stored]))
    stored_verdict = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    before = fields.List(fields.Nested(BacktestAskedOut), required=True)
    after = fields.List(fields.Nested(BacktestAskedOut), required=True)
    lacks = fields.List(fields.String(), required=True)
    facts = fields.Dict(required=True)
    rules_before = fields.List(fields.Nested(WhyRuleOut), required=True)
    rules_after = fields.List(fields.Nested(WhyRuleOut), required=True)
    version_before = fields.Integer(required=True)
    version_after = fields.Integer(required=True)
    later = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class TriedOut(Schema):
    """How one set of rules decides; version 0 is stored nowhere, or no rules at all."""

    version_id = fields.Integer(required=True)
    asked = fields.List(fields.Nested(BacktestAskedOut), required=True)
    stops = fields.Boolean(required=True)
    matched = fields.List(fields.String(), required=True)
    rules = fields.List(fields.Nested(WhyRuleOut), required=True)


class DryRunOut(Schema):
    """What is tried beside what is in force, from the same facts."""

    order_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    stage = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    facts = fields.Dict(required=True)
    tried = fields.Nested(TriedOut, required=True)
    in_force = fields.Nested(TriedOut, required=True)


class SentOut(Schema):
    """What a rule sent to people; `share` of what is decided was let go within a minute."""

    rule_set_id = fields.Integer(required=True)
    rule_set = fields.String(required=True)
    rule_id = fields.String(required=True)
    sent = fields.Integer(required=True)
    at_once = fields.Integer(required=True)
    released = fields.Integer(required=True)
    sent_back = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    median_s = fields.Integer(required=True, allow_none=True)
    share = fields.Float(required=True)
    may_be_loosened = fields.Boolean(required=True)
    orders = fields.List(fields.Integer(), required=True)


class LetGoOut(Schema):
    """What a rule let go, an empty `rule_id` is what no rule matched; `share` of it was stopped or paid back later."""

    rule_set_id = fields.Integer(required=True)
    rule_set = fields.String(required=True)
    rule_id = fields.String(required=True)
    passed = fields.Integer(required=True)
    intercepted = fields.Integer(required=True)
    refunded = fields.Integer(required=True)
    share = fields.Float(required=True)
    may_be_tightened = fields.Boolean(required=True)
    orders = fields.List(fields.Integer(), required=True)


class RuleAgreementOut(Schema):
    """Rules of review by how people, and the world, agreed with them."""

    sent = fields.List(fields.Nested(SentOut), required=True)
    let_go = fields.List(fields.Nested(LetGoOut), required=True)


class CoveredOut(Schema):
    """A rule in force and how often it matched."""

    rule_id = fields.String(required=True)
    name = fields.String(required=True)
    times = fields.Integer(required=True)
    last_at = fields.AwareDateTime(required=True, allow_none=True)


class SetCoverageOut(Schema):
    """A set in force; `by_default` orders were decided without any rule matching."""

    rule_set_id = fields.Integer(required=True)
    name = fields.String(required=True)
    stage = fields.String(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    version_id = fields.Integer(required=True)
    number = fields.Integer(required=True)
    is_young = fields.Boolean(required=True)
    decided = fields.Integer(required=True)
    by_default = fields.Integer(required=True)
    rules = fields.List(fields.Nested(CoveredOut), required=True)


class CoverageOut(Schema):
    """Every set in force."""

    sets = fields.List(fields.Nested(SetCoverageOut), required=True)
