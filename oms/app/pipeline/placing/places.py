"""Where receivers are, for points of which a division does not tell whether they deliver there; nowhere else asked.

The platform's own point goes first, then what a geocoder answered, then the middle of the city with a warning. No
geocoder is called in here: an order whose place may be had of one waits for the pump in `order_placing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import Opened, address_line, open_receivers
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import kept
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.areas import Place
from oms.domain.centres import centre_of
from oms.domain.sourcing import Choice

#: Under what a batch keeps them, and the hold of an order whose place is asked for.
PLACES: Final = "order places"
FINDING: Final = "finding_place"
#: The pump wakes an order when its place is known; this is for a pump that died.
LOOK_AGAIN: Final = timedelta(minutes=10)
#: What people are told of how a place is known: codes of oms.app.rulebook.verdicts.
BY_PLATFORM, BY_GEOCODER, BY_DIVISION, NO_PLACE = "by_platform", "by_geocoder", "by_division", "no_place"
#: What the choices say of a point that does not deliver to the place, and of how many points they say it.
OUT_OF_AREA: Final = "out_of_area"
MOST_TOLD: Final = 10
KEPT: Final = "select address_blind, latitude, longitude, level from geocode_kept where address_blind = any(%s)"
ASKED: Final = "select order_id, address_blind, state from order_place where order_id = any(%s)"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a receiver's place; `asks` is (account, hash of the address) when a geocoder is still to say."""

    place: Place | None = None
    address: str = ""
    found_with: str = NO_PLACE
    level: str = ""
    asks: tuple[int, bytes] | None = None

    @property
    def told(self) -> list[str]:
        """What a decision keeps: how the place is known and how exact that is, never where it is."""
        return [self.found_with, self.level] if self.level else [self.found_with]


NOTHING_KNOWN: Final = Known()


def load_places(batch: Batch, orders: Iterable[OrderWork]) -> None:
    """Find out where those of the orders are to go of which an area of a point asks it."""
    masters = batch.masters
    if not masters.rules.placed:
        return
    known = kept(batch, PLACES)
    asked = [
        order
        for order in orders
        if order.id not in known and masters.unsure_points(masters.shops[order.shop_id].pool_id, order.division_code)
    ]
    if asked:
        known.update(_read(batch, asked))


def place_of(batch: Batch, order: OrderWork) -> Known:
    """Where an order goes, as far as that is known."""
    known = kept(batch, PLACES)
    if order.id not in known:
        load_places(batch, [order, *batch.orders.values()])
    found: Known = known.get(order.id, NOTHING_KNOWN)
    return found


def out_of_area(batch: Batch, order: OrderWork, unsure: frozenset[int]) -> frozenset[int]:
    """Those of the points that do not deliver to the order's place, or of which that cannot be told."""
    known, rules = place_of(batch, order), batch.masters.rules
    division = order.division_code
    return frozenset([id_ for id_ in unsure if not rules.covers(id_, division, known.place, known.address)])


def say_place(batch: Batch, order: OrderWork) -> dict[str, Any]:
    """What a decision keeps of an order's place where it counted: how it is known, and which points it left out."""
    masters = batch.masters
    unsure = masters.unsure_points(masters.shops[order.shop_id].pool_id, order.division_code)
    if not unsure:
        return {}
    return {"place": place_of(batch, order).told}


def told_out(batch: Batch, order: OrderWork) -> list[Choice]:
    """The points that do not deliver to the order's place, as far as they are few enough to be read."""
    masters = batch.masters
    unsure = masters.unsure_points(masters.shops[order.shop_id].pool_id, order.division_code)
    out = out_of_area(batch, order, unsure) if unsure else ()
    return [((id_,), None, OUT_OF_AREA, ()) for id_ in sorted(out)[:MOST_TOLD]]


def _read(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Known]:
    ids = [order.id for order in orders]
    opened = open_receivers(batch.hub, batch.connection, ids)
    lines = {id_: address_line(one) for id_, one in opened.items()}
    keys = {id_: batch.hub.keys.blinds("geocode", line) for id_, line in lines.items() if line}
    answers: dict[bytes, tuple[Place, str]] = {}
    asked: Mapping[int, tuple[bytes, str]] = {}
    if keys:
        blinds = [key for found in keys.values() for key in found]
        for blind, latitude, longitude, level in fetch(batch.connection, KEPT, (blinds,)):
            answers[bytes(blind)] = (latitude, longitude), level
        rows = fetch(batch.connection, ASKED, (array_of(ids),)) if batch.masters.rules.geocoders else ()
        asked = {row[0]: (bytes(row[1]), row[2]) for row in rows}
    found = {}
    for order in orders:
        answer = next((answers[key] for key in keys.get(order.id, ()) if key in answers), None)
        found[order.id] = _tell(batch, order, opened.get(order.id), lines.get(order.id, ""), answer, asked.get(order.id))
    return found


def _tell(
    batch: Batch, order: OrderWork, opened: Opened | None, line: str, answer: tuple[Place, str] | None,
    asked: tuple[bytes, str] | None,
) -> Known:  # fmt: skip
    if opened is not None and opened[0].latitude is not None and opened[0].longitude is not None:
        return Known((opened[0].latitude, opened[0].longitude), line, BY_PLATFORM)
    if answer is not None:
        return Known(answer[0], line, BY_GEOCODER, answer[1])
    account_id = geocoder_of(batch, order)
    if line and account_id is not None:
        blind = batch.hub.keys.blind("geocode", line)
        if asked is None or asked != (blind, "unknown"):
            return Known(None, line, asks=(account_id, blind))
    centre = centre_of(order.division_code)
    return Known(centre, line, BY_DIVISION if centre else NO_PLACE)


def geocoder_of(batch: Batch, order: OrderWork) -> int | None:
    """The account that is asked where an order's receiver is: the pool's, else that of the shop's stores."""
    masters = batch.masters
    found = masters.rules.geocoders.get(masters.shops[order.shop_id].pool_id or 0)
    card = masters.stores.get(order.shop_id)
    return found or (card.geocoder_account_id if card is not None else None)


def wait_for_places(batch: Batch, orders: Sequence[OrderWork]) -> set[int]:
    """Have the places found of those orders that a geocoder still has to be asked for; answers their ids."""
    if not batch.masters.rules.placed:
        return set()
    load_places(batch, orders)
    known = kept(batch, PLACES)
    rows = []
    for order in orders:
        place = known.get(order.id, NOTHING_KNOWN)
        if place.asks is not None:
            batch.place_hold(order, FINDING)
            order.ready_at = batch.now + LOOK_AGAIN
            rows.append((order.id, *place.asks))
    if rows:
        _ask(batch, rows)
    return {row[0] for row in rows}


def _ask(batch: Batch, rows: list[tuple[int, int, bytes]]) -> None:
    """Another address than was asked for before is asked for from the beginning."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into order_place (order_id, account_id, address_blind, next_at)
               select *, %s from unnest(%s::bigint[], %s::bigint[], %s::bytea[])
               on conflict (order_id) do update set account_id = excluded.account_id, attempts = 0, words = '',
                 address_blind = excluded.address_blind, state = 'waiting', next_at = excluded.next_at
               where (order_place.address_blind, order_place.state) <> (excluded.address_blind, 'waiting')""",
            (batch.now, *[list(column) for column in zip(*sorted(rows), strict=True)]),
        )
    batch.pokes.add("order_places")
