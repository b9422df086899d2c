"""Takes documents in: parse, sort by version, write; one bad document never stops the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from connectors.contract.errors import BadRecord
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Account
from connectors.contract.records import RawDocument
from oms.app.capture.changes import apply_changes
from oms.app.capture.new_orders import add_orders
from oms.app.capture.parked import has_parked, park, resolve
from oms.app.capture.versions import Known, Sorted, parse_all, sort_by_version
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.masters import ShopCard
from oms.db.trouble import REFUSED_ROWS, constraint_of

LOG = structlog.get_logger("intake")


@dataclass(frozen=True, slots=True)
class Taken:
    """How many documents were new, newer than ours, the same, or could not be read."""

    new: int
    newer: int
    same: int
    parked: int


def parser_of(hub: Hub, shop: ShopCard) -> Marketplace:
    """A connector that only parses: it has no credentials."""
    connector = hub.vendors[shop.vendor](Account())
    if not isinstance(connector, Marketplace):
        raise TypeError(f"{shop.vendor} is not a marketplace")
    return connector


def take_in(hub: Hub, connection: Connection, shop: ShopCard, documents: tuple[RawDocument, ...]) -> Taken:
    """Take documents of one shop in, in the caller's transaction. Repeats and old versions change nothing."""
    if not documents:
        return Taken(0, 0, 0, 0)
    now = hub.clock()
    parsed, outcome = parse_all(parser_of(hub, shop), documents)
    known = _known(connection, shop.id, [item.record.external_no for item in parsed])
    outcome = sort_by_version(parsed, known, outcome)
    if outcome.newer:
        _take_newer(hub, connection, shop, outcome)
    add_orders(hub, connection, shop, outcome.new, now)
    park(hub, connection, shop.id, outcome.unreadable)
    read = [item.record.external_no for item in outcome.new] + [item.record.external_no for _, item in outcome.newer]
    if read and has_parked(connection, shop.id):
        resolve(connection, shop.id, read)
    return Taken(len(outcome.new), len(outcome.newer), outcome.same, len(outcome.unreadable))


def take_in_safely(
    hub: Hub, shop: ShopCard, documents: tuple[RawDocument, ...], before: Callable[[Connection], None]
) -> Taken:
    """Take documents in with whatever must be written with them (`before`), in one transaction.

    When the database refuses the page, each document is taken alone and the ones at fault are parked.
    """
    try:
        with hub.turn("intake"), hub.begin() as connection:
            before(connection)
            return take_in(hub, connection, shop, documents)
    except REFUSED_ROWS as error:
        LOG.warning("page refused, taking documents singly", error=constraint_of(error))
    with hub.begin() as connection:
        before(connection)
        counts = [_take_one(hub, connection, shop, document) for document in documents]
    return Taken(*(sum(column) for column in zip(*counts, strict=True))) if counts else Taken(0, 0, 0, 0)


def _take_one(hub: Hub, connection: Connection, shop: ShopCard, document: RawDocument) -> tuple[int, int, int, int]:
    try:
        with connection.begin_nested():
            taken = take_in(hub, connection, shop, (document,))
            return taken.new, taken.newer, taken.same, taken.parked
    except REFUSED_ROWS as error:
        refusal = BadRecord(f"refused by the database: {constraint_of(error)}", field="document")
        park(hub, connection, shop.id, [(document, refusal)])
        return 0, 0, 0, 1


def _known(connection: Connection, shop_id: int, external_nos: list[str]) -> dict[str, Known]:
    rows = fetch(
        connection,
        """select external_no, id, changed_at, fetched_at, content_hash from orders
           where shop_id = %s and origin = 'platform' and external_no = any(%s)""",
        (shop_id, external_nos),
    )
    return {row[0]: Known(*row[1:]) for row in rows}


def _take_newer(hub: Hub, connection: Connection, shop: ShopCard, outcome: Sorted) -> None:
    """Lock the changed orders, look again at their versions, apply what is still newer."""
    orders = lock_with_siblings(connection, [id_ for id_, _ in outcome.newer])
    known = _known(connection, shop.id, [item.record.external_no for _, item in outcome.newer])
    again = sort_by_version([item for _, item in outcome.newer], known, Sorted())
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor="platform")
    fill(batch, orders)
    apply_changes(batch, shop, again.newer)
    for order_id, _ in again.newer:
        recount(batch, batch.orders[order_id])
    flush(batch)
