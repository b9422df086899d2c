"""Writes parcels of an order back to JD and reads which are there already.

JD ships an order whole: its numbers stand in one field, `,` between those of one carrier and `|` between carriers.
The first parcel ships the order, each further one is added by the call that changes the numbers.
"""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.contract.records import OrderState
from connectors.marketplaces.jd import codes
from connectors.marketplaces.jd.client import Jos
from connectors.marketplaces.jd.lists import read_order
from connectors.marketplaces.jd.orders import line_numbers
from connectors.marketplaces.jd.reading import Json, rows, text

UPDATE_CALL = "360buy.order.sop.waybill.update"
_LEFT = frozenset({OrderState.SHIPPED, OrderState.COMPLETED})
_FIELDS = "orderId,orderState,waybill,logisticsId,itemInfoList,modified"

#: Company id → its numbers, in the order they were written.
_Parcels = dict[str, list[str]]


def push_shipment(jos: Jos, notice: ShipmentNotice) -> Receipt:
    """Write one parcel back; a refusal because it is there already is a success."""
    company = _company(jos, notice)
    if not notice.whole:
        there = read_order(jos, notice.order_no, _FIELDS)
        if _has_left(there):
            return _add(jos, notice, company, there)
    try:
        _ship(jos, notice.order_no, {company: [notice.waybill_no]})
    except Refused:
        there = read_order(jos, notice.order_no, _FIELDS)
        if not _has_left(there):
            raise
        return _add(jos, notice, company, there)
    return Receipt(notice.waybill_no)


def change_shipment(jos: Jos, notice: ShipmentNotice) -> Receipt:
    """Replace the number of an order that left in one parcel."""
    company = _company(jos, notice)
    there = _parcels(read_order(jos, notice.order_no, _FIELDS))
    if sum(len(numbers) for numbers in there.values()) > 1:
        raise Refused("this order left in several parcels; change their numbers in JD's own console")
    _update(jos, notice.order_no, {company: [notice.waybill_no]})
    return Receipt(notice.waybill_no)


def find_shipment(jos: Jos, order_no: str) -> ShipmentFound:
    """The order's lines once it has left, each with all of the order's numbers: JD keeps none by line."""
    order = read_order(jos, order_no, _FIELDS)
    if not _has_left(order):
        return ShipmentFound({})
    numbers = ",".join(number for numbers in _parcels(order).values() for number in numbers)
    return ShipmentFound(dict.fromkeys(line_numbers(order_no, rows(order.get("itemInfoList"), "itemInfoList")), numbers))


def companies(jos: Jos) -> dict[str, str]:
    """Hub carrier code → JD's company id; the setting `carriers` ("JT=1234,DBKD=2345") adds and overrides."""
    known = dict(codes.CARRIERS)
    for pair in jos.setting("carriers").replace("，", ",").split(","):
        ours, is_pair, theirs = pair.partition("=")
        if is_pair:
            known[ours.strip()] = theirs.strip()
    return known


def _company(jos: Jos, notice: ShipmentNotice) -> str:
    if notice.carrier_code == codes.NO_CARRIER and not notice.waybill_no:
        return codes.SELF_DELIVERY
    company = companies(jos).get(notice.carrier_code)
    if company is None:
        raise Refused(
            f"JD's id of carrier {notice.carrier_code} is not known; add it to the account's setting carriers, "
            f"as {notice.carrier_code}=<id>"
        )
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    return company


def _has_left(order: Json) -> bool:
    return bool(text(order, "waybill")) or codes.STATES.get(text(order, "orderState")) in _LEFT


def _parcels(order: Json) -> _Parcels:
    """The numbers by company; one number too many for the companies goes with the last."""
    ids = [id_ for id_ in text(order, "logisticsId").split("|") if id_] or [""]
    found: _Parcels = {}
    for i, numbers in enumerate(text(order, "waybill").split("|")):
        given = [number for number in numbers.split(",") if number]
        if given:
            found.setdefault(ids[min(i, len(ids) - 1)], []).extend(given)
    return found


def _add(jos: Jos, notice: ShipmentNotice, company: str, order: Json) -> Receipt:
    """One more number for an order that has left; nothing is written when it is there."""
    there = _parcels(order)
    if not notice.waybill_no or any(notice.waybill_no in numbers for numbers in there.values()):
        return Receipt(notice.waybill_no, "the platform already had this parcel")
    there.setdefault(company, []).append(notice.waybill_no)
    _update(jos, notice.order_no, there)
    return Receipt(notice.waybill_no, "added to the order's other parcels")


def _ship(jos: Jos, order_no: str, parcels: _Parcels) -> None:
    jos.write("jingdong.pop.order.shipment", orderId=order_no, logiCoprId=_ids(parcels), logiNo=_numbers(parcels))


def _update(jos: Jos, order_no: str, parcels: _Parcels) -> None:
    jos.write(
        jos.setting("update_call", UPDATE_CALL),
        order_id=order_no,
        logistics_id=_ids(parcels),
        waybill=_numbers(parcels),
        # JD wants a number of the call that is new each time; the same change may be written twice without harm.
        trade_no=str(int(jos.clock().timestamp() * 1000)),
    )


def _ids(parcels: _Parcels) -> str:
    return "|".join(parcels)


def _numbers(parcels: _Parcels) -> str:
    return "|".join(",".join(numbers) for numbers in parcels.values())
