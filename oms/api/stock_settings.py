"""Settings of promises and of what to buy through the API: oversell policies by pool and shop, how SKUs are watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

from marshmallow import Schema, fields, validate
from sqlalchemy import text

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.schemas import ID, Body, Question, plain_text
from oms.api.stock import require
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.queries.promises import policies
from oms.app.stock.quotas import LEAST, POLICY_FIELDS, set_policy
from oms.app.stock.replenishing import MOST_UNITS, Setting, settings_of
from oms.app.stock.replenishing_settings import DAYS, MOST_MONEY, set_replenishing
from oms.domain.errors import NotFound

VIEW, PROMISE, REPLENISH = "stock.view", "stock.promise", "stock.replenish"
routes = Routes("stock_settings", "Settings of promises of stock, and of what to buy")
CODE: Final[list[Callable[[str], object]]] = [validate.Length(max=100), plain_text]
WORDS: Final = {
    "unpaid_minutes": "how long an unpaid order keeps its units",
    "short_hours": "how long an order short of stock keeps its place",
    "backorder_units": "units that may be sold although they are not there",
    "last_units": "from so few units on they go to the best shops alone",
    "late_fine": "what an order that comes too late costs, minor units",
    "keep_bp": "hundredths of a percent of what is there that orders short of other goods may keep",
    "large_units": "lines from so many units on go to people when they cannot be served",
}


def _policy_fields(kind: type[Schema]) -> type[Schema]:
    """A schema with every field of a policy beside its own."""
    more = {
        name: fields.Integer(
            allow_none=True, strict=True, metadata={"description": WORDS[name]},
            validate=validate.Range(LEAST.get(name, 0), most), **_given(kind),
        )
        for name, most in POLICY_FIELDS.items()
    }  # fmt: skip
    return type(kind.__name__, (kind,), {**more, "__doc__": kind.__doc__, "__module__": kind.__module__})


def _given(kind: type[Schema]) -> dict[str, Any]:
    return {"load_default": None} if issubclass(kind, Body) else {"required": True}


@_policy_fields
class PolicyIn(Body):
    """What a pool (`shop_id` 0) or one of its shops says; a field left out is left to the pool, then to the hub."""

    pool_id = fields.Integer(required=True, strict=True, validate=ID)
    shop_id = fields.Integer(load_default=0, strict=True, validate=validate.Range(min=0, max=2**63 - 1))


@_policy_fields
class PolicyOut(Schema):
    """What a pool, or one of its shops, says itself; null is left to the wider place."""

    pool_id = fields.Integer(required=True)
    shop_id = fields.Integer(required=True)


class PolicyList(Schema):
    """Every pool, and the shops that say something of their own."""

    policies = fields.List(fields.Nested(PolicyOut), required=True)


class PoolQuestion(Question):
    """Which pool."""

    pool_id = fields.Integer(required=True, validate=ID)


class WatchIn(Body):
    """How a pool's SKU is watched; an empty `sku` is every SKU without a setting of its own.

    With `is_ordering_itself` sure proposals are ordered without anybody, up to `order_limit` (minor units) an order,
    delivered to `stock_point_id`, one of the pool's.
    """

    pool_id = fields.Integer(required=True, strict=True, validate=ID)
    sku = fields.String(load_default="", validate=CODE)
    is_watched = fields.Boolean(load_default=True)
    lead_days = fields.Integer(load_default=7, strict=True, validate=validate.Range(*DAYS["lead_days"]))
    cover_days = fields.Integer(load_default=14, strict=True, validate=validate.Range(*DAYS["cover_days"]))
    look_back_days = fields.Integer(load_default=28, strict=True, validate=validate.Range(*DAYS["look_back_days"]))
    multiple = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_UNITS))
    least_units = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, MOST_UNITS))
    user_group_id = fields.Integer(load_default=None, allow_none=True, strict=True, validate=ID)
    is_ordering_itself = fields.Boolean(load_default=False)
    order_limit = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, MOST_MONEY)
    )  # fmt: skip
    stock_point_id = fields.Integer(load_default=None, allow_none=True, strict=True, validate=ID)
    supplier_name = fields.String(load_default="", validate=CODE)


class WatchOut(Schema):
    """How a pool's SKU is watched; an empty `sku` is every other SKU."""

    sku = fields.String(required=True)
    is_watched = fields.Boolean(required=True)
    lead_days = fields.Integer(required=True)
    cover_days = fields.Integer(required=True)
    look_back_days = fields.Integer(required=True)
    multiple = fields.Integer(required=True)
    least_units = fields.Integer(required=True)
    user_group_id = fields.Integer(required=True, allow_none=True)
    is_ordering_itself = fields.Boolean(required=True)
    order_limit = fields.Integer(required=True, allow_none=True)
    stock_point_id = fields.Integer(required=True, allow_none=True)
    supplier_name = fields.String(required=True)


class WatchList(Schema):
    """The settings of a pool, those of every SKU first."""

    settings = fields.List(fields.Nested(WatchOut), required=True)


@routes.get("/promise-policies", VIEW, PolicyList)
def list_policies() -> dict[str, Any]:
    """Oversell policies: what pools and their shops say of unpaid, short and large orders and of last units."""
    require(VIEW)
    return {"policies": _policies()}


@routes.put("/promise-policies", PROMISE, PolicyOut, asks=[(BODY, PolicyIn)], refuses=[404, 422])
def put_policy(asked: dict[str, Any]) -> Any:
    """Set what a pool or one of its shops says, all of it; shops are told again what they may sell."""
    require(PROMISE)
    pool_id, shop_id = asked.pop("pool_id"), asked.pop("shop_id")
    set_policy(hub(), pool_id, shop_id, asked, caller().actor)
    for row in _policies():
        if (row.pool_id, row.shop_id) == (pool_id, shop_id):
            return row
    raise NotFound("this shop is closed", "choose one of the list")


@routes.get("/replenishment-settings", VIEW, WatchList, asks=[(QUERY, PoolQuestion)], refuses=[422])
def list_watched(asked: dict[str, int]) -> dict[str, Any]:
    """How a pool's SKUs are watched, and which are ordered without anybody."""
    require(VIEW)
    return {"settings": _watched(asked["pool_id"])}


@routes.put("/replenishment-settings", REPLENISH, WatchList, asks=[(BODY, WatchIn)], refuses=[404, 422])
def put_watched(asked: dict[str, Any]) -> dict[str, Any]:
    """Set how a pool's SKU is watched, all of it; counts when proposals are reckoned next."""
    require(REPLENISH)
    pool_id, sku = asked.pop("pool_id"), asked.pop("sku")
    set_replenishing(hub(), pool_id, sku, Setting(**asked))
    return {"settings": _watched(pool_id)}


def _policies() -> Sequence[AnyRow]:
    with hub().engine.connect() as connection:
        return policies(connection)


def _watched(pool_id: int) -> list[dict[str, Any]]:
    with hub().engine.connect() as connection:
        kept = settings_of(connection, pool_id)
        rows = connection.execute(text("select id, code from sku where id = any(:ids)"), {"ids": list(kept)})
        codes = {0: "", **{row.id: row.code for row in rows}}
    return [{"sku": codes.get(id_, ""), **asdict(kept[id_])} for id_ in sorted(kept, key=lambda one: codes.get(one, ""))]
