"""The contents of reports: returns as the flat file and the XML tell them, FBA returns, the seller's listings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from connectors.sandbox.amazon.clock import day_of, text_of
from connectors.sandbox.amazon.kinds import asin_of, grand_total
from connectors.sandbox.amazon.listings_api import items
from connectors.sandbox.amazon.shop import Shop
from connectors.sandbox.amazon.states import RETURN_STATES, is_cancel_request
from connectors.sandbox.kit.market import Case, Sale
from connectors.sandbox.kit.market.model import line_of

RETURN_COLUMNS = (
    "Order ID", "Order date", "Return request date", "Return request status", "Amazon RMA ID", "Merchant RMA ID",
    "Label type", "Label cost", "Currency code", "Return carrier", "Tracking ID", "Label to be paid by", "A-to-Z Claim",
    "Is prime", "ASIN", "Merchant SKU", "Item Name", "Return quantity", "Return Reason", "In policy", "Return type",
    "Resolution", "Invoice number", "Return delivery date", "Order Amount", "Order quantity", "SafeT Action reason",
    "SafeT claim id", "SafeT claim state", "SafeT claim creation time", "SafeT claim reimbursement amount",
    "Refunded Amount",
)  # fmt: skip
FBA_COLUMNS = ("return-date", "order-id", "sku", "asin", "fnsku", "product-name", "quantity", "fulfillment-center-id",
               "detailed-disposition", "reason", "status", "license-plate-number", "customer-comments")  # fmt: skip
LISTING_COLUMNS = ("item-name", "listing-id", "seller-sku", "price", "quantity", "open-date", "product-id-type", "asin1",
                   "fulfillment-channel", "status")  # fmt: skip
REASONS = {"质量问题": "DEFECTIVE", "发错货": "SWITCHEROO", "少件/漏发": "MISSING_PARTS"}
RESOLUTIONS = {"refund": "StandardRefund", "return": "StandardRefund", "exchange": "Exchange"}


def returns(shop: Shop, since: int, until: int, *, by_amazon: bool = False) -> Iterator[tuple[Sale, Case]]:
    """Requests made in a window, the oldest first; cancel requests and refunds of the seller's own are none."""
    rows = shop.market.shelves.list_cases("created_ms", since, until, 0, 100_000)
    for case in rows.found:
        sale = shop.market.find_sale(case.doc["order"])
        if is_cancel_request(case) or case.doc.get("by_seller") or bool(sale.doc["by_platform"]) is not by_amazon:
            continue
        yield sale, case


def flat_returns(shop: Shop, since: int, until: int) -> bytes:
    """The returns of a window as tab separated text; empty when there are none."""
    rows = [list(row_of(shop, sale, case).values()) for sale, case in returns(shop, since, until)]
    return _table(RETURN_COLUMNS, rows)


def xml_returns(shop: Shop, since: int, until: int) -> bytes:
    """The returns of a window as XML; elements are the columns in snake case."""
    found = [row_of(shop, sale, case) for sale, case in returns(shop, since, until)]
    if not found:
        return b""
    root = Element("return_details_list")
    for row in found:
        one = SubElement(root, "return_details")
        for column, text in row.items():
            SubElement(one, column.lower().replace("-", "_").replace(" ", "_")).text = text
    written: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def fba_returns(shop: Shop, since: int, until: int) -> bytes:
    rows = []
    for sale, case in returns(shop, since, until, by_amazon=True):
        for part in case.doc["lines"]:
            sku = line_of(sale.doc, part["no"])["sku"]
            rows.append([
                text_of(case.doc["created_ms"]), sale.number, sku["code"], asin_of(sku), f"X00{asin_of(sku)[3:]}",
                sku["title"], str(part["num"]), "PEK5", "SELLABLE", _reason(case), "Unit returned to inventory",
                f"LPN{case.number}", "",
            ])  # fmt: skip
    return _table(FBA_COLUMNS, rows)


def listings(shop: Shop, since: int, until: int) -> bytes:
    units = {row["code"]: row["units"] for row in shop.market.storage.rows("select code, units from shelf")}
    rows = [
        [item["title"], f"{item['num_iid']}{item['sku_id'][-4:]}", item["code"], shop.decimal(item["price_fen"]),
         str(units.get(item["code"], 0)), "2026-01-01 00:00:00 UTC", "1", asin_of(item), "DEFAULT", "Active"]
        for item in items(shop)
    ]  # fmt: skip
    return _table(LISTING_COLUMNS, rows)


def row_of(shop: Shop, sale: Sale, case: Case) -> dict[str, str]:
    """A return request's row, by column."""
    doc, part = case.doc, case.doc["lines"][0]
    line = line_of(sale.doc, part["no"])
    sends_back = doc["kind"] != "refund" and doc["state"] in ("agreed", "returned", "succeeded")
    values = (
        sale.number, day_of(sale.doc["created_ms"]), day_of(doc["created_ms"]), RETURN_STATES[doc["state"]],
        case.number, "",
        "AmazonUnPaidLabel" if sends_back else "", "", shop.currency, doc["return_carrier"], doc["return_waybill"],
        "Customer" if sends_back else "", "N", "Y" if sale.doc["kind"] == "prime" else "N", asin_of(line["sku"]),
        line["sku"]["code"], line["sku"]["title"], str(part["num"]), _reason(case), "Y", "C-Returns",
        RESOLUTIONS[doc["kind"]], "", day_of(doc.get("delivered_ms", 0)), shop.decimal(grand_total(sale.doc)),
        str(line["num"]), "", "", "", "", "", shop.decimal(doc["paid_back"]) if doc["paid_back"] else "",
    )  # fmt: skip
    return dict(zip(RETURN_COLUMNS, values, strict=True))


def _reason(case: Case) -> str:
    reason = str(case.doc["reason"])
    return REASONS.get(reason, reason if reason.isascii() else "UNWANTED_ITEM")


def _table(columns: Sequence[str], rows: list[list[str]]) -> bytes:
    if not rows:
        return b""
    texts = [[cell.replace("\t", " ").replace("\n", " ") for cell in row] for row in [list(columns), *rows]]
    return ("\n".join("\t".join(row) for row in texts) + "\n").encode()


#: Type of report → what writes it (nothing: no rows) and its content type.
REPORTS: dict[str, tuple[Callable[[Shop, int, int], bytes], str]] = {
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": (flat_returns, "text/tab-separated-values; charset=UTF-8"),
    "GET_XML_RETURNS_DATA_BY_RETURN_DATE": (xml_returns, "text/xml; charset=UTF-8"),
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": (fba_returns, "text/tab-separated-values; charset=UTF-8"),
    "GET_MERCHANT_LISTINGS_ALL_DATA": (listings, "text/tab-separated-values; charset=UTF-8"),
}
