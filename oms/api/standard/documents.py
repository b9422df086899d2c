"""Orders, cases and store sales that a shop's own system pushes, one or up to two hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from flask import abort, request

from connectors.contract.errors import BadRecord
from oms.api.access import caller, hub
from oms.api.blueprints import BODY, HEADERS, Routes
from oms.api.standard.alone import Faulty
from oms.api.standard.asked import CaseBatch, CaseIn, OrderBatch, OrderIn, PushHeaders, SaleBatch, SaleIn
from oms.api.standard.shops import SHOP, push_once, pushing_shop
from oms.api.standard.told import OutcomeList, OutcomeOut
from oms.app.capture import pushed
from oms.app.capture.pushed import CORRECT, Outcome
from oms.app.capture.store_sales import book_sale
from oms.app.kernel.masters import ShopCard
from oms.domain.errors import HubError, Invalid

PUSH, SELL = "order.push", "sale.push"
NUMBER = "<string(minlength=1, maxlength=100):external_no>"
REFUSES = [400, 404, 409, 415, 422]
Take = Callable[[ShopCard, Sequence[bytes]], list[Outcome]]
routes = Routes("standard_documents", "Standard interface: orders, cases and store sales pushed to us")


def only_json() -> None:
    """415 for a body of another kind, whose fields would all be told as missing."""
    if request.content_type and not request.is_json:
        abort(415)


routes.blueprint.before_request(only_json)


@routes.put(f"{SHOP}/orders/{NUMBER}", PUSH, OutcomeOut, asks=[(HEADERS, PushHeaders), (BODY, OrderIn)], refuses=REFUSES)
def put_order(headers: dict[str, str], asked: dict[str, Any], shop_id: int, external_no: str) -> Any:
    """Push an order as it is now; the newest by changed_at counts, a repeat changes nothing."""
    shop = pushing_shop(PUSH, shop_id)
    return _put(headers, asked, external_no, lambda body: _take_orders(shop, [body]))


@routes.post(f"{SHOP}/orders", PUSH, OutcomeList, asks=[(HEADERS, PushHeaders), (BODY, OrderBatch)], refuses=REFUSES)
def post_orders(headers: dict[str, str], asked: dict[str, Any], shop_id: int) -> Any:
    """Push up to 200 orders; each has its own outcome, and one that is refused stops no other."""
    shop = pushing_shop(PUSH, shop_id)
    return _post(headers, asked["orders"], lambda bodies: _take_orders(shop, bodies))


@routes.put(f"{SHOP}/cases/{NUMBER}", PUSH, OutcomeOut, asks=[(HEADERS, PushHeaders), (BODY, CaseIn)], refuses=REFUSES)
def put_case(headers: dict[str, str], asked: dict[str, Any], shop_id: int, external_no: str) -> Any:
    """Push a refund, return or exchange as it is now; an order that has not left is held at once."""
    shop = pushing_shop(PUSH, shop_id)
    return _put(headers, asked, external_no, lambda body: pushed.take_cases(hub(), shop, [body]))


@routes.post(f"{SHOP}/cases", PUSH, OutcomeList, asks=[(HEADERS, PushHeaders), (BODY, CaseBatch)], refuses=REFUSES)
def post_cases(headers: dict[str, str], asked: dict[str, Any], shop_id: int) -> Any:
    """Push up to 200 cases; each has its own outcome."""
    shop = pushing_shop(PUSH, shop_id)
    return _post(headers, asked["cases"], lambda bodies: pushed.take_cases(hub(), shop, bodies))


@routes.put(f"{SHOP}/sales/{NUMBER}", SELL, OutcomeOut, asks=[(HEADERS, PushHeaders), (BODY, SaleIn)], refuses=REFUSES)
def put_sale(headers: dict[str, str], asked: dict[str, Any], shop_id: int, external_no: str) -> Any:
    """Push a sale over a store's counter: it is booked once and takes its goods off the store's stock."""
    shop = pushing_shop(SELL, shop_id)
    return _put(headers, asked, external_no, lambda body: [_sell(shop, body)])


@routes.post(f"{SHOP}/sales", SELL, OutcomeList, asks=[(HEADERS, PushHeaders), (BODY, SaleBatch)], refuses=REFUSES)
def post_sales(headers: dict[str, str], asked: dict[str, Any], shop_id: int) -> Any:
    """Push up to 200 store sales; each has its own outcome."""
    shop = pushing_shop(SELL, shop_id)
    return _post(headers, asked["sales"], lambda bodies: [_sell_safely(shop, body) for body in bodies])


def _take_orders(shop: ShopCard, bodies: Sequence[bytes]) -> list[Outcome]:
    return pushed.take_orders(hub(), shop, bodies)


def _sell(shop: ShopCard, body: bytes) -> Outcome:
    try:
        record = pushed.read_order(hub(), shop, body)
    except BadRecord as error:
        return pushed.refusal("", error)
    sale = book_sale(hub(), shop, record, body, orjson.loads(body)["stock_point"], caller().actor)
    return Outcome(record.external_no, "new" if sale.is_new else "unchanged")


def _sell_safely(shop: ShopCard, body: bytes) -> Outcome:
    try:
        return _sell(shop, body)
    except HubError as error:
        field = error.field if isinstance(error, Invalid) else "external_no"
        return Outcome("", "refused", field, error.words.removeprefix(f"{field}: "), error.remedy)


def _put(headers: dict[str, str], asked: dict[str, Any], external_no: str, take: Callable[[bytes], list[Outcome]]) -> Any:
    """One document: a refusal is the answer of the whole call."""
    if asked["external_no"] != external_no:
        raise Invalid("external_no", "the address names another document", "send the same number in both")

    def push() -> Outcome:
        (outcome,) = take(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))
        if outcome.outcome == "refused":
            raise Invalid(outcome.field, outcome.detail, outcome.remedy)
        return outcome

    return push_once(headers, asked, OutcomeOut, push)


def _post(headers: dict[str, str], items: Sequence[Any], take: Callable[[Sequence[bytes]], list[Outcome]]) -> Any:
    """Many documents: those that are readable are taken in together, and answers are in the order of the questions."""

    def push() -> dict[str, Any]:
        good = [item for item in items if not isinstance(item, Faulty)]
        taken = iter(take([orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in good]))
        return {"outcomes": [_told(item, None if isinstance(item, Faulty) else next(taken)) for item in items]}

    marks = [item.document if isinstance(item, Faulty) else item for item in items]
    return push_once(headers, repr(marks), OutcomeList, push)


def _told(item: Any, outcome: Outcome | None) -> Outcome:
    """The outcome with the document's number, also where it was refused before it was read."""
    if outcome is None:
        return Outcome(item.number, "refused", item.field, item.words, CORRECT)
    if outcome.external_no:
        return outcome
    return Outcome(item["external_no"], outcome.outcome, outcome.field, outcome.detail, outcome.remedy)
