"""批量导入: a file of orders is checked whole, then taken in batch by batch; what is refused comes back to correct."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from oms.app.capture.entered.columns import TEMPLATE, places_of
from oms.app.capture.entered.kept import (
    RUNNING,
    Content,
    Counts,
    Upload,
    count_on,
    give_up,
    keep_upload,
    lock_upload,
    open_upload,
    running_upload,
)
from oms.app.capture.entered.reading import Entered, ShopBook, read_orders
from oms.app.capture.entered.rows import Row
from oms.app.capture.entered.shops import open_shops
from oms.app.capture.entered.taking import (
    SHOP_GONE,
    Occasion,
    TakenIn,
    sort_out,
    take_entered,
    try_own,
)
from oms.app.capture.sheets import Limits, read_table
from oms.app.capture.versions import Parsed
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.sealed import content_hash
from oms.db.trouble import PASSING, constraint_of
from oms.domain.errors import HubError, Invalid, LostLease, NotFound

LIMITS: Final = Limits(20 * 1024 * 1024, 20_000, "the file is larger than 20 MB", "the file has more than 20,000 rows")
#: Orders taken in by one transaction; a file with fewer is done while its uploader waits.
BATCH: Final = 500
DEFECT = "the hub could not take this order in; tell the administrator"
LOG = structlog.get_logger("entered")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an upload has come to: rows by how they ended; the others wait for a worker."""

    id: int
    rows: int
    taken: int
    repeated: int
    failed: int

    @property
    def waiting(self) -> int:
        """Rows that are still to be taken in."""
        return self.rows - self.taken - self.repeated - self.failed


def import_orders(hub: Hub, file_name: str, body: bytes, actor: str, shop_ids: Collection[int]) -> Imported:
    """Take a file of orders in for the shops a person may import for; Invalid when it is no such table.

    A small file is done when this returns, of a large one the rest waits for the pump. Nothing is added twice.
    """
    rows = _rows(read_table(body, LIMITS))
    upload = Upload(file_name, content_hash(actor.encode() + b"\0" + body), actor)
    with hub.begin() as connection:
        fetch(connection, "select pg_advisory_xact_lock(hashtextextended(%s, 0))::text", (upload.content_hash.hex(),))
        running = running_upload(connection, upload)
        if running is None:
            orders = read_orders(rows, ShopBook(open_shops(connection, shop_ids)), hub.clock())
            batch_id = _keep(hub, connection, upload, orders)
    if running is not None:
        return _told(hub, running)
    waiting = _waiting_orders(orders)
    if waiting > BATCH:
        hub.poke("imports")
    while 0 < waiting <= BATCH and import_some(hub, batch_id):
        pass
    return _told(hub, batch_id)


def import_next(hub: Hub) -> int:
    """Go on with the upload that waits longest and can go on; answers how many orders were worked on."""
    with hub.engine.connect() as connection:
        found = fetch(connection, f"select id from import_batch where {RUNNING} order by id")
    return next((worked for (batch_id,) in found if (worked := import_some(hub, batch_id))), 0)


def _at_one_moment(hub: Hub) -> Connection:
    """A connection that sees an upload and its key as they were together, also while the file comes again."""
    return hub.engine.connect().execution_options(isolation_level="REPEATABLE READ")


def import_some(hub: Hub, batch_id: int) -> int:
    """Take the next orders of an upload in; answers how many, 0 when it is over, goes on elsewhere or was given up."""
    try:
        with _at_one_moment(hub) as connection:
            counts, content, actor = open_upload(hub, connection, batch_id)
    except PASSING:
        raise
    except Exception as error:
        LOG.error("upload not opened", upload=batch_id, exc_info=not isinstance(error, HubError))
        words = error.words if isinstance(error, HubError) else f"its content cannot be read ({type(error).__name__})"
        with hub.begin() as connection:
            give_up(connection, batch_id, words)
        return 0
    waiting = content.after(counts.done)
    some = [order for order in waiting[:BATCH] if order.shop_id == waiting[0].shop_id]
    if not some or counts.done >= counts.rows:
        return 0
    try:
        _take(hub, batch_id, counts.done, some, Occasion(actor, "imported", {"import": batch_id}))
    except LostLease:
        return 0
    return len(some)


def refused_rows(hub: Hub, batch_id: int, actor: str | None) -> list[Row]:
    """The rows an upload refused, with their problems; of `actor`'s own uploads only, when one is given."""
    with _at_one_moment(hub) as connection:
        _counts, content, imported_by = open_upload(hub, connection, batch_id)
    if not content.refused or actor not in (None, imported_by):
        raise NotFound("there is no such upload with refused rows", "upload the file again")
    return content.refused


