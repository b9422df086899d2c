"""Writes parcels of a shop order back to Douyin and reads which are there already."""

from __future__ import annotations

import hashlib
from collections import Counter

from connectors.contract.errors import Refused, Retryable
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.client import Doudian
from connectors.marketplaces.douyin.lines import has_left, waybills_of
from connectors.marketplaces.douyin.reading import Json, number_text, rows, text, whole
from connectors.marketplaces.douyin.trades import read_order

#: Lines that are ours alone; the platform knows no such sku orders.
CHARGES = frozenset({"freight", "packing", "insurance", "tax"})
#: The platform's word for what its business rules refuse, also of what has shipped already.
_BUSINESS = "business-failed"
_THERE = "the platform already had this parcel"


def push_shipment(doudian: Doudian, notice: ShipmentNotice) -> Receipt:
    """Write one parcel back; a refusal because it is there already, with this waybill, is a success.

    A merged parcel is written back once for each of its orders.
    """
    parcel = _parcel(doudian, notice)
    try:
        if notice.whole:
            doudian.write("order/logisticsAdd", order_id=notice.order_no, **parcel)
        elif not _ship_part(doudian, notice, parcel):
            return Receipt(notice.waybill_no, _THERE)
    except (Refused, Retryable) as refusal:
        if _BUSINESS not in refusal.code or not _is_there(find_shipment(doudian, notice.order_no), notice):
            raise
        return Receipt(notice.waybill_no, _THERE)
    return Receipt(notice.waybill_no)


def change_shipment(doudian: Doudian, notice: ShipmentNotice) -> Receipt:
    """Replace the waybill of what was written back: of the order's only parcel, or of those with the notice's lines."""
    parcel = _parcel(doudian, notice)
    parcel.pop("is_refund_reject", None)
    packs = _packs(read_order(doudian, notice.order_no), notice)
    if packs is None:
        doudian.write("order/logisticsEdit", order_id=notice.order_no, **parcel)
        return Receipt(notice.waybill_no)
    for pack in packs:
        doudian.write("order/logisticsEditByPack", order_id=notice.order_no, pack_id=pack, **parcel)
    return Receipt(notice.waybill_no, "" if packs else "the platform already had this waybill")


def find_shipment(doudian: Doudian, order_no: str) -> ShipmentFound:
    """Goods lines the platform has wholly as shipped, with the waybill of their first parcel."""
    order = read_order(doudian, order_no)
    waybills, shipped = waybills_of(order), _shipped_units(order)
    found = {
        number: waybills.get(number, "")
        for sku in rows(order, "sku_order_list")
        if (number := number_text(sku, "order_id")) and (has_left(sku) or shipped[number] >= whole(sku, "item_num"))
    }
    return ShipmentFound(found, _parcel_units(order))


def company_code(doudian: Doudian, carrier: str) -> str:
    """The platform's code of a carrier; the account's `carriers` setting ("ZTO=zhongtong, …") goes before the table."""
    pairs = (pair.partition("=") for pair in doudian.setting("carriers").split(","))
    told = {ours.strip(): theirs.strip() for ours, _, theirs in pairs if theirs.strip()}
    company = told.get(carrier) or codes.COMPANIES.get(carrier)
    if company is None:
        raise Refused(f"Douyin's code of carrier {carrier} is not known; add it to the account's carriers setting")
    return company


def _parcel(doudian: Doudian, notice: ShipmentNotice) -> dict[str, object]:
    if not notice.waybill_no:
        raise Refused("a parcel needs its waybill number before it can be written back")
    parcel: dict[str, object] = {
        "company_code": company_code(doudian, notice.carrier_code),
        "logistics_code": notice.waybill_no,
    }
    if doudian.setting("refuse_refunds") == "yes":
        parcel["is_refund_reject"] = True
    return parcel


def _ship_part(doudian: Doudian, notice: ShipmentNotice, parcel: dict[str, object]) -> bool:
    """The call wants units of each line: the notice's, else all that have not left; False when all are there already."""
    goods = [number for number in notice.line_nos if number not in CHARGES]
    if not goods:
        raise Refused("a part shipment needs the numbers of its lines")
    order = read_order(doudian, notice.order_no)
    shipped, there = _shipped_units(order), _parcel_units(order)
    ordered = {number_text(sku, "order_id"): whole(sku, "item_num") for sku in rows(order, "sku_order_list")}
    units = {
        number: notice.due(number, ordered.get(number, 0) - shipped[number], there[number, notice.waybill_no])
        for number in goods
        if there[number, notice.waybill_no] < notice.units.get(number, ordered.get(number, 0) + 1)
    }
    missing = [number for number, left in units.items() if left < 1]
    if missing:
        raise Refused(f"nothing of {', '.join(missing)} is left to ship", code=f"{_BUSINESS}/shipped")
    if not units:
        return False
    doudian.write(
        "order/logisticsAddSinglePack",
        order_id_list=[notice.order_no],
        shipped_order_info=[{"shipped_order_id": number, "shipped_num": left} for number, left in units.items()],
        request_id=_request_id(notice),
        **parcel,
    )
    return True


def _request_id(notice: ShipmentNotice) -> str:
    """One parcel, one id, whenever it is sent again."""
    key = notice.idempotency_key or ":".join((notice.order_no, notice.waybill_no, *sorted(notice.line_nos)))
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _shipped_units(order: Json) -> Counter[str]:
    units: Counter[str] = Counter()
    for (number, _), count in _parcel_units(order).items():
        units[number] += count
    return units


def _parcel_units(order: Json) -> Counter[tuple[str, str]]:
    """(line, waybill) → units."""
    units: Counter[tuple[str, str]] = Counter()
    for parcel in rows(order, "logistics_info"):
        for product in rows(parcel, "product_info"):
            units[number_text(product, "sku_order_id"), text(parcel, "tracking_no")] += whole(product, "product_count")
    return units


def _packs(order: Json, notice: ShipmentNotice) -> list[str] | None:
    """Ids of the parcels to change, None when the order has but one and needs no id."""
    parcels = rows(order, "logistics_info")
    if notice.whole or len(parcels) < 2:
        return None
    wanted = set(notice.line_nos)
    return [
        text(parcel, "delivery_id")
        for parcel in parcels
        if text(parcel, "tracking_no") != notice.waybill_no
        and not wanted.isdisjoint(number_text(product, "sku_order_id") for product in rows(parcel, "product_info"))
    ]


def _is_there(found: ShipmentFound, notice: ShipmentNotice) -> bool:
    lines = [number for number in notice.line_nos if number not in CHARGES] or list(found.waybills)
    return bool(lines) and all(found.has(number, notice) for number in lines)
