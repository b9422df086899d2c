"""Returns: approve, decline, process, close, cancel, open one for the buyer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Case, NotAllowed, decide, goods_are_back
from connectors.sandbox.kit.market.buying import act
from connectors.sandbox.kit.market.selling import end_case
from connectors.sandbox.shopify import books
from connectors.sandbox.shopify.documents.money import cents_of, in_shop_money
from connectors.sandbox.shopify.documents.returns import line_number, reverse_line_number, status_of
from connectors.sandbox.shopify.doing.answers import UserError, part_of, sale_of, shown
from connectors.sandbox.shopify.ids import gid, number_in, owner
from connectors.sandbox.shopify.settling import add_refund, settle
from connectors.sandbox.shopify.shop import Shop

Args = Mapping[str, Any]
Doc = dict[str, Any]


def _case(shop: Shop, id_: str, *states: str) -> Case:
    number = number_in(id_, "Return")
    case = shop.market.shelves.case(number) if number else None
    if case is None or case.doc["kind"] == "refund":
        raise UserError(["input", "id"], "Return not found.", "NOT_FOUND")
    if status_of(case.doc) not in states:
        raise UserError(["input", "id"], f"Return status is {status_of(case.doc)}.", "INVALID_STATE")
    return case


def _answer(shop: Shop, case: Case) -> Doc:
    rows = shown(shop, case.doc["order"])["returns"]({})
    return {"return": part_of(rows, "Return", case.number)}


def approve(shop: Shop, args: Args) -> Doc:
    """returnApproveRequest."""
    case = decide(shop.market, _case(shop, args["input"]["id"], "REQUESTED").number, True, "")
    case.doc["approved_ms"] = shop.market.now_ms()
    shop.market.shelves.save_case(case)
    return _answer(shop, case)


def decline(shop: Shop, args: Args) -> Doc:
    """returnDeclineRequest."""
    told = args["input"]
    words = told.get("declineNote") or ""
    case = decide(shop.market, _case(shop, told["id"], "REQUESTED").number, False, words or told["declineReason"])
    case.doc |= {"decline_reason": told["declineReason"], "decline_note": words}
    shop.market.shelves.save_case(case)
    return _answer(shop, case)


def handle_goods(shop: Shop, args: Args) -> Doc:
    """returnProcess: units that came back, what became of them, and the money for them."""
    told = args["input"]
    case = _case(shop, told["returnId"], "OPEN")
    units = sum(_processed(case, row) for row in told.get("returnLineItems") or [])
    sale = shop.market.find_sale(case.doc["order"])
    parent, cents = _transfer(sale.doc, told)
    if not units and not cents:
        raise UserError(["input"], "Nothing to process.", "INVALID")
    case.doc["processed"] = case.doc.get("processed", 0) + units
    shop.market.shelves.save_case(case)
    if cents:
        add_refund(sale.doc, _unbooked(sale.doc, case), cents, shop.market.now_ms(), note=told.get("note") or "",
                   case=case.number, parent=parent)  # fmt: skip
        shop.market.changed(sale, "refund")
    _finish(shop, case.number, cents)
    settle(shop.market, sale.number)
    shop.market.announce("case_processed", case.number)
    return _answer(shop, case)


def _unbooked(doc: Doc, case: Case) -> list[Doc]:
    """The units that came back and stand in no refund yet."""
    booked = sum(part["num"] for refund in doc["refunds"] if refund["case"] == case.number for part in refund["lines"])
    num = case.doc["processed"] - booked
    kept = any(one["type"] == "RESTOCKED" for one in case.doc.get("dispositions", []))
    no, restock = case.doc["lines"][0]["no"], "RETURN" if kept else "NO_RESTOCK"
    return [{"no": no, "num": num, "restock": restock}] if num > 0 else []


def _processed(case: Case, row: Doc) -> int:
    """Units of one row; what became of them is kept with the case."""
    left = sum(part["num"] for part in case.doc["lines"]) - case.doc.get("processed", 0)
    if number_in(row["id"], "ReturnLineItem") != line_number(case.doc):
        raise UserError(["input", "returnLineItems"], "Return line item not found.", "NOT_FOUND")
    if not 0 < row["quantity"] <= left:
        raise UserError(["input", "returnLineItems"], "Quantity is more than can be processed.", "INVALID")
    for one in row.get("dispositions") or []:
        known = number_in(one["reverseFulfillmentOrderLineItemId"], "ReverseFulfillmentOrderLineItem")
        if known != reverse_line_number(case.doc) or not 0 < one["quantity"] <= row["quantity"]:
            raise UserError(["input", "returnLineItems", "dispositions"], "Disposition is invalid.", "INVALID")
        if one["dispositionType"] == "RESTOCKED" and not one.get("locationId"):
            raise UserError(["input", "returnLineItems", "dispositions"], "Location is required.", "BLANK")
        kept = {"num": one["quantity"], "type": one["dispositionType"]}
        case.doc["dispositions"] = [*case.doc.get("dispositions", []), kept]
    return int(row["quantity"])


def _transfer(doc: Doc, told: Doc) -> tuple[int, int]:
    """(position of the payment, minor units of the shop) to pay back, asked in the buyer's currency."""
    issue = (told.get("financialTransfer") or {}).get("issueRefund") or {}
    parent = cents = 0
    place = ["input", "financialTransfer"]
    for row in issue.get("orderTransactions") or []:
        found = owner("OrderTransaction", row["parentId"])
        paid = next((one for one in doc["transactions"] if found == (doc["number"], (one["k"],))), None)
        if paid is None or paid["kind"] not in ("SALE", "CAPTURE"):
            raise UserError(place, "Parent transaction is invalid.", "INVALID")
        if row["transactionAmount"]["currencyCode"] != doc["presentment"]:
            raise UserError(place, "Currency must be the order's presentment currency.", "INVALID")
        parent, cents = paid["k"], cents + in_shop_money(doc, cents_of(row["transactionAmount"]["amount"]))
    if cents > books.refundable(doc) and not issue.get("allowOverRefunding"):
        raise UserError(place, "Refund amount is greater than net payment received", "INVALID")
    return parent, cents


