"""The message pump: works on stored pushes, each in its own transaction; a defect of one never stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import Connection

from connectors.contract import notices as n
from connectors.contract.errors import ConnectorError, Retryable
from oms.app.intercept.calling_back import end_call_back, settle_call_back
from oms.app.kernel.batch import Batch
from oms.app.kernel.connectors import connector_on, raise_alert
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_key
from oms.app.kernel.rereading import ask_again
from oms.app.kernel.transition import move_fulfilment
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline import track
from oms.app.pipeline.ghosts import book_ghost
from oms.app.pipeline.giving_back import give_up
from oms.app.pipeline.outbound.consequences import (
    LIVE_AT_WAREHOUSE,
    close_batch,
    find_work,
    open_batch,
    order_ids_of,
    pass_stop_on,
)
from oms.app.pipeline.outbound.never_there import call_back_late
from oms.app.pipeline.ship import apply_shipment
from oms.app.pipeline.tracking.coming_back import follow_back
from oms.app.pipeline.tracking.looks import heed
from oms.app.stock.arriving import take_pushed
from oms.app.stock.stock_orders import take_stock_order
from oms.db.bulk import psycopg_connection
from oms.domain.errors import ConfigError, HubError, Implausible
from oms.domain.numbers import parse_document_no

LIMIT = 50
#: All orders with goods in a parcel; one without items belongs to its fulfilment's orders.
PARCEL_ORDERS = """select order_id from parcel_item where parcel_id = %s
union select order_id from fulfilment_line where fulfilment_id = %s order by 1"""
MOST_ATTEMPTS = 8
#: How a courier answered a call-back that a warehouse passed on, by the warehouse's step.
CALLED_BACK = {"TMSCANCELED": "succeeded", "TMSCANCELFAILED": "failed"}
#: Steps that say that a warehouse has a fulfilment and works on it.
AT_WORK = (n.WarehouseState.ACCEPTED, n.WarehouseState.WORKING)
#: A message of a paused account is looked at again after this long.
PATIENCE = timedelta(minutes=1)
LOG = structlog.get_logger("inbox")


def work_batch(hub: Hub, limit: int = LIMIT) -> int:
    """Work on due messages one by one; answers how many."""
    count = 0
    while count < limit and work_one(hub):
        count += 1
    return count


def work_one(hub: Hub) -> bool:
    """Work on the oldest due message; False when there is none."""
    pokes: set[str] = set()
    message_id: int | None = None
    try:
        with hub.begin() as connection:
            row = _claim(hub, connection)
            if row is None:
                return False
            message_id, account_id, sealed, key_id = row
            try:
                reports = _parse(hub, connection, account_id, key_id, sealed)
            except (ConfigError, Retryable) as error:  # A pause too: the account or the hub is mended, then it works.
                _wait(connection, message_id, error.words, hub.clock() + PATIENCE)
                return True
            except (ConnectorError, HubError) as error:
                _fail(connection, message_id, error.words)
                return True
            for report in reports:
                pokes |= apply_report(hub, connection, account_id, report)
            with psycopg_connection(connection).cursor() as cursor:
                cursor.execute(
                    "update push_message set state = 'done', done_at = %s where id = %s", (hub.clock(), message_id)
                )
    except Exception as error:
        if message_id is None:  # Nothing is claimed, so nothing can be put off: the database is in trouble.
            raise
        _put_off(hub, message_id, error)
    for signal in pokes:
        hub.poke(signal)
    return True


def _note_hint(hub: Hub, connection: Connection, account_id: int, hint: n.ChangeHint) -> set[str]:
    """Read an order or a case of the account's shop anew; what is already on its way is not asked for twice."""
    shops = fetch(connection, "select id from shop where account_id = %s order by id limit 1", (account_id,))
    if not shops:
        return set()
    ask_again(connection, shops[0][0], hint.kind, [hint.external_no], hub.clock())
    return {"details"}


def _claim(hub: Hub, connection: Connection) -> tuple[int, int, bytes, int] | None:
    rows = fetch(
        connection,
        """select id, account_id, sealed, data_key_id from push_message where state = 'new' and due_at <= %s
           order by due_at, id limit 1 for update skip locked""",
        (hub.clock(),),
    )
    return rows[0] if rows else None


