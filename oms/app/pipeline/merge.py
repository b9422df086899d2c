"""Step 4 合单: planned fulfilments that may leave as one, joined when their window ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import LONGEST_BATCH_S
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.leaving import all_may_leave, may_leave
from oms.app.pipeline.merging.joined import Joined, write_joined
from oms.app.pipeline.merging.keys import Keys, load_keys
from oms.app.pipeline.merging.rules import Waiting, ask, is_ours, window_of
from oms.app.pipeline.merging.settings import merging_of
from oms.db.bulk import array_of
from oms.domain.grouping import cut

#: Even without a window, siblings that two workers hold at the same time should meet: for as long as a batch takes.
SHORTEST = timedelta(seconds=LONGEST_BATCH_S)
APART: Final = "select document_id, set_id from apart where document_id = any(%s)"


Member = tuple[OrderWork, FulfilmentWork]


def gather(batch: Batch, orders: Sequence[OrderWork]) -> list[FulfilmentWork]:
    """Answers the fulfilments that leave at once; the others wait in a merge group for their window.

    A window of zero waits for nobody: only siblings of this batch, or of a group already waiting, make a group. Where
    those of a group have windows of their own the first that ends ends it.
    """
    going = [order for order in orders if may_leave(order, batch.now) or is_ours(order)]
    asked, keys = ask(batch, going), load_keys(batch, going)
    sorted_ = _sort(batch, going, asked, keys)
    leaving, waiting = sorted_.leaving, sorted_.waiting
    groups = _groups(batch, [*waiting, *sorted_.by_hand])
    leaving.extend(_leave_group(batch, work) for key, work in sorted_.by_hand.items() if key not in groups)
    for key, members in waiting.items():
        shop = batch.masters.shops[members[0][0].shop_id]
        window = min([
            window_of(batch, order, keys.merging.rule_of(batch.masters.shops[order.shop_id]), asked.get(order.id))
            for order, _ in members
        ])  # fmt: skip
        if window <= timedelta() and len(members) == 1 and key not in groups:
            leaving.append(members[0][1])
            continue
        due = batch.now + max(SHORTEST, window)
        if key not in groups or due < groups[key] or any(work.merge_key != key for _, work in members):
            _wait(batch, key, members, shop, due)
    return leaving


@dataclass(slots=True)
class _Sorted:
    """Planned fulfilments that leave as they are, may meet others, or were merged by hand and wait to be taken back."""

    leaving: list[FulfilmentWork] = field(default_factory=list)
    waiting: dict[bytes, list[Member]] = field(default_factory=dict)
    by_hand: dict[bytes, FulfilmentWork] = field(default_factory=dict)


def _sort(batch: Batch, orders: Sequence[OrderWork], asked: Mapping[int, Waiting], keys: Keys) -> _Sorted:
    found = _Sorted()
    seen: set[int] = set()
    for order in orders:
        said = asked.get(order.id)
        for work in order.fulfilments:
            if work.status != "planned" or work.id in seen or not all_may_leave(batch, work):
                continue
            seen.add(work.id)
            # Merged before and kept back since then: its window is over.
            is_done = work.order_count > 1 or (said is not None and said.is_alone)
            key = None if is_done else keys.key_of(batch, order, work)
            if key is not None:
                found.waiting.setdefault(key, []).append((order, work))
            elif work.order_count > 1 and work.merge_key is not None:
                found.by_hand[work.merge_key] = work
            else:
                found.leaving.append(_leave_group(batch, work))
    return found


def _leave_group(batch: Batch, work: FulfilmentWork) -> FulfilmentWork:
    if work.merge_key is not None:
        work.merge_key = None
        batch.touched_fulfilments[work.id] = work
    return work


def _wait(batch: Batch, key: bytes, members: Sequence[Member], shop: ShopCard, due: datetime) -> None:
    """Put fulfilments into the group of their key; a group that has gone meanwhile is made anew."""
    for order, work in members:
        work.merge_key = key
        if not work.is_new:
            batch.touched_fulfilments[work.id] = work
        batch.touched.add(order.id)
    batch.merge_groups[key] = (shop.id, due, members[0][0].is_masked)
    batch.alarms["merge"] = min(due, batch.alarms.get("merge", due))


def _groups(batch: Batch, waiting: Collection[bytes]) -> dict[bytes, datetime]:
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
    """Join each set of fulfilments into that of the lowest order; answers what leaves.

    Which leave together follows from the orders' own times and numbers, so that it is the same in any order of arrival.
    """
    merging, log = merging_of(batch), []
    apart = _apart(batch, [works[id_] for members in sets if len(members) > 1 for id_ in members])
    leaving: list[FulfilmentWork] = []
    for members in sets:
        shops = {batch.orders[works[id_].lead_order_id].shop_id for id_ in members}
        cap = min(merging.rule_of(batch.masters.shops[id_]).cap for id_ in shops)
        for part in cut(sorted(members, key=lambda id_: _place(batch, works[id_])), cap, apart):
            together = sorted((works[id_] for id_ in part), key=lambda work: (work.lead_order_id, work.id))
            if len(together) > 1:
                log.append(Joined.of("merge", "rule", together))
            leaving.append(join_one(batch, together))
    write_joined(batch, log)
    return leaving


def _place(batch: Batch, work: FulfilmentWork) -> tuple[datetime, str, int]:
    lead = batch.orders[work.lead_order_id]
    return lead.ordered_at, lead.external_no, work.id


def _apart(batch: Batch, works: Sequence[FulfilmentWork]) -> dict[int, list[int]]:
    """The sets that fulfilments, or their orders, were put into to be apart."""
    if not works:
        return {}
    ids = {id_ for work in works for id_ in (work.id, *work.order_ids)}
    sets: dict[int, list[int]] = {}
    for document_id, set_id in fetch(batch.connection, APART, (array_of(sorted(ids)),)):
        sets.setdefault(document_id, []).append(set_id)
    if not sets:
        return {}
    return {work.id: [set_id for id_ in (work.id, *work.order_ids) for set_id in sets.get(id_, ())] for work in works}


def join_one(batch: Batch, members: Sequence[FulfilmentWork]) -> FulfilmentWork:
    """Join fulfilments into the first: its lines and its money are the sums, each of the others keeps its own."""
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
            _carry(batch.orders[order_id], lead, other)
        other.lines, other.merge_key = [], None
    lead.order_count = len(lead.order_ids)
    lead.merge_key = None
    batch.touched_fulfilments[lead.id] = lead
    return lead


def _carry(order: OrderWork, lead: FulfilmentWork, other: FulfilmentWork) -> None:
    """The order's goods leave in another fulfilment, once, also where it had some in both."""
    order.fulfilments = [work for work in order.fulfilments if work is not other and work is not lead] + [lead]
