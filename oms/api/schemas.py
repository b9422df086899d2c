"""What goes in and out of the API, checked at the edge; amounts are minor units, times UTC in ISO 8601."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from oms.domain.holds import KINDS
from oms.domain.phase import PHASES

LARGEST = 2**63 - 1
ID = validate.Range(min=1, max=LARGEST)


def plain_text(value: str) -> None:
    """Text that the database can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValidationError("must be valid Unicode") from None
    if "\x00" in value:
        raise ValidationError("must not contain a NUL character")


def _text(most: int, *, least: int = 0, **kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(min=least, max=most), plain_text], **kwargs)


class Question(Schema):
    """Base of query parameters; one that is not known is an error: it would be believed to narrow the answer."""

    class Meta:
        unknown = RAISE


class Body(Schema):
    """Base of request bodies; a field that is not known is an error, not a silence."""

    class Meta:
        unknown = RAISE


class Problem(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True, metadata={"description": "The kind of problem, for machines"})
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What is wrong"})
    field = fields.String(metadata={"description": "The field it is about"})
    remedy = fields.String(metadata={"description": "What to do next"})
    errors = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))


class OrderQuestion(Question):
    """Which orders."""

    shop_id = fields.Integer(validate=ID)
    phase = fields.String(validate=validate.OneOf(list(PHASES)))
    status = fields.String(validate=validate.OneOf(["unpaid", "open", "completed", "cancelled"]))
    hold = fields.String(validate=validate.OneOf(list(KINDS)), metadata={"description": "Kind of an open hold"})
    external_no = _text(100, metadata={"description": "The platform's order number"})
    cursor = _text(60, metadata={"description": "`next` of the page before"})


class HoldOut(Schema):
    """An open hold."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    placed_at = fields.AwareDateTime(required=True)


class OrderBrief(Schema):
    """An order in a list."""

    id = fields.Integer(required=True)
    shop_id = fields.Integer(required=True)
    origin = fields.String(required=True)
    external_no = fields.String(required=True)
    status = fields.String(required=True)
    review = fields.String(required=True)
    phase = fields.String(required=True)
    currency = fields.String(required=True)
    paid_total = fields.Integer(required=True)
    is_cod = fields.Boolean(required=True)
    is_presale = fields.Boolean(required=True)
    ordered_at = fields.AwareDateTime(required=True)
    ship_by = fields.AwareDateTime(required=True, allow_none=True)
    holds = fields.List(fields.Nested(HoldOut), required=True)


class OrderPage(Schema):
    """One page of orders, newest first; `next` is empty on the last."""

    orders = fields.List(fields.Nested(OrderBrief), required=True)
    next = fields.String(required=True)


class LineOut(Schema):
    """A line of an order; units are counters, amounts totals of the line."""

    id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    sku = fields.String(required=True, allow_none=True)
    ordered = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    planned = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    list_amount = fields.Integer(required=True)
    paid_amount = fields.Integer(required=True)
    refund_state = fields.String(required=True)
    is_gift = fields.Boolean(required=True)


class OrderFull(OrderBrief):
    """An order with its lines and the documents it led to; no receiver, which the API does not show."""

    tiers_waiting = fields.Integer(
        required=True, metadata={"description": "Bits: 1 service, 2 finance, 4 logistics, 8 courier"}
    )
    division_code = fields.String(required=True)
    captured_at = fields.AwareDateTime(required=True)
    paid_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    lines = fields.List(fields.Nested(LineOut), required=True)
    fulfilment_ids = fields.List(fields.Integer(), required=True)


class EventOut(Schema):
    """Something that happened to an order."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    actor = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    fulfilment_id = fields.Integer(required=True, allow_none=True)
    detail = fields.Dict(required=True, allow_none=True)


class EventList(Schema):
    """The newest events of an order, newest first."""

    events = fields.List(fields.Nested(EventOut), required=True)


