"""What platforms say about merging orders whose receivers they mask; asked outside of any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.contract.errors import ConnectorError
from connectors.contract.families import Marketplace
from connectors.contract.notices import MergeCandidate
from oms.app.kernel.connectors import connector_of
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_receivers
from oms.db.bulk import array_of
from oms.domain.errors import NotPossible

MASKED: Final = "select id, shop_id, external_no from orders where id = any(%s) and is_masked"


def ask_platform(hub: Hub, shop_id: int, candidates: Sequence[MergeCandidate]) -> list[list[str]]:
    """Groups of order numbers that may leave as one; none where it cannot be asked."""
    connector = connector_of(hub, shop_id=shop_id)
    if not isinstance(connector, Marketplace) or "merge_groups" not in type(connector).capabilities():
        return []
    return [sorted(group) for group in connector.merge_groups(candidates)]


def joins_by_platform(hub: Hub, order_ids: Sequence[int]) -> bool:
    """Whether the platform lets these orders leave as one; those whose receivers are plain are not its matter."""
    with hub.engine.connect() as connection:
        rows = fetch(connection, MASKED, (array_of(order_ids),))
        opened = open_receivers(hub, connection, [id_ for id_, *_ in rows])
    if len(rows) < 2 or len({shop_id for _, shop_id, _ in rows}) > 1:
        return len(rows) < 2
    told = [MergeCandidate(number, dict(opened[id_][0].tokens) if id_ in opened else {}) for id_, _, number in rows]
    try:
        groups = ask_platform(hub, rows[0][1], told)
    except ConnectorError as error:
        raise NotPossible("the platform did not answer whether these may leave as one", "try again later") from error
    return any({candidate.order_no for candidate in told} <= set(group) for group in groups)
