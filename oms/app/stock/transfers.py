"""调拨: goods leave one stock point, are on their way to another, and arrive line by line; what does not is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.transition import move_stock_document
from oms.app.stock.confirming import (
    Confirm,
    Units,
    book,
    checked_units,
    is_repeated,
    known_kind,
    locked_row,
    note_confirm,
    open_batch,
    point_by_code,
    refuse_more,
    skus_by_code,
)
from oms.app.stock.handing_over import hand_over, take_back
from oms.app.stock.left import left_at
from oms.app.stock.once import Made, Request, make_once
from oms.db.bulk import copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotPossible
from oms.domain.lifecycle import TRANSFER

KIND: Final = "transfer"
ON_THE_WAY: Final = "in_transit"
OUT, IN, LOST = "transfer_out", "transfer_in", "transfer_lost"
HEAD: Final = "status, from_point_id, to_point_id"


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """Units by SKU code that shall go from one stock point to another."""

    from_point: str
    to_point: str
    lines: Mapping[str, int]
    kind: str = "good"


def create_transfer(hub: Hub, wanted: NewTransfer, actor: str, requests: Sequence[Request] = ()) -> Made:
    """Plan a transfer; a warehouse with a system of its own is asked to send. A request that was done gets the same."""
    lines = checked_units(wanted.lines)
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        source = point_by_code(connection, wanted.from_point, "from_point")
        target = point_by_code(connection, wanted.to_point, "to_point")
        if source == target:
            raise Invalid("to_point", "goods cannot go to where they are", "choose another stock point")

        def plan() -> int:
            transfer_id = _insert(batch, source, target, lines, known_kind(wanted.kind))
            hand_over(batch, KIND, transfer_id, "out", source)
            book(batch, (), OUT, (KIND, transfer_id), batch.now)
            return transfer_id

        made = make_once(connection, batch.now, requests, plan)
    batch.tell()
    return made


def _insert(batch: Batch, source: int, target: int, lines: Mapping[str, int], kind: str) -> int:
    skus = skus_by_code(batch.connection, lines.keys())
    transfer_id = batch.new_id()
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into transfer (id, kind, status, from_point_id, to_point_id, created_at)
               values (%s, 'restock', %s, %s, %s, %s)""",
            (transfer_id, TRANSFER.states[0], source, target, batch.now),
        )
    ids = batch.take_ids(len(lines))
    rows = [(id_, transfer_id, skus[code], kind) for id_, code in zip(ids, lines, strict=True)]
    copy_rows(batch.connection, "transfer_line", ("id", "transfer_id", "sku_id", "kind"), rows)
    plans = [(id_, transfer_id, units) for id_, units in zip(ids, lines.values(), strict=True)]
    copy_rows(batch.connection, "transfer_plan", ("transfer_line_id", "transfer_id", "planned"), plans)
    return transfer_id


def send(hub: Hub, transfer_id: int, confirm: Confirm) -> bool:
    """Book what a person sent; refused when it is more than planned, or than lies there promised to nobody."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, confirm.actor)
        _, source, _ = locked_row(connection, KIND, HEAD, transfer_id, "transfer")
        if is_repeated(batch, KIND, transfer_id, confirm):
            return False
        refuse_more(batch, confirm, _to_send(batch, transfer_id))
        _check_free(batch, source, confirm.lines)
        taken = book_sent(batch, transfer_id, confirm)
    batch.tell()
    return taken


def book_sent(batch: Batch, transfer_id: int, confirm: Confirm) -> bool:
    """Goods left: they are on their way to the other point. The point they go to is told, if it has a system.

    The sending warehouse may put its word right until the transfer is closed, also once the other end has received.
    """
    status, source, target = locked_row(batch.connection, KIND, HEAD, transfer_id, "transfer")
    if status not in ("open", "sent", "received"):
        raise NotPossible(f"the transfer is {status}: nothing can be sent")
    if not note_confirm(batch, KIND, transfer_id, "out", confirm):
        return False
    before = _on_the_way(batch, transfer_id)
    _count(batch, transfer_id, confirm.lines, "sent")
    if status == "open":
        move_stock_document(batch.connection, TRANSFER, KIND, transfer_id, status, "send")
        _stamp(batch, transfer_id, "sent_at")
    if confirm.is_final:
        hand_over(batch, KIND, transfer_id, "in", target)
    moves = [(source, line.sku_id, line.kind, -line.units) for line in confirm.lines]
    moves += _moved_on_the_way(batch, transfer_id, target, before)
    book(batch, moves, OUT, (KIND, transfer_id), confirm.at)
    return True


def receive(hub: Hub, transfer_id: int, confirm: Confirm) -> bool:
    """Book what a person received at the other end; refused when it is more than is on its way."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, confirm.actor)
        locked_row(connection, KIND, HEAD, transfer_id, "transfer")
        if is_repeated(batch, KIND, transfer_id, confirm):
            return False
        refuse_more(batch, confirm, _on_the_way(batch, transfer_id))
        taken = book_arrived(batch, transfer_id, confirm)
    batch.tell()
    return taken


