"""合作方: agents and distributors with what their orders are handled by, and the shops that are theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.capture.masters_import_settling import wake_held
from oms.app.finance.partner_ledger import SETTLES_WITHIN
from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import differing, leave_trail
from oms.app.pipeline.partners.deciding import UNKNOWN
from oms.app.pipeline.partners.settling import MISSING
from oms.domain.errors import Invalid, NotFound, NotPossible

KINDS: Final = ("agent", "distributor")
SHIPS: Final = ("us", "partner", "sku")
DEDUCTS: Final = ("refunded", "returned", "never")


@dataclass(frozen=True, slots=True)
class PartnerForm:
    """What people say of a partner; see oms.db.settling.Partner."""

    code: str
    name: str
    kind: str
    currency: str = "CNY"
    ships: str = "us"
    needs_price: bool = False
    settles_own: bool = False
    deducts: str = "refunded"
    sender_name: str = ""
    sender_phone: str = ""
    is_stopped: bool = False


_COLUMNS: Final = tuple(PartnerForm.__dataclass_fields__)
_INSERT: Final = text(
    f"insert into partner ({', '.join(_COLUMNS)}) values ({', '.join(':' + name for name in _COLUMNS)}) returning id"
)
_UPDATE: Final = text(f"update partner set {', '.join(f'{name} = :{name}' for name in _COLUMNS)} where id = :id")
_KEPT: Final = text(f"select {', '.join(_COLUMNS)} from partner where id = :id for update")
_TAKEN: Final = text("select id from partner where lower(code) = lower(:code) and id <> :id")
_USED: Final = text("""
select exists (select from settlement_price where partner_id = :id)
    or exists (select from order_partner where partner_id = :id)""")
_OTHERS: Final = text("""
select s.name from partner_shop p join shop s on s.id = p.shop_id
where p.shop_id = any(:shops) and p.partner_id <> :id order by s.name limit 1""")
_FREE: Final = text("""
with gone as (delete from partner_shop where partner_id = :id and shop_id <> all(:shops) returning shop_id)
update shop set owner = 'own' where id in (select shop_id from gone)""")
_LINK: Final = text("""
insert into partner_shop (shop_id, partner_id) select unnest(cast(:shops as bigint[])), :id on conflict do nothing""")
_OWN: Final = text("""
update shop s set owner = r.kind from partner_shop p join partner r on r.id = p.partner_id
where p.shop_id = s.id and r.id = :id and s.owner <> r.kind""")
_HELD: Final = text("select id from shop where id = any(:shops)")
_SHOPS: Final = text("select shop_id from partner_shop where partner_id = :id order by shop_id")


def save_partner(hub: Hub, partner_id: int | None, form: PartnerForm, shops: Collection[int], actor: str) -> int:
    """Add a partner or change one, with the shops whose orders are all its; answers its id.

    Orders that wait for it go on. What its orders were decided to be stays: only new ones follow a change.
    """
    _check(form)
    with hub.begin() as connection:
        before = _kept(connection, partner_id) if partner_id is not None else {}
        values = asdict(form)
        if connection.execute(_TAKEN, {"code": form.code, "id": partner_id or 0}).first():
            raise NotPossible("another partner has this code", "choose another one")
        if before and before["currency"] != form.currency and connection.execute(_USED, {"id": partner_id}).scalar():
            raise NotPossible("it has prices or orders in its currency", "add another partner for the other currency")
        if partner_id is None:
            partner_id = int(connection.execute(_INSERT, values).scalar_one())
        else:
            connection.execute(_UPDATE, values | {"id": partner_id})
        moved = _link(connection, partner_id, sorted(shops))
        fields = [*differing(before, values), *(["shops"] if moved else [])]
        if fields:
            leave_trail(hub, connection, "partner_changed", actor, {"partner": form.code, "fields": fields})
        wake_held(hub, connection, UNKNOWN)
        wake_held(hub, connection, MISSING)
    hub.masters.forget()
    hub.poke("advance")
    return partner_id


def _check(form: PartnerForm) -> None:
    if not 1 <= len(form.code) <= 100 or form.code != form.code.strip() or "\n" in form.code:
        raise Invalid("code", "a code is needed", "write up to 100 characters, as the orders name the partner")
    if not 1 <= len(form.name.strip()) <= 100:
        raise Invalid("name", "a name is needed", "write up to 100 characters")
    for name, value, known in (
        ("kind", form.kind, KINDS), ("ships", form.ships, SHIPS), ("deducts", form.deducts, DEDUCTS),
    ):  # fmt: skip
        if value not in known:
            raise Invalid(name, "there is no such choice", f"use one of {', '.join(known)}")
    if len(form.currency) != 3 or not form.currency.isascii() or not form.currency.isupper():
        raise Invalid("currency", "this is no currency", "write the currency's three letters, like CNY")
    if bool(form.sender_name.strip()) is not bool(form.sender_phone.strip()):
        raise Invalid("sender_phone", "a sender has a name and a phone", "write both, or neither")
    if max(len(form.sender_name), len(form.sender_phone)) > 60:
        raise Invalid("sender_name", "this is too long for a label", "write up to 60 characters")


def _kept(connection: Connection, partner_id: int) -> dict[str, Any]:
    row = connection.execute(_KEPT, {"id": partner_id}).mappings().first()
    if row is None:
        raise NotFound("there is no such partner", "reload the list")
    return dict(row)


def _link(connection: Connection, partner_id: int, shops: list[int]) -> bool:
    """Make these shops the partner's and no others; answers whether they were others."""
    known = {row[0] for row in connection.execute(_HELD, {"shops": shops})}
    if len(known) < len(shops):
        raise Invalid("shops", "there is no such shop", "reload the page")
    taken = connection.execute(_OTHERS, {"shops": shops, "id": partner_id}).scalar()
    if taken is not None:
        raise NotPossible("a shop belongs to another partner already", "take it off that partner first")
    before = [row[0] for row in connection.execute(_SHOPS, {"id": partner_id})]
    connection.execute(_FREE, {"shops": shops, "id": partner_id})
    connection.execute(_LINK, {"shops": shops, "id": partner_id})
    connection.execute(_OWN, {"id": partner_id})
    return before != shops


