"""The money of planned fulfilments: what each declares, its part of the freight, what it collects on delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.splitting.money import Purse, purses_in
from oms.db.bulk import array_of
from oms.domain.money import prepaid
from oms.domain.parcelling import Money, share_money
from oms.domain.shares import split


@dataclass(slots=True)
class Carried:
    """What an order's live and shipped fulfilments carry already, in minor units."""

    freight: int = 0
    collect: int = 0


NOTHING = Carried()
HOLDING = """
select f.id, f.status, f.goods_amount, f.freight_amount, f.collect_amount, array_agg(l.id), array_agg(l.order_id),
  array_agg(l.share_amount)
from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
where f.id in (select fulfilment_id from fulfilment_line where order_id = any(%s)) group by f.id"""
#: What couriers pay over counts as collected with the parcel that carries it.
PAYMENTS: Final = "select order_id, kind, state, amount from payment where order_id = any(%s)"


def load_carried(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Carried]:
    """Order → what is carried, for orders of which something is planned or has left.

    Of a fulfilment that holds goods of several orders each has what it brought into it, however it was merged and split.
    """
    ids = [order.id for order in orders if not is_first(order)]
    if not ids:
        return {}
    carried = {id_: Carried() for id_ in ids}
    for id_, status, *money, lines, owners, worths in fetch(batch.connection, HOLDING, (ids,)):
        changed = batch.touched_fulfilments.get(id_)
        if (changed.status if changed else status) == "cancelled":
            continue
        held = dict(zip(lines, zip(owners, worths, strict=True), strict=True))
        for order_id, part in _by_order(batch, id_, held, Money(*money)):
            if order_id in carried:
                carried[order_id].freight += part.freight
                carried[order_id].collect += part.collect
    return carried


def load_prepaid(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, int]:
    """Order → what its buyer has paid already, e.g. a deposit or by gift card, of orders paid on delivery."""
    ids = [order.id for order in orders if order.is_cod]
    payments: dict[int, list[tuple[str, str, int]]] = {}
    for id_, *payment in fetch(batch.connection, PAYMENTS, (array_of(ids),)) if ids else ():
        payments.setdefault(id_, []).append((payment[0], payment[1], payment[2]))
    return {id_: prepaid(told) for id_, told in payments.items()}


def _by_order(
    batch: Batch, fulfilment_id: int, held: Mapping[int, tuple[int, int]], whole: Money
) -> Iterator[tuple[int, Money]]:
    """Whose money is in a fulfilment; `held`: its lines with the order and what was paid for it."""
    owners = {order_id for order_id, _ in held.values()}
    purses = [Purse(frozenset(held), whole)] if len(owners) == 1 else purses_in(batch, fulfilment_id, set(held), whole)
    for purse in purses:
        worth: dict[int, int] = {}
        for line_id in purse.lines:
            order_id, amount = held[line_id]
            worth[order_id] = worth.get(order_id, 0) + amount
        yield from zip(worth, share_money(purse.money, list(worth.values())), strict=True)


def is_first(order: OrderWork) -> bool:
    """Whether nothing of the order is planned, under way or gone."""
    return not order.fulfilments and not any(demand.shipped for demand in order.demands)


def share_amounts(order: OrderWork, fulfilments: Sequence[FulfilmentWork], carried: Carried | None, prepaid: int) -> None:
    """Share the order's money among new fulfilments: each carries its goods' part, and together the freight.

    The first plan (`carried` is None) also takes the rounding. A later one takes what no other carries: so what is
    collected on delivery always adds up to what the buyer owes, though a parcel that left short was told to collect
    everything. What is `prepaid` is not collected again.
    """
    if not fulfilments:
        return
    goods = [sum([line.share_amount for line in work.lines]) for work in fulfilments]
    freight = sum([line.paid_amount for line in order.lines if line.kind != "goods" and not line.is_gone])
    if carried is None:
        leaving = [line for line in order.lines if line.is_goods and not line.is_lost]
        goods[0] += sum([line.paid_amount for line in leaving]) - sum(goods)
        collect = max(0, sum(goods) + freight - prepaid)
    else:
        collect = max(0, _owed(order) + freight - prepaid - carried.collect)
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
