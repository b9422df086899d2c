"""Reads one order of its rows and checks that it makes sense; what is wrong is noted at the rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oms.app.capture.entered.cells import (
    MOST_MINOR,
    read_amount,
    read_country,
    read_delivery,
    read_moment,
    read_number,
    read_payment,
    read_phone,
    read_units,
    read_words,
)
from oms.app.capture.entered.documents import Draft, DraftLine
from oms.app.capture.entered.rows import Head, Row

#: Clocks differ and days end at different hours; what lies further ahead is a slip.
AHEAD = timedelta(days=1)
MOST_LINES = 500
FUTURE = "lies in the future; look at the date"


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What reading an order needs to know of its shop."""

    id: int
    code: str
    name: str
    currency: str
    timezone: str


def draft_order(rows: Sequence[Row], shop: ShopFacts, now: datetime) -> Draft | None:
    """The order of these rows; None when one of them has a problem now."""
    head = Head(rows)
    ordered_at = head.read("ordered_at", lambda text: read_moment(text, shop.timezone), None)
    draft = Draft(
        external_no=head.read("order_no", read_number, ""),
        currency=shop.currency,
        ordered_at=ordered_at or now,
        paid_at=head.read("paid_at", lambda text: read_moment(text, shop.timezone), None),
        lines=tuple([_line(row, shop.currency) for row in rows]),
        freight=head.read("freight", lambda text: read_amount(text, shop.currency), 0),
        buyer=head.read("buyer", read_number, ""),
        receiver=_receiver(head),
        message=head.read("message", read_words, ""),
        memo=head.read("memo", read_words, ""),
        is_cod=head.read("cod", read_payment, "") == "cod",
        pays_at_store=head.read("cod", read_payment, "") == "store",
        delivery=_delivery(head),
        invoice_title=head.read("invoice_title", read_words, ""),
        tax_no=head.read("tax_no", read_number, ""),
    )
    _check_times(head, draft, now)
    _check_money(head, draft)
    if len(rows) > MOST_LINES:
        rows[-1].refuse("order_no", "an order has at most 500 rows; make two orders of it")
    return None if any(row.problems for row in rows) else draft


def _line(row: Row, currency: str) -> DraftLine:
    line = DraftLine(
        sku=row.read("sku", read_number, ""),
        listing=row.read("listing", read_number, ""),
        title=row.read("title", read_words, ""),
        units=row.read("units", read_units, 1),
        unit_price=row.read("unit_price", lambda text: read_amount(text, currency), 0),
        discount=row.read("discount", lambda text: read_amount(text, currency), 0),
    )
    if not row.cells.get("sku", "").strip() and not row.cells.get("listing", "").strip():
        row.refuse("sku", "write the code of a SKU, or of a listing of the shop")
    if line.discount > line.list_amount and not row.problems:
        row.refuse("discount", "is more than the goods cost; look at price and discount")
    return line


def _receiver(head: Head) -> dict[str, str]:
    country = head.read("country", read_country, "CN")
    at_home = country == "CN"
    return {
        "name": head.read("name", read_words, ""),
        "phone": head.read("phone", lambda text: read_phone(text, country), ""),
        "country": country,
        "state": head.read("state", read_words, "", needed=at_home),
        "city": head.read("city", read_words, ""),
        "district": head.read("district", read_words, ""),
        "address": head.read("street", read_words, ""),
    }


def _delivery(head: Head) -> dict[str, str] | None:
    """How the order goes through a store; None by courier."""
    mode, leg = head.read("delivery", read_delivery, ("", ""))
    store = head.read("store", read_number, "")
    person = head.read("pickup_name", read_number, "")
    phone = head.read("pickup_phone", lambda text: read_phone(text, "CN") if text else "", "")
    if mode:
        return {"mode": mode, "leg": leg, "store": store, "person": person, "phone": phone}
    if store or person or phone:
        head.refuse("delivery", "only orders through a store have these; say how the goods get to the buyer")
    if head.read("cod", read_payment, "") == "store":
        head.refuse("delivery", "who pays at a store collects there or is brought the goods by it; say which")
    return None


def _check_times(head: Head, draft: Draft, now: datetime) -> None:
    if draft.ordered_at > now + AHEAD:
        head.refuse("ordered_at", FUTURE)
    if draft.paid_at is None:
        return
    if draft.paid_at > now + AHEAD:
        head.refuse("paid_at", FUTURE)
    if draft.paid_at < draft.ordered_at:
        head.refuse("paid_at", "is before the order was placed; look at both times")
    if draft.is_cod or draft.pays_at_store:
        head.refuse("paid_at", "cash on delivery is not paid yet; leave one of the two empty")


def _check_money(head: Head, draft: Draft) -> None:
    if draft.tax_no and not draft.invoice_title:
        head.refuse("invoice_title", "a tax number needs a title; write both or neither")
    if draft.total > MOST_MINOR:
        head.refuse("total", "this amount is too large; look at it again")
    written = head.read("total", lambda text: read_amount(text, draft.currency) if text else None, None)
    if written is not None and written != draft.total:
        head.refuse("total", "goods less discounts plus freight come to another amount; correct one of them")
