"""Detectors through the API: as they stand in a place, switching them there, and what each holds."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.rule_sets_access import ACTIVATE, VIEW, check_reach
from oms.api.schemas import LARGEST, Body, Question
from oms.app.pipeline.detecting import settings
from oms.app.pipeline.detecting.detectors import DETECTORS_BY_KIND
from oms.app.pipeline.detecting.settings import Standing
from oms.db.rulebook import SCOPES
from oms.domain.hold_kind import Block
from oms.domain.holds import KINDS

routes = Routes("detectors", "Detectors: what holds an order that is abnormal, by shop, group or channel")
PLACE: Final = validate.Range(min=0, max=LARGEST)
BLOCKS: Final = {Block.REVIEW: "review", Block.DISPATCH: "dispatch", Block.PRINT: "print", Block.SHIP: "ship"}
CLEARS: Final = ("auto", "person", "either")


class PlaceQuestion(Question):
    """A place; `scope_id` names the shop, group or channel, 0 for the global scope."""

    scope = fields.String(load_default="global", validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(load_default=0, validate=PLACE)


class DetectorIn(Body):
    """What a detector does in a place; thresholds that are left out are the detector's own."""

    scope = fields.String(load_default="global", validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(load_default=0, validate=PLACE, strict=True)
    is_on = fields.Boolean(required=True)
    thresholds = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), load_default=dict)


class ThresholdOut(Schema):
    """A whole number that may be set, with its bounds."""

    name = fields.String(required=True)
    words = fields.String(required=True)
    value = fields.Integer(required=True)
    default = fields.Integer(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)


class DetectorOut(Schema):
    """A detector as it stands in a place.

    `is_own` says that this very place sets it, `is_fixed` that it cannot be switched off. `clears` says how its hold
    ends: by itself, by a person with order.lift_hold, or either. Orders are counted of the shops you see.
    """

    kind = fields.String(required=True)
    name = fields.String(required=True)
    blocks = fields.List(fields.String(validate=validate.OneOf(list(BLOCKS.values()))), required=True)
    clears = fields.String(required=True, validate=validate.OneOf(CLEARS))
    remedy = fields.String(required=True)
    is_on = fields.Boolean(required=True)
    is_own = fields.Boolean(required=True)
    is_fixed = fields.Boolean(required=True)
    why = fields.String(required=True, metadata={"description": "Why it is off unless switched on, or is fixed"})
    thresholds = fields.List(fields.Nested(ThresholdOut), required=True)
    orders_now = fields.Integer(required=True)
    orders_in_7_days = fields.Integer(required=True)


class DetectorList(Schema):
    """Every detector."""

    detectors = fields.List(fields.Nested(DetectorOut), required=True)


@routes.get("/detectors", VIEW, DetectorList, asks=[(QUERY, PlaceQuestion)], refuses=[422])
def list_detectors(asked: dict[str, Any]) -> dict[str, Any]:
    """Every detector as it stands in a place."""
    return {"detectors": _standings(asked["scope"], asked["scope_id"])}


@routes.put("/detectors/<string:kind>", ACTIVATE, DetectorOut, asks=[(BODY, DetectorIn)], refuses=[404, 422])
def set_detector(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    """Switch a detector in a place and set its thresholds there; orders that it holds are looked at again."""
    scope, scope_id = asked["scope"], asked["scope_id"]
    check_reach(ACTIVATE, scope, scope_id)
    settings.set_detector(
        hub(), kind, scope, scope_id, caller().actor, is_on=asked["is_on"], thresholds=asked["thresholds"]
    )
    return next(told for told in _standings(scope, scope_id) if told["kind"] == kind)


@routes.delete("/detectors/<string:kind>", ACTIVATE, asks=[(QUERY, PlaceQuestion)], refuses=[404, 422])
def clear_detector(asked: dict[str, Any], kind: str) -> None:
    """Let the next wider place decide again."""
    check_reach(ACTIVATE, asked["scope"], asked["scope_id"])
    settings.clear_detector(hub(), kind, asked["scope"], asked["scope_id"], caller().actor)


def _standings(scope: str, scope_id: int) -> list[dict[str, Any]]:
    with hub().engine.connect() as connection:
        shops = visible_shops(connection, VIEW)
        return [_told(it) for it in settings.list_detectors(hub(), connection, scope, scope_id, shops)]


def _told(standing: Standing) -> dict[str, Any]:
    detector, kind = DETECTORS_BY_KIND[standing.detector.kind], KINDS[standing.detector.kind]
    thresholds = [
        {"name": limit.name, "words": limit.en, "value": standing.switch.limits[limit.name],
         "default": limit.default, "least": limit.least, "most": limit.most}
        for limit in detector.thresholds
    ]  # fmt: skip
    return {
        "kind": kind.code, "name": kind.en, "blocks": [name for bit, name in BLOCKS.items() if kind.blocks & bit],
        "clears": kind.clears, "remedy": kind.remedy_en, "is_on": standing.switch.is_on, "is_own": standing.own,
        "is_fixed": detector.is_fixed, "why": detector.why_en, "thresholds": thresholds,
        "orders_now": standing.now, "orders_in_7_days": standing.lately,
    }  # fmt: skip
