"""Orders that a store hands out or brings 自提、同城配送: the way, the buyer's place and the time that was chosen.

What is published names the fields and not how each is spelled, so that what cannot be read is left out and told.
"""

from __future__ import annotations

from datetime import datetime

import orjson

from connectors.contract.delivering import DeliveryMode, DeliveryRecord, LastLeg
from connectors.contract.errors import BadRecord
from connectors.marketplaces.youzan import codes
from connectors.marketplaces.youzan.reading import Json, moment, number, text


def delivery_of(inner: Json, address: Json, alerts: list[str]) -> DeliveryRecord | None:
    """How the order goes through a store; None by courier."""
    way = codes.THROUGH_STORE.get(number(inner, "express_type") or 0)
    if way is None:
        return None
    latitude, longitude = _place(address, alerts)
    node = text(inner, "node_kdt_id")
    return DeliveryRecord(
        DeliveryMode(way),
        LastLeg.PICKUP if way == "store_pickup" else LastLeg.DELIVERY,
        node if node.strip("0") else "",
        promise_at=_time(address, "delivery_end_time", alerts),
        latitude=latitude,
        longitude=longitude,
        wanted_from=_time(address, "delivery_start_time", alerts),
    )


def _time(address: Json, field: str, alerts: list[str]) -> datetime | None:
    try:
        return moment(address, field)
    except BadRecord:
        alerts.append(f"{field} cannot be read")
        return None


def _place(address: Json, alerts: list[str]) -> tuple[float | None, float | None]:
    """The buyer's latitude and longitude, both or neither."""
    told = text(address, "address_extra")
    if not told:
        return None, None
    try:
        extra = orjson.loads(told)
        latitude, longitude = float(extra["lat"]), float(extra["lon"])
    except (ValueError, TypeError, KeyError):
        alerts.append("address_extra cannot be read")
        return None, None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude, longitude) == (0.0, 0.0):
        return None, None
    return latitude, longitude
