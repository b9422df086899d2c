"""Builds what an outbound row says, at the moment of the call, from the documents it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.contract import notices as n
from connectors.contract.families import Marketplace
from oms.app.intercept.emergency import stop_keeping
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork
from oms.app.kernel.receivers import open_key, open_receiver
from oms.domain.numbers import document_no
from oms.domain.shares import split

FULFILMENT = """
select f.id, f.version, f.status, f.kind, f.is_cod, f.is_split, f.collect_amount, f.goods_amount, f.freight_amount,
       f.currency, f.warehouse_ref, f.planned_at, f.lead_order_id, p.warehouse_code, p.owner_code, c.code,
       s.name, ch.platform_code, o.external_no, o.ordered_at, o.paid_at, o.ship_by, o.collect_by, o.is_presale,
       o.is_masked, cu.nick, w.waybill_no, w.sealed_print, coalesce(r.sender_name, ''), coalesce(r.sender_phone, ''),
       f.stop
from fulfilment f join stock_point p on p.id = f.stock_point_id left join carrier c on c.id = f.carrier_id
join orders o on o.id = f.lead_order_id join shop s on s.id = f.shop_id join channel ch on ch.id = s.channel_id
left join customer cu on cu.id = o.customer_id
left join order_partner q on q.order_id = o.id left join partner r on r.id = q.partner_id
left join e_waybill w on w.fulfilment_id = f.id and w.version = f.version and w.state = 'got' and w.package = 1
where f.id = %s"""
LINES = """
select x.id, o.external_no, l.external_no, k.code, k.name, x.planned - x.cancelled, d.share_amount, d.units,
       l.list_amount, l.paid_amount, l.is_gift or d.origin = 'gift', x.sku_id
