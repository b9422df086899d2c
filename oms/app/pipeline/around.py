"""Loads what stands around the orders of a batch, once each and only what a switched-on detector asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.cards import Goods, Listed, Sibling
from oms.app.pipeline.merging.settings import merging_of
from oms.app.pipeline.switches import Switches
from oms.db.bulk import array_of

#: A receiver that is masked has no blinds, so that only its buyer can be found.
BY_RECEIVER: Final = """
select r.order_id, e.id, e.kind, e.source from receiver r
join blacklist_entry e on e.kind = 'phone' and e.blind = r.phone_blind
where r.order_id = any(%s) and (e.expires_at is null or e.expires_at > %s)
union all
select r.order_id, e.id, e.kind, e.source from receiver r
join blacklist_entry e on e.kind = 'address' and e.blind = r.address_blind
where r.order_id = any(%s) and (e.expires_at is null or e.expires_at > %s)"""
BUYERS: Final = "select id, external_id from customer where id = any(%s)"
BY_BUYER: Final = """
select blind, id, source from blacklist_entry
where kind = 'buyer' and blind = any(%s) and (expires_at is null or expires_at > %s)"""
#: Where another order waits for something, so that it may be long before it could be merged.
WAITING: Final = ("held", "short", "review", "sent_back", "blocked")
#: One that waits for nothing but its own siblings is left out, or both would wait for ever.
SIBLINGS: Final = """
select t.id, x.external_no, x.status, x.ordered_at, x.shop_id, x.receiver_key, x.is_cod, x.is_presale, x.owner,
  x.currency, x.status = 'open' and x.fulfiller = 'us' and not x.is_sealed and x.phase = any(%s)
  and (x.phase in ('review', 'short') or exists (select from hold h where h.order_id = x.id and h.cleared_at is null
    and h.kind <> 'mergeable_sibling'))
from unnest(%s::bigint[], %s::bigint[]) as t(id, customer_id)
join orders x on x.customer_id = t.customer_id and x.id <> t.id and x.status in ('unpaid', 'open')"""
REFUNDING: Final = """
select t.id, x.external_no from unnest(%s::bigint[], %s::bigint[]) as t(id, customer_id)
join orders x on x.customer_id = t.customer_id and x.id <> t.id
where exists (select from cases k where k.order_id = x.id and k.outcome = 'open' and k.kind in ('refund', 'return'))"""
INVOICED: Final = """
select distinct order_id from invoice_request where order_id = any(%s) and state in ('asked', 'failed')"""
OWING: Final = """
select order_id, sum(amount)::bigint from payment
where order_id = any(%s) and kind = 'balance' and state = 'due' group by order_id"""
#: A shorter merge window is over before an order is looked at again.
SHORTEST_WINDOW_S: Final = 60


def load_around(batch: Batch, orders: Sequence[OrderWork], goods: Goods, switches: Switches) -> None:
    """Fill in what the plans of the orders' shops ask for."""
    for ask, load in LOADERS.items():
        asking = [order for order in orders if ask in goods.plans[order.shop_id].asks]
        if asking and (ask != "blacklist" or switches.has_blacklist):
            load(batch, asking, goods)


def _load_listed(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    asked = (array_of([order.id for order in orders]), batch.now)
    for order_id, *entry in fetch(batch.connection, BY_RECEIVER, (*asked, *asked)):
        goods.listed.setdefault(order_id, []).append(Listed(*entry))
    by_customer: dict[int, list[int]] = {}
    for order in orders:
        if order.customer_id is not None:
            by_customer.setdefault(order.customer_id, []).append(order.id)
    blinds = {
        blind: by_customer[id_]
        for id_, external_id in fetch(batch.connection, BUYERS, (array_of(by_customer),))
        for blind in batch.hub.keys.blinds("buyer", external_id)
    }
    for blind, entry_id, source in fetch(batch.connection, BY_BUYER, (array_of(blinds), batch.now)) if blinds else ():
        for order_id in blinds[bytes(blind)]:
            goods.listed.setdefault(order_id, []).append(Listed(entry_id, "buyer", source))


def _asked(orders: Iterable[OrderWork]) -> tuple[str, str]:
    mine = [order for order in orders if order.customer_id is not None]
    return array_of([order.id for order in mine]), array_of([order.customer_id for order in mine])


def _load_siblings(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    """Orders of this batch that are not written yet wait for nobody, so those in the database are all there is."""
    by_id = {order.id: order for order in orders}
    for row in fetch(batch.connection, SIBLINGS, (array_of(WAITING), *_asked(orders))):
        order = by_id[row[0]]
        _, external_no, status, ordered_at, shop_id, *key, waits = row
        hours = int((batch.now - ordered_at).total_seconds() // 3600)
        could_merge = bool(waits) and _merges(batch, order, shop_id, key)
        goods.siblings.setdefault(order.id, []).append(Sibling(external_no, status, hours, could_merge))


def _merges(batch: Batch, order: OrderWork, shop_id: int, key: Sequence[Any]) -> bool:
    """Whether the other order has all in common with this one that orders must have to be merged."""
    merging, shops = merging_of(batch), batch.masters.shops
    rule, other = merging.rule_of(shops[order.shop_id]), merging.rule_of(shops[shop_id])
    if rule.window_s < SHORTEST_WINDOW_S or rule.cap < 2 or rule.merges_with != other.merges_with:
        return False
    mine = (order.receiver_key, order.is_cod, order.is_presale, order.owner, order.currency)
    return not order.is_sealed and order.receiver_key is not None and tuple(key) == mine


def _load_refunding(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    for order_id, external_no in fetch(batch.connection, REFUNDING, _asked(orders)):
        goods.refunding.setdefault(order_id, []).append(external_no)


def _load_invoiced(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    rows = fetch(batch.connection, INVOICED, (array_of([order.id for order in orders]),))
    goods.invoiced = frozenset(row[0] for row in rows)


def _load_owing(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    presales = [order.id for order in orders if order.is_presale]
    if presales:
        goods.owing = dict(fetch(batch.connection, OWING, (array_of(presales),)))


LOADERS: Final[dict[str, Callable[[Batch, Sequence[OrderWork], Goods], None]]] = {
    "blacklist": _load_listed,
    "siblings": _load_siblings,
    "refunding": _load_refunding,
    "invoiced": _load_invoiced,
    "owing": _load_owing,
}
