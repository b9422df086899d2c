"""结算流水与结算单: what left and came back is booked as entries, and entries up to a day become a statement for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail
from oms.db.bulk import copy_rows
from oms.domain.errors import Invalid, NotPossible
from oms.domain.settling import Booked, Standing, entries_for

#: Days of statements are days of the console's zone.
ZONE: Final = ZoneInfo("Asia/Shanghai")
ENTRY: Final = ("id", "partner_id", "order_id", "order_line_id", "kind", "units", "amount", "currency", "at", "booked_at")
LOCK: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))::text"
#: Orders that closed longer ago stay as they are booked, so that a ledger of years is not looked through each time.
SETTLES_WITHIN: Final = timedelta(days=180)
#: Lines of partners' orders whose entries say something else than the lines do. What a partner sends itself counts as
#: sent when its platform says so.
DIFFERING: Final = """
with line as (
  select l.id, l.order_id, p.partner_id, r.currency, l.settlement_amount as amount, s.units,
    case when l.fulfiller = 'us' and o.fulfiller = 'us' then l.shipped
      when l.platform_state in ('shipped', 'completed') or o.platform_state in ('shipped', 'completed')
      then greatest(l.ordered - l.cancelled, l.shipped) else l.shipped end as sent,
    case r.deducts when 'refunded' then l.refunded when 'returned' then l.returned else 0 end as back, l.cancelled,
    r.deducts
  from order_partner p join partner r on r.id = p.partner_id join orders o on o.id = p.order_id
  join line_settlement s on s.order_id = p.order_id join order_line l on l.id = s.order_line_id
  where p.partner_id = %s and l.settlement_amount is not null and (o.closed_at is null or o.closed_at > %s)),
counted as (
  select line.*, greatest(0, least(line.sent, line.back - case when deducts = 'refunded' then cancelled else 0 end))
      as given,
    coalesce(e.sent, 0) as booked_sent, coalesce(e.back, 0) as booked_back, coalesce(e.amount, 0) as booked_amount
  from line left join lateral (
    select sum(e.units) filter (where e.kind = 'sale') as sent, sum(e.units) filter (where e.kind = 'return') as back,
      sum(e.amount) as amount from settlement_entry e where e.order_line_id = line.id) e on true)
select id, order_id, currency, amount::bigint, units, sent::int, given::int, booked_sent::int, booked_back::int,
  booked_amount::bigint,
  (select max(c.handed_over_at) from fulfilment_line x join parcel_item i on i.fulfilment_line_id = x.id
   join parcel c on c.id = i.parcel_id where x.order_line_id = counted.id) as left_at
from counted
where sent <> booked_sent or given <> booked_back or booked_amount <> amount * least(sent - given, units) / units
order by id"""


def book_all(hub: Hub) -> int:
    """Book what has left and come back of every partner's orders; answers how many entries were written."""
    with hub.engine.connect() as connection:
        partners = [row[0] for row in connection.execute(text("select id from partner order by id"))]
    written = 0
    for partner_id in partners:
        with hub.begin() as connection:
            written += book_entries(hub, connection, partner_id)
    return written


def book_entries(hub: Hub, connection: Connection, partner_id: int) -> int:
    """Write the entries that bring a partner's ledger to what its lines say; repeatable, one at a time a partner."""
    fetch(connection, LOCK, (f"partner ledger {partner_id}",))
    now, rows = hub.clock(), []
    for id_, order_id, currency, amount, units, sent, given, *booked, left_at in fetch(
        connection, DIFFERING, (partner_id, now - SETTLES_WITHIN)
    ):
        for entry in entries_for(Standing(amount, units, sent, given), Booked(*booked)):
            at = min(left_at or now, now) if entry.kind == "sale" and entry.units > 0 else now
            rows.append((partner_id, order_id, id_, entry.kind, entry.units, entry.amount, currency, at, now))
    ids = hub.ids.take(connection, len(rows)) if rows else []
    copy_rows(connection, "settlement_entry", ENTRY, [(id_, *row) for id_, row in zip(ids, rows, strict=True)])
    return len(rows)


@dataclass(frozen=True, slots=True)
class Sums:
    """What entries come to: orders, units that left and came back, and signed minor units."""

    orders: int
    units: int
    units_back: int
    sold: int
    back: int
    changed: int

    @property
    def total(self) -> int:
        """What the partner owes."""
        return self.sold + self.back + self.changed


_SUMS: Final = """
select count(distinct order_id), coalesce(sum(units) filter (where kind = 'sale'), 0)::bigint,
  coalesce(sum(units) filter (where kind = 'return'), 0)::bigint,
  coalesce(sum(amount) filter (where kind = 'sale'), 0)::bigint,
  coalesce(sum(amount) filter (where kind = 'return'), 0)::bigint,
  coalesce(sum(amount) filter (where kind = 'change'), 0)::bigint
from settlement_entry where partner_id = :partner"""
_WITHIN: Final = text(_SUMS + " and at >= :since and at < :until")
_OPEN: Final = text(_SUMS + " and statement_id is null and at < :until")


