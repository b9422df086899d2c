"""Writes master rows set-wise, and only what differs from what is kept; answers how many rows changed something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of

Values = tuple[Any, ...]
#: (how many changed, those whose document is not there).
Written = tuple[int, list[Values]]
Writer = Callable[[Hub, Connection, list[Values], str], Written]

#: A price without a moment is valid from now on, unless the one valid now says the same.
COST: Final = """
with v as (
  select * from unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::text[]) as v(sku_id, at, amount, currency)),
told as (
  select v.sku_id, coalesce(v.at, %s) as valid_from, v.amount, v.currency from v
  where v.at is not null or not exists (
    select from (select p.amount, p.currency from cost_price p where p.sku_id = v.sku_id and p.valid_from <= %s
                 order by p.valid_from desc limit 1) p
    where p.amount = v.amount and p.currency = v.currency))
insert into cost_price as p (sku_id, valid_from, amount, currency) select * from told
on conflict (sku_id, valid_from) do update set amount = excluded.amount, currency = excluded.currency
where (p.amount, p.currency) is distinct from (excluded.amount, excluded.currency)
returning 1"""
FLOOR: Final = """
insert into floor_price as p (shop_id, sku_id, amount, currency)
select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
on conflict (shop_id, sku_id) do update set amount = excluded.amount, currency = excluded.currency
where (p.amount, p.currency) is distinct from (excluded.amount, excluded.currency)
returning 1"""
BLACKLIST: Final = """
insert into blacklist_entry as e (kind, blind, reason, source, expires_at, created_by, created_at)
select v.*, %s::text, %s::timestamptz from unnest(%s::text[], %s::bytea[], %s::text[], %s::text[], %s::timestamptz[]) as v
on conflict (kind, blind) do update set reason = excluded.reason, source = excluded.source,
  expires_at = excluded.expires_at
where (e.reason, e.source, e.expires_at) is distinct from (excluded.reason, excluded.source, excluded.expires_at)
returning 1"""
LEVEL: Final = """
insert into member_level as l (code, name, rank, discount_bp)
select * from unnest(%s::text[], %s::text[], %s::int[], %s::int[])
on conflict (code) do update set name = excluded.name, rank = excluded.rank, discount_bp = excluded.discount_bp
where (l.name, l.rank, l.discount_bp) is distinct from (excluded.name, excluded.rank, excluded.discount_bp)
returning 1"""
#: A buyer who has not ordered yet is made, so that the first order knows the level already.
MEMBER_BY_BUYER: Final = """
insert into customer as c (channel_id, external_id, member_level, first_at)
select v.channel_id, v.buyer, v.level, %s
from unnest(%s::bigint[], %s::text[], %s::text[]) as v(channel_id, buyer, level)
on conflict (channel_id, external_id) do update set member_level = excluded.member_level
where c.member_level <> excluded.member_level
returning 1"""
MEMBER_BY_NUMBER: Final = """
update customer c set member_level = v.level
from unnest(%s::bigint[], %s::text[], %s::text[]) as v(channel_id, member_no, level)
where c.channel_id = v.channel_id and c.member_no = v.member_no and c.member_level <> v.level
returning 1"""
MEMBERS: Final = """
select distinct c.channel_id, c.member_no from customer c
join unnest(%s::bigint[], %s::text[]) as v(channel_id, member_no)
  on v.channel_id = c.channel_id and v.member_no = c.member_no"""
MEASURES: Final = """
update sku s set weight_g = coalesce(v.weight, s.weight_g), volume_cm3 = coalesce(v.volume, s.volume_cm3),
  size_class = coalesce(v.size, s.size_class)
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) as v(sku_id, weight, volume, size)
where s.id = v.sku_id and (s.weight_g, s.volume_cm3, s.size_class) is distinct from
  (coalesce(v.weight, s.weight_g), coalesce(v.volume, s.volume_cm3), coalesce(v.size, s.size_class))
