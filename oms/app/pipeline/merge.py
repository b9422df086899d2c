"""Step 4 合单: planned fulfilments that may leave as one, joined when their window ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import LONGEST_BATCH_S
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.leaving import all_may_leave, may_leave
from oms.app.pipeline.merge_rules import Waiting, ask, is_ours, window_of
from oms.db.bulk import array_of
from oms.domain.grouping import cut, merge_key

#: Even without a window, siblings that two workers hold at the same time should meet: for as long as a batch takes.
SHORTEST = timedelta(seconds=LONGEST_BATCH_S)


def key_of(order: OrderWork, work: FulfilmentWork, shop: ShopCard) -> bytes | None:
    """What fulfilments must have in common to leave as one; None when this one never merges."""
    if work.is_sealed or order.customer_id is None or order.receiver_key is None:
        return None
    return merge_key(
        shop.merges_with, order.customer_id, order.receiver_key.hex(), order.is_masked, work.stock_point_id,
        work.carrier_id, order.is_cod, order.is_presale, order.owner, order.currency,
    )  # fmt: skip


Member = tuple[OrderWork, FulfilmentWork]


def gather(batch: Batch, orders: Sequence[OrderWork]) -> list[FulfilmentWork]:
    """Answers the fulfilments that leave at once; the others wait in a merge group for their window.

    A window of zero waits for nobody: only siblings of this batch, or of a group already waiting, make a group. Where
    those of a group have windows of their own the first that ends ends it.
    """
    going = [order for order in orders if may_leave(order, batch.now) or is_ours(order)]
    asked = ask(batch, going)
    leaving, waiting = _sort(batch, going, asked)
    groups = _groups(batch, waiting)
    for key, members in waiting.items():
        shop = batch.masters.shops[members[0][0].shop_id]
        window = min([window_of(batch, order, shop, asked.get(order.id)) for order, _ in members])
        if window <= timedelta() and len(members) == 1 and key not in groups:
            leaving.append(members[0][1])
            continue
        due = batch.now + max(SHORTEST, window)
        if key not in groups or due < groups[key] or any(work.merge_key != key for _, work in members):
            _wait(batch, key, members, shop, due)
    return leaving


def _sort(
    batch: Batch, orders: Sequence[OrderWork], asked: Mapping[int, Waiting]
) -> tuple[list[FulfilmentWork], dict[bytes, list[Member]]]:
    """Planned fulfilments that leave as they are, and those that may meet others, by what they must have in common."""
    leaving: list[FulfilmentWork] = []
    waiting: dict[bytes, list[Member]] = {}
    seen: set[int] = set()
    for order in orders:
        shop, said = batch.masters.shops[order.shop_id], asked.get(order.id)
        for work in order.fulfilments:
            if work.status != "planned" or work.id in seen or not all_may_leave(batch, work):
                continue
            seen.add(work.id)
            # Merged before and kept back since then: its window is over.
            is_done = work.order_count > 1 or (said is not None and said.is_alone)
            key = None if is_done else key_of(order, work, shop)
            if key is None:
                _leave_group(batch, work)
                leaving.append(work)
            else:
                waiting.setdefault(key, []).append((order, work))
    return leaving, waiting


def _leave_group(batch: Batch, work: FulfilmentWork) -> None:
    if work.merge_key is not None:
        work.merge_key = None
        batch.touched_fulfilments[work.id] = work


def _wait(batch: Batch, key: bytes, members: Sequence[Member], shop: ShopCard, due: datetime) -> None:
    """Put fulfilments into the group of their key; a group that has gone meanwhile is made anew."""
    for order, work in members:
        work.merge_key = key
        if not work.is_new:
            batch.touched_fulfilments[work.id] = work
        batch.touched.add(order.id)
    batch.merge_groups[key] = (shop.id, due, members[0][0].is_masked)
    batch.alarms["merge"] = min(due, batch.alarms.get("merge", due))


def _groups(batch: Batch, waiting: Mapping[bytes, object]) -> dict[bytes, datetime]:
    """The ends of the groups that wait already; one that was put off is due when it is due."""
    if not waiting:
        return {}
    rows = fetch(
        batch.connection,
        "select merge_key, due_at, attempts from merge_group where merge_key = any(%s)",
        (array_of(waiting),),
    )
    return {key: batch.now if attempts else due_at for key, due_at, attempts in rows}


def join(batch: Batch, sets: Sequence[Sequence[int]], works: dict[int, FulfilmentWork]) -> list[FulfilmentWork]:
    """Join each set of fulfilments into that of the lowest order; answers what leaves."""
    leaving: list[FulfilmentWork] = []
    for members in sets:
        cap = batch.masters.shops[works[members[0]].shop_id].merge_cap
        ordered = sorted(members, key=lambda id_: (works[id_].lead_order_id, id_))
        leaving.extend(_join_one(batch, [works[id_] for id_ in part]) for part in cut(ordered, cap))
    return leaving


def _join_one(batch: Batch, members: list[FulfilmentWork]) -> FulfilmentWork:
    lead, *others = members
    for other in others:
        for line in other.lines:
            line.fulfilment_id = lead.id
            batch.touched_fulfilment_lines[line.id] = line
        move_fulfilment(batch, other, "merge_into", into=lead.id)
        other.merged_into_id = lead.id
        lead.lines.extend(other.lines)
        lead.goods_amount += other.goods_amount
        lead.freight_amount += other.freight_amount
        lead.collect_amount += other.collect_amount
        for order_id in other.order_ids:
            order = batch.orders[order_id]
            order.fulfilments = [lead if work is other else work for work in order.fulfilments]
        other.lines = []
    lead.order_count = len(lead.order_ids)
    lead.merge_key = None
    batch.touched_fulfilments[lead.id] = lead
    return lead
