"""The log of gifts through the API: what rules gave, what was dropped or out, and what is left of limited ones."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

from oms.api.access import hub, visible_shops
from oms.api.blueprints import QUERY, Routes
from oms.api.schemas import Question
from oms.app.kernel.queries import gifts as queries

VIEW: Final = "rule.view"
WORD: Final = validate.Length(min=1, max=200)
routes = Routes("gifts", "What rules gave to orders")


class GiftsQuestion(Question):
    """Which gifts, newest first."""

    state = fields.String(load_default="", validate=validate.OneOf(queries.STATES))
    order_no = fields.String(load_default="", validate=WORD)
    sku = fields.String(load_default="", validate=WORD)
    rule = fields.String(load_default="", validate=WORD)
    rule_set_id = fields.Integer(load_default=0, validate=validate.Range(min=1, max=2**63 - 1))
    after = fields.String(load_default="", metadata={"description": "The `next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class GiftOut(Schema):
    """A gift and what became of it; `reason` says why it was dropped, is out, or is less than its rule would give."""

    id = fields.Integer(required=True)
    order_id = fields.Integer(required=True)
    order_no = fields.String(required=True, attribute="external_no")
    shop_id = fields.Integer(required=True)
    rule_set_id = fields.Integer(required=True)
    version_id = fields.Integer(required=True)
    rule_id = fields.String(required=True)
    sku = fields.String(required=True)
    units = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(queries.STATES))
    reason = fields.String(required=True, validate=validate.OneOf(queries.REASONS))
    at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True)


class GiftPage(Schema):
    """One page; `next` is empty on the last one."""

    gifts = fields.List(fields.Nested(GiftOut), required=True)
    next = fields.String(required=True)


class LimitedOut(Schema):
    """A gift that a rule in force gives only so often, in units."""

    rule_set_id = fields.Integer(required=True)
    rule_id = fields.String(required=True)
    sku = fields.String(required=True)
    most = fields.Integer(required=True)
    given = fields.Integer(required=True)
    left = fields.Integer(required=True)


class LimitedList(Schema):
    """Every limited gift of which some was given."""

    gifts = fields.List(fields.Nested(LimitedOut), required=True)


@routes.get("/gifts", VIEW, GiftPage, asks=[(QUERY, GiftsQuestion)], refuses=[422])
def list_gifts(asked: dict[str, Any]) -> dict[str, Any]:
    """Gifts by rule, order, SKU and what became of them."""
    after, limit = asked.pop("after"), asked.pop("limit")
    with hub().engine.connect() as connection:
        shops = visible_shops(connection, VIEW)
        page = queries.gift_log(connection, shops, queries.GiftFilter(**asked), after, limit)
    return {"gifts": page.rows, "next": page.after}


@routes.get("/limited-gifts", VIEW, LimitedList)
def list_limited() -> dict[str, Any]:
    """What is left of gifts that rules in force give only so often."""
    with hub().engine.connect() as connection:
        return {"gifts": queries.limited_gifts(connection, visible_shops(connection, VIEW))}
