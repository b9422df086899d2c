"""Giving outbound rows up by hand: never so that a fulfilment waits for ever for an answer that nobody asks for."""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.kernel import outbound
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import Result
from oms.app.pipeline.labels.after import LABEL_KINDS, give_up_label
from oms.app.pipeline.outbound.consequences import cancel_refused, close_batch, find_work, open_batch, order_ids_of
from oms.app.pipeline.outbound.decisions import withdraw
from oms.domain.errors import Invalid


def void_rows(hub: Hub, ids: Sequence[int], actor: str, reason: str) -> int:
    """Give rows up; answers how many.

    A hand-over that may have reached its warehouse, or still may, is not given up but its order held or cancelled:
    Invalid. Giving up a request to stop means that the goods leave.
    """
    with hub.engine.connect() as connection:
        rows = fetch(
            connection,
            """select id, kind, fulfilment_id from outbound where id = any(%s)
               and kind in ('create_fulfilment', 'cancel_fulfilment', 'decide_case', 'request_waybill', 'change_label')
               and state in ('waiting', 'stuck', 'unknown')""",
            (list(ids),),
        )
    if any(kind == "create_fulfilment" for _, kind, _ in rows):
        raise Invalid(
            "id", "a hand-over cannot be given up", "hold or cancel its order; or send it again, it is looked up first"
        )
    stops = sum(_void_stop(hub, id_, place, actor, reason) for id_, kind, place in rows if kind == "cancel_fulfilment")
    if stops:
        hub.poke("advance")
    told = sum(withdraw(hub, id_, actor, reason) for id_, kind, _ in rows if kind == "decide_case")
    told += sum(give_up_label(hub, id_, actor, reason) for id_, kind, _ in rows if kind in LABEL_KINDS)
    rest = set(ids) - {id_ for id_, _, _ in rows}
    return stops + told + (outbound.void(hub, sorted(rest), actor, reason) if rest else 0)


def _void_stop(hub: Hub, id_: int, fulfilment_id: int, actor: str, reason: str) -> int:
    """The warehouse is not asked any more to give a fulfilment back: it leaves, as if it had refused."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, order_ids_of(connection, fulfilment_id))
        batch.actor = actor
        count = outbound.void_on(connection, [id_], batch.now, actor, reason)
        work = find_work(batch, fulfilment_id)
        if count and work is not None:
            cancel_refused(batch, work, Result("refused", reason))
        close_batch(batch)
    return count
