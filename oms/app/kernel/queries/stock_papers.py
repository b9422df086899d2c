"""What the stock pages list besides levels: points and pools, reports with their differences, documents, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

SIZE: Final = 100
LINE_STATES: Final = ("waiting", "booked", "older", "told", "refused", "unknown")
_POINTS: Final = text("""
select p.*, a.name as account, a.vendor, coalesce(c.used, 0) as used, coalesce(g.areas, 0) as areas,
  array(select l.code from pool_member m join stock_pool l on l.id = m.pool_id where m.stock_point_id = p.id
    order by l.code) as pools,
  exists (select from stock_closure x where x.stock_point_id = p.id
    and x.closed_on = (cast(:now as timestamptz) at time zone p.timezone)::date) as is_closed_today
from stock_point p left join account a on a.id = p.account_id
left join stock_capacity c on c.stock_point_id = p.id
  and c.day = (cast(:now as timestamptz) at time zone p.timezone)::date
left join (select stock_point_id, count(*) as areas from stock_area group by 1) g on g.stock_point_id = p.id
order by p.state = 'closed', p.kind desc, p.code""")
_POOLS: Final = text("""
select l.*, coalesce(json_agg(json_build_object('id', p.id, 'code', p.code, 'name', p.name, 'state', p.state,
  'rank', m.rank) order by m.rank, p.code) filter (where p.id is not null), '[]') as members,
  (select count(*) from shop s where s.stock_pool_id = l.id) as shops,
  (select g.geocoder_account_id from pool_places g where g.pool_id = l.id) as geocoder
from stock_pool l left join pool_member m on m.pool_id = l.id left join stock_point p on p.id = m.stock_point_id
group by l.id order by l.code""")
_LINES: Final = text("""
select l.*, p.code as point, k.name, r.source, r.number, r.page, r.pages, r.received_at, r.actor
from stock_report_line l join stock_report r on r.id = l.report_id join stock_point p on p.id = l.stock_point_id
left join sku k on k.id = l.sku_id
where (case when :state = '' then l.state in ('booked', 'waiting', 'refused', 'unknown') else l.state = :state end)
  and (:words = '' or l.sku_code ilike :like) and (cast(:point as bigint) is null or l.stock_point_id = :point)
  and l.id < :before order by l.id desc limit :size""")
LAST: Final = 2**63 - 1


def _page(table: str, at: str, condition: str) -> str:
    """The ids of a page of documents behind one, the newest first: workers take ids in blocks, so they are no order."""
    return f"""array(select d.id from {table} d where {condition} and (:before = {LAST}
      or (d.{at}, d.id) < (select b.{at}, b.id from {table} b where b.id = :before))
    order by d.{at} desc, d.id desc limit :size)"""


_RECEIPT: Final = """
select r.*, p.code as point, w.status as warehouse_status, w.words as warehouse_words,
  sum(l.expected)::bigint as expected, sum(l.received_good + l.received_defective)::bigint as received, count(*) as lines
from goods_receipt r join stock_point p on p.id = r.stock_point_id
join goods_receipt_line l on l.goods_receipt_id = r.id
left join warehouse_order w on w.document_kind = 'goods_receipt' and w.document_id = r.id
where r.id = any({ids}) group by r.id, p.code, w.status, w.words order by r.created_at desc, r.id desc"""
_TRANSFER: Final = """
select t.*, a.code as from_point, b.code as to_point, sum(x.planned)::bigint as planned, sum(l.sent)::bigint as sent,
  sum(l.received + x.received_defective)::bigint as received, sum(x.lost)::bigint as lost, count(*) as lines
from transfer t join stock_point a on a.id = t.from_point_id join stock_point b on b.id = t.to_point_id
join transfer_line l on l.transfer_id = t.id join transfer_plan x on x.transfer_line_id = l.id
where t.kind = 'restock' and t.id = any({ids}) group by t.id, a.code, b.code order by t.created_at desc, t.id desc"""
_STATE: Final = "(:state = '' or d.status = :state)"
_RECEIPTS: Final = text(_RECEIPT.format(ids=_page("goods_receipt", "created_at", _STATE)))
_TRANSFERS: Final = text(_TRANSFER.format(ids=_page("transfer", "created_at", f"d.kind = 'restock' and {_STATE}")))
_ONE: Final = {
    "goods_receipt": text(_RECEIPT.format(ids="array[cast(:id as bigint)]")),
    "transfer": text(_TRANSFER.format(ids="array[cast(:id as bigint)]")),
}
_ADJUSTMENTS: Final = text(f"""
select j.*, p.code as point, json_agg(json_build_object('sku', k.code, 'kind', l.kind, 'units', l.units) order by l.id)
  as lines from stock_adjustment j join stock_point p on p.id = j.stock_point_id
join stock_adjustment_line l on l.stock_adjustment_id = j.id join sku k on k.id = l.sku_id
where j.id = any({_page("stock_adjustment", "at", "true")}) group by j.id, p.code order by j.at desc, j.id desc""")
_COUNTED: Final = text("""
select l.sku_code as sku, l.kind, l.state, l.difference from stock_report_line l join stock_report r on r.id = l.report_id
where r.stock_point_id = :point and r.key = :key order by l.id""")
_RECEIPT_LINES: Final = text("""
select l.*, k.code as sku, k.name from goods_receipt_line l join sku k on k.id = l.sku_id
where l.goods_receipt_id = :id order by l.id""")
_TRANSFER_LINES: Final = text("""
select l.*, x.planned, x.received_defective, x.lost, x.difference_class, k.code as sku, k.name
from transfer_line l join transfer_plan x on x.transfer_line_id = l.id join sku k on k.id = l.sku_id
where l.transfer_id = :id order by l.id""")
_CONFIRMS: Final = text("""
select c.direction, c.is_final, c.at, c.booked_at, c.actor,
  (select coalesce(sum((line ->> 2)::bigint), 0) from jsonb_array_elements(c.lines -> 'lines') as line) as units