def midnight(day: date) -> datetime:
    """When a day of statements begins."""
    return datetime.combine(day, time(), ZONE)


def sums_between(connection: Connection, partner_id: int, first: date, last: date) -> Sums:
    """What happened on these days, stated or not."""
    asked = {"partner": partner_id, "since": midnight(first), "until": midnight(last + timedelta(days=1))}
    return Sums(*connection.execute(_WITHIN, asked).one())


def open_sums(connection: Connection, partner_id: int, last: date) -> Sums:
    """What no statement has yet, up to the end of a day."""
    asked = {"partner": partner_id, "until": midnight(last + timedelta(days=1))}
    return Sums(*connection.execute(_OPEN, asked).one())


_NUMBER: Final = text("select coalesce(max(number), 0) + 1 from partner_statement where partner_id = :partner")
_KEEP: Final = text("""
insert into partner_statement (partner_id, number, until, currency, orders, units, units_back, sold, back, changed,
  total, closed_at, closed_by)
select :partner, :number, :until, currency, :orders, :units, :units_back, :sold, :back, :changed, :total, :at, :by
from partner where id = :partner returning id""")
_STATE: Final = text("""
update settlement_entry set statement_id = :id where partner_id = :partner and statement_id is null and at < :until""")


def close_statement(hub: Hub, partner_id: int, last: date, actor: str) -> int:
    """Make a statement of everything not stated yet up to the end of a day that is over; answers its id.

    What comes in later for these days is on the next one, so that no entry is lost and none is stated twice.
    """
    if midnight(last + timedelta(days=1)) > hub.clock():
        raise Invalid("until", "this day is not over yet", "choose yesterday or an earlier day")
    with hub.begin() as connection:
        book_entries(hub, connection, partner_id)
        sums = open_sums(connection, partner_id, last)
        if not sums.orders:
            raise NotPossible("nothing is left to state up to this day", "choose a later day")
        values: dict[str, Any] = {
            "partner": partner_id, "number": connection.execute(_NUMBER, {"partner": partner_id}).scalar_one(),
            "until": last, "orders": sums.orders, "units": sums.units, "units_back": sums.units_back, "sold": sums.sold,
            "back": sums.back, "changed": sums.changed, "total": sums.total, "at": hub.clock(), "by": actor,
        }  # fmt: skip
        id_ = int(connection.execute(_KEEP, values).scalar_one())
        until = midnight(last + timedelta(days=1))
        connection.execute(_STATE, {"id": id_, "partner": partner_id, "until": until})
        seen = {"partner": partner_id, "statement": values["number"]}
        leave_trail(hub, connection, "partner_stated", actor, seen)
    return id_


_STATEMENTS: Final = text("""
select * from partner_statement where partner_id = :partner order by number desc limit :most""")
_ONE: Final = text("select * from partner_statement where partner_id = :partner and number = :number")
_ENTRIES: Final = """
select e.id, e.at, e.booked_at, e.kind, e.units, e.amount, e.currency, e.order_id, e.statement_id, o.external_no,
  p.reference, l.external_no as line_no, coalesce(k.code, b.code, l.seller_code) as sku, l.title, h.name as shop,
  t.number as statement
from settlement_entry e join orders o on o.id = e.order_id join order_line l on l.id = e.order_line_id
join shop h on h.id = o.shop_id join order_partner p on p.order_id = e.order_id
left join sku k on k.id = l.sku_id left join bundle b on b.id = l.bundle_id
left join partner_statement t on t.id = e.statement_id
where e.partner_id = :partner and (cast(:since as timestamptz) is null or e.at >= :since)
  and (cast(:until as timestamptz) is null or e.at < :until)
  and (cast(:number as int) is null or t.number = :number) and e.id > :after order by e.id limit :size"""


def statements_of(connection: Connection, partner_id: int, most: int = 100) -> Sequence[AnyRow]:
    """A partner's statements, the newest first."""
    return connection.execute(_STATEMENTS, {"partner": partner_id, "most": most}).all()


def statement_of(connection: Connection, partner_id: int, number: int) -> AnyRow | None:
    """One statement by its number."""
    return connection.execute(_ONE, {"partner": partner_id, "number": number}).first()


def entries_of(
    connection: Connection, partner_id: int, *, first: date | None = None, last: date | None = None,
    number: int | None = None, after: int = 0, size: int = 50,
) -> Sequence[AnyRow]:  # fmt: skip
    """Entries of days or of a statement, with their orders and goods, in the order they were booked."""
    asked = {"partner": partner_id, "since": midnight(first) if first else None, "number": number, "after": after,
             "until": midnight(last + timedelta(days=1)) if last else None, "size": size}  # fmt: skip
    return connection.execute(text(_ENTRIES), asked).all()
