"""Observed orders through the API: what we would have done beside what the platform shows was done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import QUERY, Routes
from oms.api.schemas import Question
from oms.app.kernel.queries import observed as queries
from oms.domain.errors import Invalid, NotFound

ID = "<int(min=1, max=9223372036854775807):shop_id>"
DAYS = 14
LONGEST = timedelta(days=92)
FIRST_YEAR = 2000
routes = Routes("observed", "What observing a shop has shown")


class ObservedQuestion(Question):
    """Which observed orders, by when they were placed; the last two weeks when nothing is asked."""

    since = fields.AwareDateTime()
    until = fields.AwareDateTime()
    result = fields.String(validate=validate.OneOf(queries.RESULTS))
    limit = fields.Integer(load_default=queries.MOST, validate=validate.Range(min=1, max=1000))


class AgreementOut(Schema):
    """How many orders there are by result, and of those that can be compared how many agree."""

    orders = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    unplanned = fields.Integer(required=True)
    untold = fields.Integer(required=True)
    same = fields.Integer(required=True)
    differs = fields.Integer(required=True)
    parcels = fields.Integer(required=True, metadata={"description": "Orders whose number of parcels is known of both"})
    parcels_same = fields.Integer(required=True)
    groups = fields.Integer(required=True, metadata={"description": "Orders whose goods in each parcel are known"})
    groups_same = fields.Integer(required=True)
    carriers = fields.Integer(required=True)
    carriers_same = fields.Integer(required=True)
    timed = fields.Integer(required=True)
    on_time = fields.Integer(required=True)


class ObservedOut(Schema):
    """Both sides of an order; a comparison is null where it cannot be made."""

    id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    ordered_at = fields.AwareDateTime(required=True)
    result = fields.String(required=True, validate=validate.OneOf(queries.RESULTS))
    our_parcels = fields.Integer(required=True, allow_none=True)
    our_goods = fields.List(fields.String(), required=True)
    our_carriers = fields.String(required=True, allow_none=True)
    our_points = fields.String(required=True, allow_none=True)
    our_cost = fields.Integer(required=True, allow_none=True)
    their_parcels = fields.Integer(required=True, allow_none=True)
    their_goods = fields.List(fields.String(), required=True)
    their_carriers = fields.String(required=True, allow_none=True)
    ship_by = fields.AwareDateTime(required=True, allow_none=True)
    left_by = fields.AwareDateTime(required=True, allow_none=True)
    is_on_time = fields.Boolean(required=True, allow_none=True)
    review = fields.String(required=True, allow_none=True)
    holds = fields.List(fields.String(), required=True)


class ObservedList(Schema):
    """Agreement over the whole time, and its newest orders."""

    agreement = fields.Nested(AgreementOut, required=True)
    orders = fields.List(fields.Nested(ObservedOut), required=True)


@routes.get(f"/shops/{ID}/observed", "order.view", ObservedList, asks=[(QUERY, ObservedQuestion)], refuses=[404, 422])
def list_observed(asked: dict[str, Any], shop_id: int) -> dict[str, Any]:
    """What we would have done with a shop's orders beside what the system before us did."""
    if not caller().allows("order.view", shop_id):
        raise NotFound("there is no such shop")
    window = _window(asked, shop_id)
    with hub().engine.connect() as connection:
        if shop_id not in hub().masters.get(connection, hub().clock()).shops:
            raise NotFound("there is no such shop")
        rows = queries.compared(connection, window, asked["limit"])
        words = queries.line_words(connection, rows)
        agreement = queries.totals(connection, window)
    return {"agreement": agreement, "orders": [_told(row, words) for row in rows]}


def _told(row: Any, words: dict[str, str]) -> dict[str, Any]:
    goods = {
        "our_goods": queries.goods_of(row.our_groups, words),
        "their_goods": queries.goods_of(row.their_groups, words),
    }
    return {**row._mapping, **goods, "review": row.tiers, "holds": row.holds or []}


def _window(asked: dict[str, Any], shop_id: int) -> queries.Window:
    now = hub().clock()
    until: datetime = asked.get("until") or now
    if not FIRST_YEAR < until.year <= now.year + 1:
        raise Invalid("until", "is in no year of ours", "ask for a time since 2000")
    since: datetime = asked.get("since") or until - timedelta(days=DAYS)
    if not until - LONGEST <= since <= until:
        raise Invalid("since", "is after `until`, or more than 92 days before it", "ask for a shorter time")
    return queries.Window(shop_id, since, until, now, asked.get("result", ""))
