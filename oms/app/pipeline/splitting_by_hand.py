"""Splitting a planned fulfilment into parcels by a person: lines and units chosen, the money shared to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import ORDER, fetch, fill, lock_with_siblings
from oms.app.kernel.work import FulfilmentLineWork, FulfilmentWork, OrderWork
from oms.app.pipeline.joined import Joined, write_joined
from oms.app.pipeline.joining_refusals import Refusal
from oms.db.bulk import copy_rows, update_rows
from oms.domain.errors import Invalid, NotFound, NotPossible
from oms.domain.parcelling import Item, Money, follow, share_money, why_not_split
from oms.domain.shares import split

ORDERS: Final = "select distinct order_id from fulfilment_line where fulfilment_id = %s order by 1"
CHANGES: Final = [("planned", "int"), ("share_amount", "bigint")]
#: Line of the fulfilment → units.
Chosen = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one parcel would hold and carry; amounts in minor units."""

    units: dict[int, int]
    goods: int
    freight: int
    collect: int


def preview_split(
    hub: Hub, connection: Connection, fulfilment_id: int, chosen: Sequence[Chosen], order_id: int | None = None
) -> list[Parcel]:
    """The parcels that a split would make, the rest first; NotPossible says why it cannot be.

    NotFound when the fulfilment is of another order than `order_id`.
    """
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())
    ids = [row[0] for row in fetch(connection, ORDERS, (fulfilment_id,))]
    rows = fetch(connection, f"select {ORDER} from orders where id = any(%s) order by id", (ids,))
    fill(batch, [OrderWork(*row) for row in rows], locks=False)
    if order_id is not None and order_id not in ids:
        raise NotFound("there is no such fulfilment any more", "reload the page")
    order, work = _find(batch, fulfilment_id)
    return [Parcel(units, *money) for units, money in _parcels(order, work, chosen)]


def split_fulfilment(hub: Hub, fulfilment_id: int, chosen: Sequence[Chosen], actor: str, reason: str) -> list[int]:
    """Put the chosen units of its lines into parcels of their own; the rest stays. Answers the new fulfilments.

    They are joined by no rule to each other; with other orders only where the settings of merging let them.
    """
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        ids = [row[0] for row in fetch(connection, ORDERS, (fulfilment_id,))]
        fill(batch, lock_with_siblings(connection, ids))
        order, work = _find(batch, fulfilment_id)
        parcels, was_split = _parcels(order, work, chosen), work.is_split
        made = [work, *[_part(batch, order, work, units) for units, _ in parcels[1:]]]
        for one, (_, money) in zip(made, parcels, strict=True):
            one.goods_amount, one.freight_amount, one.collect_amount = money
        mark_split(batch, work, is_split=True)
        (joining_id,) = write_joined(batch, [replace(Joined.of("split", "hand", made, reason), was_split=was_split)])
        copy_rows(connection, "apart", ("document_id", "set_id"), [(one.id, joining_id) for one in made])
        batch.note(order, "split_by_hand", {"parcels": len(made), "reason": reason[:500]}, fulfilment_id=work.id)
        order.ready_at = batch.now
        recount(batch, order)
        flush(batch)
    hub.poke("advance")
    return [one.id for one in made[1:]]


def mark_split(batch: Batch, work: FulfilmentWork, *, is_split: bool) -> None:
    """Say of a fulfilment whether it is a part of something."""
    work.is_split = is_split
    batch.touched_fulfilments[work.id] = work
    update_rows(batch.connection, "fulfilment", "id", [("is_split", "bool")], [(work.id, is_split)])


def why_not(order: OrderWork, work: FulfilmentWork) -> Refusal | None:
    """What speaks against splitting a fulfilment at all."""
    if work.status != "planned":
        return Refusal("it was handed to its warehouse already", "stop it there; what comes back is sourced anew")
    if work.order_count > 1:
        return Refusal("it holds several orders", "take the merge back first, then split the order's own")
    if order.keeps_together or order.is_sealed:
        return Refusal("the platform wants this order in one parcel", "send it as it is")
    if sum([line.open_units for line in work.lines]) < 2:
        return Refusal("it holds one piece only", "send it as it is")
    return None


