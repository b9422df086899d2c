"""Writes parcels of an order back to WooCommerce and reads which are there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from connectors.contract.errors import Refused
from connectors.contract.notices import Receipt, ShipmentFound, ShipmentNotice
from connectors.marketplaces.woocommerce import codes
from connectors.marketplaces.woocommerce.client import NO_ROUTE, Woo, read_order
from connectors.marketplaces.woocommerce.parcels import (
    Fulfillments,
    Notes,
    Parcel,
    Shelf,
    ShipmentTracking,
    units_of,
)
from connectors.marketplaces.woocommerce.reading import Json, text

#: The setting that leaves an order's status alone.
KEEP = "keep"
TRACKING_PAGE = "https://t.17track.net/en#nums=%1$s"
#: A status says that an order is over; parcels are no longer written to it.
_OVER = frozenset({"cancelled", "refunded", "trash", "failed"})


class Shipping:
    """One shop's parcels. `shipments` in the settings names its place; "auto" takes the first that the shop has."""

    def __init__(self, woo: Woo, settings: Mapping[str, str]) -> None:
        self._woo = woo
        self._place = settings.get("shipments") or "auto"
        self._done = _status_word(settings.get("shipped_status") or "completed")
        self._partly = _status_word(settings.get("part_shipped_status") or KEEP)
        link = settings.get("tracking_link") or TRACKING_PAGE
        tells = settings.get("notify_buyer", "yes") != "no"
        self._shelves: dict[str, Shelf] = {
            "fulfillments": Fulfillments(woo, link, tells),
            "tracking": ShipmentTracking(woo, link),
            "notes": Notes(woo, link, tells),
        }

    def push(self, notice: ShipmentNotice) -> Receipt:
        """Write one parcel back, then the order's status; what is there already is not written twice."""
        order, goods = self._order(notice.order_no)
        if text(order, "status") in _OVER:
            raise Refused(f"the order is {text(order, 'status')} in the shop; stop the parcel or reopen the order there")
        if notice.carrier_code == codes.NO_CARRIER and not notice.waybill_no:
            self._tell(order, {"status": self._done} if self._done else {})
            return Receipt(notice.order_no, "shipped without a parcel")
        if not notice.waybill_no:
            raise Refused("a parcel needs its waybill number before it can be written back")
        shelf, there = self._shelf(order)
        parcel = Parcel(notice.waybill_no, notice.carrier_code, _lines(goods, notice, there))
        is_new = bool(parcel.lines)
        told = shelf.add(order, parcel, notice) if is_new else {}
        self._tell(order, told | self._status(order, goods, [*there, parcel]))
        return Receipt(notice.waybill_no, "" if is_new else "the shop already had this parcel")

    def find(self, order_no: str) -> ShipmentFound:
        """Lines with their waybills.

        While all lines have left but the order's status does not say so yet, none is told: the last write was cut
        short, and writing that parcel again only sets the status.
        """
        order, goods = self._order(order_no)
        there = self._shelf(order)[1]
        if self._done and self._status(order, goods, there) == {"status": self._done}:
            return ShipmentFound({})
        units: Counter[tuple[str, str]] = Counter()
        for parcel in there:
            units.update({(line, parcel.waybill): count for line, count in parcel.lines.items()})
        return ShipmentFound({line: waybill for line, waybill in units}, units)

    def change(self, notice: ShipmentNotice) -> Receipt:
        """Replace the waybill of the parcel that has the notice's lines; of the only one when it names none."""
        order, goods = self._order(notice.order_no)
        shelf, there = self._shelf(order)
        wanted = set(notice.line_nos) & set(goods)
        old = [p for p in there if p.waybill != notice.waybill_no and (not wanted or wanted & set(p.lines))]
        if not old and any(p.waybill == notice.waybill_no for p in there):
            return Receipt(notice.waybill_no, "the shop already had this waybill")
        if len(old) != 1:
            raise Refused(f"{len(old)} parcels of this order could be meant; name the lines of one")
        parcel = Parcel(notice.waybill_no, notice.carrier_code, old[0].lines)
        self._tell(order, shelf.replace(order, old[0], parcel, notice))
        return Receipt(notice.waybill_no)

    def _shelf(self, order: Json) -> tuple[Shelf, list[Parcel]]:
        """The shop's place and what is in it; found once, since a shop has the same place for all orders."""
        names = list(self._shelves) if self._place == "auto" else [self._place]
        for name in names:
            if name not in self._shelves:
                raise Refused(f"shipments={name} is none of {', '.join(self._shelves)}; correct the setting")
            try:
                found = self._shelves[name].parcels(order)
            except Refused as refusal:
                if refusal.code != NO_ROUTE or name == names[-1]:
                    raise
                continue
            self._place = name
            return self._shelves[name], found
        raise Refused("the shop has no place for parcels")

    def _order(self, order_no: str) -> tuple[Json, dict[str, int]]:
        """The order now, and the units of its goods lines that are to leave."""
        order = read_order(self._woo, order_no)
        refunds = self._woo.page(f"orders/{order_no}/refunds", per_page=100).rows if order.get("refunds") else []
        return order, units_of(order, refunds)

    def _status(self, order: Json, goods: Mapping[str, int], parcels: list[Parcel]) -> dict[str, str]:
        left: Counter[str] = Counter()
        for parcel in parcels:
            left.update(parcel.lines)
        is_done = all(left[line] >= units for line, units in goods.items())
        wanted = self._done if is_done else self._partly if left else ""
        return {"status": wanted} if wanted and wanted != text(order, "status") else {}

    def _tell(self, order: Json, changes: Mapping[str, object]) -> None:
        if changes and changes != {"status": text(order, "status")}:
            self._woo.write("PUT", f"orders/{order['id']}", changes)


def _lines(goods: Mapping[str, int], notice: ShipmentNotice, there: list[Parcel]) -> dict[str, int]:
    """Units to add under this waybill by line, none for what it has already; freight is not in it.

    The whole order is what has not left yet. A line told again under another waybill goes with that as well.
    """
    own, others = _units(there, notice.waybill_no)
    if notice.whole:
        wanted = {line for line, units in goods.items() if others[line] < units} or set(goods)
    else:
        wanted = set(notice.line_nos) & set(goods)
    found = {}
    for line in sorted(wanted):
        left = max(0, goods[line] - others[line] - own[line])
        if line in notice.units:
            found[line] = notice.due(line, left, own[line])
        else:
            found[line] = 0 if own[line] else left or goods[line]
    if not any(found[line] or own[line] for line in found):
        raise Refused("no line of this parcel is to be shipped any more in the shop; compare the order's lines there")
    return {line: units for line, units in found.items() if units}


def _units(there: list[Parcel], waybill: str) -> tuple[Counter[str], Counter[str]]:
    """Units by line under a waybill, and under all others."""
    own: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for parcel in there:
        (own if parcel.waybill == waybill else others).update(parcel.lines)
    return own, others


def _status_word(setting: str) -> str:
    return "" if setting == KEEP else setting.removeprefix("wc-")
