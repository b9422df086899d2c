"""Settings of stock points through the API: work by hand, how stops are answered, where waybill numbers are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from marshmallow import Schema, fields, validate
from sqlalchemy import text

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, Routes
from oms.api.schemas import ID, Body, plain_text
from oms.api.stock import require
from oms.app.kernel.packing_settings import Setting, change_answers, change_setting
from oms.app.kernel.point_scope import points_of
from oms.app.kernel.queries.packing import points_by_hand, setting_of
from oms.app.pipeline.labels import settings as labels
from oms.app.pipeline.packing.swaps import ORIGINS
from oms.domain.errors import Invalid, NotFound

PACKING, STOCK_VIEW, STOCK_EDIT, MASTER_VIEW, LABEL = (
    "packing.edit", "stock.view", "stock.edit", "master.view", "label.edit"
)  # fmt: skip
POINT: Final = "<int(min=1, max=9223372036854775807):point_id>"
WORDS: Final[list[Callable[[str], object]]] = [validate.Length(max=200), plain_text]
MINUTES: Final = validate.Range(1, 1440)
routes = Routes("point_settings", "Settings of stock points: work by hand, answers to stops, waybill numbers of our own")


class StopAnswers(Body):
    """How many minutes a point has to answer a stop, and whether couriers are asked by themselves when it came late."""

    answer_minutes = fields.Integer(required=True, strict=True, validate=MINUTES)
    calls_back = fields.Boolean(required=True)


class PackingSettingIn(Body):
    """Settings of a warehouse without a system, all of them; what may be swapped, minor units a piece at most."""

    swap_origins = fields.List(
        fields.String(validate=validate.OneOf(ORIGINS)), required=True, validate=validate.Length(max=len(ORIGINS))
    )
    swap_most_amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10**12))
    swap_same_category = fields.Boolean(required=True)
    slip_prices = fields.Boolean(required=True)
    must_check = fields.Boolean(required=True)
    calls_back = fields.Boolean(required=True)
    answer_minutes = fields.Integer(required=True, strict=True, validate=MINUTES)


class PackingSettingOut(Schema):
    """How a stock point is set."""

    stock_point_id = fields.Integer(required=True)
    swap_origins = fields.List(fields.String(), required=True)
    swap_most_amount = fields.Integer(required=True)
    swap_same_category = fields.Boolean(required=True)
    slip_prices = fields.Boolean(required=True)
    must_check = fields.Boolean(required=True)
    calls_back = fields.Boolean(required=True)
    answer_minutes = fields.Integer(required=True)


class LabelTerms(Body):
    """What the carrier agreed with the account."""

    customer_code = fields.String(load_default="", validate=WORDS)
    product_code = fields.String(load_default="", validate=WORDS)
    shipping_branch_code = fields.String(load_default="", validate=WORDS)


class LabelSettingIn(Body):
    """Where we take a stock point's waybill numbers of a carrier; the sender is where the carrier collects.

    An alarm is raised when fewer than `low_at` numbers are left.
    """

    stock_point_id = fields.Integer(required=True, strict=True, validate=ID)
    carrier_id = fields.Integer(required=True, strict=True, validate=ID)
    account_id = fields.Integer(required=True, strict=True, validate=ID)
    sender_name = fields.String(required=True, validate=WORDS)
    sender_phone = fields.String(required=True, validate=WORDS)
    province = fields.String(required=True, validate=WORDS)
    city = fields.String(load_default="", validate=WORDS)
    district = fields.String(load_default="", validate=WORDS)
    town = fields.String(load_default="", validate=WORDS)
    street = fields.String(required=True, validate=WORDS)
    template_url = fields.String(load_default="", validate=WORDS)
    low_at = fields.Integer(load_default=200, strict=True, validate=validate.Range(0, 1_000_000))
    is_on = fields.Boolean(load_default=True)
    terms = fields.Nested(LabelTerms, load_default=dict)


class LabelSettingOut(Schema):
    """A setting, and how many numbers the carrier said are left; null where it has not been asked."""

    stock_point_id = fields.Integer(required=True)
    carrier_id = fields.Integer(required=True)
    carrier = fields.String(required=True, attribute="code")
    account_id = fields.Integer(required=True)
    sender_name = fields.String(required=True)
    sender_phone = fields.String(required=True)
    province = fields.String(required=True)
    city = fields.String(required=True)
    district = fields.String(required=True)
    town = fields.String(required=True)
    street = fields.String(required=True)
    template_url = fields.String(required=True)
    low_at = fields.Integer(required=True)
    is_on = fields.Boolean(required=True)
    terms = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    numbers = fields.Integer(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)
    changed_by = fields.String(required=True)


class LabelSettingList(Schema):
    """Every setting."""

    settings = fields.List(fields.Nested(LabelSettingOut), required=True)


@routes.get(f"/packing-settings/{POINT}", PACKING, PackingSettingOut, refuses=[404])
def show_packing(point_id: int) -> dict[str, Any]:
    """How one of the caller's warehouses that are worked by hand is set."""
    _by_hand(point_id)
    return _told(point_id)


