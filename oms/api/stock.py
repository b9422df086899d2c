"""Stock through the API: the ledger since a cursor, counts, purchase receipts expected and received."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import orjson
from flask.wrappers import Response
from marshmallow import Schema, fields, validate

from oms.api.access import caller, hub
from oms.api.blueprints import BODY, HEADERS, QUERY, Routes
from oms.api.schemas import Body, Question, plain_text
from oms.api.stock_once import OnceHeaders, answer_once, asked_once, reference_field
from oms.app.kernel.queries.stock_papers import counted_lines, papers_of
from oms.app.kernel.queries.stock_room import movements_since
from oms.app.stock.confirming import Confirm, Units, open_batch, point_by_code, skus_by_code
from oms.app.stock.once import make_once
from oms.app.stock.receipts import NewReceipt, create_receipt, receive
from oms.app.stock.reports import TOLD_KINDS, take_report
from oms.app.stock.told import Told, ToldLine
from oms.db.sealed import content_hash
from oms.db.stock import KINDS
from oms.domain.errors import Forbidden, Invalid, NotFound
from oms.domain.lifecycle_stock import GOODS_RECEIPT
from oms.domain.numbers import document_no

VIEW, COUNT, MOVE = "stock.view", "stock.count", "stock.move"
MOST_UNITS: Final = 100_000_000
OLDEST, AHEAD = timedelta(days=31), timedelta(minutes=5)
CODE: Final[list[Callable[[str], object]]] = [validate.Length(min=1, max=100), plain_text]
WORDS: Final[list[Callable[[str], object]]] = [validate.Length(max=200), plain_text]
ID: Final = "/<int(min=1, max=9223372036854775807):receipt_id>"
routes = Routes("stock_room", "Stock: its ledger since a cursor, counts, and goods that suppliers send")


class LedgerQuestion(Question):
    """Where to go on."""

    cursor = fields.String(load_default="", validate=WORDS, metadata={"description": "The `cursor` of the answer before"})
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))


class StockMovementOut(Schema):
    """A movement of stock; `as_of` is when it happened, where that is known, `at` when it was booked."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    as_of = fields.AwareDateTime(required=True, allow_none=True)
    sku = fields.String(required=True)
    stock_point = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    on_hand = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    reason = fields.String(required=True)
    document_kind = fields.String(required=True)
    document_id = fields.Integer(required=True, allow_none=True)


