"""Asks a carrier to change the labels of a fulfilment's packages, one row each; never two changes at the same time."""

from __future__ import annotations

from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import void_on
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.labels.changed import fail_change
from oms.app.pipeline.labels.numbers import has_number, numbers_of
from oms.db.bulk import copy_rows

CHANGE: Final = ("id", "order_id", "fulfilment_id", "way", "state", "what", "carrier_id", "sealed", "was_key", "reason",
                 "asked_at", "asked_by")  # fmt: skip
#: Rows of a fulfilment's former changes that are not over.
FORMER: Final = """
select id, state from outbound where fulfilment_id = %s and kind = 'change_label'
and (detail->>'change')::bigint <> %s and state in ('waiting', 'sending', 'unknown', 'stuck', 'refused') order by id"""
#: A change whose rows were not sent because those of the one before were under way.
WAITING: Final = """
select c.id, c.order_id from label_change c where c.fulfilment_id = %s and c.state = 'asked' and c.way = 'update'
and not exists (select from outbound o where o.fulfilment_id = c.fulfilment_id and o.kind = 'change_label'
                and (o.detail->>'change')::bigint = c.id) order by c.id"""
OPEN_NOW: Final = """
select id, order_id from label_change where fulfilment_id = %s and way = 'update' and state in ('asked', 'told')"""
NO_LABEL: Final = "no label of ours is left to change"
LATER: Final = "a later change has taken its place"


def is_ours(batch: Batch, work: FulfilmentWork) -> bool:
    """Whether the label is ours and whoever gave the number can change it."""
    if work.status == "sending" or work.id not in has_number(batch, [work.id]):
        return False
    account_id = batch.masters.labels.get((work.stock_point_id, work.carrier_id or 0))
    rows = fetch(batch.connection, "select vendor from account where id = %s", (account_id,))
    vendor = batch.hub.vendors.get(rows[0][0]) if rows else None
    return vendor is not None and "change_label" in vendor.capabilities()


def keep_change(
    batch: Batch, order: OrderWork, way: str, what: list[str], *, work: FulfilmentWork | None, asked_by: str,
    sealed: bytes | None = None, was_key: bytes | None = None, carrier_id: int | None = None, reason: str = "",
) -> int:  # fmt: skip
    """Write a change down before anybody is asked; answers its id."""
    change_id = batch.new_id()
    row: tuple[Any, ...] = (change_id, order.id, work.id if work else 0, way, "asked", what, carrier_id, sealed, was_key,
                            reason, batch.now, asked_by)  # fmt: skip
    copy_rows(batch.connection, "label_change", CHANGE, [row])
    return change_id


def send_changes(batch: Batch, work: FulfilmentWork, order: OrderWork, change_id: int) -> None:
    """Ask for every package, as soon as no call of a former change is under way: the last word must be the newest."""
    former = fetch(batch.connection, FORMER, (work.id, change_id))
    void_on(batch.connection, [id_ for id_, state in former if state != "sending"], batch.now, batch.actor, LATER)
    if any(state == "sending" for _, state in former):
        return
    rows = numbers_of(batch, work)
    for row_id in rows:
        send_change(batch, work, order, change_id, row_id)
    if not rows:
        fail_change(batch, order, change_id, NO_LABEL, work)


def send_change(batch: Batch, work: FulfilmentWork, order: OrderWork, change_id: int, row_id: int) -> None:
    """Ask for one package."""
    account_id = batch.masters.labels.get((work.stock_point_id, work.carrier_id or 0))
    if account_id is None:
        fail_change(batch, order, change_id, NO_LABEL, work)
        return
    batch.send(
        "change_label", account_id, f"label:{change_id}:{row_id}", fulfilment_id=work.id, order_id=order.id,
        shop_id=order.shop_id, stock_point_id=work.stock_point_id, carrier_id=work.carrier_id,
        detail={"number": row_id, "change": change_id},
    )  # fmt: skip


def send_waiting(batch: Batch, work: FulfilmentWork, ended_row: int) -> None:
    """Ask for the change that had to wait for the end of this row, unless others are still under way."""
    for change_id, order_id in fetch(batch.connection, WAITING, (work.id,)):
        former = fetch(batch.connection, FORMER, (work.id, change_id))
        if not any(state == "sending" and id_ != ended_row for id_, state in former):
            for row_id in numbers_of(batch, work):
                send_change(batch, work, batch.orders[order_id], change_id, row_id)


def ask_for_package(batch: Batch, work: FulfilmentWork, row_id: int) -> None:
    """A package whose number came while the label changes may bear the old receiver: its label is changed, too."""
    for change_id, order_id in fetch(batch.connection, OPEN_NOW, (work.id,)):
        send_change(batch, work, batch.orders[order_id], change_id, row_id)