def _parse(hub: Hub, connection: Connection, account_id: int, key_id: int, sealed: bytes) -> tuple[n.PushReport, ...]:
    kept = orjson.loads(open_key(hub, connection, key_id).unseal(sealed))
    push = n.PushRequest(
        kept["method"], kept["path"], kept["query"], kept["headers"], bytes.fromhex(kept["body"]), hub.clock()
    )
    return connector_on(hub, connection, account_id=account_id).parse_push_reports(push)


def _wait(connection: Connection, message_id: int, words: str, due_at: datetime) -> None:
    """Keep a message for as long as it takes; waiting does not use up its attempts."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update push_message set error = %s, due_at = %s where id = %s", (words[:500], due_at, message_id))


def _fail(connection: Connection, message_id: int, words: str) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update push_message set state = 'failed', error = %s where id = %s", (words[:500], message_id))
    _alert(connection, message_id, words)


def _alert(connection: Connection, message_id: int, words: str) -> None:
    """Tell people: one alert for each account, counted."""
    for (account_id,) in fetch(connection, "select account_id from push_message where id = %s", (message_id,)):
        raise_alert(connection, "message_failed", str(account_id), words)


def _put_off(hub: Hub, message_id: int, error: Exception) -> None:
    """What failed is tried again, unless no later moment can make it right: then people hear of it at once."""
    if isinstance(error, Implausible):
        with hub.begin() as connection:
            _fail(connection, message_id, error.words)
        return
    LOG.error("message failed", id=message_id, error=type(error).__name__, exc_info=True)
    _postpone(hub, message_id, error.words if isinstance(error, HubError) else type(error).__name__)


def _postpone(hub: Hub, message_id: int, words: str) -> None:
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update push_message set attempts = attempts + 1, error = %s,
                 state = case when attempts + 1 >= %s then 'failed' else 'new' end,
                 due_at = %s + make_interval(secs => 2 ^ attempts) where id = %s returning state""",
            (words[:500], MOST_ATTEMPTS, hub.clock() + timedelta(seconds=1), message_id),
        )
        if cursor.fetchone() == ("failed",):
            _alert(connection, message_id, words)


def retry_failed(hub: Hub, ids: Sequence[int], actor: str) -> int:
    """Work on failed messages again because a person asks; answers how many."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update push_message set state = 'new', attempts = 0, due_at = %s, error = left(error || ' · ' || %s, 500)
               where id = any(%s) and state = 'failed'""",
            (hub.clock(), f"retried by {actor}", list(ids)),
        )
        count = cursor.rowcount
    hub.poke("messages")
    return count


def apply_report(hub: Hub, connection: Connection, account_id: int, report: n.PushReport) -> set[str]:
    """Apply one report to the documents it is about; answers the pumps to wake."""
    if isinstance(report, n.ChangeHint):
        return _note_hint(hub, connection, account_id, report)
    if isinstance(report, n.TrackReport):
        return _apply_track(hub, connection, report)
    if isinstance(report, n.StockReport):
        return take_pushed(hub, connection, account_id, report)
    if isinstance(report, n.StockOrderReport):
        return take_stock_order(hub, connection, account_id, report)
    if report is None:
        return set()
    parsed = parse_document_no(report.number)
    if parsed is None or parsed[0] != "fulfilment":
        raise HubError(f"{report.number!r:.60} is not one of our fulfilments", "compare it with the warehouse by hand")
    batch = open_batch(hub, connection, order_ids_of(connection, parsed[1]))
    work = find_work(batch, parsed[1])
    if work is None:
        raise HubError(f"there is no fulfilment {report.number!r:.60}", "compare it with the warehouse by hand")
    if parsed[2] < work.version:
        _apply_former(batch, work, report)
    elif isinstance(report, n.ShipmentReport):
        _apply_shipment(batch, work, report)
    elif isinstance(report, n.ProgressReport):
        _apply_progress(batch, work, report)
    else:
        _note_shortage(batch, work, report)
    close_batch(batch)
    return batch.pokes | {"advance"}


