"""Settlement prices of partners and the goods they send, from files: columns, reading, writing and listing of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.capture.entered.cells import Unreadable, read_amount, read_switch
from oms.app.capture.entered.columns import Column
from oms.app.capture.entered.rows import Row
from oms.app.capture.masters_import_writing import Values, Written
from oms.app.capture.masters_kind import EVERYWHERE, Books, Kind, Listing, read_known, read_when
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.partners.settling import MISSING
from oms.db.bulk import array_of, psycopg_connection

NO_PARTNER: Final = "there is no partner of this code; add it under partners first"
NO_GOODS: Final = "there is no SKU and no bundle of this code; look at its spelling"
NO_RATE: Final = "write a percentage above 0 and up to 1000, like 80 or 62.5"
NO_BASIS: Final = "write list or paid"
ONE_OF_TWO: Final = "write a price or a percentage, not both"
NOT_ALL: Final = "a price is for one code; for all goods write a percentage"
ENDS_EARLY: Final = "it must end after it begins"
BASES: Final = {"": "paid", "实付": "paid", "paid": "paid", "标价": "list", "list": "list"}
MOST_BP: Final = 100_000

#: A price without a moment is valid from now on, unless the one valid now says the same.
PRICE: Final = """
with v as (
  select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[],
    %s::bigint[], %s::int[]) as v(partner_id, sku_id, bundle_id, at, until, basis, amount, rate_bp)),
told as (
  select v.partner_id, v.sku_id, v.bundle_id, coalesce(v.at, %s) as valid_from, v.until, v.basis, v.amount, v.rate_bp
  from v where v.at is not null or not exists (
    select from (select p.* from settlement_price p where p.partner_id = v.partner_id and p.sku_id = v.sku_id
                   and p.bundle_id = v.bundle_id and p.valid_from <= %s order by p.valid_from desc limit 1) p
    where (p.basis, p.amount, p.rate_bp, p.valid_until) is not distinct from (v.basis, v.amount, v.rate_bp, v.until)))
insert into settlement_price as p (partner_id, sku_id, bundle_id, valid_from, valid_until, basis, amount, rate_bp)
select * from told
on conflict (partner_id, sku_id, bundle_id, valid_from) do update set valid_until = excluded.valid_until,
  basis = excluded.basis, amount = excluded.amount, rate_bp = excluded.rate_bp
where (p.valid_until, p.basis, p.amount, p.rate_bp)
  is distinct from (excluded.valid_until, excluded.basis, excluded.amount, excluded.rate_bp)
