"""Outbound rows about stopping: pausing work at a warehouse, looking up what expired, couriers' call-backs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from connectors.contract import notices as n
from connectors.contract.families import Carrier, Connector, Warehouse
from oms.app.intercept.asking import last_reason
from oms.app.intercept.calling_back import settle_call_back
from oms.app.intercept.enforce import send_stop
from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork, Result, settle_outbound
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.giving_back import give_up
from oms.app.pipeline.outbound import consequences
from oms.app.pipeline.outbound.calls import fulfilment_ref
from oms.app.pipeline.outbound.consequences import (
    GIVEN_UP,
    cancel_refused,
    close_batch,
    open_batch,
    order_ids_of,
    with_fulfilment,
)
from oms.app.pipeline.ship import apply_shipment
from oms.db.bulk import psycopg_connection

KINDS: Final = ("hold_fulfilment", "check_stop", "call_back_parcel")
RECEIVED: Final = """
update interception set state = case when state = 'asked' then 'received' else state end, received_at = %s
where {} and ended_at is null and received_at is null returning order_id"""


def build(connection: Connection, work: OutboundWork) -> Any:
    """(what it is about, waybill or whether to pause)."""
    ref = fulfilment_ref(connection, work)
    if work.kind != "call_back_parcel":
        return ref, bool((work.detail or {}).get("on", True))
    waybill = fetch(connection, "select waybill_no from parcel where id = %s", (work.parcel_id,))[0][0]
    return ref, str(waybill)


def _hold(connector: Connector, asked: tuple[n.FulfilmentRef, bool]) -> n.Receipt:
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is not a warehouse's")
    return connector.hold(*asked)


def _check(connector: Connector, asked: tuple[n.FulfilmentRef, bool]) -> n.FulfilmentFound | None:
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is not a warehouse's")
    return connector.find_fulfilment(asked[0])


def _call_back(connector: Connector, asked: tuple[n.FulfilmentRef, str]) -> n.Receipt:
    if isinstance(connector, Carrier):
        return connector.call_back(asked[1], asked[0].reason)
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is neither a warehouse's nor a carrier's")
    return connector.call_back(*asked)


WRITES: Final[dict[str, Callable[[Connector, Any], Any]]] = {
    "hold_fulfilment": _hold,
    "check_stop": _check,
    "call_back_parcel": _call_back,
}
#: Asking any of these twice is harmless, so nothing is looked up before.
LOOK_UPS: Final[dict[str, Callable[[Connector, Any], Any]]] = dict.fromkeys(KINDS, lambda connector, asked: None)


def after_hold(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """Paused: the warehouse has heard of it, and gives it back next. One that cannot pause is asked all the same."""
    if result.outcome not in ("done", "refused") or not (work.detail or {}).get("on", True):
        return _settle(hub, work, result)

    def apply(batch: Batch, found: FulfilmentWork, result: Result) -> None:
        if found.stop != "asked" or found.status not in ("stopping", "part_shipped"):
            return
        paused = result.outcome == "done"
        if paused:
            _received(batch, "fulfilment_id = %s and asked_of = 'warehouse'", found.id)
        told = {**(work.detail or {}), "paused": paused}
        send_stop(batch, found, work.account_id, "cancel_fulfilment", told)

    return with_fulfilment(hub, work, result, apply)


def after_cancel(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """What was paused and is not given back goes on."""
    if result.outcome != "refused" or not (work.detail or {}).get("paused"):
        return consequences.after_cancel(hub, work, result)

    def apply(batch: Batch, found: FulfilmentWork, result: Result) -> None:
        cancel_refused(batch, found, result)
        send_stop(batch, found, work.account_id, "hold_fulfilment", {"reason": "resume", "on": False})

    return with_fulfilment(hub, work, result, apply)


def after_check(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """What the warehouse has settles the stop, or it stays unresolved and is asked for once more."""
    if result.outcome != "done":
        return _settle(hub, work, result)

    def apply(batch: Batch, found: FulfilmentWork, result: Result) -> None:
        answer = result.answer
        if found.stop != "asked" or not isinstance(answer, n.FulfilmentFound):
            return
        if answer.shipment is not None:
            apply_shipment(batch, found, answer.shipment)
        elif answer.state in GIVEN_UP:
            give_up(batch, found, answer.words or answer.state.value)
        else:
            told = {"reason": last_reason(batch, found), "was": found.status}
            send_stop(batch, found, work.account_id, "cancel_fulfilment", told)

    return with_fulfilment(hub, work, result, apply)


def after_call_back(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    """The courier was told, and its scans will tell how it ended; or it cannot be called back any more."""
    if result.outcome not in ("done", "refused"):
        return _settle(hub, work, result)
    with hub.begin() as connection:
        batch = open_batch(hub, connection, order_ids_of(connection, work.fulfilment_id))
        if result.outcome == "refused":
            settle_call_back(batch, work.parcel_id or 0, "failed", result.words)
        else:
            _received(batch, "parcel_id = %s and asked_of = 'courier'", work.parcel_id or 0)
        close_batch(batch)
        settle_outbound(connection, work, result, hub.clock())
    return batch.pokes


def _received(batch: Batch, where: str, id_: int) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        heard = cursor.execute(RECEIVED.format(where).encode(), (batch.now, id_)).fetchall()
    for (order_id,) in heard:
        if order_id in batch.orders:
            batch.note(batch.orders[order_id], "interception_received")


def _settle(hub: Hub, work: OutboundWork, result: Result) -> set[str]:
    with hub.begin() as connection:
        settle_outbound(connection, work, result, hub.clock())
    return set()


CONSEQUENCES: Final[dict[str, Callable[[Hub, OutboundWork, Result], set[str]]]] = {
    "hold_fulfilment": after_hold,
    "cancel_fulfilment": after_cancel,
    "check_stop": after_check,
    "call_back_parcel": after_call_back,
}
