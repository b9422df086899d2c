"""What goes into the standard interface, checked at the edge: the contract of its documents."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from connectors.contract.delivering import DeliveryMode, LastLeg
from connectors.contract.records import Fulfiller, OrderState, PaymentKind, RefundState
from oms.api.schemas import Body, Question, plain_text
from oms.api.standard.alone import Alone, Document
from oms.app.capture.webhooks.registering import TOPICS

MOST_DOCUMENTS = 200
MOST_LINES = 500
MOST_LEVELS = 1000
AMOUNT = validate.Range(min=0, max=10**12)
UNITS = validate.Range(min=1, max=10**6)


def _words(most: int, *, least: int = 0, **kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(min=least, max=most), plain_text], **kwargs)


def _number(**kwargs: Any) -> fields.String:
    return _words(100, least=1, **kwargs)


def _amount(words: str = "", **kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=AMOUNT, metadata={"description": words or "Minor units"}, **kwargs)


def _one_of(words: Any, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf([str(word) for word in words]), **kwargs)


def _time(**kwargs: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", **kwargs)


def _currency() -> fields.String:
    return fields.String(validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"description": "CNY when left out"})


class PushHeaders(Schema):
    """A key of your own ties a request to its repeats; other headers are none of ours."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = _words(100, least=8, data_key="Idempotency-Key")


class BuyerIn(Body):
    """Who bought; the id is what recognises the same buyer again."""

    external_id = _words(100)
    nick = _words(100)


class ReceiverIn(Body):
    """Where and to whom; sealed as soon as it is stored."""

    name = _words(100)
    phone = _words(40)
    telephone = _words(40)
    country = _words(40)
    state = _words(60)
    city = _words(60)
    district = _words(60)
    town = _words(60)
    address = _words(500)
    postcode = _words(20)
    email = _words(200, metadata={"description": "The buyer's, for notices by mail"})
    latitude = fields.Float(
        allow_none=True, validate=validate.Range(min=-90, max=90),
        metadata={"description": "With longitude: no map service is asked where points deliver by radius or polygon"},
    )  # fmt: skip
    longitude = fields.Float(allow_none=True, validate=validate.Range(min=-180, max=180))


class LineIn(Body):
    """A line; amounts are totals of the line: list_amount − discounts (+ tax when not included) = paid_amount."""

    external_no = _number(required=True)
    seller_code = _words(100, metadata={"description": "The code of our SKU or bundle"})
    listing_no = _words(100)
    variant_no = _words(100)
    title = _words(500)
    variant = _words(200)
    units = fields.Integer(required=True, strict=True, validate=UNITS)
    list_amount = _amount(required=True)
    paid_amount = _amount(required=True)
    discount_merchant = _amount()
    discount_platform = _amount()
    discount_coin = _amount()
    discount_member = _amount()
    discount_distributor = _amount()
    tax_amount = _amount()
    tax_included = fields.Boolean(metadata={"description": "True when left out"})
    kind = _one_of(["goods", "freight", "fee", "tip", "gift_card", "service"])
    state = _one_of(OrderState)
    refund = _one_of(RefundState)
    is_gift = fields.Boolean()
    fulfiller = _one_of(Fulfiller, metadata={"description": "Who ships it; us when left out"})
    bound_group = _words(100, metadata={"description": "Lines of one group leave together"})
    settlement_amount = _amount("What the order's partner pays us for the line, in minor units", allow_none=True)


class PaymentIn(Body):
    """A part of the money; without paid_at it is still due."""

    kind = _one_of(PaymentKind, required=True)
    amount = _amount(required=True)
    paid_at = _time(allow_none=True)
    reference = _words(100)


class InvoiceIn(Body):
    """The invoice the buyer wants."""

    title = _words(200)
    kind = _one_of(["personal", "company", "special"])
    tax_no = _words(100)


class DeliveryIn(Body):
    """How an order goes through a store; left out, it goes by courier."""

    mode = _one_of(
        DeliveryMode,
        required=True,
        metadata={"description": "store_pickup and store_delivery: the store's own goods; unified: warehouse goods"},
    )
    leg = _one_of(LastLeg, metadata={"description": "Collected at the store, or brought by it; pickup when left out"})
    store = _words(100, metadata={"description": "Code of the store; left out, the hub finds one"})
    person = _words(100, metadata={"description": "Who collects, when that is not the receiver"})
    phone = _words(40)
    promise_at = _time(allow_none=True)
    latitude = fields.Float(allow_none=True, validate=validate.Range(min=-90, max=90))
    longitude = fields.Float(allow_none=True, validate=validate.Range(min=-180, max=180))


