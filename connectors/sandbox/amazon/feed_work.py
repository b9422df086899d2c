"""What each feed does to orders, row by row; answers what was wrong with a row."""

from __future__ import annotations

from collections.abc import Callable

from connectors.sandbox.amazon import postings
from connectors.sandbox.amazon.clock import text_of
from connectors.sandbox.amazon.errors import ApiError
from connectors.sandbox.amazon.feed_reading import MONEY_COLUMNS, Row, cents_of
from connectors.sandbox.amazon.kinds import item_total
from connectors.sandbox.amazon.shipping_api import package_of, take_package
from connectors.sandbox.amazon.shop import Doc, Shop
from connectors.sandbox.amazon.states import is_cancel_request
from connectors.sandbox.kit.market import CASE_OVER, Case, NotAllowed, Sale, pay_back
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.model import line_of, open_num, status_after
from connectors.sandbox.kit.market.selling import end_case

REASONS = frozenset({"NoInventory", "CustomerReturn", "GeneralAdjustment", "CouldNotShip", "DifferentItem", "Abandoned",
                     "CustomerCancel", "PriceError", "ProductOutofStock", "CustomerAddressIncorrect", "Exchange", "Other",
                     "CarrierCreditDecision", "RiskAssessmentInformationNotValid", "CarrierCoverageFailure",
                     "TransactionRecord", "Undeliverable", "RefusedDelivery"})  # fmt: skip
CANCEL_REASONS = frozenset({"NoInventory", "ShippingAddressUndeliverable", "CustomerExchange", "BuyerCanceled",
                            "GeneralAdjustment", "CarrierCreditDecision", "RiskAssessmentInformationNotValid",
                            "CarrierCoverageFailure", "CustomerReturn", "MerchandiseNotReceived",
                            "PricingError"})  # fmt: skip


class RowRefused(Exception):
    """A row cannot be done; `code` is the number in the processing report."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def adjust(shop: Shop, row: Row) -> None:
    """Pay money of one item back: an open request of the buyer is ended by it."""
    sale = _order(shop, row)
    line = _line(sale, row.text("order-item-id"))
    if row.text("adjustment-reason-code") not in REASONS:
        raise RowRefused("18019", "The adjustment reason is not valid.")
    if row.text("currency") != shop.currency:
        raise RowRefused("18021", "The currency is not that of the order.")
    parts = _amounts(shop, row)
    cents = sum(parts.values())
    left = item_total(line) - line.get("refunded", 0)
    if cents <= 0 or cents > left:
        raise RowRefused("18028", "The refund amount is more than what is left of the item, or nought.")
    if not line["shipped_num"]:
        raise RowRefused("18031", "The item has not shipped; cancel it instead.")
    units = int(row.text("quantity-cancelled") or 0)
    _pay(shop, sale, line, cents, row)
    postings.refunded(shop, shop.market.find_sale(sale.number), line["no"], parts, units)


def acknowledge(shop: Shop, row: Row) -> None:
    """Cancel one item, or the order; this feed does not acknowledge orders."""
    if row.values.get("status", "Failure") != "Failure":
        return
    sale = _order(shop, row)
    reason = row.text("cancellation-reason-code")
    if reason not in CANCEL_REASONS:
        raise RowRefused("13015", "The cancellation reason is not valid.")
    code = row.text("amazon-order-item-code")
    lines = [_line(sale, code)] if code else sale.lines
    if sale.doc["by_platform"] or not any(open_num(line) for line in lines):
        raise RowRefused("13013", "The item has shipped, is canceled, or is not yours to cancel.")
    for line in lines:
        _cancel(shop, sale.number, line["no"], reason)


def fulfil(shop: Shop, row: Row) -> None:
    """Confirm a parcel, as the call does; the package's reference counts on."""
    sale = _order(shop, row)
    units = {}
    if row.text("order-item-id"):
        units = {row.text("order-item-id"): int(row.text("quantity") or 0)}
    units = units or {line["no"]: open_num(line) for line in sale.lines if open_num(line)}
    same = [one for one in sale.doc["packages"] if one["waybill"] == row.text("tracking-number")]
    reference = same[0]["ref"] if same and same[0]["units"] == units else str(len(sale.doc["packages"]) + 1)
    detail = {
        "packageReferenceId": reference, "carrierCode": row.text("carrier-code") or "Other",
        "carrierName": row.text("carrier-name"), "shippingMethod": row.text("ship-method"),
        "trackingNumber": row.text("tracking-number"), "shipDate": row.text("ship-date") or text_of(shop.market.now_ms()),
        "orderItems": [{"orderItemId": no, "quantity": num} for no, num in units.items()],
    }  # fmt: skip
    try:
        take_package(shop, sale, package_of(shop, detail))
    except ApiError as error:
        raise RowRefused("18056", error.details or error.message) from error


