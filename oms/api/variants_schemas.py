"""What goes into the API about variants of sourcing and their trials, and what comes out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from oms.api.rule_sets_asked import BEHIND, PLACE
from oms.api.schemas import ID, Body, Question, plain_text
from oms.api.trying_schemas import STATES
from oms.app.pipeline.variants.asking import MOST_SIDES, NAME
from oms.app.pipeline.variants.changes import LEAST_PERCENT, MOST_PARCELS, MOST_PERCENT
from oms.db.planning import SOURCING_POLICIES

KEY = fields.String(validate=validate.Regexp(r"^[0-9]{1,18}\Z"))
PERCENT = validate.Range(min=LEAST_PERCENT, max=MOST_PERCENT)


def _ids(words: str) -> fields.List[Any]:
    return fields.List(
        fields.Integer(validate=ID, strict=True), validate=validate.Length(max=200), metadata={"description": words}
    )


class VariantChangesIn(Body):
    """What is changed; what is left out stays as it is."""

    route_version = fields.Integer(
        validate=ID, strict=True, metadata={"description": "Version of rules of routing that decides, a draft too"}
    )
    carrier_version = fields.Integer(
        validate=ID, strict=True, metadata={"description": "Version of rules of carriers that decides, a draft too"}
    )
    main_points = fields.Dict(
        KEY, fields.Integer(validate=ID, strict=True), metadata={"description": "Main stock point by pool"}
    )
    policies = fields.Dict(
        KEY, fields.String(validate=validate.OneOf(SOURCING_POLICIES)), metadata={"description": "Policy by pool"}
    )
    points_out = _ids("Stock points that are out")
    carriers_out = _ids("Carriers that are suspended")
    tariffs = fields.Dict(
        KEY, fields.Integer(validate=PERCENT, strict=True), metadata={"description": "Percent of its tariffs by carrier"}
    )
    most_parcels = fields.Integer(validate=validate.Range(min=1, max=MOST_PARCELS), strict=True)


class VariantIn(Body):
    """A variant."""

    name = fields.String(required=True, validate=[validate.Length(min=1, max=NAME), plain_text])
    changes = fields.Nested(VariantChangesIn, required=True)


class VariantOut(Schema):
    """A variant as it is kept."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    changes = fields.Dict(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True)


class VariantList(Schema):
    """All variants, by name."""

    variants = fields.List(fields.Nested(VariantOut), required=True)


class TrialIn(Body):
    """Which variants over whose orders: open ones not yet sent, or those placed from `since` up to `until`."""

    variant_ids = fields.List(
        fields.Integer(validate=ID, strict=True), required=True, validate=validate.Length(min=1, max=MOST_SIDES)
    )
    shop_ids = fields.List(
        fields.Integer(validate=ID, strict=True), load_default=None, allow_none=True, validate=validate.Length(max=1000)
    )
    since = fields.AwareDateTime(load_default=None, allow_none=True)
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class TrialOut(Schema):
    """A trial; `figures` one object a side, the first of what is in force, then the variants in their order.

    Amounts are fen, as tariffs are written, whatever the orders' currencies; `points` and `carriers` count parcels by id,
    `unserved` orders by reason, `late` orders that would leave after they must be out,
    `unpriced` parcels whose carrier has no tariff: their freight counts as 0.
    """

    id = fields.Integer(required=True)
    variants = fields.List(fields.Dict(), required=True)
    question = fields.Dict(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    figures = fields.List(fields.Dict(), required=True, allow_none=True)
    error = fields.String(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class TrialPage(Schema):
    """Fifty trials, newest first; `next` is 0 on the last page."""

    trials = fields.List(fields.Nested(TrialOut), required=True)
    next = fields.Integer(required=True)


class TrialsQuestion(Question):
    """Which trials, newest first."""

    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": BEHIND})


class TrialChangesQuestion(Question):
    """Which orders, by id, of one variant (counted from 1)."""

    side = fields.Integer(validate=validate.Range(min=1, max=MOST_SIDES), load_default=1)
    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": BEHIND})


class TrialChangeOut(Schema):
    """An order that would leave otherwise, with both ways; `amount` and `parcels` are what the variant adds."""

    order_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    shop_id = fields.Integer(required=True)
    side = fields.Integer(required=True)
    before = fields.Dict(required=True)
    after = fields.Dict(required=True)
    amount = fields.Integer(required=True)
    parcels = fields.Integer(required=True)
    currency = fields.String(required=True)


class TrialChangePage(Schema):
    """Fifty orders; `next` is 0 on the last page."""

    changes = fields.List(fields.Nested(TrialChangeOut), required=True)
    next = fields.Integer(required=True)


def changes_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The changes as they are kept: lists and numbers as they came."""
    return {name: value for name, value in asked.items() if value not in (None, [], {})}
