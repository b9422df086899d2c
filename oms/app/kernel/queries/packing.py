"""What people at a stock point without a system have before them: open work, one fulfilment, a wave, lists to pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

LIVE: Final = "('sending', 'sent', 'accepted', 'part_shipped', 'stopping')"
#: Warehouses whose work is done by hand; those with an account have a system.
BY_HAND: Final = "p.account_id is null and p.kind = 'warehouse'"
VIEWS: Final = {
    "": "true",
    "new": "f.status in ('sending', 'sent') and f.stop <> 'asked'",
    "picking": "f.status = 'accepted' and f.stop <> 'asked'",
    "part": "f.status = 'part_shipped' and f.stop <> 'asked'",
    "stops": "f.stop = 'asked'",
}
WORK: Final = """
select f.id, f.version, f.status, f.stop, f.stock_point_id, f.shop_id, f.carrier_id, c.code as carrier,
  c.name as carrier_name, f.ship_by, f.sent_at, f.order_count, f.is_cod, f.collect_amount,
  f.goods_amount, f.currency, w.wave_id, f.lead_order_id,
  o.external_no, goods.units, goods.kinds, goods.said, coalesce(packed.units, 0) as packed
from fulfilment f left join carrier c on c.id = f.carrier_id join orders o on o.id = f.lead_order_id
left join pick_wave_fulfilment w on w.fulfilment_id = f.id
cross join lateral (
  select sum(l.planned - l.shipped - l.short - l.cancelled)::int as units, count(distinct l.sku_id)::int as kinds,
    string_agg(distinct k.name || ' ×' || (l.planned - l.shipped - l.short - l.cancelled), '、') as said
  from fulfilment_line l join sku k on k.id = l.sku_id
  where l.fulfilment_id = f.id and l.planned > l.shipped + l.short + l.cancelled) goods
left join lateral (select sum(u.units)::int as units from packed_units u where u.fulfilment_id = f.id) packed on true
where {where}"""
LINES: Final = """
select k.id as sku_id, k.code, k.name, k.barcode, k.category, sum(l.planned)::int as planned,
  sum(l.planned - l.shipped - l.short - l.cancelled)::int as open, sum(l.shipped)::int as shipped,
  sum(l.short)::int as short,
  bool_and(d.origin = 'gift' or o.is_gift) as is_gift, array_agg(distinct d.origin) as origins,
  coalesce(max(u.units), 0)::int as packed, sum(o.paid_amount) filter (where o.ordered > 0)::bigint as paid
from fulfilment_line l join sku k on k.id = l.sku_id join demand d on d.id = l.demand_id
join order_line o on o.id = l.order_line_id
left join packed_units u on u.fulfilment_id = l.fulfilment_id and u.sku_id = l.sku_id
where l.fulfilment_id = :id group by 1, 2, 3, 4, 5 order by k.code"""
PARCELS: Final = """
select p.id, p.waybill_no, p.state, p.weight_g, p.handed_over_at, c.code as carrier, c.name as carrier_name
from parcel p join carrier c on c.id = p.carrier_id where p.fulfilment_id = :id order by p.id"""
PICKS: Final = """
select k.id as sku_id, k.code, k.name, k.barcode, sum(l.planned - l.shipped - l.short - l.cancelled)::int as units,
  count(distinct l.fulfilment_id)::int as fulfilments
from pick_wave_fulfilment w join fulfilment f on f.id = w.fulfilment_id and f.stop <> 'asked'
join fulfilment_line l on l.fulfilment_id = f.id join sku k on k.id = l.sku_id
where w.wave_id = :id and f.status in ('sending', 'sent', 'accepted', 'part_shipped')
  and l.planned > l.shipped + l.short + l.cancelled