def _rows(table: Sequence[Sequence[str]]) -> list[Row]:
    if len(table) < 2:
        raise Invalid("file", "the file has no rows", TEMPLATE)
    places = places_of(table[0]).items()
    return [Row({key: cells[at] if at < len(cells) else "" for key, at in places}) for cells in table[1:]]


def _keep(hub: Hub, connection: Connection, upload: Upload, orders: list[Entered]) -> int:
    """Sort a file's orders by what they are to the hub, and write down what is to be done."""
    repeated = _sort(hub, connection, orders)
    waiting = [order for order in orders if order.body]
    refused = [row for order in orders for row in order.rows if row.problems]
    rows = repeated + len(refused) + sum(len(order.rows) for order in waiting)
    content = Content(repeated + len(refused), waiting, refused)
    return keep_upload(hub, connection, upload, Counts(rows, 0, repeated, len(refused)), content, hub.clock())


def _sort(hub: Hub, connection: Connection, orders: list[Entered]) -> int:
    """Refuse what intake would not read or knows otherwise; leave repeats without a body and count their rows."""
    repeated = 0
    by_shop: dict[int, dict[str, tuple[Entered, Parsed]]] = {}
    good = [order for order in orders if order.body]
    for order, parsed in zip(good, try_own(hub, [order.body for order in good]), strict=True):
        if isinstance(parsed, str):
            order.refuse("", parsed)
        else:
            by_shop.setdefault(order.shop_id, {})[order.external_no] = (order, parsed)
    for shop_id, of_shop in by_shop.items():
        taken, _new = sort_out(connection, shop_id, [parsed for _, parsed in of_shop.values()])
        for number in taken.repeated:
            repeated += len(of_shop[number][0].rows)
            of_shop[number][0].body = b""
        for number, words in taken.refused.items():
            of_shop[number][0].refuse("order_no", words)
    return repeated


def _waiting_orders(orders: Sequence[Entered]) -> int:
    return sum(1 for order in orders if order.body)


def _take(hub: Hub, batch_id: int, done: int, some: list[Entered], occasion: Occasion) -> None:
    """Take orders of one shop in; when they fail together each is taken alone, and those at fault are refused."""
    try:
        _take_together(hub, batch_id, done, some, occasion)
    except (*PASSING, HubError):
        raise
    except Exception as error:
        LOG.error("orders not taken in", count=len(some), error=constraint_of(error), exc_info=len(some) == 1)
        if len(some) == 1:
            _refuse(hub, batch_id, done, some, DEFECT)
            return
        for order in some:
            _take(hub, batch_id, done, [order], occasion)
            done += len(order.rows)


def _take_together(hub: Hub, batch_id: int, done: int, some: list[Entered], occasion: Occasion) -> None:
    shop = hub.masters.get(hub.engine, hub.clock()).shops.get(some[0].shop_id)
    if shop is None or shop.mode == "closed":
        _refuse(hub, batch_id, done, some, SHOP_GONE)
        return
    rows_of = {order.external_no: order for order in some}

    def count(connection: Connection, taken: TakenIn) -> None:
        refused = [rows_of[number] for number in taken.refused]
        for order in refused:
            order.refuse("order_no", taken.refused[order.external_no])
        ended = [sum(len(rows_of[number].rows) for number in kind) for kind in (taken.new, taken.repeated, taken.refused)]
        rows = [row for order in refused for row in order.rows]
        count_on(hub, connection, batch_id, (ended[0], ended[1], ended[2]), rows)

    take_entered(hub, shop, [order.body for order in some], occasion, lambda it: lock_upload(it, batch_id, done), count)


def _refuse(hub: Hub, batch_id: int, done: int, some: list[Entered], words: str) -> None:
    rows = [row for order in some for row in order.rows]
    for order in some:
        order.refuse("shop" if words == SHOP_GONE else "", words)
    with hub.begin() as connection:
        lock_upload(connection, batch_id, done)
        count_on(hub, connection, batch_id, (0, 0, len(rows)), rows)


def _told(hub: Hub, batch_id: int) -> Imported:
    with hub.engine.connect() as connection:
        found: Sequence[Any] = fetch(
            connection, "select id, rows, taken, repeated, failed from import_batch where id = %s", (batch_id,)
        )
    return Imported(*found[0])
