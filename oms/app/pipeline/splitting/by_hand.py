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
from oms.app.pipeline.merging import invoices as joint_invoices
from oms.app.pipeline.merging.by_hand import UNDO
from oms.app.pipeline.merging.joined import Joined, write_joined
from oms.app.pipeline.merging.refusals import Refusal
from oms.app.pipeline.splitting.money import Purse, Shares, purses_of, share_purses
from oms.db.bulk import copy_rows, psycopg_connection, update_rows
from oms.domain.errors import Invalid, NotFound, NotPossible, Stale
from oms.domain.grouping import merge_key
from oms.domain.parcelling import Item, follow, why_not_split
from oms.domain.shares import split

ORDERS: Final = "select distinct order_id from fulfilment_line where fulfilment_id = %s order by 1"
CHANGES: Final = [("planned", "int"), ("share_amount", "bigint")]
LEAD: Final = [("lead_order_id", "bigint"), ("shop_id", "bigint")]
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
    work = _find(batch, fulfilment_id)
    parcels, purses = _parcels(batch, work, chosen), purses_of(batch, work)
    return [Parcel(units, *one.money) for units, one in zip(parcels, _shared(work, purses, parcels), strict=True)]


def split_fulfilment(
    hub: Hub, fulfilment_id: int, chosen: Sequence[Chosen], actor: str, reason: str, *, seen: int | None = None
) -> list[int]:
    """Put the chosen units of its lines into parcels of their own; the rest stays. Answers the new fulfilments.

    `seen` is how many units it had when somebody looked: Stale when it has others by now, as after a second click.

    Each source order keeps its money to the cent. The parcels are joined by no rule to each other; with other orders
    as any fulfilment is, since whether parts join others is asked of what a rule has split alone.
    """
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        ids = [row[0] for row in fetch(connection, ORDERS, (fulfilment_id,))]
        fill(batch, lock_with_siblings(connection, ids))
        work = _find(batch, fulfilment_id)
        if seen is not None and seen != sum(line.open_units for line in work.lines):
            raise Stale("it was split or changed meanwhile", "look at its parcels, then split what is left")
        parcels, purses, was_split = _parcels(batch, work, chosen), purses_of(batch, work), work.is_split
        orders = [batch.orders[id_] for id_ in work.order_ids]
        shared = _shared(work, purses, parcels)
        cut: list[dict[int, int]] = [{} for _ in parcels]
        made = [work, *[_part(batch, work, units, mine) for units, mine in zip(parcels[1:], cut[1:], strict=True)]]
        for one, share in zip(made, shared, strict=True):
            one.goods_amount, one.freight_amount, one.collect_amount = share.money
        settle_parts(batch, orders, made)
        mark_split(batch, work, is_split=True)
        log = replace(
            Joined.of("split", "hand", made, reason),
            was_split=was_split,
            shares={str(it.id): share.told(mine) for it, share, mine in zip(made, shared, cut, strict=True)},
            pieces={str(piece): line for mine in cut for line, piece in mine.items()},
        )
        (joining_id,) = write_joined(batch, [log])
        copy_rows(connection, "apart", ("document_id", "set_id"), [(one.id, joining_id) for one in made])
        for order in orders:
            told = {"parcels": len(made), "reason": reason[:500]}
            batch.note(order, "split_by_hand", told, fulfilment_id=work.id)
            order.ready_at = batch.now
            recount(batch, order)
        flush(batch)
    batch.tell()
    hub.poke("advance")
    return [one.id for one in made[1:]]


def settle_parts(batch: Batch, orders: Sequence[OrderWork], made: Sequence[FulfilmentWork]) -> None:
    """Bring what fulfilments say of their orders in step with the lines they hold: orders, the first of them, invoices.

    Those of several orders that waited to be taken back wait again; those of one order are looked at by rules anew.
    """
    is_merged = len(orders) > 1
    for one in made:
        one.order_count = len(one.order_ids)
        lead = batch.orders[one.order_ids[0]]
        if lead.id != one.lead_order_id and is_merged:
            one.lead_order_id, one.shop_id = lead.id, lead.shop_id
            if not one.is_new:
                update_rows(batch.connection, "fulfilment", "id", LEAD, [(one.id, lead.id, lead.shop_id)])
        if is_merged and one.merge_key is not None:
            one.merge_key = merge_key("by hand", one.id) if one.order_count > 1 else None
            if one.merge_key is not None:
                batch.merge_groups[one.merge_key] = (one.shop_id, batch.now + UNDO, False)
                batch.alarms["merge"] = batch.now + UNDO
    for order in orders:
        order.fulfilments = [work for work in order.fulfilments if work not in made]
        order.fulfilments += [work for work in made if order.id in work.order_ids]
    if is_merged:
        joint_invoices.forget_invoices(batch, [one.id for one in made])
        joint_invoices.join_invoices(batch, [max(made, key=lambda one: (one.order_count, -one.id))])


def mark_split(batch: Batch, work: FulfilmentWork, *, is_split: bool) -> None:
    """Say of a fulfilment whether it is a part of something."""
    work.is_split = is_split
    batch.touched_fulfilments[work.id] = work
    update_rows(batch.connection, "fulfilment", "id", [("is_split", "bool")], [(work.id, is_split)])


