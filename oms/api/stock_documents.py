"""Transfers between stock points and adjustments through the API; each made once however often it is sent."""

from __future__ import annotations

from typing import Any, Final

from flask.wrappers import Response
from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, HEADERS, Routes
from oms.api.schemas import Body
from oms.api.stock import CODE, MOST_UNITS, MOVE, VIEW, WORDS, ExpectedLineIn, require
from oms.api.stock_once import OnceHeaders, answer_once, asked_once, reference_field
from oms.app.kernel.queries.stock_papers import papers_of
from oms.app.stock.adjusting import Change, adjust
from oms.app.stock.reports import TOLD_KINDS
from oms.app.stock.told import PEOPLES
from oms.app.stock.transfers import NewTransfer, create_transfer
from oms.domain.errors import Invalid, NotFound
from oms.domain.lifecycle import TRANSFER
from oms.domain.numbers import document_no

ID: Final = "/<int(min=1, max=9223372036854775807):transfer_id>"
routes = Routes("stock_documents", "Stock that goes from one point to another, and corrections by people")


class StockTransferIn(Body):
    """Goods that shall go from one stock point to another."""

    from_point = fields.String(required=True, validate=CODE)
    to_point = fields.String(required=True, validate=CODE)
    kind = fields.String(load_default="good", validate=validate.OneOf(TOLD_KINDS))
    reference = reference_field()
    lines = fields.List(fields.Nested(ExpectedLineIn), required=True, validate=validate.Length(min=1, max=1000))


class StockTransferLineOut(Schema):
    """A line of a transfer with what came of it so far."""

    sku = fields.String(required=True)
    kind = fields.String(required=True)
    planned = fields.Integer(required=True)
    sent = fields.Integer(required=True)
    received = fields.Integer(required=True)
    received_defective = fields.Integer(required=True)
    lost = fields.Integer(required=True)


class StockTransferOut(Schema):
    """A transfer."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(TRANSFER.states))
    from_point = fields.String(required=True)
    to_point = fields.String(required=True)
    lines = fields.List(fields.Nested(StockTransferLineOut), required=True)


class StockChangeIn(Body):
    """Units more (or fewer, negative) of a SKU and kind."""

    sku = fields.String(required=True, validate=CODE)
    units = fields.Integer(required=True, validate=validate.Range(min=-MOST_UNITS, max=MOST_UNITS))
    kind = fields.String(load_default="good", validate=validate.OneOf(TOLD_KINDS))


class StockAdjustmentIn(Body):
    """A correction of levels at one stock point, with its class and why."""

    stock_point = fields.String(required=True, validate=CODE)
    difference_class = fields.String(required=True, validate=validate.OneOf(PEOPLES))
    words = fields.String(load_default="", validate=WORDS)
    reference = reference_field()
    lines = fields.List(fields.Nested(StockChangeIn), required=True, validate=validate.Length(min=1, max=500))


class StockAdjustmentOut(Schema):
    """The adjustment that was booked."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)


@routes.post(
    "/stock-transfers", MOVE, StockTransferOut, asks=[(HEADERS, OnceHeaders), (BODY, StockTransferIn)],
    refuses=[409, 422], status=201,
)  # fmt: skip
def post_transfer(headers: dict[str, str], asked: dict[str, Any]) -> Response:
    """Plan a transfer; a warehouse with a system of its own is asked to send the goods."""
    require(MOVE)
    requests = asked_once("transfer", headers, asked)
    wanted = NewTransfer(asked["from_point"], asked["to_point"], units_of(asked["lines"]), asked["kind"])
    made = create_transfer(hub(), wanted, caller().actor, requests)
    return answer_once(StockTransferOut, _told(made.id), is_new=made.is_new)


@routes.get(f"/stock-transfers{ID}", VIEW, StockTransferOut, refuses=[404])
def show_transfer(transfer_id: int) -> dict[str, Any]:
    """One transfer with its lines."""
    return _told(transfer_id)


@routes.post(
    "/stock-adjustments", MOVE, StockAdjustmentOut, asks=[(HEADERS, OnceHeaders), (BODY, StockAdjustmentIn)],
    refuses=[409, 422], status=201,
)  # fmt: skip
def post_adjustment(headers: dict[str, str], asked: dict[str, Any]) -> Response:
    """Correct levels; refused when fewer than no units would be left."""
    require(MOVE)
    requests = asked_once("adjustment", headers, asked)
    changes = [Change(line["sku"], line["units"], line["kind"]) for line in asked["lines"]]
    told = asked["difference_class"], asked["words"]
    made = adjust(hub(), asked["stock_point"], changes, *told, caller().actor, requests)
    answer = {"id": made.id, "number": document_no("adjustment", made.id)}
    return answer_once(StockAdjustmentOut, answer, is_new=made.is_new)


def units_of(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Units by SKU; one that is named twice is refused."""
    units = {line["sku"]: line["units"] for line in lines}
    if len(units) < len(lines):
        raise Invalid("lines", "a SKU is named twice", "send one line for each SKU")
    return units


def _told(transfer_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        paper = papers_of(connection, "transfer", transfer_id)
    if paper is None:
        raise NotFound("there is no such transfer", "look at the list")
    return {**paper["head"]._mapping, "number": document_no("transfer", transfer_id),
            "lines": [line._mapping for line in paper["lines"]]}  # fmt: skip