_LIST: Final = text("""
select r.*, (select count(*) from partner_shop p where p.partner_id = r.id) as shops,
  (select count(*) from (select from order_partner o where o.partner_id = r.id limit 10000) x) as orders,
  (select count(*) from (select from settlement_price p where p.partner_id = r.id limit 10000) x) as prices,
  (select coalesce(sum(e.amount), 0)::bigint from settlement_entry e
   where e.partner_id = r.id and e.statement_id is null) as open_amount
from partner r order by r.is_stopped, r.code""")
_ONE: Final = text("select * from partner where id = :id")
_BY_CODE: Final = text("select * from partner where lower(code) = lower(:code)")


def partners_of(connection: Connection) -> list[AnyRow]:
    """All partners with what hangs on them, those in force first."""
    return list(connection.execute(_LIST))


def partner_of(connection: Connection, partner_id: int) -> AnyRow:
    """One partner; NotFound when there is none."""
    row = connection.execute(_ONE, {"id": partner_id}).first()
    if row is None:
        raise NotFound("there is no such partner", "reload the list")
    return row


def partner_by_code(connection: Connection, code: str) -> AnyRow:
    """One partner by its code, in whatever case; NotFound when there is none."""
    row = connection.execute(_BY_CODE, {"code": code}).first()
    if row is None:
        raise NotFound("there is no such partner", "look at its code in the list")
    return row


def shops_of(connection: Connection, partner_id: int) -> list[int]:
    """The shops all of whose orders are the partner's."""
    return [row[0] for row in connection.execute(_SHOPS, {"id": partner_id})]


_WHOSE: Final = text("""
select p.partner_id, p.code as stated_code, p.reference, p.via, p.ships, r.code, r.name, r.kind, r.currency
from order_partner p left join partner r on r.id = p.partner_id where p.order_id = :id""")
_LINES: Final = text("""
select l.external_no, l.line_no, l.title, l.ordered, l.fulfiller, l.settlement_amount as amount, s.basis, s.rate_bp,
  s.unit_amount, s.priced_at, s.priced_by, l.id = any(p.left_lines) as is_left,
  (select coalesce(sum(e.amount), 0)::bigint from settlement_entry e where e.order_line_id = l.id) as booked
from order_line l join order_partner p on p.order_id = l.order_id left join line_settlement s on s.order_line_id = l.id
where l.order_id = :id and l.kind = 'goods' and not l.is_gone order by l.line_no""")
_UNPRICED: Final = text("""
select count(*) from (select from order_partner p join orders o on o.id = p.order_id
join order_line l on l.order_id = o.id join partner r on r.id = p.partner_id
where p.partner_id = :id and l.settlement_amount is null and l.kind = 'goods' and not l.is_gone and not l.is_gift
  and (o.closed_at is null or o.closed_at > :since) and (o.status <> 'cancelled' or l.shipped > 0)
  and (r.settles_own or (l.fulfiller = 'us' and o.fulfiller = 'us')) limit 10000) x""")


def settled_lines(connection: Connection, order_id: int) -> tuple[AnyRow | None, list[AnyRow]]:
    """Whose an order is, if it is anybody's, and what its goods lines are settled at."""
    whose = connection.execute(_WHOSE, {"id": order_id}).first()
    return (whose, list(connection.execute(_LINES, {"id": order_id}))) if whose is not None else (None, [])


def unpriced(connection: Connection, partner_id: int, now: datetime) -> int:
    """How many lines of orders that are still booked have no settlement price; counted up to ten thousand."""
    return int(connection.execute(_UNPRICED, {"id": partner_id, "since": now - SETTLES_WITHIN}).scalar_one())