@routes.put(f"/packing-settings/{POINT}", PACKING, PackingSettingOut, asks=[(BODY, PackingSettingIn)], refuses=[404, 422])
def set_packing(asked: dict[str, Any], point_id: int) -> dict[str, Any]:
    """Put a warehouse's settings in force, all of them."""
    _by_hand(point_id)
    swappable = asked.pop("swap_origins")
    origins = tuple(one for one in ORIGINS if one in swappable)
    change_setting(hub(), Setting(point_id, origins, **asked), caller().actor)
    return _told(point_id)


@routes.get(f"/stock-points/{POINT}/stop-answers", STOCK_VIEW, StopAnswers, refuses=[404])
def show_answers(point_id: int) -> dict[str, Any]:
    """How long a stock point may take to answer a stop, and whether couriers are asked when it came too late."""
    require(STOCK_VIEW)
    _known("stock_point", point_id)
    return _told(point_id)


@routes.put(
    f"/stock-points/{POINT}/stop-answers", STOCK_EDIT, StopAnswers, asks=[(BODY, StopAnswers)], refuses=[404, 422]
)
def set_answers(asked: dict[str, Any], point_id: int) -> dict[str, Any]:
    """Set that alone; what else is set for the point stays."""
    require(STOCK_EDIT)
    _known("stock_point", point_id)
    change_answers(hub(), point_id, asked["answer_minutes"], caller().actor, calls_back=asked["calls_back"])
    return _told(point_id)


@routes.get("/label-settings", MASTER_VIEW, LabelSettingList)
def list_labels() -> dict[str, Any]:
    """Where we take waybill numbers ourselves: by stock point and carrier, with the numbers that are left."""
    require(MASTER_VIEW)
    with hub().engine.connect() as connection:
        return {"settings": labels.list_settings(connection)}


@routes.put("/label-settings", LABEL, LabelSettingOut, asks=[(BODY, LabelSettingIn)], refuses=[422])
def put_labels(asked: dict[str, Any]) -> Any:
    """Put a setting in force, all of it; what is sent from now on takes its number there."""
    require(LABEL)
    for table, name in (("stock_point", "stock_point_id"), ("carrier", "carrier_id")):
        _known(table, asked[name], name)
    labels.put_setting(hub(), labels.Setting(**asked), caller().actor)
    place = asked["stock_point_id"], asked["carrier_id"]
    with hub().engine.connect() as connection:
        rows = labels.list_settings(connection)
    return next(row for row in rows if (row.stock_point_id, row.carrier_id) == place)


def _told(point_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        kept = setting_of(connection, point_id)
    return {name: kept[name] for name in PackingSettingOut().fields}


def _by_hand(point_id: int) -> None:
    """NotFound unless it is one of the caller's warehouses without a system."""
    with hub().engine.connect() as connection:
        mine = points_by_hand(connection, points_of(connection, caller(), PACKING))
    if all(row.id != point_id for row in mine):
        raise NotFound("there is no such warehouse that is worked by hand", "ask an administrator which are yours")


def _known(table: str, id_: int, field: str = "") -> None:
    with hub().engine.connect() as connection:
        found = connection.execute(text(f"select 1 from {table} where id = :id"), {"id": id_}).scalar()
    if found is None and field:
        raise Invalid(field, "there is none with this number", "look at the list")
    if found is None:
        raise NotFound("there is no such stock point", "look at the list")
