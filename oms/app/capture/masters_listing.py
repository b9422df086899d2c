"""What is kept in the tables of master rows, a page at a time, and ending or removing single rows of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from oms.app.capture import masters_import_settling as settling
from oms.app.capture import masters_import_transit as transit
from oms.app.capture.masters_kind import Listing
from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.db.sealed import KeyRing
from oms.domain.errors import NotFound
from oms.domain.receivers import plain_address, plain_phone

SIZE: Final = 50
AnyRow = Row[*tuple[Any, ...]]

LISTINGS: Final = {
    "cost": Listing(
        """select s.code as sku, s.name, p.amount, p.currency, p.valid_from,
             p.valid_from <= :now and not exists (select from cost_price q where q.sku_id = p.sku_id
               and q.valid_from > p.valid_from and q.valid_from <= :now) as is_valid,
             s.code || ' ' || to_char(p.valid_from at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US') as key
           from cost_price p join sku s on s.id = p.sku_id
           where :words = '' or s.code ilike :like or s.name ilike :like""",
        "key", "key", """delete from cost_price p using sku s where s.id = p.sku_id
           and s.code || ' ' || to_char(p.valid_from at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US') = :key""",
    ),
    "floor": Listing(
        """select s.code as sku, s.name, coalesce(h.name, '') as shop, p.amount, p.currency, p.shop_id,
             s.code || ' ' || p.shop_id as key
           from floor_price p join sku s on s.id = p.sku_id left join shop h on h.id = p.shop_id
           where :words = '' or s.code ilike :like or s.name ilike :like or h.name ilike :like""",
        "key", "key",
        "delete from floor_price p using sku s where s.id = p.sku_id and s.code || ' ' || p.shop_id = :key",
    ),
    "blacklist": Listing(
        """select e.id, e.kind, e.source, e.reason, e.created_at, e.created_by, e.expires_at, e.hits,
             e.expires_at is null or e.expires_at > :now as is_valid, lpad(e.id::text, 19, '0') as key
           from blacklist_entry e where :words = '' or e.reason ilike :like or e.source ilike :like
             or e.blind = any(:blinds)""",
        "key", "key desc", "update blacklist_entry set expires_at = :now where lpad(id::text, 19, '0') = :key"
        " and (expires_at is null or expires_at > :now)",
    ),
    "level": Listing(
        """select l.code, l.name, l.rank, l.discount_bp, l.code as key,
             (select count(*) from (select from customer c where c.member_level = l.code limit 10000) x) as members
           from member_level l where :words = '' or l.code ilike :like or l.name ilike :like""",
        "key", "key",
        """delete from member_level l where l.code = :key
           and not exists (select from customer c where c.member_level = l.code)""",
    ),
    "member": Listing(
        """select c.external_id, c.member_no, c.nick, h.label_zh, h.label_en, c.member_level, l.name as level_name,
             lpad(c.id::text, 19, '0') as key
           from customer c join channel h on h.id = c.channel_id left join member_level l on l.code = c.member_level
           where c.member_level <> '' and (:words = '' or c.external_id = :words or c.member_no = :words
             or c.member_level = :words)""",
        "key", "key desc", "update customer set member_level = ''"
        " where lpad(id::text, 19, '0') = :key and member_level <> ''",
    ),
    "sku": Listing(
        """select s.code as sku, s.name, s.weight_g, s.volume_cm3, s.size_class, s.code as key from sku s
           where not s.is_archived and (:words = '' or s.code ilike :like or s.name ilike :like)""",
        "key", "key", "",
    ),
    "coverage": Listing(
        """select k.code, k.name, v.division_prefix, v.is_deliverable, coalesce(d.name, '') as division,
             k.code || ' ' || v.division_prefix as key
           from carrier_coverage v join carrier k on k.id = v.carrier_id
           left join division d on d.code = rpad(v.division_prefix, 6, '0')
           where :words = '' or k.code ilike :like or k.name ilike :like or v.division_prefix = :words
             or d.name ilike :like""",
        "key", "key",
        "delete from carrier_coverage v using carrier k where k.id = v.carrier_id"
        " and k.code || ' ' || v.division_prefix = :key",
    ),
    "carrier": Listing(
        """select k.code, k.name, k.rank, k.is_suspended, k.allows_cod, k.code as key from carrier k
           where :words = '' or k.code ilike :like or k.name ilike :like""",
        "key", "key", "",
    ),
    "tariff": Listing(
        """select k.code, k.name, coalesce(p.code, '') as point, t.division_prefix, coalesce(d.name, '') as division,
             t.first_g, t.first_amount, t.step_g, t.step_amount, t.surcharge,
             k.code || ' ' || t.stock_point_id || ' ' || t.division_prefix as key
           from carrier_tariff t join carrier k on k.id = t.carrier_id
           left join stock_point p on p.id = t.stock_point_id
           left join division d on d.code = rpad(t.division_prefix, 6, '0')
           where :words = '' or k.code ilike :like or k.name ilike :like or t.division_prefix = :words
             or p.code ilike :like""",
        "key", "key",
        "delete from carrier_tariff t using carrier k where k.id = t.carrier_id"
        " and k.code || ' ' || t.stock_point_id || ' ' || t.division_prefix = :key",
    ),
    **settling.LISTINGS,
    **transit.LISTINGS,
}  # fmt: skip


def list_masters(
    connection: Connection, keys: KeyRing, code: str, words: str = "", *, after: str = "", now: datetime
) -> list[AnyRow]:
    """A page of a table by its key, those after `after`; a phone, address or buyer is found by its keyed hash."""
    listing = listing_of(code)
    blinds = sorted(
        keys.blinds("phone", plain_phone(words))
        | keys.blinds("address", plain_address(words))
        | keys.blinds("buyer", words)
        if words and code == "blacklist"
        else ()
    )
    sign = "<" if listing.sort.endswith("desc") else ">"
    question = (
        f"select * from ({listing.rows}) r where :after = '' or r.key {sign} :after order by r.{listing.sort} limit :size"
    )
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    values: dict[str, Any] = {"words": words, "like": like, "after": after, "size": SIZE, "now": now, "blinds": blinds}
    asked = {name: value for name, value in values.items() if f":{name}" in question}
    return list(connection.execute(text(question), asked))


def remove_master(hub: Hub, code: str, key: str, actor: str) -> None:
    """End an entry of the blacklist, take a member's level away, or remove a row of another table.

    NotFound when it is not there any more, is over, or is a level that customers have.
    """
    statement = listing_of(code).remove
    if not statement:
        raise NotFound("rows of this table are changed, never removed", "bring the row with other values")
    with hub.begin() as connection:
        values = {"key": key} | ({"now": hub.clock()} if ":now" in statement else {})
        if not connection.execute(text(statement), values).rowcount:
            raise NotFound("this row is not there any more, or something still uses it", "reload the page")
        leave_trail(hub, connection, "masters_changed", actor, {"table": code, "removed": 1})
    hub.masters.forget()


def listing_of(code: str) -> Listing:
    """How a table is listed; NotFound when there is none of this code."""
    if code not in LISTINGS:
        raise NotFound("there is no such table of master rows", f"use one of {', '.join(LISTINGS)}")
    return LISTINGS[code]
