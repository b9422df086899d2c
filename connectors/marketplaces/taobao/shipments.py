"""Writes parcels of a trade back to Taobao and reads which are there already."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.contract.records import OrderState
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.client import Top
from connectors.marketplaces.taobao.lines import COD_FEE, FREIGHT
from connectors.marketplaces.taobao.reading import Json, number_text, rows, text

_LEFT = frozenset({OrderState.SHIPPED, OrderState.COMPLETED})
_CHARGES = frozenset({FREIGHT, COD_FEE})
#: The platform's word for "not in a state to be shipped", which it also says of what has shipped already.
_ALREADY = "B04"


def push_shipment(top: Top, notice: ShipmentNotice) -> Receipt:
    """Write one parcel back; a refusal because it is there already, with this waybill, is a success."""
    if notice.carrier_code == codes.NO_CARRIER and not notice.waybill_no:
        return _without_parcel(top, notice)
    if notice.units:
        # A line leaves with its first parcel here, and has one waybill; further parcels of it have no place.
        found = find_shipment(top, notice.order_no).waybills
        left = tuple(number for number in notice.line_nos if number not in found and number not in _CHARGES)
        if not left:
            return Receipt(notice.waybill_no, "these lines had left; Taobao keeps the one waybill they left with")
        notice = replace(notice, line_nos=left)
    method = "taobao.logistics.online.send" if notice.is_cod else "taobao.logistics.offline.send"
    try:
        _confirmed(top.write(method, **_parcel(notice)))
    except Refused as refusal:
        if _ALREADY not in refusal.code or not _is_there(find_shipment(top, notice.order_no), notice):
            raise
        return Receipt(notice.waybill_no, "the platform already had this parcel")
    return Receipt(notice.waybill_no)


def _without_parcel(top: Top, notice: ShipmentNotice) -> Receipt:
    """A trade that no courier carries leaves as a whole; what has left already is a success."""
    there = {} if notice.whole else find_shipment(top, notice.order_no).waybills
    if not notice.whole and not all(number in there for number in notice.line_nos):
        raise Refused("Taobao ships an order without a courier only as a whole: ship it there by hand when all has left")
    try:
        if notice.whole:
            _confirmed(top.write("taobao.logistics.dummy.send", tid=notice.order_no))
    except Refused as refusal:
        if _ALREADY not in refusal.code or not find_shipment(top, notice.order_no).waybills:
            raise
    return Receipt(words="shipped without a parcel")


def change_shipment(top: Top, notice: ShipmentNotice) -> Receipt:
    """Replace the waybill of what was written back (within 50 days)."""
    _confirmed(top.write("taobao.logistics.consign.resend", **_parcel(notice)))
    return Receipt(notice.waybill_no)


def find_shipment(top: Top, order_no: str) -> ShipmentFound:
    """Goods lines the platform has as shipped, with their waybills."""
    fields = "tid,status,orders.oid,orders.status,orders.invoice_no,orders.logistics_company,orders.consign_time"
    answer = top.read("taobao.trade.fullinfo.get", tid=order_no, fields=fields)
    trade = answer.get("trade")
    orders = rows(trade.get("orders"), "orders") if isinstance(trade, dict) else []
    return ShipmentFound({number_text(order, "oid"): text(order, "invoice_no") for order in orders if _has_left(order)})


def _has_left(order: Json) -> bool:
    return bool(order.get("invoice_no")) or codes.STATES.get(text(order, "status")) in _LEFT


def _parcel(notice: ShipmentNotice) -> dict[str, object]:
    company = codes.COMPANY_CODES.get(notice.carrier_code)
    if company is None:
        raise Refused(f"Taobao's code of carrier {notice.carrier_code} is not known; add it to the carrier table")
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    parcel: dict[str, object] = {"tid": notice.order_no, "out_sid": notice.waybill_no, "company_code": company}
    if not notice.whole:
        goods = [number for number in notice.line_nos if number not in _CHARGES]
        if not goods:
            raise Refused("a part shipment needs the numbers of its lines")
        parcel |= {"is_split": 1, "sub_tid": ",".join(goods)}
    return parcel


def _is_there(found: ShipmentFound, notice: ShipmentNotice) -> bool:
    lines = [number for number in notice.line_nos if number not in _CHARGES] or list(found.waybills)
    return bool(lines) and all(found.waybills.get(number) == notice.waybill_no for number in lines)


def _confirmed(answer: Json) -> None:
    shipping = answer.get("shipping")
    accepted = shipping.get("is_success") if isinstance(shipping, dict) else None
    if accepted in (False, "false"):
        raise Refused("the platform did not accept the shipment", code="not-accepted")
    if accepted not in (True, "true"):
        raise OutcomeUnknown("the answer does not say whether the shipment was accepted", code="not-an-answer")
