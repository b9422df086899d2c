"""Takes documents in: parse, sort by version, write; one bad document never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import Connection

from connectors.contract.errors import BadRecord
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Account
from connectors.contract.records import RawDocument, RefundState
from oms.app.capture.changes import apply_changes
from oms.app.capture.new_orders import add_orders
from oms.app.capture.parked import has_parked, park, resolve
from oms.app.capture.versions import Known, Parsed, Sorted, parse_all, sort_by_version
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import StockGone
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.rereading import ask_again
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.advance import walk
from oms.app.pipeline.promising import promise_unpaid
from oms.db.bulk import array_of
from oms.db.trouble import PASSING, REFUSED_ROWS, constraint_of
from oms.domain.errors import HubError

LOG = structlog.get_logger("intake")


@dataclass(frozen=True, slots=True)
class Taken:
    """How many documents were new, newer than ours, the same, or could not be read; the orders made and changed.

    Of several that bring one order at once exactly one made it.
    """

    new: int
    newer: int
    same: int
    parked: int
    made: frozenset[str] = field(default=frozenset(), compare=False)
    changed: frozenset[str] = field(default=frozenset(), compare=False)


NOTHING_TAKEN: Final = Taken(0, 0, 0, 0)


def _sum(counts: Iterable[Taken]) -> Taken:
    """What several pages came to."""
    total = NOTHING_TAKEN
    for one in counts:
        total = Taken(
            total.new + one.new, total.newer + one.newer, total.same + one.same, total.parked + one.parked,
            total.made | one.made, total.changed | one.changed,
        )  # fmt: skip
    return total


def parser_of(hub: Hub, shop: ShopCard) -> Marketplace:
    """A connector that only parses: it has the account's settings, which say how to read, and no credentials."""
    connector = hub.vendors[shop.vendor](Account(shop.settings, timezone=shop.timezone))
    if not isinstance(connector, Marketplace):
        raise TypeError(f"{shop.vendor} is not a marketplace")
    return connector


def take_in(
    hub: Hub, connection: Connection, shop: ShopCard, documents: tuple[RawDocument, ...], *, walks: bool = False
) -> Taken:
    """Take documents of one shop in, in the caller's transaction. Repeats and old versions change nothing.

    With `walks` new orders go on at once through every step that does not block, and are written once.
    """
    parsed, outcome = parse_all(parser_of(hub, shop), documents)
    now = hub.clock()
    batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor="platform")
    return _write(batch, shop, parsed, outcome, walks=walks)


def _write(batch: Batch, shop: ShopCard, parsed: list[Parsed], outcome: Sorted, *, walks: bool) -> Taken:
    if not parsed and not outcome.unreadable:
        return NOTHING_TAKEN
    connection = batch.connection
    known = _known(connection, shop.id, [item.record.external_no for item in parsed])
    outcome = sort_by_version(parsed, known, outcome)
    changed = _take_newer(batch, shop, outcome) if outcome.newer else frozenset()
    if outcome.reread:
        ask_again(connection, shop.id, "order", outcome.reread, batch.now)
        batch.pokes.add("details")
    made = add_orders(batch, shop, outcome.new)
    park(batch.hub, connection, shop.id, outcome.unreadable)
    read = [item.record.external_no for item in outcome.new] + [item.record.external_no for _, item in outcome.newer]
    if read and has_parked(connection, shop.id):
        resolve(connection, shop.id, read)
    if walks:
        batch.actor = "system"
        walk(batch, [order for order in made if order.ready_at is not None])
    promise_unpaid(batch, made)
    if outcome.newer or (made and not walks):
        batch.pokes.add("advance")
    flush(batch)
    return Taken(
        len(outcome.new), len(outcome.newer), outcome.same, len(outcome.unreadable),
        frozenset([order.external_no for order in made]), changed,
    )  # fmt: skip


def _nothing_more(_connection: Connection, _taken: Taken) -> None:
    """What most callers write once documents are taken in."""


