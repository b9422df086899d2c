"""What goes in and out of the API for warehouses without a system."""

from __future__ import annotations

from collections.abc import Callable

from marshmallow import Schema, fields, validate

from oms.api.schemas import ID, LARGEST, Body, Question, plain_text

PLACE = validate.Range(min=0, max=LARGEST)
GRAMS = validate.Range(min=1, max=1_000_000)
UNITS = validate.Range(min=1, max=100_000)
CODE: list[Callable[[str], object]] = [validate.Length(min=1, max=100), plain_text]
WORDS: list[Callable[[str], object]] = [validate.Length(max=200), plain_text]


class WorkQuestion(Question):
    """Which open work; every stock point of the caller unless one is named."""

    stock_point_id = fields.Integer(validate=ID)
    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": "`next` of the page before"})


class WorkChangesQuestion(Question):
    """Since when."""

    cursor = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=100), plain_text],
        metadata={"description": "`cursor` of the first page of work, or of the read before"},
    )


class WorkLineOut(Schema):
    """Goods of a fulfilment: units still to send, sent, and reported as missing."""

    sku = fields.String(required=True, attribute="code")
    name = fields.String(required=True)
    barcode = fields.String(required=True)
    open = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    short = fields.Integer(required=True)
    is_gift = fields.Boolean(required=True)


class WorkParcelOut(Schema):
    """A parcel that left."""

    carrier = fields.String(required=True)
    waybill_no = fields.String(required=True)
    weight_g = fields.Integer(required=True, allow_none=True)


class WorkBrief(Schema):
    """A fulfilment at a stock point. With `stop` asked it must not leave: answer with the verb answer-stop."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    stock_point_id = fields.Integer(required=True)
    status = fields.String(required=True)
    stop = fields.String(required=True)
    carrier = fields.String(required=True, allow_none=True)
    ship_by = fields.AwareDateTime(required=True, allow_none=True)
    units = fields.Integer(required=True)
    collect_amount = fields.Integer(required=True, metadata={"description": "To collect from the buyer, minor units"})
    currency = fields.String(required=True)


class WorkFull(WorkBrief):
    """A fulfilment with its goods and parcels."""

    lines = fields.List(fields.Nested(WorkLineOut), required=True)
    parcels = fields.List(fields.Nested(WorkParcelOut), required=True)


class WorkPage(Schema):
    """One page of open work by id; `next` is 0 on the last. Keep the `cursor` of the first page to read changes from."""

    work = fields.List(fields.Nested(WorkBrief), required=True)
    next = fields.Integer(required=True)
    cursor = fields.String(required=True)


class WorkChanges(Schema):
    """Fulfilments that changed, as they are now; keep `cursor` for the next read."""

    work = fields.List(fields.Nested(WorkBrief), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class ReceiverOut(Schema):
    """Where a fulfilment goes; what the platform masks stays masked."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    state = fields.String(required=True)
    city = fields.String(required=True)
    district = fields.String(required=True)
    town = fields.String(required=True)
    address = fields.String(required=True)
    postcode = fields.String(required=True)


class SenderOut(Schema):
    """Who sends it, as the label names them."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    address = fields.String(required=True)


class LabelOut(Schema):
    """A package's label; `print_data` is for the carrier's own print component, empty where the carrier gives none."""

    package = fields.Integer(required=True)
    carrier = fields.String(required=True)
    waybill_no = fields.String(required=True)
    parent_no = fields.String(required=True)
    prints = fields.Integer(required=True, metadata={"description": "Its version; prints of a lower one are void"})
    collect_amount = fields.Integer(required=True, metadata={"description": "To collect with this package, minor units"})
    currency = fields.String(required=True)
    sender = fields.Nested(SenderOut, required=True)
    receiver = fields.Nested(ReceiverOut, required=True)
    template_url = fields.String(required=True)
    print_data = fields.String(required=True)


class LabelList(Schema):
    """The labels of a fulfilment by package."""

    labels = fields.List(fields.Nested(LabelOut), required=True)


class PackedParcelIn(Schema):
    """A parcel; without `items` it holds everything that is open."""

    carrier = fields.String(required=True, validate=CODE, metadata={"description": "Our code of the carrier, e.g. ZTO"})
    waybill_no = fields.String(required=True, validate=CODE)
    weight_g = fields.Integer(
        validate=validate.Range(min=1, max=1_000_000), load_default=None, strict=True, allow_none=True
    )
    items = fields.Dict(
        keys=fields.String(validate=CODE),
        values=fields.Integer(validate=UNITS, strict=True),
        load_default=dict,
        validate=validate.Length(max=500),
        metadata={"description": "Units by SKU code"},
    )


class VerbIn(Body):
    """What a verb wants: `parcels` and `final` to ship, `lack` to report, `reason` to refuse, `stopped` to answer."""

    parcels = fields.List(fields.Nested(PackedParcelIn), validate=validate.Length(min=1, max=100))
    final = fields.Boolean(load_default=True, metadata={"description": "False when more parcels follow"})
    lack = fields.Dict(
        keys=fields.String(validate=CODE),
        values=fields.Integer(validate=UNITS, strict=True),
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Missing units by SKU code"},
    )
    left = fields.Integer(
        validate=validate.Range(min=0, max=10_000_000),
        load_default=None,
        allow_none=True,
        strict=True,
        metadata={
            "description": "Units of each missing SKU that are still on the shelf for others, 0 for an empty shelf; "
            "without it only the missing units are taken off the stock"
        },
    )
    reason = fields.String(validate=WORDS, load_default="")
    stopped = fields.Boolean(metadata={"description": "True: put aside. False: it had gone already"})


class RelabelOut(Schema):
    """A label that its carrier has changed, and of which nobody has said that the parcel bears it."""

    id = fields.Integer(required=True)
    fulfilment_id = fields.Integer(required=True)
    number = fields.String(required=True)
    stock_point_id = fields.Integer(required=True)
    order_no = fields.String(required=True)
    what = fields.List(fields.String(), required=True)
    told_at = fields.AwareDateTime(required=True)


class RelabelList(Schema):
    """The longest told first, at most two hundred."""

    changes = fields.List(fields.Nested(RelabelOut), required=True)


class RelabelIn(Body):
    """Whether the parcel bears the new label; `words` say why not."""

    is_done = fields.Boolean(required=True)
    words = fields.String(load_default="", validate=WORDS)
