"""Several small hand-overs in one call, for warehouses whose account says so; each row still ends for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from connectors.contract import notices as n
from connectors.contract.errors import BadRecord, ConnectorError
from connectors.contract.families import Warehouse
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.outbound import OutboundWork, Result
from oms.app.pipeline.outbound import calls
from oms.app.pipeline.outbound.never_there import not_sent
from oms.domain.errors import ConfigError

KIND: Final = "create_fulfilment"
#: What is accepted later is looked up after this long, should the warehouse's answer never come.
FOLLOW_S: Final = 120.0
ACCOUNTS: Final = "select id, vendor from account where id = any(%s) and settings->>'batch_create' = 'yes'"
End = Callable[[Hub, OutboundWork, Callable[[], Result]], Result]


def together(hub: Hub, rows: Sequence[OutboundWork]) -> list[list[OutboundWork]]:
    """Claimed rows that may be called in one: never called before, of one account that takes batches."""
    by_account: dict[int, list[OutboundWork]] = {}
    for row in rows:
        if row.kind == KIND and row.was == "waiting" and row.attempts == 1:
            by_account.setdefault(row.account_id, []).append(row)
    several = {id_: mine for id_, mine in by_account.items() if len(mine) > 1}
    if not several:
        return []
    with hub.engine.connect() as connection:
        wanted = fetch(connection, ACCOUNTS, (list(several),))
    able = {id_ for id_, vendor in wanted if _takes_batches(hub, vendor)}
    return [mine for id_, mine in several.items() if id_ in able]


def _takes_batches(hub: Hub, vendor: str) -> bool:
    known = hub.vendors.get(vendor)
    return known is not None and "create_fulfilments" in known.capabilities()


def perform_batch(hub: Hub, works: Sequence[OutboundWork], end: End) -> dict[int, Result]:
    """One call for all; `end` turns what a call does, or raises, into a row's result."""
    results: dict[int, Result] = {}
    notices: dict[int, n.FulfilmentNotice] = {}
    for work in works:
        ready: list[n.FulfilmentNotice] = []
        result = end(hub, work, _building(hub, work, ready))
        if ready:
            notices[work.id] = ready[0]
        else:
            results[work.id] = result
    answers: dict[str, Any] = {}
    failed: list[Exception] = []
    if notices:
        try:
            answers.update(_call(hub, works[0].account_id, list(notices.values())))
        except (ConnectorError, BadRecord, ConfigError) as error:  # How each of them ends follows from it.
            failed.append(error)
    for work in works:
        if work.id in notices:
            answer = failed[0] if failed else answers.get(notices[work.id].number)
            results[work.id] = end(hub, work, _ending(answer))
    return results


def _building(hub: Hub, work: OutboundWork, ready: list[n.FulfilmentNotice]) -> Callable[[], Result]:
    def build() -> Result:
        with hub.engine.connect() as connection:
            notice = calls.create_fulfilment(hub, connection, work)
        if isinstance(notice, calls.Void):
            return Result("void", notice.words, "void")
        if isinstance(notice, calls.Unwanted):
            return not_sent(hub, work)
        stop_id = calls.stop_in_the_way(hub, work)
        if stop_id is not None:
            return Result("kept", str(stop_id), "emergency-stop", counts=False)
        ready.append(notice)
        return Result("retry", "", "batch")

    return build


def _call(hub: Hub, account_id: int, notices: Sequence[n.FulfilmentNotice]) -> dict[str, n.Receipt | ConnectorError]:
    connector = connector_of(hub, account_id=account_id)
    if not isinstance(connector, Warehouse):
        raise TypeError("the account is not a warehouse's")
    return dict(connector.create_fulfilments(notices))


def _ending(answer: Any) -> Callable[[], Result]:
    def told() -> Result:
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, n.Receipt) or answer.is_pending:
            words = answer.words if isinstance(answer, n.Receipt) else "the answer does not name it"
            return Result("unknown", words, "taken", wait=FOLLOW_S)
        return Result("done", answer=answer)

    return told
