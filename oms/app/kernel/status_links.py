"""买家查询: links by which buyers of own shops follow an order, made by a key and never stored; what they show."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.hub import Hub
from oms.app.kernel.queries.pages import AnyRow
from oms.app.kernel.trail import leave_trail
from oms.domain.errors import Invalid, NotFound

PURPOSE: Final = "status-link"
MOST_CONTACT: Final = 200
_ORDER = text("""
select o.id, o.external_no, o.phase, o.status, o.ordered_at, o.paid_at, o.captured_at, s.name as shop, p.contact
from orders o join shop s on s.id = o.shop_id join status_page p on p.shop_id = s.id and p.is_on where o.id = :id""")
_PARCELS = text("""
select distinct p.id, p.waybill_no, p.state, p.handed_over_at, p.delivered_at, c.name as carrier
from parcel_item i join parcel p on p.id = i.parcel_id join carrier c on c.id = p.carrier_id
where i.order_id = :id order by p.id""")
_SCANS = text("""
select parcel_id, at, state, words, place from parcel_event where parcel_id = any(:parcels) and month >= :since
order by at desc, id desc limit 200""")
_SHOPS = text("""
select s.id, s.name, c.label_zh, c.label_en, c.mark, coalesce(p.is_on, false) as is_on, coalesce(p.contact, '') as contact
from shop s join channel c on c.id = s.channel_id left join status_page p on p.shop_id = s.id
where s.id = any(:shops) order by s.name, s.id""")
_SET = text("""
insert into status_page (shop_id, is_on, contact, changed_at) values (:shop, :is_on, :contact, :now)
on conflict (shop_id) do update
set is_on = excluded.is_on, contact = excluded.contact, changed_at = excluded.changed_at""")


@dataclass(frozen=True, slots=True)
class Followed:
    """What a buyer sees of an order: no name, phone, street or price."""

    order: AnyRow
    parcels: Sequence[AnyRow]
    scans: dict[int, list[AnyRow]]


def link_of(hub: Hub, order_id: int) -> str:
    """The part of the address that stands for an order; it cannot be guessed, and ends with the key it was made by."""
    return f"{order_id:x}-{hub.keys.blind(PURPOSE, str(order_id)).hex()}"


def follow(hub: Hub, connection: Connection, link: str) -> Followed:
    """What the buyer who has this link may see; NotFound for a wrong link and for shops that do not offer it."""
    number, _, told = link.partition("-")
    try:
        order_id, mark = int(number, 16), bytes.fromhex(told)
    except ValueError:
        raise NotFound("there is no such order") from None
    if order_id >= 2**63 or not any(hmac.compare_digest(mark, one) for one in hub.keys.blinds(PURPOSE, str(order_id))):
        raise NotFound("there is no such order")
    order = connection.execute(_ORDER, {"id": order_id}).one_or_none()
    if order is None:
        raise NotFound("there is no such order")
    parcels = connection.execute(_PARCELS, {"id": order_id}).all()
    scans: dict[int, list[AnyRow]] = {}
    if parcels:
        since = order.captured_at.date().replace(day=1)
        for row in connection.execute(_SCANS, {"parcels": [one.id for one in parcels], "since": since}):
            scans.setdefault(row.parcel_id, []).append(row)
    return Followed(order, parcels, scans)


def shops_with_pages(connection: Connection, shop_ids: Sequence[int]) -> Sequence[AnyRow]:
    """These shops with what they offer their buyers."""
    return connection.execute(_SHOPS, {"shops": list(shop_ids)}).all()


def offers_page(connection: Connection, shop_id: int) -> bool:
    """Whether buyers of a shop may follow their orders by a link."""
    question = text("select is_on from status_page where shop_id = :shop")
    return bool(connection.execute(question, {"shop": shop_id}).scalar())


def set_page(hub: Hub, shop_id: int, actor: str, *, is_on: bool, contact: str) -> None:
    """Let the buyers of a shop follow their orders, or stop; `contact` tells them whom to ask."""
    if len(contact.strip()) > MOST_CONTACT or "\0" in contact:
        raise Invalid("contact", f"this is longer than {MOST_CONTACT} characters", "write less")
    with hub.begin() as connection:
        if connection.execute(text("select true from shop where id = :id"), {"id": shop_id}).first() is None:
            raise NotFound("there is no such shop", "choose one of the list")
        given = {"shop": shop_id, "is_on": is_on, "contact": contact.strip(), "now": hub.clock()}
        connection.execute(_SET, given)
        leave_trail(hub, connection, "status_page_changed", actor, {"shop": shop_id, "is_on": is_on})