returning 1"""
GOODS: Final = """
insert into partner_goods (partner_id, sku_id, bundle_id) select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[])
on conflict do nothing returning 1"""
OURS: Final = """
delete from partner_goods g using unnest(%s::bigint[], %s::bigint[], %s::bigint[]) as v(partner_id, sku_id, bundle_id)
where (g.partner_id, g.sku_id, g.bundle_id) = (v.partner_id, v.sku_id, v.bundle_id) returning 1"""
WAITING: Final = """
select id from orders where status in ('open', 'unpaid') and id in
  (select order_id from hold where kind = %s and cleared_at is null) order by id for update"""
WAKE: Final = "update orders set ready_at = %s where id = any(%s)"


def wake_held(hub: Hub, connection: Connection, kind: str) -> int:
    """Let the orders that are held for this reason be looked at again; locked in the order of their ids."""
    found = [row[0] for row in fetch(connection, WAITING, (kind,))]
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(WAKE, (hub.clock(), array_of(found)))
    return len(found)


def _goods(books: Books) -> Callable[[str], tuple[int, int]]:
    def read(text: str) -> tuple[int, int]:
        word = text.casefold()
        if word in EVERYWHERE:
            return 0, 0
        if sku_id := books.skus.get(word):
            return sku_id, 0
        if bundle_id := books.bundles.get(word):
            return 0, bundle_id
        raise Unreadable(NO_GOODS)

    return read


def _rate(text: str) -> int:
    """A percentage as hundredths of a percent; nothing is 0, which means none."""
    plain = text.removesuffix("%").strip()
    if not plain:
        return 0
    whole, _, rest = plain.partition(".")
    digits = whole + rest
    if not digits.isascii() or not digits.isdigit() or len(whole) > 4 or len(rest) > 2:
        raise Unreadable(NO_RATE)
    found = int(whole or "0") * 100 + int(rest.ljust(2, "0") or "0")
    if not 0 < found <= MOST_BP:
        raise Unreadable(NO_RATE)
    return found


def _price(row: Row, books: Books) -> tuple[Any, ...]:
    partner, currency = row.read("partner", read_known(books.partners, NO_PARTNER), (0, "CNY"), needed=True)
    sku_id, bundle_id = row.read("sku", _goods(books), (0, 0), needed=False)
    price = row.read("price", lambda text: read_amount(text, currency) if text else None, None, needed=False)
    rate = row.read("rate", _rate, 0, needed=False)
    basis = row.read("of", read_known(BASES, NO_BASIS), "paid", needed=False)
    begins, ends = (row.read(key, read_when, None, needed=False) for key in ("valid_from", "valid_until"))
    if (price is None) is (rate == 0) and not row.problems:
        row.refuse("price", ONE_OF_TWO)
    if price is not None and not (sku_id or bundle_id):
        row.refuse("sku", NOT_ALL)
    if ends is not None and ends <= (begins or books.now):
        row.refuse("valid_until", ENDS_EARLY)
    return partner, sku_id, bundle_id, begins, ends, "price" if price is not None else basis, price or 0, rate


def _sent(row: Row, books: Books) -> tuple[Any, ...]:
    partner, _ = row.read("partner", read_known(books.partners, NO_PARTNER), (0, "CNY"), needed=True)
    sku_id, bundle_id = row.read("sku", _goods(books), (0, 0), needed=True)
    if not (sku_id or bundle_id) and not row.problems:
        row.refuse("sku", NO_GOODS)
    sends = row.read("sends", lambda text: read_switch(text) if text else True, True, needed=False)
    return partner, sku_id, bundle_id, sends


_PARTNER: Final = Column("partner", "合作方编码", "partner code", needed=True)
SETTLEMENT: Final = Kind("settlement", "结算价", "Settlement prices", (
    _PARTNER, Column("sku", "货品编码", "sku"), Column("price", "结算价", "settlement price"),
    Column("rate", "结算百分比", "settlement %"), Column("of", "按", "of"),
    Column("valid_from", "生效时间", "valid from"), Column("valid_until", "失效时间", "valid until"),
), _price, 4)  # fmt: skip
SENT: Final = Kind("partner_goods", "合作方自发货品", "Goods partners send", (
    _PARTNER, Column("sku", "货品编码", "sku", needed=True), Column("sends", "合作方自发", "partner sends it"),
), _sent, 3)  # fmt: skip


def _columns(rows: list[Values]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _write_prices(hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    if not rows:
        return 0, []
    now = hub.clock()
    changed = len(fetch(connection, PRICE, (*_columns(rows), now, now)))
    if changed:
        wake_held(hub, connection, MISSING)
    return changed, []


def _write_goods(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    changed = 0
    for sends, statement in ((True, GOODS), (False, OURS)):
        mine = [row[:3] for row in rows if row[3] is sends]
        changed += len(fetch(connection, statement, _columns(mine))) if mine else 0
    return changed, []


WRITERS: Final = {"settlement": _write_prices, "partner_goods": _write_goods}
NAMES: Final = {
    "bundles": "select code, id from bundle",
    "partners": "select code, jsonb_build_array(id, currency) from partner",
}
NEEDED: Final = {"settlement": ("skus", "bundles", "partners"), "partner_goods": ("skus", "bundles", "partners")}
LISTINGS: Final = {
    "settlement": Listing(
        """select r.code as partner, r.name, coalesce(s.code, b.code, '') as sku, coalesce(s.name, b.name, '') as goods,
             p.basis, p.amount, p.rate_bp, r.currency, p.valid_from, p.valid_until,
             p.valid_from <= :now and (p.valid_until is null or p.valid_until > :now) and not exists (
               select from settlement_price q where (q.partner_id, q.sku_id, q.bundle_id)
                 = (p.partner_id, p.sku_id, p.bundle_id) and q.valid_from > p.valid_from and q.valid_from <= :now)
             as is_valid,
             r.code || ' ' || coalesce(s.code, b.code, '*') || ' '
               || to_char(p.valid_from at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US') as key
           from settlement_price p join partner r on r.id = p.partner_id left join sku s on s.id = p.sku_id
           left join bundle b on b.id = p.bundle_id
           where :words = '' or r.code ilike :like or r.name ilike :like or s.code ilike :like or b.code ilike :like
             or s.name ilike :like or b.name ilike :like""",
        "key", "key", """delete from settlement_price p using partner r where r.id = p.partner_id and :key =
           r.code || ' ' || coalesce((select code from sku where id = p.sku_id),
             (select code from bundle where id = p.bundle_id), '*') || ' '
             || to_char(p.valid_from at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')""",
    ),
    "partner_goods": Listing(
        """select r.code as partner, r.name, coalesce(s.code, b.code) as sku, coalesce(s.name, b.name) as goods,
             r.ships = 'sku' as counts, r.code || ' ' || coalesce(s.code, b.code) as key
           from partner_goods g join partner r on r.id = g.partner_id left join sku s on s.id = g.sku_id
           left join bundle b on b.id = g.bundle_id
           where :words = '' or r.code ilike :like or r.name ilike :like or s.code ilike :like or b.code ilike :like
             or s.name ilike :like or b.name ilike :like""",
        "key", "key", """delete from partner_goods g using partner r where r.id = g.partner_id and :key =
           r.code || ' ' || coalesce((select code from sku where id = g.sku_id),
             (select code from bundle where id = g.bundle_id))""",
    ),
}  # fmt: skip
