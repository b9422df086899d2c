"""What carriers and trackers are asked, and how they tell where parcels are; part of notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ParcelState(StrEnum):
    """A parcel's normalised place in its life; the vendor's own code is kept beside it, in the event."""

    CREATED = "created"  # 已下单、待揽收: no courier has it yet
    COLLECTED = "collected"  # 揽收
    ON_THE_WAY = "on_the_way"  # 在途
    OUT_FOR_DELIVERY = "out_for_delivery"  # 派件
    AT_PICKUP_POINT = "at_pickup_point"  # 投柜或驿站
    DELIVERED = "delivered"  # 签收
    TROUBLE = "trouble"  # 疑难
    REFUSED = "refused"  # 拒收
    RETURNING = "returning"  # 退回
    RETURNED = "returned"  # 退签
    CANCELLED = "cancelled"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TrackRequest:
    """A parcel to follow; `phone_tail` is the receiver's or sender's last four digits where a carrier wants them."""

    carrier_code: str
    waybill_no: str
    callback_url: str
    phone_tail: str = ""
    origin: str = ""
    destination: str = ""


@dataclass(frozen=True, slots=True)
class TrackEvent:
    """One scan of a parcel."""

    at: datetime
    state: ParcelState
    words: str
    code: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class TrackReport:
    """The whole trail of a parcel, newest first, also among scans of one second; it replaces what was known."""

    carrier_code: str
    waybill_no: str
    state: ParcelState
    events: tuple[TrackEvent, ...]
    ended: bool = False
    aborted: bool = False
    alerts: tuple[str, ...] = ()
