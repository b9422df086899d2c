"""How a change of labels ends: each package's for itself, and what that makes of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectors.contract.labels import Unreachable
from connectors.contract.notices import Label
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.marks import tell
from oms.app.kernel.outbound import OutboundWork, Result
from oms.app.kernel.receivers import open_key
from oms.app.kernel.work import FulfilmentWork, OrderWork
from oms.app.pipeline.labels.changed import OPEN, PLATFORM, fail_change
from oms.app.pipeline.labels.numbers import remember_refusal
from oms.db.bulk import psycopg_connection
from oms.domain.numbers import document_no

#: Who hears that a label has to be printed once more, by the code of the team.
PRINTING: Final = "warehouse"
CHANGE: Final = "select state, asked_by from label_change where id = %s for update"
ROWS: Final = """
select o.id, o.state, o.words, w.package from outbound o join e_waybill w on w.id = (o.detail->>'number')::bigint
where o.fulfilment_id = %s and o.kind = 'change_label' and (o.detail->>'change')::bigint = %s order by w.package"""
TOLD: Final = """
update label_change set state = 'told', told_at = coalesce(told_at, %s), words = %s where id = %s and state = any(%s)"""
UNDER_WAY: Final = ("waiting", "sending", "unknown", "stuck")

Ending = tuple[int, bool, str]


def settle_label(batch: Batch, order: OrderWork, work: FulfilmentWork, row: OutboundWork, result: Result) -> None:
    """Write how the change of one package's label ended; with the last of them the whole change goes on.

    What a person asked for goes on with the packages whose labels did change. What the platform told is for the whole
    order: one refusal asks the goods back.
    """
    change_id = (row.detail or {})["change"]
    waybill = _keep_label(batch, order, row, result.answer) if isinstance(result.answer, Label) else ""
    found = fetch(batch.connection, CHANGE, (change_id,))
    if not found or found[0][0] not in OPEN or (found[0][0] == "told" and result.outcome != "done"):
        return
    if result.code.partition("/")[0] == Unreachable.reason:
        remember_refusal(batch, work, Unreachable.reason)
    endings = _endings(batch, work, change_id, row, result)
    if endings is None:
        return
    failed = [(package, words) for package, is_done, words in endings if not is_done]
    if failed and (found[0][1] == PLATFORM or len(failed) == len(endings)):
        fail_change(batch, order, change_id, _named(failed, endings), work)
        return
    _tell_warehouse(batch, order, work, change_id, row, waybill, _named(failed, endings))


def _keep_label(batch: Batch, order: OrderWork, row: OutboundWork, label: Label) -> str:
    """The new label's print data, sealed with the order's data key; answers its number."""
    sealed = open_key(batch.hub, batch.connection, order.id).seal(label.print_data.encode())
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update e_waybill set sealed_print = %s, prints = prints + 1,
                 waybill_no = case when %s = '' then waybill_no else %s end where id = %s""",
            (sealed, label.waybill_no, label.waybill_no, (row.detail or {})["number"]),
        )
    return label.waybill_no


def _endings(
    batch: Batch, work: FulfilmentWork, change_id: int, row: OutboundWork, result: Result
) -> list[Ending] | None:
    """(package, whether its label has changed, what the carrier said); None while one of them is under way."""
    rows = fetch(batch.connection, ROWS, (work.id, change_id))
    if any(state in UNDER_WAY for id_, state, *_ in rows if id_ != row.id):
        return None
    return [
        (package, (result.outcome if id_ == row.id else state) == "done", result.words if id_ == row.id else words)
        for id_, state, words, package in rows
    ]


def _named(failed: Sequence[tuple[int, str]], endings: Sequence[Any]) -> str:
    """What was said of the packages that keep their label, each with its number where there are several."""
    if len(endings) == 1:
        return "".join(words for _, words in failed)
    return "; ".join(f"{package}: {words}" for package, words in failed)


def _tell_warehouse(
    batch: Batch, order: OrderWork, work: FulfilmentWork, change_id: int, row: OutboundWork, waybill: str, failed: str
) -> None:
    """The warehouse is told to print again, and has to say that it has.

    Until then nobody claims it: the parcel may still bear the old label.
    """
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(TOLD, (batch.now, failed[:500], change_id, list(OPEN)))
    for id_ in work.order_ids:
        detail = {"waybill": waybill} if waybill else {}
        if id_ == order.id or work.order_count > 1:
            batch.note(batch.orders[id_], "label_told", detail, fulfilment_id=work.id)
    if failed:
        batch.note(order, "label_refused", {"words": failed[:200]}, fulfilment_id=work.id)
    tell(batch, order, "label", f"label:{change_id}:{row.id}", PRINTING, document_no("fulfilment", work.id, work.version))
