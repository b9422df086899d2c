"""Settings of deadlines through the API: warnings, what being late costs, and times in which no clock runs."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.merging import PlaceQuestion
from oms.api.rule_sets_access import ACTIVATE, LARGEST_ID, VIEW, check_reach
from oms.api.schemas import ID, Body, plain_text
from oms.app.kernel.queries.deadline_settings import list_pauses, setting_of
from oms.app.pipeline.lateness import deadlines as acts
from oms.db.rulebook import SCOPES
from oms.domain.errors import NotFound

routes = Routes("deadlines", "Settings of deadlines, and pauses of them")
MONEY: Final = validate.Range(0, 10**12)
PLACE: Final = validate.Range(0, 2**63 - 1)


class DeadlineFieldsIn(Body):
    """What a place says, all of it: minutes before a deadline at which its team is warned, and what being late costs.

    The fine is `fine_amount` (minor units) and `fine_bp` hundredths of a percent of the order, within least and most.
    """

    scope = fields.String(load_default="global", validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(load_default=0, strict=True, validate=PLACE)
    warn_minutes = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, acts.LONGEST_WARNING)), load_default=list,
        validate=validate.Length(max=acts.MOST_WARNINGS),
    )  # fmt: skip
    warn_group_id = fields.Integer(load_default=None, allow_none=True, strict=True, validate=ID)
    fine_amount = fields.Integer(load_default=0, strict=True, validate=MONEY)
    fine_bp = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10_000))
    fine_least = fields.Integer(load_default=0, strict=True, validate=MONEY)
    fine_most = fields.Integer(load_default=None, allow_none=True, strict=True, validate=MONEY)


class DeadlineFieldsOut(Schema):
    """What a place says."""

    warn_minutes = fields.List(fields.Integer(), required=True)
    warn_group_id = fields.Integer(required=True, allow_none=True)
    fine_amount = fields.Integer(required=True)
    fine_bp = fields.Integer(required=True)
    fine_least = fields.Integer(required=True)
    fine_most = fields.Integer(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)
    changed_by = fields.String(required=True)


class DeadlineSettingOut(Schema):
    """What a place says itself, and what is said for all; null where nothing is."""

    own = fields.Nested(DeadlineFieldsOut, required=True, allow_none=True)
    everywhere = fields.Nested(DeadlineFieldsOut, required=True, allow_none=True)


class PauseIn(Body):
    """A time of at most 60 days in which the clock of a place stands."""

    scope = fields.String(load_default="global", validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(load_default=0, strict=True, validate=PLACE)
    starts_at = fields.AwareDateTime(required=True, format="iso")
    ends_at = fields.AwareDateTime(required=True, format="iso")
    reason = fields.String(required=True, validate=[validate.Length(min=1, max=200), plain_text])


class PauseOut(Schema):
    """A pause; `is_moving` while deadlines of open orders follow it."""

    id = fields.Integer(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    made_by = fields.String(required=True)
    is_moving = fields.Boolean(required=True)


class PauseList(Schema):
    """Pauses to come, running, and lately over, the latest first."""

    pauses = fields.List(fields.Nested(PauseOut), required=True)


@routes.get("/deadline-settings", VIEW, DeadlineSettingOut, asks=[(QUERY, PlaceQuestion)], refuses=[404, 422])
def show_deadlines(asked: dict[str, Any]) -> dict[str, Any]:
    """What a place says of its deadlines, and what it follows else."""
    return _told(asked["scope"], asked["scope_id"])


@routes.put("/deadline-settings", ACTIVATE, DeadlineSettingOut, asks=[(BODY, DeadlineFieldsIn)], refuses=[404, 422])
def put_deadlines(asked: dict[str, Any]) -> dict[str, Any]:
    """Say what holds in a place, all of it."""
    scope, scope_id = asked.pop("scope"), asked.pop("scope_id")
    _reach(scope, scope_id)
    acts.set_deadlines(hub(), scope, scope_id, acts.DeadlineFields(**asked), caller().actor)
    return _told(scope, scope_id)


@routes.delete("/deadline-settings", ACTIVATE, asks=[(QUERY, PlaceQuestion)], refuses=[404, 422])
def drop_deadlines(asked: dict[str, Any]) -> None:
    """Let the wider place decide again."""
    _reach(asked["scope"], asked["scope_id"])
    acts.clear_deadlines(hub(), asked["scope"], asked["scope_id"], caller().actor)


@routes.get("/deadline-pauses", VIEW, PauseList)
def list_all_pauses() -> dict[str, Any]:
    """Times in which no clock runs, of the caller's shops and of what shops share."""
    with hub().engine.connect() as connection:
        mine = visible_shops(connection, VIEW)
        rows = list_pauses(connection, hub().clock())
    return {"pauses": [row for row in rows if row.scope != "shop" or row.scope_id in mine]}


@routes.post("/deadline-pauses", ACTIVATE, PauseList, asks=[(BODY, PauseIn)], refuses=[404, 422], status=201)
def make_pause(asked: dict[str, Any]) -> dict[str, Any]:
    """Stop the clock of a place for a time; deadlines of open orders follow within seconds, a platform's own stay."""
    _reach(asked["scope"], asked["scope_id"])
    acts.add_pause(hub(), **asked, actor=caller().actor)
    return list_all_pauses()


@routes.delete(f"/deadline-pauses/<{LARGEST_ID}:pause_id>", ACTIVATE, refuses=[404])
def drop_pause(pause_id: int) -> None:
    """Let the clock run in that time after all."""
    with hub().engine.connect() as connection:
        found = next((row for row in list_pauses(connection, hub().clock()) if row.id == pause_id), None)
    if found is None:
        raise NotFound("there is no such pause", "read the list again")
    _reach(found.scope, found.scope_id)
    acts.remove_pause(hub(), pause_id, caller().actor)


def _told(scope: str, scope_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        _visible(connection, scope, scope_id)
        own, everywhere = setting_of(connection, scope, scope_id)
    return {"own": own, "everywhere": everywhere}


def _visible(connection: Connection, scope: str, scope_id: int) -> None:
    if scope == "shop" and scope_id not in visible_shops(connection, VIEW):
        raise NotFound("there is no such shop")


def _reach(scope: str, scope_id: int) -> None:
    with hub().engine.connect() as connection:
        _visible(connection, scope, scope_id)
    check_reach(ACTIVATE, scope, scope_id)
