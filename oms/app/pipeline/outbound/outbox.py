"""The outbound pump: claims rows, calls connectors outside of any transaction, settles each with its consequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import structlog

from connectors.contract import notices as n
from connectors.contract.errors import (
    AuthFailed,
    BadRecord,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Retryable,
)
from connectors.contract.families import Carrier, Connector, Marketplace, Warehouse
from oms.app.kernel.authorisation import refused
from oms.app.kernel.connectors import AccountPaused, connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.outbound import OutboundWork, Result, claim_outbound
from oms.app.pipeline.labels import after as labels_after
from oms.app.pipeline.labels import calls as labels_calls
from oms.app.pipeline.outbound import batch_creates, calls, stock_calls, stop_calls
from oms.app.pipeline.outbound.consequences import CONSEQUENCES
from oms.app.pipeline.outbound.decisions import decision, find_decision, send_decision
from oms.app.pipeline.outbound.never_there import not_sent
from oms.app.pipeline.outbound.platform_waybills import refused_notice
from oms.app.pipeline.stores import notice_calls
from oms.app.pipeline.stores.notices import build_message

#: All claimed rows are called at once, so that each is settled well before its claim runs out.
LIMIT = 12
THREADS = 12
#: What the other side works off later is asked about this often.
FOLLOW_S = 120.0
LOG = structlog.get_logger("outbox")


def send_batch(hub: Hub, limit: int = LIMIT) -> int:
    """Send one batch of due rows, several at once; answers how many were claimed."""
    with hub.begin() as connection:
        rows = claim_outbound(connection, hub.clock(), limit, ())
    if not rows:
        return 0
    if len(rows) == 1:
        send_one(hub, rows[0])
        return 1
    groups = batch_creates.together(hub, rows)
    grouped = {row.id for group in groups for row in group}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="outbox") as pool:
        list(pool.map(lambda group: _send_together(hub, group), groups))
        list(pool.map(lambda row: send_one(hub, row), [row for row in rows if row.id not in grouped]))
    return len(rows)


def _send_together(hub: Hub, works: Sequence[OutboundWork]) -> None:
    """One call for several rows; each is settled for itself."""
    results = batch_creates.perform_batch(hub, works, _end)
    for work in works:
        _follow(hub, work, results[work.id])


def send_one(hub: Hub, work: OutboundWork) -> Result:
    """Call for one claimed row and write how it ended, with its consequence, in one transaction."""
    return _follow(hub, work, perform(hub, work))


def _follow(hub: Hub, work: OutboundWork, result: Result) -> Result:
    for signal in AFTER[work.kind](hub, work, result):
        hub.poke(signal)
    return result


def perform(hub: Hub, work: OutboundWork) -> Result:
    """Do the call; every way it can end becomes a Result.

    A row of unknown outcome stays so until a look-up has answered, whatever else goes wrong.
    """
    return _end(hub, work, lambda: _call(hub, work))


def _end(hub: Hub, work: OutboundWork, call: Callable[[], Result]) -> Result:
    again = "unknown" if work.was == "unknown" else "retry"
    try:
        return call()
    except AccountPaused as error:
        return Result(again, error.words, "paused", wait=60, counts=False)
    except RateLimited as error:
        return Result(again, error.words, error.code, wait=error.retry_after or 5.0, counts=False)
    except OutcomeUnknown as error:
        return Result("unknown", error.words, error.code)
    except Retryable as error:
        return Result(again, error.words, error.code)
    except AuthFailed as error:
        refused(hub, work.account_id, error.words)
        return Result(again, error.words, error.code, wait=60, counts=False)
    except (ConnectorError, BadRecord) as error:
        return Result("refused", error.words, error.code)
    except Exception as error:
        LOG.error("outbound call failed", kind=work.kind, id=work.id, error=type(error).__name__, exc_info=True)
        return Result("unknown", f"unexpected {type(error).__name__}", "defect")


def _call(hub: Hub, work: OutboundWork) -> Result:
    connector = connector_of(hub, account_id=work.account_id)
    request = _build(hub, work)
    if isinstance(request, calls.Void):
        return Result("void", request.words, "void")
    is_unwanted = isinstance(request, calls.Unwanted)
    if is_unwanted:
        request = request.notice
    taken = (work.detail or {}).get("taken")
    if work.was == "unknown" and taken:
        return _outcome(_market(connector).follow_up(taken), counts=False)
    if work.was == "unknown":
        found = _look_up(work, connector, request)
        if found is not None:
            return Result("done", "found by look-up", answer=found)
    if is_unwanted:
        return not_sent(hub, work)
    stop_id = calls.stop_in_the_way(hub, work)
    if stop_id is not None:
        return Result("kept", str(stop_id), "emergency-stop", counts=False)
    try:
        return _outcome(WRITES[work.kind](connector, request), counts=True)
    except Refused as error:
        if work.kind != "push_shipment":
            raise
        return refused_notice(connector, request, error)


def _outcome(answer: Any, *, counts: bool) -> Result:
    """Done; or only taken, and then asked about until the other side has worked it off."""
    if isinstance(answer, n.Receipt) and answer.is_pending:
        return Result("unknown", answer.words, "taken", wait=FOLLOW_S, answer=answer, counts=counts)
    return Result("done", answer=answer)


def _look_up(work: OutboundWork, connector: Connector, request: Any) -> Any:
    """What the other side has; a look-up that is refused says nothing about what was sent."""
    try:
        return LOOK_UPS[work.kind](connector, request)
    except (Retryable, AuthFailed):
        raise
    except (ConnectorError, BadRecord) as error:
        raise OutcomeUnknown(error.words, code=error.code) from error


def _build(hub: Hub, work: OutboundWork) -> Any:
    with hub.engine.connect() as connection:
        if work.kind == "create_fulfilment":
            return calls.create_fulfilment(hub, connection, work)
        if work.kind in ("cancel_fulfilment", "find_fulfilment"):
            return calls.fulfilment_ref(connection, work)
        if work.kind in ("push_shipment", "change_shipment"):
            return calls.push_shipment(hub, connection, work)
        if work.kind == "confirm_interception":
            return calls.interception(connection, work, hub.clock())
        if work.kind == "decide_case":
            return decision(connection, work)
        if work.kind == notice_calls.KIND:
            return build_message(hub, connection, work)
        if work.kind in stop_calls.KINDS:
            return stop_calls.build(connection, work)
        if work.kind in stock_calls.KINDS:
            return stock_calls.build(connection, work)
        if work.kind in labels_calls.WRITES:
            return labels_calls.build(hub, connection, work)
        return calls.subscription(hub, connection, work)


def _warehouse(connector: Connector) -> Warehouse:
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is not a warehouse's")
    return connector


def _market(connector: Connector) -> Marketplace:
    if not isinstance(connector, Marketplace):
        raise TypeError("the account is not a marketplace's")
    return connector


def _carrier(connector: Connector) -> Carrier:
    if not isinstance(connector, Carrier):
        raise TypeError("the account is not a carrier's")
    return connector


def _subscribe(carrier: Carrier, request: n.TrackRequest) -> n.Receipt | None:
    """Ask for pushes; a parcel of a carrier that has none is looked at instead."""
    return carrier.subscribe(request) if "subscribe" in carrier.capabilities() else None


WRITES: Final[dict[str, Callable[[Connector, Any], Any]]] = {
    "create_fulfilment": lambda connector, notice: _warehouse(connector).create_fulfilment(notice),
    "cancel_fulfilment": lambda connector, ref: _warehouse(connector).cancel_fulfilment(ref),
    "find_fulfilment": lambda connector, ref: _warehouse(connector).find_fulfilment(ref),
    "push_shipment": lambda connector, notice: _market(connector).push_shipment(notice),
    "change_shipment": lambda connector, notice: _market(connector).change_shipment(notice),
    "confirm_interception": lambda connector, notice: _market(connector).confirm_interception(notice),
    "subscribe_parcel": lambda connector, request: _subscribe(_carrier(connector), request),
    "decide_case": lambda connector, told: send_decision(_market(connector), told),
    notice_calls.KIND: notice_calls.send,
    **dict.fromkeys(stock_calls.KINDS, stock_calls.write),
    **labels_calls.WRITES,
    **stop_calls.WRITES,
}


def _find_created(connector: Connector, notice: n.FulfilmentNotice) -> n.FulfilmentFound | None:
    return _warehouse(connector).find_fulfilment(
        n.FulfilmentRef(notice.number, notice.warehouse_code, notice.owner_code, kind=notice.kind)
    )


def _find_cancelled(connector: Connector, ref: n.FulfilmentRef) -> n.FulfilmentFound | None:
    """Only a cancelled one answers the question; anything else is asked again, which is harmless."""
    found = _warehouse(connector).find_fulfilment(ref)
    return found if found is not None and found.state is n.WarehouseState.CANCELLED else None


def _find_shipped(connector: Connector, notice: n.ShipmentNotice) -> n.ShipmentFound | None:
    found = _market(connector).find_shipment(notice.order_no)
    wanted: Sequence[str] = notice.line_nos or tuple(found.waybills)
    return found if wanted and all(found.has(line, notice) for line in wanted) else None


LOOK_UPS: Final[dict[str, Callable[[Connector, Any], Any]]] = {
    "create_fulfilment": _find_created,
    "cancel_fulfilment": _find_cancelled,
    "find_fulfilment": lambda connector, ref: None,  # It is a look-up itself.
    "push_shipment": _find_shipped,
    "change_shipment": _find_shipped,
    "confirm_interception": lambda connector, notice: None,  # Saying it twice is harmless.
    "subscribe_parcel": lambda connector, request: None,  # Asking twice is harmless.
    "decide_case": lambda connector, told: find_decision(_market(connector), told),
    notice_calls.KIND: notice_calls.look_up,
    **dict.fromkeys(stock_calls.KINDS, stock_calls.look_up),
    **labels_calls.LOOK_UPS,
    **stop_calls.LOOK_UPS,
}
AFTER: Final = {
    **CONSEQUENCES,
    **labels_after.CONSEQUENCES,
    **stop_calls.CONSEQUENCES,
    notice_calls.KIND: notice_calls.after,
    **dict.fromkeys(stock_calls.KINDS, stock_calls.after),
}