returning 1"""
COVERAGE: Final = """
insert into carrier_coverage as c (carrier_id, division_prefix, is_deliverable)
select * from unnest(%s::bigint[], %s::text[], %s::bool[])
on conflict (carrier_id, division_prefix) do update set is_deliverable = excluded.is_deliverable
where c.is_deliverable <> excluded.is_deliverable
returning 1"""

CARRIER: Final = """
insert into carrier as c (code, name, rank, is_suspended, allows_cod)
select * from unnest(%s::text[], %s::text[], %s::int[], %s::bool[], %s::bool[])
on conflict (code) do update set name = excluded.name, rank = excluded.rank, is_suspended = excluded.is_suspended,
  allows_cod = excluded.allows_cod
where (c.name, c.rank, c.is_suspended, c.allows_cod)
  is distinct from (excluded.name, excluded.rank, excluded.is_suspended, excluded.allows_cod)
returning 1"""
TARIFF: Final = """
insert into carrier_tariff as t (carrier_id, stock_point_id, division_prefix, first_g, first_amount, step_g, step_amount,
  surcharge)
select * from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::int[], %s::bigint[],
  %s::bigint[])
on conflict (carrier_id, stock_point_id, division_prefix) do update set first_g = excluded.first_g,
  first_amount = excluded.first_amount, step_g = excluded.step_g, step_amount = excluded.step_amount,
  surcharge = excluded.surcharge
where (t.first_g, t.first_amount, t.step_g, t.step_amount, t.surcharge) is distinct from
  (excluded.first_g, excluded.first_amount, excluded.step_g, excluded.step_amount, excluded.surcharge)
returning 1"""


def _columns(rows: Sequence[Values]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _count(connection: Connection, statement: str, parameters: Sequence[Any]) -> int:
    return len(fetch(connection, statement, parameters))


def _write_costs(hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    now = hub.clock()
    return (_count(connection, COST, (*_columns(rows), now, now)) if rows else 0), []


def _write_floors(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    return (_count(connection, FLOOR, _columns(rows)) if rows else 0), []


def _write_blacklist(hub: Hub, connection: Connection, rows: list[Values], actor: str) -> Written:
    return (_count(connection, BLACKLIST, (actor, hub.clock(), *_columns(rows))) if rows else 0), []


def _write_levels(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    return (_count(connection, LEVEL, _columns(rows)) if rows else 0), []


def _write_members(hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    by_buyer = [(channel, buyer, level) for channel, buyer, _, level in rows if buyer]
    by_number = [row for row in rows if not row[1]]
    numbers = _columns([(channel, number, level) for channel, _, number, level in by_number]) if by_number else []
    there = set(fetch(connection, MEMBERS, (array_of(numbers[0]), array_of(numbers[1])))) if by_number else set()
    changed = _count(connection, MEMBER_BY_NUMBER, numbers) if by_number else 0
    if by_buyer:
        changed += _count(connection, MEMBER_BY_BUYER, (hub.clock(), *_columns(by_buyer)))
    return changed, [row for row in by_number if (row[0], row[2]) not in there]


def _write_measures(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    return (_count(connection, MEASURES, _columns(rows)) if rows else 0), []


def _write_coverage(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    return (_count(connection, COVERAGE, _columns(rows)) if rows else 0), []


def _write_carriers(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    return (_count(connection, CARRIER, _columns(rows)) if rows else 0), []


def _write_tariffs(_hub: Hub, connection: Connection, rows: list[Values], _actor: str) -> Written:
    return (_count(connection, TARIFF, _columns(rows)) if rows else 0), []


WRITERS: Final[dict[str, Writer]] = {
    "cost": _write_costs,
    "floor": _write_floors,
    "blacklist": _write_blacklist,
    "level": _write_levels,
    "member": _write_members,
    "sku": _write_measures,
    "coverage": _write_coverage,
    "carrier": _write_carriers,
    "tariff": _write_tariffs,
}
