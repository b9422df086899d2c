"""Requests to cancel, return requests in reports, refunds and cancellations by feed."""

from __future__ import annotations

import csv
import io
from xml.etree.ElementTree import fromstring

import pytest

from tests.sandbox.amazon.caller import Caller, envelope, iso, local
from tests.sandbox.amazon.conftest import MakeCaller

FLAT_RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"


def rows(shop: Caller) -> list[dict[str, str]]:
    """The rows of a fresh report of returns; none when it was cancelled for want of rows."""
    report = shop.report()
    if report["processingStatus"] == "CANCELLED":
        return []
    text = shop.fetched("reports", report["reportDocumentId"]).decode()
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def returned(shop: Caller) -> tuple[str, str]:
    """A shipped order with a return request of its first line."""
    number = shop.one()
    shop.ship(number)
    line = next(iter(shop.units(number)))
    shop.act(number, "refund", **{"line": line, "return": True})
    return number, line


def paid(shop: Caller, number: str, line: str) -> str:
    item = next(item for item in shop.order(number)["orderItems"] if item["orderItemId"] == line)
    return str(item["proceeds"]["proceedsTotal"]["amount"])


def test_a_request_to_cancel_stands_on_the_item(shop: Caller) -> None:
    number = shop.one()
    line = next(iter(shop.units(number)))
    shop.act(number, "refund", line=line, reason="Changed mind")
    item = shop.order(number)["orderItems"][0]
    assert item["cancellation"] == {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Changed mind"}}
    assert rows(shop) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_feed_cancels_items(shop: Caller, whole: bool) -> None:
    number = shop.one("split")
    line = next(iter(shop.units(number)))
    shop.act(number, "refund", line=line)
    items = list(shop.units(number)) if whole else [line]
    reason = "<CancelReason>BuyerCanceled</CancelReason>"
    inner = "".join(f"<Item><AmazonOrderItemCode>{no}</AmazonOrderItemCode>{reason}</Item>" for no in items)
    text = envelope(
        "OrderAcknowledgement", f"<AmazonOrderID>{number}</AmazonOrderID><StatusCode>Failure</StatusCode>{inner}"
    )
    done = shop.feed("POST_ORDER_ACKNOWLEDGEMENT_DATA", text)
    report = fromstring(shop.fetched("feeds", done["resultFeedDocumentId"]))
    assert report.findtext(".//MessagesWithError") == "0"
    order = shop.order(number)
    assert order["fulfillment"]["fulfillmentStatus"] == ("CANCELLED" if whole else "UNSHIPPED")
    assert order["orderItems"][0]["cancellation"]["cancellationExecution"]["cancelledBy"] == "MERCHANT"
    assert shop.ledger(number)["refunds"][0]["status"] == "succeeded"


def test_a_flat_file_cancels_and_says_what_it_could_not(shop: Caller) -> None:
    number = shop.one()
    lines = "\n".join(f"{number}\t{no}\tNoInventory" for no in [*shop.units(number), "1"])
    head = "order-id\tamazon-order-item-code\tcancellation-reason-code"
    done = shop.feed("POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA", f"{head}\n{lines}\n")
    text = shop.fetched("feeds", done["resultFeedDocumentId"]).decode()
    assert f"Number of records processed\t\t{len(lines.splitlines())}" in text
    assert "18008\tError" in text
    assert shop.ledger(number)["status"] == "cancelled"


def test_return_requests_are_reported_through_their_life(shop: Caller) -> None:
    number, line = returned(shop)
    (row,) = rows(shop)
    assert (row["Order ID"], row["Return request status"], row["Resolution"]) == (
        number, "Pending Approval", "StandardRefund"
    )  # fmt: skip
    assert len(row) == 32
    assert row["Amazon RMA ID"].endswith("RRMA")
    shop.advance(4000)
    assert rows(shop)[0]["Return request status"] == "Approved"
    shop.act(number, "return_goods", waybill="78900000000001")
    shop.act(number, "deliver_return")
    row = rows(shop)[0]
    assert row["Tracking ID"] == "78900000000001"
    assert row["Return delivery date"]
    assert "MessagesWithError>0<" in shop.refund_feed(number, line, paid(shop, number, line))
    row = rows(shop)[0]
    assert (row["Return request status"], row["Refunded Amount"]) == ("Completed", paid(shop, number, line))
    assert shop.ledger(number)["refunds"][0]["status"] == "succeeded"


def test_a_denied_or_withdrawn_request_is_told(shop: Caller) -> None:
    number, _ = returned(shop)
    shop.act(number, "deny")
    assert rows(shop)[0]["Return request status"] == "Denied"
    number, _ = returned(shop)
    shop.act(number, "withdraw_refund")
    assert {row["Return request status"] for row in rows(shop)} == {"Denied", "Closed"}


def test_exchanges_and_fba_returns_are_told_apart(shop: Caller) -> None:
    number = shop.one()
    shop.ship(number)
    shop.act(number, "refund", exchange=True)
    assert {row["Resolution"] for row in rows(shop)} == {"Exchange"}
    fba = shop.one("fba")
    shop.advance(4000)
    shop.act(fba, "refund", **{"return": True})
    assert fba not in {row["Order ID"] for row in rows(shop)}
    report = shop.report("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA")
    assert fba in shop.fetched("reports", report["reportDocumentId"]).decode()


def test_the_xml_report_has_the_same_returns(shop: Caller) -> None:
    number, _ = returned(shop)
    report = shop.report("GET_XML_RETURNS_DATA_BY_RETURN_DATE")
    root = fromstring(shop.fetched("reports", report["reportDocumentId"]))
    assert [found.text for found in root.iter("order_id")] == [number]


def test_reports_end_without_rows_or_when_too_wide(shop: Caller) -> None:
    assert shop.report()["processingStatus"] == "CANCELLED"
    assert shop.report(ago=61 * 86_400)["processingStatus"] == "FATAL"


def test_a_report_waits_its_turn(shop: Caller) -> None:
    returned(shop)
    body = {"reportType": FLAT_RETURNS, "marketplaceIds": [shop.market]}
    made = shop.post("/reports/2021-06-30/reports", body)["reportId"]
    path = f"/reports/2021-06-30/reports/{made}"
    assert shop.get(path)["processingStatus"] == "IN_QUEUE"
    shop.advance(11)
    assert shop.get(path)["processingStatus"] == "IN_PROGRESS"
    shop.advance(11)
    told = shop.get(path)
    assert told["processingStatus"] == "DONE"
    assert told["reportDocumentId"]
    listed = shop.get("/reports/2021-06-30/reports", reportTypes=FLAT_RETURNS)["reports"]
    assert [one["reportId"] for one in listed] == [made]


@pytest.mark.parametrize(
    "body",
    [{}, {"reportType": FLAT_RETURNS}, {"reportType": "GET_NOTHING", "marketplaceIds": ["M"]},
     {"reportType": FLAT_RETURNS, "marketplaceIds": ["X"]},
     {"reportType": FLAT_RETURNS, "marketplaceIds": ["M"], "dataStartTime": "x"}],
)  # fmt: skip
def test_a_wrong_report_is_refused(shop: Caller, body: dict[str, object]) -> None:
    if body.get("marketplaceIds") == ["M"]:
        body = {**body, "marketplaceIds": [shop.market]}
    assert shop.refused("POST", "/reports/2021-06-30/reports", json=body)[:2] == (400, "InvalidInput")


def test_large_results_are_compressed(start: MakeCaller) -> None:
    shop = start()
    report = shop.report("GET_MERCHANT_LISTINGS_ALL_DATA")
    told = shop.get(f"/reports/2021-06-30/documents/{report['reportDocumentId']}")
    assert told["compressionAlgorithm"] == "GZIP"
    assert b"seller-sku" in shop.fetched("reports", report["reportDocumentId"])


def test_presigned_addresses_are_checked(shop: Caller) -> None:
    room = shop.post("/feeds/2021-06-30/documents", {"contentType": "text/xml"})
    address = local(room["url"])
    assert b"SignatureDoesNotMatch" in shop.client.put(address, data=b"x", content_type="text/plain").get_data()
    assert shop.client.put(address[:-2], data=b"x", content_type="text/xml").status_code == 403
    assert shop.client.put(address, data=b"x", content_type="text/xml").status_code == 200


def test_an_unreadable_feed_is_fatal(shop: Caller) -> None:
    assert shop.feed("POST_PAYMENT_ADJUSTMENT_DATA", "not xml")["processingStatus"] == "FATAL"
    assert shop.feed("POST_FLAT_FILE_PAYMENT_ADJUSTMENT_DATA", "a\tb\n")["processingStatus"] == "FATAL"


@pytest.mark.parametrize(("amount", "currency"), [("0.00", "CNY"), ("99999.00", "CNY"), ("1.00", "USD"), ("abc", "CNY")])
def test_a_refund_that_is_not_allowed_is_an_error_of_its_row(shop: Caller, amount: str, currency: str) -> None:
    number, line = returned(shop)
    assert "<ResultCode>Error</ResultCode>" in shop.refund_feed(number, line, amount, currency)
    assert shop.ledger(number)["refunds"][0]["paid_back"] == 0


def test_the_seller_refunds_without_being_asked_and_never_too_much(shop: Caller) -> None:
    number = shop.one()
    shop.ship(number)
    line = next(iter(shop.units(number)))
    assert "MessagesWithError>0<" in shop.refund_feed(number, line, "1.00")
    assert "MessagesWithError>0<" in shop.refund_feed(number, line, "2.00", key="a2")
    assert "18028" in shop.refund_feed(number, line, paid(shop, number, line), key="a3")
    assert rows(shop) == []
    query = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": number}
    posted = shop.get("/finances/2024-06-19/transactions", **query)["payload"]["transactions"]
    assert [one["transactionType"] for one in posted] == ["Shipment", "Refund", "Refund"]
    assert posted[1]["breakdowns"][0]["breakdownAmount"]["currencyAmount"] == -1.0


def test_a_feed_ships(shop: Caller) -> None:
    number = shop.one()
    text = f"order-id\tship-date\tcarrier-code\ttracking-number\n{number}\t{iso()}\tZTO\t73100000000005\n"
    done = shop.feed("POST_FLAT_FILE_FULFILLMENT_DATA", text)
    assert "successful\t\t1" in shop.fetched("feeds", done["resultFeedDocumentId"]).decode()
    assert shop.order(number)["packages"][0]["trackingNumber"] == "73100000000005"
