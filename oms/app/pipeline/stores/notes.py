"""Delivery notes 配送单: parcels of many orders carried to a store, sent, received one by one, cleared up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.acting import Doing, StoreParcelWork, locked_parcel, move_parcel, note_act, set_parcel
from oms.app.pipeline.stores.handing import make_ready
from oms.app.pipeline.stores.sending_back import put_on_transfer
from oms.app.pipeline.stores.stops import require_none_stopped
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.errors import Busy, Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no

NOTE: Final = "select id, status, from_point_id, to_point_id from delivery_note where id = %s for update"
ON_NOTE: Final = """select distinct i.order_id from delivery_note_parcel d join parcel_item i on i.parcel_id = d.parcel_id
where d.delivery_note_id = %s and (%s::bigint is null or d.parcel_id = %s) order by 1"""
STAMPS: Final = {"sent": "sent_at", "received": "received_at"}
#: How a finding may be resolved, by its kind.
ENDINGS: Final = {"missing": ("found", "lost"), "damaged": ("accepted", "sent_back")}


def send_note(hub: Hub, doing: Doing, note_id: int) -> None:
    """The warehouse hands a note with all its parcels to whoever drives; later parcels go on a new one."""

    def apply(batch: Batch) -> None:
        _move(batch, note_id, "send", doing.point_id, from_here=True)
        require_all(batch, ON_NOTE, (note_id, None, None))
        aboard = [row[0] for row in _parcels(batch.connection, note_id, "open")]
        require_none_stopped(batch, aboard)
        for parcel_id in aboard:
            parcel = locked_parcel(batch, parcel_id, doing.point_id)
            if lifecycle.PARCEL.allows(parcel.state, "move"):
                move_parcel(batch, parcel, "move", note=document_no("note", note_id))

    _on_note(hub, doing, note_id, "send_note", None, apply)


def receive_parcel(hub: Hub, doing: Doing, note_id: int, scanned: str, *, damage: str = "", shelf: str = "") -> int:
    """A parcel of a sent note has come, whole or with `damage`; scanned twice it stays received. Answers its id.

    With a `shelf` it is ready for the buyer at once.
    """
    parcel_id = find_on_note(hub, note_id, scanned)

    def apply(batch: Batch) -> None:
        row = fetch(batch.connection, NOTE, (note_id,))[0]
        if row[1] not in ("sent", "received") or row[3] != doing.point_id:
            raise NotPossible("this note is not on its way to you", "look at its number and at your store")
        result = _result(batch.connection, note_id, parcel_id)
        if result in ("received", "damaged"):
            return
        parcel = locked_parcel(batch, parcel_id, doing.point_id)
        _set_result(batch.connection, note_id, parcel_id, "damaged" if damage else "received")
        move_parcel(batch, parcel, "arrive_at_store", note=document_no("note", note_id))
        set_parcel(batch, parcel, arrived_at=batch.now)
        if result == "missing":
            _resolve(batch, note_id, parcel_id, "found")
        if damage:
            _add_finding(batch, note_id, parcel_id, "damaged", damage)
        elif shelf:
            make_ready(batch, parcel, shelf)
        if row[1] == "sent" and not _parcels(batch.connection, note_id, "open"):
            _move(batch, note_id, "receive", doing.point_id, from_here=False)
        _close_when_clear(batch, note_id)

    detail = {"parcel": parcel_id, "damaged": bool(damage)}
    _on_note(hub, doing, note_id, "receive_parcel", parcel_id, apply, **detail)
    return parcel_id


def finish_receiving(hub: Hub, doing: Doing, note_id: int) -> int:
    """Everything that came is scanned: what is left is missing, which is open work. Answers how many parcels."""
    missing: list[int] = []

    def apply(batch: Batch) -> None:
        _move(batch, note_id, "receive", doing.point_id, from_here=False)
        for (parcel_id,) in _parcels(batch.connection, note_id, "open"):
            parcel = locked_parcel(batch, parcel_id, doing.point_id)
            _set_result(batch.connection, note_id, parcel_id, "missing")
            if lifecycle.PARCEL.allows(parcel.state, "report_trouble"):
                move_parcel(batch, parcel, "report_trouble", words="missing on arrival")
            _add_finding(batch, note_id, parcel_id, "missing", "")
            missing.append(parcel_id)
        _close_when_clear(batch, note_id)

    _on_note(hub, doing, note_id, "finish_receiving", None, apply)
    return len(missing)


def resolve_finding(hub: Hub, doing: Doing, finding_id: int, resolution: str) -> None:
    """End a finding: missing was found or is lost, damaged is accepted or goes back."""
    with hub.engine.connect() as connection:
        question = "select delivery_note_id, parcel_id, kind from arrival_finding where id = %s"
        rows = fetch(connection, question, (finding_id,))
    if not rows:
        raise NotFound("there is no such finding", "reload the page")
    note_id, parcel_id, kind = rows[0]
    if resolution not in ENDINGS[kind]:
        raise Invalid("resolution", "a finding of this kind does not end so", "choose one of the buttons")

    def apply(batch: Batch) -> None:
        held = fetch(batch.connection, "select resolution from arrival_finding where id = %s for update", (finding_id,))
        if held[0][0]:
            raise NotPossible("somebody has resolved this already")
        parcel = locked_parcel(batch, parcel_id, doing.point_id)
        _end_finding(batch, note_id, parcel, resolution)
        _resolve(batch, note_id, parcel_id, resolution)
        _close_when_clear(batch, note_id)

    _on_note(hub, doing, note_id, "resolve_finding", parcel_id, apply, resolution=resolution)


def _end_finding(batch: Batch, note_id: int, parcel: StoreParcelWork, resolution: str) -> None:
    if resolution == "found":
        move_parcel(batch, parcel, "arrive_at_store", note=document_no("note", note_id))
        set_parcel(batch, parcel, arrived_at=batch.now)
        _set_result(batch.connection, note_id, parcel.id, "received")
    elif resolution == "lost":
        move_parcel(batch, parcel, "lose", note=document_no("note", note_id))
        set_parcel(batch, parcel, ended_at=batch.now, ended_by=batch.actor)
    elif resolution == "sent_back":
        put_on_transfer(batch, parcel, "damaged")


def find_on_note(hub: Hub, note_id: int, scanned: str) -> int:
    """The parcel of a note that a scanned waybill means; NotFound says where it belongs, if anywhere."""
    words = scanned.strip()
    with hub.engine.connect() as connection:
        rows = fetch(
            connection,
            """select d.parcel_id, d.delivery_note_id from delivery_note_parcel d join parcel p on p.id = d.parcel_id
               where upper(p.waybill_no) = upper(%s) order by (d.delivery_note_id = %s) desc, d.delivery_note_id desc
               limit 1""",
            (words, note_id),
        )
    if not rows:
        raise NotFound("no parcel has this number", "scan it again, or set it aside and ask the warehouse")
    if rows[0][1] != note_id:
        raise NotFound("this parcel is on another delivery note", "receive it under that note")
    return int(rows[0][0])


def _on_note(
    hub: Hub,
    doing: Doing,
    note_id: int,
    verb: str,
    parcel_id: int | None,
    apply: Callable[[Batch], None],
    **detail: object,
) -> None:
    with hub.begin() as connection:
        if not note_act(connection, hub, doing, "note", note_id, verb, **detail):
            return
        ids = [row[0] for row in fetch(connection, ON_NOTE, (note_id, parcel_id, parcel_id))]
        batch = open_batch(hub, connection, ids)
        batch.actor = doing.actor
        apply(batch)
        close_batch(batch)
    batch.tell()


def require_all(batch: Batch, question: str, values: tuple[object, ...]) -> None:
    """Busy when another parcel has come onto a paper since its orders were locked; the next click sees it."""
    if any(row[0] not in batch.orders for row in fetch(batch.connection, question, values)):
        raise Busy("another parcel has just been added", "click again in a few seconds")


def _move(batch: Batch, note_id: int, action: str, point_id: int, *, from_here: bool) -> None:
    rows = fetch(batch.connection, NOTE, (note_id,))
    if not rows or rows[0][2 if from_here else 3] != point_id:
        raise NotFound("there is no such note here", "look whether you work at the right place")
    status = lifecycle.TRANSFER.target(rows[0][1], action)
    stamp = f", {STAMPS[status]} = %(now)s" if status in STAMPS else ""
    with psycopg_connection(batch.connection).cursor() as cursor:
        values = {"id": note_id, "status": status, "now": batch.now}
        cursor.execute(f"update delivery_note set status = %(status)s{stamp} where id = %(id)s".encode(), values)


def _close_when_clear(batch: Batch, note_id: int) -> None:
    """A received note closes when nothing is left to clear up."""
    row = fetch(batch.connection, NOTE, (note_id,))[0]
    open_ones = "select 1 from arrival_finding where delivery_note_id = %s and resolved_at is null limit 1"
    if row[1] == "received" and not fetch(batch.connection, open_ones, (note_id,)):
        _move(batch, note_id, "close", row[3], from_here=False)


def _parcels(connection: Connection, note_id: int, result: str) -> list[tuple[int]]:
    question = "select parcel_id from delivery_note_parcel where delivery_note_id = %s and result = %s order by 1"
    return [(row[0],) for row in fetch(connection, question, (note_id, result))]


def _result(connection: Connection, note_id: int, parcel_id: int) -> str:
    question = "select result from delivery_note_parcel where delivery_note_id = %s and parcel_id = %s for update"
    return str(fetch(connection, question, (note_id, parcel_id))[0][0])


def _set_result(connection: Connection, note_id: int, parcel_id: int, result: str) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update delivery_note_parcel set result = %s where delivery_note_id = %s and parcel_id = %s",
            (result, note_id, parcel_id),
        )


def _add_finding(batch: Batch, note_id: int, parcel_id: int, kind: str, words: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into arrival_finding (id, delivery_note_id, parcel_id, kind, words, at, by)
               values (%s, %s, %s, %s, %s, %s, %s)""",
            (batch.new_id(), note_id, parcel_id, kind, words[:300], batch.now, batch.actor),
        )
    for order in batch.orders.values():
        batch.note(order, f"arrived_{kind}", {"note": document_no("note", note_id)})


def _resolve(batch: Batch, note_id: int, parcel_id: int, resolution: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update arrival_finding set resolution = %s, resolved_at = %s, resolved_by = %s
               where delivery_note_id = %s and parcel_id = %s and resolved_at is null""",
            (resolution, batch.now, batch.actor, note_id, parcel_id),
        )