def _finish(shop: Shop, number: str, cents: int) -> None:
    """An emptied return that was paid back (or exchanged) is over; one that was only processed waits for its money."""
    case = shop.market.find_case(number)
    is_whole = case.doc.get("processed", 0) >= sum(part["num"] for part in case.doc["lines"])
    case.doc["paid_back"] += cents
    if is_whole and not cents and case.doc["kind"] == "return":
        shop.market.shelves.save_case(case)
        goods_are_back(shop.market, number, pays=False)
        return
    case.doc["reports"].append({"what": "refund" if cents else "received", "words": "", "at_ms": shop.market.now_ms()})
    if is_whole:
        case.doc["received"] = True
        end_case(shop.market, case, "succeeded")
    elif cents and case.doc["received"]:
        end_case(shop.market, case, "succeeded")
    else:
        shop.market.shelves.save_case(case)


def close(shop: Shop, args: Args) -> Doc:
    """returnClose: nothing more is expected, whatever came."""
    case = _case(shop, args["id"], "OPEN")
    case.doc["closed_ms"] = shop.market.now_ms()
    end_case(shop.market, case, "closed")
    return _answer(shop, case)


def cancel(shop: Shop, args: Args) -> Doc:
    """returnCancel: as if it had never been; not once something was processed."""
    case = _case(shop, args["id"], "OPEN", "REQUESTED")
    if case.doc.get("processed"):
        raise UserError(["id"], "Return has processed items.", "INVALID_STATE")
    end_case(shop.market, case, "closed")
    return _answer(shop, case)


def create(shop: Shop, args: Args) -> Doc:
    """returnCreate: a return that needs no request; one line each."""
    told = args["returnInput"]
    sale = sale_of(shop, told["orderId"], "orderId")
    rows = told["returnLineItems"]
    found = owner("FulfillmentLineItem", rows[0]["fulfillmentLineItemId"]) if len(rows) == 1 else None
    kept = next((one for one in sale.doc["fulfillments"] if found and one["k"] == found[1][0]), None)
    if found is None or kept is None or found[0] != sale.number:
        raise UserError(["returnInput", "returnLineItems"], "Fulfillment line item not found.", "NOT_FOUND")
    no = kept["lines"][found[1][1] - 1]["no"]
    try:
        made = act(shop.market, sale.number, "refund", {"line": no, "num": rows[0]["quantity"], "return": True})
    except NotAllowed as refused:
        raise UserError(["returnInput"], str(refused), "INVALID") from None
    return approve(shop, {"input": {"id": gid("Return", made["cases"][0])}})


def dispose(shop: Shop, args: Args) -> Doc:
    """reverseFulfillmentOrderDispose: what became of the goods, without money."""
    for row in args["dispositionInputs"]:
        number = number_in(row["reverseFulfillmentOrderLineItemId"], "ReverseFulfillmentOrderLineItem") or ""
        case = shop.market.shelves.case(number[1:])
        if case is None or status_of(case.doc) != "OPEN":
            raise UserError(["dispositionInputs"], "Reverse fulfillment order line item not found.", "NOT_FOUND")
        kept = {"num": row["quantity"], "type": row["dispositionType"]}
        case.doc["dispositions"] = [*case.doc.get("dispositions", []), kept]
        shop.market.shelves.save_case(case)
        shop.market.announce("case_disposed", case.number)
    return {"reverseFulfillmentOrderLineItems": []}
