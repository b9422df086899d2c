"""Writes parcels of an order back to Suning and reads which are there already."""

from __future__ import annotations

from typing import Any

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.contract.records import OrderState
from connectors.marketplaces.suning import codes
from connectors.marketplaces.suning.client import Sop, sop_time
from connectors.marketplaces.suning.lists import body_rows, read_order
from connectors.marketplaces.suning.orders import FREIGHT
from connectors.marketplaces.suning.reading import Json, count_of, required, rows, text

ROOT = "logisticCompany"
MOST_PAGES = 20
_LEFT = frozenset({OrderState.SHIPPED, OrderState.COMPLETED})


def push_shipment(sop: Sop, notice: ShipmentNotice) -> Receipt:
    """Write one parcel back, for the lines of it that the platform does not have with this waybill yet."""
    company = _company(sop, notice)
    details = _chosen(sop, notice)
    missing = [detail for detail in details if not _is_there(detail, notice)]
    # A line leaves with its first parcel here, and has one waybill; further parcels of it have no place.
    missing = [each for each in missing if text(each, "orderLineNumber") not in notice.units or not _has_left(each)]
    if not missing:
        return Receipt(notice.waybill_no, "the platform already had these lines")
    answer = sop.write(
        "suning.custom.orderdelivery.add",
        "orderDelivery",
        **_parcel(notice, company, missing),
        deliveryTime=sop_time(notice.shipped_at),
    )
    _confirmed(answer, len(missing))
    return Receipt(notice.waybill_no)


def change_shipment(sop: Sop, notice: ShipmentNotice) -> Receipt:
    """Replace the waybill of what was written back."""
    company = _company(sop, notice)
    details = _chosen(sop, notice)
    answer = sop.write("suning.custom.orderdelivery.modify", "orderDelivery", **_parcel(notice, company, details))
    _confirmed(answer, len(details), needed=False)
    return Receipt(notice.waybill_no)


def find_shipment(sop: Sop, order_no: str) -> ShipmentFound:
    """Lines the platform has as shipped, with their waybills."""
    details = rows(read_order(sop, order_no).get("orderDetail"), "orderDetail")
    return ShipmentFound(
        {required(each, "orderLineNumber"): text(each, "expressno") for each in details if _has_left(each)}
    )


def _has_left(detail: Json) -> bool:
    return bool(text(detail, "expressno")) or codes.STATES.get(text(detail, "orderLineStatus")) in _LEFT


def _is_there(detail: Json, notice: ShipmentNotice) -> bool:
    return text(detail, "expressno") == notice.waybill_no and _has_left(detail)


def _chosen(sop: Sop, notice: ShipmentNotice) -> list[Json]:
    """The lines of the order that are in the parcel; Suning wants their product codes, which only the order tells."""
    details = rows(read_order(sop, notice.order_no).get("orderDetail"), "orderDetail")
    wanted = {number for number in notice.line_nos if number != FREIGHT}
    if not wanted and not notice.whole:
        raise Refused("a part shipment needs the numbers of its lines")
    chosen = [each for each in details if not wanted or text(each, "orderLineNumber") in wanted]
    if not chosen or len(chosen) < len(wanted):
        raise Refused("the platform's order has no such lines; read the order again")
    return chosen


def _parcel(notice: ShipmentNotice, company: str, details: list[Json]) -> dict[str, Any]:
    products = [required(each, "productCode") for each in details]
    parcel: dict[str, Any] = {
        "orderCode": notice.order_no,
        "expressNo": notice.waybill_no,
        "expressCompanyCode": company,
        "orderLineNumbers": {"orderLineNumber": [required(each, "orderLineNumber") for each in details]},
    }
    if len(set(products)) == len(products):
        # The platform refuses a product named twice; the numbers of the lines then stand alone.
        parcel["sendDetail"] = {"productCode": products}
    return parcel


def _company(sop: Sop, notice: ShipmentNotice) -> str:
    """Suning's code of a carrier: as set, as known, or as its own list of carriers names it."""
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    ours = notice.carrier_code
    known = codes.pairs(codes.CARRIERS) | codes.pairs(sop.setting("carriers"))
    found = known.get(ours) or _listed(sop, ours)
    if not found:
        raise Refused(f"Suning's code of carrier {ours} is not known; add it to the shop's setting of carrier codes")
    return found


def _listed(sop: Sop, ours: str) -> str:
    word = codes.CARRIER_WORDS.get(ours)
    if word is None:
        return ""
    named: list[Json] = []
    page = pages = 1
    while page <= pages:
        answer = sop.read("suning.custom.logisticcompany.query", ROOT, pageNo=str(page), pageSize="50")
        if not answer:
            break
        named += [each for each in body_rows(answer, ROOT) if word in text(each, "expressCompanyName")]
        head = answer.get("sn_head")
        pages = min(count_of(head, "pageTotal"), MOST_PAGES) if isinstance(head, dict) else 1
        page += 1
    # The shortest name is the carrier itself, the longer ones are its other services.
    named.sort(key=lambda each: len(text(each, "expressCompanyName")))
    return text(named[0], "expressCompanyCode") if named else ""


def _confirmed(answer: Json, asked: int, *, needed: bool = True) -> None:
    """Each line is accepted or not by itself; what is not is sent again without those that are.

    Only the answer to a first parcel is known to tell it of every line.
    """
    found = body_rows(answer, "orderDelivery")
    results = [text(each, "sendresult") for row in found for each in rows(row.get("sendDetail"), "sendDetail")]
    refused = sum(result != "Y" for result in results)
    if not results and needed:
        raise OutcomeUnknown("the answer does not say whether the shipment was accepted", code="not-an-answer")
    if refused:
        raise Refused(f"the platform did not accept {refused} of {asked} lines", code="sendresult")
