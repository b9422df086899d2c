"""What goes in and out of the API about cases; amounts are minor units, times UTC in ISO 8601."""

from __future__ import annotations

from collections.abc import Callable

from marshmallow import Schema, fields, validate

from oms.api.schemas import ID, LARGEST, Body, Question, plain_text

WORD: list[Callable[[str], object]] = [validate.Length(max=500), plain_text]


class CaseQuestion(Question):
    """Which cases; without `external_no` those that are open."""

    shop_id = fields.Integer(validate=ID)
    external_no = fields.String(
        validate=[validate.Length(max=100), plain_text],
        metadata={"description": "The platform's case number; finds cases that are over, too"},
    )
    waiting = fields.Boolean(load_default=False, metadata={"description": "Only those in which the next word is ours"})
    cursor = fields.String(
        validate=[validate.Length(max=60), plain_text], metadata={"description": "`next` of the page before"}
    )


class CaseBrief(Schema):
    """A case in a list; review, goods, money and remedy move independently."""

    id = fields.Integer(required=True)
    shop_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    order_id = fields.Integer(required=True, allow_none=True)
    order_no = fields.String(required=True)
    kind = fields.String(required=True)
    review = fields.String(required=True)
    goods = fields.String(required=True)
    money = fields.String(required=True)
    remedy = fields.String(required=True)
    outcome = fields.String(required=True)
    platform_state = fields.String(required=True)
    platform_status = fields.String(required=True)
    currency = fields.String(required=True)
    asked_amount = fields.Integer(required=True)
    agreed_amount = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)
    respond_by = fields.AwareDateTime(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "Send it with a decision to be sure of what you saw"}
    )


class CasePage(Schema):
    """One page of cases, the nearest deadline first; `next` is empty on the last."""

    cases = fields.List(fields.Nested(CaseBrief), required=True)
    next = fields.String(required=True)


class CaseLineOut(Schema):
    """A line of the order that the case is about."""

    line_no = fields.String(required=True)
    title = fields.String(required=True)
    units = fields.Integer(required=True)
    amount = fields.Integer(required=True)


class CaseStepOut(Schema):
    """A step of the case's history."""

    actor_kind = fields.String(required=True)
    actor = fields.String(required=True)
    action = fields.String(required=True)
    words = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class CaseAnswer(Schema):
    """Our latest word about the case on its way to the platform; `words` are the platform's when it refused."""

    verb = fields.String(required=True)
    state = fields.String(required=True)
    words = fields.String(required=True)


class CaseFull(CaseBrief):
    """A case with its lines, history and what may be decided now."""

    return_carrier = fields.String(required=True)
    return_waybill = fields.String(required=True)
    lines = fields.List(fields.Nested(CaseLineOut), required=True)
    steps = fields.List(fields.Nested(CaseStepOut), required=True)
    evidence = fields.List(fields.String(), required=True, metadata={"description": "Addresses of the buyer's pictures"})
    can = fields.List(
        fields.String(), required=True, metadata={"description": "Decisions that the platform takes from us now"}
    )
    answer = fields.Nested(CaseAnswer, required=True, allow_none=True)


class DecisionIn(Body):
    """A decision: `reason` to refuse, `amount` to refund, `carrier` and `waybill_no` of an exchange's parcel.

    `facts` are what a platform asks for besides, by the names of its connector.
    """

    version = fields.Integer(validate=ID, strict=True)
    reason = fields.String(validate=WORD)
    facts = fields.Dict(
        keys=fields.String(validate=[validate.Length(min=1, max=50), plain_text]), values=fields.String(validate=WORD)
    )
    amount = fields.Integer(validate=validate.Range(min=1, max=LARGEST), strict=True)
    carrier = fields.String(validate=[validate.Length(max=50), plain_text])
    waybill_no = fields.String(validate=[validate.Length(max=40), plain_text])