def run(shop: Shop, work: Callable[[Shop, Row], None], row: Row) -> RowRefused | None:
    """Do one row in a transaction of its own; answers its refusal."""
    try:
        work(shop, row)
    except RowRefused as refused:
        return refused
    except (NotAllowed, LookupError, ValueError) as error:
        return RowRefused("18000", str(error))
    return None


def _order(shop: Shop, row: Row) -> Sale:
    sale = shop.market.shelves.sale(row.text("order-id"))
    if sale is None:
        raise RowRefused("18007", "The order ID is not one of this seller.")
    return sale


def _line(sale: Sale, number: str) -> Doc:
    try:
        return line_of(sale.doc, number)
    except LookupError:
        raise RowRefused("18008", "The order item is not one of the order.") from None


def _amounts(shop: Shop, row: Row) -> dict[str, int]:
    try:
        found = {name: cents_of(row.text(name), whole=shop.currency == "JPY") for name in MONEY_COLUMNS}
    except ValueError as error:
        raise RowRefused("18026", str(error)) from None
    return {name: cents for name, cents in found.items() if cents}


def _pay(shop: Shop, sale: Sale, line: Doc, cents: int, row: Row) -> None:
    market, key = shop.market, f"{row.text('merchant-adjustment-id')}:{sale.doc['changed_ms']}"
    with market.storage.write():
        case = _open_case(shop, sale.number, line["no"])
        if case is None:
            case = _own_case(shop, sale.number, line, cents)
        pay_back(market, case.number, min(cents, case.doc["amount"]), key)
        ended = market.find_case(case.number)
        ended.doc["paid_back"] = cents
        market.shelves.save_case(ended)
        now = market.find_sale(sale.number)
        held = line_of(now.doc, line["no"])
        held["refunded"] = held.get("refunded", 0) + cents
        now.doc["refunded"] = sum(one.get("refunded", 0) for one in now.lines)
        market.shelves.save(now)


def _own_case(shop: Shop, order: str, line: Doc, cents: int) -> Case:
    """A refund that no buyer asked for; no report of returns shows it."""
    sale = shop.market.find_sale(order)
    if line_of(sale.doc, line["no"])["refund"] == "succeeded":
        line_of(sale.doc, line["no"])["refund"] = "none"
        shop.market.shelves.save(sale)
    made = act(shop.market, order, "refund", {"line": line["no"], "amount": cents, "reason": "seller"})
    case = shop.market.find_case(made["cases"][0])
    case.doc["by_seller"] = True
    shop.market.shelves.save_case(case)
    return case


def _open_case(shop: Shop, order: str, line: str) -> Case | None:
    for case in shop.market.shelves.cases_of(order):
        if case.doc["state"] not in CASE_OVER and case.doc["lines"][0]["no"] == line:
            return case
    return None


def _cancel(shop: Shop, order: str, number: str, reason: str) -> None:
    market = shop.market
    with market.storage.write():
        case = _open_case(shop, order, number)
        if case is not None and is_cancel_request(case):
            case.doc["reports"].append({"what": "cancel", "words": reason, "at_ms": market.now_ms()})
            end_case(market, case, "succeeded")
        sale = market.find_sale(order)
        line = line_of(sale.doc, number)
        line["cancelled_num"] += open_num(line)
        line |= {"cancelled_by": "MERCHANT", "cancel_reason": reason}
        sale.doc["status"] = status_after(sale.doc)
        market.changed(sale, "cancelled")