class OrderPartnerIn(Body):
    """The agent or distributor whose order it is; the hub knows it by its code."""

    code = _number(required=True)
    reference = _words(100, metadata={"description": "The partner's own number of the order"})


class OrderIn(Document):
    """An order as it is now; paid_total is the sum of the lines' paid_amount."""

    external_no = _number(required=True)
    state = _one_of(OrderState, required=True)
    created_at = _time(required=True)
    changed_at = _time(required=True, metadata={"description": "Must move with every change"})
    paid_at = _time(allow_none=True)
    ship_by = _time(allow_none=True)
    currency = _currency()
    paid_total = _amount(required=True)
    buyer = fields.Nested(BuyerIn)
    receiver = fields.Nested(ReceiverIn)
    lines = fields.List(fields.Nested(LineIn), required=True, validate=validate.Length(min=1, max=MOST_LINES))
    payments = fields.List(fields.Nested(PaymentIn), validate=validate.Length(max=20))
    is_cod = fields.Boolean()
    is_presale = fields.Boolean()
    part_shipment_forbidden = fields.Boolean()
    buyer_message = _words(1000)
    seller_memo = _words(1000)
    flag = _words(20)
    invoice = fields.Nested(InvoiceIn, allow_none=True)
    delivery = fields.Nested(DeliveryIn, allow_none=True)
    partner = fields.Nested(OrderPartnerIn, allow_none=True, metadata={"description": "Left out, the shop's own order"})


class SaleIn(OrderIn):
    """A sale over a store's counter; state is completed, and the goods have left the named stock point."""

    stock_point = _number(required=True, metadata={"description": "Code of a store in the shop's stock pool"})


class CaseIn(Document):
    """A refund, return or exchange of one line, as it is now."""

    external_no = _number(required=True)
    order_no = _number(required=True)
    line_no = _number(required=True, metadata={"description": "external_no of the order's line"})
    kind = _one_of(["refund", "return", "exchange", "repair", "reship", "other"], required=True)
    state = _one_of(RefundState, required=True)
    currency = _currency()
    amount = _amount("What is asked back, in minor units", required=True)
    units = fields.Integer(strict=True, validate=UNITS)
    created_at = _time(required=True)
    changed_at = _time(required=True)
    respond_by = _time(allow_none=True)
    reason = _words(100)
    words = _words(1000)
    return_carrier = _words(100)
    return_waybill = _words(100)
    wanted_seller_code = _words(100)
    evidence = fields.List(
        fields.String(validate=[validate.Length(max=500), plain_text]), validate=validate.Length(max=20)
    )


def _batch(schema: type[Document]) -> fields.List[Any]:
    return fields.List(Alone(schema), required=True, validate=validate.Length(min=1, max=MOST_DOCUMENTS))


class OrderBatch(Body):
    """Up to 200 orders."""

    orders = _batch(OrderIn)


class CaseBatch(Body):
    """Up to 200 cases."""

    cases = _batch(CaseIn)


class SaleBatch(Body):
    """Up to 200 store sales."""

    sales = _batch(SaleIn)


class ResultsQuestion(Question):
    """Since when."""

    cursor = _words(100, metadata={"description": "`cursor` of the answer before; `now` to start with what comes next"})
    limit = fields.Integer(validate=validate.Range(min=1, max=200), load_default=100)


class SellableQuestion(Question):
    """Which goods."""

    sku = _words(100)
    cursor = _words(100, metadata={"description": "`next` of the page before"})


class CountedIn(Body):
    """Good units of a SKU that were counted."""

    sku = _number(required=True)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=10**9))


class CountIn(Body):
    """A count of one stock point; goods that are not named stay as they are."""

    stock_point = _number(required=True)
    counted_at = _time(required=True)
    levels = fields.List(fields.Nested(CountedIn), required=True, validate=validate.Length(min=1, max=MOST_LEVELS))


class WebhookIn(Body):
    """An address to tell, and of what."""

    url = _words(500, least=8, required=True)
    topics = fields.List(_one_of(TOPICS), required=True, validate=validate.Length(min=1, max=10))


class WebhookChange(WebhookIn):
    """The same, and whether to wait."""

    paused = fields.Boolean(load_default=False)