from fulfilment_line x join demand d on d.id = x.demand_id join order_line l on l.id = x.order_line_id
join orders o on o.id = x.order_id join sku k on k.id = x.sku_id
where x.fulfilment_id = %s and x.planned > x.cancelled order by (x.order_id = %s) desc, x.id"""


@dataclass(frozen=True, slots=True)
class Void:
    """The documents have moved on: nothing is to be sent any more."""

    words: str


@dataclass(frozen=True, slots=True)
class Unwanted:
    """It is to be stopped, so it is not sent any more: only whether the warehouse has it already is asked."""

    notice: n.FulfilmentNotice


def create_fulfilment(hub: Hub, connection: Connection, work: OutboundWork) -> n.FulfilmentNotice | Unwanted | Void:
    """The fulfilment as its warehouse wants to know it."""
    head = _head(connection, work)
    if head["status"] != "sending":
        return Void(f"the fulfilment is {head['status']} by now")
    person, words = open_receiver(hub, connection, head["lead_order_id"])
    items = _items(connection, work.account_id)
    lines, goods, discount = _lines(connection, head, items)
    paid = goods - discount + head["freight_amount"] - head["collect_amount"]
    notice = n.FulfilmentNotice(
        number=document_no("fulfilment", head["id"], head["version"]),
        warehouse_code=head["warehouse_code"], owner_code=head["owner_code"], shop_name=head["shop"],
        platform=head["platform"], carrier_code=head["carrier"] or "OTHER", created_at=head["planned_at"],
        ordered_at=head["ordered_at"], currency=head["currency"], goods_amount=goods, discount_amount=discount,
        freight_amount=head["freight_amount"], collect_amount=head["collect_amount"], paid_amount=paid,
        receiver=person, token_order_no=head["external_no"], lines=tuple(lines), kind=head["kind"],
        is_cod=head["is_cod"], is_presale=head["is_presale"], is_split=head["is_split"], paid_at=head["paid_at"],
        buyer_nick=head["nick"] or "", buyer_message=words["message"], seller_memo=words["memo"],
        ship_by=head["ship_by"], collect_by=head["collect_by"], waybill_no=head["waybill_no"] or "",
        print_data=_label_for_printer(hub, connection, head), sender_name=head["sender_name"],
        sender_phone=head["sender_phone"],
    )  # fmt: skip
    return Unwanted(notice) if head["stop"] == "asked" else notice


def _label_for_printer(hub: Hub, connection: Connection, head: dict[str, Any]) -> str:
    """What a printer needs for the label that is ours; it goes with the notice and nowhere else."""
    if not head["sealed_print"]:
        return ""
    return open_key(hub, connection, head["lead_order_id"]).unseal(head["sealed_print"]).decode()


def stop_in_the_way(hub: Hub, work: OutboundWork) -> int | None:
    """The emergency stop that came after a fulfilment was dispatched and keeps it from being handed over."""
    if work.kind != "create_fulfilment":
        return None
    with hub.engine.connect() as connection:
        return stop_keeping(connection, work.fulfilment_id, (work.detail or {}).get("passed", ()))


HEAD = ("id", "version", "status", "kind", "is_cod", "is_split", "collect_amount", "goods_amount", "freight_amount",
        "currency", "warehouse_ref", "planned_at", "lead_order_id", "warehouse_code", "owner_code", "carrier", "shop",
        "platform", "external_no", "ordered_at", "paid_at", "ship_by", "collect_by", "is_presale", "is_masked",
        "nick", "waybill_no", "sealed_print", "sender_name", "sender_phone", "stop")  # fmt: skip


def _head(connection: Connection, work: OutboundWork) -> dict[str, Any]:
    return dict(zip(HEAD, fetch(connection, FULFILMENT, (work.fulfilment_id,))[0], strict=True))


def _items(connection: Connection, account_id: int) -> dict[int, str]:
    return dict(fetch(connection, "select sku_id, item_id from warehouse_item where account_id = %s", (account_id,)))


def _lines(
    connection: Connection, head: dict[str, Any], items: dict[int, str]
) -> tuple[list[n.FulfilmentLineNotice], int, int]:
    """The lines with their money: what was paid for them is the fulfilment's goods amount, to the cent."""
    rows = fetch(connection, LINES, (head["id"], head["lead_order_id"]))
    paid = split(head["goods_amount"], [max(0, row[6]) * row[5] // max(1, row[7]) for row in rows])
    lines, goods = [], 0
    for row, amount in zip(rows, paid, strict=True):
        line_id, order_no, order_line_no, code, name, units, _, _, listed, line_paid, is_gift, sku_id = row
        full = amount if line_paid <= 0 else max(amount, amount * listed // line_paid)
        full = -(-full // units) * units  # A price per piece in whole cents, so that units × price is the line.
        goods += full
        lines.append(
            n.FulfilmentLineNotice(str(line_id), order_no, order_line_no, code, name, units, full, amount,
                                   items.get(sku_id, ""), is_gift)
        )  # fmt: skip
    return lines, goods, goods - head["goods_amount"]


def fulfilment_ref(connection: Connection, work: OutboundWork) -> n.FulfilmentRef:
    """Names a fulfilment to its warehouse."""
    head = _head(connection, work)
    reason = str((work.detail or {}).get("reason", ""))
    return n.FulfilmentRef(
        document_no("fulfilment", head["id"], head["version"]), head["warehouse_code"], head["owner_code"],
        head["warehouse_ref"], WORDS.get(reason, "商家取消"), kind=head["kind"],
    )  # fmt: skip


WORDS = {"refund_asked": "买家申请退款", "address_changed": "买家改地址", "goods_changed": "订单内容变更",
         "order_cancelled": "订单取消", "manual": "人工截停", "blacklist": "风险订单",
         "already_shipped": "已由别处发货"}  # fmt: skip


#: The carrier of what a store hands out or brings.
STORES_OWN = "STORE"


def push_shipment(hub: Hub, connection: Connection, work: OutboundWork) -> n.ShipmentNotice:
    """A parcel of one source order for its platform.

    What a store hands out or brings has no courier: platforms that ship without one are told so, unless the account's
    settings name a carrier for STORE.
    """
    detail = work.detail or {}
    row = fetch(
        connection,
        """select o.external_no, c.code, p.waybill_no, p.handed_over_at, o.is_cod,
             array(select array[id::text, external_no] from order_line where id = any(%s) order by id),
             exists (select from order_line l where l.order_id = o.id and l.kind = 'goods'
                     and (l.refund_state = 'succeeded' or l.is_gone)), a.vendor, a.settings
           from parcel p join carrier c on c.id = p.carrier_id join orders o on o.id = %s join account a on a.id = %s
           where p.id = %s""",
        (detail.get("lines", []), work.order_id, work.account_id, work.parcel_id),
    )[0]
    order_no, carrier, waybill, left_at, is_cod, lines, is_reduced, vendor, settings = row
    if carrier == STORES_OWN and _goes_without(hub, vendor, settings):
        carrier, waybill = n.NO_CARRIER, ""
    whole = bool(detail.get("whole")) and not is_reduced
    line_nos = () if whole else tuple(number for _, number in lines)
    counts = detail.get("units", {})
    units = {number: counts[id_] for id_, number in lines if id_ in counts}
    return n.ShipmentNotice(order_no, carrier, waybill, whole, left_at, line_nos, is_cod, work.key, units)


def _goes_without(hub: Hub, vendor: str, settings: Mapping[str, str]) -> bool:
    """Whether a platform takes goods without a courier; what its account names for a store's own goods comes first."""
    named = any(f"{STORES_OWN}=" in str(settings.get(name, "")) for name in ("carriers", "carrier_codes"))
    known = hub.vendors.get(vendor)
    return not named and known is not None and issubclass(known, Marketplace) and known.takes_no_carrier


def interception(connection: Connection, work: OutboundWork, now: datetime) -> n.InterceptionNotice:
    """Whether a refund asked before shipment could be stopped."""
    detail = work.detail or {}
    order_no = fetch(connection, "select external_no from orders where id = %s", (work.order_id,))[0][0]
    words = "已截停，未发出" if detail["stopped"] else "货物已发出，无法截停"
    return n.InterceptionNotice(
        order_no, detail["case"], detail["stopped"], now, detail.get("line", ""), detail.get("amount", 0), words
    )


def subscription(hub: Hub, connection: Connection, work: OutboundWork) -> n.TrackRequest:
    """A parcel to follow, with the address its pushes come to."""
    carrier, waybill, order_id, city, district = fetch(
        connection,
        """select c.code, p.waybill_no, f.lead_order_id, r.city, r.district from parcel p
           join carrier c on c.id = p.carrier_id join fulfilment f on f.id = p.fulfilment_id
           left join receiver r on r.order_id = f.lead_order_id where p.id = %s""",
        (work.parcel_id,),
    )[0]
    vendor, token = fetch(connection, "select vendor, push_token from account where id = %s", (work.account_id,))[0]
    person, _ = open_receiver(hub, connection, order_id)
    tail = person.phone[-4:] if person.phone[-4:].isdigit() else ""
    url = f"{hub.public_url.rstrip('/')}/hooks/carriers/{vendor}/{token}"
    return n.TrackRequest(carrier, waybill, url, tail, destination=f"{city or ''}{district or ''}")
