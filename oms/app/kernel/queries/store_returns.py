"""What the screens of returns show: returns of a store, one with its goods and money, goods on a transfer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

RETURN: Final = """
select r.id, r.at, r.by, r.reason, r.words, r.amount, r.store_part, r.currency, r.stock_point_id, r.order_id,
  r.found_by, c.id as case_id, c.external_no as case_no, c.origin, c.review, c.goods, c.money, c.outcome, c.shop_id,
  o.external_no, s.name as shop,
  (select x.external_no from cases x where x.id = r.platform_case_id) as platform_case_no,
  (select string_agg(g.name || ' ×' || g.units, '、' order by g.name) from (select k.name, sum(l.units) as units
    from store_return_line l join sku k on k.id = l.sku_id where l.store_return_id = r.id group by 1) g) as said,
  coalesce((select sum(f.amount) from refund f where f.case_id = c.id and f.state = 'due'
    and not f.paid_by_platform and c.origin = 'store'), 0)::bigint as due_here,
  coalesce((select sum(y.amount) from store_payout y join refund f on f.id = y.refund_id
    where f.case_id = c.id), 0)::bigint as paid_here
from store_return r join cases c on c.id = r.case_id join orders o on o.id = r.order_id join shop s on s.id = r.shop_id
where {where} order by (c.outcome = 'open' or (c.outcome = 'closed' and c.goods <> 'sent_back')) desc, r.id desc
limit 50"""
GOODS: Final = """
select l.id, k.name, k.code, l.units, l.condition, l.good, l.defective, l.missing, l.settled_at, l.transfer_id,
  coalesce(t.status, '') as transfer_status, p.name as home, l.home_point_id = l.stock_point_id as is_ours
from store_return_line l join sku k on k.id = l.sku_id join stock_point p on p.id = l.home_point_id
left join transfer t on t.id = l.transfer_id where l.store_return_id = :id order by l.id"""
ON_TRANSFER: Final = """
select l.id, k.name, k.code, l.units, l.condition, l.good, l.defective, l.missing, l.settled_at, o.external_no,
  r.id as return_id from store_return_line l join store_return r on r.id = l.store_return_id
join orders o on o.id = r.order_id join sku k on k.id = l.sku_id where l.transfer_id = :id
order by l.settled_at nulls first, l.id"""


def returns_of(connection: Connection, point_id: int) -> list[AnyRow]:
    """The newest returns of a store, those with something to do first."""
    return list(connection.execute(text(RETURN.format(where="r.stock_point_id = :point")), {"point": point_id}))


def a_return(connection: Connection, return_id: int, point_ids: Collection[int]) -> AnyRow | None:
    """One return of these stores."""
    where = "r.id = :id and r.stock_point_id = any(:points)"
    values = {"id": return_id, "points": list(point_ids)}
    return connection.execute(text(RETURN.format(where=where)), values).one_or_none()


def of_case(connection: Connection, case_id: int) -> AnyRow | None:
    """The newest return of a case, for the case's page."""
    return connection.execute(text(RETURN.format(where="r.case_id = :id")), {"id": case_id}).first()


def goods_of(connection: Connection, return_id: int) -> list[AnyRow]:
    """What came back, and where each is."""
    return list(connection.execute(text(GOODS), {"id": return_id}))


def goods_on(connection: Connection, transfer_id: int) -> list[AnyRow]:
    """Goods that buyers brought back, on a transfer."""
    return list(connection.execute(text(ON_TRANSFER), {"id": transfer_id}))


def photos_of(connection: Connection, return_id: int) -> list[int]:
    """Ids of a return's pictures."""
    question = "select id from store_return_photo where store_return_id = :id order by id"
    return list(connection.execute(text(question), {"id": return_id}).scalars())


def photo(connection: Connection, photo_id: int, point_ids: Collection[int], shop_ids: Collection[int]) -> AnyRow | None:
    """A picture, for clerks of its store and for people who see the cases of its shop."""
    question = """select h.media_type, h.body from store_return_photo h join store_return r on r.id = h.store_return_id
                  where h.id = :id and (r.stock_point_id = any(:points) or r.shop_id = any(:shops))"""
    values = {"id": photo_id, "points": list(point_ids), "shops": list(shop_ids)}
    return connection.execute(text(question), values).one_or_none()