def _apply_former(batch: Batch, work: FulfilmentWork, report: n.PushReport) -> None:
    """Word of a version that was given back: only that it left after all matters, for then it leaves twice."""
    if isinstance(report, n.ShipmentReport) and report.parcels:
        book_ghost(batch, work, report)


def _apply_shipment(batch: Batch, work: FulfilmentWork, report: n.ShipmentReport) -> None:
    """Book what left; the last report may overtake an earlier one, so what it leaves open is looked up first.

    Calling it short at once would plan it again, and it would leave twice.
    """
    account_id = batch.masters.points[work.stock_point_id].account_id
    if not report.final or account_id is None:
        apply_shipment(batch, work, report)
        return
    apply_shipment(batch, work, replace(report, final=False))
    if work.status not in LIVE_AT_WAREHOUSE or not any(line.open_units for line in work.lines):
        return
    batch.send(
        "find_fulfilment",
        account_id,
        f"find:{report.number}:{batch.new_id()}",
        fulfilment_id=work.id,
        order_id=work.lead_order_id,
        shop_id=work.shop_id,
        stock_point_id=work.stock_point_id,
        detail={"left": [[line.sku_code, line.shipped] for line in report.lines]} if report.lines else None,
    )


def _apply_progress(batch: Batch, work: FulfilmentWork, report: n.ProgressReport) -> None:
    """A step of the warehouse's work; a late one never moves a fulfilment back."""
    if report.state is n.WarehouseState.ACCEPTED and work.status in ("sending", "sent"):
        move_fulfilment(batch, work, "warehouse_accepted")
        pass_stop_on(batch, work)
    elif report.state in (n.WarehouseState.CANCELLED, n.WarehouseState.REFUSED):
        give_up(batch, work, report.words or report.step)
    elif work.status == "cancelled" and report.state in AT_WORK:
        call_back_late(batch, work)
    elif report.step in CALLED_BACK:
        for (parcel_id,) in fetch(batch.connection, "select id from parcel where fulfilment_id = %s", (work.id,)):
            settle_call_back(batch, parcel_id, CALLED_BACK[report.step], report.words or report.step)
    if report.state is n.WarehouseState.FAILED and work.warehouse_step != report.step:
        for order_id in work.order_ids:
            told = {"words": report.words[:200]}
            batch.note(batch.orders[order_id], "warehouse_exception", told, fulfilment_id=work.id)
    if work.status not in ("shipped", "cancelled", "merged", "closed_short") and work.warehouse_step != report.step:
        work.warehouse_step = report.step
        batch.touched_fulfilments[work.id] = work


def _note_shortage(batch: Batch, work: FulfilmentWork, report: n.ShortageReport) -> None:
    for order_id in work.order_ids:
        short = [{"sku": line.sku_code, "short": line.planned - line.shipped} for line in report.lines]
        batch.note(batch.orders[order_id], "shortage", {"lines": short}, fulfilment_id=work.id)


def _apply_track(hub: Hub, connection: Connection, report: n.TrackReport) -> set[str]:
    now = hub.clock()
    lookup = Batch(hub, connection, hub.masters.get(connection, now), now)
    for parcel_id, fulfilment_id, _ in track.parcels_of(lookup, report):
        inside = [row[0] for row in fetch(connection, PARCEL_ORDERS, (parcel_id, fulfilment_id))]
        batch = open_batch(hub, connection, inside)
        state = fetch(connection, "select state from parcel where id = %s for update", (parcel_id,))[0][0]
        after = track.apply_trail(batch, parcel_id, state, report)
        if after != state:
            for order_id in inside:
                note = {"waybill": report.waybill_no}
                batch.note(batch.orders[order_id], f"parcel_{after}", note, fulfilment_id=fulfilment_id)
            follow_back(batch, parcel_id, after)
            end_call_back(batch, parcel_id, after)
        for words in heed(connection, parcel_id, report, now):
            for order_id in inside:
                told = {"waybill": report.waybill_no, "words": words}
                batch.note(batch.orders[order_id], "carrier_alert", told, fulfilment_id=fulfilment_id)
        close_batch(batch)
    return set()
