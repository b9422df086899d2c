"""Feeds: room for a document, the feed itself, its result. DONE says that rows were read, not that they were taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from connectors.sandbox.amazon import feed_work, jobs
from connectors.sandbox.amazon.errors import invalid, not_found
from connectors.sandbox.amazon.feed_reading import (
    Row,
    Unreadable,
    acknowledgements,
    adjustments,
    flat_rows,
    fulfillments,
    xml_rows,
)
from connectors.sandbox.amazon.listings_api import apply_patch, find_item
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop, check_marketplaces
from connectors.sandbox.amazon.vault import Vault

Read = Callable[[bytes], list[Row]]
Work = Callable[[Shop, Row], None]
ADJUST_COLUMNS = ("order-id", "order-item-id", "adjustment-reason-code", "currency")
CANCEL_COLUMNS = ("order-id", "amazon-order-item-code", "cancellation-reason-code")
SHIP_COLUMNS = ("order-id", "ship-date", "tracking-number")
FLAT: dict[str, tuple[Read, Work]] = {
    "POST_FLAT_FILE_PAYMENT_ADJUSTMENT_DATA": (lambda text: flat_rows(text, ADJUST_COLUMNS), feed_work.adjust),
    "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA": (lambda text: flat_rows(text, CANCEL_COLUMNS), feed_work.acknowledge),
    "POST_FLAT_FILE_FULFILLMENT_DATA": (lambda text: flat_rows(text, SHIP_COLUMNS), feed_work.fulfil),
}
XML: dict[str, tuple[Read, Work]] = {
    "POST_PAYMENT_ADJUSTMENT_DATA": (lambda text: xml_rows(text, "OrderAdjustment", adjustments), feed_work.adjust),
    "POST_ORDER_ACKNOWLEDGEMENT_DATA": (
        lambda text: xml_rows(text, "OrderAcknowledgement", acknowledgements), feed_work.acknowledge
    ),
    "POST_ORDER_FULFILLMENT_DATA": (lambda text: xml_rows(text, "OrderFulfillment", fulfillments), feed_work.fulfil),
}  # fmt: skip
LISTINGS = "JSON_LISTINGS_FEED"


def create_document(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    vault = Vault(shop)
    id_ = vault.room(str(asked.body("contentType")["contentType"]))
    return 201, {"feedDocumentId": id_, "url": vault.address(id_, asked.request.host_url)}


def create(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    body = asked.body("feedType", "marketplaceIds", "inputFeedDocumentId")
    check_marketplaces(shop, body["marketplaceIds"])
    if body["feedType"] not in (*FLAT, *XML, LISTINGS):
        raise invalid("feedType is not a feed that can be submitted.")
    if not Vault(shop).known(str(body["inputFeedDocumentId"])):
        raise invalid("inputFeedDocumentId names no feed document.")
    wanted = {"marketplaceIds": body["marketplaceIds"], "document": str(body["inputFeedDocumentId"])}
    return 202, {"feedId": jobs.add(shop, "feed", body["feedType"], wanted)}


def work_off(shop: Shop, id_: str) -> None:
    """Do a feed whose time has come; what was done once is not done again."""
    row = jobs.find(shop, id_)
    if row["state"] in ("CANCELLED", "DONE", "FATAL"):
        return
    content = Vault(shop).uploaded(json.loads(row["asked"])["document"])
    try:
        if content is None:
            raise Unreadable("nothing was uploaded")
        result, content_type = _result(shop, id_, row["type"], content)
    except Unreadable:
        jobs.end(shop, id_, "FATAL")
        return
    jobs.end(shop, id_, "DONE", Vault(shop).keep(result, content_type))


def get(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    return 200, _told(jobs.current(shop, asked.path["id"], "feed"))


def listed(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    return 200, {"feeds": [_told(row) for row in jobs.listed(shop, asked, "feed")]}


def cancel(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    jobs.cancel(shop, asked.path["id"], "feed")
    return 200, {}


def document(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    found = Vault(shop).told(asked.path["id"], asked.request.host_url)
    if found is None:
        raise not_found(f"No feed document {asked.path['id']}.")
    return 200, {"feedDocumentId": asked.path["id"], **found}


def _told(row: Any) -> Doc:
    told = {"feedId": row["id"], "feedType": row["type"], **jobs.told(row)}
    if row["document"]:
        told["resultFeedDocumentId"] = row["document"]
    return told


def _result(shop: Shop, id_: str, type_: str, content: bytes) -> tuple[bytes, str]:
    """Do the rows and write the processing report."""
    if type_ == LISTINGS:
        return _patch_all(shop, id_, content), "application/json; charset=UTF-8"
    read, work = (FLAT | XML)[type_]
    rows = read(content)
    refused = [(row, why) for row in rows if (why := feed_work.run(shop, work, row))]
    if type_ in FLAT:
        return _flat_result(len(rows), refused), "text/plain; charset=UTF-8"
    return _xml_result(shop, id_, len({row.number for row in rows}), refused), "text/xml; charset=UTF-8"


def _flat_result(total: int, refused: list[tuple[Row, feed_work.RowRefused]]) -> bytes:
    lines = ["Feed Processing Summary:", f"\tNumber of records processed\t\t{total}",
             f"\tNumber of records successful\t\t{total - len(refused)}", ""]  # fmt: skip
    if refused:
        lines.append("original-record-number\torder-id\terror-code\terror-type\terror-message")
        lines += [f"{row.number}\t{row.text('order-id')}\t{why.code}\tError\t{why}" for row, why in refused]
    return ("\n".join(lines) + "\n").encode()


def _xml_result(shop: Shop, id_: str, total: int, refused: list[tuple[Row, feed_work.RowRefused]]) -> bytes:
    root = Element("AmazonEnvelope")
    header = SubElement(root, "Header")
    SubElement(header, "DocumentVersion").text = "1.02"
    SubElement(header, "MerchantIdentifier").text = shop.keys["seller_id"]
    SubElement(root, "MessageType").text = "ProcessingReport"
    message = SubElement(root, "Message")
    SubElement(message, "MessageID").text = "1"
    report = SubElement(message, "ProcessingReport")
    SubElement(report, "DocumentTransactionID").text = id_
    SubElement(report, "StatusCode").text = "Complete"
    summary = SubElement(report, "ProcessingSummary")
    bad = len({row.number for row, _ in refused})
    counts = {"MessagesProcessed": total, "MessagesSuccessful": total - bad, "MessagesWithError": bad,
              "MessagesWithWarning": 0}  # fmt: skip
    for name, count in counts.items():
        SubElement(summary, name).text = str(count)
    for row, why in refused:
        result = SubElement(report, "Result")
        texts = {"MessageID": row.number, "ResultCode": "Error", "ResultMessageCode": why.code,
                 "ResultDescription": str(why)}  # fmt: skip
        for name, text in texts.items():
            SubElement(result, name).text = text
        SubElement(SubElement(result, "AdditionalInfo"), "AmazonOrderID").text = row.text("order-id")
    written: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def _patch_all(shop: Shop, id_: str, content: bytes) -> bytes:
    """A listings feed: every message patches one SKU."""
    try:
        messages = json.loads(content)["messages"]
    except (ValueError, KeyError, TypeError):
        raise Unreadable("a JSON object with messages is wanted") from None
    issues = [issue for message in messages if (issue := _patch_one(shop, message))]
    counts = {"errors": len(issues), "warnings": 0, "messagesProcessed": len(messages),
              "messagesAccepted": len(messages) - len(issues), "messagesInvalid": len(issues)}  # fmt: skip
    header = {"sellerId": shop.keys["seller_id"], "version": "2.0", "feedId": id_}
    return json.dumps({"header": header, "issues": issues, "summary": counts}).encode()


def _patch_one(shop: Shop, message: Any) -> Doc | None:
    if not isinstance(message, dict):
        raise Unreadable("every message is an object")
    item = find_item(shop, str(message.get("sku")))
    words = "The SKU is not one of this seller." if item is None else ""
    if item is not None:
        words = next((why for patch in message.get("patches", []) if (why := apply_patch(shop, item, patch))), "")
    return (
        {"messageId": message.get("messageId"), "code": "90220", "severity": "ERROR", "message": words} if words else None
    )


PATH = "/feeds/2021-06-30"
OPERATIONS = (
    Operation("createFeedDocument", "POST", f"{PATH}/documents", 0.5, 15, create_document),
    Operation("getFeedDocument", "GET", f"{PATH}/documents/<id>", 0.0222, 10, document),
    Operation("createFeed", "POST", f"{PATH}/feeds", 0.0083, 15, create),
    Operation("getFeeds", "GET", f"{PATH}/feeds", 0.0222, 10, listed),
    Operation("getFeed", "GET", f"{PATH}/feeds/<id>", 2, 15, get),
    Operation("cancelFeed", "DELETE", f"{PATH}/feeds/<id>", 2, 15, cancel),
)