def book_arrived(batch: Batch, transfer_id: int, confirm: Confirm) -> bool:
    """Goods arrived: no longer on their way. More than were sent are there all the same."""
    status, _, target = locked_row(batch.connection, KIND, HEAD, transfer_id, "transfer")
    if status not in ("sent", "received"):
        raise NotPossible(f"the transfer is {status}: nothing can be received")
    if not note_confirm(batch, KIND, transfer_id, "in", confirm):
        return False
    before = _on_the_way(batch, transfer_id)
    _count(batch, transfer_id, confirm.lines, "received")
    if status == "sent" and confirm.is_final:
        move_stock_document(batch.connection, TRANSFER, KIND, transfer_id, status, "receive")
        _stamp(batch, transfer_id, "received_at")
    moves = [(target, line.sku_id, line.kind, line.units) for line in confirm.lines]
    moves += _moved_on_the_way(batch, transfer_id, target, before)
    book(batch, moves, IN, (KIND, transfer_id), confirm.at)
    return True


def close_transfer(hub: Hub, transfer_id: int, difference_class: str, actor: str) -> None:
    """End a transfer: what never arrived is lost, with the reason a person gives. One that never left is called off."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        status, _, target = locked_row(connection, KIND, HEAD, transfer_id, "transfer")
        missing = {sku_id: units for sku_id, units in _on_the_way(batch, transfer_id).items() if units}
        if missing and not difference_class:
            raise Invalid("difference_class", "goods are missing: say why", "choose a class")
        move_stock_document(connection, TRANSFER, KIND, transfer_id, status, "close")
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update transfer_plan p set lost = greatest(0, l.sent - l.received - p.received_defective),
                     difference_class = case when l.sent = l.received + p.received_defective then '' else %s end
                   from transfer_line l where l.id = p.transfer_line_id and p.transfer_id = %s""",
                (difference_class[:50], transfer_id),
            )
        take_back(batch, KIND, transfer_id)
        moves = [(target, sku_id, ON_THE_WAY, -units) for sku_id, units in missing.items()]
        book(batch, moves, LOST, (KIND, transfer_id), batch.now)
    batch.tell()


def _check_free(batch: Batch, source: int, lines: Sequence[Units]) -> None:
    good = {line.sku_id: line.units for line in lines if line.kind == "good"}
    lock_skus(batch, good)
    free = left_at(batch, source, list(good))
    for sku_id, units in good.items():
        if free[sku_id] < units:
            code = fetch(batch.connection, "select code from sku where id = %s", (sku_id,))[0][0]
            there = max(0, free[sku_id])
            raise NotPossible(f"of {code} only {there} units are free there", "send fewer, or count the stock first")


def _count(batch: Batch, transfer_id: int, lines: Sequence[Units], column: str) -> None:
    """Add units to the lines; faulty ones that arrive are kept apart."""
    for line in lines:
        is_faulty = column == "received" and line.kind == "defective"
        with psycopg_connection(batch.connection).cursor() as cursor:
            if is_faulty:
                cursor.execute(
                    """update transfer_plan p set received_defective = p.received_defective + %s from transfer_line l
                       where l.id = p.transfer_line_id and p.transfer_id = %s and l.sku_id = %s""",
                    (line.units, transfer_id, line.sku_id),
                )
            else:
                cursor.execute(
                    f"""update transfer_line set {column} = {column} + %s
                        where transfer_id = %s and sku_id = %s""".encode(),
                    (line.units, transfer_id, line.sku_id),
                )
            if not cursor.rowcount:
                raise Invalid("lines", "these goods are not on the transfer", "adjust the stock instead")


def _to_send(batch: Batch, transfer_id: int) -> dict[int, int]:
    """SKU → planned units that have not left."""
    return dict(
        fetch(
            batch.connection,
            """select l.sku_id, p.planned - l.sent from transfer_line l
               join transfer_plan p on p.transfer_line_id = l.id where l.transfer_id = %s""",
            (transfer_id,),
        )
    )


def _on_the_way(batch: Batch, transfer_id: int) -> dict[int, int]:
    """SKU → units of the transfer that have left and not arrived, never less than none."""
    return dict(
        fetch(
            batch.connection,
            """select l.sku_id, greatest(0, l.sent - l.received - p.received_defective) from transfer_line l
               join transfer_plan p on p.transfer_line_id = l.id where l.transfer_id = %s""",
            (transfer_id,),
        )
    )


def _moved_on_the_way(
    batch: Batch, transfer_id: int, target: int, before: Mapping[int, int]
) -> list[tuple[int, int, str, int]]:
    """What a confirm changed of what is on its way: more may have come than was told to have left, or before it was."""
    after = _on_the_way(batch, transfer_id)
    return [(target, sku_id, ON_THE_WAY, after[sku_id] - units) for sku_id, units in before.items()]


def _stamp(batch: Batch, transfer_id: int, column: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(f"update transfer set {column} = %s where id = %s".encode(), (batch.now, transfer_id))
