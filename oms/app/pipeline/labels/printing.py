"""The label of a fulfilment for a printer: the carrier's own print data, and what a plain label of ours needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from connectors.contract.records import ReceiverRecord
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_key, open_receiver
from oms.domain.errors import NotPossible

QUESTION: Final = """
select distinct on (w.package) w.package, w.state, f.status, w.waybill_no, w.parent_no, w.sealed_print, w.prints,
  w.order_id, c.name, c.code, f.id, f.version, case when w.package = 1 then f.collect_amount else 0 end, f.currency,
  f.stock_point_id,
  case when r.sender_name <> '' then r.sender_name else s.sender_name end,
  case when r.sender_name <> '' then r.sender_phone else s.sender_phone end,
  s.province, s.city, s.district, s.town, s.street, s.template_url
from e_waybill w join fulfilment f on f.id = w.fulfilment_id and f.version = w.version
join carrier c on c.id = w.carrier_id
left join e_waybill_setting s on s.stock_point_id = w.stock_point_id and s.carrier_id = w.carrier_id
left join order_partner q on q.order_id = f.lead_order_id left join partner r on r.id = q.partner_id
where w.fulfilment_id = %s and (%s::int is null or w.package = %s) and w.state in ('got', 'used')
order by w.package, w.id desc"""

TOLD: Final = """
select order_id, sealed from label_change where fulfilment_id = %s and state = 'told' and sealed is not null"""
STATE: Final = """
select w.state from e_waybill w join fulfilment f on f.id = w.fulfilment_id and f.version = w.version
where w.fulfilment_id = %s and w.package = 1 order by w.id desc limit 1"""
#: Of these nothing more leaves: a label that no parcel has used must not be put on any.
ENDED: Final = ("cancelled", "merged", "closed_short")
#: State of its number → why a fulfilment has no label to print.
NO_LABEL: Final = {
    "asked": NotPossible("its number is still being asked for", "ask again in a minute"),
    "refused": NotPossible("the carrier gave no number", "wait until it is planned with another, or ask its people"),
    "got": NotPossible("it does not leave any more, so its label is void", "print nothing, and put the goods back"),
}
GIVEN_BACK: Final = NotPossible("its label was cancelled", "destroy what was printed of it")
NOT_OURS: Final = NotPossible("its label is not ours", "take the number and the label of your own carrier")


@dataclass(frozen=True, slots=True)
class PrintLabel:
    """A label: `print_data` is for the carrier's print component, empty where the carrier gives none.

    `prints` counts the versions: more than one says that an older print must not be used. What the fulfilment collects
    is on the label of its first package.
    """

    fulfilment_id: int
    order_id: int
    version: int
    waybill_no: str
    parent_no: str
    carrier: str
    carrier_code: str
    stock_point_id: int
    prints: int
    package: int
    collect_amount: int
    currency: str
    sender: tuple[str, str, str]
    template_url: str
    receiver: ReceiverRecord = field(repr=False)
    print_data: str = field(repr=False)


def label_of(hub: Hub, connection: Connection, fulfilment_id: int, package: int = 1) -> PrintLabel | None:
    """The label of a package of a fulfilment, None where the number is not ours. It holds the receiver in plain text."""
    rows = fetch(connection, QUESTION, (fulfilment_id, package, package))
    return _opened(hub, connection, rows[0]) if rows else None


def labels_of(hub: Hub, connection: Connection, fulfilment_id: int) -> list[PrintLabel]:
    """The labels of all its packages that may be on a parcel, in plain text; NotPossible says why there is none."""
    rows = fetch(connection, QUESTION, (fulfilment_id, None, None))
    rows = [row for row in rows if row[1] == "used" or row[2] not in ENDED]
    if not rows:
        states = fetch(connection, STATE, (fulfilment_id,))
        raise NO_LABEL.get(states[0][0], GIVEN_BACK) if states else NOT_OURS
    return [_opened(hub, connection, row) for row in rows]


def _opened(hub: Hub, connection: Connection, row: tuple[Any, ...]) -> PrintLabel:
    (package, _, _, waybill, parent, sealed, prints, order_id, carrier, code, id_, version, collect, currency, point_id,
     name, phone, *place, template) = row  # fmt: skip
    data = open_key(hub, connection, order_id).unseal(sealed).decode() if sealed else ""
    receiver = _new_receiver(hub, connection, id_) or open_receiver(hub, connection, order_id)[0]
    sender = (name or "", phone or "", "".join(part or "" for part in place))
    return PrintLabel(id_, order_id, version, waybill, parent, carrier, code, point_id, prints, package, collect,
                      currency, sender, template or "", receiver, data)  # fmt: skip


def _new_receiver(hub: Hub, connection: Connection, fulfilment_id: int) -> ReceiverRecord | None:
    """Whom people asked for, once the carrier has changed the label: the order keeps the old one until it is put on."""
    for order_id, sealed in fetch(connection, TOLD, (fulfilment_id,)):
        told: dict[str, Any] = orjson.loads(open_key(hub, connection, order_id).unseal(sealed))
        return ReceiverRecord(**told)
    return None
