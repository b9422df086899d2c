"""What goes in and out of the API for stores."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from oms.api.schemas import ID, Body, plain_text
from oms.app.pipeline.stores.money import METHODS
from oms.db.stores import LEGS, MODES


def _words(most: int, **kwargs: Any) -> fields.String:
    return fields.String(validate=[validate.Length(max=most), plain_text], **kwargs)


class StoreOut(Schema):
    """A store with its open work."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    tasks = fields.Integer(required=True)
    arrivals = fields.Integer(required=True)
    parcels = fields.Integer(required=True)


class StoreList(Schema):
    """The caller's stores."""

    stores = fields.List(fields.Nested(StoreOut), required=True)


class StoreTaskOut(Schema):
    """An order for the store's own goods; with `stop` asked it was called off: put the goods back."""

    fulfilment_id = fields.Integer(required=True, attribute="id")
    order_no = fields.String(required=True, attribute="external_no")
    status = fields.String(required=True)
    stop = fields.String(required=True)
    mode = fields.String(required=True)
    picked = fields.Boolean(required=True)
    goods = fields.String(required=True, attribute="said", allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)


class StoreParcelOut(Schema):
    """A parcel at a store or out with a clerk; `due_amount` minor units are to be taken with it."""

    parcel_id = fields.Integer(required=True, attribute="id")
    waybill_no = fields.String(required=True)
    order_no = fields.String(required=True, attribute="external_no")
    state = fields.String(required=True)
    leg = fields.String(required=True)
    shelf = fields.String(required=True)
    goods = fields.String(required=True, attribute="said", allow_none=True)
    due_amount = fields.Integer(required=True)
    currency = fields.String(required=True)
    ready_at = fields.AwareDateTime(required=True, allow_none=True)
    overdue_at = fields.AwareDateTime(required=True, allow_none=True)


class StoreWork(Schema):
    """What a store has before it."""

    tasks = fields.List(fields.Nested(StoreTaskOut), required=True)
    parcels = fields.List(fields.Nested(StoreParcelOut), required=True)


class Done(Schema):
    """It is done, or was done before with this key."""

    done = fields.Boolean(required=True)


class TaskIn(Body):
    """`reason` for refuse (out_of_stock, too_busy, closing, too_far, other), `shelf` for finish."""

    store_id = fields.Integer(required=True, strict=True, validate=ID)
    reason = _words(40, load_default="")
    shelf = _words(20, load_default="")


class ParcelIn(Body):
    """`code` and what was taken for hand-over, `reason` for refuse, `shelf` for ready."""

    store_id = fields.Integer(required=True, strict=True, validate=ID)
    code = _words(12, load_default="")
    amount = fields.Integer(strict=True, validate=validate.Range(min=1, max=10**12), load_default=None, allow_none=True)
    method = fields.String(validate=validate.OneOf(METHODS), load_default="other")
    reference = _words(100, load_default="")
    reason = _words(40, load_default="")
    shelf = _words(20, load_default="")


class NoteIn(Body):
    """`waybill_no` for receive, with what is damaged or the shelf on which it is ready at once."""

    point_id = fields.Integer(required=True, strict=True, validate=ID)
    waybill_no = _words(100, load_default="")
    damage = _words(300, load_default="")
    shelf = _words(20, load_default="")


class StoreIn(Body):
    """The store of an order; mode and leg send an order by courier through it from now on."""

    store_id = fields.Integer(required=True, strict=True, validate=ID)
    mode = fields.String(validate=validate.OneOf(MODES), load_default="")
    leg = fields.String(validate=validate.OneOf(LEGS), load_default="")
