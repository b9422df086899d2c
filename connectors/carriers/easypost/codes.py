"""EasyPost's states of parcels, and the carriers it names."""

from __future__ import annotations

from typing import Final

from connectors.contract.notices import ParcelState as State

STATES: Final = {
    "unknown": State.UNKNOWN,
    "pre_transit": State.CREATED,
    "in_transit": State.ON_THE_WAY,
    "out_for_delivery": State.OUT_FOR_DELIVERY,
    "delivered": State.DELIVERED,
    "available_for_pickup": State.AT_PICKUP_POINT,
    "return_to_sender": State.RETURNING,
    "failure": State.TROUBLE,
    "cancelled": State.CANCELLED,
    "error": State.UNKNOWN,
}
#: Details that say more than their status.
DETAILS: Final = {("failure", "refused"): State.REFUSED, ("return_to_sender", "delivered"): State.RETURNED}
ENDINGS: Final = frozenset({State.DELIVERED, State.RETURNED, State.CANCELLED})

#: Hub carrier code → EasyPost's name, where they differ.
CARRIERS: Final = {"FEDEX": "FedEx", "DHL": "DHLExpress", "CANADAPOST": "CanadaPost", "ROYALMAIL": "RoyalMail"}


def state_of(status: str, detail: str) -> State | None:
    """The state of a status; None for a word that nobody has seen."""
    return DETAILS.get((status, detail)) or STATES.get(status)
