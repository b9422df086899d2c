"""What who leads a store sets of it: contact, times, opening hours, closed days. Place and reach are no part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import differing, leave_trail
from oms.app.stock.points import MOST_CLOSURES, check_hours
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, Stale

#: Smallest and largest of each number.
BOUNDS: Final = {"ready_min": (1, 10_080), "overdue_days": (1, 90)}
MOST_CHARACTERS: Final = 200
_READ: Final = """
select p.hours, coalesce(f.address, ''), coalesce(f.phone, ''), coalesce(f.email, ''), coalesce(f.hands_out, true),
  coalesce(f.delivers, false), coalesce(f.ready_min, 60), coalesce(f.overdue_days, 7),
  array(select c.closed_on from stock_closure c where c.stock_point_id = p.id order by 1)
from stock_point p left join store_profile f on f.stock_point_id = p.id where p.id = %s and p.kind = 'store'"""
_WRITE: Final = """
insert into store_profile (stock_point_id, address, phone, email, hands_out, delivers, ready_min, overdue_days)
values (%(point)s, %(address)s, %(phone)s, %(email)s, %(hands_out)s, %(delivers)s, %(ready_min)s, %(overdue_days)s)
on conflict (stock_point_id) do update set address = excluded.address, phone = excluded.phone, email = excluded.email,
  hands_out = excluded.hands_out, delivers = excluded.delivers, ready_min = excluded.ready_min,
  overdue_days = excluded.overdue_days"""
_NOTICES: Final = text("""
select b.event, b.after_min, coalesce(s.name, '') as shop, a.family, a.name as account from buyer_notice b
join account a on a.id = b.account_id left join shop s on s.id = b.shop_id
where b.is_on and b.audience = 'store' and (b.shop_id = 0 or exists (select from pool_member m join shop t
  on t.stock_pool_id = m.pool_id where m.stock_point_id = :point and t.id = b.shop_id))
order by b.event, b.shop_id, b.id""")


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """A store as its leader sets it; `hours` by weekday as two times, empty means always open."""

    address: str = ""
    phone: str = ""
    email: str = ""
    hands_out: bool = True
    delivers: bool = False
    ready_min: int = 60
    overdue_days: int = 7
    hours: Mapping[str, list[str]] = field(default_factory=dict)
    closed_on: Sequence[date] = ()


def find_own_settings(connection: Connection, point_id: int) -> OwnSettings:
    """How a store is set now."""
    rows = fetch(connection, _READ, (point_id,))
    if not rows:
        raise NotFound("there is no such store", "look at the list again")
    hours, address, phone, email, hands_out, delivers, ready_min, overdue_days, closed = rows[0]
    return OwnSettings(address, phone, email, hands_out, delivers, ready_min, overdue_days, hours, tuple(closed))


def mark_of_own(kept: OwnSettings) -> str:
    """What settings were when somebody looked, as one short text."""
    return sha256(orjson.dumps(asdict(kept), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def save_own_settings(hub: Hub, point_id: int, told: OwnSettings, actor: str, *, seen: str = "") -> None:
    """Put a store's settings in force, where they still are as they were `seen`.

    Where it stands, how far it delivers and its people stay as they are.
    """
    _check(told)
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        fetch(connection, "select id from stock_point where id = %s for update", (point_id,))
        kept = find_own_settings(connection, point_id)
        if seen and mark_of_own(kept) != seen:
            raise Stale("somebody else has changed this meanwhile", "look at what it says now, then change it again")
        changed = differing(asdict(kept), asdict(told))
        if not changed:
            return
        hours = orjson.dumps(dict(told.hours)).decode()
        cursor.execute("update stock_point set hours = %s where id = %s", (hours, point_id))
        cursor.execute(_WRITE, asdict(told) | {"point": point_id})
        cursor.execute("delete from stock_closure where stock_point_id = %s", (point_id,))
        days = [(point_id, day) for day in sorted(set(told.closed_on))]
        copy_rows(connection, "stock_closure", ("stock_point_id", "closed_on"), days)
        leave_trail(hub, connection, "store_profile_changed", actor, {"point": point_id, "fields": list(changed)})
    hub.masters.forget()
    hub.poke("advance")


def notices_to(connection: Connection, point_id: int) -> list[AnyRow]:
    """Notices that are sent to a store: when, for which shop and by which account."""
    return list(connection.execute(_NOTICES, {"point": point_id}))


def _check(told: OwnSettings) -> None:
    for name in ("address", "phone", "email"):
        if len(getattr(told, name)) > MOST_CHARACTERS:
            raise Invalid(name, f"more than {MOST_CHARACTERS} characters", "write it shorter")
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(told, name) <= most:
            raise Invalid(name, f"must be between {least} and {most}", "correct it")
    check_hours(told.hours)
    if len(told.closed_on) > MOST_CLOSURES:
        raise Invalid("closed_on", f"a stock point may have {MOST_CLOSURES} closed days", "keep fewer")


def plain(told: OwnSettings) -> dict[str, Any]:
    """The settings by name, as the API tells them."""
    return asdict(told)
