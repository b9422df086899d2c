"""Reservations on an order's way: read before it is sourced, settled after; unpaid orders where shops reserve at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.matching import match_lines
from oms.app.stock.presale import read_presale
from oms.app.stock.reserving_settled import Parts, settle
from oms.db.bulk import array_of


def settle_promises(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """At the end of a batch: what orders wait for is reserved, what they do not wait for any more is let go."""
    standing = batch.masters.promises
    parts: Parts = {}
    read_presale(batch, orders)
    if standing.at_order:
        parts = _prepare(batch, [order for order in orders if order.status == "unpaid"])
    settle(batch, orders, parts)


def promise_unpaid(batch: Batch, made: Iterable[OrderWork]) -> None:
    """Reserve for new orders that nobody has paid yet, where their shop reserves with the order."""
    at_order = batch.masters.promises.at_order
    if at_order and (unpaid := [order for order in made if order.status == "unpaid" and order.shop_id in at_order]):
        settle(batch, unpaid, _prepare(batch, unpaid))


def _prepare(batch: Batch, unpaid: Sequence[OrderWork]) -> Parts:
    """Match the lines of unpaid orders, which preprocessing leaves alone; answers the bundles they want."""
    at_order = batch.masters.promises.at_order
    mine = [order for order in unpaid if order.shop_id in at_order]
    if not mine:
        return {}
    match_lines(batch, mine)
    bundles = sorted({line.bundle_id for order in mine for line in order.lines if line.bundle_id is not None})
    return _parts(batch, bundles) if bundles else {}


def _parts(batch: Batch, bundles: Sequence[int]) -> Mapping[int, list[tuple[int, int, int]]]:
    found: dict[int, list[tuple[int, int, int]]] = {}
    asked = "select bundle_id, sku_id, units, weight from bundle_part where bundle_id = any(%s::bigint[]) order by sku_id"
    for bundle_id, *part in fetch(batch.connection, asked, (array_of(bundles),)):
        found.setdefault(bundle_id, []).append((part[0], part[1], part[2]))
    return found
