"""Where an order's buyer is: the platform's point, else a geocoder's with a cache, else the middle of the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection

from connectors.contract.errors import AuthFailed, ConnectorError, RateLimited, Retryable
from connectors.contract.geocoding import GeoPoint
from connectors.contract.telling import Geocoder
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import address_line, open_key, open_receiver
from oms.db.bulk import psycopg_connection
from oms.domain.centres import centre_of
from oms.domain.errors import HubError, NotFound

#: Said where a place is no better than a city's centre.
ROUGH: Final = "only the middle of the city is known; look whether another store is nearer"
#: A geocoder that wants to be left alone for longer, in seconds, is not waited for: its calls of the day are used up.
LONGEST_WAIT: Final = 600


@dataclass(frozen=True, slots=True)
class Located:
    """Degrees, what they were reckoned from (platform, cache, geocoder, division), and a warning when they are rough."""

    latitude: float
    longitude: float
    found_with: str
    warning: str = ""

    @property
    def place(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.latitude, self.longitude


def locate(hub: Hub, order_id: int, geocoder_account_id: int | None, *, waits: bool = True) -> Located | None:
    """Where the buyer is; calls a geocoder outside of any transaction. None when not even the city is known.

    Retryable when the geocoder cannot answer now, as long as one `waits` for it; else the middle of the city serves.
    """
    with hub.engine.connect() as connection:
        given = _given(hub, connection, order_id)
        if given is not None:
            return given
        address, city, division, place = _address(hub, connection, order_id)
        if place is not None:
            return Located(*place, "platform")
        keys = hub.keys.blinds("geocode", address) if address else set()
        for latitude, longitude in fetch(
            connection,
            "select latitude, longitude from geocode_kept where address_blind = any(%s) limit 1",
            (list(keys),),
        ):
            return Located(latitude, longitude, "cache")
    if address and geocoder_account_id is not None:
        found = _ask(hub, geocoder_account_id, address, city, waits)
        if found is not None and not found.is_rough:
            _keep(hub, address, found)
            return Located(found.latitude, found.longitude, "geocoder")
    centre = centre_of(division)
    return Located(*centre, "division", ROUGH) if centre else None


def _given(hub: Hub, connection: Connection, order_id: int) -> Located | None:
    rows = fetch(connection, "select sealed from order_delivery where order_id = %s", (order_id,))
    if not rows or not rows[0][0]:
        return None
    try:
        kept = orjson.loads(open_key(hub, connection, order_id).unseal(rows[0][0]))
    except NotFound:
        return None
    if kept.get("latitude") is None:
        return None
    return Located(kept["latitude"], kept["longitude"], "platform")


def _address(hub: Hub, connection: Connection, order_id: int) -> tuple[str, str, str, tuple[float, float] | None]:
    """(the address in one line, its city, its division's code, the platform's coordinates of the receiver).

    The line is empty for a masked or erased receiver.
    """
    rows = fetch(connection, "select division_code, city from receiver where order_id = %s", (order_id,))
    division, city = rows[0] if rows else ("", "")
    try:
        opened = open_receiver(hub, connection, order_id)
    except NotFound:
        return "", city, division, None
    latitude, longitude = opened[0].latitude, opened[0].longitude
    place = (latitude, longitude) if latitude is not None and longitude is not None else None
    return address_line(opened), city, division, place


def _ask(hub: Hub, account_id: int, address: str, city: str, waits: bool) -> GeoPoint | None:
    """The geocoder's answer; None when it knows no such place or refuses. What passes soon is tried again."""
    try:
        connector = connector_of(hub, account_id=account_id)
        if not isinstance(connector, Geocoder):
            return None
        return connector.geocode(address, city)
    except AuthFailed as error:
        refused(hub, account_id, error.words)  # People hear of it, and the next orders do not ask.
        return None
    except Retryable as error:
        is_long = isinstance(error, RateLimited) and (error.retry_after or 0) > LONGEST_WAIT
        if waits and not is_long:
            raise
        return None
    except (ConnectorError, HubError):
        return None


def _keep(hub: Hub, address: str, found: GeoPoint) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into geocode_kept (address_blind, latitude, longitude, level, at) values (%s, %s, %s, %s, %s)
               on conflict (address_blind) do update set latitude = excluded.latitude, longitude = excluded.longitude,
                 level = excluded.level, at = excluded.at""",
            (hub.keys.blind("geocode", address), found.latitude, found.longitude, found.level, hub.clock()),
        )
