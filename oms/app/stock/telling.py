"""可售: how many units of its SKUs a shop is told, the same for the push, the open API and the preview."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters, ShopCard
from oms.app.kernel.queries.sellable import skus_in_pool, supply_of
from oms.db.bulk import array_of
from oms.domain.quotas import Quota, Seller, Supply, Told, allot, rank_sellers, tell, terms_of

#: Sales of so many days say what a unit is worth to a shop.
LOOK_BACK: Final = timedelta(days=30)
QUOTAS: Final = """
select q.id, q.scope, q.scope_id, q.sku_id, (q.exclusive - coalesce(u.units, 0))::bigint, q.ratio_bp, q.threshold,
  q.threshold_units
from stock_quota q left join lateral (select sum(units) as units from quota_use where quota_id = q.id) u
  on q.exclusive is not null
where q.is_enabled and (q.sku_id = 0 or q.sku_id = any(%s::bigint[])) order by q.id"""
#: Live shops of the pool that have each SKU on sale by itself, with what they sold of it lately.
SELLERS: Final = """
select g.sku_id, s.id, coalesce(sum(d.units), 0)::bigint, coalesce(sum(d.income), 0)::bigint,
  coalesce(sum(d.orders), 0)::bigint, coalesce(sum(d.late_orders), 0)::bigint, s.currency
from (select distinct shop_id, sku_id from listing where sku_id = any(%s::bigint[]) and is_on_sale) g
join shop s on s.id = g.shop_id and s.stock_pool_id = %s and s.mode = 'live'
left join sku_day d on d.shop_id = s.id and d.sku_id = g.sku_id and d.day >= %s group by 1, 2"""
COSTS: Final = """
select distinct on (sku_id) sku_id, amount, currency from cost_price where sku_id = any(%s::bigint[]) and valid_from <= %s
order by sku_id, valid_from desc"""
SAFETY: Final = "select safety from stock_push where shop_id = %s"


#: (shop, worth), best first.
Rank = list[tuple[int, int | None]]


@dataclass(slots=True)
class Shelf:
    """A pool's SKUs as all its shops see them at one moment."""

    masters: Masters
    supply: dict[int, Supply]
    quotas: list[Quota]
    ranks: dict[int, Rank]  # SKU of which little is left

    def told(self, shop: ShopCard, sku_id: int, *, kept_back: int = 0) -> Told:
        """What a shop is told of one SKU."""
        supply = self.supply[sku_id]
        own, shared = self.shares(shop, sku_id)
        policy = self.masters.promises.policy(shop.pool_id, shop.id)
        rank = self.ranks.get(sku_id)
        return tell(
            supply,
            terms_of(self.quotas, shop.id, shop.channel_id, sku_id),
            own=own,
            shared=shared,
            kept_back=kept_back,
            backorder=policy.backorder,
            is_for_better=rank is not None and rank[0][0] != shop.id,
        )

    def shares(self, shop: ShopCard, sku_id: int) -> tuple[int, int]:
        """(exclusive units for this shop and its channel, units that all share)."""
        exclusive = self.exclusive(shop.pool_id, sku_id)
        lefts = [quota.left or 0 for quota in exclusive]
        allotted, shared = allot(self.supply[sku_id].free(sum(lefts)), lefts)
        mine = [quota.is_for(shop.id, shop.channel_id, sku_id) for quota in exclusive]
        return sum([units for units, yes in zip(allotted, mine, strict=True) if yes]), shared

    def exclusive(self, pool_id: int | None, sku_id: int) -> list[Quota]:
        """The exclusive quotas of places that a pool serves, in the order in which scarce units go to them."""
        shops = [card for card in self.masters.shops.values() if card.pool_id == pool_id]
        return [
            quota
            for quota in self.quotas
            if quota.sku_id == sku_id
            and quota.left is not None
            and quota.left > 0
            and any(quota.is_for(card.id, card.channel_id, sku_id) for card in shops)
        ]


def look_at_shelf(connection: Connection, masters: Masters, pool_id: int | None, sku_ids: Collection[int]) -> Shelf:
    """The SKUs of a pool with all that bears on what shops are told; at most four questions."""
    supply = supply_of(connection, pool_id, sku_ids)
    asked = array_of(sorted(supply))
    quotas = [Quota(*row) for row in fetch(connection, QUOTAS, (asked,))]
    last = masters.promises.policy(pool_id, 0).last_units
    scarce = [sku_id for sku_id, one in supply.items() if 0 < one.available < last]
    ranks = _rank(connection, masters, pool_id, scarce) if scarce else {}
    return Shelf(masters, supply, quotas, ranks)


def _rank(connection: Connection, masters: Masters, pool_id: int | None, sku_ids: Sequence[int]) -> dict[int, Rank]:
    """Shops in the order in which they are told the last units of each of these SKUs."""
    asked, since = array_of(sku_ids), masters.taken_at.date() - LOOK_BACK
    costs = {row[0]: (row[1], row[2]) for row in fetch(connection, COSTS, (asked, masters.taken_at))}
    sellers: dict[int, list[Seller]] = {}
    for sku_id, shop_id, units, income, orders, short, currency in fetch(connection, SELLERS, (asked, pool_id, since)):
        fine = masters.promises.policy(pool_id, shop_id).late_fine
        sellers.setdefault(sku_id, []).append(Seller(shop_id, units, income, orders, short, fine, currency))
    return {sku_id: rank_sellers(found, costs.get(sku_id)) for sku_id, found in sellers.items()}


def units_told(
    connection: Connection, masters: Masters, shop: ShopCard, sku_ids: Collection[int], *, kept_back: int = 0
) -> dict[int, int]:
    """SKU → units a shop may sell now; virtual goods are left out, since they have no stock."""
    shelf = look_at_shelf(connection, masters, shop.pool_id, sku_ids)
    return {sku_id: shelf.told(shop, sku_id, kept_back=kept_back).units for sku_id in shelf.supply}


def presale_told(connection: Connection, pool_id: int | None, sku_ids: Collection[int]) -> dict[int, int]:
    """SKU → units that may still be sold before they arrive."""
    return {id_: one.available for id_, one in supply_of(connection, pool_id, sku_ids, kind="presale").items()}


def sellable_page(
    connection: Connection, masters: Masters, shop: ShopCard, *, after: str = "", sku: str = "", size: int = 200
) -> list[tuple[str, int]]:
    """(SKU code, units the shop may sell) of what lies in its pool, in the order of codes, beginning after one."""
    rows = skus_in_pool(connection, shop.pool_id, after=after, sku=sku, size=size)
    codes: dict[int, str] = {row.sku_id: row.sku for row in rows}
    kept = fetch(connection, SAFETY, (shop.id,))
    told = units_told(connection, masters, shop, codes, kept_back=kept[0][0] if kept else 0)
    return [(code, told.get(id_, 0)) for id_, code in codes.items()]
