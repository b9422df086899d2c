"""独占配额: units of a SKU for one shop or channel alone, what is left of them, and which orders have drawn some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters, ShopCard
from oms.app.kernel.promised import Exclusive
from oms.app.kernel.work import OrderWork
from oms.app.stock.freeing import free_goods_of
from oms.db.bulk import array_of, psycopg_connection

LEFT: Final = """
select q.sku_id, q.id, q.scope, q.scope_id, q.exclusive - coalesce(u.units, 0)::bigint from stock_quota q
left join lateral (select sum(units) as units from quota_use where quota_id = q.id) u on true
where q.is_enabled and q.exclusive > 0 and q.sku_id = any(%s) order by q.scope desc, q.id"""
DRAWN: Final = "select quota_id, order_id, units from quota_use where order_id = any(%s)"
WRITE: Final = """
insert into quota_use (quota_id, order_id, units) select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[])
on conflict (quota_id, order_id) do update set units = excluded.units"""
FORGET: Final = """
delete from quota_use u using unnest(%s::bigint[], %s::bigint[]) as v(quota_id, order_id)
where u.quota_id = v.quota_id and u.order_id = v.order_id"""


def look_at_exclusives(batch: Batch, more: Iterable[int] = ()) -> None:
    """Read what is left of exclusive quotas on the goods of the batch's orders and on more, and what they have drawn."""
    skus = {demand.sku_id for order in batch.orders.values() for demand in order.demands} | set(more)
    batch.promised.exclusive = read_exclusives(batch.connection, skus)
    known = [order.id for order in batch.orders.values() if not order.is_new]
    if known:
        rows = fetch(batch.connection, DRAWN, (array_of(known),))
        batch.promised.drawn = {(quota_id, order_id): units for quota_id, order_id, units in rows}


def read_exclusives(connection: Connection, sku_ids: Iterable[int]) -> dict[int, list[Exclusive]]:
    """SKU → its exclusive quotas with what is left of them."""
    found: dict[int, list[Exclusive]] = {}
    for sku_id, *row in fetch(connection, LEFT, (array_of(sorted(sku_ids)),)):
        found.setdefault(sku_id, []).append(Exclusive(*row))
    return found


def is_theirs(quota: Exclusive, shop: ShopCard) -> bool:
    """Whether a shop may draw from an exclusive quota."""
    return quota.scope_id == (shop.id if quota.scope == "shop" else shop.channel_id)


def kept_for_others(batch: Batch, shop: ShopCard, sku_id: int) -> int:
    """Units of a SKU that are for places of the shop's pool other than the shop and its channel."""
    quotas = batch.promised.exclusive.get(sku_id)
    return left_to_others(quotas, batch.masters, shop) if quotas else 0


def left_to_others(quotas: Iterable[Exclusive], masters: Masters, shop: ShopCard) -> int:
    """What is left of those quotas that are of other places of the shop's pool than the shop and its channel."""
    others = [quota for quota in quotas if quota.left > 0 and not is_theirs(quota, shop)]
    return sum([quota.left for quota in others if _is_in_pool(masters, quota, shop.pool_id)])


def kept_for(batch: Batch, shop: ShopCard, sku_id: int) -> int:
    """Exclusive units of a SKU that the shop may still draw: no promise to other shops touches them."""
    return sum([max(0, quota.left) for quota in batch.promised.exclusive.get(sku_id, ()) if is_theirs(quota, shop)])


def _is_in_pool(masters: Masters, quota: Exclusive, pool_id: int | None) -> bool:
    """Whether shops of the quota's place are served from a pool."""
    if quota.scope == "shop":
        card = masters.shops.get(quota.scope_id)
        return card is not None and card.pool_id == pool_id
    return any(card.channel_id == quota.scope_id and card.pool_id == pool_id for card in masters.shops.values())


def take_exclusive(batch: Batch, shop: ShopCard, wanted: Mapping[int, int]) -> None:
    """An order has been planned: what it takes of its own exclusive units is not left for the next."""
    for sku_id, units in wanted.items():
        rest = units
        for quota in batch.promised.exclusive.get(sku_id, ()):
            if is_theirs(quota, shop):
                taken = min(rest, max(0, quota.left))
                quota.left -= taken
                rest -= taken


def settle_exclusives(batch: Batch, orders: Iterable[OrderWork]) -> None:
    """Write what each order has drawn by now: its units that are promised or gone, from its shop's quota first.

    The batch has looked at what is left; a neighbour that drew the last units meanwhile makes the sum exceed the quota,
    which then has nothing left.
    """
    promised = batch.promised
    if not promised.exclusive and not promised.drawn:
        return
    before, after = promised.drawn, dict[tuple[int, int], int]()
    # With what they had before this batch, since draws are counted anew from what orders have now.
    quotas = read_exclusives(batch.connection, promised.exclusive)
    for order in orders:
        for sku_id, units in _standing_units(order).items():
            _draw(batch, order, quotas.get(sku_id, ()), units, after)
    mine = {order.id for order in orders}
    gone = [key for key in before if key[1] in mine and key not in after]
    changed = [(*key, units) for key, units in after.items() if before.get(key) != units]
    with psycopg_connection(batch.connection).cursor() as cursor:
        if gone:
            cursor.execute(FORGET, [array_of(column) for column in zip(*sorted(gone), strict=True)])
        if changed:
            cursor.execute(WRITE, [array_of(column) for column in zip(*sorted(changed), strict=True)])
    _free_drawn(batch, {key[0] for key in gone} | {quota_id for quota_id, *_ in changed})


def _free_drawn(batch: Batch, quota_ids: Set[int]) -> None:
    """What a place has left of its own units decides what others may have: those who wait look again."""
    exclusive = batch.promised.exclusive
    skus = [sku_id for sku_id, quotas in exclusive.items() if any(quota.quota_id in quota_ids for quota in quotas)]
    if skus:
        free_goods_of(batch.connection, skus)
        batch.pokes.add("wake_short")


def _standing_units(order: OrderWork) -> dict[int, int]:
    """Units by SKU that an order still gets or has got."""
    units: dict[int, int] = {}
    for demand in order.demands:
        is_over = order.status in ("cancelled", "completed")
        mine = demand.shipped + demand.planned if is_over else demand.units - demand.cancelled
        if mine > 0:
            units[demand.sku_id] = units.get(demand.sku_id, 0) + mine
    return units


def _draw(
    batch: Batch, order: OrderWork, quotas: Sequence[Exclusive], units: int, after: dict[tuple[int, int], int]
) -> None:
    shop = batch.masters.shops[order.shop_id]
    for quota in quotas:
        if not is_theirs(quota, shop):
            continue
        had = batch.promised.drawn.get((quota.quota_id, order.id), 0)
        mine = min(units, max(had, had + quota.left))
        quota.left -= mine - had
        units -= mine
        if mine > 0:
            after[quota.quota_id, order.id] = mine
