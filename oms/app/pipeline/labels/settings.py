"""电子面单设置: where we take the waybill numbers ourselves, from which account, and what became of them so far."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import Invalid

WRITE: Final = text("""
insert into e_waybill_setting (stock_point_id, carrier_id, account_id, is_on, sender_name, sender_phone, province, city,
  district, town, street, template_url, terms, low_at, changed_at, changed_by)
values (:stock_point_id, :carrier_id, :account_id, :is_on, :sender_name, :sender_phone, :province, :city, :district,
  :town, :street, :template_url, cast(:terms as jsonb), :low_at, :at, :actor)
on conflict (stock_point_id, carrier_id) do update set account_id = excluded.account_id, is_on = excluded.is_on,
  sender_name = excluded.sender_name, sender_phone = excluded.sender_phone, province = excluded.province,
  city = excluded.city, district = excluded.district, town = excluded.town, street = excluded.street,
  template_url = excluded.template_url, terms = excluded.terms, low_at = excluded.low_at,
  changed_at = excluded.changed_at, changed_by = excluded.changed_by""")
LISTED: Final = text("""
select s.*, p.name as point, c.name as carrier, c.code, a.name as account, k.numbers, k.looked_at,
  k.words as balance_words
from e_waybill_setting s join stock_point p on p.id = s.stock_point_id join carrier c on c.id = s.carrier_id
join account a on a.id = s.account_id
left join e_waybill_stock k on k.account_id = s.account_id and k.carrier_id = s.carrier_id
order by p.name, c.rank, c.id""")
#: What a carrier agreed with an account may be, by the names that connectors read.
TERMS: Final = ("customer_code", "product_code", "shipping_branch_code")


@dataclass(frozen=True, slots=True)
class Setting:
    """One stock point and carrier; the sender is where the carrier collects."""

    stock_point_id: int
    carrier_id: int
    account_id: int
    sender_name: str
    sender_phone: str
    province: str
    city: str
    district: str
    town: str
    street: str
    template_url: str = ""
    low_at: int = 200
    is_on: bool = True
    terms: dict[str, str] = field(default_factory=dict)


def list_settings(connection: Connection) -> list[AnyRow]:
    """Every setting with the numbers left, as the carrier told them last."""
    return list(connection.execute(LISTED))


def accounts_that_give(hub: Hub, connection: Connection) -> list[AnyRow]:
    """Accounts whose connector gives waybill numbers."""
    able = [name for name, kind in hub.vendors.items() if "request_waybill" in kind.capabilities()]
    question = text("select id, name, vendor from account where family = 'carrier' and vendor = any(:able) order by name")
    return list(connection.execute(question, {"able": able}))


def put_setting(hub: Hub, setting: Setting, actor: str) -> None:
    """Put a setting in force; Invalid names the part of the sender that lacks, or the account that gives no numbers."""
    for name in ("sender_name", "sender_phone", "province", "street"):
        if not getattr(setting, name).strip():
            raise Invalid(name, "this is missing", "fill in where the carrier collects")
    with hub.begin() as connection:
        if setting.account_id not in {row.id for row in accounts_that_give(hub, connection)}:
            raise Invalid("account_id", "this account gives no waybill numbers", "choose one of a carrier that does")
        row: dict[str, Any] = {**asdict(setting), "terms": _json(setting.terms), "at": hub.clock(), "actor": actor}
        connection.execute(WRITE, row)
        detail = {"stock_point": setting.stock_point_id, "carrier": setting.carrier_id, "is_on": setting.is_on}
        leave_trail(hub, connection, "labels_changed", actor, detail)
    hub.masters.forget()


def _json(terms: dict[str, str]) -> str:
    return orjson.dumps({name: terms[name] for name in TERMS if terms.get(name)}).decode()


def ledger(connection: Connection) -> dict[str, int]:
    """How many numbers of the last thirty days are in which state."""
    rows = connection.execute(
        text("select state, count(*) from e_waybill where asked_at > now() - interval '30 days' group by state")
    )
    return {str(state): int(count) for state, count in rows}
