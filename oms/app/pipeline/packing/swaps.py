"""仓内换货: staff swap a missing gift or bundle part on the fulfilment, within their stock point's limits (B19a).

The units, their share of money and the reservation move in one transaction; customer service is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import RESERVE, lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.marks import tell
from oms.app.kernel.work import DemandWork, FulfilmentLineWork, FulfilmentWork
from oms.app.pipeline.outbound.consequences import close_batch, open_batch, order_ids_of
from oms.app.pipeline.packing.desk import Teller, empty_shelf, note_report, own_work, require_at_work
from oms.app.stock.left import left_at
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotPossible
from oms.domain.numbers import document_no

ORIGINS: Final = ("gift", "bundle")
ASK = "ask customer service: they can change the order"
SKU: Final = """
select k.id, k.code, k.category, k.is_virtual or k.is_archived,
  (select amount from cost_price c where c.sku_id = k.id and c.valid_from <= %s order by c.valid_from desc limit 1)
from sku k where k.code = any(%s)"""
LESS: Final = "update demand set share_amount = share_amount - %s where id = %s"
#: A gift goes on counting as the gift of its rule.
GIVEN: Final = "update gift_given set demand_id = %s, changed_at = %s where demand_id = %s and state = 'given'"


@dataclass(frozen=True, slots=True)
class Swap:
    """Units of one SKU code for another; `reason` says how the buyer agreed."""

    away: str
    instead: str
    units: int
    reason: str


def swap_goods(hub: Hub, fulfilment_id: int, swap: Swap, teller: Teller) -> bool:
    """Put other goods into a fulfilment; refused with a sentence beyond the limits. Answers whether this was news."""
    if len(swap.reason.strip()) < 2:
        raise Invalid("reason", "a reason is needed", "say how the buyer agreed")
    told = {"away": swap.away, "instead": swap.instead, "units": swap.units, "reason": swap.reason.strip()[:200]}
    with hub.begin() as connection:
        batch = open_batch(hub, connection, order_ids_of(connection, fulfilment_id))
        batch.actor = teller.actor
        work = own_work(batch, fulfilment_id, teller.points)
        if not note_report(batch, work, teller, "swap", told):
            return False
        require_at_work(work)
        _swap(batch, work, swap)
        close_batch(batch)
    batch.tell()
    return True


def _swap(batch: Batch, work: FulfilmentWork, swap: Swap) -> None:
    setting = _setting(batch, work.stock_point_id)
    cards = {row[1]: row for row in fetch(batch.connection, SKU, (batch.now, [swap.away, swap.instead]))}
    away, instead = cards.get(swap.away), cards.get(swap.instead)
    if away is None or instead is None or away[0] == instead[0] or instead[3]:
        raise Invalid("instead", "there are no such goods to put in", "scan the goods, or type their code")
    line, demand = _line(batch, work, away[0], swap.units, setting["swap_origins"])
    _check_goods(away, instead, setting)
    lock_skus(batch, [away[0], instead[0]])
    if left_at(batch, work.stock_point_id, [instead[0]])[instead[0]] < swap.units:
        raise NotPossible("there are not enough of these goods here", "choose others")
    fresh = _new_demand(batch, line, demand, instead[0], swap.units)
    _take_off(batch, work, line, demand, swap.units)
    _put_in(batch, work, line, demand, fresh)
    empty_shelf(batch, work, away[0], swap.units, 0)
    _note(batch, work, fresh, swap)


def _setting(batch: Batch, point_id: int) -> dict[str, Any]:
    rows = fetch(
        batch.connection,
        """select swap_origins, swap_most_amount, swap_same_category from packing_setting where stock_point_id = %s""",
        (point_id,),
    )
    if not rows or not rows[0][0]:
        raise NotPossible("this stock point may not swap goods", ASK)
    return dict(zip(("swap_origins", "swap_most_amount", "swap_same_category"), rows[0], strict=True))


def _line(
    batch: Batch, work: FulfilmentWork, sku_id: int, units: int, origins: list[str]
) -> tuple[FulfilmentLineWork, DemandWork]:
    """The line whose units are swapped, whole parts of a bundle or some of a gift."""
    demands = {demand.id: demand for id_ in work.order_ids for demand in batch.orders[id_].demands}
    mine = [(line, demands[line.demand_id]) for line in work.lines if line.sku_id == sku_id and line.open_units]
    allowed = [(line, demand) for line, demand in mine if demand.origin in ORIGINS and demand.origin in origins]
    if not allowed:
        raise NotPossible("only gifts and parts of bundles may be swapped, as far as this point may", ASK)
    for line, demand in allowed:
        is_whole = units == line.open_units == demand.units - demand.cancelled
        if is_whole or (demand.origin == "gift" and 0 < units <= line.open_units):
            return line, demand
    if all(demand.origin == "bundle" for _, demand in allowed):
        raise NotPossible("a part of a bundle is swapped as a whole, before any of it left", ASK)
    raise Invalid("units", "so many units are not open", "count what is missing again")


def _check_goods(away: tuple[Any, ...], instead: tuple[Any, ...], setting: dict[str, Any]) -> None:
    if setting["swap_same_category"] and (not away[2] or away[2] != instead[2]):
        raise NotPossible("these goods are of another category", ASK)
    if away[4] is None or instead[4] is None:
        raise NotPossible("one of the goods has no cost price to compare", "have its cost price entered")
    if abs(away[4] - instead[4]) > setting["swap_most_amount"]:
        raise NotPossible("the goods differ more in value than this point may swap", ASK)


def _new_demand(batch: Batch, line: FulfilmentLineWork, demand: DemandWork, sku_id: int, units: int) -> DemandWork:
    """The demand for what goes in, with its share of the money; a gift's counts towards no line."""
    share = demand.share_amount * units // (demand.units - demand.cancelled)
    per_unit = demand.per_unit if demand.origin == "bundle" else 0
    order = batch.orders[line.order_id]
    fresh = DemandWork(
        batch.new_id(), order.id, demand.line_id, sku_id, "swap", units, units, 0, 0, share, per_unit, True
    )
    order.demands.append(fresh)
    batch.new_demands.append(fresh)
    return fresh