def why_not(orders: Sequence[OrderWork], work: FulfilmentWork) -> Refusal | None:
    """What speaks against splitting a fulfilment of these orders at all."""
    if work.status != "planned":
        return Refusal("it was handed to its warehouse already", "stop it there; what comes back is sourced anew")
    if any(order.keeps_together or order.is_sealed for order in orders) and work.order_count == 1:
        return Refusal("the platform wants this order in one parcel", "send it as it is")
    if sum([line.open_units for line in work.lines]) < 2:
        return Refusal("it holds one piece only", "send it as it is")
    return None


def _find(batch: Batch, fulfilment_id: int) -> FulfilmentWork:
    for order in batch.orders.values():
        for work in order.fulfilments:
            if work.id == fulfilment_id:
                refusal = why_not([batch.orders[id_] for id_ in work.order_ids], work)
                if refusal is not None:
                    raise NotPossible(refusal.words, refusal.remedy)
                return work
    raise NotFound("there is no such fulfilment any more", "reload the page")


def _parcels(batch: Batch, work: FulfilmentWork, chosen: Sequence[Chosen]) -> list[dict[int, int]]:
    """Line → units of each parcel, the rest first."""
    items = _items(batch, work)
    parcels = follow(items, [dict(units) for units in chosen if any(units.values())])
    why = why_not_split(items, parcels)
    if why is not None:
        raise Invalid(*why)
    return parcels


def _items(batch: Batch, work: FulfilmentWork) -> list[Item]:
    """The lines that are to leave; a gift goes with the line that earned it.

    An order that the platform wants in one parcel is bound as a whole, also among others.
    """
    bound: dict[int, str] = {}
    gifts: set[int] = set()
    for order in [batch.orders[id_] for id_ in work.order_ids]:
        is_whole = order.keeps_together or order.is_sealed
        bound |= {x.id: f"{order.id}:{x.bound_group}" for x in order.lines if x.bound_group or is_whole}
        bound |= {x.id: str(order.id) for x in order.lines} if is_whole else {}
        gifts |= {demand.id for demand in order.demands if demand.origin == "gift"}
    return [
        Item(line.id, line.open_units, line.line_id, bound.get(line.line_id, ""), line.demand_id in gifts)
        for line in work.lines
        if line.open_units
    ]


def _shared(work: FulfilmentWork, purses: Sequence[Purse], parcels: Sequence[Mapping[int, int]]) -> list[Shares]:
    """The money of each parcel, source by source."""
    return share_purses(purses, _weights(work, parcels))


def _weights(work: FulfilmentWork, parcels: Sequence[Mapping[int, int]]) -> list[dict[int, int]]:
    """By parcel, each line's part of its money, to the cent."""
    shares: list[dict[int, int]] = [{} for _ in parcels]
    for line in work.lines:
        holding = [index for index, units in enumerate(parcels) if units.get(line.id)]
        parts = split(line.share_amount, [parcels[index][line.id] for index in holding]) if holding else []
        for index, amount in zip(holding, parts, strict=True):
            shares[index][line.id] = amount
    return shares


def _part(batch: Batch, work: FulfilmentWork, units: Mapping[int, int], cut: dict[int, int]) -> FulfilmentWork:
    """A fulfilment of its own for these units; what it allocates stays allocated at the same point.

    `cut` hears of lines of which a piece goes: line → piece.
    """
    part = FulfilmentWork(
        id=batch.new_id(), status="planned", stop="none", lead_order_id=work.lead_order_id, shop_id=work.shop_id,
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
            cut[line.id] = piece.id
            part.lines.append(piece)
            batch.new_fulfilment_lines.append(piece)
            changed.append((line.id, line.planned, line.share_amount))
    update_rows(batch.connection, "fulfilment_line", "id", CHANGES, changed)
    batch.new_fulfilments.append(part)
    return part


def _piece(batch: Batch, line: FulfilmentLineWork, fulfilment_id: int, units: int) -> FulfilmentLineWork:
    share, rest = split(line.share_amount, [units, line.planned - units])
    line.planned -= units
    line.share_amount = rest
    return FulfilmentLineWork(
        batch.new_id(), fulfilment_id, line.demand_id, line.order_id, line.line_id, line.sku_id, units, 0, 0, 0, share
    )


def fold(batch: Batch, work: FulfilmentWork, pieces: Mapping[str, int]) -> None:
    """Put what was cut off lines back into them, so that they are what they were before the split."""
    lines = {line.id: line for line in work.lines}
    for id_, origin in pieces.items():
        piece, line = lines.get(int(id_)), lines.get(origin)
        if piece is None or line is None:
            continue
        line.planned += piece.planned
        line.cancelled += piece.cancelled
        line.short += piece.short
        line.share_amount += piece.share_amount
        work.lines.remove(piece)
        batch.touched_fulfilment_lines.pop(piece.id, None)
        batch.touched_fulfilment_lines[line.id] = line
    changed = [(line.id, line.planned, line.share_amount) for line in work.lines if line.id in set(pieces.values())]
    update_rows(batch.connection, "fulfilment_line", "id", CHANGES, changed)
    with psycopg_connection(batch.connection).cursor() as cursor:
        gone = [int(id_) for id_ in pieces if int(id_) in lines and pieces[id_] in lines]
        cursor.execute("delete from fulfilment_line where id = any(%s)", (gone,))