from stock_confirm c where c.document_kind = :kind and c.document_id = :id
order by c.booked_at desc, c.id desc limit 100""")
_BOOKED: Final = text("select count(*) from stock_confirm where document_kind = :kind and document_id = :id")
_ORDERS: Final = text("""
select w.*, p.code as point from warehouse_order w join stock_point p on p.id = w.stock_point_id
where w.document_kind = :kind and w.document_id = :id order by w.id""")
_PROOFS: Final = text("select * from stock_proof order by day desc limit 60")
_PROOF_LINES: Final = text("""
select l.*, k.code as sku, p.code as point from stock_proof_line l left join sku k on k.id = l.sku_id
left join stock_point p on p.id = l.stock_point_id where l.day = :day order by abs(l.on_hand - l.on_hand_ledger) desc
limit 200""")


def list_points(connection: Connection, now: Any) -> Sequence[AnyRow]:
    """All stock points with their pools, areas and what they planned today."""
    return connection.execute(_POINTS, {"now": now}).all()


def find_point(connection: Connection, point_id: int) -> tuple[AnyRow, Sequence[AnyRow], Sequence[Any]] | None:
    """(point, areas, closed days); None when there is none."""
    head = connection.execute(text("select * from stock_point where id = :id"), {"id": point_id}).one_or_none()
    if head is None:
        return None
    areas = text("select * from stock_area where stock_point_id = :id order by id")
    days = text("select closed_on from stock_closure where stock_point_id = :id order by closed_on")
    return (
        head,
        connection.execute(areas, {"id": point_id}).all(),
        connection.execute(days, {"id": point_id}).scalars().all(),
    )


def list_pools(connection: Connection) -> Sequence[AnyRow]:
    """All pools with their points."""
    return connection.execute(_POOLS).all()


def pool_ids(connection: Connection) -> Sequence[int]:
    """Ids of all pools."""
    return connection.execute(text("select id from stock_pool")).scalars().all()


def geocoder_accounts(connection: Connection) -> Sequence[AnyRow]:
    """Accounts of map services."""
    return connection.execute(text("select id, name from account where family = 'geocoder' order by name")).all()


def warehouse_accounts(connection: Connection) -> Sequence[AnyRow]:
    """Accounts of warehouses, to choose from."""
    return connection.execute(text("select id, name, vendor from account where family = 'warehouse' order by name")).all()


def point_choices(connection: Connection) -> Sequence[AnyRow]:
    """Points that are not closed, to choose from."""
    return connection.execute(
        text("select id, code, name, account_id from stock_point where state <> 'closed' order by code")
    ).all()


def list_differences(
    connection: Connection, *, state: str = "", words: str = "", point: int | None = None, before: int = LAST
) -> Sequence[AnyRow]:
    """Lines of reports, the last ids first: those that differ, or all of one state.

    There are millions, and no index is by time: ids are near to it, since reports come all the time.
    """
    given = {"state": state, "words": words, "like": f"%{words}%", "point": point, "before": before, "size": SIZE}
    return connection.execute(_LINES, given).all()


def list_receipts(connection: Connection, state: str = "", before: int = LAST) -> Sequence[AnyRow]:
    """Purchase receipts, newest first."""
    return connection.execute(_RECEIPTS, {"state": state, "before": before, "size": SIZE}).all()


def list_transfers(connection: Connection, state: str = "", before: int = LAST) -> Sequence[AnyRow]:
    """Transfers between stock points, newest first."""
    return connection.execute(_TRANSFERS, {"state": state, "before": before, "size": SIZE}).all()


def list_adjustments(connection: Connection, before: int = LAST) -> Sequence[AnyRow]:
    """Adjustments with their lines, newest first."""
    return connection.execute(_ADJUSTMENTS, {"before": before, "size": SIZE}).all()


def papers_of(connection: Connection, kind: str, id_: int) -> dict[str, Any] | None:
    """A receipt or a transfer with its lines, what was confirmed, and its orders at warehouses; None: there is none."""
    found = connection.execute(_ONE[kind], {"id": id_}).one_or_none()
    if found is None:
        return None
    lines = _RECEIPT_LINES if kind == "goods_receipt" else _TRANSFER_LINES
    return {
        "head": found,
        "lines": connection.execute(lines, {"id": id_}).all(),
        "confirms": connection.execute(_CONFIRMS, {"kind": kind, "id": id_}).all(),
        "seen": connection.execute(_BOOKED, {"kind": kind, "id": id_}).scalar_one(),
        "orders": connection.execute(_ORDERS, {"kind": kind, "id": id_}).all(),
    }


def counted_lines(connection: Connection, point_id: int, key: str) -> Sequence[AnyRow]:
    """What became of each line of a report so far."""
    return connection.execute(_COUNTED, {"point": point_id, "key": key}).all()


def list_proofs(connection: Connection) -> Sequence[AnyRow]:
    """The proofs of the last sixty nights."""
    return connection.execute(_PROOFS).all()


def proof_lines(connection: Connection, day: Any) -> Sequence[AnyRow]:
    """What differed on a day."""
    return connection.execute(_PROOF_LINES, {"day": day}).all()
