"""What notices to buyers and stores say, built from their templates at the moment of sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from connectors.contract.telling import Notifier
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork
from oms.app.kernel.receivers import open_key, open_receiver
from oms.app.pipeline.outbound.calls import Void
from oms.app.pipeline.stores.codes import told_code
from oms.app.pipeline.stores.deliveries import OPEN_TASK
from oms.domain.errors import NotFound

#: States a parcel must still be in for a notice to be worth sending.
STILL: Final = {"ready": ("ready",), "overdue_soon": ("ready",), "overdue": ("ready",), "out": ("out_for_delivery",),
                "bring_late": ("ready",)}  # fmt: skip
#: What is told of goods that their buyer collects, and of goods that are brought, alone.
LEG: Final = {"ready": "pickup", "overdue_soon": "pickup", "overdue": "pickup", "out": "delivery",
              "bring_late": "delivery"}  # fmt: skip
#: Events of a task that a store still has before it.
TASK: Final = ("new_task", "task_late")
ABOUT: Final = """
select b.audience, b.template, b.words, o.external_no, o.id, s.name, coalesce(x.state, ''), coalesce(q.code_no, 0),
       q.code_hash, q.overdue_at, coalesce(p.name, ''), coalesce(f.address, ''), coalesce(f.phone, ''),
       coalesce(f.email, ''), coalesce(x.waybill_no, ''), a.vendor, s.timezone, d.ready_by,
       coalesce(q.leg, ''), v.status, v.stop
from buyer_notice b join account a on a.id = b.account_id join orders o on o.id = %(order)s
join shop s on s.id = o.shop_id left join store_parcel q on q.parcel_id = %(parcel)s
left join parcel x on x.id = q.parcel_id
left join stock_point p on p.id = %(point)s left join store_profile f on f.stock_point_id = p.id
left join order_delivery d on d.order_id = o.id left join fulfilment v on v.id = %(fulfilment)s
where b.id = %(notice)s"""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a notifier sends it; `sent_at` is when its row was first called, for looking it up."""

    to: str
    template: str
    words: str
    values: dict[str, str]
    key: str
    sent_at: datetime


def build_message(hub: Hub, connection: Connection, work: OutboundWork) -> Message | Void:
    """What a row says, with phone or address opened only now; Void when it is not true any more."""
    detail = work.detail or {}
    values = {"order": work.order_id, "parcel": work.parcel_id, "point": work.stock_point_id,
              "notice": detail["notice"], "fulfilment": work.fulfilment_id}  # fmt: skip
    rows = connection.exec_driver_sql(ABOUT, values).all()
    if not rows:
        return Void("the template is not there any more")
    (audience, template, words, order_no, order_id, shop, state, code_no, code_hash, overdue_at, store, address, phone,
     email, waybill, vendor, zone, ready_by, leg, task,
     stop) = rows[0]  # fmt: skip
    event = detail["event"]
    if event == "promised" and ready_by is None:
        return Void("the store does not have the order any more")
    if event in TASK and task is not None and (task not in OPEN_TASK or stop != "none"):
        return Void("the store does not have the order before it any more")
    if state not in STILL.get(event, (state,)):
        return Void(f"the parcel is {state} by now")
    if leg != LEG.get(event, leg):
        return Void("the parcel goes another way to its buyer by now")
    code = told_code(hub.keys, work.parcel_id or 0, code_no, code_hash) if code_hash else ""
    said = {"order": order_no, "shop": shop, "store": store, "address": address, "phone": phone, "waybill": waybill,
            "code": code, "until": _day(overdue_at, zone), "ready_by": _moment(ready_by, zone)}  # fmt: skip
    by_mail = writes_mail(hub, vendor)
    own = email if by_mail else phone
    to = own if audience == "store" else buyer_address(hub, connection, order_id, by_mail=by_mail)
    if not to:
        return Void("there is no mail address to send to" if by_mail else "there is no phone to send to")
    return Message(to, template, _filled(words, said), said, work.key, work.created_at)


def writes_mail(hub: Hub, vendor: str) -> bool:
    """Whether a notifier writes to an e-mail address, and not to a phone."""
    connector = hub.vendors.get(vendor)
    return connector is not None and issubclass(connector, Notifier) and connector.writes_to == "email"


def _day(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d}" if moment else ""


def _moment(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else ""


def buyer_address(hub: Hub, connection: Connection, order_id: int, *, by_mail: bool) -> str:
    """The buyer's mail address, or the phone of who collects, else of the receiver; empty when masked or erased."""
    try:
        person, _ = open_receiver(hub, connection, order_id)
        if by_mail:
            return "" if "*" in person.email else person.email
        rows = fetch(connection, "select sealed from order_delivery where order_id = %s", (order_id,))
        kept = orjson.loads(open_key(hub, connection, order_id).unseal(rows[0][0])) if rows and rows[0][0] else {}
    except NotFound:
        return ""
    phone = str(kept.get("phone") or person.phone)
    return "" if "*" in phone or (person.masked and not kept.get("phone")) else phone


def _filled(words: str, said: dict[str, str]) -> str:
    for name, value in said.items():
        words = words.replace("{" + name + "}", value)
    return words
