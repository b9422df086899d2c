"""Derives each touched order's phase from its documents, just before they are written."""

from __future__ import annotations

from collections.abc import Iterable

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.domain.holds import Block
from oms.domain.phase import Sight, phase_of


def sight_of(order: OrderWork, parcels: Iterable[str] = ()) -> Sight:
    """What the phase function looks at."""
    goods = [line for line in order.lines if line.is_goods]
    demands = order.demands
    return Sight(
        status=order.status,
        review=order.review,
        fulfiller=order.fulfiller,
        is_ready=order.ready_at is not None,
        blocks_review=order.is_kept_from(Block.REVIEW),
        blocks_dispatch=order.is_kept_from(Block.DISPATCH),
        open_units=sum([line.ordered - line.cancelled - line.shipped for line in goods]),
        planned_units=sum([demand.planned for demand in demands]),
        shipped_units=sum([demand.shipped for demand in demands]),
        is_short=order.hold("short_of_stock") is not None,
        fulfilments=[fulfilment.status for fulfilment in order.fulfilments],
        parcels=parcels,
        is_elsewhere=bool(order.holds) and _is_elsewhere(order),
    )


def _is_elsewhere(order: OrderWork) -> bool:
    """Whether the platform shows as shipped all that is left of the order; goods that only left unasked are no sign."""
    hold = order.hold("already_shipped")
    if hold is None or "platform" not in hold.seen or order.platform_state not in ("shipped", "completed"):
        return False
    open_lines = {line.id for line in order.lines if line.is_goods and line.ordered > line.cancelled + line.shipped}
    return "lines" not in hold.seen or open_lines <= set(hold.seen["lines"])


def store_phases(batch: Batch) -> None:
    """Set the phase of every touched order."""
    sights = {id_: sight_of(batch.orders[id_]) for id_ in batch.touched if id_ in batch.orders}
    gone = [id_ for id_, seen in sights.items() if seen.shipped_units and not seen.open_units]
    for id_, states in _parcel_states(batch, gone).items():
        sights[id_].parcels = states
    for id_, seen in sights.items():
        batch.orders[id_].phase = phase_of(seen)


def _parcel_states(batch: Batch, ids: list[int]) -> dict[int, list[str]]:
    states: dict[int, list[str]] = {}
    if ids:
        for order_id, state in fetch(
            batch.connection,
            """select distinct i.order_id, p.state from parcel_item i join parcel p on p.id = i.parcel_id
               where i.order_id = any(%s)""",
            (ids,),
        ):
            states.setdefault(order_id, []).append(state)
    return states
