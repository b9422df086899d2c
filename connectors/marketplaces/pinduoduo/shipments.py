"""Writes parcels of an order back to Pinduoduo and reads which are there already.

The platform ships an order as a whole with its first parcel; further parcels are only shown to the buyer beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.lines import FEE, FREIGHT, GIFT, line_number
from connectors.marketplaces.pinduoduo.reading import Json, number_text, rows, text
from connectors.marketplaces.pinduoduo.trades import order_of

FIRST, CHANGED = 1, 2
SPLIT, GIFTS = 1, 3
_MORE_PARCELS = ("extra_delivery_list", "gift_delivery_list", "resend_delivery_list")
_FALSE = (False, "false", 0)


def push_shipment(pop: Pop, notice: ShipmentNotice) -> Receipt:
    """Write one parcel back; what is there already, with this waybill, is a success.

    A part of an order ships the order when it is the first, else it is shown as one parcel more.
    """
    carrier = _parcel_carrier(pop, notice)
    goods = _goods(notice)
    if not notice.whole and not goods:
        raise Refused("a part shipment needs the numbers of its lines")
    if not notice.whole:
        _, order = order_of(pop, notice.order_no)
        if notice.waybill_no in _waybills(order):
            return Receipt(notice.waybill_no, "the platform already had this parcel")
        if has_left(order):
            return _add_parcel(pop, notice, carrier, GIFTS if all(no.startswith(GIFT) for no in goods) else SPLIT)
    try:
        _send(pop, notice, carrier, FIRST)
    except Refused:
        if notice.waybill_no not in _waybills(order_of(pop, notice.order_no)[1]):
            raise
        return Receipt(notice.waybill_no, "the platform already had this parcel")
    return Receipt(notice.waybill_no)


def change_shipment(pop: Pop, notice: ShipmentNotice) -> Receipt:
    """Replace the waybill of an order's first parcel; the platform has no call to change further ones."""
    _send(pop, notice, _parcel_carrier(pop, notice), CHANGED)
    return Receipt(notice.waybill_no)


def find_shipment(pop: Pop, order_no: str) -> ShipmentFound:
    """Lines the platform has as shipped, with the waybill of the first parcel; gifts with their own where told.

    The platform does not say which lines left in a further parcel.
    """
    _, order = order_of(pop, order_no)
    if not has_left(order):
        return ShipmentFound({})
    first = text(order, "tracking_number")
    gifts = rows(order, "gift_delivery_list")
    found = {line_number(item, "item_list"): first for item in rows(order, "item_list")}
    gift_waybill = text(gifts[0], "tracking_number") if gifts else first
    found |= {GIFT + line_number(gift, "gift_list"): gift_waybill for gift in rows(order, "gift_list")}
    return ShipmentFound(found)


def has_left(order: Json) -> bool:
    """Whether the platform has an order as shipped."""
    return bool(text(order, "tracking_number")) or text(order, "order_status") in ("2", "3")


def carrier_id(pop: Pop, carrier_code: str) -> tuple[str, str]:
    """The platform's id and name of a hub's carrier: the account's own table, ours, then the platform's list.

    The ids of our table are those applications use; the setting `carriers` overrules them.
    """
    own = _own_carriers(pop)
    known_id, word = codes.CARRIERS.get(carrier_code, ("", ""))
    if own.get(carrier_code) or known_id:
        return own.get(carrier_code) or known_id, word or carrier_code
    if word:
        answer = pop.read("pdd.logistics.companies.get", "logistics_companies_get_response")
        for row in rows(answer, "logistics_companies"):
            if word in text(row, "logistics_company") and number_text(row, "id"):
                return number_text(row, "id"), text(row, "logistics_company")
    raise Refused(f"Pinduoduo's id of carrier {carrier_code} is not known; write it into the account's carriers")


def _own_carriers(pop: Pop) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in pop.setting("carriers").split(","))
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs if theirs.strip()}


def _parcel_carrier(pop: Pop, notice: ShipmentNotice) -> str:
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    return carrier_id(pop, notice.carrier_code)[0]


def _goods(notice: ShipmentNotice) -> list[str]:
    return [no for no in notice.line_nos if no != FREIGHT and not no.startswith(f"{FEE}-")]


def _waybills(order: Json) -> set[str]:
    """All waybills an order has, whatever parcel they are of."""
    more = (text(row, "tracking_number") for field in _MORE_PARCELS for row in rows(order, field))
    return {text(order, "tracking_number"), *more} - {""}


def _send(pop: Pop, notice: ShipmentNotice, carrier: str, kind: int) -> None:
    answer = pop.write(
        "pdd.logistics.online.send",
        "logistics_online_send_response",
        order_sn=notice.order_no,
        logistics_id=carrier,
        tracking_number=notice.waybill_no,
        redelivery_type=kind,
    )
    _confirmed(answer, "is_success")


def _add_parcel(pop: Pop, notice: ShipmentNotice, carrier: str, kind: int) -> Receipt:
    answer = pop.write(
        "pdd.order.upload.extra.logistics",
        "upload_extra_logistics_response",
        order_sn=notice.order_no,
        extra_track_type=kind,
        extra_track_list=[
            {"shipping_id": int(carrier) if carrier.isdigit() else carrier, "tracking_number": notice.waybill_no}
        ],
    )
    _confirmed(answer, "success")
    return Receipt(notice.waybill_no, "shown as a further parcel")


def _confirmed(answer: Json, field: str) -> None:
    """Both calls say whether they worked, under one name or the other."""
    told = answer.get(field, answer.get("is_success", answer.get("success")))
    if told in _FALSE and told is not None:
        raise Refused("the platform did not accept the shipment", code="not-accepted")
    if told not in (True, "true", 1):
        raise OutcomeUnknown("the answer does not say whether the shipment was accepted", code="not-an-answer")
