"""Writes parcels of an order back and reads which are there already."""

from __future__ import annotations

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.youzan import codes
from connectors.marketplaces.youzan.client import Platform
from connectors.marketplaces.youzan.lists import read_order
from connectors.marketplaces.youzan.orders import FREIGHT
from connectors.marketplaces.youzan.parcels import parcels_of
from connectors.marketplaces.youzan.reading import required, rows, text

#: Goods that left already, or nothing that could: a parcel written twice is told so.
NOTHING_LEFT = frozenset({"102570007", "102570020"})


def push_shipment(platform: Platform, notice: ShipmentNotice) -> Receipt:
    """Write one parcel back: the whole order, or the lines it carries.

    One line's units cannot be split: the line leaves with its first parcel, further ones of it have no place.
    """
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    lines = [number for number in notice.line_nos if number != FREIGHT]
    if not lines and not notice.whole:
        raise Refused("a part shipment needs the numbers of its lines")
    if notice.units:
        found = find_shipment(platform, notice.order_no).waybills
        lines = [number for number in lines if number not in found]
        if not lines:
            return Receipt(notice.waybill_no, "these lines had left; Youzan keeps the one waybill they left with")
    parcel = {"tid": notice.order_no, "out_stype": carrier_of(platform, notice.carrier_code)}
    if not notice.whole:
        parcel["oids"] = ",".join(lines)
    try:
        answer = platform.write(
            "youzan.logistics.online.confirm", **parcel, out_sid=notice.waybill_no, is_no_express=0, **_sender(platform)
        )
    except Refused as error:
        if error.code not in NOTHING_LEFT or not _is_there(platform, notice, lines):
            raise
        return Receipt(notice.waybill_no, "the platform already had this parcel")
    if answer.get("is_success") is not True:
        raise OutcomeUnknown("the answer does not say whether the shipment was accepted", code="not-an-answer")
    return Receipt(notice.waybill_no)


def find_shipment(platform: Platform, order_no: str) -> ShipmentFound:
    """Lines the platform has as shipped, with their waybills; asked before an unknown outcome is sent again."""
    return ShipmentFound(parcels_of(read_order(platform, order_no)))


def carrier_of(platform: Platform, code: str) -> str:
    """Youzan's number of a carrier: as set, or as its own list names it; Refused names the one that is missing."""
    found = codes.pairs(platform.setting("carriers")).get(code) or _listed(platform, code)
    if not found:
        raise Refused(f"Youzan's number of carrier {code} is not known; add it to the shop's setting of carriers")
    return found


def _listed(platform: Platform, code: str) -> str:
    word = codes.CARRIER_WORDS.get(code)
    if word is None:
        return ""
    carriers = rows(platform.read("youzan.logistics.express.get"), "allExpress")
    named = [each for each in carriers if word in text(each, "name")]
    # The shortest name is the carrier itself, the longer ones are its other services.
    named.sort(key=lambda each: len(text(each, "name")))
    return required(named[0], "id") if named else ""


def _sender(platform: Platform) -> dict[str, dict[str, str]]:
    """SF wants the sender's number with each parcel, to tell where it is."""
    mobile = platform.setting("sender_mobile")
    return {"outer_sender": {"sender_mobile": mobile}} if mobile else {}


def _is_there(platform: Platform, notice: ShipmentNotice, lines: list[str]) -> bool:
    waybills = find_shipment(platform, notice.order_no).waybills
    wanted = lines or list(waybills)
    return bool(wanted) and all(waybills.get(line) == notice.waybill_no for line in wanted)
