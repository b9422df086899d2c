"""The families that tell: notifiers send words to people, geocoders say where an address is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from connectors.contract.errors import NotSupported
from connectors.contract.families import Connector
from connectors.contract.geocoding import GeoPoint, MessageFound
from connectors.contract.notices import Receipt


class Notifier(Connector):
    """Sends words to people: SMS, mail."""

    #: What it wants in `to`.
    writes_to: ClassVar[Literal["phone", "email"]] = "phone"

    def notify(self, to: str, template: str, values: Mapping[str, str], key: str, *, words: str = "") -> Receipt:
        """Send one message; `key` makes it idempotent. `words` is the filled-in text where the vendor keeps none."""
        raise NotSupported("notify")

    def find_message(self, to: str, key: str, sent_at: datetime) -> MessageFound | None:
        """What became of the message sent under a key; None when the vendor knows nothing of it."""
        raise NotSupported("find_message")


class Geocoder(Connector):
    """Knows where addresses are."""

    def geocode(self, address: str, city: str = "") -> GeoPoint | None:
        """Where an address is; None when the vendor knows no such place."""
        raise NotSupported("geocode")


SERVICES = frozenset({Notifier, Geocoder})