group by 1, 2, 3, 4 order by k.code"""


@dataclass(slots=True)
class PackingPage:
    """A fulfilment as those who pack it see it."""

    work: AnyRow
    lines: Sequence[AnyRow] = ()
    parcels: Sequence[AnyRow] = ()
    orders: Sequence[AnyRow] = ()
    stops: Sequence[AnyRow] = ()
    said: Sequence[AnyRow] = field(default_factory=list)


def points_by_hand(connection: Connection, point_ids: Sequence[int]) -> list[AnyRow]:
    """Warehouses worked by hand among these points, with their open work: all, being stopped, overdue."""
    statement = f"""
      select p.id, p.code, p.name, count(f.id)::int as work, count(f.id) filter (where f.stop = 'asked')::int as stops,
        count(f.id) filter (where f.status in ('sending', 'sent') and f.stop <> 'asked')::int as new,
        count(f.id) filter (where f.status = 'accepted' and f.stop <> 'asked')::int as picking,
        count(f.id) filter (where f.status = 'part_shipped' and f.stop <> 'asked')::int as part
      from stock_point p left join fulfilment f on f.stock_point_id = p.id and f.status in {LIVE}
        and f.status not in ('shipped', 'cancelled', 'merged', 'closed_short')
      where {BY_HAND} and p.id = any(:points) group by p.id order by p.code"""
    return list(connection.execute(text(statement), {"points": list(point_ids)}))


def open_work(connection: Connection, point_ids: Sequence[int], view: str = "", limit: int = 200) -> list[AnyRow]:
    """Open work at these points: what is being stopped first, then the most urgent."""
    where = f"f.stock_point_id = any(:points) and f.status in {LIVE} and {VIEWS[view]}"
    where += " and f.status not in ('shipped', 'cancelled', 'merged', 'closed_short')"
    order = " order by (f.stop = 'asked') desc, f.ship_by nulls last, f.id limit :limit"
    return list(connection.execute(text(WORK.format(where=where) + order), {"points": list(point_ids), "limit": limit}))


def work_by_id(connection: Connection, point_ids: Sequence[int], after: int, limit: int) -> list[AnyRow]:
    """Open work in the order of ids, for readers who page through it."""
    where = f"f.stock_point_id = any(:points) and f.status in {LIVE} and f.id > :after"
    where += " and f.status not in ('shipped', 'cancelled', 'merged', 'closed_short')"
    values = {"points": list(point_ids), "after": after, "limit": limit}
    return list(connection.execute(text(WORK.format(where=where) + " order by f.id limit :limit"), values))


def works(connection: Connection, point_ids: Sequence[int], ids: Sequence[int]) -> list[AnyRow]:
    """These fulfilments as far as they were handed to one of the points, ended ones too."""
    where = "f.id = any(:ids) and f.stock_point_id = any(:points) and f.status not in ('planned', 'on_hold', 'merged')"
    values = {"points": list(point_ids), "ids": list(ids)}
    return list(connection.execute(text(WORK.format(where=where) + " order by f.id"), values))


def answered_work(connection: Connection, point_ids: Sequence[int], fulfilment_id: int) -> list[AnyRow]:
    """A fulfilment of which one of the points has told, though it is planned anew since."""
    where = """f.id = :id and exists (select from packing_report r where r.fulfilment_id = f.id
      and r.stock_point_id = any(:points))"""
    return list(connection.execute(text(WORK.format(where=where)), {"id": fulfilment_id, "points": list(point_ids)}))


def load_work(
    connection: Connection, point_ids: Sequence[int], fulfilment_id: int, *, is_answered: bool = False
) -> PackingPage | None:
    """One fulfilment of these points, on request one they have answered for before; None when there is none."""
    rows = works(connection, point_ids, [fulfilment_id])
    if not rows and is_answered:
        rows = answered_work(connection, point_ids, fulfilment_id)
    if not rows:
        return None
    given = {"id": fulfilment_id}
    page = PackingPage(rows[0])
    page.lines = connection.execute(text(LINES), given).all()
    page.parcels = connection.execute(text(PARCELS), given).all()
    page.orders = connection.execute(
        text(
            """select distinct o.id, o.external_no, o.shop_id, s.name as shop, o.has_message, o.has_memo
               from fulfilment_line l join orders o on o.id = l.order_id join shop s on s.id = o.shop_id
               where l.fulfilment_id = :id order by o.id"""
        ),
        given,
    ).all()
    page.stops = connection.execute(
        text(
            "select reason, state, asked_at, asked_by from interception where fulfilment_id = :id "
            "order by asked_at desc, id desc"
        ),
        given,
    ).all()
    page.said = connection.execute(
        text("select verb, actor, at, detail from packing_report where fulfilment_id = :id order by at desc, id desc"),
        given,
    ).all()
    return page


def load_wave(connection: Connection, point_ids: Sequence[int], wave_id: int) -> AnyRow | None:
    """A wave of these points."""
    statement = """select w.id, w.stock_point_id, p.name as point, w.created_by, w.created_at from pick_wave w
                   join stock_point p on p.id = w.stock_point_id where w.id = :id and w.stock_point_id = any(:points)"""
    return connection.execute(text(statement), {"id": wave_id, "points": list(point_ids)}).one_or_none()


def wave_works(connection: Connection, wave_id: int) -> list[AnyRow]:
    """The fulfilments of a wave."""
    where = "f.id in (select fulfilment_id from pick_wave_fulfilment where wave_id = :id)"
    return list(connection.execute(text(WORK.format(where=where) + " order by f.id"), {"id": wave_id}))


def wave_picks(connection: Connection, wave_id: int) -> list[AnyRow]:
    """What of a wave is still to be picked, by SKU; being stopped is not picked."""
    return list(connection.execute(text(PICKS), {"id": wave_id}))


def wave_lines(connection: Connection, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Open units by fulfilment and SKU."""
    statement = """
      select l.fulfilment_id, k.code, k.name, k.barcode, sum(l.planned - l.shipped - l.short - l.cancelled)::int as units
      from fulfilment_line l join sku k on k.id = l.sku_id where l.fulfilment_id = any(:ids)
        and l.planned > l.shipped + l.short + l.cancelled group by 1, 2, 3, 4 order by 1, 2"""
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(text(statement), {"ids": list(ids)}):
        found.setdefault(row.fulfilment_id, []).append(row)
    return found


