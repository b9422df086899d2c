"""Where an address is, as a geocoder tells it; frozen, vendor-free."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """Degrees; `level` is the vendor's word for how exact that is, `is_rough` when it is no better than a district."""

    latitude: float
    longitude: float
    level: str = ""
    is_rough: bool = False


@dataclass(frozen=True, slots=True)
class MessageFound:
    """What a notifier knows of a message: sent on, delivered or failed, in its words."""

    reference: str
    state: str  # sending | delivered | failed
    words: str = ""
