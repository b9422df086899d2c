"""电子面单: where we take the waybill number ourselves it is asked for before the warehouse hears of a fulfilment.

Each number is a row of e_waybill from the moment it is asked for, so that none is lost or paid for unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.labels.masked import closed_to_us
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.numbers import document_no

#: A number that was not given may be asked for once more under the same key.
GONE: Final = ("cancelled", "wasted", "refused")
GIVEN_BACK: Final = """
select key from e_waybill where key = any(%s) and waybill_no <> '' and state in ('cancelled', 'wasted')"""
#: That a number `w` which is asked for will be answered: its row is still to be called, or its answer is awaited.
ASKING: Final = """exists (select from outbound o where o.fulfilment_id = w.fulfilment_id and o.kind = 'request_waybill'
    and o.state in ('waiting', 'sending', 'unknown', 'stuck'))"""


def number_key(work: FulfilmentWork, package: int = 1) -> str:
    """Our document number and the package: what a carrier knows a number of ours by."""
    return f"{document_no('fulfilment', work.id, work.version)}_{package}"


def ask_numbers(batch: Batch, works: Sequence[FulfilmentWork]) -> set[int]:
    """Ask for the numbers of those whose label is ours; answers the fulfilments that wait for one.

    One that has its number already is not asked for again and goes on, as does one whose masked receiver only the
    warehouse can open.
    """
    labels = batch.masters.labels
    if not labels:
        return set()
    ours = [work for work in works if work.carrier_id and (work.stock_point_id, work.carrier_id) in labels]
    closed = closed_to_us(batch, ours)
    ours = [work for work in ours if work.id not in closed]
    if not ours:
        return set()
    _leave_given_back(batch, ours)
    fresh = _keep_rows(batch, ours)
    waiting = set()
    for work in ours:
        row_id = fresh.get(number_key(work))
        if row_id is not None:
            waiting.add(work.id)
            _ask(batch, work, labels[work.stock_point_id, work.carrier_id or 0], row_id)
    return waiting


def _leave_given_back(batch: Batch, works: Sequence[FulfilmentWork]) -> None:
    """What was given back may be gone for good: SF cancels its order under our key. The next version asks anew."""
    keys = {number_key(work): work for work in works}
    for (key,) in fetch(batch.connection, GIVEN_BACK, (array_of(sorted(keys)),)):
        keys[key].version += 1


def _ask(batch: Batch, work: FulfilmentWork, account_id: int, row_id: int) -> None:
    key = number_key(work)
    batch.send(
        "request_waybill", account_id, f"waybill:{key}:{batch.new_id()}", fulfilment_id=work.id,
        order_id=work.lead_order_id, shop_id=work.shop_id, stock_point_id=work.stock_point_id,
        carrier_id=work.carrier_id, detail={"number": row_id, "key": key},
    )  # fmt: skip


COLUMNS: Final = (
    ("id", "bigint"), ("key", "text"), ("fulfilment_id", "bigint"), ("version", "int"), ("order_id", "bigint"),
    ("account_id", "bigint"), ("carrier_id", "bigint"), ("stock_point_id", "bigint"),
)  # fmt: skip


def _keep_rows(batch: Batch, works: Sequence[FulfilmentWork]) -> dict[str, int]:
    """Key → row of the numbers that have to be asked for; what is asked for or got stays as it is."""
    rows: list[tuple[Any, ...]] = [
        (batch.new_id(), number_key(work), work.id, work.version, work.lead_order_id,
         batch.masters.labels[work.stock_point_id, work.carrier_id or 0], work.carrier_id, work.stock_point_id)
        for work in works
    ]  # fmt: skip
    names = ", ".join(name for name, _ in COLUMNS)
    arrays = ", ".join(f"%s::{kind}[]" for _, kind in COLUMNS)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            f"""insert into e_waybill ({names}, state, asked_at)
                select t.*, 'asked', %s from unnest({arrays}) as t
                on conflict (key) do update set state = 'asked', waybill_no = '', sealed_print = null, reason = '',
                  words = '', carrier_id = excluded.carrier_id, account_id = excluded.account_id, ended_at = null
                where e_waybill.state = any(%s) returning key, id""".encode(),
            (batch.now, *[list(column) for column in zip(*rows, strict=True)], list(GONE)),
        )
        return {str(key): int(id_) for key, id_ in cursor.fetchall()}


def has_number(batch: Batch, fulfilment_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Fulfilment → (row, waybill number) of the number its first package holds and has not used."""
    rows = fetch(
        batch.connection,
        """select distinct on (w.fulfilment_id) w.fulfilment_id, w.id, w.waybill_no from e_waybill w
           join fulfilment f on f.id = w.fulfilment_id and f.version = w.version
           where w.fulfilment_id = any(%s) and w.state = 'got' and w.package = 1
           order by w.fulfilment_id, w.id desc""",
        (array_of(fulfilment_ids),),
    )
    return {fulfilment_id: (id_, number) for fulfilment_id, id_, number in rows}


def numbers_of(batch: Batch, work: FulfilmentWork) -> list[int]:
    """The rows of the numbers that its packages hold and have not used."""
    question = "select id from e_waybill where fulfilment_id = %s and version = %s and state = 'got' order by package"
    return [row[0] for row in fetch(batch.connection, question, (work.id, work.version))]


def give_numbers_back(batch: Batch, rows: Sequence[tuple[Any, ...]]) -> None:
    """Have carriers cancel numbers that are not needed; one that was never got is simply cancelled.

    Rows: id, key, account, fulfilment, order, stock point, carrier, state.
    """
    for id_, key, account_id, fulfilment_id, order_id, point_id, carrier_id, state in rows:
        if state == "got":
            batch.send(
                "cancel_waybill", account_id, f"unused:{key}:{batch.new_id()}", fulfilment_id=fulfilment_id,
                order_id=order_id, stock_point_id=point_id, carrier_id=carrier_id, detail={"number": id_, "key": key},
            )  # fmt: skip
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update e_waybill set state = case when state = 'got' then 'cancelling' else 'cancelled' end,
                 ended_at = case when state = 'asked' then %s end where id = any(%s)""",
            (batch.now, [row[0] for row in rows]),
        )


def remember_refusal(batch: Batch, work: FulfilmentWork, reason: str) -> None:
    """The carrier does not go where these orders go: they are planned without it from now on."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into carrier_refusal (order_id, carrier_id, reason, at)
               select id, %s, %s, %s from unnest(%s::bigint[]) as id on conflict (order_id, carrier_id) do nothing""",
            (work.carrier_id, reason, batch.now, work.order_ids),
        )
