"""Further packages of a fulfilment at the packing table: each gets a waybill number and a label of its own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.labels.acknowledged import require_relabelled
from oms.app.pipeline.labels.numbers import number_key
from oms.app.pipeline.outbound.consequences import close_batch, open_batch, order_ids_of
from oms.app.pipeline.packing.desk import own_work, require_at_work, require_no_stop
from oms.db.bulk import psycopg_connection
from oms.domain.errors import NotPossible

#: So many packages of one fulfilment get numbers.
MOST: Final = 20
NUMBERS: Final = """
select w.package, w.state, w.waybill_no, w.words from e_waybill w
join fulfilment f on f.id = w.fulfilment_id and f.version = w.version where w.fulfilment_id = %s order by w.package"""
ASK: Final = """
insert into e_waybill (id, key, fulfilment_id, version, package, order_id, account_id, carrier_id, stock_point_id, state,
  asked_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'asked', %s)
on conflict (key) do update set state = 'asked', waybill_no = '', sealed_print = null, reason = '', words = '',
  ended_at = null where e_waybill.state in ('cancelled', 'wasted', 'refused') returning id"""


def packages(connection: Connection, fulfilment_id: int) -> list[tuple[int, str, str, str]]:
    """(package, state of its number, waybill number, what the carrier said) as the fulfilment stands now."""
    return [(row[0], row[1], row[2], row[3]) for row in fetch(connection, NUMBERS, (fulfilment_id,))]


def add_package(hub: Hub, fulfilment_id: int, package: int, actor: str, points: Collection[int]) -> bool:
    """Ask for the number of a further package; its label can be printed as soon as the carrier has answered.

    `package` is the number of it that the person saw; answers False when it was asked for already. A number that was
    refused may be asked for again.
    """
    with hub.begin() as connection:
        batch = open_batch(hub, connection, order_ids_of(connection, fulfilment_id))
        batch.actor = actor
        work = own_work(batch, fulfilment_id, points)
        require_at_work(work)
        require_no_stop(batch, work)
        require_relabelled(batch, work)
        is_new = _ask(batch, work, package)
        close_batch(batch)
    hub.poke("outbound")
    return is_new


def _ask(batch: Batch, work: FulfilmentWork, package: int) -> bool:
    account_id = batch.masters.labels.get((work.stock_point_id, work.carrier_id or 0))
    known = {number: state for number, state, _, _ in packages(batch.connection, work.id)}
    if account_id is None or known.get(1) not in ("got", "used"):
        raise NotPossible("its first label is not ours", "write down the number on the label you have")
    if not 2 <= package <= min(MOST, max(known) + 1):
        raise NotPossible("there are other packages by now", "reload the page")
    key = number_key(work, package)
    values = (batch.new_id(), key, work.id, work.version, package, work.lead_order_id, account_id, work.carrier_id,
              work.stock_point_id, batch.now)  # fmt: skip
    with psycopg_connection(batch.connection).cursor() as cursor:
        row = cursor.execute(ASK, values).fetchone()
    if row is None:
        return False
    batch.send(
        "request_waybill", account_id, f"waybill:{key}:{batch.new_id()}", fulfilment_id=work.id,
        order_id=work.lead_order_id, shop_id=work.shop_id, stock_point_id=work.stock_point_id,
        carrier_id=work.carrier_id, detail={"number": row[0], "key": key, "package": package},
    )  # fmt: skip
    return True
