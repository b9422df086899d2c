"""Builds what a carrier is told of a label, at the moment of the call; and which calls the rows of labels make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from connectors.contract import notices as n
from connectors.contract.families import Carrier, Connector
from connectors.contract.records import ReceiverRecord
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork
from oms.app.kernel.receivers import open_key, open_receiver
from oms.app.pipeline.labels.changed import OPEN
from oms.app.pipeline.outbound.calls import Void

HEAD: Final = """
select w.key, w.state, w.waybill_no, w.version, f.version, f.status, f.lead_order_id, o.external_no, ch.platform_code,
       c.code, f.collect_amount, f.currency,
       case when r.sender_name <> '' and s.sender_name is not null then r.sender_name else s.sender_name end,
       case when r.sender_name <> '' then r.sender_phone else s.sender_phone end, s.province, s.city, s.district, s.town,
       s.street, s.template_url, s.terms, w.package
from e_waybill w join fulfilment f on f.id = w.fulfilment_id join orders o on o.id = f.lead_order_id
join shop p on p.id = f.shop_id join channel ch on ch.id = p.channel_id join carrier c on c.id = w.carrier_id
left join e_waybill_setting s on s.stock_point_id = w.stock_point_id and s.carrier_id = w.carrier_id and s.is_on
left join order_partner q on q.order_id = f.lead_order_id left join partner r on r.id = q.partner_id
where w.id = %s"""
NAMES: Final = (
    "key", "state", "waybill_no", "asked_version", "version", "status", "order_id", "order_no", "platform", "carrier",
    "collect_amount", "currency", "sender_name", "sender_phone", "province", "city", "district", "town", "street",
    "template_url", "terms", "package",
)  # fmt: skip
#: Statuses in which a further package of a fulfilment may still get a number.
PACKING: Final = ("sent", "accepted", "part_shipped")
ITEMS: Final = """
select k.name, sum(x.planned - x.cancelled)::int, coalesce(sum(k.weight_g * (x.planned - x.cancelled)), 0)::int
from fulfilment_line x join sku k on k.id = x.sku_id where x.fulfilment_id = %s and x.planned > x.cancelled
group by k.id, k.name order by 2 desc, 1"""
ORDERS: Final = """
select distinct o.external_no from fulfilment_line x join orders o on o.id = x.order_id
where x.fulfilment_id = %s and x.planned > x.cancelled order by 1"""


def build(hub: Hub, connection: Connection, work: OutboundWork) -> n.LabelNotice | n.LabelRef | Void:
    """What a row of labels says: a package, or the name of a number."""
    head = _head(connection, work)
    if work.kind == "cancel_waybill":
        return n.LabelRef(head["key"], head["carrier"], head["waybill_no"])
    if work.kind == "change_label":
        return _change(hub, connection, work, head)
    wanted = ("sending",) if head["package"] == 1 else PACKING
    is_stale = head["status"] not in wanted or head["asked_version"] != head["version"]
    if head["state"] != "asked" or (is_stale and work.was != "unknown"):
        return Void(f"the fulfilment is {head['status']} by now")
    if head["sender_name"] is None:
        return Void("the number is not ours to take any more")
    person, _ = open_receiver(hub, connection, head["order_id"])
    return _notice(connection, work, head, person)


def _change(hub: Hub, connection: Connection, work: OutboundWork, head: dict[str, Any]) -> n.LabelNotice | Void:
    """The new receiver, as it was typed in and sealed when it was asked for; what the platform told is stored already."""
    change_id = (work.detail or {}).get("change")
    rows = fetch(connection, "select sealed, state, order_id from label_change where id = %s", (change_id,))
    if not rows or rows[0][1] not in OPEN or head["state"] != "got" or head["asked_version"] != head["version"]:
        return Void("the label is not to be changed any more")
    sealed, _, order_id = rows[0]
    if sealed is None:
        return _notice(connection, work, head, open_receiver(hub, connection, order_id)[0])
    told = orjson.loads(open_key(hub, connection, order_id).unseal(sealed))
    return _notice(connection, work, head, ReceiverRecord(**told))


def _head(connection: Connection, work: OutboundWork) -> dict[str, Any]:
    row = fetch(connection, HEAD, ((work.detail or {})["number"],))[0]
    return dict(zip(NAMES, row, strict=True))


def _notice(connection: Connection, work: OutboundWork, head: dict[str, Any], person: ReceiverRecord) -> n.LabelNotice:
    sender = n.Sender(
        head["sender_name"] or "", head["sender_phone"] or "", head["province"] or "", head["city"] or "",
        head["district"] or "", head["town"] or "", head["street"] or "",
    )  # fmt: skip
    items = fetch(connection, ITEMS, (work.fulfilment_id,))
    is_first = head["package"] == 1
    return n.LabelNotice(
        number=head["key"], carrier_code=head["carrier"], sender=sender, receiver=person,
        order_nos=tuple(row[0] for row in fetch(connection, ORDERS, (work.fulfilment_id,))),
        items=tuple(n.LabelItem(name, units) for name, units, _ in items), platform=head["platform"],
        token_order_no=head["order_no"], weight_g=sum(row[2] for row in items) if is_first else 0,
        template_url=head["template_url"] or "", terms=head["terms"] or {}, currency=head["currency"],
        collect_amount=head["collect_amount"] if is_first else 0, package=head["package"],
        waybill_no=head["waybill_no"],
    )  # fmt: skip


def _carrier(connector: Connector) -> Carrier:
    if not isinstance(connector, Carrier):
        raise TypeError("the account is not a carrier's")
    return connector


def _found(connector: Connector, notice: n.LabelNotice) -> n.Label | None:
    return _carrier(connector).find_waybill(n.LabelRef(notice.number, notice.carrier_code))


def _gone(connector: Connector, ref: n.LabelRef) -> n.Receipt | None:
    """A number that the carrier does not know any more was cancelled."""
    found = _carrier(connector).find_waybill(ref)
    return n.Receipt(ref.waybill_no) if found is None else None


WRITES: Final[dict[str, Callable[[Connector, Any], Any]]] = {
    "request_waybill": lambda connector, notice: _carrier(connector).request_waybill(notice),
    "change_label": lambda connector, notice: _carrier(connector).change_label(notice),
    "cancel_waybill": lambda connector, ref: _carrier(connector).cancel_waybill(ref),
}
LOOK_UPS: Final[dict[str, Callable[[Connector, Any], Any]]] = {
    "request_waybill": _found,
    "change_label": lambda connector, notice: None,  # The same change once more is harmless, and answers the new label.
    "cancel_waybill": _gone,
}
