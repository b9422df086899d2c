"""Feeds as they were uploaded, read into rows: flat files by column, XML envelopes by message."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

Doc = dict[str, Any]
MONEY_COLUMNS = ("item-price-adj", "item-tax-adj", "shipping-price-adj", "shipping-tax-adj", "gift-wrap-price-adj",
                 "gift-wrap-tax-adj", "item-promotion-adj", "shipping-promotion-adj")  # fmt: skip
COMPONENTS = {"Principal": "item-price-adj", "Tax": "item-tax-adj", "Shipping": "shipping-price-adj",
              "ShippingTax": "shipping-tax-adj", "GiftWrap": "gift-wrap-price-adj",
              "GiftWrapTax": "gift-wrap-tax-adj"}  # fmt: skip


class Unreadable(Exception):
    """The upload is no feed of its type: it ends as FATAL."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record or message of a feed: its number and its values by flat-file column."""

    number: str
    values: Doc

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "").strip()


def flat_rows(content: bytes, needed: tuple[str, ...]) -> list[Row]:
    """Records of a tab separated file; the first line names the columns."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    if not lines or any(name not in lines[0].split("\t") for name in needed):
        raise Unreadable(f"the first line must name the columns {', '.join(needed)}")
    reader = csv.DictReader(io.StringIO("\n".join(lines)), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [Row(str(number), dict(record)) for number, record in enumerate(reader, start=1)]


def xml_rows(content: bytes, kind: str, read: Callable[[Element], Iterator[Doc]]) -> list[Row]:
    """Messages of an AmazonEnvelope of one message type."""
    try:
        root = fromstring(content)  # noqa: S314 - the sandbox reads what its own user uploads
    except ParseError as error:
        raise Unreadable(f"not XML: {error}") from None
    if root.tag != "AmazonEnvelope" or root.findtext("MessageType") != kind:
        raise Unreadable(f"an AmazonEnvelope with MessageType {kind} is wanted")
    found = []
    for message in root.iter("Message"):
        inner = message.find(kind)
        number = message.findtext("MessageID", "")
        if inner is None or not number:
            raise Unreadable(f"every Message needs a MessageID and a {kind}")
        found += [Row(number, values) for values in read(inner)]
    return found


def adjustments(inner: Element) -> Iterator[Doc]:
    """The adjusted items of an OrderAdjustment."""
    order = inner.findtext("AmazonOrderID", "")
    for item in inner.iter("AdjustedItem"):
        values: Doc = {
            "order-id": order, "order-item-id": item.findtext("AmazonOrderItemCode", ""),
            "adjustment-reason-code": item.findtext("AdjustmentReason", ""),
            "quantity-cancelled": item.findtext("QuantityCancelled", ""),
            "merchant-adjustment-id": item.findtext("MerchantAdjustmentItemID", ""),
        }  # fmt: skip
        for component in item.iter("Component"):
            amount = component.find("Amount")
            column = COMPONENTS.get(component.findtext("Type", ""))
            if column and amount is not None:
                values |= {column: amount.text, "currency": amount.get("currency", "")}
        yield values


def acknowledgements(inner: Element) -> Iterator[Doc]:
    """The items of an OrderAcknowledgement; without items the whole order is meant."""
    base = {"order-id": inner.findtext("AmazonOrderID", ""), "status": inner.findtext("StatusCode", "")}
    items = inner.findall("Item")
    if not items:
        yield base
    for item in items:
        yield {**base, "amazon-order-item-code": item.findtext("AmazonOrderItemCode", ""),
               "cancellation-reason-code": item.findtext("CancelReason", "")}  # fmt: skip


def fulfillments(inner: Element) -> Iterator[Doc]:
    """The items of an OrderFulfillment."""
    base = {
        "order-id": inner.findtext("AmazonOrderID", ""), "ship-date": inner.findtext("FulfillmentDate", ""),
        "carrier-code": inner.findtext("FulfillmentData/CarrierCode", ""),
        "carrier-name": inner.findtext("FulfillmentData/CarrierName", ""),
        "ship-method": inner.findtext("FulfillmentData/ShippingMethod", ""),
        "tracking-number": inner.findtext("FulfillmentData/ShipperTrackingNumber", ""),
    }  # fmt: skip
    items = inner.findall("Item")
    if not items:
        yield base
    for item in items:
        yield {
            **base,
            "order-item-id": item.findtext("AmazonOrderItemCode", ""),
            "quantity": item.findtext("Quantity", ""),
        }


def cents_of(text: str, *, whole: bool = False) -> int:
    """Minor units of a decimal text; ValueError when it is none."""
    try:
        amount = Decimal(text or "0")
    except InvalidOperation:
        raise ValueError(f"{text} is not an amount") from None
    return int(amount if whole else amount * 100)
