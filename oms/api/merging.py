"""The settings of merging through the API: what must be the same to leave as one, place by place."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.rule_sets_access import ACTIVATE, VIEW, check_reach
from oms.api.schemas import LARGEST, Body, Question
from oms.app.pipeline.merging.editing import BOUNDS, set_merging, standing_of
from oms.app.pipeline.merging.settings import FIELDS
from oms.db.joining import GIFT_POLICIES, INVOICE_POLICIES, PARTS, REACHES
from oms.db.rulebook import SCOPES

routes = Routes("merging", "Settings of merging: what must be the same for orders to leave as one, by place")
PLACE: Final = validate.Range(min=0, max=LARGEST)


class PlaceQuestion(Question):
    """A place; `scope_id` names the shop, group or channel, 0 for the global scope."""

    scope = fields.String(load_default="global", validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(load_default=0, validate=PLACE)


class MergeSettingIn(Body):
    """What a place says; a field that is null or left out is left to the wider place, at last to the shop itself.

    `parts` must be equal besides address, stock point, way of delivery, payment, presale, owner and currency, which
    always must. `reach` says whose orders may join: the shop's, its shop group's, everybody's. Window in seconds.
    """

    scope = fields.String(load_default="global", validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(load_default=0, validate=PLACE, strict=True)
    reach = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(REACHES))
    parts = fields.List(
        fields.String(validate=validate.OneOf(PARTS)), load_default=None, allow_none=True,
        validate=validate.Length(max=len(PARTS)),
    )  # fmt: skip
    merges_cod = fields.Boolean(load_default=None, allow_none=True)
    merges_presale = fields.Boolean(load_default=None, allow_none=True)
    merges_split = fields.Boolean(load_default=None, allow_none=True)
    window_s = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(*BOUNDS["window_s"])
    )
    cap = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(*BOUNDS["cap"]))
    gift_policy = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(GIFT_POLICIES))
    invoice_policy = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(INVOICE_POLICIES))


class FieldOut(Schema):
    """A field as it holds in a place; `is_own` says that this very place says so, else the scope that does."""

    name = fields.String(required=True, validate=validate.OneOf(FIELDS))
    value = fields.Raw(required=True, allow_none=True, metadata={"description": "null where nobody says anything"})
    scope = fields.String(required=True, allow_none=True)
    is_own = fields.Boolean(required=True)


class MergeSettingOut(Schema):
    """How a place stands."""

    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    fields_ = fields.List(fields.Nested(FieldOut), required=True, data_key="fields")


@routes.get("/merge-settings", VIEW, MergeSettingOut, asks=[(QUERY, PlaceQuestion)], refuses=[422])
def show_merging(asked: dict[str, Any]) -> dict[str, Any]:
    """What holds in a place, field by field, with the scope that says so."""
    return _standing(asked["scope"], asked["scope_id"])


@routes.put("/merge-settings", ACTIVATE, MergeSettingOut, asks=[(BODY, MergeSettingIn)], refuses=[422])
def set_place(asked: dict[str, Any]) -> dict[str, Any]:
    """Store what a place says, all of it; waiting orders are looked at again."""
    scope, scope_id = asked.pop("scope"), asked.pop("scope_id")
    check_reach(ACTIVATE, scope, scope_id)
    set_merging(hub(), scope, scope_id, asked, caller().actor)
    return _standing(scope, scope_id)


def _standing(scope: str, scope_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        standing = standing_of(connection, scope, scope_id)
    told = [
        {"name": name, "value": standing.holds.get(name, (None, None))[0],
         "scope": standing.holds.get(name, (None, None))[1], "is_own": name in standing.own}
        for name in FIELDS
    ]  # fmt: skip
    return {"scope": scope, "scope_id": scope_id, "fields_": told}
