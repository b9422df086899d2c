"""What goes into and comes out of the API of promises, checked at the edge."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from oms.api.schemas import Body, Question, plain_text
from oms.db.promises import QUOTA_SCOPES

CODE = validate.And(validate.Length(min=1, max=100), plain_text)
UNITS = validate.Range(min=0, max=1_000_000)


class QuotaQuestion(Question):
    """Where to go on."""

    cursor = fields.String(
        validate=[validate.Length(max=800), plain_text], metadata={"description": "`next` of the page before"}
    )


class QuotaIn(Body):
    """A place's quota on a SKU; an empty `sku` is every SKU, `scope_id` is 0 for global."""

    scope = fields.String(required=True, validate=validate.OneOf(QUOTA_SCOPES))
    scope_id = fields.Integer(strict=True, load_default=0, validate=validate.Range(min=0, max=2**63 - 1))
    sku = fields.String(load_default="", validate=[validate.Length(max=100), plain_text])
    exclusive = fields.Integer(strict=True, allow_none=True, validate=UNITS)
    ratio_bp = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=0, max=10_000))
    threshold = fields.Integer(strict=True, allow_none=True, validate=UNITS)
    threshold_units = fields.Integer(strict=True, allow_none=True, validate=UNITS)


class QuotaOut(Schema):
    """A quota as it is in force; `used` are exclusive units that orders have drawn."""

    id = fields.Integer(required=True)
    scope = fields.String(required=True)
    scope_id = fields.Integer(required=True)
    sku = fields.String(required=True)
    exclusive = fields.Integer(required=True, allow_none=True)
    used = fields.Integer(required=True)
    ratio_bp = fields.Integer(required=True, allow_none=True)
    threshold = fields.Integer(required=True, allow_none=True)
    threshold_units = fields.Integer(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)


class QuotaList(Schema):
    """Quotas, those of all SKUs first, at most two hundred; `next` is empty on the last page."""

    quotas = fields.List(fields.Nested(QuotaOut), required=True)
    next = fields.String(required=True)


class StepOut(Schema):
    """A step of the reckoning, and the units after it."""

    step = fields.String(required=True)
    units = fields.Integer(required=True)


class ShopTold(Schema):
    """What a shop would be told; `worth` of one more sale there, where last units go by it, in minor units.

    It is null where the shop's currency is another than the cost price's, so that it comes after those that compare.
    """

    shop_id = fields.Integer(required=True)
    told = fields.Integer(required=True)
    exclusive = fields.Integer(required=True)
    worth = fields.Integer(required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepOut), required=True)


class PoolTold(Schema):
    """A pool's units of the SKU, and its shops."""

    pool = fields.String(required=True)
    there = fields.Integer(required=True)
    promised = fields.Integer(required=True)
    available = fields.Integer(required=True)
    shops = fields.List(fields.Nested(ShopTold), required=True)


class ToldPreview(Schema):
    """By pool what its shops would be told."""

    pools = fields.List(fields.Nested(PoolTold), required=True)


class ProposalOut(Schema):
    """Units to buy of a SKU for a pool; `daily_milli` are thousandths of a unit a day."""

    id = fields.Integer(required=True)
    pool = fields.String(required=True)
    sku = fields.String(required=True)
    units = fields.Integer(required=True)
    daily_milli = fields.Integer(required=True)
    free = fields.Integer(required=True)
    backlog = fields.Integer(required=True)
    incoming = fields.Integer(required=True)
    days_left = fields.Integer(required=True)
    lead_days = fields.Integer(required=True)
    renewed_at = fields.AwareDateTime(required=True)


class ProposalPage(Schema):
    """Open proposals."""

    proposals = fields.List(fields.Nested(ProposalOut), required=True)


class KeptQuestion(Question):
    """Where to go on."""

    cursor = fields.String(
        validate=[validate.Length(max=100), plain_text], metadata={"description": "`next` of the page before"}
    )


class KeepItem(Body):
    """Units of a SKU to keep."""

    sku = fields.String(required=True, validate=CODE)
    units = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=1_000_000))


class KeepIn(Body):
    """Units to keep until a moment within thirty days."""

    items = fields.List(fields.Nested(KeepItem), required=True, validate=validate.Length(min=1, max=200))
    expires_at = fields.AwareDateTime(required=True, format="iso")


class KeptOut(Schema):
    """Units kept under a reference."""

    reference = fields.String(required=True)
    sku = fields.String(required=True)
    units = fields.Integer(required=True)
    since = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class KeptPage(Schema):
    """What is kept, at least two hundred rows and all of a reference; `next` is empty on the last page."""

    reservations = fields.List(fields.Nested(KeptOut), required=True)
    next = fields.String(required=True)
