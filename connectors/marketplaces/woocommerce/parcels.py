"""Where a shop keeps its parcels: WooCommerce's order fulfillments, the extension Shipment Tracking, or the order itself.

All three answer which lines left with which waybill, take one more parcel, and change one. The latter two have no
place for lines, so those are noted in the order's own meta.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from connectors.contract.errors import Retryable
from connectors.contract.notices import ShipmentNotice
from connectors.marketplaces.woocommerce import codes
from connectors.marketplaces.woocommerce.cases import REFUNDED_ITEM
from connectors.marketplaces.woocommerce.client import Woo
from connectors.marketplaces.woocommerce.reading import Json, meta, number_text, rows, text

TRACKING = "wc-shipment-tracking/v3"
#: Our own entry in an order's meta: a JSON text of waybill → [carrier code, line numbers].
NOTED = "_oms_parcels"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel the shop knows; `key` is the shop's own name of it, `lines` are line numbers with units.

    `besides` is what else the shop noted of it, by key; a change must leave that as it is.
    """

    waybill: str
    carrier: str
    lines: Mapping[str, int]
    key: str = ""
    besides: Mapping[str, Any] = field(default_factory=dict)


class Shelf(Protocol):
    """One of the places where parcels are kept."""

    def parcels(self, order: Json) -> list[Parcel]:
        """What is there already; Refused with rest_no_route where a shop has no such place."""

    def add(self, order: Json, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Keep one more; answers what the order itself must be told, to be sent with its status."""

    def replace(self, order: Json, old: Parcel, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Keep another in place of one."""


def link_to(parcel: Parcel, pattern: str) -> str:
    """The page that tells buyers where a parcel is; `%1$s` stands for the waybill."""
    return pattern.replace("%1$s", parcel.waybill)


@dataclass(frozen=True, slots=True)
class Fulfillments:
    """WooCommerce's own, where the shop has switched the feature on."""

    woo: Woo
    link: str
    tells_buyer: bool

    def parcels(self, order: Json) -> list[Parcel]:
        """Fulfilled ones; drafts have not left."""
        found = self.woo.read(f"orders/{order['id']}/fulfillments")
        # The documentation shows the bare list; some versions wrap it.
        records = found.get("fulfillments", []) if isinstance(found, dict) else found
        if not isinstance(records, list):
            raise Retryable("the site answered with something that is not a list", code="not-an-answer")
        return [_fulfilled(record) for record in records if isinstance(record, dict) and _has_left(record)]

    def add(self, order: Json, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Create a fulfilment that has left."""
        self.woo.write("POST", f"orders/{order['id']}/fulfillments", self._payload(parcel, {}))
        return {}

    def replace(self, order: Json, old: Parcel, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Change its meta; entries that are not sent are removed, so all are.

        Without `_date_fulfilled` the shop would take the parcel for one that leaves now and tell its plugins so.
        """
        payload = self._payload(parcel, old.besides)
        self.woo.write("PUT", f"orders/{order['id']}/fulfillments/{old.key}", payload)
        return {}

    def _payload(self, parcel: Parcel, besides: Mapping[str, Any]) -> dict[str, Any]:
        slug = codes.CARRIERS.get(parcel.carrier, ("", ""))[0]
        told = {
            "_tracking_number": parcel.waybill,
            "_shipment_provider": slug or "other",
            "_provider_name": codes.carrier_name(parcel.carrier),
            "_tracking_url": link_to(parcel, self.link),
            # WooCommerce refuses numbers written as text here.
            "_items": [{"item_id": int(line), "qty": units} for line, units in parcel.lines.items()],
        }
        return {
            "status": "fulfilled",
            "is_fulfilled": True,
            "notify_customer": self.tells_buyer,
            # Entries without an id are passed over when a fulfilment is created; 0 makes a new one.
            "meta_data": [{"id": 0, "key": key, "value": value} for key, value in {**besides, **told}.items()],
        }


def _has_left(record: Json) -> bool:
    return record.get("is_fulfilled") in (True, 1, "1") or record.get("status") == "fulfilled"


def _fulfilled(record: Json) -> Parcel:
    items = meta(record, "_items")
    lines = {
        number_text(item, "item_id"): int(item.get("qty") or 0)
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict)
    }
    waybill, carrier = meta(record, "_tracking_number"), meta(record, "_provider_name")
    return Parcel(str(waybill or ""), str(carrier or ""), lines, number_text(record, "id"), _entries(record))


def _entries(record: Json) -> dict[str, Any]:
    """A record's meta by key."""
    entries = record.get("meta_data")
    found = [entry for entry in (entries if isinstance(entries, list) else ()) if isinstance(entry, dict)]
    return {text(entry, "key"): entry.get("value") for entry in found if text(entry, "key")}


@dataclass(frozen=True, slots=True)
class Notes:
    """The order itself: our entry in its meta, and a note that the buyer reads."""

    woo: Woo
    link: str
    tells_buyer: bool

    def parcels(self, order: Json) -> list[Parcel]:
        """What our entry says."""
        return noted(order)

    def add(self, order: Json, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Tell the buyer, unless a note with this waybill is there already."""
        path = f"orders/{order['id']}/notes"
        there = self.woo.read(path, type="customer")
        if not any(parcel.waybill in html.unescape(text(note, "note")) for note in there if isinstance(note, dict)):
            words = f"{codes.carrier_name(parcel.carrier)} {parcel.waybill} {link_to(parcel, self.link)}".strip()
            self.woo.write("POST", path, {"note": words, "customer_note": self.tells_buyer})
        return entry_of([*noted(order), parcel])

    def replace(self, order: Json, old: Parcel, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Another note, and the entry with the new waybill only."""
        return self.add({**order, **entry_of([kept for kept in noted(order) if kept != old])}, parcel, notice)


@dataclass(frozen=True, slots=True)
class ShipmentTracking:
    """The extension Shipment Tracking; Advanced Shipment Tracking answers under the same name."""

    woo: Woo
    link: str

    def parcels(self, order: Json) -> list[Parcel]:
        """What our entry says and the extension still has."""
        there = {text(item, "tracking_number"): text(item, "tracking_id") for item in self._items(order)}
        return [
            Parcel(kept.waybill, kept.carrier, kept.lines, there[kept.waybill])
            for kept in noted(order)
            if kept.waybill in there
        ]

    def add(self, order: Json, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Create an item with a carrier's name of our own, unless one with this waybill is there already."""
        if not any(text(item, "tracking_number") == parcel.waybill for item in self._items(order)):
            payload = {
                "custom_tracking_provider": codes.carrier_name(parcel.carrier),
                "custom_tracking_link": self.link,
                "tracking_number": parcel.waybill,
                "date_shipped": notice.shipped_at.date().isoformat(),
            }
            self.woo.write("POST", self._path(order), payload, namespace=TRACKING)
        return entry_of([*noted(order), parcel])

    def replace(self, order: Json, old: Parcel, parcel: Parcel, notice: ShipmentNotice) -> dict[str, Any]:
        """Create the new one first, so that the buyer is never without."""
        told = self.add(
            {**order, **entry_of([kept for kept in noted(order) if kept.waybill != old.waybill])}, parcel, notice
        )
        self.woo.write("DELETE", f"{self._path(order)}/{old.key}", {}, namespace=TRACKING)
        return told

    def _items(self, order: Json) -> list[Json]:
        found = self.woo.read(self._path(order), namespace=TRACKING)
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def _path(self, order: Json) -> str:
        return f"orders/{order['id']}/shipment-trackings"


def noted(order: Json) -> list[Parcel]:
    """The parcels in our entry of an order's meta; an entry that people changed counts as none."""
    try:
        found = orjson.loads(meta(order, NOTED) or b"{}")
        return [
            Parcel(waybill, carrier, {str(line): int(units) for line, units in lines.items()})
            for waybill, (carrier, lines) in found.items()
        ]
    except (orjson.JSONDecodeError, TypeError, ValueError, AttributeError):
        return []


def entry_of(parcels: list[Parcel]) -> dict[str, Any]:
    """Our entry, as a change of the order; what a waybill carries stands together."""
    told: dict[str, tuple[str, Counter[str]]] = {}
    for parcel in parcels:
        told.setdefault(parcel.waybill, (parcel.carrier, Counter()))[1].update(parcel.lines)
    return {"meta_data": [{"key": NOTED, "value": orjson.dumps(told).decode()}]}


def units_of(order: Json, refunds: list[Json]) -> dict[str, int]:
    """Goods lines of an order with the units that are to leave: what was bought less what was paid back."""
    found = {number_text(row, "id"): int(row.get("quantity") or 0) for row in rows(order, "line_items")}
    for refund in refunds:
        for row in rows(refund, "line_items"):
            line = str(meta(row, REFUNDED_ITEM) or "")
            if line in found:
                found[line] += int(row.get("quantity") or 0)
    return {line: units for line, units in found.items() if units > 0}
