"""Whether a stock point works, through the API: what an outage would move, and switching it off and on."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.schemas import Body, Question
from oms.api.stock import CODE, VIEW, WORDS, require
from oms.app.kernel.load import fetch
from oms.app.pipeline.point_outages import preview_switch, switch_point
from oms.app.stock.points import STATES
from oms.domain.errors import NotFound

EDIT: Final = "stock.edit"
routes = Routes("stock_points", "Whether stock points work")


class PointQuestion(Question):
    """The state that would be set, to be told what that moves."""

    code = fields.String(required=True, validate=CODE, metadata={"description": "The code of the stock point"})
    to = fields.String(load_default="outage", validate=validate.OneOf(STATES))


class PointStateIn(Body):
    """A state to set; with `moves` what is planned and not sent is sourced again at once."""

    code = fields.String(required=True, validate=CODE)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    until = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "When an outage ends by itself"}
    )
    words = fields.String(load_default="", validate=WORDS)
    moves = fields.Boolean(load_default=False)


class PointStateOut(Schema):
    """How a stock point stands, and how much is (or would be) sourced again."""

    code = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    until = fields.AwareDateTime(required=True, allow_none=True)
    fulfilments = fields.Integer(required=True)
    orders = fields.Integer(required=True)


@routes.get("/stock-points/state", VIEW, PointStateOut, asks=[(QUERY, PointQuestion)], refuses=[404, 422])
def show_state(asked: dict[str, Any]) -> dict[str, Any]:
    """How a stock point stands, and how many fulfilments a switch would have sourced again; nothing changes."""
    point_id, state, until = _point(asked["code"])
    with hub().engine.connect() as connection:
        moving = preview_switch(connection, point_id, asked["to"])
    return {"code": asked["code"], "state": state, "until": until, "fulfilments": moving.fulfilments,
            "orders": moving.orders}  # fmt: skip


@routes.post("/stock-points/state", EDIT, PointStateOut, asks=[(BODY, PointStateIn)], refuses=[404, 409, 422])
def set_state(asked: dict[str, Any]) -> dict[str, Any]:
    """Switch a stock point; the same state again changes nothing but its end and its words."""
    require(EDIT)
    point_id, _, _ = _point(asked["code"])
    moved = switch_point(
        hub(), point_id, asked["state"], asked["until"], asked["words"], caller().actor, is_moving=asked["moves"]
    )
    _, state, until = _point(asked["code"])
    return {"code": asked["code"], "state": state, "until": until, "fulfilments": moved.fulfilments,
            "orders": moved.orders}  # fmt: skip


def _point(code: str) -> tuple[int, str, Any]:
    with hub().engine.connect() as connection:
        rows = fetch(connection, "select id, state, outage_until from stock_point where code = %s", (code,))
    if not rows:
        raise NotFound("there is no such stock point", "look at the list")
    return int(rows[0][0]), str(rows[0][1]), rows[0][2]
