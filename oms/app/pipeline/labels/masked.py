"""Masked receivers that the giver of a number cannot open: where the warehouse can, the number is left to it."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract.families import Carrier
from oms.app.kernel.batch import Batch
from oms.app.kernel.receivers import open_receivers
from oms.app.kernel.work import FulfilmentWork


def closed_to_us(batch: Batch, works: Sequence[FulfilmentWork]) -> set[int]:
    """Fulfilments whose label would go out with stars, and whose warehouse has a system that opens ciphertexts.

    A point without a system has nobody to leave it to: there the giver's refusal holds the order.
    """
    closed: set[int] = set()
    unsure: list[tuple[FulfilmentWork, frozenset[str]]] = []
    for work in works:
        is_theirs = batch.masters.points[work.stock_point_id].account_id is not None
        if not is_theirs or not batch.orders[work.lead_order_id].is_masked:
            continue
        opens = _opens(batch, work)
        if opens:
            unsure.append((work, opens))
        else:
            closed.add(work.id)
    ids = sorted({work.lead_order_id for work, _ in unsure})
    people = open_receivers(batch.hub, batch.connection, ids) if ids else {}
    for work, opens in unsure:
        opened = people.get(work.lead_order_id)
        if opened is not None and not any(opened[0].tokens.get(name) for name in opens):
            closed.add(work.id)
    return closed


def _opens(batch: Batch, work: FulfilmentWork) -> frozenset[str]:
    """Names of the tokens by which the giver of this fulfilment's number finds the receiver."""
    account_id = batch.masters.labels[work.stock_point_id, work.carrier_id or 0]
    kind = batch.hub.vendors.get(batch.masters.label_vendors[account_id])
    return kind.opens if kind is not None and issubclass(kind, Carrier) else frozenset()
