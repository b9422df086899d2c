"""The money of planned fulfilments: what each declares, its part of the freight, what it collects on delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.domain.shares import split


@dataclass(slots=True)
class Carried:
    """What an order's live and shipped fulfilments carry already, in minor units."""

    freight: int = 0
    collect: int = 0


NOTHING = Carried()


def load_carried(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Carried]:
    """Order → what is carried, for orders of which something is planned or has left.

    A merged fulfilment carries the sums of its members, so that each keeps its own part on its own row.
    """
    ids = [order.id for order in orders if not is_first(order)]
    if not ids:
        return {}
    rows = fetch(
        batch.connection,
        """with recursive part as (
             select f.id, f.id as root_id, f.status from fulfilment f
             where f.id in (select fulfilment_id from fulfilment_line where order_id = any(%s))
             union all
             select m.id, p.root_id, p.status from part p join fulfilment m on m.merged_into_id = p.id)
           select f.lead_order_id, p.root_id, p.status,
             f.freight_amount - coalesce(sum(m.freight_amount), 0)::bigint,
             f.collect_amount - coalesce(sum(m.collect_amount), 0)::bigint
           from part p join fulfilment f on f.id = p.id left join fulfilment m on m.merged_into_id = f.id
           where f.lead_order_id = any(%s)
           group by f.id, p.root_id, p.status""",
        (ids, ids),
    )
    carried = {id_: Carried() for id_ in ids}
    for order_id, root_id, status, freight, collect in rows:
        changed = batch.touched_fulfilments.get(root_id)
        if (changed.status if changed else status) != "cancelled":
            carried[order_id].freight += freight
            carried[order_id].collect += collect
    return carried


def is_first(order: OrderWork) -> bool:
    """Whether nothing of the order is planned, under way or gone."""
    return not order.fulfilments and not any(demand.shipped for demand in order.demands)


def share_amounts(order: OrderWork, fulfilments: Sequence[FulfilmentWork], carried: Carried | None) -> None:
    """Share the order's money among new fulfilments: each carries its goods' part, and together the freight.

    The first plan (`carried` is None) also takes the rounding. A later one takes what no other carries: so what is
    collected on delivery always adds up to what the buyer owes, though a parcel that left short was told to collect
    everything.
    """
    if not fulfilments:
        return
    goods = [sum([line.share_amount for line in work.lines]) for work in fulfilments]
    freight = sum([line.paid_amount for line in order.lines if line.kind != "goods" and not line.is_gone])
    if carried is None:
        leaving = [line for line in order.lines if line.is_goods and not line.is_lost]
        goods[0] += sum([line.paid_amount for line in leaving]) - sum(goods)
        collect = sum(goods) + freight
    else:
        collect = max(0, _owed(order) + freight - carried.collect)
        freight -= carried.freight
    parts = split(freight, goods)
    collects = split(collect, [max(0, amount + part) for amount, part in zip(goods, parts, strict=True)])
    for work, amount, part, due in zip(fulfilments, goods, parts, collects, strict=True):
        work.goods_amount, work.freight_amount = amount, part
        work.collect_amount = due if order.is_cod else 0
        work.is_split = len(order.fulfilments) > 1 or carried is not None


def _owed(order: OrderWork) -> int:
    """The money of all units that are planned or have left."""
    return sum([d.share_amount * (d.planned + d.shipped) // d.units for d in order.demands])
