"""Looking again at plans through the API: which pools, what a change must save, what has been saved."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, Routes
from oms.api.schemas import Body
from oms.api.sourcing_access import EDIT, LARGEST_ID, VIEW, check_reach
from oms.app.pipeline.replanning.settings import BOUNDS, LATELY, Wanted, find_pool, list_pools, set_replanning

routes = Routes("replanning", "Plans looked at again: split orders joined by free stock and by exchange")
SAVED: Final = {"description": f"Over {LATELY} days"}


def _number(name: str, default: int) -> fields.Integer:
    return fields.Integer(load_default=default, strict=True, validate=validate.Range(*BOUNDS[name]))


class ReplanSettingIn(Body):
    """Whether, how often (minutes), and after how many minutes an order may be planned anew again.

    `least_amount` (minor units) is done although it saves no parcel; 0 leaves parcels alone to count.
    """

    is_on = fields.Boolean(required=True)
    least_amount = _number("least_amount", 0)
    every_min = _number("every_min", 10)
    quiet_min = _number("quiet_min", 60)


class ReplanSettingOut(Schema):
    """A stock pool: its setting, and orders, parcels and minor units of plans that were made anew."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    is_on = fields.Boolean(required=True)
    least_amount = fields.Integer(required=True)
    every_min = fields.Integer(required=True)
    quiet_min = fields.Integer(required=True)
    changed_at = fields.AwareDateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True, metadata={"description": "Split orders that are planned and not sent now"})
    orders = fields.Integer(required=True, metadata=SAVED)
    parcels = fields.Integer(required=True, metadata=SAVED)
    amount = fields.Integer(required=True, metadata=SAVED)


class ReplanSettingList(Schema):
    """All stock pools."""

    pools = fields.List(fields.Nested(ReplanSettingOut), required=True)


@routes.get("/replanning", VIEW, ReplanSettingList)
def show_replanning() -> dict[str, Any]:
    """Every stock pool with its setting and what has been saved."""
    with hub().engine.connect() as connection:
        return {"pools": list_pools(connection, hub())}


@routes.put(
    f"/replanning/<{LARGEST_ID}:pool_id>", EDIT, ReplanSettingOut, asks=[(BODY, ReplanSettingIn)], refuses=[404, 422]
)
def set_pool(asked: dict[str, Any], pool_id: int) -> Any:
    """Switch a pool on or off; it is looked at at once. Concerns all shops, so that the permission must reach them."""
    check_reach(EDIT, "global", 0)
    set_replanning(hub(), pool_id, Wanted(**asked), caller().actor)
    with hub().engine.connect() as connection:
        return find_pool(connection, hub(), pool_id)