def take_in_safely(
    hub: Hub,
    shop: ShopCard,
    documents: tuple[RawDocument, ...],
    before: Callable[[Connection], None],
    after: Callable[[Connection, Taken], None] = _nothing_more,
) -> Taken:
    """Take documents in with whatever must be written with them (`before`, `after`), in one transaction.

    New orders go on at once. When a step fails on them, they are only stored, and the pipeline finds the one at
    fault. When the database refuses the page, each document is taken alone and those at fault are parked.
    """
    for walks in (True, False):
        try:
            return _take_page(hub, shop, documents, before, after, walks=walks)
        except (*PASSING, HubError):
            raise
        except Exception as error:
            LOG.error("page not taken as a whole", walks=walks, error=constraint_of(error), exc_info=True)
            if not walks and not isinstance(error, REFUSED_ROWS):
                raise
    with hub.begin() as connection:
        before(connection)
        taken = _sum([_take_one(hub, connection, shop, document) for document in documents])
        after(connection, taken)
    hub.poke("advance")
    return taken


def _take_page(
    hub: Hub,
    shop: ShopCard,
    documents: tuple[RawDocument, ...],
    before: Callable[[Connection], None],
    after: Callable[[Connection, Taken], None],
    *,
    walks: bool,
) -> Taken:
    """Take a page as a whole, looking at stock before it is locked; when it is gone by then, once more the sure way."""
    for locks_late in (walks, False):
        # Parsed before its turn, so that one page is read while another waits for the database.
        parsed, outcome = parse_all(parser_of(hub, shop), documents)
        try:
            with hub.turn("intake"), hub.begin() as connection:
                before(connection)
                now = hub.clock()
                masters = hub.masters.get(connection, now)
                batch = Batch(hub, connection, masters, now, actor="platform", locks_late=locks_late)
                taken = _write(batch, shop, parsed, outcome, walks=walks)
                after(connection, taken)
        except StockGone:
            continue
        batch.tell()
        return taken
    raise AssertionError("a batch that locks first has its stock")


def _take_one(hub: Hub, connection: Connection, shop: ShopCard, document: RawDocument) -> Taken:
    """Take a document alone; what the database refuses is looked at once more, since another may have brought it."""
    refused = ""
    for _ in range(2):
        try:
            with connection.begin_nested():
                return take_in(hub, connection, shop, (document,))
        except REFUSED_ROWS as error:
            refused = constraint_of(error)
    park(hub, connection, shop.id, [(document, BadRecord(f"refused by the database: {refused}", field="document"))])
    return Taken(0, 0, 0, 1)


def _known(connection: Connection, shop_id: int, external_nos: list[str]) -> dict[str, Known]:
    rows = fetch(
        connection,
        """select external_no, id, changed_at, fetched_at, content_hash from orders
           where shop_id = %s and origin = 'platform' and external_no = any(%s)""",
        (shop_id, array_of(external_nos)),
    )
    return {row[0]: Known(*row[1:]) for row in rows}


def _take_newer(batch: Batch, shop: ShopCard, outcome: Sorted) -> frozenset[str]:
    """Lock the changed orders, look again at their versions, apply what is still newer; answers what that was."""
    orders = lock_with_siblings(batch.connection, [id_ for id_, _ in outcome.newer])
    known = _known(batch.connection, shop.id, [item.record.external_no for _, item in outcome.newer])
    again = sort_by_version([item for _, item in outcome.newer], known, Sorted())
    fill(batch, orders)
    late = _overtaken(batch, shop, [item for order_id, item in again.newer if _lowers(batch.orders[order_id], item)])
    newer = [(order_id, item) for order_id, item in again.newer if item.record.external_no not in late]
    apply_changes(batch, shop, newer)
    for order_id, _ in newer:
        recount(batch, batch.orders[order_id])
    return frozenset([item.record.external_no for _, item in newer])


def _lowers(order: OrderWork, item: Parsed) -> bool:
    """Whether a document knows nothing of a refund that a case has told us of."""
    said = {line.external_no: line.refund for line in item.record.lines}
    return any(line.in_refund and said.get(line.external_no) is RefundState.NONE for line in order.lines)


def _overtaken(batch: Batch, shop: ShopCard, items: list[Parsed]) -> set[str]:
    """Orders that are to be read anew for something that came after these documents were fetched."""
    if not items:
        return set()
    rows = fetch(
        batch.connection,
        """select r.external_no from pending_reference r
           join unnest(%s::text[], %s::timestamptz[]) as v(external_no, fetched_at) on v.external_no = r.external_no
           where r.shop_id = %s and r.kind = 'order' and r.noted_at > v.fetched_at""",
        ([x.record.external_no for x in items], [x.document.fetched_at for x in items], shop.id),
    )
    return {row[0] for row in rows}
