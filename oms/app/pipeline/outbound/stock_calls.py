"""Outbound calls about receipts and transfers: what is sent, how it is looked up, and what follows from how it ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from connectors.contract.families import Connector, Warehouse
from connectors.contract.notices import Receipt
from connectors.contract.stocking import StockOrderFound, StockOrderNotice, StockOrderRef, StockOrderState
from oms.app.kernel.connectors import raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.outbound import OutboundWork, Result, settle_outbound
from oms.app.pipeline.outbound.calls import Void
from oms.app.stock.handing_over import CANCEL, CREATE, build_notice, build_ref, settle

KINDS = (CREATE, CANCEL)


def build(connection: Connection, work: OutboundWork) -> StockOrderNotice | StockOrderRef | Void:
    """What the warehouse is told; Void when the document has moved on."""
    order_id = _order_of(work)
    built: Any = build_notice(connection, order_id, work.account_id) if work.kind == CREATE else build_ref(
        connection, order_id)  # fmt: skip
    return built or Void("the document has moved on")


def write(connector: Connector, request: Any) -> Receipt:
    """Make the call."""
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is not a warehouse's")
    if isinstance(request, StockOrderNotice):
        return connector.create_stock_order(request)
    return connector.cancel_stock_order(request)


def look_up(connector: Connector, request: Any) -> StockOrderFound | None:
    """Whether a call whose answer was lost did what it should."""
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is not a warehouse's")
    if isinstance(request, StockOrderRef):
        found = connector.find_stock_order(request)
        return found if found is not None and found.state is StockOrderState.CANCELLED else None
    ref = StockOrderRef(request.number, request.direction, request.kind, request.warehouse_code, request.owner_code)
    return connector.find_stock_order(ref)


def after(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """The order at the warehouse is sent, refused or cancelled; what is refused waits for people."""
    with hub.begin() as connection:
        if result.outcome == "done":
            reference = getattr(result.answer, "reference", "")
            settle(connection, _order_of(work), "receive" if work.kind == CREATE else "cancel", reference=reference)
        elif result.outcome == "refused":
            if work.kind == CREATE:
                settle(connection, _order_of(work), "refuse", words=result.words)
            raise_alert(connection, "stock_order_refused", work.key, result.words)
        settle_outbound(connection, work, result, hub.clock())
    return set()


def _order_of(work: OutboundWork) -> int:
    return int((work.detail or {}).get("order", 0))
