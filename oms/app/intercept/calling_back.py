"""召回: a parcel that left is asked back of its courier, through the warehouse that sent it or the courier itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, fill, lock_with_siblings
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound, NotPossible

#: States in which a courier may still turn a parcel round.
ON_THE_WAY: Final = ("created", "handed_over", "on_the_way", "out_for_delivery", "trouble")
PATIENCE: Final = timedelta(hours=24)
PARCEL: Final = """
select p.id, p.state, p.fulfilment_id, p.carrier_id, p.waybill_no, f.stock_point_id, f.lead_order_id, f.shop_id
from parcel p join fulfilment f on f.id = p.fulfilment_id where p.id = any(%s) order by p.id for update of p"""
ORDERS: Final = "select distinct order_id from fulfilment_line where fulfilment_id = %s order by 1"
OPEN: Final = "select 1 from interception where parcel_id = any(%s) and ended_at is null"
#: Accounts that can ask: the warehouse's own, then the carrier's.
WAYS: Final = """
select a.id, a.vendor from stock_point s join account a on a.id = s.account_id where s.id = %s
union all
select a.id, a.vendor from carrier c join account a on a.id = c.tracking_account_id where c.id = %s"""
END: Final = """
update interception set state = %s, words = %s, ended_at = %s where parcel_id = %s and asked_of = 'courier'
and ended_at is null returning order_id, fulfilment_id"""


def call_back(hub: Hub, parcel_id: int, actor: str, reason: str) -> None:
    """Ask for a parcel back; refused when nobody can be asked, or when it is too late for that."""
    if len(reason.strip()) < 2:
        raise Invalid("reason", "a reason is needed", "say why it shall come back")
    with hub.begin() as connection:
        rows = fetch(connection, "select fulfilment_id from parcel where id = %s", (parcel_id,))
        if not rows:
            raise NotFound("there is no such parcel", "reload the page")
        orders = [row[0] for row in fetch(connection, ORDERS, (rows[0][0],))]
        batch = Batch(hub, connection, hub.masters.get(connection, hub.clock()), hub.clock(), actor=actor)
        fill(batch, lock_with_siblings(connection, orders), all_fulfilments=True)
        if not ask_back(batch, [parcel_id], reason.strip()):
            raise NotPossible("neither warehouse nor courier can be asked for it", "telephone the courier")
        flush(batch)
    batch.tell()


def ask_back(batch: Batch, parcel_ids: Sequence[int], reason: str) -> int:
    """Ask for parcels of the batch's orders back; answers for how many somebody could be asked.

    NotPossible for one that is no longer on its way, or is being called back already.
    """
    count = 0
    for row in fetch(batch.connection, PARCEL, (list(parcel_ids),)):
        if row[1] not in ON_THE_WAY:
            raise NotPossible("the parcel is not on its way any more", "expect it as a return instead")
        if fetch(batch.connection, OPEN, ([row[0]],)):
            raise NotPossible("it is being called back already")
        account_id = _account(batch, row[5], row[3])
        if account_id is None:
            continue
        interception_id = _ledger(batch, row, reason)
        batch.send(
            "call_back_parcel", account_id, f"call-back:{interception_id}", parcel_id=row[0], fulfilment_id=row[2],
            order_id=row[6], shop_id=row[7], stock_point_id=row[5], carrier_id=row[3],
            detail={"interception": interception_id, "reason": reason[:100]},
        )  # fmt: skip
        count += 1
    return count


def call_back_by_itself(batch: Batch, point_id: int, parcel_ids: Iterable[int]) -> None:
    """What left in spite of a stop is called back where its stock point is set so."""
    ids = list(parcel_ids)
    rows = fetch(batch.connection, "select calls_back from packing_setting where stock_point_id = %s", (point_id,))
    if ids and rows and rows[0][0] and not fetch(batch.connection, OPEN, (ids,)):
        ask_back(batch, ids, "too_late")


def end_call_back(batch: Batch, parcel_id: int, parcel_state: str) -> None:
    """Where the parcel is says how calling it back ended."""
    if parcel_state in ("refused", "returning", "returned"):
        settle_call_back(batch, parcel_id, "succeeded", "it is on its way back")
    elif parcel_state in ("delivered", "ready"):
        settle_call_back(batch, parcel_id, "failed", "it was delivered")


def settle_call_back(batch: Batch, parcel_id: int, state: str, words: str) -> None:
    """Write how it ended; its orders are loaded."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        ended = cursor.execute(END, (state, words[:500], batch.now, parcel_id)).fetchall()
    for order_id, fulfilment_id in ended:
        if order_id in batch.orders:
            batch.note(
                batch.orders[order_id], f"interception_{state}", {"words": words[:200]}, fulfilment_id=fulfilment_id
            )


def _account(batch: Batch, point_id: int, carrier_id: int) -> int | None:
    for account_id, vendor in fetch(batch.connection, WAYS, (point_id, carrier_id)):
        known = batch.hub.vendors.get(vendor)
        if known is not None and "call_back" in known.capabilities():
            return int(account_id)
    return None


def _ledger(batch: Batch, row: tuple[Any, ...], reason: str) -> int:
    """One attempt for each source order of the parcel; answers the first's id."""
    parcel_id, _, fulfilment_id, _, waybill, *_ = row
    ids = []
    for (order_id,) in fetch(batch.connection, ORDERS, (fulfilment_id,)):
        order = batch.orders[order_id]
        ids.append(batch.new_id())
        batch.interceptions.append({
            "id": ids[-1], "fulfilment_id": fulfilment_id, "order_id": order_id, "reason": reason[:200], "state": "asked",
            "asked_at": batch.now, "asked_by": batch.actor, "case_no": "", "words": "", "asked_of": "courier",
            "parcel_id": parcel_id, "due_at": batch.now + PATIENCE,
            "user_group_id": batch.masters.shops[order.shop_id].user_group_id,
        })  # fmt: skip
        batch.note(order, "call_back_asked", {"waybill": waybill, "reason": reason[:200]}, fulfilment_id=fulfilment_id)
    return ids[0]