def recent_waves(connection: Connection, point_id: int, most: int = 8) -> list[AnyRow]:
    """The latest waves of a point with open work in them."""
    statement = f"""
      select w.id, w.created_at, w.created_by, count(*)::int as all,
        count(*) filter (where f.status in {LIVE})::int as open
      from pick_wave w join pick_wave_fulfilment x on x.wave_id = w.id join fulfilment f on f.id = x.fulfilment_id
      where w.stock_point_id = :id group by w.id having bool_or(f.status in {LIVE})
      order by w.created_at desc, w.id desc limit :most"""
    return list(connection.execute(text(statement), {"id": point_id, "most": most}))


def find_scanned(connection: Connection, point_ids: Sequence[int], code: str) -> int | None:
    """The fulfilment at one of these points that a waybill or a platform's order number belongs to, the newest."""
    statement = """
      select f.id from fulfilment f where f.stock_point_id = any(:points)
        and f.status not in ('planned', 'on_hold', 'merged')
        and (f.id in (select fulfilment_id from parcel where waybill_no = :code)
             or f.id in (select l.fulfilment_id from fulfilment_line l join orders o on o.id = l.order_id
                         where o.external_no = :code)) order by f.planned_at desc, f.id desc limit 1"""
    found = connection.execute(text(statement), {"points": list(point_ids), "code": code}).scalar()
    return None if found is None else int(found)


def setting_of(connection: Connection, point_id: int) -> dict[str, Any]:
    """A point's settings, or what holds without any."""
    row = connection.execute(
        text("select * from packing_setting where stock_point_id = :id"), {"id": point_id}
    ).one_or_none()
    if row is not None:
        return dict(row._mapping)
    return {"stock_point_id": point_id, "swap_origins": [], "swap_most_amount": 0, "swap_same_category": True,
            "slip_prices": False, "must_check": False, "calls_back": False, "answer_minutes": 30}  # fmt: skip


def carriers(connection: Connection) -> list[AnyRow]:
    """Carriers to choose from, those that are not suspended first."""
    return list(connection.execute(text("select code, name from carrier order by is_suspended, rank, code")))


def swap_choices(
    connection: Connection, point_id: int, sku_ids: Sequence[int], most: int = 30
) -> dict[int, list[AnyRow]]:
    """SKU → goods at the point that may go in instead, by its limits; those of nearest value first."""
    statement = """
      with price as (select distinct on (sku_id) sku_id, amount from cost_price where valid_from <= now()
                     order by sku_id, valid_from desc)
      select a.id as away, b.id, b.code, b.name, s.on_hand - s.reserved - s.safety as units
      from packing_setting t join sku a on a.id = any(:ids) join price pa on pa.sku_id = a.id
      join stock_level s on s.stock_point_id = t.stock_point_id and s.kind = 'good' and s.on_hand > s.reserved + s.safety
      join sku b on b.id = s.sku_id and b.id <> a.id and not b.is_virtual and not b.is_archived
      join price pb on pb.sku_id = b.id and abs(pb.amount - pa.amount) <= t.swap_most_amount
      where t.stock_point_id = :point and (not t.swap_same_category or (a.category <> '' and a.category = b.category))
      order by abs(pb.amount - pa.amount), b.code limit :most"""
    found: dict[int, list[AnyRow]] = {}
    values = {"ids": list(sku_ids), "point": point_id, "most": most}
    for row in connection.execute(text(statement), values):
        found.setdefault(row.away, []).append(row)
    return found