def _find(batch: Batch, fulfilment_id: int) -> tuple[OrderWork, FulfilmentWork]:
    for order in batch.orders.values():
        for work in order.fulfilments:
            if work.id == fulfilment_id:
                refusal = why_not(order, work)
                if refusal is not None:
                    raise NotPossible(refusal.words, refusal.remedy)
                return order, work
    raise NotFound("there is no such fulfilment any more", "reload the page")


def _parcels(order: OrderWork, work: FulfilmentWork, chosen: Sequence[Chosen]) -> list[tuple[dict[int, int], Money]]:
    """Line → units and the money of each parcel, the rest first."""
    items = _items(order, work)
    parcels = follow(items, [dict(units) for units in chosen if any(units.values())])
    why = why_not_split(items, parcels)
    if why is not None:
        raise Invalid(*why)
    shares = _shares(work, parcels)
    money = share_money(
        Money(work.goods_amount, work.freight_amount, work.collect_amount),
        [sum(mine.values()) for mine in shares],
    )
    return list(zip(parcels, money, strict=True))


def _items(order: OrderWork, work: FulfilmentWork) -> list[Item]:
    """The lines that are to leave; a gift goes with the line that earned it."""
    bound = {line.id: line.bound_group for line in order.lines}
    gifts = {demand.id for demand in order.demands if demand.origin == "gift"}
    return [
        Item(line.id, line.open_units, line.line_id, bound.get(line.line_id, ""), line.demand_id in gifts)
        for line in work.lines
        if line.open_units
    ]


def _shares(work: FulfilmentWork, parcels: Sequence[Mapping[int, int]]) -> list[dict[int, int]]:
    """By parcel, each line's part of its money, to the cent."""
    shares: list[dict[int, int]] = [{} for _ in parcels]
    for line in work.lines:
        holding = [index for index, units in enumerate(parcels) if units.get(line.id)]
        parts = split(line.share_amount, [parcels[index][line.id] for index in holding]) if holding else []
        for index, amount in zip(holding, parts, strict=True):
            shares[index][line.id] = amount
    return shares


def _part(batch: Batch, order: OrderWork, work: FulfilmentWork, units: Mapping[int, int]) -> FulfilmentWork:
    """A fulfilment of its own for these units; what it allocates stays allocated at the same point."""
    part = FulfilmentWork(
        id=batch.new_id(), status="planned", stop="none", lead_order_id=order.id, shop_id=work.shop_id,
        stock_point_id=work.stock_point_id, carrier_id=work.carrier_id, version=1, merge_key=work.merge_key,
        order_count=1, goods_amount=0, freight_amount=0, collect_amount=0, currency=work.currency, is_cod=work.is_cod,
        is_split=True, is_sealed=work.is_sealed, warehouse_ref="", warehouse_step="", ship_by=work.ship_by,
        planned_at=batch.now, mode=work.mode, is_new=True,
    )  # fmt: skip
    changed: list[tuple[Any, ...]] = []
    for line in list(work.lines):
        taken = units.get(line.id, 0)
        if taken == line.open_units and taken:
            work.lines.remove(line)
            line.fulfilment_id = part.id
            part.lines.append(line)
            batch.touched_fulfilment_lines[line.id] = line
        elif taken:
            piece = _piece(batch, line, part.id, taken)
            part.lines.append(piece)
            batch.new_fulfilment_lines.append(piece)
            changed.append((line.id, line.planned, line.share_amount))
    update_rows(batch.connection, "fulfilment_line", "id", CHANGES, changed)
    order.fulfilments.append(part)
    batch.new_fulfilments.append(part)
    return part


def _piece(batch: Batch, line: FulfilmentLineWork, fulfilment_id: int, units: int) -> FulfilmentLineWork:
    share, rest = split(line.share_amount, [units, line.planned - units])
    line.planned -= units
    line.share_amount = rest
    return FulfilmentLineWork(
        batch.new_id(), fulfilment_id, line.demand_id, line.order_id, line.line_id, line.sku_id, units, 0, 0, 0, share
    )
