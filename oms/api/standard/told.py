"""What comes out of the standard interface; no names, phones or addresses of buyers."""

from __future__ import annotations

from marshmallow import Schema, fields


class OutcomeOut(Schema):
    """How one document ended: new, newer, unchanged or refused; a refusal names the field and the remedy."""

    external_no = fields.String(required=True)
    outcome = fields.String(required=True)
    field = fields.String(required=True)
    detail = fields.String(required=True)
    remedy = fields.String(required=True)


class OutcomeList(Schema):
    """Outcomes in the order of the documents sent."""

    outcomes = fields.List(fields.Nested(OutcomeOut), required=True)


class ItemOut(Schema):
    """Goods of one line in a parcel, in base units of the SKU."""

    line_no = fields.String(required=True)
    sku = fields.String(required=True)
    units = fields.Integer(required=True)


class ShipmentOut(Schema):
    """A parcel of one order; the same shipment_id is the same parcel, told again because its order changed."""

    shipment_id = fields.String(required=True)
    order_no = fields.String(required=True)
    carrier = fields.String(required=True)
    waybill_no = fields.String(required=True)
    shipped_at = fields.AwareDateTime(required=True, allow_none=True)
    items = fields.List(fields.Nested(ItemOut), required=True)


class ShipmentResults(Schema):
    """Parcels of orders that changed since the cursor; store `cursor` together with what you did about them."""

    shipments = fields.List(fields.Nested(ShipmentOut), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class CaseOut(Schema):
    """A case as the hub holds it; `stopped` says whether an order asked back before shipment was kept in."""

    case_no = fields.String(required=True)
    order_no = fields.String(required=True)
    kind = fields.String(required=True)
    review = fields.String(required=True)
    goods = fields.String(required=True)
    money = fields.String(required=True)
    outcome = fields.String(required=True)
    currency = fields.String(required=True)
    asked_amount = fields.Integer(required=True)
    agreed_amount = fields.Integer(required=True, allow_none=True)
    stopped = fields.Boolean(required=True, allow_none=True)


class CaseResults(Schema):
    """Cases of orders that changed since the cursor."""

    cases = fields.List(fields.Nested(CaseOut), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class SellableOut(Schema):
    """Base units of a SKU that the shop may sell now."""

    sku = fields.String(required=True)
    sellable = fields.Integer(required=True)


class SellablePage(Schema):
    """One page of SKUs; `next` is empty on the last."""

    levels = fields.List(fields.Nested(SellableOut), required=True)
    next = fields.String(required=True)


class CountOutcome(Schema):
    """How the count of a SKU ended: set, unchanged, older than a later one, waiting for people, or unknown."""

    sku = fields.String(required=True)
    outcome = fields.String(required=True)


class CountOutcomes(Schema):
    """One outcome a SKU."""

    outcomes = fields.List(fields.Nested(CountOutcome), required=True)


class WebhookOut(Schema):
    """A webhook; `waiting` and `dead` count its messages."""

    id = fields.Integer(required=True)
    url = fields.String(required=True)
    topics = fields.List(fields.String(), required=True)
    state = fields.String(required=True)
    paused_reason = fields.String(required=True)
    waiting = fields.Integer(required=True)
    dead = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class WebhookMade(WebhookOut):
    """A new webhook with the secret that signs its messages; it is shown this once."""

    secret = fields.String(required=True)


class WebhookList(Schema):
    """The webhooks of a shop."""

    webhooks = fields.List(fields.Nested(WebhookOut), required=True)


class TestOut(Schema):
    """How a test call ended; `answer` is the status, or why nothing was sent."""

    delivered = fields.Boolean(required=True)
    answer = fields.String(required=True)
