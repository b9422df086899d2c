"""What goes in and out of the API about partners: amounts are minor units of the partner's currency."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from oms.api.schemas import Body, Question, plain_text
from oms.app.finance.partners import DEDUCTS, KINDS, SHIPS

DAY = {"description": "A day as 2026-11-22, of China's time zone"}


def _words(longest: int, **more: Any) -> fields.String:
    return fields.String(validate=[validate.Length(max=longest), plain_text], **more)


class PartnerIn(Body):
    """What a partner's orders are handled by. What is left out is as for a new partner."""

    name = _words(100, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    currency = fields.String(load_default="CNY", validate=validate.Regexp("^[A-Z]{3}$"))
    ships = fields.String(load_default="us", validate=validate.OneOf(SHIPS), metadata={
        "description": "Who sends its orders: us, the partner, or by the master rows partner_goods"})  # fmt: skip
    needs_price = fields.Boolean(load_default=False, metadata={"description": "Orders without settlement price wait"})
    settles_own = fields.Boolean(load_default=False, metadata={"description": "What it sends itself is settled, too"})
    deducts = fields.String(load_default="refunded", validate=validate.OneOf(DEDUCTS), metadata={
        "description": "Which units lower what it owes"})  # fmt: skip
    sender_name = _words(60, load_default="", metadata={"description": "Stands on labels instead of our name"})
    sender_phone = _words(60, load_default="")
    is_stopped = fields.Boolean(load_default=False, metadata={"description": "New orders of it wait"})
    shops = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1, max=2**63 - 1)),
        load_default=list, validate=validate.Length(max=500),
        metadata={"description": "Ids of the shops all of whose orders are its"},
    )  # fmt: skip


class PartnerOut(Schema):
    """A partner; `open_amount` is what no statement has yet. The sender's phone is not told."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    currency = fields.String(required=True)
    ships = fields.String(required=True)
    needs_price = fields.Boolean(required=True)
    settles_own = fields.Boolean(required=True)
    deducts = fields.String(required=True)
    sender_name = fields.String(required=True)
    is_stopped = fields.Boolean(required=True)
    orders = fields.Integer(required=True)
    open_amount = fields.Integer(required=True)


class PartnerList(Schema):
    """All partners."""

    partners = fields.List(fields.Nested(PartnerOut), required=True)


class EntriesQuery(Question):
    """Days or a statement, and a page of its entries."""

    first = fields.Date(load_default=None, metadata=DAY)
    last = fields.Date(load_default=None, metadata=DAY)
    statement = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**31 - 1))
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**63 - 1), metadata={
        "description": "The `next` of the page before"})  # fmt: skip


class EntryOut(Schema):
    """Units of a line that left (sale), came back (return), or a price that changed; signed amounts."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    kind = fields.String(required=True)
    units = fields.Integer(required=True)
    amount = fields.Integer(required=True)
    currency = fields.String(required=True)
    order_no = fields.String(required=True, attribute="external_no")
    reference = fields.String(required=True, metadata={"description": "The partner's own number of the order"})
    line_no = fields.String(required=True)
    sku = fields.String(required=True)
    statement = fields.Integer(required=True, allow_none=True)


class EntryPage(Schema):
    """A page of entries; `next` is 0 on the last one."""

    entries = fields.List(fields.Nested(EntryOut), required=True)
    next = fields.Integer(required=True)


class StatementIn(Body):
    """The last day of a statement: everything up to its end that no statement has yet."""

    until = fields.Date(required=True, metadata=DAY)


class StatementOut(Schema):
    """A statement: total = sold + back + changed."""

    number = fields.Integer(required=True)
    until = fields.Date(required=True)
    currency = fields.String(required=True)
    orders = fields.Integer(required=True)
    units = fields.Integer(required=True)
    units_back = fields.Integer(required=True)
    sold = fields.Integer(required=True)
    back = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    total = fields.Integer(required=True)
    closed_at = fields.AwareDateTime(required=True)


class StatementList(Schema):
    """A partner's statements, the newest first."""

    statements = fields.List(fields.Nested(StatementOut), required=True)


class AmountIn(Body):
    """What a line of a partner's order is settled at, in minor units of the partner's currency, and why."""

    line_no = _words(100, required=True)
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=10**12 - 1))
    reason = _words(200, required=True)