class StockLedgerOut(Schema):
    """Movements in the order of their booking; store `cursor` together with what you did about them."""

    movements = fields.List(fields.Nested(StockMovementOut), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class CountedLineIn(Body):
    """Units of a SKU and kind that were counted."""

    sku = fields.String(required=True, validate=CODE)
    units = fields.Integer(required=True, validate=validate.Range(min=0, max=MOST_UNITS))
    kind = fields.String(load_default="good", validate=validate.OneOf(TOLD_KINDS))


class StockCountIn(Body):
    """A count of one stock point, as of the moment it was made; what moved since is added by the hub."""

    stock_point = fields.String(required=True, validate=CODE)
    counted_at = fields.AwareDateTime(required=True)
    levels = fields.List(fields.Nested(CountedLineIn), required=True, validate=validate.Length(min=1, max=1000))


class CountedLineOut(Schema):
    """What became of a line: booked, same, waiting for a person, older than a count taken before, or unknown."""

    sku = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    difference = fields.Integer(required=True)


class StockCountOut(Schema):
    """The lines of the count with what became of them; the same count sent twice counts once and is answered alike."""

    lines = fields.List(fields.Nested(CountedLineOut), required=True)


class ExpectedLineIn(Body):
    """Units of a SKU that a supplier sends."""

    sku = fields.String(required=True, validate=CODE)
    units = fields.Integer(required=True, validate=validate.Range(min=1, max=MOST_UNITS))


class GoodsReceiptIn(Body):
    """Goods to be expected at a stock point."""

    stock_point = fields.String(required=True, validate=CODE)
    purchase_no = fields.String(load_default="", validate=[validate.Length(max=50), plain_text])
    supplier_code = fields.String(load_default="", validate=[validate.Length(max=50), plain_text])
    supplier_name = fields.String(load_default="", validate=WORDS)
    expected_at = fields.AwareDateTime(load_default=None, allow_none=True)
    reference = reference_field()
    lines = fields.List(fields.Nested(ExpectedLineIn), required=True, validate=validate.Length(min=1, max=1000))


class ReceivedLineIn(Body):
    """Units that came in; negative ones correct what was told before."""

    sku = fields.String(required=True, validate=CODE)
    units = fields.Integer(required=True, validate=validate.Range(min=-MOST_UNITS, max=MOST_UNITS))
    kind = fields.String(load_default="good", validate=validate.OneOf(TOLD_KINDS))


class GoodsReceivedIn(Body):
    """An increment of a receipt; `key` is your own number of it, so that it counts once however often it is sent."""

    key = fields.String(required=True, validate=[validate.Length(min=1, max=100), plain_text])
    at = fields.AwareDateTime(required=True)
    is_final = fields.Boolean(load_default=False)
    takes_more = fields.Boolean(
        load_default=False, metadata={"description": "True: more than is expected came in, and that is no mistake"}
    )
    lines = fields.List(fields.Nested(ReceivedLineIn), required=True, validate=validate.Length(max=1000))


class GoodsReceiptLineOut(Schema):
    """A line of a receipt with what came of it so far."""

    sku = fields.String(required=True)
    expected = fields.Integer(required=True)
    received_good = fields.Integer(required=True)
    received_defective = fields.Integer(required=True)
    result = fields.String(required=True)
    difference_class = fields.String(required=True)


class GoodsReceiptOut(Schema):
    """A purchase receipt."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(GOODS_RECEIPT.states))
    stock_point = fields.String(required=True)
    purchase_no = fields.String(required=True)
    supplier_name = fields.String(required=True)
    expected_at = fields.AwareDateTime(required=True, allow_none=True)
    lines = fields.List(fields.Nested(GoodsReceiptLineOut), required=True)


@routes.get("/stock-movements", VIEW, StockLedgerOut, asks=[(QUERY, LedgerQuestion)], refuses=[422])
def list_movements(asked: dict[str, Any]) -> dict[str, Any]:
    """The ledger since a cursor; what was booked in the last ten seconds is told by the next read."""
    with hub().engine.connect() as connection:
        rows, cursor, more = movements_since(connection, asked["cursor"], asked["limit"])
    return {"movements": [row._mapping for row in rows], "cursor": cursor, "more": more}


@routes.post(
    "/stock-counts", COUNT, StockCountOut, asks=[(HEADERS, OnceHeaders), (BODY, StockCountIn)], refuses=[409, 422]
)
def post_count(headers: dict[str, str], asked: dict[str, Any]) -> Response:
    """Post a count of a stock point; a large difference waits for a person, an older count changes nothing."""
    require(COUNT)
    now, at = hub().clock(), asked["counted_at"]
    if not now - OLDEST <= at <= now + AHEAD:
        raise Invalid("counted_at", "this is not within the last 31 days", "count again, and send when it was counted")
    told = {(level["sku"], level["kind"]): level["units"] for level in asked["levels"]}
    if len(told) < len(asked["levels"]):
        raise Invalid("levels", "a SKU is named twice", "send one count for each SKU")
    content = orjson.dumps(sorted((*key, units) for key, units in told.items()))
    key = f"api|{at:%Y%m%d%H%M%S%f}|{content_hash(content).hex()[:16]}"
    lines = [ToldLine(sku, kind, units, f"{key}|{sku}|{kind}", at) for (sku, kind), units in told.items()]
    is_new = False

    def count() -> int:
        nonlocal is_new
        is_new = bool(take_report(batch, Told(point_id, "count", key, at, lines)))
        return point_id

    with hub().begin() as connection:
        point_id = point_by_code(connection, asked["stock_point"])
        batch = open_batch(hub(), connection, caller().actor)
        make_once(connection, batch.now, asked_once("count", headers, asked), count)
    hub().poke("advance")
    with hub().engine.connect() as connection:
        rows = counted_lines(connection, point_id, key)
    return answer_once(StockCountOut, {"lines": [row._mapping for row in rows]}, is_new=is_new, status=200)


@routes.post(
    "/goods-receipts", MOVE, GoodsReceiptOut, asks=[(HEADERS, OnceHeaders), (BODY, GoodsReceiptIn)],
    refuses=[409, 422], status=201,
)  # fmt: skip
def post_receipt(headers: dict[str, str], asked: dict[str, Any]) -> Response:
    """Expect goods of a supplier; a warehouse with a system of its own is told.

    Each call without a key or a reference makes a receipt.
    """
    require(MOVE)
    requests = asked_once("receipt", headers, asked)
    lines = {line["sku"]: line["units"] for line in asked["lines"]}
    if len(lines) < len(asked["lines"]):
        raise Invalid("lines", "a SKU is named twice", "send one line for each SKU")
    given = {name: value for name, value in asked.items() if name != "reference"}
    made = create_receipt(hub(), NewReceipt(**given | {"lines": lines}), caller().actor, requests)
    return answer_once(GoodsReceiptOut, _told(made.id), is_new=made.is_new)


@routes.get(f"/goods-receipts{ID}", VIEW, GoodsReceiptOut, refuses=[404])
def show_receipt(receipt_id: int) -> dict[str, Any]:
    """One receipt with its lines."""
    return _told(receipt_id)


@routes.post(
    f"/goods-receipts{ID}/received", MOVE, GoodsReceiptOut, asks=[(BODY, GoodsReceivedIn)], refuses=[404, 409, 422]
)
def post_received(asked: dict[str, Any], receipt_id: int) -> dict[str, Any]:
    """Book what came in, as an increment; the same key again changes nothing."""
    require(MOVE)
    confirm = Confirm(
        f"api|{caller().actor}|{asked['key']}",
        asked["at"],
        asked["is_final"],
        _units(asked["lines"]),
        caller().actor,
        takes_more=asked["takes_more"],
    )
    receive(hub(), receipt_id, confirm)
    return _told(receipt_id)


def _units(lines: Sequence[dict[str, Any]]) -> tuple[Units, ...]:
    with hub().engine.connect() as connection:
        skus = skus_by_code(connection, {line["sku"] for line in lines})
    return tuple(Units(skus[line["sku"]], line["kind"], line["units"]) for line in lines if line["units"])


def _told(receipt_id: int) -> dict[str, Any]:
    with hub().engine.connect() as connection:
        paper = papers_of(connection, "goods_receipt", receipt_id)
    if paper is None:
        raise NotFound("there is no such receipt", "look at the list")
    head = paper["head"]
    return {**head._mapping, "number": document_no("goods_receipt", receipt_id), "stock_point": head.point,
            "lines": [line._mapping for line in paper["lines"]]}  # fmt: skip


def require(permission: str) -> None:
    """What all shops share is changed by whoever may do so in every shop."""
    if not caller().allows(permission, 0):
        raise Forbidden(f"the permission {permission} does not reach this far", "ask somebody who has it for every shop")
