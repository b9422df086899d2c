"""How an order reaches its buyer where it does not simply go by courier; frozen, vendor-free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryMode(StrEnum):
    """Whose goods a store hands out or delivers."""

    STORE_PICKUP = "store_pickup"  # 门店自提: the store's own goods, collected by the buyer
    STORE_DELIVERY = "store_delivery"  # 门店配送: the store's own goods, brought by the store
    UNIFIED = "unified"  # 统一配送: warehouse goods, carried to the store with those of other orders


class LastLeg(StrEnum):
    """How goods get from the store to the buyer."""

    PICKUP = "pickup"  # 店取
    DELIVERY = "delivery"  # 店送


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """The way an order goes through a store, as the platform or the buyer chose it.

    `store_code` is the store's code or name as the merchant typed it at the platform, or the platform's own number of
    it, empty when the merchant is to find one. `person` and `phone` are of who collects, when that is not the receiver.
    Coordinates are the buyer's, in degrees. The buyer wants the goods from `wanted_from` on and no later than
    `promise_at`.
    """

    mode: DeliveryMode
    leg: LastLeg
    store_code: str = ""
    person: str = ""
    phone: str = ""
    promise_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    wanted_from: datetime | None = None
