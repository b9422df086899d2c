"""运单号不一致: what a platform already holds as shipped when it refuses a notice of ours, and whose number counts."""

from __future__ import annotations

from typing import Final

import structlog

from connectors.contract import notices as n
from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import Connector, Marketplace
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork, Result
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotFound, NotPossible

CONFLICT: Final = "waybill-conflict"
HOLD: Final = "waybill_conflict"
MOST_SHOWN: Final = 5
LOG = structlog.get_logger("write back")
_ROW: Final = """
select o.code, o.order_id, a.vendor from outbound o join account a on a.id = o.account_id
where o.id = %s and o.kind = 'push_shipment' and o.state = 'refused' for update of o"""
_CHANGE: Final = """
with gone as (update outbound set state = 'void', due_at = null where id = %s)
insert into outbound (kind, account_id, state, key, order_id, fulfilment_id, parcel_id, shop_id, stock_point_id,
  carrier_id, detail, created_at, due_at)
select 'change_shipment', account_id, 'waiting', 'change:' || key || ':' || id, order_id, fulfilment_id, parcel_id,
  shop_id, stock_point_id, carrier_id, detail, %s, %s from outbound where id = %s
on conflict (key) do nothing"""


def refused_notice(connector: Connector, notice: n.ShipmentNotice, error: ConnectorError) -> Result:
    """How a refused ship notice ends: done when the platform holds this very waybill, in conflict when another one.

    A look-up that fails leaves the refusal as it is.
    """
    plain = Result("refused", error.words, error.code)
    if not isinstance(connector, Marketplace) or "find_shipment" not in connector.capabilities():
        return plain
    try:
        found = connector.find_shipment(notice.order_no)
    except (ConnectorError, BadRecord) as failed:
        LOG.warning("a refused notice could not be looked up", order=notice.order_no, error=type(failed).__name__)
        return plain
    wanted = notice.line_nos or tuple(found.waybills)
    if wanted and all(found.has(line, notice) for line in wanted):
        return Result("done", "the platform had it already", answer=found)
    theirs = {found.waybills[line] for line in wanted if line in found.waybills} - {notice.waybill_no, ""}
    return Result("refused", error.words, CONFLICT, answer=found) if theirs else plain


def tell_conflict(batch: Batch, work: OutboundWork, result: Result) -> None:
    """Tell people of both numbers; nothing waits for them, the goods have left."""
    order = batch.orders.get(work.order_id or 0)
    if order is None or not isinstance(result.answer, n.ShipmentFound):
        return
    rows = fetch(batch.connection, "select waybill_no from parcel where id = %s", (work.parcel_id,))
    ours = rows[0][0] if rows else ""
    theirs = sorted(set(result.answer.waybills.values()) - {"", ours})[:MOST_SHOWN]
    batch.place_hold(order, HOLD, {"ours": ours, "theirs": theirs})


def claim_ours(hub: Hub, outbound_id: int, actor: str) -> None:
    """Have the platform replace its waybill by ours; NotPossible where it has no such call."""
    with hub.begin() as connection:
        rows = fetch(connection, _ROW, (outbound_id,))
        if not rows:
            raise NotFound("this notice is not refused any more", "reload the page")
        code, order_id, vendor_name = rows[0]
        if code != CONFLICT:
            raise NotPossible("the platform holds no other waybill", "send it again, or give it up")
        vendor = hub.vendors.get(vendor_name)
        if vendor is None or "change_shipment" not in vendor.capabilities():
            raise NotPossible("this platform has no call to change a waybill", "change it on the platform's own page")
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(_CHANGE, (outbound_id, hub.clock(), hub.clock(), outbound_id))
    LOG.info("our waybill is to replace the platform's", order_id=order_id, actor=actor)
    hub.poke("outbound")
