"""What goes into the API about settings and plans of sourcing, and what comes out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from oms.api.rule_sets_asked import BEHIND, PLACE
from oms.api.schemas import ID, Body, Question
from oms.app.pipeline.steering.plan_told import TYPES, ZONES
from oms.app.pipeline.steering.plans import BOUNDS as PLAN_BOUNDS
from oms.app.pipeline.steering.setting import BOUNDS, MOST_LISTS, MOST_POINTS, MOST_SKUS, USUAL
from oms.db.planning import SOURCING_POLICIES, SOURCING_SCOPES, STEERED

REVISION = {"description": "The revision that was read, 0 where nothing is set; another one by now is refused with 409"}


def _number(name: str) -> fields.Integer:
    return fields.Integer(load_default=getattr(USUAL, name), strict=True, validate=validate.Range(*BOUNDS[name]))


def _ids(most: int) -> fields.List[Any]:
    return fields.List(fields.Integer(strict=True, validate=ID), validate=validate.Length(max=most), load_default=list)


class SourcingFields(Body):
    """What a place says of sourcing, all of it: what is left out is as usual, not as it was.

    Amounts are minor units. `points` are stock points by id, the main one first, then backups; `together_skus` lists of
    SKUs that leave together; percents are of handling and of the price of scarce stock.
    """

    policy = fields.String(load_default=USUAL.policy, validate=validate.OneOf(SOURCING_POLICIES))
    points = _ids(MOST_POINTS)
    only_points = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    ships_whole = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    splits_units = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    together_lines = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    together_skus = fields.List(_ids(MOST_SKUS), validate=validate.Length(max=MOST_LISTS), load_default=list)
    max_parcels = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(*BOUNDS["max_parcels"])
    )
    parcel_amount = _number("parcel_amount")
    split_gain = _number("split_gain")
    gain_hours = _number("gain_hours")
    hour_amount = _number("hour_amount")
    pressure_amount = _number("pressure_amount")
    rank_amount = _number("rank_amount")
    handling_percent = _number("handling_percent")
    scarcity_percent = _number("scarcity_percent")
    most_refusals = _number("most_refusals")


class SourcingSettingIn(SourcingFields):
    """A setting with the revision that was read."""

    revision = fields.Integer(required=True, strict=True, validate=PLACE, metadata=REVISION)


class SourcingSettingOut(Schema):
    """What a place says; `revision` 0 where it says nothing of its own, and then what is usual there."""

    scope = fields.String(required=True, validate=validate.OneOf(SOURCING_SCOPES))
    scope_id = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    changed_by = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)
    setting = fields.Dict(required=True)


class SourcingSettingList(Schema):
    """All settings of pools, channels and the caller's shops."""

    settings = fields.List(fields.Nested(SourcingSettingOut), required=True)


class SeenRevisionQuestion(Question):
    """Which revision was read."""

    revision = fields.Integer(required=True, validate=PLACE, metadata=REVISION)


class SourcingPreviewOut(Schema):
    """The variant that holds the change, to be tried by POST /variant-trials."""

    variant_id = fields.Integer(required=True)


class SourcingChangesQuestion(Question):
    """Which changes, newest first; of everything, or of one place."""

    subject = fields.String(load_default="", validate=validate.OneOf(["", *STEERED]))
    scope = fields.String(load_default="", validate=validate.OneOf(["", *SOURCING_SCOPES]))
    scope_id = fields.Integer(load_default=0, validate=PLACE)
    after = fields.Integer(load_default=0, validate=PLACE, metadata={"description": BEHIND})


class SourcingChangeOut(Schema):
    """Who changed what and when; null where nothing was or is said. Only the newest of a place can be undone."""

    id = fields.Integer(required=True)
    subject = fields.String(required=True, validate=validate.OneOf(STEERED))
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    undoes = fields.Integer(required=True, allow_none=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    is_newest = fields.Boolean(required=True)


class SourcingChangePage(Schema):
    """Fifty changes; `next` is 0 on the last page."""

    changes = fields.List(fields.Nested(SourcingChangeOut), required=True)
    next = fields.Integer(required=True)


class PlanSettingIn(Body):
    """Whether a pool is planned for, every how many minutes, from orders of how many hours, for how many to come."""

    is_on = fields.Boolean(required=True, truthy={True}, falsy={False})
    every_min = fields.Integer(load_default=10, strict=True, validate=validate.Range(*PLAN_BOUNDS["every_min"]))
    looks_back_h = fields.Integer(load_default=168, strict=True, validate=validate.Range(*PLAN_BOUNDS["looks_back_h"]))
    horizon_h = fields.Integer(load_default=168, strict=True, validate=validate.Range(*PLAN_BOUNDS["horizon_h"]))
    revision = fields.Integer(required=True, strict=True, validate=PLACE, metadata=REVISION)


class SourcingPlanOut(Schema):
    """A pool's plan: its setting, when it was last made and from how many orders, until when it counts, what failed."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    is_on = fields.Boolean(required=True)
    every_min = fields.Integer(required=True)
    looks_back_h = fields.Integer(required=True)
    horizon_h = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    changed_by = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    made_at = fields.AwareDateTime(required=True, allow_none=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True)
    counted_from = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    orders = fields.Integer(required=True)
    kinds = fields.Integer(required=True)
    cost = fields.Integer(required=True)
    milliseconds = fields.Integer(required=True)
    error = fields.String(required=True)


class SourcingPlanList(Schema):
    """Every stock pool."""

    plans = fields.List(fields.Nested(SourcingPlanOut), required=True)


class ZoneQuestion(Question):
    """How wide the zones are."""

    zone = fields.String(load_default="province", validate=validate.OneOf(list(ZONES)))


class CarriedOut(Schema):
    """A zone (beginning of a division code) or a type of orders: orders expected, of these split, parcels by point id."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    orders = fields.Float(required=True)
    split = fields.Float(required=True)
    parcels = fields.Dict(keys=fields.Integer(), values=fields.Float(), required=True)


class PriceOut(Schema):
    """What a further unit of scarce stock costs later orders, minor units; what is sellable there now."""

    point_id = fields.Integer(required=True)
    sku_id = fields.Integer(required=True)
    sku = fields.String(required=True, allow_none=True)
    price = fields.Integer(required=True)
    sellable = fields.Integer(required=True)


class FollowedOut(Schema):
    """Orders sourced in the last day: by the plan's shares, by its prices, without it."""

    planned = fields.Integer(required=True)
    priced = fields.Integer(required=True)
    other = fields.Integer(required=True)
    percent = fields.Integer(required=True)


class PlanToldOut(Schema):
    """What a plan says, and how far it was followed; `types` are of {types}."""

    plan = fields.Nested(SourcingPlanOut, required=True)
    zones = fields.List(fields.Nested(CarriedOut), required=True)
    types = fields.List(fields.Nested(CarriedOut), required=True)
    prices = fields.List(fields.Nested(PriceOut), required=True)
    followed = fields.Nested(FollowedOut, required=True)


PlanToldOut.__doc__ = (PlanToldOut.__doc__ or "").format(types=", ".join(TYPES))
