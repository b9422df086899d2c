"""Makes a line's money add up: what it cost, who paid for its discounts, its freight. Pure, all in fen.

unitPrice × saleNum − coupontotalMoney − vouchertotalMoney = payAmount; some shops' payAmount holds the line's
transportFee too, and coupons stand among the payments beside what the buyer paid.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.suning import codes
from connectors.marketplaces.suning.reading import Json, fen, rows, text, units_of


class Share(NamedTuple):
    """A line's amounts; listed − merchant − platform = paid. `cod` is what the courier collects of it and freight."""

    units: int
    listed: int
    paid: int
    merchant: int
    platform: int
    freight: int
    cod: int
    promotions: tuple[PromotionRecord, ...]
    alert: str = ""


class _Payments(NamedTuple):
    cash: int
    cod: int
    coupons: tuple[tuple[Funder, int, str, str], ...]  # who, fen, code, name


def share_of(detail: Json, reader: codes.Reader) -> Share:
    """The money of one line; BadRecord names the field that does not add up."""
    units = units_of(detail, "saleNum")
    if not text(detail, "unitPrice"):
        raise BadRecord("this is missing", field="orderDetail.unitPrice")
    if not text(detail, "payAmount"):
        raise BadRecord("this is missing", field="orderDetail.payAmount")
    listed, freight = fen(detail, "unitPrice", units), fen(detail, "transportFee")
    payments = _payments(detail, reader)
    paid, alert = _goods_paid(detail, listed, freight, payments)
    discount = listed - paid
    if paid < 0 or discount < 0 or freight < 0:
        raise BadRecord("the line is paid more than its price, or less than nothing", field="orderDetail.payAmount")
    coupons = payments.coupons if sum(amount for _, amount, _, _ in payments.coupons) <= discount else ()
    if payments.coupons and not coupons:
        alert = alert or "paymentList: coupons outside the line's discount"
    platform = sum(amount for funder, amount, _, _ in coupons if funder is Funder.PLATFORM)
    number = text(detail, "orderLineNumber")
    promotions = tuple(PromotionRecord(who, amount, code, name, number) for who, amount, code, name in coupons)
    return Share(units, listed, paid, discount - platform, platform, freight, payments.cod, promotions, alert)


def _goods_paid(detail: Json, listed: int, freight: int, payments: _Payments) -> tuple[int, str]:
    """The line's own part of payAmount, and a word when a discount is left that no field names."""
    pay, coupon, voucher = fen(detail, "payAmount"), fen(detail, "coupontotalMoney"), fen(detail, "vouchertotalMoney")
    dues = (listed - coupon - voucher, listed - coupon)
    if pay in dues:
        return pay, ""
    if pay - freight in dues:
        return pay - freight, ""
    # No field names this difference; the payments tell whether the freight is in the amount.
    paid = pay - freight if freight and payments.cash == pay else pay
    return paid, f"orderDetail.payAmount: {dues[0] - paid} fen of discount without a name"


def _payments(detail: Json, reader: codes.Reader) -> _Payments:
    cash, cod, coupons = 0, 0, []
    for payment in rows(detail.get("paymentList"), "orderDetail.paymentList"):
        code, amount = text(payment, "banktypecode"), fen(payment, "payamount")
        known = codes.COUPONS.get(code)
        if known or text(payment, "paycode") == codes.COUPON_PAY:
            who, name = known or (Funder.PLATFORM, "券")
            if amount > 0:
                coupons.append((who, amount, code, name))
            continue
        cash += amount
        if code in reader.cod_codes:
            cod += amount
    return _Payments(cash, cod, tuple(coupons))