def _take_off(batch: Batch, work: FulfilmentWork, line: FulfilmentLineWork, demand: DemandWork, units: int) -> None:
    line.cancelled += units
    demand.planned -= units
    demand.cancelled += units
    if demand.origin == "bundle":
        demand.per_unit = 0  # The line does not consist of it any more.
    batch.touched_fulfilment_lines[line.id] = line
    batch.touched_demands[demand.id] = demand
    batch.move_stock((work.stock_point_id, line.sku_id, "good"), reserved=-units, reason="swap", document_id=work.id)


def _put_in(batch: Batch, work: FulfilmentWork, line: FulfilmentLineWork, demand: DemandWork, fresh: DemandWork) -> None:
    """The same fulfilment carries the new goods; what they are worth is taken off the old."""
    share = line.share_amount * fresh.units // line.planned
    put = FulfilmentLineWork(batch.new_id(), work.id, fresh.id, fresh.order_id, fresh.line_id, fresh.sku_id, fresh.units,
                             0, 0, 0, share)  # fmt: skip
    work.lines.append(put)
    batch.new_fulfilment_lines.append(put)
    batch.move_stock((work.stock_point_id, fresh.sku_id, "good"), reserved=fresh.units, reason=RESERVE)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "update demand set share_amount = share_amount - %s where id = %s", (fresh.share_amount, demand.id)
        )
        cursor.execute("update fulfilment_line set share_amount = share_amount - %s where id = %s", (share, line.id))
        cursor.execute(GIVEN, (fresh.id, batch.now, demand.id))


def _note(batch: Batch, work: FulfilmentWork, fresh: DemandWork, swap: Swap) -> None:
    order = batch.orders[fresh.order_id]
    said = f"{swap.away} ×{swap.units} → {swap.instead}"
    batch.note(order, "part_swapped", {"lines": [said], "reason": swap.reason.strip()[:200]}, fulfilment_id=work.id)
    batch.touched_fulfilments[work.id] = work
    teams = fetch(
        batch.connection,
        "select coalesce(g.code, '') from shop s left join user_group g on g.id = s.user_group_id where s.id = %s",
        (order.shop_id,),
    )
    words = f"{document_no('fulfilment', work.id)}: {said}. {swap.reason.strip()[:120]}"
    tell(batch, order, "swap", f"swap:{fresh.id}", teams[0][0] if teams else "", words)