class ActionHeaders(Schema):
    """What makes repeating a request harmless; other headers are none of ours."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = _text(100, least=8, required=True, data_key="Idempotency-Key")


class ActionIn(Body):
    """What an action wants: `tier` for pass-review, take-pass-back and send-back, `hold_id` for lift-hold and
    hold-again, `line_ids` for send-rest, a reason for most.
    """

    tier = fields.Integer(validate=validate.OneOf([1, 2, 4, 8]), strict=True)
    hold_id = fields.Integer(validate=ID, strict=True)
    line_ids = fields.List(
        fields.Integer(validate=ID, strict=True),
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Lines that somebody else shipped, by our id"},
    )
    reason = _text(200)


class FulfilmentLineOut(Schema):
    """Units of an order's line in a fulfilment."""

    id = fields.Integer(required=True)
    order_id = fields.Integer(required=True)
    order_line_id = fields.Integer(required=True)
    sku = fields.String(required=True, allow_none=True)
    planned = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    short = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)


class ParcelOut(Schema):
    """A parcel."""

    id = fields.Integer(required=True)
    carrier = fields.String(required=True, allow_none=True)
    waybill_no = fields.String(required=True)
    state = fields.String(required=True)
    handed_over_at = fields.AwareDateTime(required=True, allow_none=True)
    delivered_at = fields.AwareDateTime(required=True, allow_none=True)


class FulfilmentOut(Schema):
    """A fulfilment with its lines and parcels."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    shop_id = fields.Integer(required=True)
    status = fields.String(required=True)
    stop = fields.String(required=True)
    stock_point = fields.String(required=True, allow_none=True)
    carrier = fields.String(required=True, allow_none=True)
    warehouse_ref = fields.String(required=True)
    currency = fields.String(required=True)
    goods_amount = fields.Integer(required=True)
    freight_amount = fields.Integer(required=True)
    collect_amount = fields.Integer(required=True)
    planned_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    shipped_at = fields.AwareDateTime(required=True, allow_none=True)
    ship_by = fields.AwareDateTime(required=True, allow_none=True)
    lines = fields.List(fields.Nested(FulfilmentLineOut), required=True)
    parcels = fields.List(fields.Nested(ParcelOut), required=True)


class ShopOut(Schema):
    """A shop."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    channel = fields.String(required=True)
    mode = fields.String(required=True)


class ShopList(Schema):
    """Shops the caller may see."""

    shops = fields.List(fields.Nested(ShopOut), required=True)


class StockQuestion(Question):
    """Which levels."""

    sku = _text(100)
    stock_point = _text(100)
    cursor = _text(100, metadata={"description": "`next` of the page before"})


class LevelOut(Schema):
    """A stock level in the SKU's base units; what may be sold is on_hand − reserved − safety."""

    stock_point = fields.String(required=True)
    sku = fields.String(required=True)
    kind = fields.String(required=True)
    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    safety = fields.Integer(required=True)
    sellable = fields.Integer(required=True)


class StockPage(Schema):
    """One page of levels; `next` is empty on the last."""

    levels = fields.List(fields.Nested(LevelOut), required=True)
    next = fields.String(required=True)


class ChangesQuestion(Question):
    """Since when and of what."""

    cursor = _text(100, metadata={"description": "`cursor` of the read before; `now` to start with what comes next"})
    kind = fields.String(validate=validate.OneOf(["order", "fulfilment"]))
    limit = fields.Integer(validate=validate.Range(min=1, max=1000), load_default=200)


class ChangeOut(Schema):
    """A document that changed."""

    kind = fields.String(required=True)
    document_id = fields.Integer(required=True)
    shop_id = fields.Integer(required=True, allow_none=True)


class ChangeList(Schema):
    """Changes, oldest first; store `cursor` together with what you did about them."""

    changes = fields.List(fields.Nested(ChangeOut), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class StopIn(Body):
    """A new emergency stop; `scope_id` names the shop, stock point or carrier."""

    scope = fields.String(required=True, validate=validate.OneOf(["all", "shop", "stock_point", "carrier"]))
    scope_id = fields.Integer(validate=validate.Range(min=0, max=LARGEST), load_default=0, strict=True)
    reason = _text(200, least=2, required=True)


class ReleaseIn(Body):
    """A staged release."""

    per_minute = fields.Integer(required=True, validate=validate.Range(min=1, max=100000), strict=True)


class StopOut(Schema):
    """An emergency stop; without `ended_at` it is in force."""

    id = fields.Integer(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    reason = fields.String(required=True)
    placed_at = fields.AwareDateTime(required=True)
    placed_by = fields.String(required=True)
    release_per_minute = fields.Integer(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class StopList(Schema):
    """Emergency stops in force."""

    stops = fields.List(fields.Nested(StopOut), required=True)
