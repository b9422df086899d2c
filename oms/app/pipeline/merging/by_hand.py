"""Merging chosen orders by a person: what speaks against it, said of each order with its remedy, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush, recount
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import ORDER, fetch, fill, lock_with_siblings, sibling_ids
from oms.app.kernel.receivers import matching_key, open_receivers
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline import merge
from oms.app.pipeline.gifts import merged as gifts_merged
from oms.app.pipeline.leaving import all_may_leave
from oms.app.pipeline.merging import invoices as joint_invoices
from oms.app.pipeline.merging.joined import Joined, write_joined
from oms.app.pipeline.merging.keys import appointed_ids, owners_of
from oms.app.pipeline.merging.platform_word import joins_by_platform
from oms.app.pipeline.merging.refusals import Refusal, why_not_alone, why_not_with
from oms.app.pipeline.merging.settings import merging_of
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Forbidden, Invalid, NotFound, NotPossible
from oms.domain.grouping import merge_key

#: So long a merge by hand waits before it is dispatched, so that it can be taken back by one click.
UNDO: Final = timedelta(seconds=120)
MOST: Final = 100
#: The orders of a group that still waits.
MEMBERS: Final = """
select distinct o.id, o.shop_id, date_trunc('month', o.captured_at)::date from merge_group g
join fulfilment f on f.merge_key = g.merge_key and f.status = 'planned'
join fulfilment_line l on l.fulfilment_id = f.id join orders o on o.id = l.order_id
where g.merge_key = %s"""
NOW: Final = "update merge_group set due_at = %s where merge_key = %s"
#: Whether the person may do something in a shop.
May = Callable[[str, int], bool]
PERMISSION: Final = "fulfilment.merge"


@dataclass(slots=True)
class Candidate:
    """An order that is to leave with others: the fulfilment that would, or why it cannot."""

    order: OrderWork
    work: FulfilmentWork | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class Preview:
    """Chosen orders, and what they would leave as; amounts in minor units of the currency."""

    candidates: list[Candidate] = field(default_factory=list)

    @property
    def works(self) -> list[FulfilmentWork]:
        """The fulfilments that would be joined, that of the lowest order first."""
        found = {it.work.id: it.work for it in self.candidates if it.work is not None and it.refusal is None}
        return sorted(found.values(), key=lambda work: (work.lead_order_id, work.id))

    @property
    def refused(self) -> list[Candidate]:
        """Those that cannot leave with the others."""
        return [it for it in self.candidates if it.refusal is not None]

    @property
    def units(self) -> int:
        """Units that would leave."""
        return sum([line.open_units for work in self.works for line in work.lines])

    @property
    def collect(self) -> int:
        """What would be collected on delivery."""
        return sum([work.collect_amount for work in self.works])


def preview_join(hub: Hub, connection: Connection, order_ids: Sequence[int], may: May | None = None) -> Preview:
    """What would become of it now; locks and changes nothing, and asks no platform."""
    batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock())
    wanted = array_of(sorted(sibling_ids(connection, sorted(set(order_ids)))))
    rows = fetch(connection, f"select {ORDER} from orders where id = any(%s) order by id", (wanted,))
    fill(batch, [OrderWork(*row) for row in rows], locks=False)
    return _look(batch, order_ids, may)


def join_orders(hub: Hub, order_ids: Sequence[int], actor: str, reason: str, may: May | None = None) -> int:
    """Join the planned fulfilments of these orders; answers the id of the one that leaves.

    NotPossible says what keeps the first that cannot. It leaves after UNDO, or when all its orders may.
    """
    ids = sorted(set(order_ids))
    if not 2 <= len(ids) <= MOST:
        raise Invalid("orders", "merging needs at least two orders", f"choose 2 to {MOST}")
    said = joins_by_platform(hub, ids)
    with hub.begin() as connection:
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, ids))
        preview = _look(batch, ids, may)
        for it in preview.candidates:
            if it.refusal is not None:
                raise NotPossible(it.refusal.words, it.refusal.remedy)
        if not said:
            raise NotPossible("the platform does not let these orders leave as one", "let each leave by itself")
        lead = _join(batch, preview.works, reason)
        flush(batch)
    batch.tell()
    hub.poke("advance")
    return lead.id


def _join(batch: Batch, works: Sequence[FulfilmentWork], reason: str) -> FulfilmentWork:
    if len(works) < 2:
        raise NotPossible("these orders leave as one already", "reload the page")
    write_joined(batch, [Joined.of("merge", "hand", works, reason)])
    lead = merge.join_one(batch, works)
    joint_invoices.join_invoices(batch, [lead])
    for order_id in lead.order_ids:
        told = {"orders": lead.order_count, "reason": reason[:500]}
        batch.note(batch.orders[order_id], "merged_by_hand", told, fulfilment_id=lead.id)
    if all_may_leave(batch, lead):
        lead.merge_key = merge_key("by hand", lead.id)
        batch.merge_groups[lead.merge_key] = (lead.shop_id, batch.now + UNDO, False)
        batch.alarms["merge"] = batch.now + UNDO
    gifts_merged.recompute(batch, [lead])
    for order_id in lead.order_ids:
        recount(batch, batch.orders[order_id])
    return lead


def _look(batch: Batch, order_ids: Sequence[int], may: May | None) -> Preview:
    orders = [batch.orders[id_] for id_ in sorted(set(order_ids)) if id_ in batch.orders]
    if len(orders) < len(set(order_ids)):
        raise NotFound("there is no such order", "reload the list")
    preview = Preview([Candidate(order) for order in orders])
    merging = merging_of(batch)
    for it in preview.candidates:
        rule = merging.rule_of(batch.masters.shops[it.order.shop_id])
        it.refusal = why_not_alone(batch, it.order, rule, is_mine=may is None or may(PERMISSION, it.order.shop_id))
    _choose(preview)
    _compare(batch, preview)
    return preview


def _choose(preview: Preview) -> None:
    """Of an order with several planned fulfilments the one at the point that all the others have one at."""
    fit = [it for it in preview.candidates if it.refusal is None]
    if not fit:
        return
    planned = {it.order.id: {w.stock_point_id: w for w in it.order.fulfilments if w.status == "planned"} for it in fit}
    shared = set.intersection(*[set(points) for points in planned.values()])
    point = min(shared) if shared else next(iter(planned[fit[0].order.id]))
    for it in fit:
        here = planned[it.order.id]
        it.work = here.get(point) or next(iter(here.values()))


def _compare(batch: Batch, preview: Preview) -> None:
    """Each against the first that can be merged at all."""
    fit = [(it, it.work) for it in preview.candidates if it.refusal is None and it.work is not None]
    if len(fit) < 2:
        return
    places = _places(batch, [it.order for it, _ in fit])
    appointed = appointed_ids(batch, [it.order.id for it, _ in fit])
    owners = owners_of(batch, [it.order for it, _ in fit])
    first, its_work = fit[0]
    for it, work in fit[1:]:
        it.refusal = why_not_with((first.order, its_work), (it.order, work), places, appointed)
        if it.refusal is None and owners[first.order.id] != owners[it.order.id]:
            it.refusal = Refusal("it belongs to another owner", "let it leave by itself")


def _places(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, bytes]:
    """By order, what is equal for one phone at one address; of masked receivers the shop, since the platform decides."""
    opened = open_receivers(batch.hub, batch.connection, [order.id for order in orders if not order.is_masked])
    places = {id_: matching_key(batch.hub.keys, person, ["phone"]) for id_, (person, _) in opened.items()}
    return places | {order.id: b"masked:%d" % order.shop_id for order in orders if order.is_masked}


def leave_now(hub: Hub, merge_key_: bytes, actor: str, may: May) -> int:
    """Let a group leave without waiting for its window; answers how many orders it has."""
    with hub.begin() as connection:
        rows = fetch(connection, MEMBERS, (merge_key_,))
        if not rows:
            raise NotFound("this group has left already", "reload the list")
        if not all(may(PERMISSION, shop_id) for _, shop_id, _ in rows):
            raise Forbidden("the permission fulfilment.merge is missing for this shop", "ask an administrator")
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(NOW, (hub.clock(), merge_key_))
        ids = hub.ids.take(connection, len(rows))
        columns = ("month", "order_id", "id", "kind", "actor", "at", "detail")
        events = [(month, order_id, id_, "merge_ended", actor, hub.clock(), None)
                  for id_, (order_id, _, month) in zip(ids, rows, strict=True)]  # fmt: skip
        copy_rows(connection, "event", columns, events)
    hub.poke("merge")
    return len(rows)
