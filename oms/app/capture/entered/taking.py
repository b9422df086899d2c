"""Takes orders in that people brought, each once: a repeat changes nothing, another of its number is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract.errors import BadRecord
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Account
from connectors.contract.records import RawDocument
from oms.app.capture.new_orders import add_orders
from oms.app.capture.versions import Parsed, check_record
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.rulebook.book import book_of
from oms.db.bulk import array_of
from oms.db.sealed import content_hash

#: Where such orders come from, and the kind their documents are kept under.
ORIGIN: Final = "manual"
#: Whose documents these are, whatever platform the shop is on.
FORM: Final = "standard"
OTHER_CONTENT = "an order of this number is in already with other content; change that one, or use a new number"
FROM_PLATFORM = "the platform has brought an order of this number already; leave it out"
SHOP_GONE = "this shop is closed or gone; choose another"


@dataclass(slots=True)
class TakenIn:
    """Documents by how they ended: numbers of new ones, of repeats, and why the others are refused."""

    new: list[str]
    repeated: list[str]
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who brings orders and how: the kind of the event and its detail."""

    actor: str
    kind: str
    detail: dict[str, Any] | None = None


def own_parser(hub: Hub) -> Marketplace:
    """The reader of documents in the form of the standard interface."""
    connector = hub.vendors[FORM](Account())
    if not isinstance(connector, Marketplace):
        raise TypeError(f"{FORM} is not a marketplace")
    return connector


def parse_own(hub: Hub, bodies: Sequence[bytes]) -> list[Parsed]:
    """Documents with what they say; BadRecord names the field of one that cannot be read."""
    parser, now = own_parser(hub), hub.clock()
    return [_parse(parser, body, now) for body in bodies]


def try_own(hub: Hub, bodies: Sequence[bytes]) -> list[Parsed | str]:
    """The same; of one that intake would not read, why not."""
    parser, now = own_parser(hub), hub.clock()
    found: list[Parsed | str] = []
    for body in bodies:
        try:
            found.append(_parse(parser, body, now))
        except BadRecord as error:
            found.append(error.words)
    return found


def _parse(parser: Marketplace, body: bytes, now: datetime) -> Parsed:
    record = parser.parse_order(body)
    check_record(record)
    return Parsed(RawDocument(ORIGIN, record.external_no, body, now, record.changed_at), record, content_hash(body))


def take_entered(
    hub: Hub,
    shop: ShopCard,
    bodies: Sequence[bytes],
    occasion: Occasion,
    before: Callable[[Connection], None],
    after: Callable[[Connection, TakenIn], None],
) -> TakenIn:
    """Take orders of one shop in, with whatever must be written with them, in one transaction.

    New ones go on as every order does. People who bring orders of one shop at once take turns.
    """
    items = parse_own(hub, bodies)
    with hub.turn("intake"), hub.begin() as connection:
        before(connection)
        fetch(connection, "select pg_advisory_xact_lock(hashtextextended(%s, 0))::text", (f"entered:{shop.id}",))
        taken, new = sort_out(connection, shop.id, items)
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=occasion.actor)
        for order in add_orders(batch, shop, new, origin=ORIGIN):
            batch.note(order, occasion.kind, occasion.detail)
            if order.status == "unpaid" and book_of(hub).is_in_force(connection, "gift", now):
                order.ready_at = now  # Rules may still take something off its price.
        batch.pokes.add("advance")
        flush(batch)
        after(connection, taken)
    batch.tell()
    return taken


def sort_out(connection: Connection, shop_id: int, items: Sequence[Parsed]) -> tuple[TakenIn, list[Parsed]]:
    """What each document is to the hub, and those that are new."""
    held = _held(connection, shop_id, [item.record.external_no for item in items])
    taken, new = TakenIn([], [], {}), []
    for item in items:
        number = item.record.external_no
        origin, hash_ = held.get(number, ("", b""))
        if not origin:
            taken.new.append(number)
            new.append(item)
        elif origin == ORIGIN and bytes(hash_) == item.hash:
            taken.repeated.append(number)
        else:
            taken.refused[number] = OTHER_CONTENT if origin == ORIGIN else FROM_PLATFORM
    return taken, new


def _held(connection: Connection, shop_id: int, numbers: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    rows = fetch(
        connection,
        """select external_no, origin, content_hash from orders
           where shop_id = %s and origin in ('manual', 'platform') and external_no = any(%s) order by origin desc""",
        (shop_id, array_of(numbers)),
    )
    return {row[0]: (row[1], row[2]) for row in rows}
